"""One exercise, one file: parts are read as they are written, and a test is pasted with what it uses and no more."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from utils.course.errors import CourseError
from utils.course.pasting import cell_of, function_body, indented, pasted
from utils.notebook.exercise_files import ExerciseFileError, find_exercise, parse_exercise

TEXT = '''\
"""Exercise `twice`."""

# %% solution
import math
from decimal import Decimal


def twice(x):
    """Return 2 x."""
    return _helped(x)


def _helped(x):
    return 2 * x

# %% hints
HINTS = ("one", "two")
EXPLANATION = "Because."

# %% helpers
import itertools
from utils.notebook.checks import AnyOf, check

# How many cases.
COUNT = 3


def numbers():
    return range(COUNT)


def unused():
    return itertools.count()


LONG = """first
    second
third"""

# %% examples
def examples(check):
    check(lambda: twice(2), 4, "twice(2)")

# %% graded: 2 points | whole numbers
def test_whole() -> None:
    """Not pasted."""
    # A comment stays.
    for x in numbers():
        check(lambda: twice(x), 2 * x, f"twice({x})")
    assert math.pi > 3

# %% graded: 1 point | texts
def test_texts() -> None:
    check(lambda: twice(LONG), LONG * 2, "a text")
'''


def exercise():
    return parse_exercise(Path("twice.py"), TEXT)


def test_parts_are_read_as_written() -> None:
    found = exercise()
    assert found.names == ("twice",)
    assert found.hints == ("one", "two")
    assert found.explanation == "Because."
    assert [(test.points, test.says) for test in found.graded] == [(2, "whole numbers"), (1, "texts")]


def test_a_test_is_pasted_with_the_imports_and_helpers_it_uses_and_no_others() -> None:
    body = pasted(exercise(), exercise().graded[0].source)
    assert "# How many cases.\nCOUNT = 3" in body
    assert "def numbers():" in body
    assert "# A comment stays." in body
    assert "import math" in body, "imports of the solution serve too"
    for absent in ("unused", "itertools", "AnyOf", "Decimal", "LONG", "Not pasted", "def test_"):
        assert absent not in body
    names = {"twice": lambda x: 2 * x}
    exec(cell_of(body, "graded_test"), names)
    assert "COUNT" not in names, "a test's names must not land in the notebook"


def test_texts_over_several_lines_keep_every_space() -> None:
    cell = cell_of(pasted(exercise(), exercise().graded[1].source), "graded_test")
    (text,) = [
        node.value
        for node in ast.walk(ast.parse(cell))
        if isinstance(node, ast.Constant) and "second" in str(node.value)
    ]
    assert text == "first\n    second\nthird"
    exec(cell, {"twice": lambda x: 2 * x})


def test_indenting_and_taking_the_body_are_inverse() -> None:
    body = 'x = 1\nif x:\n    y = """a\n  b"""\n\nprint(x)'
    assert function_body("def test_x() -> None:\n" + indented(body)) == body


def test_a_test_that_uses_what_only_the_solution_has_is_refused() -> None:
    text = TEXT.replace("assert math.pi > 3", "assert _helped(1) == 2")
    found = parse_exercise(Path("twice.py"), text)
    with pytest.raises(CourseError, match="'_helped' of the solution"):
        pasted(found, found.graded[0].source)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("# %% hints", "# %% hint", "heads no part"),
        ("# %% hints", "# %% examples", "a part 'examples' already"),
        ("| whole numbers", "", "write `# %% graded: 2 points"),
        ("def test_whole()", "def whole()", "one function named test_"),
        ("for x in numbers():", "for x in numbers()", "line 48"),
        ("# %% solution", "# %% helpers", "no part `# %% solution`"),
    ],
)
def test_another_form_is_refused_with_the_line(old: str, new: str, said: str) -> None:
    with pytest.raises(ExerciseFileError, match=said):
        parse_exercise(
            Path("twice.py"),
            TEXT.replace(old, new, 1).replace("# %% helpers", "# %% diagnoses", 1)
            if "solution`" in said
            else TEXT.replace(old, new, 1),
        )


def test_an_unknown_exercise_is_named_with_those_there_are() -> None:
    assert find_exercise("softmax").name == "softmax"
    with pytest.raises(ExerciseFileError, match=r"'nothing' is unknown; there are: .*softmax"):
        find_exercise("nothing")
