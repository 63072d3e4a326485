"""The solution of an exercise with its explanation, for those who learn by themselves."""

from __future__ import annotations

import html
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from utils.notebook.cards import inline_html
from utils.notebook.exercise_files import find_exercise
from utils.paths import settings_file

_MARKS = re.compile(r"^[ \t]*### (?:BEGIN|END) SOLUTION[ \t]*\n", re.MULTILINE)


class SolutionsHiddenError(PermissionError):
    """The course's settings say that learners do not see solutions."""


@dataclass(frozen=True)
class Solution:
    """A solution as text: folded in a notebook, plain in a terminal."""

    name: str
    code: str
    explanation: str

    def __repr__(self) -> str:
        return f"{self.code}\n\n{self.explanation}".strip()

    def _repr_html_(self) -> str:
        paragraphs = "".join(f"<p>{inline_html(text)}</p>" for text in self.explanation.split("\n\n") if text.strip())
        return (
            f"<details><summary>A solution of <code>{html.escape(self.name)}</code></summary>"
            f"<pre style='white-space:pre-wrap'>{html.escape(self.code)}</pre>{paragraphs}</details>"
        )


def shows_solutions(path: Path) -> bool:
    """Return the setting `show_solutions` of a pyproject.toml's table [tool.course]; true where there is none."""
    if not path.is_file():
        return True
    with path.open("rb") as stream:
        return bool(tomllib.load(stream).get("tool", {}).get("course", {}).get("show_solutions", True))


def solution(name: str) -> Solution:
    """Return a solution with its explanation.

    Args:
        name: the exercise, such as "softmax".

    Raises:
        SolutionsHiddenError: the instructor has switched solutions off.
        ExerciseFileError: there is no such exercise.
    """
    if not shows_solutions(settings_file()):
        raise SolutionsHiddenError("solutions are switched off in this course (show_solutions in pyproject.toml)")
    exercise = find_exercise(name)
    code = _MARKS.sub("", exercise.parts["solution"] + "\n").strip()
    return Solution(name, code, exercise.explanation)
