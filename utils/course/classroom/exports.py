"""Grades as files that other systems import: nbgrader's own table, and the gradebook imports of Canvas and Moodle.

What each importer goes by: Canvas finds a learner by ID, then by SIS User ID, then by SIS Login ID, and an assignment
by the number in `NAME (ID)` (app/models/gradebook_importer.rb). Moodle's grading worksheet goes by the number in
Identifier (mod/assign/feedback/offline), and its gradebook's import by the column that staff chooses, such as the
e-mail address.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Assignment, Gradebook, Student, SubmittedAssignment
from sqlalchemy.orm import undefer
from traitlets.config import Config

from utils.course.classroom.late import refresh_late_penalties
from utils.course.classroom.rosters import CANVAS_IDENTITY, Roster, participant, read_roster
from utils.course.errors import CourseError
from utils.files import write_whole

FORMATS = ("nbgrader", "canvas", "moodle")
_NUMBERED = re.compile(r"^(?P<name>.*?)\s*\((?P<number>\d+)\)\s*$")
_NUMBER = re.compile(r"^[+-]?\d[\d .]*$")


@dataclass(frozen=True)
class StudentRow:
    """A learner as the gradebook knows them, with scores after late penalties by assignment (None: no grade).

    Attributes:
        pending: assignments with cells that staff still has to score; they have no grade yet.
    """

    learner: str
    first_name: str
    last_name: str
    email: str
    lms_id: str
    scores: Mapping[str, float | None]
    pending: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        learners: how many are in the file.
        left_out: a sentence for each learner, grade or line of the roster that is not.
    """

    learners: int
    left_out: tuple[str, ...]


def export_grades(
    gradebook: Gradebook,
    format_: str,
    destination: Path,
    assignments: Sequence[str] = (),
    roster: Path | None = None,
    columns: Mapping[str, str] | None = None,
    config: Config | None = None,
) -> Exported:
    """Write grades; return how many learners are in the file, and what is not.

    Args:
        gradebook: open.
        format_: one of FORMATS.
        destination: the file.
        assignments: only these; all where there are none.
        roster: Canvas's export of its gradebook, or Moodle's grading worksheet of the one assignment: its lines are
            written back as they are, with the grades.
        columns: headers of Canvas's columns by assignment, where they are not called like the assignment.
        config: nbgrader's settings, with which late penalties are computed anew; without, they stay as they are.

    Raises:
        CourseError: the format or an assignment is unknown, the roster is none of that platform, or the platform gives
            another number of points for an assignment.
    """
    if format_ not in FORMATS:
        raise CourseError(f"format {format_!r} is unknown; there are: {', '.join(FORMATS)}")
    if roster is not None and format_ == "nbgrader":
        raise CourseError("--roster goes with the formats canvas and moodle, not with nbgrader")
    known = [assignment.name for assignment in gradebook.assignments]
    if missing := [name for name in assignments if name not in known]:
        raise CourseError(f"assignment {missing[0]!r} is not in the gradebook; there are: {', '.join(known) or 'none'}")
    chosen = [name for name in known if not assignments or name in assignments]
    if not chosen:
        raise CourseError("the gradebook holds no assignment yet")
    table = read_roster(roster) if roster is not None else None
    if table is not None and table.platform != format_:
        raise CourseError(f"roster {roster} is of {table.platform.capitalize()}, not of {format_.capitalize()}")
    if config is not None:
        refresh_late_penalties(gradebook, config, chosen)
    left_out: list[str] = []
    rows = student_rows(gradebook, chosen)
    left_out += [
        f"{row.learner}: {name} has cells to score by hand, so it has no grade yet"
        for row in rows
        for name in row.pending
    ]
    maxima = {name: float(gradebook.find_assignment(name).max_score) for name in chosen}
    if format_ == "nbgrader":
        text, count = _nbgrader(gradebook, chosen, rows)
    elif table is None:
        plain = _canvas(rows, maxima) if format_ == "canvas" else _moodle(rows, chosen)
        text, count = plain, len(rows)
    elif format_ == "canvas":
        text, count = _canvas_back(rows, maxima, table, columns or {}, left_out)
    else:
        text, count = _moodle_back(rows, maxima, table, left_out)
    destination.parent.mkdir(parents=True, exist_ok=True)
    write_whole(destination, text.encode("utf-8"))
    return Exported(count, tuple(left_out))


def student_rows(gradebook: Gradebook, assignments: Sequence[str]) -> list[StudentRow]:
    """Return all learners with their scores, ordered by id."""
    submissions = (
        gradebook.db.query(SubmittedAssignment)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .filter(Assignment.name.in_(list(assignments)))
        .options(undefer(SubmittedAssignment.score), undefer(SubmittedAssignment.late_submission_penalty))
    )
    scores: dict[str, dict[str, float]] = {}
    pending: dict[str, list[str]] = {}
    for submission in submissions:
        if _is_pending(submission):
            pending.setdefault(submission.student_id, []).append(submission.name)
            continue
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
            pending=tuple(sorted(pending.get(student.id, ()))),
        )
        for student in gradebook.db.query(Student).order_by(Student.id)
    ]


