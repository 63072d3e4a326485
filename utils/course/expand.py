"""A script names an exercise in one line; here that line becomes the exercise's cells, with nbgrader's metadata."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

from utils.course.errors import CourseError
from utils.course.notebooks import VISIBLE_TEST_TAG
from utils.course.pasting import cell_of, pasted
from utils.notebook.exercise_files import ExerciseFile, ExerciseFileError, read_exercise

MARKER = "exercise"
LONGEST_LINE = 100
MOST_EXAMPLE_LINES = 10

SOLUTION_CELL = """\
# To see a solution and why it works, remove the # of the next line and run this cell.
# from utils.notebook import solution; solution("{name}")"""


def _nbgrader(grade_id: str, *, solution: bool = False, points: int | None = None) -> dict[str, object]:
    metadata: dict[str, object] = {
        "grade": points is not None,
        "grade_id": grade_id,
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    if points is not None:
        metadata["points"] = points
    return metadata


def _wrapped(text: str, start: str = "") -> str:
    """Wrap prose for a browser's column, each line with the same start."""
    lines = textwrap.wrap(" ".join(text.split()), LONGEST_LINE - len(start), break_on_hyphens=False)
    return "\n".join(start + line for line in lines)


def _hints(exercise: ExerciseFile) -> str:
    folded = [
        f"<details><summary>Hint {number}</summary>\n\n{_wrapped(hint)}\n\n</details>"
        for number, hint in enumerate(exercise.hints, start=1)
    ]
    return "\n\n".join(folded)


def _visible_cell(exercise: ExerciseFile) -> str:
    """Return the visible test: examples only; how a wrong value is diagnosed stays in the exercise's file."""
    source = exercise.parts["examples"]
    (function,) = ast.parse(source).body
    if not isinstance(function, ast.FunctionDef) or function.name != "examples":
        raise CourseError(f"{exercise.path.name}: the part `examples` is one function, examples(check)")
    head = f'from utils.notebook import visible_test\n\n\n@visible_test("{exercise.name}")\n'
    cell = head + source
    if (count := len([line for line in cell.split("\n") if line.strip()])) > MOST_EXAMPLE_LINES:
        raise CourseError(f"{exercise.path.name}: the visible test takes {count} lines, more than {MOST_EXAMPLE_LINES}")
    return cell


def exercise_cells(exercise: ExerciseFile, *, show_solution: bool = True) -> Iterator[nbformat.NotebookNode]:
    """Yield an exercise's cells in the notebook's order: hints, solution, visible test, graded tests.

    Raises:
        CourseError: its file's name is not the first name that its solution defines, or a test cannot be pasted.
    """
    if exercise.names[:1] != (exercise.name,):
        found = exercise.names[0] if exercise.names else "nothing"
        raise CourseError(
            f"{exercise.path.name}: the file, and so the grade_id, is named {exercise.name}, but its solution defines "
            f"{found} first: everybody's answer would be missing"
        )
    if not exercise.graded:
        raise CourseError(f"{exercise.path.name} has no part `# %% graded: N points | what it looks at`")
    if "examples" not in exercise.parts:
        raise CourseError(f"{exercise.path.name} has no visible test: write a part `# %% examples`")
    if exercise.hints:
        yield new_markdown_cell(_hints(exercise))
    metadata: dict[str, object] = {"nbgrader": _nbgrader(exercise.name, solution=True)}
    if len(exercise.names) > 1:
        metadata["course"] = {"names": list(exercise.names)}
    yield new_code_cell(exercise.parts["solution"], metadata=metadata)
    yield new_code_cell(
        _visible_cell(exercise),
        metadata={"tags": [VISIBLE_TEST_TAG], "nbgrader": _nbgrader(f"{exercise.name}-visible")},
    )
    for number, test in enumerate(exercise.graded, start=1):
        body = cell_of(pasted(exercise, test.source), "graded_test")
        says = _wrapped(f"Graded: {test.says}", "# ")
        source = f"{says}\n### BEGIN HIDDEN TESTS\n{body}\n### END HIDDEN TESTS"
        yield new_code_cell(source, metadata={"nbgrader": _nbgrader(f"{exercise.name}-{number}", points=test.points)})
    if show_solution and exercise.explanation:
        yield new_code_cell(SOLUTION_CELL.format(name=exercise.name), metadata={"tags": ["solution-offer"]})


def expand(node: nbformat.NotebookNode, folder: Path, *, show_solution: bool = True) -> None:
    """Replace each marker cell of a notebook by the cells of the exercise that it names, in place.

    Args:
        node: a script, read as a notebook.
        folder: where the exercises' files are.
        show_solution: whether learners are offered the solution.

    Raises:
        CourseError: an exercise's file is missing or has no such form, a marker has text of its own, an exercise is
            named twice or by no marker.
    """
    cells, named = [], set()
    for cell in node.cells:
        name = cell.metadata.get(MARKER)
        if name is None:
            cells.append(cell)
            continue
        if cell.source.strip():
            raise CourseError(f"the marker of exercise {name} has lines of its own: {cell.source.strip()[:60]!r}")
        if name in named:
            raise CourseError(f"exercise {name} is named twice")
        named.add(name)
        try:
            exercise = read_exercise(folder / f"{name}.py")
        except ExerciseFileError as error:
            raise CourseError(str(error)) from None
        cells += exercise_cells(exercise, show_solution=show_solution)
    if unnamed := sorted({path.stem for path in folder.glob("*.py")} - named):
        raise CourseError(f"{folder / unnamed[0]}.py is named by no line of the script")
    node.cells = cells
