"""The body of `course record NN ROW`: make a recorded run, go on with one that was stopped, or check one."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from utils.course.errors import CourseError
from utils.experiments.recording.checking import check_record
from utils.experiments.recording.design import DesignError
from utils.experiments.recording.executors import dask_executor, process_executor, serial_executor
from utils.experiments.recording.journal import JournalError
from utils.experiments.recording.recipe import Recipe, all_recipes, find_recipe
from utils.experiments.recording.record import Record, RecordError, read_record, record_path
from utils.experiments.recording.running import Progress, RecordingError, record


@dataclass(frozen=True)
class Recorded:
    """What was made: the record, where it lies, and a line for people."""

    record: Record
    path: Path
    line: str


@contextmanager
def chosen_executor(workers: int | None, dask: str | None) -> Iterator[Executor]:
    """Open what jobs run on: `workers` processes of this machine (0: this process), or a Dask cluster by address.

    Raises:
        CourseError: both are given, workers is negative, or no cluster answers.
    """
    if workers is not None and dask is not None:
        raise CourseError("--workers is for this machine and --dask for a cluster: give one of them")
    if workers is not None and workers < 0:
        raise CourseError(f"--workers must be 0 or more, not {workers}")
    try:
        if dask is not None:
            with dask_executor(dask) as executor:
                yield executor
        elif workers:
            with process_executor(workers) as executor:
                yield executor
        else:
            with serial_executor() as executor:
                yield executor
    except ConnectionError as error:
        raise CourseError(str(error)) from None


def make_record(
    notebook: str,
    row: int,
    workers: int | None = None,
    dask: str | None = None,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> Recorded:
    """Make the record of a row, or finish one that was stopped.

    Raises:
        CourseError: there is no such recipe, its design is refused, its journal is another code's, or a job failed.
    """
    recipe = _recipe(notebook, row)
    with chosen_executor(workers, dask) as executor:
        try:
            made = record(recipe, executor, folder, progress)
        except (DesignError, JournalError, RecordingError, RecordError) as error:
            raise CourseError(str(error)) from error
    path = record_path(notebook, row, folder)
    line = f"row {row}, {made.outcome}: {made.n_runs} runs in {made.seconds / 60:.1f} minutes of one core, {path}"
    return Recorded(made, path, line)


def confirm_record(
    notebook: str,
    row: int,
    sample: int = 3,
    workers: int | None = None,
    dask: str | None = None,
    folder: Path | None = None,
    most_seconds: float = 60.0,
) -> list[str]:
    """Remake a part of a record and compare; return lines for people.

    Raises:
        CourseError: the record is missing, not in order, or not what today's code gives.
    """
    recipe = _recipe(notebook, row)
    try:
        found = read_record(notebook, row, folder, recipe)
    except RecordError as error:
        raise CourseError(str(error)) from None
    with chosen_executor(workers, dask) as executor:
        report = check_record(recipe, found, sample, executor=executor, most_seconds=most_seconds)
    if not report.passed:
        raise CourseError(f"the record of row {row} is not confirmed: {'; '.join(report.problems)}")
    lines = [
        f"row {row}, {found.outcome}: {report.remade} of {found.n_runs} runs remade, all within {recipe.tolerance:g}"
    ]
    if report.explained:
        lines[0] += ", or no further from it than another seed would be"
        lines.append(f"other rounding here: {report.arithmetic}; {len(report.explained)} numbers differ:")
        lines += [f"  {text}" for text in report.explained]
    if report.changed_files:
        lines.append(f"changed since it was made: {', '.join(report.changed_files)}")
    return lines


def recorded_rows(notebook: str | None = None) -> list[tuple[str, int, str]]:
    """Return notebook, row and title of every experiment that has a recipe, of one notebook or of all."""
    return [(one.notebook, one.row, one.title) for one in all_recipes() if notebook in (None, one.notebook)]


def _recipe(notebook: str, row: int) -> Recipe:
    try:
        return find_recipe(notebook, row)
    except ValueError as error:
        raise CourseError(str(error)) from None
