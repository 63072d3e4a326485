"""Start a notebook or an exercise: files in the right place, in a form that builds, for an author to fill."""

from __future__ import annotations

import re
from pathlib import Path

from utils.course.contract import ContractRow, Signature, load_contract
from utils.course.errors import CourseError
from utils.course.notebooks import Topic

_NUMBER = re.compile(r"\d\d$")
_NAME = re.compile(r"[a-z][a-z_]*$")

_SCRIPT = """\
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

# %% [markdown]
# # {number} {title}
#
# What this notebook is about, in three sentences. What you need, and how long it takes.
#
# **You will learn to**
#
# - ...

# %% tags=["setup"]
from utils.notebook import Verdicts, setup

budget, verdicts = setup(), Verdicts()

# %% [markdown]
# ## 1 The first idea
#
# **What the chapter claims.** ...

# %% [markdown]
# ## What was measured

# %% tags=["experiment"]
verdicts
"""

_CLOSING = "\n# %% [markdown]\n# ## What was measured\n"

_MARKER = """\

# %% [markdown]
# ### Exercise: `{name}`
#
# *Difficulty 2 of 5, 15 minutes.* What is given, what is due, what is refused.

# %% exercise="{name}"
"""

_EXERCISE = '''\
"""Exercise {quoted}: what it is about, in a sentence."""


# %% solution
{solution}


# %% hints
HINTS = (
    "A nudge: which idea is needed?",
    "Nearly everything: the steps, in words.",
)
EXPLANATION = """
What the solution does and why it works, in two to five sentences.
"""


# %% helpers
from utils.notebook.checks import Diagnosis, check


# %% examples
def examples(check):
    check(lambda: {call}, None, "the simplest case")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    return {{"the simplest case": Diagnosis(otherwise="What is most likely wrong, in a sentence.")}}


# %% graded: 1 point | the common mistakes
def test_common_mistakes() -> None:
    check(
        lambda: {call},
        None,
        "the simplest case",
        mistakes={{}},
        otherwise="What is most likely wrong, in a sentence.",
    )
'''

_ANSWERS = '''\
"""Answers to {quoted}: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: written in another way
{right}

# %% wrong: the most plausible misconception | expects: words of the hint
{wrong}
'''


def _write_new(path: Path, text: str) -> Path:
    """Write a file that must not be there yet.

    Raises:
        CourseError: it is there, or cannot be written.
    """
    if path.exists():
        raise CourseError(f"{path} is there already; nothing was changed")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CourseError(f"{path} cannot be written: {error.strerror}") from None
    return path


def new_topic(root: Path, number: str, name: str) -> Path:
    """Write the script of a new notebook and return its path.

    Args:
        root: the checkout.
        number: two digits, such as "04".
        name: words joined by underscores, such as "scaling_laws".

    Raises:
        CourseError: the number or name has another form, or the number is taken.
    """
    if not _NUMBER.match(number):
        raise CourseError(f"number {number!r} must be two digits, such as 04")
    if not _NAME.match(name):
        raise CourseError(f"topic {name!r} must be lower-case words joined by underscores, such as scaling_laws")
    if taken := sorted((root / "solutions").glob(f"{number}_*")):
        raise CourseError(f"{taken[0]} is there already; nothing was changed")
    topic = Topic(root, f"{number}_{name}")
    return _write_new(topic.script, _SCRIPT.format(number=number, title=name.replace("_", " ").capitalize()))


def _stub(signature: Signature, body: str) -> str:
    arguments = ", ".join(signature.parameters or ())
    if signature.name[0].isupper():
        inner = f"    def __init__(self{', ' if arguments else ''}{arguments}):\n        {body}"
        return f'class {signature.name}:\n    """What it is."""\n\n{inner}'
    return f'def {signature.name}({arguments}):\n    """Return what is due."""\n    {body}'


def _solution(row: ContractRow, body: str) -> str:
    return "\n\n\n".join(_stub(signature, body) for signature in row.signatures)


def new_exercise(topic: Topic, name: str) -> list[Path]:
    """Write an exercise's file and its answers, name it in the script, and return the paths.

    Raises:
        CourseError: docs/exercises.md has no row for it under this notebook, or one of the files is there.
    """
    rows = {row.exercise: row for row in load_contract(topic.root) if row.notebook == topic.number}
    if name not in rows:
        there = ", ".join(rows) or "none"
        raise CourseError(
            f"docs/exercises.md has no row for {name!r} under notebook {topic.number} (there are: {there}); "
            "write its row first, since names and signatures there are what others rely on"
        )
    row = rows[name]
    file, answers = topic.exercises / f"{name}.py", topic.answers / f"{name}.py"
    for path in (file, answers):
        if path.exists():
            raise CourseError(f"{path} is there already; nothing was changed")
    quoted = f"`{name}`"
    call = f"{name}({', '.join('...' for one in row.signatures[0].parameters or () if '=' not in one)})"
    marked = "### BEGIN SOLUTION\n    {0}raise NotImplementedError\n    {0}### END SOLUTION"
    stubs = "\n\n\n".join(
        _stub(signature, marked.format("    " if signature.name[0].isupper() else "")) for signature in row.signatures
    )
    _write_new(file, _EXERCISE.format(quoted=quoted, solution=stubs, call=call))
    _write_new(
        answers,
        _ANSWERS.format(
            quoted=quoted, right=_solution(row, "raise NotImplementedError"), wrong=_solution(row, "return 0")
        ),
    )
    script = topic.script.read_text(encoding="utf-8")
    before, closing, after = script.partition(_CLOSING)
    topic.script.write_text(before.rstrip() + "\n" + _MARKER.format(name=name) + closing + after, encoding="utf-8")
    return [file, answers, topic.script]
