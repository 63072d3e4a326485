"""Graded cells see what stands before them in the notebook, nothing after, and give what nbgrader would give."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest

from tests.grading.core.course_notebook import as_bytes
from utils.course.grading import AssignmentSpec, SandboxPool, SpecError, SubmissionResult, grade_submission
from utils.course.grading.notebooks import executed_notebook

RIGHT = "def add(a, b):\n    return a + b\n"
WRONG = "def add(a, b):\n    return a - b\n"
STUB = "def add(a, b):\n    raise NotImplementedError\n"
TEST = "assert add(1, 2) == 3, 'one and two'"


def cell(source: str, grade_id: str = "", points: float | None = None, number: list[int] = [0]) -> Any:  # noqa: B006
    number[0] += 1
    made = nbformat.v4.new_code_cell(source, id=f"c{number[0]}")
    if grade_id:
        data = {"grade": points is not None, "solution": points is None, "locked": points is not None}
        made.metadata["nbgrader"] = {"schema_version": 3, "task": False, "grade_id": grade_id, **data}
        if points is not None:
            made.metadata["nbgrader"]["points"] = points
    return made


def source(*tests: str, answer: str = RIGHT, grade_id: str = "add", points: float = 2.0) -> AssignmentSpec:
    """Return an assignment with one exercise and these graded cells."""
    graded = [cell(test, f"add-{number}", points) for number, test in enumerate(tests, 1)]
    notebook = nbformat.v4.new_notebook(cells=[cell(answer, grade_id), *graded])
    return AssignmentSpec.from_dict_notebook(notebook, "05_adding")


def answer(text: str) -> Any:
    return cell(text, "add")


def graded(number: int, text: str = TEST) -> Any:
    return cell(text, f"add-{number}", 2.0)


def result_of(pool: SandboxPool, spec: AssignmentSpec, *cells: Any) -> SubmissionResult:
    return grade_submission(as_bytes(nbformat.v4.new_notebook(cells=list(cells))), spec, pool)


def points(pool: SandboxPool, *cells: Any, spec: AssignmentSpec | None = None) -> list[float]:
    """Return the points of the graded cells of a submission."""
    return [found.points for found in result_of(pool, spec or source(TEST, TEST), *cells).cells.values()]


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        pytest.param([answer(RIGHT), graded(1), graded(2), cell(WRONG)], [2, 2], id="own-wrong-cell-after"),
        pytest.param([answer(WRONG), graded(1), graded(2), cell(RIGHT)], [0, 0], id="own-right-cell-after"),
        pytest.param([answer(RIGHT), graded(1), graded(2), answer(WRONG)], [2, 2], id="wrong-copy-after"),
        pytest.param([answer(WRONG), graded(1), graded(2), answer(RIGHT)], [0, 0], id="right-copy-after"),
        pytest.param([answer(STUB), graded(1), graded(2), answer(RIGHT)], [0, 0], id="stub-then-right-copy-after"),
        pytest.param(
            [answer(RIGHT), graded(1), graded(2), answer("print(add(1, 2))")], [2, 2], id="scratch-copy-after"
        ),
        pytest.param([answer(RIGHT), graded(1), cell(WRONG), graded(2)], [2, 0], id="own-cell-between-tests"),
        pytest.param([answer(WRONG), cell(RIGHT), graded(1), graded(2)], [2, 2], id="own-cell-before-tests"),
        pytest.param([cell(RIGHT), answer("print(add(1, 2))"), graded(1), graded(2)], [2, 2], id="definition-above"),
        pytest.param([cell(RIGHT), answer("# see above"), graded(1), graded(2)], [2, 2], id="comment-in-its-cell"),
        pytest.param([cell(RIGHT), answer(STUB), graded(1), graded(2)], [0, 0], id="stub-over-a-definition-above"),
        pytest.param([answer(RIGHT), answer("print(add(1, 2))"), graded(1), graded(2)], [2, 2], id="split-cell"),
        pytest.param(
            [answer("import math"), answer(RIGHT), graded(1), graded(2)], [2, 2], id="split-cell-import-first"
        ),
        pytest.param(
            [
                answer("def help_add(a, b):\n    return a + b"),
                cell("x = 1"),
                answer(RIGHT.replace("a + b", "help_add(a, b)")),
                graded(1),
                graded(2),
            ],
            [2, 2],
            id="split-cell-around-an-own-one",
        ),
        pytest.param([answer(STUB), answer(RIGHT), graded(1), graded(2)], [2, 2], id="stub-and-answer"),
        pytest.param([answer(RIGHT), answer(STUB), graded(1), graded(2)], [2, 2], id="pasted-stub"),
        pytest.param([graded(2), graded(1), answer(RIGHT)], [2, 2], id="reordered"),
        pytest.param([answer(RIGHT), graded(2)], [2, 2], id="deleted-test"),
        pytest.param([answer(RIGHT), graded(1), cell("import os\nos._exit(3)"), graded(2)], [2, 2], id="crash-between"),
    ],
)
def test_graded_cells_see_what_ran_before_them(pool: SandboxPool, cells: list[Any], expected: list[float]) -> None:
    assert points(pool, *cells) == expected


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        ("0.5", 0.5),
        ("1", 1.0),
        ("2", 2.0),
        ("0", 0.0),
        ("True", 2.0),
        ("'1'", 2.0),
        ("1.5;", 2.0),
        ("None", 2.0),
        ("float('nan')", 0.0),
        ("float('inf')", 0.0),
        ("-1", 0.0),
        ("2.5", 0.0),
    ],
)
def test_a_test_that_ends_in_a_number_gives_so_many_points(pool: SandboxPool, ending: str, expected: float) -> None:
    spec = source(f"{TEST}\n{ending}")
    result = result_of(pool, spec, answer(RIGHT), graded(1))
    assert [found.points for found in result.cells.values()] == [expected]
    assert any(flag.startswith("points:") for flag in result.flags) == (
        ending in ("float('nan')", "float('inf')", "-1", "2.5")
    )
    from nbgrader.utils import determine_grade

    node = nbformat.from_dict(executed_notebook(result, spec))
    assert determine_grade(node.cells[-1])[0] == expected, "nbgrader reads another number of points"


@pytest.mark.sandbox
def test_partial_credit_comes_from_the_authors_cell_only(pool: SandboxPool) -> None:
    """A number that the learner's code displays, or leaves at the end of a cell, is no point."""
    shows = "from IPython.display import display\nimport sys\ndisplay(2.0)\nsys.displayhook(2.0)\n2.0"
    assert points(pool, answer(f"{WRONG}\n{shows}"), cell(shows), graded(1, f"{TEST}\n2.0"), graded(2)) == [0, 0]


