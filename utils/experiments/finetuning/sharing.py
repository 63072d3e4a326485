"""Live runs side by side: jobs of a notebook's cell on the machine's cores, results in the jobs' order."""

from __future__ import annotations

from collections.abc import Sequence

from utils.experiments.finetuning.runs import FinetuningJob, run_finetuning
from utils.experiments.recording.design import Run
from utils.experiments.recording.executors import process_executor, serial_executor


def run_jobs(jobs: Sequence[FinetuningJob], workers: int = 1) -> list[Run]:
    """Run jobs and return them with their results; one worker stays in this process.

    Raises:
        ValueError: there are no jobs.
    """
    if not jobs:
        raise ValueError("jobs must hold at least one job, not none")
    with process_executor(workers) if workers > 1 and len(jobs) > 1 else serial_executor() as executor:
        return [Run(job, result) for job, result in zip(jobs, executor.map(run_finetuning, jobs), strict=True)]


def correct_of(runs: Sequence[Run], **fields: object) -> list[float]:
    """Return the shares of correct answers of the runs whose jobs have these fields, by seed.

    Raises:
        ValueError: no run has them.
    """
    chosen = [run for run in runs if all(getattr(run.job, name) == value for name, value in fields.items())]
    if not chosen:
        raise ValueError(f"no run has {fields}")
    return [run.result["correct"] for run in sorted(chosen, key=lambda run: run.job.seed)]
