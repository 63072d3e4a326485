"""Jobs of rows 32 and 33: one small model on one task of memory or of selection, trained for as long as it needs.

A task is tried in a quarter of the steps first; where an architecture does not solve it, all its seeds train again with
all of them. Either run's learning rate falls to 0 at its own end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from utils.experiments.block.sequence_tasks import (
    ARCHITECTURES,
    AssociativeRecall,
    SelectiveCopying,
    Task,
    TaskRun,
    train_on_task,
)
from utils.experiments.block.tuned import TUNING_SEEDS, best_rates, by_condition
from utils.experiments.recording.design import Results, Run
from utils.experiments.recording.recipe import Stage
from utils.training.threads import one_thread

TASKS: dict[str, Task] = {
    "recall of 4 pairs": AssociativeRecall(n_pairs=4),
    "recall of 8 pairs": AssociativeRecall(n_pairs=8),
    "copying, 6 between": SelectiveCopying(n_copied=3, n_noise=6),
    "copying, 24 between": SelectiveCopying(n_copied=4, n_noise=24),
    "copying, 6 after": SelectiveCopying(n_copied=3, n_noise=6, fixed_places=True),
    "copying, 24 after": SelectiveCopying(n_copied=4, n_noise=24, fixed_places=True),
}
RATES = (0.003, 0.01, 0.03)
STEPS, SHORT_STEPS, TUNING_STEPS = 2000, 500, 300
SEEDS = tuple(range(6))
SOLVED = 0.99
SEQUENCE_SOURCES = (
    "utils.experiments.block.sequence_tasks",
    "utils.experiments.block.sequence_jobs",
    "utils.experiments.block.tuned",
    *(f"utils.models.{name}" for name in ("attention", "linear_attention", "mlp", "norms", "recurrent_lm")),
    *(f"utils.models.{name}" for name in ("rotary", "state_space")),
    *(f"utils.training.{name}" for name in ("loop", "losses", "optimisers", "schedules", "tiny")),
)


@dataclass(frozen=True)
class SequenceJob:
    """One model to train.

    Attributes:
        task: a name in `TASKS`.
        architecture: a name in `ARCHITECTURES`.
        seed: initial weights and examples.
        steps: optimiser steps of 16 fresh examples.
        lr: peak learning rate; matrices under Muon get four times as much.
    """

    task: str
    architecture: str
    seed: int
    steps: int
    lr: float

    def __post_init__(self) -> None:
        for name, known in (("task", TASKS), ("architecture", ARCHITECTURES)):
            if getattr(self, name) not in known:
                raise ValueError(f"{name} is {getattr(self, name)!r}, and must be one of: {', '.join(known)}")


def run_sequence_job(job: SequenceJob) -> dict[str, Any]:
    """Train the model of a job; return accuracy, loss in nats per asked symbol, parameters and bytes of state."""
    run = TaskRun(
        TASKS[job.task],
        job.architecture,
        job.seed,
        steps=job.steps,
        batch_size=16,
        lr=job.lr,
        muon_lr=4 * job.lr,
    )
    with one_thread():
        found = train_on_task(run)
    return {
        "accuracy": round(found.accuracy, 4),
        "loss": round(found.loss, 4),
        "parameters": found.parameters,
        "memory": found.memory,
    }


Conditions = Sequence[tuple[str, str]]
"""Pairs of a task and an architecture."""


def sequence_stages(conditions: Conditions, size: str) -> list[Stage]:
    """Return the stages for some conditions: rates, a short try, and a long one for what was not solved.

    The live size is one try of the first condition's task, by all that are tried on it.
    """
    if size == "live":
        easiest = conditions[0][0]
        jobs = [SequenceJob(task, name, 0, SHORT_STEPS // 5, 0.01) for task, name in conditions if task == easiest]
        return [Stage("short", SequenceJob, run_sequence_job, lambda _: jobs)]
    return [
        Stage("rates", SequenceJob, run_sequence_job, lambda _: tuning_jobs(conditions)),
        Stage("short", SequenceJob, run_sequence_job, lambda results: short_jobs(results["rates"])),
        Stage("long", SequenceJob, run_sequence_job, lambda results: long_jobs(results["short"])),
    ]


def tuning_jobs(conditions: Conditions) -> list[SequenceJob]:
    """Return one job for each condition, rate and tuning seed."""
    return [
        SequenceJob(task, architecture, seed, TUNING_STEPS, lr)
        for task, architecture in conditions
        for lr in RATES
        for seed in TUNING_SEEDS
    ]


def short_jobs(tuning: Iterable[Run]) -> list[SequenceJob]:
    """Return the short jobs of each condition at its best rate."""
    rates = best_rates(tuning, ("task", "architecture"))
    return [
        SequenceJob(task, architecture, seed, SHORT_STEPS, lr)
        for (task, architecture), lr in rates.items()
        for seed in SEEDS
    ]


def long_jobs(short: Sequence[Run]) -> list[SequenceJob]:
    """Return the long jobs of the conditions that the short ones did not solve; of the worst where all did."""
    accuracies = {key: np.mean(values) for key, values in accuracy_by_condition(short).items()}
    unsolved = {key for key, value in accuracies.items() if value < SOLVED}
    unsolved = unsolved or {min(accuracies, key=lambda key: accuracies[key])}
    return [replace(run.job, steps=STEPS) for run in short if (run.job.task, run.job.architecture) in unsolved]


def accuracy_by_condition(runs: Iterable[Run]) -> dict[tuple[Any, ...], list[float]]:
    """Return the accuracies by task and architecture, in the order of the seeds."""
    return by_condition(runs, ("task", "architecture"), "accuracy")


def final_accuracies(results: Results) -> dict[tuple[Any, ...], list[float]]:
    """Return the accuracies that count: of the long runs where there are some, of the short ones elsewhere."""
    return accuracy_by_condition(results["short"]) | accuracy_by_condition(results.get("long", []))


def simulated_results(
    conditions: Conditions, reached: dict[tuple[str, str], float], noise: float, seed: int
) -> Results:
    """Return results in which conditions reach given accuracies, with normal noise from run to run."""
    draws = np.random.default_rng(seed)

    def runs(jobs: Iterable[SequenceJob], share: float) -> list[Run]:
        made = []
        for job in jobs:
            mean = share * reached[job.task, job.architecture]
            accuracy = float(np.clip(mean + noise * draws.normal(), 0.0, 1.0))
            made.append(Run(job, {"accuracy": accuracy, "loss": 1 - accuracy, "parameters": 1, "memory": 1}))
        return made

    rates = runs(tuning_jobs(conditions), 0.5)
    short = runs(short_jobs(rates), 0.7)
    return {"rates": rates, "short": short, "long": runs(long_jobs(short), 1.0)}


def sequence_findings(results: Results) -> dict[str, Any]:
    """Return accuracies by seed, steps, chosen rates, sizes and memory by condition."""
    final = final_accuracies(results)
    last = {(run.job.task, run.job.architecture): run for run in [*results["short"], *results.get("long", [])]}
    return {
        f"{task}, {name}": {
            "accuracy": values,
            "steps": last[task, name].job.steps,
            "lr": last[task, name].job.lr,
            "parameters": last[task, name].result["parameters"],
            "memory": last[task, name].result["memory"],
        }
        for (task, name), values in final.items()
    }
