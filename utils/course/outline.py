"""The table of all exercises, from the scripts and the exercises' files: what `course progress` counts against."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from utils.course.errors import CourseError
from utils.course.notebooks import Topic
from utils.notebook.exercise_files import ExerciseFileError, read_exercise

_TITLE = re.compile(r"^# # (.+)$", re.MULTILINE)
_MARKER = re.compile(r'^# %% exercise="(\w+)"', re.MULTILINE)
# The line that heads an exercise; a line break may stand anywhere in it.
_STATED = re.compile(r"\*Difficulty\s\d\sof\s5,\s(\d+)\sminutes?")
_COMMENT = re.compile(r"^# ?", re.MULTILINE)


def outline_path(root: Path) -> Path:
    """Return where the table lies in a checkout."""
    return root / "utils" / "notebook" / "outline.json"


def stated_minutes(script: str) -> list[int]:
    """Return the minutes that a script states above its exercises, in order."""
    return [int(found) for found in _STATED.findall(" ".join(_COMMENT.sub("", script).split()))]


def outlined(topic: Topic) -> dict[str, object]:
    """Return a notebook's entry: folder, title, and for each exercise its name, points and stated minutes.

    Raises:
        CourseError: the script or an exercise's file cannot be read.
    """
    try:
        script = topic.script.read_text(encoding="utf-8")
        names = _MARKER.findall(script)
        exercises = [read_exercise(topic.exercises / f"{name}.py") for name in names]
    except (OSError, UnicodeDecodeError, ExerciseFileError) as error:
        raise CourseError(str(error)) from None
    minutes: Sequence[int | None] = stated_minutes(script)
    if len(minutes) != len(names):
        minutes = [None] * len(names)  # which belongs to which cannot be told
    title = found[1] if (found := _TITLE.search(script)) else topic.name
    rows = [
        [exercise.name, sum(test.points for test in exercise.graded), time]
        for exercise, time in zip(exercises, minutes, strict=True)
    ]
    return {"folder": topic.name, "title": title, "exercises": rows}


def outline(topics: Sequence[Topic]) -> bytes:
    """Return the bytes of the table: a line for each exercise."""
    parts = []
    for topic in topics:
        entry = outlined(topic)
        exercises = entry["exercises"]
        assert isinstance(exercises, list)
        lines = ",\n   ".join(json.dumps(row, ensure_ascii=False) for row in exercises)
        head = f'"folder": {json.dumps(entry["folder"])}, "title": {json.dumps(entry["title"], ensure_ascii=False)}'
        parts.append(f' {{{head}, "exercises": [\n   {lines}\n ]}}' if lines else f' {{{head}, "exercises": []}}')
    return ("[\n" + ",\n".join(parts) + "\n]\n").encode()
