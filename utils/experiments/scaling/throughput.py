"""Row 44: how much of this machine's peak reaches a model that trains."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from utils.evaluation.intervals import Interval, mean_interval
from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.training.cost import model_flops_utilization
from utils.training.losses import next_token_loss


@dataclass(frozen=True)
class Throughput:
    """Training steps of one model, timed.

    Attributes:
        n_params: N.
        tokens_per_second: of each repetition.
        utilization: 6 N tokens per second over the peak, over the repetitions.
    """

    n_params: int
    tokens_per_second: tuple[float, ...]
    utilization: Interval


def training_throughput(
    config: ModelConfig, peak: float, rows: int = 8, steps: int = 3, repeats: int = 4
) -> Throughput:
    """Time whole training steps on random ids: loss, gradients, clipping and AdamW.

    Args:
        config: shape of the model; rows are as long as its context.
        peak: FLOP per second of this machine, from `peak_flops_per_second`.
        rows: in a batch.
        steps: in one repetition.
        repeats: repetitions, after one that is not counted.

    Raises:
        ValueError: a number is not positive, or fewer than two repetitions.
    """
    for name, value, least in (("rows", rows, 1), ("steps", steps, 1), ("repeats", repeats, 2)):
        if value < least:
            raise ValueError(f"{name} must be at least {least}, not {value}")
    if not peak > 0:
        raise ValueError(f"peak must be positive, not {peak}")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = GPT(config)
        ids = torch.randint(config.vocab_size, (rows, config.context_length))
    optimiser = torch.optim.AdamW(model.parameters(), fused=True)
    speeds = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        for _ in range(steps):
            total, count = next_token_loss(model, ids, ids.roll(-1, dims=1))
            optimiser.zero_grad()
            (total / count).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
        speeds.append(steps * ids.numel() / (time.perf_counter() - start))
    n_params = sum(parameter.numel() for parameter in model.parameters())
    shares = [model_flops_utilization(speed, n_params, peak) for speed in speeds[1:]]
    return Throughput(n_params, tuple(speeds[1:]), mean_interval(shares))


def judge_utilization(best: Sequence[Interval]) -> str:
    """Return whether the peak stays out of reach: half of it is good, and more than 70% was not seen.

    Holds: the highest utilisation lies below 0.7 by its whole interval. Does not hold: above 0.9. In part: between.
    Otherwise undecided. The peak itself is measured, so that a noisy machine may give more than 1.

    Raises:
        ValueError: there is none.
    """
    if not best:
        raise ValueError("best is empty: no model was timed")
    highest = max(best, key=lambda one: one.mean)
    if highest.high < 0.7:
        return "holds"
    if highest.low > 0.9:
        return "does not hold"
    return "holds in part" if highest.low > 0.7 and highest.high < 0.9 else "undecided"
