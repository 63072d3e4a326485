"""What there is to do: the notebooks' exercises in order, with points and minutes, as `course build` wrote them down.

A table beside this file, so that it travels in the wheel, where there are no notebooks to read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

OUTLINE = Path(__file__).with_name("outline.json")


@dataclass(frozen=True)
class OutlinedExercise:
    """An exercise: its name, its points, and the minutes that its notebook states for it, or None."""

    name: str
    points: int
    minutes: int | None


@dataclass(frozen=True)
class OutlinedNotebook:
    """A notebook: its number, the name of its folder, its title, and its exercises in order."""

    number: str
    folder: str
    title: str
    exercises: tuple[OutlinedExercise, ...]


def read_outline(path: Path = OUTLINE) -> tuple[OutlinedNotebook, ...]:
    """Read a table of the course's notebooks."""
    found = json.loads(path.read_text(encoding="utf-8"))
    return tuple(
        OutlinedNotebook(
            one["folder"][:2],
            one["folder"],
            one["title"],
            tuple(OutlinedExercise(name, points, minutes) for name, points, minutes in one["exercises"]),
        )
        for one in found
    )


@cache
def course_outline() -> tuple[OutlinedNotebook, ...]:
    """Return this course's notebooks."""
    return read_outline()
