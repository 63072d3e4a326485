"""The class's part of the command `course`: grade, class, report, feedback, export, verify."""

from __future__ import annotations

import contextlib
import shutil
import webbrowser
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from utils.course.classroom.grade_command import Changes, Engine, Wanted, Where, grade, grade_command
from utils.course.classroom.options import Assignment, Database, Root, open_class
from utils.course.classroom.terminal import MOST_SHOWN, console, errors
from utils.course.errors import CourseError
from utils.course.notebooks import course_root


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
    classroom = open_class(root)
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
        grade(Wanted(name, folder), Engine(), Changes(), Where(root=root))
        report(name, show=True, root=root)


def _trial(root: Path | None, assignment: str) -> Path:
    """Return a folder for a class that does not exist, with the assignment in it, apart from any real class."""
    classroom = open_class(root)
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
    from utils.files import write_whole

    classroom = open_class(root, database)
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

    classroom = open_class(root, database)
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

    classroom = open_class(root, database)
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

    classroom = open_class(root, database)
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
    app.command(name="grade")(grade_command)
    app.command(name="class")(make)
    app.command()(report)
    app.command()(feedback)
    app.command()(export)
    app.command()(verify)


app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
register(app)
