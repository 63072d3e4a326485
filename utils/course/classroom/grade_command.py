"""`course grade`: a class's submissions graded in sandboxes, and written to the gradebook."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from utils.course.classroom.options import Database, Root, grouped, open_class
from utils.course.classroom.terminal import console, errors, progress, show_attacks, show_changes, show_summary
from utils.course.errors import CourseError


@dataclass(frozen=True)
class Wanted:
    """Whose submissions of what are graded."""

    assignment: Annotated[str, typer.Argument(metavar="ASSIGNMENT", help="Name or number, such as 07.")] = ""
    submissions: Annotated[
        Path | None,
        typer.Argument(metavar="[FOLDER|ZIP]", help="What was handed in. [default: nbgrader's submitted folder]"),
    ] = None
    only: Annotated[list[str] | None, typer.Option("--only", metavar="LEARNER", help="Only this learner's.")] = None
    roster: Annotated[
        Path | None, typer.Option("--roster", help="Moodle's grading worksheet or Canvas's gradebook: who is who.")
    ] = None


@dataclass(frozen=True)
class Where:
    """The class and its gradebook."""

    database: Database = ""
    root: Root = None


@dataclass(frozen=True)
class Engine:
    """What submissions are graded with."""

    workers: Annotated[int | None, typer.Option("--workers", help="Local workers. [default: one a core]")] = None
    dask: Annotated[str, typer.Option("--dask", metavar="ADDRESS", help="Grade on this Dask cluster instead.")] = ""
    sandbox: Annotated[
        str, typer.Option("--sandbox", help="bubblewrap, podman or docker. [default: the first one there is]")
    ] = "auto"
    image: Annotated[str | None, typer.Option("--image", help="Image for podman and docker.")] = None
    no_sandbox: Annotated[
        bool, typer.Option("--no-sandbox", help="Run answers with your own rights: only for your own work.")
    ] = False
    sandbox_check: Annotated[
        bool, typer.Option("--sandbox-check", help="Attack the sandbox, print what happened, grade nothing.")
    ] = False

    @property
    def kind(self) -> str:
        """The sandbox's name."""
        return "none" if self.no_sandbox else self.sandbox

    def refuse_contradictions(self) -> None:
        """Refuse options that exclude each other.

        Raises:
            CourseError: two of them do.
        """
        if self.no_sandbox and self.sandbox != "auto":
            raise CourseError("--no-sandbox and --sandbox contradict each other: give one of them")
        if self.dask and self.workers is not None:
            raise CourseError("--dask and --workers contradict each other: the cluster says how many workers there are")


@dataclass(frozen=True)
class Changes:
    """What becomes of grades that are there already."""

    regrade: Annotated[
        bool, typer.Option("--regrade", help="Grade again what is graded, with the tests as they are now.")
    ] = False
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Grade and show what would change; leave the gradebook alone.")
    ] = False
    yes: Annotated[bool, typer.Option("--yes", help="Write changed grades without asking.")] = False


def grade(wanted: Wanted, engine: Engine, changes: Changes, where: Where) -> None:
    """Grade submissions in sandboxes and write them to the gradebook; can be stopped and started again at any time."""
    engine.refuse_contradictions()
    if engine.sandbox_check:
        _check_sandbox(engine)
        return
    if not wanted.assignment:
        raise CourseError("which assignment? Give its name or number, such as `course grade 01`")
    with _start_ahead(engine):
        summary = _grade_class(wanted, engine, changes, where)
    if summary.needs_staff or summary.refused:
        raise typer.Exit(2)


def _grade_class(wanted: Wanted, engine: Engine, changes: Changes, where: Where) -> Any:
    """Grade, write, and say what was done; return the run's summary."""
    with _import_quickly():
        from utils.course.classroom.gradebook import GradebookWriter
        from utils.course.classroom.run import GradingRun

    classroom = open_class(where.root, where.database)
    name = classroom.find_assignment(wanted.assignment)
    assignment = classroom.specification(name)
    found = _submissions(wanted, classroom, name)
    if engine.no_sandbox:
        errors.print(
            "No sandbox: answers run with your rights. Grade only your own work this way.", style="yellow", markup=False
        )
    with (
        _looked_at(classroom, changes.dry_run) as seen,
        GradebookWriter(seen, assignment) as writer,
        progress(len(found)) as observe,
    ):
        if not changes.dry_run:
            writer.register()
        recipe = _recipe(classroom, assignment, engine)
        with GradingRun(classroom, assignment, recipe, observe=observe) as run:
            began = time.perf_counter()
            summary = run.grade(found, _opener(engine), changes.regrade, None if changes.dry_run else writer)
            seconds = time.perf_counter() - began
            observe.stop()
            show_summary(summary, seconds)
            if changes.dry_run or changes.regrade:
                learners = [one.learner for one in found if one.learner in run.ledger.learners]
                _settle_changes(run, writer, learners, changes)
    return summary


