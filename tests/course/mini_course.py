"""A course of one small notebook, for tests of the tools: two exercises, one experiment, right and wrong answers."""

from __future__ import annotations

import json
from pathlib import Path

TOPIC = "01_small_topic"

HEADER = """\
# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---
"""


def nbgrader(grade_id: str, *, solution: bool = False, points: int | None = None) -> str:
    """Return nbgrader's cell metadata as it stands in a percent header."""
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
    return "nbgrader=" + json.dumps(metadata, sort_keys=True)


SCRIPT = f'''{HEADER}
# %% [markdown]
# # A small topic

# %% tags=["setup"]
from utils.notebook import setup

budget = setup()

# %%
OFFSET = 1

# %% {nbgrader("add_one", solution=True)}
def add_one(x: int) -> int:
    """Return x + 1."""
    ### BEGIN SOLUTION
    successor_of_the_input = x + OFFSET
    return successor_of_the_input
    ### END SOLUTION


# %% tags=["visible-test"] {nbgrader("add_one-visible")}
from utils.notebook.checks import check

check(lambda: add_one(1), 2, "add_one(1)")

# %% {nbgrader("add_one-1", points=2)}
# Graded: other numbers.
### BEGIN HIDDEN TESTS
from utils.notebook.checks import check

check(lambda: add_one(41), 42, "add_one(41)", mistakes={{"You doubled instead of adding.": 82}})
### END HIDDEN TESTS

# %% tags=["experiment", "row-1"]
print("an experiment that grading skips")

# %% course={{"names": ["halve", "double"]}} {nbgrader("halve", solution=True)}
def halve(x: float) -> float:
    """Return half of x."""
    ### BEGIN SOLUTION
    return x / 2
    ### END SOLUTION


def double(x: float) -> float:
    """Return twice x."""
    ### BEGIN SOLUTION
    return x * 2
    ### END SOLUTION


# %% tags=["visible-test"] {nbgrader("halve-visible")}
from utils.notebook.checks import check

check(lambda: halve(4), 2, "halve(4)")

# %% {nbgrader("halve-1", points=1)}
# Graded: odd numbers.
### BEGIN HIDDEN TESTS
from utils.notebook.checks import check

check(lambda: halve(5), 2.5, "halve(5)", mistakes={{"Integer division loses the half.": 2}})
### END HIDDEN TESTS

# %% {nbgrader("halve-2", points=1)}
# Graded: both together.
### BEGIN HIDDEN TESTS
from utils.notebook.checks import check

check(lambda: double(halve(7)), 7, "double(halve(7))")
### END HIDDEN TESTS
'''

ANSWERS = {
    "add_one": '''\
"""Answers to `add_one`."""
# %% right: the other way round
def add_one(x):
    return 1 + x
# %% wrong: doubles | expects: doubled
def add_one(x):
    return 2 * x
# %% wrong: nothing comes back | expects: return
def add_one(x):
    print(x + 1)
# %% wrong: never ends | expects: did not end
def add_one(x):
    while True:
        pass
# %% wrong: leaves | expects: ended the process
import os
def add_one(x):
    os._exit(0)
''',
    "halve": '''\
"""Answers to `halve` and `double`."""
# %% right: by multiplication
def halve(x):
    return 0.5 * x
def double(x):
    return x + x
# %% wrong: integer division | expects: integer division
def halve(x):
    return x // 2
def double(x):
    return x * 2
''',
}


def write_course(root: Path, script: str = SCRIPT, answers: dict[str, str] | None = None) -> Path:
    """Write the small course's sources under `root` and return it."""
    (root / "solutions" / TOPIC).mkdir(parents=True)
    (root / "notebooks").mkdir()
    (root / "solutions" / TOPIC / f"{TOPIC}.py").write_text(script, encoding="utf-8")
    folder = root / "tests" / "answers" / "01"
    folder.mkdir(parents=True)
    for name, text in (ANSWERS if answers is None else answers).items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return root
