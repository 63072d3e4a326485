"""A submission that the gradebook does not know yet: its rows are filled in first and written at once.

nbgrader's own `add_submission` builds an object for every cell, asks the database for each relation on the way, and
updates every row afterwards, which takes most of a coordinator's time in a large class. These are the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nbgrader.api import Assignment, Comment, Grade, SubmittedAssignment, SubmittedNotebook, new_uuid
from nbgrader.utils import parse_utc
from sqlalchemy import insert
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class NotebookCells:
    """A notebook of the assignment: its id and name, its cells with points and those with comments, name -> id."""

    id: str
    name: str
    graded: Mapping[str, str]
    commented: Mapping[str, str]


@dataclass(frozen=True)
class AssignmentCells:
    """What a submission mirrors: the assignment's id, when it is due (None: never), and its notebooks."""

    id: str
    due: datetime | None
    notebooks: tuple[NotebookCells, ...]


def cells_of(assignment: Assignment) -> AssignmentCells:
    """Return what a submission mirrors: grades of tests and tasks, comments on answers and tasks."""
    return AssignmentCells(
        assignment.id,
        assignment.duedate,
        tuple(
            NotebookCells(
                one.id,
                one.name,
                {cell.name: cell.id for cell in (*one.grade_cells, *one.task_cells)},
                {cell.name: cell.id for cell in (*one.solution_cells, *one.task_cells)},
            )
            for one in assignment.notebooks
        ),
    )


@dataclass
class NewGrade:
    """A row of nbgrader's `Grade` to be, as a submission begins."""

    auto_score: float | None = None
    manual_score: float | None = None
    needs_manual_grade: bool = True


@dataclass
class NewComment:
    """A row of nbgrader's `Comment` to be, as a submission begins."""

    auto_comment: str | None = None


class NewSubmission:
    """A submission before it is written.

    Args:
        cells: of the assignment.

    Attributes:
        id: of the row to be.
        grades, comments: by notebook and cell, to be filled in.
    """

    def __init__(self, cells: AssignmentCells) -> None:
        self._cells, self.id = cells, new_uuid()
        self.grades = {one.name: {name: NewGrade() for name in one.graded} for one in cells.notebooks}
        self.comments = {one.name: {name: NewComment() for name in one.commented} for one in cells.notebooks}

    def write(self, session: Session, learner: str, submitted_at: str | None) -> None:
        """Write all rows.

        Args:
            session: in a transaction; the learner's own row is there.
            learner: their id.
            submitted_at: the time in a form that nbgrader reads, or None.

        Raises:
            sqlalchemy.exc.IntegrityError: the submission is there already, or a cell is no longer.
        """
        submission: dict[str, Any] = {"id": self.id, "assignment_id": self._cells.id, "student_id": learner}
        if submitted_at:
            submission["timestamp"] = parse_utc(submitted_at)
        notebooks, grades, comments = [], [], []
        for one in self._cells.notebooks:
            own = new_uuid()
            notebooks.append({"id": own, "assignment_id": self.id, "notebook_id": one.id})
            for name, cell in one.graded.items():
                row = {"id": new_uuid(), "notebook_id": own, "cell_id": cell}
                grades.append(row | vars(self.grades[one.name][name]))
            for name, cell in one.commented.items():
                row = {"id": new_uuid(), "notebook_id": own, "cell_id": cell}
                comments.append(row | vars(self.comments[one.name][name]))
        for table, rows in (
            (SubmittedAssignment, [submission]),
            (SubmittedNotebook, notebooks),
            (Grade, grades),
            (Comment, comments),
        ):
            if rows:
                session.execute(insert(table), rows)
