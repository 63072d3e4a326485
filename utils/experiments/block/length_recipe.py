"""The plan of row 31: a recurrence and a transformer of equal size, trained on short text, read at up to 16,384 tokens.

The loss is that of the last quarter of each window: the tokens that have the longest past. A model that uses it, or
at least is not disturbed by it, loses nothing there against the length that it was trained on.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from utils.evaluation.intervals import Interval, paired_difference
from utils.experiments.block.sequence_tasks import ARCHITECTURES, memory_after, of_equal_size
from utils.experiments.recording.design import (
    CANNOT_BE_TOLD,
    DOES_NOT_HOLD,
    HOLDS,
    HOLDS_IN_PART,
    Design,
    Results,
    Run,
)
from utils.experiments.recording.recipe import Recipe, Stage
from utils.models.config import ModelConfig
from utils.training.batches import TokenBatches
from utils.training.loop import train
from utils.training.threads import one_thread
from utils.training.tiny import tiny_training_config
from utils.world import World

TRANSFORMER, LINEAR = "transformer", "linear attention"
LENGTHS, LIVE_LENGTHS = (64, 256, 1024, 4096, 16_384), (64, 256, 1024)
CONTEXT, BATCH, LR = 64, 12, 0.03  # the rate is the best of both in the record of row 34
STEPS, LIVE_STEPS = 300, 40
SEEDS, LIVE_SEEDS = tuple(range(5)), (0,)
THRESHOLDS = {"matters": 0.05}
WORLD: dict[str, Any] = {"seed": 0, "n_people": 100, "n_towns": 12}


@dataclass(frozen=True)
class LengthJob:
    """One language model: architecture (a name in `ARCHITECTURES`), seed, optimiser steps, lengths that it reads."""

    architecture: str
    seed: int
    steps: int
    lengths: tuple[int, ...]

    def __post_init__(self) -> None:
        if self.architecture not in ARCHITECTURES:
            raise ValueError(f"architecture is {self.architecture!r}, and must be one of: {', '.join(ARCHITECTURES)}")
        if not self.lengths or min(self.lengths) < 4:
            raise ValueError(f"lengths is {self.lengths}, and needs entries of at least 4")


@cache
def _text() -> tuple[torch.Tensor, torch.Tensor, int]:
    """Return training ids, held-out ids and the size of the vocabulary."""
    world = World(**WORLD)
    training = world.token_stream(STEPS * BATCH * CONTEXT + CONTEXT, seed=0)
    held_out = world.token_stream(max(LENGTHS) + 1, seed=2)
    return torch.as_tensor(training), torch.as_tensor(held_out), len(world.vocabulary)


@torch.no_grad()
def late_loss(model: torch.nn.Module, ids: torch.Tensor, length: int) -> tuple[float, float]:
    """Return the loss of the last quarter of all windows of a length, in nats per token, and seconds of one window.

    Raises:
        ValueError: the ids hold no whole window and the token after it.
    """
    if len(ids) <= length:
        raise ValueError(f"ids holds {len(ids)} tokens, and a window takes {length + 1}")
    model.eval()
    n = (len(ids) - 1) // length
    inputs, targets = (ids[shift : shift + n * length].view(n, length) for shift in (0, 1))
    late = slice(length - length // 4, None)
    losses, rows = [], max(1, 4096 // length)
    for part, due in zip(inputs.split(rows), targets.split(rows), strict=True):
        logits = model(part)[:, late].flatten(0, 1)
        losses.append(F.cross_entropy(logits, due[:, late].flatten(), reduction="none"))
    start = time.process_time()
    model(inputs[:1])
    return float(torch.cat(losses).mean()), time.process_time() - start


def run_length_job(job: LengthJob) -> dict[str, Any]:
    """Train the model of a job; return its late loss, seconds and bytes of state at each length."""
    ids, held_out, vocab_size = _text()
    config = ModelConfig(n_layers=2, d_model=32, n_heads=2, d_ff=96, vocab_size=vocab_size, context_length=max(LENGTHS))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(job.seed)
        model = ARCHITECTURES[job.architecture](of_equal_size(job.architecture, config))
    with one_thread():
        batches = TokenBatches(ids, BATCH, CONTEXT, seed=job.seed)
        train(model, batches, tiny_training_config(job.steps, LR, 4 * LR), show_progress=False)
        read = [late_loss(model, held_out, length) for length in job.lengths]
    # A state is of one size, or grows in proportion to the tokens: two short ones give the line.
    few, more = memory_after(model, 8), memory_after(model, 16)
    return {
        "losses": [round(loss, 4) for loss, _ in read],
        "seconds": [round(seconds, 4) for _, seconds in read],
        "state": [few + (more - few) * (length - 8) // 8 for length in job.lengths],
        "parameters": sum(p.numel() for p in model.parameters()),
    }


def jobs(size: str) -> list[LengthJob]:
    """Return the jobs of the recorded or the live size."""
    live = size == "live"
    seeds, steps, lengths = (LIVE_SEEDS, LIVE_STEPS, LIVE_LENGTHS) if live else (SEEDS, STEPS, LENGTHS)
    return [LengthJob(name, seed, steps, lengths) for name in (TRANSFORMER, LINEAR) for seed in seeds]


def stages(size: str) -> Sequence[Stage]:
    """Return the stage of the recorded or the live size."""
    return [Stage("read", LengthJob, run_length_job, lambda _: jobs(size))]


def losses_at(runs: Iterable[Run], architecture: str, length: int) -> list[float]:
    """Return an architecture's late losses at a length, in the order of the seeds."""
    own = sorted((run for run in runs if run.job.architecture == architecture), key=lambda run: run.job.seed)
    return [run.result["losses"][run.job.lengths.index(length)] for run in own]


