"""The plan of row 34, and of row 33's second claim: six architectures of equal size on text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch

from utils.evaluation.intervals import paired_difference
from utils.experiments.block.sequence_tasks import ARCHITECTURES, memory_after, of_equal_size
from utils.experiments.block.tuned import TUNING_SEEDS, best_rates, by_condition
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
from utils.training.batches import TokenBatches, consecutive_batches
from utils.training.loop import train
from utils.training.losses import mean_loss
from utils.training.threads import one_thread
from utils.training.tiny import tiny_training_config
from utils.world import World

TRANSFORMER, SELECTIVE, HYBRID = "transformer", "selective state space", "hybrid"
RATES = (0.01, 0.03, 0.1)
STEPS, TUNING_STEPS = 600, 200
SEEDS = tuple(range(8))
CONTEXT, BATCH = 64, 12
MEMORY_LENGTH = 256
THRESHOLDS = {"matters": 0.02}
WORLD: dict[str, Any] = {"seed": 0, "n_people": 100, "n_towns": 12}
SOURCES = (
    *(f"utils.experiments.block.{name}" for name in ("sequence_tasks", "text_recipe", "tuned")),
    *(f"utils.models.{name}" for name in ("attention", "linear_attention", "mlp", "norms", "recurrent_lm")),
    *(f"utils.models.{name}" for name in ("rotary", "state_space")),
    *(f"utils.training.{name}" for name in ("batches", "loop", "losses", "optimisers", "schedules", "tiny")),
)


@dataclass(frozen=True)
class TextJob:
    """One language model: its architecture (a name in `ARCHITECTURES`), seed, optimiser steps and peak rate."""

    architecture: str
    seed: int
    steps: int
    lr: float

    def __post_init__(self) -> None:
        if self.architecture not in ARCHITECTURES:
            raise ValueError(f"architecture is {self.architecture!r}, and must be one of: {', '.join(ARCHITECTURES)}")


@cache
def _text() -> tuple[torch.Tensor, torch.Tensor, int]:
    """Return training ids, held-out ids and the size of the vocabulary; no run sees a token twice."""
    world = World(**WORLD)
    training = world.token_stream(STEPS * BATCH * CONTEXT + CONTEXT, seed=0)
    held_out = world.token_stream(20_000, seed=2)
    return torch.as_tensor(training), torch.as_tensor(held_out), len(world.vocabulary)


def run_text_job(job: TextJob) -> dict[str, Any]:
    """Train the model of a job; return its held-out loss in nats per token, its parameters and bytes of state."""
    ids, held_out, vocab_size = _text()
    config = ModelConfig(
        n_layers=2, d_model=32, n_heads=2, d_ff=96, vocab_size=vocab_size, context_length=MEMORY_LENGTH
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(job.seed)
        model = ARCHITECTURES[job.architecture](of_equal_size(job.architecture, config))
    with one_thread():
        batches = TokenBatches(ids, BATCH, CONTEXT, seed=job.seed)
        train(model, batches, tiny_training_config(job.steps, job.lr, 4 * job.lr), show_progress=False)
        loss = mean_loss(model, consecutive_batches(held_out, 64, CONTEXT))
    return {
        "loss": round(loss, 5),
        "parameters": sum(p.numel() for p in model.parameters()),
        "memory": memory_after(model, MEMORY_LENGTH),
    }


def tuning_jobs() -> list[TextJob]:
    """Return one job for each architecture, rate and tuning seed."""
    return [TextJob(name, seed, TUNING_STEPS, lr) for name in ARCHITECTURES for lr in RATES for seed in TUNING_SEEDS]


def measuring_jobs(tuning: Iterable[Run]) -> list[TextJob]:
    """Return the jobs that are compared, each architecture at its best rate."""
    rates = best_rates(tuning, ("architecture",))
    return [TextJob(name, seed, STEPS, rates[name,]) for name in ARCHITECTURES for seed in SEEDS]


def stages(size: str) -> list[Stage]:
    """Return the stages of the recorded or the live size."""
    if size == "live":
        jobs = [TextJob(name, 0, 40, 0.03) for name in (TRANSFORMER, SELECTIVE, HYBRID)]
        return [Stage("measured", TextJob, run_text_job, lambda _: jobs)]
    return [
        Stage("rates", TextJob, run_text_job, lambda _: tuning_jobs()),
        Stage("measured", TextJob, run_text_job, lambda results: measuring_jobs(results["rates"])),
    ]


def losses(results: Results) -> dict[str, list[float]]:
    """Return the measured losses of each architecture, in the order of the seeds."""
    return {name: values for (name,), values in by_condition(results["measured"], ("architecture",), "loss").items()}


def rule(results: Results) -> str:
    """Return the outcome: is the hybrid as good as the transformer, or at least better than the state space alone?"""
    found, margin = losses(results), THRESHOLDS["matters"]
    behind = paired_difference(found[HYBRID], found[TRANSFORMER])
    ahead = paired_difference(found[SELECTIVE], found[HYBRID])
    if behind.high < margin:
        return HOLDS
    if behind.low <= margin:
        return CANNOT_BE_TOLD
    return HOLDS_IN_PART if ahead.low > 0 else DOES_NOT_HOLD


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated runs: what the hybrid loses to the transformer, the state space to the hybrid, and the noise."""
    cases = {HOLDS: (0.0, 0.05, 0.01), HOLDS_IN_PART: (0.06, 0.06, 0.01), DOES_NOT_HOLD: (0.06, -0.04, 0.01)}
    behind, ahead, noise = cases.get(outcome, (0.02, 0.05, 0.02))
    draws = np.random.default_rng(seed)
    mean = dict.fromkeys(ARCHITECTURES, 1.5) | {HYBRID: 1.5 + behind, SELECTIVE: 1.5 + behind + ahead}

    def made(jobs: Iterable[TextJob]) -> list[Run]:
        return [Run(job, {"loss": mean[job.architecture] + noise * draws.normal()}) for job in jobs]

    rates = made(tuning_jobs())
    return {"rates": rates, "measured": made(measuring_jobs(rates))}


