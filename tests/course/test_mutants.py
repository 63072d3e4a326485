"""Slips made by rule: each is code, each differs from the solution in one place, and the common ones are among them."""

from __future__ import annotations

import ast

import pytest

from utils.course.mutants import mutant_sources
from utils.course.notebooks import course_root, read_notebook, topics

SOLUTION = '''
import math


def scores(values: list[float], weights: list[float], scale: float = 0.5) -> list[float]:
    """Return the mean of 1 and 2."""
    if len(values) < 2 or not weights:
        raise ValueError(f"values are {len(values) + 1}")
    total = 0
    for value, weight in zip(values, weights, strict=True):
        if value is None:
            continue
        total += math.log(value) * weight
    with open("x"):
        total -= sum(one for one in values[1:] if one > 0)
    return [total, scale] if total > 0 else [-total, max(total, scale)]
'''


def function(source: str) -> ast.FunctionDef:
    found = ast.parse(source).body[1]
    assert isinstance(found, ast.FunctionDef)
    return found


@pytest.mark.parametrize(
    ("slip", "where"),
    [
        ("Lt -> LtE", "len(values) <= 2 or not weights"),
        ("Lt -> Gt", "len(values) > 2 or not weights"),
        ("and <-> or", "len(values) < 2 and (not weights)"),
        ("without its part 2", "if len(values) < 2:"),
        ("without Not", "len(values) < 2 or weights"),
        ("never", "if False:"),
        ("2 -> 3", "len(values) < 3"),
        ("values -> weights", "len(weights) < 2"),
        ("two arguments swapped", "zip(weights, values, strict=True)"),
        ("without strict=", "zip(values, weights)"),
        ("without the last", "list(zip(values, weights, strict=True))[:-1]"),
        ("continue -> break", "break"),
        ("assigned, not added to", "total = math.log(value) * weight"),
        ("log -> log2", "math.log2(value)"),
        ("the argument itself", "total += value * weight"),
        ("only what stands left", "total += math.log(value)\n"),
        ("without with", "if True:\n        total -= sum"),
        ("without the lower bound", "values[:]"),
        ("without its if", "one for one in values[1:])"),
        ("sum -> mean", "mean("),
        ("a pair swapped", "return [scale, total]"),
        ("always the other", "return [-total, max(total, scale)]"),
        ("max -> min", "min(total, scale)"),
        ("without this line", "pass"),
    ],
)
def test_a_common_slip_is_among_them(slip: str, where: str) -> None:
    made = [source for title, source in mutant_sources(SOLUTION) if title.startswith(slip)]
    assert any(where in source for source in made), made


def test_a_slip_changes_neither_names_nor_what_is_said() -> None:
    original = function(SOLUTION)
    sources = [source for _, source in mutant_sources(SOLUTION)]
    assert len(sources) == len(set(sources)) > 70
    for source in sources:
        changed = function(source)
        assert source != ast.unparse(ast.parse(SOLUTION)) + "\n"
        assert ast.get_docstring(changed) == ast.get_docstring(original)
        assert ast.dump(changed.args).replace("1.0", "0.5").replace("0.25", "0.5").replace("0.0", "0.5") == ast.dump(
            original.args
        )
        assert "len(values) + 1" in source


def test_a_title_names_the_line() -> None:
    titles = [title for title, _ in mutant_sources("def f(x):\n    y = x + 1\n    return y\n")]
    assert "Add -> Sub: y = x + 1" in titles
    assert "without this line: return y" in titles


@pytest.mark.parametrize("topic", topics(course_root()), ids=lambda topic: topic.number)
def test_every_exercise_has_slips_that_compile(topic) -> None:
    for exercise in read_notebook(topic.source).exercises:
        for position, (_, source) in enumerate(mutant_sources(exercise.solution.source)):
            if position % 25 == 0:  # each is the same tree but for one node
                compile(source, exercise.name, "exec")
        assert position >= 5, exercise.name
