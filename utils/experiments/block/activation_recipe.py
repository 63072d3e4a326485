"""The plan of row 26: what an activation is for, and whether it matters which one, each at the rate that suits it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np

from utils.evaluation.intervals import mean_interval, paired_difference
from utils.experiments.block.block_variants import VariantBlock
from utils.experiments.block.tuned import TUNING_SEEDS, best_rates, by_condition
from utils.experiments.block.world_runs import WorldRun, train_on_world
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
from utils.training.threads import one_thread
from utils.world import World

ACTIVATIONS = {"no activation": "none", "ReLU": "relu", "GELU": "gelu", "SwiGLU": "swiglu"}
RATES = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
STEPS, TUNING_STEPS = 600, 300
SEEDS = tuple(range(16))
THRESHOLDS = {"matters": 0.02}
WORLD: dict[str, Any] = {"seed": 0, "n_people": 30, "n_towns": 6}
SOURCES = (
    *(f"utils.experiments.block.{name}" for name in ("activation_recipe", "block_variants", "tuned", "world_runs")),
    *(f"utils.models.{name}" for name in ("attention", "block", "gpt", "mlp", "norms", "rotary")),
    *(f"utils.training.{name}" for name in ("batches", "loop", "losses", "optimisers", "schedules", "tiny")),
)


@dataclass(frozen=True)
class ActivationJob:
    """One small language model: its activation (a name in `ACTIVATIONS`), seed, optimiser steps and peak rate."""

    activation: str
    seed: int
    steps: int
    lr: float

    def __post_init__(self) -> None:
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"activation is {self.activation!r}, and must be one of: {', '.join(ACTIVATIONS)}")


@cache
def _text() -> tuple[np.ndarray, np.ndarray, int]:
    """Return training ids, held-out ids and the size of the vocabulary."""
    world = World(**WORLD).with_mix({"profile": 1})
    return world.token_stream(200_000, seed=0), world.token_stream(20_000, seed=2), len(world.vocabulary)


def run_activation_job(job: ActivationJob) -> dict[str, Any]:
    """Train the model of a job; return its held-out loss in nats per token, and its parameters."""
    ids, held_out, vocab_size = _text()
    run = WorldRun(
        job.activation,
        ids,
        held_out,
        job.seed,
        block=partial(VariantBlock, activation=ACTIVATIONS[job.activation]),
        vocab_size=vocab_size,
        n_layers=2,
        steps=job.steps,
        batch_size=12,
        lr=job.lr,
    )
    with one_thread():
        found = train_on_world(run)
    return {"loss": round(found.loss, 5), "diverged": found.diverged, "parameters": found.parameters}


def tuning_jobs() -> list[ActivationJob]:
    """Return one job for each activation, rate and tuning seed."""
    return [
        ActivationJob(name, seed, TUNING_STEPS, lr) for name in ACTIVATIONS for lr in RATES for seed in TUNING_SEEDS
    ]


def measuring_jobs(tuning: Iterable[Run]) -> list[ActivationJob]:
    """Return the jobs that are compared, each activation at its best rate."""
    rates = best_rates(tuning, ("activation",))
    return [ActivationJob(name, seed, STEPS, rates[name,]) for name in ACTIVATIONS for seed in SEEDS]


def stages(size: str) -> list[Stage]:
    """Return the stages of the recorded or the live size."""
    if size == "live":
        jobs = [ActivationJob(name, seed, 45, 0.1) for name in ACTIVATIONS for seed in (0, 1)]
        return [Stage("measured", ActivationJob, run_activation_job, lambda _: jobs)]
    return [
        Stage("rates", ActivationJob, run_activation_job, lambda _: tuning_jobs()),
        Stage("measured", ActivationJob, run_activation_job, lambda results: measuring_jobs(results["rates"])),
    ]


def losses(results: Results) -> dict[str, list[float]]:
    """Return the measured losses of each activation, in the order of the seeds."""
    return {name: values for (name,), values in by_condition(results["measured"], ("activation",), "loss").items()}


def rule(results: Results) -> str:
    """Return the outcome: does a model without activations lose, and are the three activations alike?"""
    found, margin = losses(results), THRESHOLDS["matters"]
    broken = paired_difference(found["no activation"], found["GELU"])
    if broken.high < margin:
        return DOES_NOT_HOLD
    if broken.low <= margin:
        return CANNOT_BE_TOLD
    apart = [paired_difference(found["ReLU"], found[name]) for name in ("GELU", "SwiGLU")]
    if all(-margin < one.low and one.high < margin for one in apart):
        return HOLDS
    return HOLDS_IN_PART if any(one.low > margin or one.high < -margin for one in apart) else CANNOT_BE_TOLD


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated runs: what no activation costs, what SwiGLU brings over ReLU, and the noise of a run."""
    cases = {HOLDS: (0.05, 0.0, 0.012), HOLDS_IN_PART: (0.05, 0.05, 0.012), DOES_NOT_HOLD: (0.0, 0.0, 0.012)}
    cost, gain, noise = cases.get(outcome, (0.05, 0.02, 0.02))
    draws = np.random.default_rng(seed)
    mean = {"no activation": 1.2 + cost, "ReLU": 1.2, "GELU": 1.2, "SwiGLU": 1.2 - gain}

    def made(jobs: Iterable[ActivationJob]) -> list[Run]:
        return [Run(job, {"loss": mean[job.activation] + noise * draws.normal()}) for job in jobs]

    rates = made(tuning_jobs())
    return {"rates": rates, "measured": made(measuring_jobs(rates))}


def findings(results: Results) -> dict[str, Any]:
    """Return losses, rates and sizes, and the differences that the rule looks at, each with its interval."""
    found = losses(results)
    of_name = {run.job.activation: run for run in results["measured"]}

    def interval(first: str, second: str) -> list[float]:
        one = paired_difference(found[first], found[second])
        return [one.mean, one.low, one.high]

    return {
        "losses": found,
        "mean": {name: mean_interval(values).mean for name, values in found.items()},
        "rates": {name: run.job.lr for name, run in of_name.items()},
        "at the edge": [name for name, run in of_name.items() if run.job.lr in (min(RATES), max(RATES))],
        "parameters": {name: run.result.get("parameters", 0) for name, run in of_name.items()},
        "no activation less GELU": interval("no activation", "GELU"),
        "ReLU less GELU": interval("ReLU", "GELU"),
        "ReLU less SwiGLU": interval("ReLU", "SwiGLU"),
    }


ACTIVATION = Recipe(
    notebook="03",
    row=26,
    title="small language models with four kinds of MLP, each at its own learning rate",
    stages=stages,
    design=Design(
        claim="An activation's job is to break linearity; which one is used hardly matters.",
        measure="Held-out loss in nats per token, differences within seeds.",
        control="An MLP with no activation and as many parameters; learning rates tuned for each on other seeds.",
        unit="Seeds (weights and order of the data), sixteen, paired; Student's t interval.",
        rule_text=(
            "Does not hold: without an activation the loss is less than 0.02 above GELU's. Holds: it is more than 0.02"
            " above, and ReLU lies within 0.02 of GELU and of SwiGLU. In part: it is above, but ReLU differs by more"
            " than 0.02 from one of them. Otherwise it cannot be told."
        ),
        thresholds=THRESHOLDS,
        effect="0.05 nats per token without an activation.",
        rule=rule,
        simulate=simulate,
    ),
    findings=findings,
    sources=SOURCES,
    config={"world": WORLD, "mix": "profile"},
    tolerance=0.03,
)