def _is_pending(submission: SubmittedAssignment) -> bool:
    """Return whether a cell waits for staff and has no points yet: what is missing would count as 0."""
    if not submission.needs_manual_grade:
        return False
    return any(
        grade.needs_manual_grade and grade.manual_score is None and grade.auto_score is None
        for notebook in submission.notebooks
        for grade in notebook.grades
    )


def _points(score: float | None) -> str:
    return "" if score is None else f"{score:.12g}"


def _harmless(text: str) -> str:
    """Return a cell so that a spreadsheet does not take it for a formula; a number, with its sign, is none."""
    starts = text.lstrip(" \"'")[:1] in ("=", "+", "-", "@") or text[:1] in ("\t", "\r", "\n")
    return f"'{text}" if starts and not _NUMBER.match(text) and text != "-" else text


def _table(lines: Sequence[Sequence[str]], separator: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows([[_harmless(cell) for cell in line] for line in lines])
    return out.getvalue()


def _nbgrader(gradebook: Gradebook, assignments: Sequence[str], rows: Sequence[StudentRow]) -> tuple[str, int]:
    """Return the table of `nbgrader export`, with cells quoted that need it, and without grades that are pending."""
    keys = ("student_id", "last_name", "first_name", "email", "raw_score", "late_submission_penalty", "score")
    lines = [["assignment", "duedate", "timestamp", *keys, "max_score"]]
    for name in assignments:
        assignment = gradebook.find_assignment(name)
        found = {one.student_id: one for one in assignment.submissions}
        for row in rows:
            submission = found.get(row.learner)
            pending = name in row.pending
            who = [row.learner, row.last_name, row.first_name, row.email]
            if submission is None:
                grades, when = ["0.0", "None", "0.0"], "None"
            else:
                penalty = submission.late_submission_penalty
                when = str(submission.timestamp)
                grades = [str(submission.score), str(penalty), str(row.scores[name])]
            if pending:
                grades = ["", "", ""]
            lines.append([name, str(assignment.duedate), when, *who, *grades, str(assignment.max_score)])
    return _table(lines), len(rows)


def _canvas(rows: Sequence[StudentRow], maxima: Mapping[str, float]) -> str:
    """Return Canvas's import for a class whose learners are called by their login there."""
    lines = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *maxima]]
    lines.append(["    Points Possible", "", "", "", "", *map(_points, maxima.values())])
    for row in rows:
        name = ", ".join(part for part in (row.last_name, row.first_name) if part) or row.learner
        lines.append([name, row.lms_id, "", row.learner, "", *(_points(row.scores[one]) for one in maxima)])
    return _table(lines)


def _canvas_back(
    rows: Sequence[StudentRow],
    maxima: Mapping[str, float],
    table: Roster,
    columns: Mapping[str, str],
    left_out: list[str],
) -> tuple[str, int]:
    """Return Canvas's own lines with the grades in its own columns."""
    identity = [name for name in table.columns if name in CANVAS_IDENTITY]
    headers = {name: _canvas_column(name, table, columns, left_out) for name in maxima}
    possible = next((row for row in table.rows if "Points Possible" in "".join(row)), None)
    for name, header in headers.items():
        if possible is not None and header in table.columns:
            _same_maximum(table.cell(possible, header), maxima[name], name, "Canvas")
    first = ["    Points Possible", *[""] * (len(identity) - 1), *map(_points, maxima.values())]
    lines = [[*identity, *headers.values()], first]
    people = table.people()
    matched = _matched(rows, people, lambda row, person: _canvas_rank(row, person, table), table, left_out)
    for index, person in enumerate(people):
        if index in matched:
            grades = [_points(matched[index].scores[name]) for name in maxima]
            lines.append([*(table.cell(person, column) for column in identity), *grades])
        else:
            left_out.append(f"{table.name(person)}: is in the roster, and not in the gradebook")
    return _table(lines, table.separator), len(matched)


def _canvas_column(name: str, table: Roster, columns: Mapping[str, str], left_out: list[str]) -> str:
    """Return the header of an assignment's column, with Canvas's number, by which it is found."""
    if name in columns:
        if columns[name] not in table.columns:
            raise CourseError(f"roster {table.path} has no column {columns[name]!r}")
        return columns[name]
    found = [
        header
        for header in table.columns
        if header not in CANVAS_IDENTITY and (match := _NUMBERED.match(header)) and match["name"] == name
    ]
    if len(found) > 1:
        raise CourseError(f"roster {table.path} has {len(found)} columns for {name}: say which one with --column")
    if not found:
        left_out.append(f"{name}: the roster has no column `{name} (ID)`, so Canvas will ask whether to make one")
    return found[0] if found else name


