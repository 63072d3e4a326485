"""The class's part of the command `course`: grade, class, report, feedback, export, verify."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import time
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from utils.course.errors import CourseError
from utils.course.notebooks import course_root

console = Console()
errors = Console(stderr=True)

Assignment = Annotated[str, typer.Argument(metavar="ASSIGNMENT", help="Name or number, such as 07_samplers or 07.")]
Root = Annotated[
    Path | None, typer.Option("--root", help="The class's folder, where nbgrader works. [default: the checkout]")
]
Database = Annotated[str, typer.Option("--db", metavar="URL", help="Gradebook. [default: nbgrader's setting]")]

MOST_SHOWN = 20


def _classroom(root: Path | None, database: str) -> Any:
    from utils.course.classroom.place import Classroom

    return Classroom.at(root or course_root(), database)


def grade(
    assignment: Annotated[str, typer.Argument(metavar="ASSIGNMENT", help="Name or number, such as 07.")] = "",
    submissions: Annotated[
        Path | None,
        typer.Argument(metavar="[FOLDER|ZIP]", help="What was handed in. [default: nbgrader's submitted folder]"),
    ] = None,
    workers: Annotated[int | None, typer.Option("--workers", help="Local workers. [default: one a core]")] = None,
    dask: Annotated[str, typer.Option("--dask", metavar="ADDRESS", help="Grade on this Dask cluster instead.")] = "",
    database: Database = "",
    only: Annotated[list[str] | None, typer.Option("--only", metavar="LEARNER", help="Only this learner's.")] = None,
    roster: Annotated[
        Path | None, typer.Option("--roster", help="Moodle's grading worksheet or Canvas's gradebook: who is who.")
    ] = None,
    regrade: Annotated[
        bool, typer.Option("--regrade", help="Grade again what is graded, with the tests as they are now.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Grade and show what would change; leave the gradebook alone.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Write changed grades without asking.")] = False,
    sandbox: Annotated[
        str, typer.Option("--sandbox", help="bubblewrap, podman or docker. [default: the first one there is]")
    ] = "auto",
    image: Annotated[str | None, typer.Option("--image", help="Image for podman and docker.")] = None,
    no_sandbox: Annotated[
        bool, typer.Option("--no-sandbox", help="Run answers with your own rights: only for your own work.")
    ] = False,
    sandbox_check: Annotated[
        bool, typer.Option("--sandbox-check", help="Attack the sandbox, print what happened, grade nothing.")
    ] = False,
    root: Root = None,
) -> None:
    """Grade submissions in sandboxes and write them to the gradebook; can be stopped and started again at any time."""
    if no_sandbox and sandbox != "auto":
        raise CourseError("--no-sandbox and --sandbox contradict each other: give one of them")
    if dask and workers is not None:
        raise CourseError("--dask and --workers contradict each other: the cluster says how many workers there are")
    kind = "none" if no_sandbox else sandbox
    if sandbox_check:
        _show_sandbox_check(kind, image)
        return
    if not assignment:
        raise CourseError("which assignment? Give its name or number, such as `course grade 01`")
    with _start_ahead(kind, image, dask):
        with _import_quickly():
            from utils.course.classroom.gradebook import GradebookWriter
            from utils.course.classroom.handed_in import read_class
            from utils.course.classroom.rosters import read_roster
            from utils.course.classroom.run import GradingRun

        classroom = _classroom(root, database)
        name = classroom.find_assignment(assignment)
        assignment_spec = classroom.specification(name)
        given = read_class(
            submissions or classroom.submitted, name, roster=read_roster(roster) if roster is not None else None
        )
        found = given.submissions
        for sentence in given.left_out:
            errors.print(f"left out: {sentence}", style="yellow", markup=False, highlight=False)
        if only:
            missing = sorted(set(only) - {one.learner for one in found})
            if missing:
                raise CourseError(f"{missing[0]!r} has handed in nothing: there are {len(found)} submissions of others")
            found = [one for one in found if one.learner in only]
        if no_sandbox:
            errors.print(
                "No sandbox: answers run with your rights. Grade only your own work this way.",
                style="yellow",
                markup=False,
            )
        with (
            _looked_at(classroom, dry_run) as seen,
            GradebookWriter(seen, assignment_spec) as writer,
            _progress(len(found)) as observe,
        ):
            if not dry_run:
                writer.register()
            recipe = _recipe(classroom, assignment_spec, kind, image)
            with GradingRun(classroom, assignment_spec, recipe, observe=observe) as run:
                began = time.perf_counter()
                opener = _opener(workers, dask)
                summary = run.grade(found, opener, regrade, None if dry_run else writer)
                seconds = time.perf_counter() - began
                observe.stop()
                _show_summary(summary, seconds)
                if dry_run or regrade:
                    learners = [one.learner for one in found if one.learner in run.ledger.learners]
                    _settle_changes(run, writer, learners, dry_run, yes)
    if summary.needs_staff or summary.refused:
        raise typer.Exit(2)


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
def _start_ahead(kind: str, image: str | None, dask: str) -> Iterator[None]:
    """Let a local sandbox start while this process still imports nbgrader and reads the class."""
    if dask:
        yield
        return
    from utils.course.grading import Limits, SandboxUnavailableError
    from utils.course.grading.slot import started_ahead

    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(started_ahead(kind, image, Limits()))
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


def _recipe(classroom: Any, assignment_spec: Any, kind: str, image: str | None) -> Any:
    from utils.course.classroom.backends import SandboxRecipe
    from utils.course.grading import Limits

    pool = {"sandbox": kind} | ({"image": image} if image else {})
    return SandboxRecipe(assignment_spec.to_dict(), Limits().to_dict(), classroom.secret(), pool)


def _opener(workers: int | None, dask: str) -> Callable[[Any], AbstractContextManager[Any]]:
    from utils.course.classroom.backends import dask_backend, local_backend

    if dask:
        return lambda recipe: dask_backend(recipe, dask)
    count = workers if workers is not None else (os.cpu_count() or 1)
    if count < 1:
        raise CourseError(f"--workers must be at least 1, not {count}")
    return lambda recipe: local_backend(recipe, count)


def _show_sandbox_check(kind: str, image: str | None) -> None:
    from utils.course.grading import SandboxUnavailableError, sandbox_check

    try:
        rows = sandbox_check(kind, image)
    except (SandboxUnavailableError, ValueError) as error:
        raise CourseError(str(error)) from None
    table = Table(title="Attacks on the sandbox", title_justify="left")
    for column in ("attack", "held", "expected", "what happened"):
        table.add_column(column)
    for row in rows:
        held = "[green]yes[/]" if row.ok else "[red]NO[/]"
        table.add_row(escape(row.attack), held, escape(row.expected), escape(row.happened))
    console.print(table)
    if open_to := [row.attack for row in rows if not row.ok]:
        raise CourseError(f"the sandbox does not hold against: {', '.join(open_to)}; nothing is graded in it")


class _Observer:
    """A progress bar with done, left, rate and failures."""

    def __init__(self, total: int) -> None:
        self.failures = self.done = 0
        self.began = time.monotonic()
        self.bar = Progress(
            SpinnerColumn(),
            TextColumn("[bold]grading"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[left]} left"),
            TextColumn("{task.fields[rate]}"),
            TextColumn("{task.fields[failures]}"),
            TimeRemainingColumn(),
            console=errors,
        )
        self.task = self.bar.add_task("grading", total=total, left=total, rate="", failures="")
        self.total = total

    def __call__(self, progress: Any) -> None:
        if progress.kind == "fault":
            self.bar.console.print(
                f"{progress.learner}: the grader failed, trying again: {progress.detail}", markup=False, highlight=False
            )
            return
        self.done += 1
        if progress.kind == "set-aside":
            self.failures += 1
            self.bar.console.print(
                f"{progress.learner}: needs staff: {progress.detail}", style="red", markup=False, highlight=False
            )
        rate = 60 * self.done / max(1e-3, time.monotonic() - self.began)
        self.bar.update(
            self.task,
            completed=self.done,
            left=self.total - self.done,
            rate=f"{rate:.0f} a minute",
            failures=f"[red]{self.failures} need staff[/]" if self.failures else "",
        )

    def stop(self) -> None:
        self.bar.stop()


@contextmanager
def _progress(total: int) -> Iterator[_Observer]:
    observer = _Observer(total)
    with observer.bar:
        yield observer


def _show_summary(summary: Any, seconds: float) -> None:
    rate = f" in {seconds:.1f} s ({60 * summary.graded / seconds:.0f} a minute)" if summary.graded and seconds else ""
    lines = [f"{summary.graded} graded{rate}, {summary.known} known before, {summary.written} written to the gradebook"]
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(summary.verdicts.items()))
    if verdicts:
        lines.append(f"verdicts: {verdicts}")
    if summary.faults:
        lines.append(f"the grader failed {summary.faults} times and tried again")
    if summary.earlier_tests:
        lines.append(
            f"{len(summary.earlier_tests)} grades come from earlier tests or another environment: "
            "`--regrade --dry-run` shows what would change"
        )
    lines.append(f"journal: {summary.head[:16]} (note it down to see later that nobody rewrote the journal)")
    for line in lines:
        console.print(line, markup=False, highlight=False)
    for title, people in (
        ("needs staff", summary.needs_staff),
        ("could not be read", summary.refused),
        ("odd", summary.remarks),
    ):
        for learner in sorted(people):
            console.print(f"{title}: {learner}: {people[learner]}", style="red", markup=False, highlight=False)


def _settle_changes(run: Any, writer: Any, learners: Sequence[str], dry_run: bool, yes: bool) -> None:
    """Show what would change in the gradebook, and write it where that is wanted."""
    changes = run.changes(writer, learners)
    if not changes:
        console.print("No automatic score changes.")
    else:
        table = Table(title="What changes in the gradebook", title_justify="left")
        for column in ("learner", "before", "after", "cells"):
            table.add_column(column, justify="right" if column in ("before", "after") else "left")
        for change in changes[:MOST_SHOWN]:
            before = "-" if change.before is None else f"{change.before:g}"
            cells = ", ".join(
                f"{name} {'-' if old is None else f'{old:g}'} → {new:g}" for name, old, new in change.cells[:4]
            )
            more = f" and {len(change.cells) - 4} more" if len(change.cells) > 4 else ""
            kept = f" (by hand, stays: {', '.join(change.manual)})" if change.manual else ""
            table.add_row(escape(change.learner), before, f"{change.after:g}", escape(cells + more + kept))
        console.print(table)
        if len(changes) > MOST_SHOWN:
            console.print(f"... and {len(changes) - MOST_SHOWN} more")
        up = sum(change.after > (change.before or 0.0) for change in changes)
        down = sum(change.after < (change.before or 0.0) for change in changes)
        console.print(f"{len(changes)} learners change: {up} up, {down} down")
    if dry_run:
        console.print("The gradebook is as it was. The results are kept: the next run does not grade them again.")
        return
    if changes and not yes and not typer.confirm("Write these changes to the gradebook?"):
        console.print("Nothing was changed.")
        return
    console.print(f"{run.write_all(writer, learners)} results written")


def make(
    assignment: Assignment,
    learners: Annotated[int, typer.Option("--learners", help="How many.")] = 30,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same class.")] = 0,
    to: Annotated[Path | None, typer.Option("--to", help="Folder. [default: nbgrader's submitted folder]")] = None,
    honest: Annotated[bool, typer.Option("--honest", help="Without hostile and broken submissions.")] = False,
    then_grade: Annotated[
        bool, typer.Option("--grade", help="Also grade it, in a folder of its own, and open its report.")
    ] = False,
    root: Root = None,
) -> None:
    """Make a synthetic class of right, wrong, hostile and broken submissions to try grading with."""
    from utils.course.classroom.synthetic import HONEST_KINDS, KINDS, Ingredients, make_class, write_class

    if then_grade:
        root = _trial(root, assignment)
    classroom = _classroom(root, "")
    name = classroom.find_assignment(assignment)
    ingredients = Ingredients(classroom.specification(name), classroom.release(name), _answers(classroom.root, name))
    folder = to or classroom.submitted
    made = write_class(make_class(ingredients, learners, seed, HONEST_KINDS if honest else KINDS), folder, name)
    counts: dict[str, int] = {}
    for pupil in made:
        counts[pupil.kind] = counts.get(pupil.kind, 0) + 1
    told = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    console.print(f"{len(made)} submissions of {name} in {folder}: {told}", markup=False, highlight=False)
    if then_grade:
        grade(name, folder, root=root)
        report(name, show=True, root=root)


def _trial(root: Path | None, assignment: str) -> Path:
    """Return a folder for a class that does not exist, with the assignment in it, apart from any real class."""
    classroom = _classroom(root, "")
    name = classroom.find_assignment(assignment)
    trial = classroom.root / "grading" / "trial"
    for path in (classroom.source(name), classroom.release(name)):
        if not path.is_file():
            raise CourseError(f"{path} is missing: run `course build`")
        place = trial / path.relative_to(classroom.root)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)
    return trial


def _answers(root: Path, name: str) -> Path | None:
    """Return the folder of an assignment's right and wrong answers, the class's own or the checkout's."""
    places = [root]
    with contextlib.suppress(CourseError):
        places.append(course_root())
    for place in places:
        folder = place / "solutions" / name / "exercises" / "answers"
        if folder.is_dir():
            return folder
    return None


