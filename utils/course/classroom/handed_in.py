"""What a class has handed in, one submission a learner, read one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from utils.course.errors import CourseError
from utils.course.grading import Limits, Submission

TIMESTAMP = "timestamp.txt"


@dataclass(frozen=True)
class HandedIn:
    """A learner's newest submission.

    Attributes:
        learner: their id.
        submitted_at: when it came, as the collecting side says, or None.
        read: reads the bytes when they are needed.
    """

    learner: str
    submitted_at: str | None
    read: Callable[[], Submission] = field(repr=False)


def handed_in(path: Path, assignment: str, limits: Limits) -> list[HandedIn]:
    """List the submissions of a folder, by learner.

    Raises:
        CourseError: there is no such folder, or nothing was handed in.
    """
    if not path.exists():
        raise CourseError(f"{path} does not exist: give the folder or the zip that holds the submissions")
    found = {one.learner: one for one in _folder(path, assignment, limits)}
    if not found:
        raise CourseError(f"{path} holds no submission of {assignment}")
    return [found[learner] for learner in sorted(found)]


def _folder(path: Path, assignment: str, limits: Limits) -> Iterator[HandedIn]:
    for entry in sorted(path.iterdir()):
        if entry.is_symlink() or entry.name.startswith("."):
            continue
        if entry.is_file() and entry.suffix == ".ipynb":
            yield HandedIn(entry.stem, None, lambda entry=entry: Submission.from_path(entry, limits))
        elif entry.is_dir():
            place = entry / assignment if (entry / assignment).is_dir() else entry
            notebooks = sorted(place.glob("*.ipynb"))
            if notebooks:
                stamp = place / TIMESTAMP
                when = stamp.read_text(encoding="utf-8").strip() if stamp.is_file() else None
                chosen = notebooks[0]
                yield HandedIn(entry.name, when or None, lambda chosen=chosen: Submission.from_path(chosen, limits))
