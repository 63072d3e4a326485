"""Grades as files that other systems import: nbgrader's own CSV, and the gradebook imports of Canvas and Moodle."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Assignment, Gradebook, Student, SubmittedAssignment
from nbgrader.plugins import CsvExportPlugin
from sqlalchemy.orm import undefer

from utils.course.classroom.store import write_whole
from utils.course.errors import CourseError

FORMATS = ("nbgrader", "canvas", "moodle")


@dataclass(frozen=True)
class StudentRow:
    """A learner as the gradebook knows them, with scores after late penalties by assignment (None: nothing there)."""

    learner: str
    first_name: str
    last_name: str
    email: str
    lms_id: str
    scores: Mapping[str, float | None]


def export_grades(
    gradebook: Gradebook,
    format_: str,
    destination: Path,
    assignments: Sequence[str] = (),
    roster: Path | None = None,
) -> int:
    """Write grades; return how many learners are in the file.

    Args:
        gradebook: open.
        format_: one of FORMATS.
        destination: the file.
        assignments: only these; all where there are none.
        roster: for Canvas, its own export of the gradebook: names, ids and sections are taken from there.

    Raises:
        CourseError: the format or an assignment is unknown, or the roster is no export of Canvas.
    """
    if format_ not in FORMATS:
        raise CourseError(f"format {format_!r} is unknown; there are: {', '.join(FORMATS)}")
    if roster is not None and format_ != "canvas":
        raise CourseError(f"--roster goes with the format canvas, not with {format_}")
    known = [assignment.name for assignment in gradebook.assignments]
    if missing := [name for name in assignments if name not in known]:
        raise CourseError(f"assignment {missing[0]!r} is not in the gradebook; there are: {', '.join(known) or 'none'}")
    chosen = [name for name in known if not assignments or name in assignments]
    if not chosen:
        raise CourseError("the gradebook holds no assignment yet")
    if format_ == "nbgrader":
        destination.parent.mkdir(parents=True, exist_ok=True)
        CsvExportPlugin(to=str(destination), assignment=chosen).export(gradebook)
        return len(gradebook.students)
    rows = student_rows(gradebook, chosen)
    text = _canvas(rows, _maxima(gradebook, chosen), roster) if format_ == "canvas" else _moodle(rows, chosen)
    write_whole(destination, text.encode("utf-8"))
    return len(rows)


def student_rows(gradebook: Gradebook, assignments: Sequence[str]) -> list[StudentRow]:
    """Return all learners with their scores, ordered by id."""
    submissions = (
        gradebook.db.query(SubmittedAssignment)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .filter(Assignment.name.in_(list(assignments)))
        .options(undefer(SubmittedAssignment.score), undefer(SubmittedAssignment.late_submission_penalty))
    )
    scores: dict[str, dict[str, float]] = {}
    for submission in submissions:
        penalty = submission.late_submission_penalty or 0.0
        scores.setdefault(submission.student_id, {})[submission.name] = max(0.0, submission.score - penalty)
    return [
        StudentRow(
            learner=student.id,
            first_name=student.first_name or "",
            last_name=student.last_name or "",
            email=student.email or "",
            lms_id=student.lms_user_id or "",
            scores={name: scores.get(student.id, {}).get(name) for name in assignments},
        )
        for student in gradebook.db.query(Student).order_by(Student.id)
    ]


def _maxima(gradebook: Gradebook, assignments: Sequence[str]) -> dict[str, float]:
    return {name: float(gradebook.find_assignment(name).max_score) for name in assignments}


def _points(score: float | None) -> str:
    return "" if score is None else f"{score:g}"


def _harmless(text: str) -> str:
    """Return a name so that a spreadsheet does not take it for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _canvas(rows: Sequence[StudentRow], maxima: Mapping[str, float], roster: Path | None) -> str:
    """Return Canvas's gradebook import: its own identity columns, then a column per assignment.

    Canvas matches learners by ID, SIS User ID or SIS Login ID; without a roster the login is the learner's id.
    """
    identity = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*identity, *maxima])
    writer.writerow(["    Points Possible", "", "", "", "", *(f"{value:g}" for value in maxima.values())])
    people = _canvas_roster(roster) if roster is not None else None
    for row in rows:
        name = ", ".join(part for part in (row.last_name, row.first_name) if part) or row.learner
        known = [_harmless(name), row.lms_id, "", row.learner, ""]
        if people is not None:
            # A learner of Canvas's own export of submissions is called NAME_NUMBER, NUMBER being Canvas's ID.
            found = people.get(row.learner) or people.get(row.learner.rpartition("_")[2])
            if found is None:
                continue
            known = found
        writer.writerow([*known, *(_points(row.scores[assignment]) for assignment in maxima)])
    return out.getvalue()


def _canvas_roster(path: Path) -> dict[str, list[str]]:
    """Read names and ids from a gradebook that Canvas exported, by every id that a learner may go by."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            lines = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CourseError(f"roster {path} cannot be read: {error}") from None
    if not lines or not {"Student", "ID"} <= set(lines[0]):
        raise CourseError(f"roster {path} is no export of a Canvas gradebook: it lacks the columns Student and ID")
    people: dict[str, list[str]] = {}
    for line in lines:
        identity = [line.get(key) or "" for key in ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")]
        for key in (identity[3], identity[2], identity[1]):
            if key:
                people.setdefault(key, identity)
    return people


def _moodle(rows: Sequence[StudentRow], assignments: Sequence[str]) -> str:
    """Return what Moodle's grade import maps: a column it can match people by, and a column per assignment."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["Username", "First name", "Last name", "ID number", "Email address", *assignments])
    for row in rows:
        person = [row.learner, _harmless(row.first_name), _harmless(row.last_name), row.lms_id, row.email]
        # Moodle takes "-" for "no grade"; an empty cell would be 0 in some versions.
        grades = [_points(row.scores[name]) or "-" for name in assignments]
        writer.writerow([*person, *grades])
    return out.getvalue()