def _canvas_rank(row: StudentRow, person: tuple[str, ...], table: Roster) -> int:
    """Say how surely a line of Canvas's is a learner: 3 for the platform's own number, 0 for not."""
    number = table.cell(person, "ID")
    if row.lms_id == number:
        return 3
    if row.learner == table.cell(person, "SIS Login ID"):
        return 2
    if row.learner == table.cell(person, "SIS User ID") or (
        row.email and row.email == table.cell(person, "SIS Login ID")
    ):
        return 1
    # What Canvas's download calls a learner ends in the number.
    return 2 * (not row.lms_id and "_" in row.learner and row.learner.rpartition("_")[2] == number)


def _matched(
    rows: Sequence[StudentRow],
    people: Sequence[tuple[str, ...]],
    rank: object,
    table: Roster,
    left_out: list[str],
) -> dict[int, StudentRow]:
    """Find each learner's line; one that fits two learners equally well, or a learner with two lines, is left out."""
    assert callable(rank)
    best: dict[str, list[int]] = {}
    claims: dict[int, list[tuple[int, StudentRow]]] = {}
    for row in rows:
        ranks = [rank(row, person) for person in people]
        top = max(ranks, default=0)
        best[row.learner] = [index for index, value in enumerate(ranks) if value == top and top]
        if not best[row.learner]:
            left_out.append(f"{row.learner}: is not in the roster")
        elif len(best[row.learner]) > 1:
            left_out.append(f"{row.learner}: fits several lines of the roster")
        else:
            claims.setdefault(best[row.learner][0], []).append((top, row))
    matched: dict[int, StudentRow] = {}
    for index, claimed in claims.items():
        claimed.sort(key=lambda pair: -pair[0])
        surest = [row for value, row in claimed if value == claimed[0][0]]
        if len(surest) == 1:
            matched[index] = surest[0]
        for _, row in claimed:
            if index not in matched or row is not matched[index]:
                left_out.append(f"{row.learner}: fits the line of {table.name(people[index])}, as another learner does")
    return matched


def _same_maximum(written: str, maximum: float, name: str, platform: str) -> None:
    text = written.strip().replace(",", ".")
    try:
        there = float(text)
    except ValueError:
        return
    if there != maximum:
        raise CourseError(
            f"{name} is worth {maximum:g} points here and {there:g} in {platform}: set {platform}'s to {maximum:g}, "
            "or the grades would mean something else there"
        )


def _moodle(rows: Sequence[StudentRow], assignments: Sequence[str]) -> str:
    """Return what Moodle's gradebook import maps: columns it can match people by, and a column per assignment."""
    lines = [["Username", "First name", "Last name", "ID number", "Email address", *assignments]]
    for row in rows:
        # Moodle takes "-" for "no grade"; an empty cell would be 0 in some versions.
        grades = [_points(row.scores[name]) or "-" for name in assignments]
        email = row.email or (row.learner if "@" in row.learner else "")
        lines.append([row.learner, row.first_name, row.last_name, row.lms_id, email, *grades])
    return _table(lines)


def _moodle_back(
    rows: Sequence[StudentRow], maxima: Mapping[str, float], table: Roster, left_out: list[str]
) -> tuple[str, int]:
    """Return the grading worksheet with its column Grade filled in."""
    if len(maxima) != 1:
        raise CourseError("Moodle's grading worksheet is of one assignment: say which one with --assignment")
    (name,) = maxima
    people = table.people()
    matched = _matched(rows, people, lambda row, person: _moodle_rank(row, person, table), table, left_out)
    grade = table.columns.index("Grade")
    lines = [list(table.columns)]
    for index, person in enumerate(people):
        score = matched[index].scores[name] if index in matched else None
        line = list(person)
        if score is not None:
            _same_maximum(table.cell(person, "Maximum Grade"), maxima[name], name, "Moodle")
            line[grade] = _points(score)
        elif index not in matched:
            left_out.append(f"{table.name(person)}: is in the roster, and not in the gradebook")
        lines.append(line)
    return _table(lines, table.separator), len(matched)


def _moodle_rank(row: StudentRow, person: tuple[str, ...], table: Roster) -> int:
    email, number = table.cell(person, "Email address"), table.cell(person, "ID number")
    if email and email in (row.learner, row.email):
        return 3
    if number and number in (row.learner, row.lms_id):
        return 2
    name, identifier = table.cell(person, "Full name"), table.cell(person, "Identifier")
    if row.learner in (identifier, f"{name}_{participant(identifier)}"):
        return 2
    return int(bool(name) and row.learner == name)
