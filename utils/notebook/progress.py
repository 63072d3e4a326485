"""How far the learner is: exercises answered and passed, points, the next step, and the minutes that are left.

A visible test notes what it found in the learner's own file (`learner_file`); `course progress` and the start notebook
read it. Points are those of exercises whose visible tests pass; the graded tests of a class look further.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from utils.notebook.learner_file import LearnerFileError, change_learner, is_kept, learner_file, now, read_learner
from utils.notebook.outline import OutlinedExercise, OutlinedNotebook, course_outline

NOTED = ("passed", "failed", "open")


def note_test(name: str, status: str) -> None:
    """Note what a visible test found, when a person ran it.

    Args:
        name: the exercise.
        status: the card's: "passed", "failed", "open" or "stopped" (nothing was tried, so nothing is noted).
    """
    if is_kept():
        note_tests({name: status})


def note_tests(statuses: Mapping[str, str]) -> None:
    """Note what visible tests found, by the exercise's name; names that the course does not know are left out."""
    known = {one.name: (notebook, one) for notebook in course_outline() for one in notebook.exercises}
    news = {name: status for name, status in statuses.items() if name in known and status in NOTED}
    if not news:
        return

    def change(found: dict[str, Any]) -> None:
        exercises, when = found.setdefault("exercises", {}), now()
        for name, status in news.items():
            notebook, exercise = known[name]
            entry = exercises.setdefault(name, {"first": when, "tried": 0})
            entry.update(notebook=notebook.number, points=exercise.points, last=when)
            if status == "open":
                # An answer that was there before is not lost by running a fresh copy of the notebook.
                entry.setdefault("status", "open")
                continue
            entry["status"], entry["tried"] = status, _count(entry) + 1
            if status == "passed":
                entry.setdefault("passed", when)

    change_learner(change)


def _count(entry: Mapping[str, Any]) -> int:
    tried = entry.get("tried", 0)
    return tried if isinstance(tried, int) else 0


@dataclass(frozen=True)
class NotebookProgress:
    """How far a notebook is done."""

    notebook: OutlinedNotebook
    statuses: Mapping[str, str]

    def _of(self, status: str) -> list[OutlinedExercise]:
        return [one for one in self.notebook.exercises if self.statuses.get(one.name, "open") == status]

    @property
    def passed(self) -> int:
        """Exercises whose visible tests pass."""
        return len(self._of("passed"))

    @property
    def answered(self) -> int:
        """Exercises that have an answer, right or wrong."""
        return self.passed + len(self._of("failed"))

    @property
    def points(self) -> int:
        """Points of the exercises that pass."""
        return sum(one.points for one in self._of("passed"))

    @property
    def all_points(self) -> int:
        """Points of all exercises."""
        return sum(one.points for one in self.notebook.exercises)

    @property
    def minutes_left(self) -> int:
        """Minutes that the notebook states for the exercises that do not pass yet; without reading."""
        return sum(one.minutes or 0 for one in self.notebook.exercises if self.statuses.get(one.name) != "passed")

    @property
    def next_step(self) -> str:
        """What to do next, the exercise between backticks: mend what fails, else answer the first that is open."""
        if failed := self._of("failed"):
            return f"mend `{failed[0].name}`"
        if waiting := self._of("open"):
            return f"{'answer' if self.answered else 'begin with'} `{waiting[0].name}`"
        return "all visible tests pass"


@dataclass(frozen=True)
class Progress:
    """The learner's progress over the whole course; renders itself in a notebook.

    Attributes:
        notebooks: one entry for each notebook, in order.
        note: a sentence where the file cannot be read, else "".
        kept: where the file is, or "" where it is turned off.
    """

    notebooks: Sequence[NotebookProgress]
    note: str = ""
    kept: str = ""

    @property
    def total(self) -> str:
        """The sum in one line."""
        passed = sum(one.passed for one in self.notebooks)
        exercises = sum(len(one.notebook.exercises) for one in self.notebooks)
        points, of = sum(one.points for one in self.notebooks), sum(one.all_points for one in self.notebooks)
        minutes = sum(one.minutes_left for one in self.notebooks)
        return (
            f"{passed} of {exercises} exercises pass, {points} of {of} points; about {hours(minutes)} of exercises left"
        )

    @property
    def explanation(self) -> str:
        """How the numbers come about and where they are kept."""
        where = f"Kept in {self.kept} and sent nowhere" if self.kept else "Nothing is kept: COURSE_PROGRESS is off"
        return (
            "Points are those of exercises whose visible tests pass; graded tests look further. The time is the sum of "
            f"the minutes that each notebook states for the exercises still to pass, without reading. {where}."
        )

    def rows(self) -> Iterable[tuple[str, str, str, str, str, str]]:
        """Yield for each notebook: its title, answered, passed, points, time left, next step."""
        for one in self.notebooks:
            many = len(one.notebook.exercises)
            yield (
                one.notebook.title,
                f"{one.answered} of {many}",
                f"{one.passed} of {many}",
                f"{one.points} of {one.all_points}",
                hours(one.minutes_left) if one.minutes_left else "-",
                one.next_step,
            )

    def __repr__(self) -> str:
        lines = [
            f"{title}: {answered} answered, {passed} passed, {points} points, {left} left; next: {step}"
            for title, answered, passed, points, left, step in self.rows()
        ]
        return "\n".join([line for line in (self.note, *lines, self.total, self.explanation) if line])

    def _repr_html_(self) -> str:
        from utils.notebook.cards import inline_html

        head = "".join(f"<th scope='col' style='text-align:left'>{one}</th>" for one in COLUMNS)
        body = "".join(
            "<tr>"
            + f"<th scope='row' style='text-align:left'>{html.escape(title)}</th>"
            + "".join(f"<td style='text-align:left'>{inline_html(cell)}</td>" for cell in cells)
            + "</tr>"
            for title, *cells in self.rows()
        )
        said = "".join(f"<p>{html.escape(one)}</p>" for one in (self.note, f"{self.total}.", self.explanation) if one)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{said}"


COLUMNS = ("notebook", "answered", "passed", "points", "time left", "next step")


def hours(minutes: int) -> str:
    """Return minutes as people say them: "25 min", "2 h 05 min"."""
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def my_progress() -> Progress:
    """Return the learner's progress, from their own file.

    A file that cannot be read is left as it is; then nothing counts as done, and a note says why.
    """
    note, found = "", {}
    try:
        found = read_learner()
    except LearnerFileError as error:
        note = f"{error}; so nothing below counts as done. The file was not changed."
    statuses = {name: str(entry.get("status", "open")) for name, entry in found.get("exercises", {}).items()}
    path = learner_file()
    kept = str(path) if path is not None else ""
    return Progress([NotebookProgress(one, statuses) for one in course_outline()], note, kept)
