"""Row 52: ten hyperparameters with two values each, and small trainings that try all 1,024 combinations.

The model is the neural language model of Bengio et al. (2003): the embeddings of the last few tokens, one hidden layer,
the next token. It trains in a twentieth of a second, so that a thousand of them are no matter. All runs read the same
number of tokens, so that a run with small batches makes more steps. Each combination is trained twice, from other
weights and on other text: what differs between the two is noise, and a search that picks by the first is judged by the
second.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from utils.training.by_hand import clip_gradients, learning_rate
from utils.training.threads import one_thread
from utils.world import World

HYPERPARAMETERS: dict[str, tuple[float, float]] = {
    "learning rate": (0.01, 0.03),
    "tokens seen": (2, 4),
    "embedding width": (8, 16),
    "hidden width": (16, 48),
    "positions in a batch": (64, 128),
    "warm-up share": (0.02, 0.2),
    "final share of the rate": (0.0, 0.3),
    "Adam's beta2": (0.95, 0.999),
    "weight decay": (0.0, 0.1),
    "scale of first weights": (0.5, 1.0),
}
N_COMBINATIONS = 2 ** len(HYPERPARAMETERS)
TOKENS, HELD_OUT_TOKENS, HELD_OUT_TEXT, FIRST_TEXT = 16_000, 4_000, 1, 140
SEEDS = (0, 1)
WORLD_OPTIONS: dict[str, Any] = {"seed": 0, "n_people": 24, "n_towns": 6, "max_facts": 2, "mix": {"profile": 1}}


@dataclass(frozen=True)
class CombinationJob:
    """One combination: bit i of `number` chooses the value of hyperparameter i."""

    number: int
    tokens: int = TOKENS

    def __post_init__(self) -> None:
        if not 0 <= self.number < N_COMBINATIONS:
            raise ValueError(f"number must lie between 0 and {N_COMBINATIONS - 1}, not {self.number}")
        if self.tokens < 1024:
            raise ValueError(f"tokens must be at least 1024, a few batches, not {self.tokens}")


class WindowModel(nn.Module):
    """Logits of the next token from the embeddings of the last few, through one hidden layer."""

    def __init__(self, vocab_size: int, window: int, width: int, hidden: int, scale: float) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, width)
        self.hidden = nn.Linear(window * width, hidden)
        self.output = nn.Linear(hidden, vocab_size)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.mul_(scale)

    def forward(self, windows: Tensor) -> Tensor:
        """Return logits (B, V) for windows (B, window) of ids."""
        return self.output(torch.tanh(self.hidden(self.embedding(windows).flatten(1))))


def values_of(number: int) -> dict[str, float]:
    """Return the hyperparameters of a combination by name."""
    return {name: pair[number >> i & 1] for i, (name, pair) in enumerate(HYPERPARAMETERS.items())}


@lru_cache(maxsize=1)
def small_world() -> World:
    """Return the world of these runs."""
    return World(**WORLD_OPTIONS)


@lru_cache(maxsize=8)
def _windows(number: int, tokens: int, window: int) -> tuple[Tensor, Tensor]:
    """Return windows (tokens, window) of ids and the next ids (tokens,), each document after an end mark."""
    world, end = small_world(), small_world().vocabulary.end_of_text_id
    ids = [end] * window
    for document in world.documents(None, seed=number):
        ids += [*world.vocabulary.encode(document.text), end]
        if len(ids) >= tokens + window:
            break
    stream = torch.tensor(ids[: tokens + window])
    return stream.unfold(0, window, 1)[:-1], stream[window:]


def train_combination(job: CombinationJob) -> dict[str, Any]:
    """Train a combination once for each seed with the loop of ten lines that the notebook teaches.

    Returns:
        losses: on held-out documents, nats per token, one a seed; log V where a run diverged.
    """
    return {"losses": [round(_train(values_of(job.number), job.tokens, seed), 5) for seed in SEEDS]}


def _train(chosen: dict[str, float], tokens: int, seed: int) -> float:
    window, rows = int(chosen["tokens seen"]), int(chosen["positions in a batch"])
    windows, following = _windows(FIRST_TEXT + seed, tokens, window)
    steps = tokens // rows
    warmup = max(round(chosen["warm-up share"] * steps), 1)
    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = WindowModel(
            len(small_world().vocabulary),
            window,
            int(chosen["embedding width"]),
            int(chosen["hidden width"]),
            chosen["scale of first weights"],
        )
        parameters = list(model.parameters())
        optimiser = torch.optim.AdamW(
            parameters, betas=(0.9, chosen["Adam's beta2"]), weight_decay=chosen["weight decay"], fused=True
        )
        order = torch.randperm(tokens).split(rows)
        for step in range(steps):
            rate = learning_rate(step, steps, chosen["learning rate"], warmup, chosen["final share of the rate"])
            optimiser.param_groups[0]["lr"] = rate
            loss = F.cross_entropy(model(windows[order[step]]), following[order[step]])
            gradients = torch.autograd.grad(loss, parameters)
            for parameter, gradient in zip(parameters, clip_gradients(gradients, 1.0)[0], strict=True):
                parameter.grad = gradient
            optimiser.step()
        with torch.no_grad():
            held_out, targets = _windows(HELD_OUT_TEXT, HELD_OUT_TOKENS, window)
            loss = F.cross_entropy(model(held_out), targets)
    return loss.item() if torch.isfinite(loss) else math.log(model.output.out_features)


def combination_jobs(numbers: Sequence[int], tokens: int = TOKENS) -> list[CombinationJob]:
    """Return one job for each number."""
    return [CombinationJob(int(number), tokens) for number in numbers]


def live_numbers(count: int = 16) -> list[int]:
    """Return some combinations, drawn once for all."""
    return sorted(int(n) for n in np.random.default_rng(0).choice(N_COMBINATIONS, count, replace=False))
