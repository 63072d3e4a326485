"""Run an experiment: recorded, with a journal that makes it resumable, or live, with smaller numbers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from utils.experiments.recording.design import Results, Run, check_design
from utils.experiments.recording.executors import SerialExecutor
from utils.experiments.recording.journal import Journal
from utils.experiments.recording.recipe import Recipe, Stage, job_from_dict, job_to_dict
from utils.experiments.recording.record import Record, record_path, write_record
from utils.experiments.recording.version import code_version, machine
from utils.training.progress import progress_bar

Progress = Callable[[str, int, int], None]
"""Called with the stage's name, its finished jobs and all its jobs."""


class RecordingError(RuntimeError):
    """A job failed or its process died; what was finished is in the journal."""


def record(
    recipe: Recipe, executor: Executor | None = None, folder: Path | None = None, progress: Progress | None = None
) -> Record:
    """Run the recorded size of an experiment and write its record.

    A run that was killed goes on where it was: jobs that the journal holds are not run again.

    Args:
        recipe: the experiment.
        executor: any `concurrent.futures.Executor`; None: one job after another, here.
        folder: where records lie; None: where the course ships them.
        progress: told after every job.

    Raises:
        DesignError: the design's rule cannot give each outcome.
        JournalError: a journal of another version of the code lies there.
        RecordingError: a job failed.
    """
    check_design(recipe.design)
    version = code_version(recipe.sources)
    header = {"notebook": recipe.notebook, "row": recipe.row, "code": version["code"], "config": _plain(recipe.config)}
    journal = Journal(journal_path(recipe, folder), header)
    try:
        results = _run_stages(recipe.stages_of("recorded"), executor or SerialExecutor(), journal, progress)
        made = Record(
            notebook=recipe.notebook,
            row=recipe.row,
            title=recipe.title,
            design=recipe.design.to_dict(),
            config=_plain(recipe.config),
            results=results,
            outcome=recipe.design.outcome(results),
            findings=_plain(recipe.findings(results)),
            seconds=round(sum(run.seconds for runs in results.values() for run in runs), 1),
            finished=datetime.now(UTC).isoformat(timespec="seconds"),
            machine=machine(),
            version=version,
        )
        write_record(made, recipe, folder)
    finally:
        journal.close()
    journal.remove()
    return made


def run_live(recipe: Recipe, executor: Executor | None = None, progress: Progress | None = None) -> Results:
    """Run the live size of an experiment; nothing is written. Without `progress` each stage has a bar.

    Raises:
        RecordingError: a job failed.
    """
    with ExitStack() as stack:
        bars: dict[str, Any] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in bars:
                bars[stage] = stack.enter_context(progress_bar(total, stage, unit="run"))
            bars[stage].update(done - bars[stage].n)

        return _run_stages(recipe.stages_of("live"), executor or SerialExecutor(), None, progress or show)


def journal_path(recipe: Recipe, folder: Path | None = None) -> Path:
    """Return where the journal of an unfinished recorded run lies: beside the record to be."""
    return record_path(recipe.notebook, recipe.row, folder).with_suffix(".journal")


def run_job(run: Callable[[Any], Mapping[str, Any]], job: Any) -> tuple[dict[str, Any], float]:
    """Run one job; return its result and the seconds of processor time that it took."""
    start = time.process_time()
    return dict(run(job)), round(time.process_time() - start, 2)


def _run_stages(
    stages: list[Stage], executor: Executor, journal: Journal | None, progress: Progress | None
) -> dict[str, list[Run]]:
    results: dict[str, list[Run]] = {}
    for stage in stages:
        if journal is not None and stage.name in journal.plans:
            # The plan as it was made: a later version of a fit must not change the jobs of a stage half done.
            jobs = [job_from_dict(stage.job_type, values) for values in journal.plans[stage.name]]
        else:
            jobs = list(stage.jobs(results))
            _require_different(stage, jobs)
            if journal is not None:
                journal.plan(stage.name, [job_to_dict(job) for job in jobs])
        results[stage.name] = _run_jobs(stage, jobs, executor, journal, progress)
    return results


def _run_jobs(
    stage: Stage, jobs: list[Any], executor: Executor, journal: Journal | None, progress: Progress | None
) -> list[Run]:
    runs: dict[int, Run] = {}
    if journal is not None:
        for (name, number), found in journal.finished.items():
            if name == stage.name:
                runs[number] = Run(jobs[number], found["result"], found["seconds"])
    futures: dict[Future[tuple[dict[str, Any], float]], int] = {}

    def keep(number: int, future: Future[tuple[dict[str, Any], float]]) -> None:
        try:
            result, seconds = future.result()
        except BrokenProcessPool as error:
            raise RecordingError(
                f"a process died, perhaps for lack of memory, with job {number} of {stage.name!r} unfinished:"
                " give the command again to go on"
            ) from error
        except Exception as error:
            raise RecordingError(
                f"job {number} of {stage.name!r} ({jobs[number]}) failed: {type(error).__name__}: {error}"
            ) from error
        runs[number] = Run(jobs[number], _plain(result), seconds)
        if journal is not None:
            journal.finish(stage.name, number, runs[number].result, seconds)
        if progress is not None:
            progress(stage.name, len(runs), len(jobs))

    try:
        for number, job in enumerate(jobs):
            if number in runs:
                continue
            future = executor.submit(run_job, stage.run, job)
            if isinstance(executor, SerialExecutor):
                keep(number, future)
            else:
                futures[future] = number
        for future in as_completed(futures):
            keep(futures[future], future)
    except BaseException:
        for future in futures:
            future.cancel()
        raise
    return [runs[number] for number in range(len(jobs))]


def _require_different(stage: Stage, jobs: list[Any]) -> None:
    if not jobs:
        raise ValueError(f"stage {stage.name!r} has no jobs")
    for job in jobs:
        if type(job) is not stage.job_type:
            raise ValueError(f"stage {stage.name!r} has the job {job!r}, which is no {stage.job_type.__name__}")
    if len(set(map(repr, jobs))) != len(jobs):
        raise ValueError(f"stage {stage.name!r} has the same job twice")


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as they are read back from JSON; a value that JSON cannot hold is refused by name."""
    for name, value in values.items():
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise ValueError(f"the result {name!r} cannot be recorded: {error}") from None
    return json.loads(json.dumps(dict(values), allow_nan=False))
