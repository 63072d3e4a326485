"""Row 51: does the best learning rate of a narrow model serve a wide one, in two parametrisations?

Standard: one rate for all parameters, matrices begin with a standard deviation of 1 / sqrt(fan in). Maximal update
(Yang et al., 2022): the rate of hidden matrices falls as 1 / width, and so does a factor on the logits; embeddings and
gains keep theirs. Heads have a fixed width, so that attention needs no further factor.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from utils.experiments.recording.design import Run
from utils.experiments.scaling.packed import PackedBatches, PackedText, pack_documents
from utils.experiments.scaling.runs import CONTEXT, FIRST_TRAINING_TEXT, batch_rows, model_config, scaling_world
from utils.models.gpt import GPT
from utils.training.by_hand import clip_gradients, learning_rate
from utils.training.cost import transfer_learning_rate
from utils.training.losses import mean_loss, next_token_loss
from utils.training.optimisers import hidden_matrices
from utils.training.threads import one_thread

BASE_WIDTH = 8
PARAMETRISATIONS = ("standard", "maximal update")
HELD_OUT_TOKENS = 15_000
TUNING_TEXT = 1
TOKENS_PER_ROW = 57.5


@dataclass(frozen=True)
class TransferJob:
    """One run: a width, a rate at the base width, and how both go together."""

    parametrisation: str
    width: int
    rate: float
    tokens: int
    seed: int

    def __post_init__(self) -> None:
        if self.parametrisation not in PARAMETRISATIONS:
            raise ValueError(
                f"parametrisation must be one of {', '.join(PARAMETRISATIONS)}, not {self.parametrisation!r}"
            )
        for name in ("width", "rate", "tokens"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be positive, not {getattr(self, name)}")


class ScaledLogits(nn.Module):
    """A language model whose logits are multiplied by a constant."""

    def __init__(self, model: GPT, factor: float) -> None:
        super().__init__()
        self.model, self.factor = model, factor

    def forward(self, ids: Tensor) -> Tensor:
        """Return logits (B, T, V)."""
        return self.factor * self.model(ids)


def parameter_groups(model: GPT, job: TransferJob) -> list[dict[str, Any]]:
    """Return AdamW's groups: hidden matrices apart from the rest, each with its own peak rate."""
    hidden = hidden_matrices(model)
    chosen = {id(parameter) for parameter in hidden}
    rest = [parameter for parameter in model.parameters() if id(parameter) not in chosen]
    rate = job.rate
    if job.parametrisation == "maximal update":
        rate = transfer_learning_rate(job.rate, BASE_WIDTH, job.width)
    return [{"params": hidden, "peak": rate}, {"params": rest, "peak": job.rate}]


@lru_cache(maxsize=4)
def _text(number: int, tokens: int) -> PackedText:
    return pack_documents(scaling_world(), tokens, CONTEXT, number)


def train_transfer_run(job: TransferJob) -> dict[str, Any]:
    """Train with the loop of ten lines that the notebook teaches, and measure on the text for tuning.

    Returns:
        loss: nats per token, log V where the run diverged. diverged.
    """
    rows = batch_rows(job.tokens)
    batches = PackedBatches(_text(FIRST_TRAINING_TEXT + 20 + job.seed, job.tokens), rows, job.seed)
    steps = max(min(round(job.tokens / (rows * TOKENS_PER_ROW)), batches.steps_per_epoch), 2)
    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(job.seed)
        gpt = GPT(model_config(job.width))
        factor = BASE_WIDTH / job.width if job.parametrisation == "maximal update" else 1.0
        model = ScaledLogits(gpt, factor)
        optimiser = torch.optim.AdamW(parameter_groups(gpt, job), betas=(0.9, 0.95), weight_decay=0.0, fused=True)
        parameters = list(gpt.parameters())
        for step in range(steps):
            for group in optimiser.param_groups:
                group["lr"] = learning_rate(step, steps, group["peak"], max(steps // 20, 1))
            total, count = next_token_loss(model, *batches(step))
            gradients = torch.autograd.grad(total / count, parameters)
            for parameter, gradient in zip(parameters, clip_gradients(gradients, 1.0)[0], strict=True):
                parameter.grad = gradient
            optimiser.step()
        loss = mean_loss(model, PackedBatches(_text(TUNING_TEXT, HELD_OUT_TOKENS), 64, 0).epoch_in_batches())
    diverged = not math.isfinite(loss)
    return {"loss": math.log(gpt.config.vocab_size) if diverged else loss, "diverged": diverged}


def transfer_jobs(widths: Sequence[int], rates: Sequence[float], tokens: int, seeds: int) -> list[TransferJob]:
    """Return every combination."""
    return [
        TransferJob(parametrisation, width, rate, tokens, seed)
        for seed in range(seeds)
        for parametrisation in PARAMETRISATIONS
        for width in widths
        for rate in rates
    ]


@dataclass(frozen=True)
class Transfer:
    """What one seed shows in one parametrisation.

    Attributes:
        drift: doublings of the best rate per doubling of the width; 0 where the rate transfers.
        best_rates: by width.
        penalty: loss of the widest model at the narrowest one's best rate of the grid, above its own lowest loss.
    """

    drift: float
    best_rates: dict[int, float]
    penalty: float


def transfer_of(runs: Sequence[Run]) -> Transfer:
    """Return the drift of the best rate over the widths of one seed and parametrisation.

    The best rate is the vertex of a parabola through the lowest loss of the grid and its neighbours.

    Raises:
        ValueError: fewer than two widths, or fewer than three rates for one.
    """
    from utils.experiments.scaling.plan import best_rate

    by_width: dict[int, dict[float, float]] = {}
    for run in runs:
        by_width.setdefault(run.job.width, {})[run.job.rate] = run.result["loss"]
    if len(by_width) < 2:
        raise ValueError(f"runs cover {len(by_width)} widths: a drift needs at least two")
    best = {width: best_rate(list(losses), list(losses.values())) for width, losses in sorted(by_width.items())}
    drift = float(np.polyfit(np.log2(list(best)), np.log2(list(best.values())), 1)[0])
    narrow, wide = by_width[min(by_width)], by_width[max(by_width)]
    carried = min(narrow, key=lambda rate: narrow[rate])
    return Transfer(drift, best, wide[carried] - min(wide.values()))


def transfers(runs: Sequence[Run]) -> dict[str, list[Transfer]]:
    """Return for each parametrisation what each seed shows, by seed."""
    found: dict[str, list[Transfer]] = {}
    for parametrisation in PARAMETRISATIONS:
        mine = [run for run in runs if run.job.parametrisation == parametrisation]
        seeds = sorted({run.job.seed for run in mine})
        found[parametrisation] = [transfer_of([run for run in mine if run.job.seed == seed]) for seed in seeds]
    return found