def report(
    assignment: Assignment,
    to: Annotated[Path | None, typer.Option("--to", help="File. [default: grading/ASSIGNMENT/report.html]")] = None,
    show: Annotated[bool, typer.Option("--open", help="Open it in a browser.")] = False,
    database: Database = "",
    root: Root = None,
) -> None:
    """Write a page about a class: scores, exercises with their misconceptions, time, flags, similar submissions."""
    from utils.course.classroom.class_results import ClassResults
    from utils.course.classroom.report import render_report
    from utils.course.classroom.similarity import similar_pairs
    from utils.course.classroom.statistics import class_numbers
    from utils.course.classroom.store import write_whole

    classroom = _classroom(root, database)
    name = classroom.find_assignment(assignment)
    assignment_spec = classroom.specification(name)
    results = ClassResults(classroom, name)
    numbers = class_numbers(assignment_spec, results, results.needs_staff)
    pairs = similar_pairs(((learner, result.answers) for learner, result in results), results.released_sources())
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    page = render_report(numbers, pairs, f"{when}, tests {assignment_spec.digest[:12]}, gradebook {classroom.shown_db}")
    path = to or classroom.grading(name) / "report.html"
    write_whole(path, page.encode())
    console.print(f"wrote {path}", markup=False, highlight=False)
    if show and not webbrowser.open(path.resolve().as_uri()):
        console.print("There is no browser here: open the file in one.")


