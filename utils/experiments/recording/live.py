"""The small run of a recorded experiment, for a notebook: the same code over the local processes, nothing written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from utils.evaluation.intervals import Interval
from utils.experiments.recording.design import CANNOT_BE_TOLD, Run
from utils.experiments.recording.recipe import Recipe
from utils.experiments.recording.record import Record
from utils.experiments.recording.running import run_job
from utils.training.memory import give_back_memory
from utils.training.sweep import run_sweep


def live_runs(recipe: Recipe, workers: int, jobs: Sequence[Any] | None = None) -> list[Run]:
    """Run the live size of an experiment of one stage.

    Args:
        recipe: the experiment.
        workers: processes side by side.
        jobs: other jobs than the live size's, smaller ones for a test, say.

    Raises:
        ValueError: the experiment has several stages, or the jobs are of another experiment.
        SweepError: a job failed.
    """
    found = recipe.stages_of("live")
    if len(found) != 1:
        raise ValueError(f"the recipe for row {recipe.row} has {len(found)} live stages, and this runs one")
    (stage,) = found
    jobs = list(stage.jobs({}) if jobs is None else jobs)
    for job in jobs:
        if type(job) is not stage.job_type:
            raise ValueError(f"jobs hold {job!r}, which is no {stage.job_type.__name__}")
    try:
        results = run_sweep(_timed, [(stage.run, job) for job in jobs], workers=workers)
    finally:
        give_back_memory()  # a notebook has several of these in one process
    return [Run(job, *result) for job, result in zip(jobs, results, strict=True)]


def _timed(work: tuple[Any, Any]) -> tuple[dict[str, Any], float]:
    return run_job(*work)


def verdict_outcome(record: Record) -> str:
    """Return a record's outcome in the words of the notebook's table of verdicts."""
    return "undecided" if record.outcome == CANNOT_BE_TOLD else record.outcome


def recorded_interval(numbers: Sequence[float], n: int) -> Interval:
    """Return an interval of n values that a record holds as mean, low and high."""
    mean, low, high = numbers
    return Interval(mean, low, high, n)


def said(record: Record) -> str:
    """Return where a number comes from: how many runs, over how many minutes of one core, and when."""
    runs = sum(map(len, record.results.values()))
    return f"{runs} recorded runs, {record.seconds / 60:.1f} minutes of one core, {record.finished[:10]}"
