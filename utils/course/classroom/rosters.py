"""Lists of learners that learning platforms export: Canvas's gradebook and Moodle's grading worksheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from utils.course.errors import CourseError

_SEPARATORS = (",", ";", "\t")
_PARTICIPANT = re.compile(r"(\d+)\s*$")

CANVAS_IDENTITY = (
    *("Student", "LastName", "FirstName", "ID", "SIS User ID", "SIS Login ID", "Root Account", "Integration ID"),
    "Section",
)
"""Columns of a Canvas gradebook that say who somebody is; all others hold grades."""


@dataclass(frozen=True)
class Roster:
    """A platform's table as it was exported.

    Attributes:
        path: of the file.
        platform: "canvas" or "moodle".
        separator: between its cells, which the platform expects back.
        columns: its header.
        rows: its lines, as many cells each as there are columns.
    """

    path: Path
    platform: str
    separator: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def cell(self, row: tuple[str, ...], column: str) -> str:
        """Return a cell of a line, empty where there is no such column."""
        return row[self.columns.index(column)].strip() if column in self.columns else ""

    def people(self) -> list[tuple[str, ...]]:
        """Return the lines that are learners: not Canvas's line of possible points, nor its test student."""
        if self.platform == "moodle":
            return [row for row in self.rows if any(row)]
        return [row for row in self.rows if self.cell(row, "ID")]

    def name(self, row: tuple[str, ...]) -> str:
        """Return a learner's name for people."""
        if self.platform == "moodle":
            return self.cell(row, "Full name") or self.cell(row, "Identifier")
        both = (self.cell(row, "LastName"), self.cell(row, "FirstName"))
        return self.cell(row, "Student") or ", ".join(part for part in both if part) or self.cell(row, "ID")


def read_roster(path: Path) -> Roster:
    """Read a platform's table, whichever separator it has.

    Raises:
        CourseError: it cannot be read, or is neither of the two.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"roster {path} cannot be read: {error}") from None
    for separator in _SEPARATORS:
        try:
            lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
        except csv.Error as error:
            raise CourseError(f"roster {path} cannot be read: {error}") from None
        header = tuple(name.strip() for name in lines[0]) if lines else ()
        platform = _platform(header)
        if platform:
            width = len(header)
            rows = tuple(tuple((line + [""] * width)[:width]) for line in lines[1:] if any(line))
            return Roster(path, platform, separator, header, rows)
    raise CourseError(
        f"roster {path} is no export of a Canvas gradebook (it lacks the columns Student, or LastName and FirstName, "
        "and ID) and no Moodle grading worksheet (Identifier and Grade; download it with Moodle's language set "
        "to English)"
    )


def _platform(header: Iterable[str]) -> str:
    names = set(header)
    if "ID" in names and ("Student" in names or {"LastName", "FirstName"} <= names):
        return "canvas"
    return "moodle" if {"Identifier", "Grade"} <= names else ""


def participant(identifier: str) -> str:
    """Return the number in a worksheet's Identifier, such as 4711 for "Participant 4711"; empty where it has none."""
    found = _PARTICIPANT.search(identifier)
    return found[1] if found else ""


def moodle_learner(roster: Roster, row: tuple[str, ...]) -> str:
    """Return the id of a learner of a worksheet: what stays the same in other assignments, if there is such a thing."""
    return roster.cell(row, "Email address") or roster.cell(row, "ID number") or roster.cell(row, "Identifier")