def test_a_solution_cell_that_does_not_define_its_name_is_refused() -> None:
    with pytest.raises(
        SpecError, match="solution cell 'exercise-1' of 05_adding does not define `exercise-1` but `add`"
    ):
        source(TEST, grade_id="exercise-1")
    with pytest.raises(SpecError, match="does not define `add` but nothing"):
        source(TEST, answer="add = 3")
    assert source(TEST, answer="from operator import add").exercises[0].names == ("add",)
    assert source(TEST, answer="add = lambda a, b: a + b").exercises[0].names == ("add",)


@pytest.mark.sandbox
@pytest.mark.parametrize(
    "line",
    [
        "%matplotlib inline",
        "%gui asyncio",
        "exit",
        "import asyncio\nawait asyncio.sleep(0)",
        "async def wait():\n    return 1\nkept = await wait()",
        "from IPython.display import HTML, display\ndisplay(HTML('<b>x</b>'))",
        "%precision 3",
    ],
)
def test_a_cell_may_ask_what_a_kernel_answers(pool: SandboxPool, line: str) -> None:
    result = result_of(pool, source(TEST), answer(f"{line}\n{RIGHT}"), graded(1))
    assert [found.points for found in result.cells.values()] == [2.0], result.observations
    assert result.observations["cell_errors"] == {}


@pytest.mark.sandbox
def test_a_timed_cell_defines_what_it_defines(pool: SandboxPool) -> None:
    assert points(pool, answer(f"%%time\n{RIGHT}"), graded(1), graded(2)) == [2, 2]


@pytest.mark.sandbox
def test_input_says_that_nobody_is_there(pool: SandboxPool) -> None:
    result = result_of(pool, source(TEST), answer(f"n = input('n?')\n{RIGHT}"), graded(1))
    assert "input() has nobody to ask" in result.cells["add-1"].message