def findings(results: Results) -> dict[str, Any]:
    """Return losses, rates, sizes and memory by architecture, and the differences with their intervals."""
    found = losses(results)
    of_name = {run.job.architecture: run for run in results["measured"]}

    def interval(first: str, second: str) -> list[float]:
        one = paired_difference(found[first], found[second])
        return [one.mean, one.low, one.high]

    return {
        "losses": found,
        "rates": {name: run.job.lr for name, run in of_name.items()},
        "parameters": {name: run.result.get("parameters", 0) for name, run in of_name.items()},
        "memory": {name: run.result.get("memory", 0) for name, run in of_name.items()},
        "hybrid less transformer": interval(HYBRID, TRANSFORMER),
        "selective less hybrid": interval(SELECTIVE, HYBRID),
        "selective less transformer": interval(SELECTIVE, TRANSFORMER),
    }


TEXT = Recipe(
    notebook="03",
    row=34,
    title="six architectures of equal size on text, each at its own learning rate",
    stages=stages,
    design=Design(
        claim="Interleaving attention with a state space keeps a transformer's quality with a smaller memory.",
        measure="Held-out loss in nats per token of the hybrid, less the transformer's.",
        control="The selective state space alone; learning rates tuned for each on other seeds.",
        unit="Seeds (weights and order of the data), eight, paired; Student's t interval.",
        rule_text=(
            "Holds: the interval of the hybrid's loss less the transformer's lies below 0.02. In part: above 0.02, but"
            " the hybrid is better than the state space alone. Does not hold: above 0.02 and not better. Otherwise it"
            " cannot be told."
        ),
        thresholds=THRESHOLDS,
        effect="0.02 nats per token.",
        rule=rule,
        simulate=simulate,
    ),
    findings=findings,
    sources=SOURCES,
    config={"world": WORLD, "context": CONTEXT},
    tolerance=0.03,
)
