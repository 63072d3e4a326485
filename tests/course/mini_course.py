"""A course of one small notebook, for tests of the tools: two exercises, one experiment, right and wrong answers."""

from __future__ import annotations

from pathlib import Path

TOPIC = "01_small_topic"

HEADER = """\
# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---
"""


SCRIPT = f"""{HEADER}
# %% [markdown]
# # A small topic

# %% tags=["setup"]
from utils.notebook import setup

budget = setup()

# %%
OFFSET = 1

# %% exercise="add_one"

# %% tags=["experiment", "row-1"]
print("an experiment that grading skips")

# %% exercise="halve"
"""

EXERCISES = {
    "add_one": '''\
"""Exercise `add_one`."""

# %% solution
def add_one(x: int) -> int:
    """Return x + 1."""
    ### BEGIN SOLUTION
    successor_of_the_input = x + OFFSET
    return successor_of_the_input
    ### END SOLUTION

# %% hints
HINTS = ("What comes after 1?", "Use `OFFSET`.")
EXPLANATION = "The offset is added."

# %% helpers
from utils.notebook.checks import Diagnosis, check

# %% examples
def examples(check):
    check(lambda: add_one(1), 2, "add_one(1)")

# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {"add_one(1)": Diagnosis(mistakes={"That is one less.": 0})}

# %% graded: 2 points | other numbers
def test_other_numbers() -> None:
    check(lambda: add_one(41), 42, "add_one(41)", mistakes={"You doubled instead of adding.": 82})
''',
    "halve": '''\
"""Exercise `halve`."""

# %% solution
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

# %% helpers
from utils.notebook.checks import check

# %% examples
def examples(check):
    check(lambda: halve(4), 2, "halve(4)")

# %% graded: 1 point | odd numbers
def test_odd() -> None:
    check(lambda: halve(5), 2.5, "halve(5)", mistakes={"Integer division loses the half.": 2})

# %% graded: 1 point | both together
def test_both() -> None:
    check(lambda: (double(3), double(halve(7))), (6, 7), "double(3), and double(halve(7))")
''',
}

CONTRACT = """\
## 01 small topic

| exercise | contract |
|---|---|
| `add_one(x) -> int` | x + 1 |
| `halve(x)`, `double(x)` | half and twice |
"""

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


def write_course(
    root: Path,
    script: str = SCRIPT,
    answers: dict[str, str] | None = None,
    exercises: dict[str, str] | None = None,
) -> Path:
    """Write the small course's sources under `root` and return it."""
    topic = root / "solutions" / TOPIC
    (topic / "exercises" / "answers").mkdir(parents=True)
    (root / "notebooks").mkdir()
    (root / "docs").mkdir()
    (root / "docs" / "exercises.md").write_text(CONTRACT, encoding="utf-8")
    (topic / f"{TOPIC}.py").write_text(script, encoding="utf-8")
    for name, text in (EXERCISES if exercises is None else exercises).items():
        (topic / "exercises" / f"{name}.py").write_text(text, encoding="utf-8")
    for name, text in (ANSWERS | (answers or {})).items():
        (topic / "exercises" / "answers" / f"{name}.py").write_text(text, encoding="utf-8")
    return root
