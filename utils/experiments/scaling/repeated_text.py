"""Row 41: is a token that is read again worth as much as a new one? Runs of equal length on new and on repeated text.

Each run has a number of tokens to train on. A run on new text reads each of them once; a run on repeated text has only
`unique` of them and reads these again, in another order each time. Learning rates follow the rule of the sweep, by
width and by the length of the run, so that both kinds have the same schedule.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch

from utils.experiments.scaling.packed import PackedBatches, PackedText, pack_documents
from utils.experiments.scaling.runs import (
    CONTEXT,
    FIRST_TRAINING_TEXT,
    TARGETS_PER_ROW,
    TEST_TEXT,
    batch_rows,
    model_config,
    scaling_world,
)
from utils.models.gpt import GPT
from utils.training.by_hand import clip_gradients, learning_rate
from utils.training.losses import mean_loss, next_token_loss
from utils.training.threads import one_thread

HELD_OUT_TOKENS = 20_000


@dataclass(frozen=True)
class RepeatedJob:
    """One run.

    Attributes:
        width: of the model.
        unique: different tokens, U.
        epochs: how often each is read; 1 is new text throughout.
        lr: peak learning rate.
        seed: weights and text.
    """

    width: int
    unique: int
    epochs: int
    lr: float
    seed: int

    def __post_init__(self) -> None:
        for name in ("width", "unique", "epochs", "lr"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be positive, not {getattr(self, name)}")


@lru_cache(maxsize=8)
def _text(number: int, tokens: int) -> PackedText:
    return pack_documents(scaling_world(), tokens, CONTEXT, number)


def train_repeated_run(job: RepeatedJob) -> dict[str, Any]:
    """Train on `unique` tokens, `epochs` times over, and measure on new documents.

    Returns:
        parameters: N. loss: on held-out documents, nats per token. training_loss: on the first of the rows trained on.
    """
    total = job.unique * job.epochs
    rows = batch_rows(total)
    n_rows = max(round(job.unique / TARGETS_PER_ROW), rows)
    text = _text(FIRST_TRAINING_TEXT + 60 + job.seed, CONTEXT * n_rows)
    # The same first rows in every run of a seed: repeated text is a part of the new text of longer runs.
    seen = PackedText(text.inputs[:n_rows], text.targets[:n_rows], 0, 0.0, 0)
    batches = PackedBatches(seen, rows, job.seed)
    steps = max(round(total / (rows * TARGETS_PER_ROW)), 2)
    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(job.seed)
        model = GPT(model_config(job.width))
        parameters = list(model.parameters())
        optimiser = torch.optim.AdamW(parameters, betas=(0.9, 0.95), weight_decay=0.0, fused=True)
        for step in range(steps):
            optimiser.param_groups[0]["lr"] = learning_rate(step, steps, job.lr, max(steps // 20, 1))
            total_loss, count = next_token_loss(model, *batches(step))
            gradients = torch.autograd.grad(total_loss / count, parameters)
            for parameter, gradient in zip(parameters, clip_gradients(gradients, 1.0)[0], strict=True):
                parameter.grad = gradient
            optimiser.step()
        held_out = PackedBatches(_text(TEST_TEXT, HELD_OUT_TOKENS), 64, 0).epoch_in_batches()
        loss = mean_loss(model, held_out)
        first = PackedText(seen.inputs[:256], seen.targets[:256], 0, 0.0, 0)
        training_loss = mean_loss(model, PackedBatches(first, min(64, len(first.inputs)), 0).epoch_in_batches())
    if not math.isfinite(loss):
        loss = training_loss = math.log(model.config.vocab_size)
    return {
        "parameters": sum(parameter.numel() for parameter in parameters),
        "loss": loss,
        "training_loss": training_loss,
    }


def repeated_jobs(
    widths: Sequence[int], fresh: Sequence[int], repeated: Mapping[int, Sequence[int]], seeds: int, rate: Any
) -> list[RepeatedJob]:
    """Return runs on new text of each length, and runs of each unique text with each number of epochs.

    Args:
        widths: of the models.
        fresh: lengths of the runs on new text.
        repeated: unique tokens -> epochs.
        seeds: how many.
        rate: (width, tokens) -> peak learning rate.
    """
    pairs = [(unique, 1) for unique in fresh]
    pairs += [(unique, epochs) for unique, passes in repeated.items() for epochs in passes]
    return [
        RepeatedJob(width, unique, epochs, rate(width, unique * epochs), seed)
        for seed in range(seeds)
        for width in widths
        for unique, epochs in pairs
    ]
