"""Base models of the miniature world, trained once and shipped: recipes, and how to load them.

Each was trained by the loop of this package on documents of `World(seed=0)`; `scripts/make_checkpoints.py` remakes
them. A card beside the weights says what a model reached on documents that it never saw, and what the world's own
probabilities reach on the same documents: no model can be below that.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from utils.arguments import file_path, instance, one_of, whole_number
from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.paths import datasets_dir
from utils.training.checkpoints import CheckpointError, load_gpt
from utils.training.config import TrainingConfig
from utils.world import World

TRAINING_SEED, HELD_OUT_SEED = 0, 2
CONTEXT = 128
BATCH_SIZE = 16


@dataclass(frozen=True)
class Recipe:
    """How a base model is made: its shape, and the optimiser steps of BATCH_SIZE x CONTEXT tokens each."""

    n_layers: int
    d_model: int
    n_heads: int
    steps: int
    lr: float
    muon_lr: float

    def model_config(self, vocab_size: int) -> ModelConfig:
        """Return the shape for a vocabulary."""
        return ModelConfig(
            n_layers=self.n_layers,
            d_model=self.d_model,
            n_heads=self.n_heads,
            vocab_size=vocab_size,
            context_length=CONTEXT,
        )

    def training_config(self) -> TrainingConfig:
        """Return the choices of the run."""
        return TrainingConfig(
            steps=self.steps,
            optimiser="muon",
            lr=self.lr,
            muon_lr=self.muon_lr,
            schedule="linear",
            warmup_steps=20,
            final_lr_fraction=0.0,
            weight_decay=0.0,
            checkpoint_every=100,
        )


RECIPES = {
    "world-small": Recipe(n_layers=2, d_model=64, n_heads=4, steps=1200, lr=0.01, muon_lr=0.03),
    "world-medium": Recipe(n_layers=4, d_model=128, n_heads=4, steps=2000, lr=0.006, muon_lr=0.02),
}


def checkpoints_dir() -> Path:
    """Return the folder of the shipped checkpoints."""
    return datasets_dir() / "checkpoints"


def base_model_names() -> list[str]:
    """Return the names of the base models that are there, smallest first.

    Raises:
        CheckpointError: the cards are missing or damaged.
    """
    return [name for name in RECIPES if name in _cards()]


def base_model_card(name: str) -> dict[str, Any]:
    """Return what is known about a base model: file, SHA-256, command, losses, the world's entropy.

    Raises:
        ValueError: there is no base model of that name.
        CheckpointError: the cards are missing or damaged.
    """
    one_of("name", name, RECIPES)
    try:
        return _cards()[name]
    except KeyError:
        raise CheckpointError(f"{name} has no card in {checkpoints_dir()}; {make_command(name)} makes it") from None


def make_command(name: str) -> str:
    """Return the command, given in the repository's root, that makes a base model; any other name raises ValueError."""
    one_of("name", name, RECIPES)
    return f"python scripts/make_checkpoints.py {name}"


def _cards() -> dict[str, Any]:
    path = checkpoints_dir() / "cards.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise CheckpointError(f"{path} is missing or damaged: {type(error).__name__}: {error}") from error


def load_base_model(name: str) -> GPT:
    """Return a base model of the world, in evaluation mode; its ids are those of `World(seed=0).vocabulary`.

    Raises:
        ValueError: there is no base model of that name.
        CheckpointError: the file is missing, or is not the one that its card describes.
    """
    card = base_model_card(name)
    path = checkpoints_dir() / card["file"]
    if not path.is_file():
        raise CheckpointError(f"{path} does not exist; {make_command(name)} makes it")
    if sha256_of(path) != card["sha256"]:
        raise CheckpointError(f"{path} is damaged or of another version: its SHA-256 is not the one of its card")
    model = load_gpt(path)
    assert isinstance(model, GPT)
    return model


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal; a file that is not there raises CheckpointError."""
    path = file_path("path", path)
    if not path.is_file():
        raise CheckpointError(f"{path} does not exist")
    return hashlib.sha256(path.read_bytes()).hexdigest()


@lru_cache(maxsize=1)
def base_world() -> World:
    """Return the world that the base models know."""
    return World(seed=0)


def world_fingerprint(n_tokens: int = 5000) -> str:
    """Return a hash of the world's vocabulary and of its first training tokens; ValueError for no tokens."""
    n_tokens = whole_number("n_tokens", n_tokens, least=1)
    world = base_world()
    digest = hashlib.sha256("\n".join(world.vocabulary.words).encode())
    digest.update(world.token_stream(n_tokens, seed=TRAINING_SEED).astype("<i8").tobytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class HeldOutLoss:
    """Loss of a model and of the world itself on the same documents, in nats per token, ends of documents included.

    `excess` is model minus world, an estimate of the divergence between them, and `standard_error` that of `excess`
    over documents.
    """

    model: float
    world: float
    excess: float
    standard_error: float
    n_documents: int


@torch.no_grad()
def held_out_loss(model: nn.Module, n_documents: int = 2000, seed: int = HELD_OUT_SEED) -> HeldOutLoss:
    """Measure a model on documents of the base world that training did not draw, one by one from their beginning.

    Raises:
        ValueError: the model is no module, or there are fewer than two documents.
    """
    instance("model", model, nn.Module, "a module")
    n_documents, seed = whole_number("n_documents", n_documents, least=2), whole_number("seed", seed, least=0)
    world = base_world()
    end = world.vocabulary.end_of_text_id
    documents = list(world.documents(n_documents, seed=seed))
    rows = [[end, *world.vocabulary.encode(document.text), end] for document in documents]
    lengths = np.array([len(row) - 1 for row in rows])
    nats = np.concatenate([_document_nats(model, rows[i : i + 64]) for i in range(0, len(rows), 64)])
    exact = np.array([-document.log_probability for document in documents])
    tokens = lengths.sum()
    excess = (nats - exact).sum() / tokens
    residual = (nats - exact) - excess * lengths
    error = residual.std(ddof=1) / (lengths.mean() * len(rows) ** 0.5)
    return HeldOutLoss(float(nats.sum() / tokens), float(exact.sum() / tokens), float(excess), float(error), len(rows))


def _document_nats(model: nn.Module, rows: list[list[int]]) -> np.ndarray:
    """Return the negative log-likelihood (nats) of each row's tokens after its first."""
    longest = max(map(len, rows))
    ids = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
    counted = torch.arange(longest - 1) < torch.tensor([[len(row) - 1] for row in rows])
    was_training = model.training
    # Causal: what pads a row comes after all that is counted.
    log_probabilities = F.log_softmax(model.eval()(ids[:, :-1]).float(), dim=-1)
    model.train(was_training)
    nats = -log_probabilities.gather(-1, ids[:, 1:, None])[..., 0]
    return (nats * counted).sum(-1).double().numpy()
