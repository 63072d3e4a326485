"""The rows of a new submission, written at once.

nbgrader's own `add_submission` builds an object for every cell and asks the database for each relation on the way,
which takes most of a coordinator's time in a large class. These are the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nbgrader.api import Assignment, Comment, Grade, SubmittedAssignment, SubmittedNotebook, new_uuid
from nbgrader.utils import parse_utc
from sqlalchemy import insert
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class NotebookCells:
    """A notebook of the assignment: its id, the ids of its cells with points, and of those that staff comment on."""

    id: str
    graded: tuple[str, ...]
    commented: tuple[str, ...]


@dataclass(frozen=True)
class AssignmentCells:
    """What a submission mirrors: the assignment's id and its notebooks."""

    id: str
    notebooks: tuple[NotebookCells, ...]


def cells_of(assignment: Assignment) -> AssignmentCells:
    """Return what a submission mirrors: grades of tests and tasks, comments on answers and tasks."""
    return AssignmentCells(
        assignment.id,
        tuple(
            NotebookCells(
                one.id,
                tuple(cell.id for cell in (*one.grade_cells, *one.task_cells)),
                tuple(cell.id for cell in (*one.solution_cells, *one.task_cells)),
            )
            for one in assignment.notebooks
        ),
    )


def add_submission(session: Session, cells: AssignmentCells, learner: str, submitted_at: str | None) -> str:
    """Write the rows of a submission without scores; return its id.

    Args:
        session: in a transaction; the learner's own row is there.
        cells: of the assignment.
        learner: their id.
        submitted_at: the time in a form that nbgrader reads, or None.

    Raises:
        sqlalchemy.exc.IntegrityError: the submission is there already, or a cell is no longer.
    """
    submission: dict[str, Any] = {"id": new_uuid(), "assignment_id": cells.id, "student_id": learner}
    if submitted_at:
        submission["timestamp"] = parse_utc(submitted_at)
    notebooks, grades, comments = [], [], []
    for one in cells.notebooks:
        own = new_uuid()
        notebooks.append({"id": own, "assignment_id": submission["id"], "notebook_id": one.id})
        grades += [{"id": new_uuid(), "notebook_id": own, "cell_id": cell} for cell in one.graded]
        comments += [{"id": new_uuid(), "notebook_id": own, "cell_id": cell} for cell in one.commented]
    session.execute(insert(SubmittedAssignment), [submission])
    for table, rows in ((SubmittedNotebook, notebooks), (Grade, grades), (Comment, comments)):
        if rows:
            session.execute(insert(table), rows)
    return submission["id"]