def rise(runs: Sequence[Run], architecture: str, length: int) -> Interval:
    """Return the late loss at a length less that at the trained one, over seeds."""
    return paired_difference(losses_at(runs, architecture, length), losses_at(runs, architecture, CONTEXT))


def rule(results: Results) -> str:
    """Return the outcome: does the recurrence, which may read any length, lose on long text?"""
    runs, margin = results["read"], THRESHOLDS["matters"]
    own, other = (rise(runs, name, max(LENGTHS)) for name in (LINEAR, TRANSFORMER))
    if own.high < margin:
        return DOES_NOT_HOLD
    if own.low <= margin:
        return CANNOT_BE_TOLD
    return HOLDS_IN_PART if other.low > own.high else HOLDS


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated runs: what each architecture loses on the longest text, and the noise."""
    cases = {HOLDS: (0.3, 0.3, 0.05), HOLDS_IN_PART: (0.3, 1.0, 0.05), DOES_NOT_HOLD: (0.0, 1.0, 0.01)}
    own, other, noise = cases.get(outcome, (-0.1, 0.5, 0.3))
    draws = np.random.default_rng(seed)
    growth = {LINEAR: own, TRANSFORMER: other}

    def losses(name: str) -> list[float]:
        shares = [np.log(length / CONTEXT) / np.log(max(LENGTHS) / CONTEXT) for length in LENGTHS]
        return [1.5 + growth[name] * share + noise * draws.normal() for share in shares]

    return {"read": [Run(job, {"losses": losses(job.architecture)}) for job in jobs("recorded")]}


def findings(results: Results) -> Mapping[str, Any]:
    """Return by architecture losses, seconds (the least of the seeds) and bytes at each length, and the rises."""
    runs = results["read"]
    found: dict[str, Any] = {"lengths": list(LENGTHS)}
    for name in (TRANSFORMER, LINEAR):
        own = [run for run in runs if run.job.architecture == name]
        last = rise(runs, name, max(LENGTHS))
        found[name] = {
            "losses": np.mean([run.result["losses"] for run in own], axis=0).tolist(),
            "seconds": np.min([run.result["seconds"] for run in own], axis=0).tolist(),
            "state": own[0].result["state"],
            "parameters": own[0].result["parameters"],
            "rise": [last.mean, last.low, last.high],
        }
    behind = paired_difference(losses_at(runs, LINEAR, CONTEXT), losses_at(runs, TRANSFORMER, CONTEXT))
    return {**found, "behind": [behind.mean, behind.low, behind.high]}


LENGTH = Recipe(
    notebook="03",
    row=31,
    title="a recurrence and a transformer of equal size, trained on 64 tokens and read at up to 16,384",
    stages=stages,
    design=Design(
        claim="A recurrent network has no limit of context in theory; that does not make it good at long contexts.",
        measure="Loss in nats per token on the last quarter of a window of 16,384 tokens, less that of one of 64.",
        control="A transformer of equal size with rotary positions, same data and steps.",
        unit="Seeds (weights and order of the data), five, paired; Student's t interval.",
        rule_text=(
            "Holds: at 16,384 tokens the recurrence loses over 0.05 nats, with the whole interval, and no less than the"
            " transformer. In part: it loses, but the transformer loses more. Does not hold: the interval lies below"
            " 0.05, so that long contexts are as good as short ones. Otherwise it cannot be told."
        ),
        thresholds=THRESHOLDS,
        effect="0.3 nats per token.",
        rule=rule,
        simulate=simulate,
    ),
    findings=findings,
    sources=(
        *(f"utils.experiments.block.{name}" for name in ("length_recipe", "sequence_tasks")),
        *(f"utils.models.{name}" for name in ("attention", "linear_attention", "mlp", "recurrent_lm", "rotary")),
        *(f"utils.training.{name}" for name in ("batches", "loop", "optimisers", "schedules", "tiny")),
    ),
    config={"world": WORLD, "context": CONTEXT, "rate": LR},
    tolerance=0.03,
)