def feedback(
    assignment: Assignment,
    only: Annotated[list[str] | None, typer.Option("--only", metavar="LEARNER", help="Only this learner's.")] = None,
    database: Database = "",
    root: Root = None,
) -> None:
    """Write nbgrader's feedback pages, with hints, without hidden tests; `nbgrader release_feedback` hands them out."""
    from utils.course.classroom.feedback import generate_feedback

    classroom = _classroom(root, database)
    name = classroom.find_assignment(assignment)
    with console.status("writing feedback ..."):
        written = generate_feedback(classroom, name, *(only or ()))
    console.print(f"{len(written)} pages in {classroom.root / classroom.directory.feedback_directory}", markup=False)


def export(
    to: Annotated[Path, typer.Option("--to", help="The file.")] = Path("grades.csv"),
    format_: Annotated[str, typer.Option("--format", help="nbgrader, canvas or moodle.")] = "nbgrader",
    assignment: Annotated[list[str] | None, typer.Option("--assignment", help="Only this one. [default: all]")] = None,
    roster: Annotated[
        Path | None, typer.Option("--roster", help="Canvas's gradebook or Moodle's grading worksheet, to write back.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="ASSIGNMENT=HEADER", help="Canvas's column of an assignment."),
    ] = None,
    database: Database = "",
    root: Root = None,
) -> None:
    """Write grades for nbgrader, or for the gradebook import of Canvas or Moodle."""
    from utils.course.classroom.exports import export_grades
    from utils.course.classroom.gradebook import open_gradebook

    classroom = _classroom(root, database)
    names = [classroom.find_assignment(one) for one in assignment or ()]
    columns = {}
    for pair in column or ():
        one, equals, header = pair.partition("=")
        if not equals:
            raise CourseError(f"--column {pair!r} is no ASSIGNMENT=HEADER")
        columns[classroom.find_assignment(one)] = header
    gradebook = open_gradebook(classroom)
    try:
        done = export_grades(gradebook, format_, to, names, roster, columns, classroom.config)
    finally:
        gradebook.close()
    for sentence in done.left_out:
        errors.print(f"left out: {sentence}", style="yellow", markup=False, highlight=False)
    console.print(f"{done.learners} learners in {to}", markup=False, highlight=False)


def verify(assignment: Assignment, database: Database = "", root: Root = None) -> None:
    """Hold journal, results and gradebook against each other: a grade that was edited shows."""
    from utils.course.classroom.audit import audit
    from utils.course.classroom.gradebook import GradebookWriter

    classroom = _classroom(root, database)
    name = classroom.find_assignment(assignment)
    if not (classroom.grading(name) / "journal.jsonl").is_file():
        raise CourseError(f"{name} has no journal yet: nothing was graded here")
    with GradebookWriter(classroom, classroom.specification(name)) as writer:
        found = audit(classroom, name, writer)
    console.print(
        f"{found.journal.entries} entries, head {found.journal.head[:16]}; {found.results} results; "
        f"{found.grades} grades compared",
        highlight=False,
    )
    for problem in found.problems[:MOST_SHOWN]:
        console.print(problem, style="red", markup=False, highlight=False)
    if found.problems:
        raise CourseError(f"{len(found.problems)} things do not agree")
    console.print("Journal, results and gradebook agree.")


def register(app: typer.Typer) -> None:
    """Add the class's commands to the command line."""
    app.command()(grade)
    app.command(name="class")(make)
    app.command()(report)
    app.command()(feedback)
    app.command()(export)
    app.command()(verify)


app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
register(app)