def _submissions(wanted: Wanted, classroom: Any, name: str) -> list[Any]:
    """Return what was handed in and is wanted; say what is left out.

    Raises:
        CourseError: a wanted learner has handed in nothing.
    """
    from utils.course.classroom.handed_in import read_class
    from utils.course.classroom.rosters import read_roster

    roster = read_roster(wanted.roster) if wanted.roster is not None else None
    given = read_class(wanted.submissions or classroom.submitted, name, roster=roster)
    for sentence in given.left_out:
        errors.print(f"left out: {sentence}", style="yellow", markup=False, highlight=False)
    found = given.submissions
    if not wanted.only:
        return found
    missing = sorted(set(wanted.only) - {one.learner for one in found})
    if missing:
        raise CourseError(f"{missing[0]!r} has handed in nothing: there are {len(found)} submissions of others")
    return [one for one in found if one.learner in wanted.only]


@contextmanager
def _looked_at(classroom: Any, dry_run: bool) -> Iterator[Any]:
    """Give the class with its gradebook; a dry run that finds none looks at an empty one, and makes none."""
    from sqlalchemy.engine import make_url

    url = make_url(classroom.db_url)
    if not dry_run or url.get_backend_name() != "sqlite" or not url.database or Path(url.database).is_file():
        yield classroom
        return
    with tempfile.TemporaryDirectory() as folder:
        yield replace(classroom, database=f"sqlite:///{folder}/gradebook.db")


@contextmanager
def _start_ahead(engine: Engine) -> Iterator[None]:
    """Let a local sandbox start while this process still imports nbgrader and reads the class."""
    if engine.dask:
        yield
        return
    from utils.course.grading import Limits, SandboxUnavailableError
    from utils.course.grading.slot import started_ahead

    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(started_ahead(engine.kind, engine.image, Limits()))
        except (SandboxUnavailableError, ValueError) as error:
            raise CourseError(str(error)) from None
        yield


@contextmanager
def _import_quickly() -> Iterator[None]:
    """Import nbgrader without a module that compiles a grammar of international addresses at import, for seconds.

    jsonschema, which nbformat uses, does without it where it is missing; no notebook's schema has such an address.
    """
    name = "rfc3987_syntax"
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]


def _recipe(classroom: Any, assignment: Any, engine: Engine) -> Any:
    from utils.course.classroom.backends import SandboxRecipe
    from utils.course.grading import Limits

    pool = {"sandbox": engine.kind} | ({"image": engine.image} if engine.image else {})
    return SandboxRecipe(assignment.to_dict(), Limits().to_dict(), classroom.secret(), pool)


def _opener(engine: Engine) -> Callable[[Any], AbstractContextManager[Any]]:
    from utils.course.classroom.backends import dask_backend, local_backend

    if engine.dask:
        return lambda recipe: dask_backend(recipe, engine.dask)
    count = engine.workers if engine.workers is not None else (os.cpu_count() or 1)
    if count < 1:
        raise CourseError(f"--workers must be at least 1, not {count}")
    return lambda recipe: local_backend(recipe, count)


def _check_sandbox(engine: Engine) -> None:
    """Attack the sandbox and print what happened.

    Raises:
        CourseError: there is none, or it does not hold.
    """
    from utils.course.grading import SandboxUnavailableError, sandbox_check

    try:
        rows = sandbox_check(engine.kind, engine.image)
    except (SandboxUnavailableError, ValueError) as error:
        raise CourseError(str(error)) from None
    show_attacks(rows)
    if open_to := [row.attack for row in rows if not row.ok]:
        raise CourseError(f"the sandbox does not hold against: {', '.join(open_to)}; nothing is graded in it")


def _settle_changes(run: Any, writer: Any, learners: Sequence[str], changes: Changes) -> None:
    """Show what would change in the gradebook, and write it where that is wanted."""
    found = run.changes(writer, learners)
    show_changes(found)
    if changes.dry_run:
        console.print("The gradebook is as it was. The results are kept: the next run does not grade them again.")
        return
    if found and not changes.yes and not typer.confirm("Write these changes to the gradebook?"):
        console.print("Nothing was changed.")
        return
    console.print(f"{run.write_all(writer, learners)} results written")


grade_command = grouped(grade, Wanted, Engine, Changes, Where)
