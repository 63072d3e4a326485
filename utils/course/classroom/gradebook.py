"""The one writer to nbgrader's gradebook: what SaveAutoGrades would write, in one transaction a submission."""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import nbformat
from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.preprocessors import OverwriteCells, SaveAutoGrades
from nbgrader.utils import parse_utc
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.orm import Session, scoped_session, selectinload, sessionmaker

from utils.course.classroom.late import LatePenalties
from utils.course.classroom.new_submission import AssignmentCells, NewComment, NewGrade, NewSubmission, cells_of
from utils.course.classroom.place import Classroom, safe_learner
from utils.course.classroom.registration import register_assignment
from utils.course.errors import CourseError
from utils.course.grading import AssignmentSpec, SubmissionResult, executed_notebook
from utils.files import write_whole

Outcome = TypeVar("Outcome")
Render = Callable[[SubmissionResult, AssignmentSpec], Mapping[str, Any]]

BUSY_TRIES = 8
"""How often a transaction is tried while the database is locked or away; the waits add up to about a minute."""


class GradebookError(CourseError):
    """The gradebook cannot be opened or written."""


class _HeldSession(Session):
    """A session whose commits wait for the end of the transaction that nbgrader's many small ones are part of."""

    def commit(self) -> None:
        if self.info.get("held"):
            self.flush()
        else:
            super().commit()


class _OneTransactionGradebook(Gradebook):
    """nbgrader's gradebook with `transaction`: everything within becomes visible together, or not at all."""

    db: Any

    def __init__(self, db_url: str, course_id: str) -> None:
        # On a new database nbgrader runs `alembic`, which stands beside this Python, not always on the path.
        beside = str(Path(sys.executable).parent)
        if beside not in os.environ.get("PATH", "").split(os.pathsep):
            os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", os.defpath), beside])
        super().__init__(db_url, course_id)
        self.db.remove()
        self.db = scoped_session(sessionmaker(class_=_HeldSession, autoflush=True, bind=self.engine, future=True))
        if self.engine.dialect.name == "sqlite":
            _begin_for_writing(self.engine)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold nbgrader's commits back until the block ends; an exception undoes all of it."""
        session = self.db()
        session.info["held"] = True
        try:
            yield
            session.info["held"] = False
            session.commit()
        except BaseException:
            session.info["held"] = False
            session.rollback()
            raise
        finally:
            # A class of thousands must not pile up in the session's memory.
            session.expunge_all()


def _begin_for_writing(engine: Any) -> None:
    """Let SQLite take its write lock at the first statement: one taken later, after reading, cannot be waited for."""

    @event.listens_for(engine, "connect")
    def _plain(connection: Any, _: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    engine.dispose()


def open_gradebook(classroom: Classroom) -> Gradebook:
    """Open a class's gradebook, made where it is missing; the caller closes it.

    Raises:
        GradebookError: it cannot be opened.
    """
    return _patiently(classroom, lambda: _OneTransactionGradebook(classroom.db_url, classroom.course_id))


class _Answers:
    """Answers nbgrader's look-ups for one submission from rows that were read at once; it commits nothing."""

    def __init__(self, **rows: Mapping[str, Any]) -> None:
        self._rows = rows
        self.db = self

    def commit(self) -> None:
        """Leave it to the transaction around."""

    def _find(self, kind: str, name: str) -> Any:
        try:
            return self._rows[kind][name]
        except KeyError:
            raise MissingEntry(f"no {kind} called {name}") from None

    def find_grade(self, name: str, *_: str) -> Grade:
        return self._find("grades", name)

    def find_comment(self, name: str, *_: str) -> Comment:
        return self._find("comments", name)

    def find_source_cell(self, name: str, *_: str) -> Any:
        return self._find("source_cells", name)

    def find_graded_cell(self, name: str, *_: str) -> Any:
        return self._find("graded_cells", name)


@dataclass(frozen=True)
class _CellRow:
    """What OverwriteCells asks of a cell, kept for the whole class."""

    name: str
    cell_type: str = ""
    locked: bool = False
    source: str = ""
    checksum: str | None = None
    max_score: float = 0.0


@dataclass
class _AssignmentRows:
    """The assignment's cells by name, read once."""

    cells: AssignmentCells
    source_cells: dict[str, _CellRow] = field(default_factory=dict)
    graded_cells: dict[str, _CellRow] = field(default_factory=dict)


@dataclass(frozen=True)
class Scores:
    """What a gradebook holds for a learner's submission.

    Attributes:
        automatic: points by graded cell, None where a cell has none yet.
        manual: points that staff gave, by graded cell, only those given.
        total: what counts, before a late penalty.
    """

    automatic: dict[str, float | None]
    manual: dict[str, float]
    total: float


class GradebookWriter:
    """Writes results of one assignment to the gradebook. Writing the same result again changes nothing.

    Args:
        classroom: whose gradebook it is.
        assignment: the assignment, as it is graded now.
        render: how a result becomes the executed notebook that nbgrader reads.

    Raises:
        GradebookError: the gradebook cannot be opened.
    """

    def __init__(self, classroom: Classroom, assignment: AssignmentSpec, render: Render = executed_notebook) -> None:
        self.classroom, self.assignment, self._render = classroom, assignment, render
        self._gradebook = self._patiently(lambda: _OneTransactionGradebook(classroom.db_url, classroom.course_id))
        self._rows: _AssignmentRows | None = None
        self._overwrite = OverwriteCells(config=classroom.config)
        self._save = SaveAutoGrades(config=classroom.config)
        self._late = LatePenalties(classroom.config)
        for step in (self._overwrite, self._save):
            step.notebook_id = step.assignment_id = assignment.name

    def close(self) -> None:
        """Let go of the database."""
        self._gradebook.close()

    def __enter__(self) -> GradebookWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def register(self) -> None:
        """Bring the assignment's cells in the gradebook up to the source notebook."""
        name = self.assignment.name
        source = self.classroom.source(name).read_bytes()

        def work() -> None:
            with self._gradebook.transaction():
                register_assignment(self._gradebook, name, source, self.classroom.config)

        self._patiently(work)
        self._rows = None

    def scores(self, learner: str) -> Scores | None:
        """Return what the gradebook holds for a learner, None where it holds no submission."""

        def work() -> Scores | None:
            with self._gradebook.transaction():
                found = self._find(learner)
                if found is None:
                    return None
                grades = sorted(self._notebook(found).grades, key=lambda grade: grade.name)
                automatic = {grade.name: grade.auto_score for grade in grades}
                manual = {grade.name: grade.manual_score for grade in grades if grade.manual_score is not None}
                return Scores(automatic, manual, float(sum(grade.score or 0.0 for grade in grades)))

        return self._patiently(work)

    def write(
        self,
        learner: str,
        result: SubmissionResult,
        submitted_at: str | None,
        student: Mapping[str, str] | None = None,
        secret: str = "",
    ) -> None:
        """Write a result: the graded notebook for the formgrader first, then grades, comments and late penalty.

        Args:
            learner: their id; added to the gradebook where it is new.
            result: of any verdict but NEEDS_STAFF.
            submitted_at: time of submission in a form that nbgrader reads, or None.
            student: what is known about the learner, by nbgrader's columns; what the gradebook says already stays.
            secret: of the submission, with which the exchange hands feedback out.

        Raises:
            GradebookError: the database stays locked or is gone.
        """
        if result.verdict == "NEEDS_STAFF":
            raise ValueError(f"result of {learner!r} is NEEDS_STAFF, which is never a score")
        safe_learner(learner)

        def work() -> nbformat.NotebookNode:
            with self._gradebook.transaction():
                found = self._find(learner, submitted_at, student or {})
                node = self._overwritten(nbformat.from_dict(self._render(result, self.assignment)))
                if found is None:
                    self._write_new(learner, node, submitted_at)
                else:
                    notebook = self._notebook(found)
                    grades = {grade.cell.name: grade for grade in notebook.grades}
                    self._save_grades(learner, node, grades, {one.cell.name: one for one in notebook.comments})
                    self._late.assign(self._gradebook, learner, notebook)
                # Within the transaction, so that a notebook that cannot be written leaves no grade behind.
                self._put_notebook(learner, node, submitted_at, secret)
            return node

        self._patiently(work)

    def set_aside(self, learner: str, submitted_at: str | None, student: Mapping[str, str] | None = None) -> None:
        """Let staff see in the formgrader that a submission has no automatic score; scores that are there stay."""
        safe_learner(learner)

        def work() -> None:
            with self._gradebook.transaction():
                found = self._find(learner, submitted_at, student or {})
                if found is None:  # its grades need staff from the beginning
                    NewSubmission(self._assignment_rows().cells).write(self._gradebook.db(), learner, submitted_at)
                    return
                for grade in self._notebook(found).grades:
                    if grade.auto_score is None and grade.manual_score is None:
                        grade.needs_manual_grade = True

        self._patiently(work)

    def _patiently(self, work: Callable[[], Outcome]) -> Outcome:
        return _patiently(self.classroom, work)

    def _notebook(self, submission: str) -> SubmittedNotebook:
        notebook = (
            self._gradebook.db.query(SubmittedNotebook)
            .filter(SubmittedNotebook.assignment_id == submission)
            .filter(SubmittedNotebook.notebook.has(name=self.assignment.name))
            .options(
                selectinload(SubmittedNotebook.grades).joinedload(Grade.cell),
                selectinload(SubmittedNotebook.comments).joinedload(Comment.cell),
            )
            .one_or_none()
        )
        if notebook is None:
            raise GradebookError(f"submission {submission} in the gradebook has no notebook {self.assignment.name}")
        return notebook

    def _find(
        self, learner: str, submitted_at: str | None = None, about: Mapping[str, str] | None = None
    ) -> str | None:
        """Return the id of a learner's submission, None where there is none; bring up to date what is said about it.

        With `about`, the learner is added to the gradebook where they are new.
        """
        session = self._gradebook.db()
        if about is not None:
            student = session.get(Student, learner) or self._gradebook.add_student(learner)
            for key, value in about.items():
                if not getattr(student, key):
                    setattr(student, key, value[:128])
            session.flush()
        submission = (
            session.query(SubmittedAssignment)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .filter(Assignment.name == self.assignment.name, SubmittedAssignment.student_id == learner)
            .one_or_none()
        )
        if submission is None:
            return None
        if submitted_at:
            submission.timestamp = parse_utc(submitted_at)
        return submission.id

    def _write_new(self, learner: str, node: nbformat.NotebookNode, submitted_at: str | None) -> None:
        cells, name = self._assignment_rows().cells, self.assignment.name
        new = NewSubmission(cells)
        self._save_grades(learner, node, new.grades[name], new.comments[name])
        new.write(self._gradebook.db(), learner, submitted_at)
        if cells.due is not None:
            self._late.assign(self._gradebook, learner, self._notebook(new.id))

    def _assignment_rows(self) -> _AssignmentRows:
        if self._rows is None:
            assignment = self._gradebook.find_assignment(self.assignment.name)
            notebook = self._gradebook.find_notebook(self.assignment.name, self.assignment.name)
            rows = _AssignmentRows(cells_of(assignment))
            for cell in notebook.source_cells:
                rows.source_cells[cell.name] = _CellRow(
                    cell.name, cell.cell_type, cell.locked, cell.source, cell.checksum
                )
            for cell in [*notebook.grade_cells, *notebook.task_cells]:
                rows.graded_cells[cell.name] = _CellRow(cell.name, max_score=cell.max_score)
            self._rows = rows
        return self._rows

    def _overwritten(self, node: nbformat.NotebookNode) -> nbformat.NotebookNode:
        """Apply nbgrader's OverwriteCells: types, locks, points, checksums, and the source of locked cells."""
        rows = self._assignment_rows()
        self._overwrite.gradebook = _Answers(source_cells=rows.source_cells, graded_cells=rows.graded_cells)
        for index, cell in enumerate(node.cells):
            node.cells[index], _ = self._overwrite.preprocess_cell(cell, {}, index)
        return node

    def _save_grades(
        self,
        learner: str,
        node: nbformat.NotebookNode,
        grades: Mapping[str, Grade | NewGrade],
        comments: Mapping[str, Comment | NewComment],
    ) -> None:
        """Apply nbgrader's SaveAutoGrades to the rows of one submission, which are given by cell."""
        self._save.student_id = learner
        self._save.gradebook = _Answers(grades=grades, comments=comments)
        before = {name: (grade.auto_score, grade.needs_manual_grade) for name, grade in grades.items()}
        for index, cell in enumerate(node.cells):
            self._save.preprocess_cell(cell, {}, index)
        if all(grade.manual_score is None for grade in grades.values()):
            return
        unchanged = self._unchanged_cells(learner, node)
        for name, grade in grades.items():
            # nbgrader asks for a review of every cell that was scored by hand; where nothing changed there is nothing
            # to look at.
            automatic, asked = before[name]
            if grade.manual_score is not None and grade.auto_score == automatic and name in unchanged:
                grade.needs_manual_grade = asked

    def _unchanged_cells(self, learner: str, node: nbformat.NotebookNode) -> set[str]:
        """Return the graded cells that are, with the answers that they are about, as when they were last written."""
        try:
            old = json.loads(self.classroom.autograded(learner, self.assignment.name).read_text(encoding="utf-8"))
            was, now = _sources(old["cells"]), _sources(node.cells)
        except (OSError, ValueError, KeyError, TypeError):
            return set()
        answer = {test.grade_id: one.grade_id for one in self.assignment.exercises for test in one.tests}
        return {
            name
            for name in now
            if was.get(name) == now[name] and was.get(answer.get(name, name)) == now.get(answer.get(name, name))
        }

    def _put_notebook(self, learner: str, node: nbformat.NotebookNode, submitted_at: str | None, secret: str) -> None:
        path = self.classroom.autograded(learner, self.assignment.name)
        # On one line and unchecked: nbformat's check of our own notebook, and its layout, take longer than the grades.
        write_whole(path, json.dumps(node, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace"))
        if submitted_at:
            write_whole(path.with_name("timestamp.txt"), submitted_at.encode())
        if secret:
            write_whole(path.with_name("submission_secret.txt"), secret.encode())


def _sources(cells: Any) -> dict[str, str]:
    """Return the text of a notebook's cells by grade_id."""
    labelled = ((cell["metadata"].get("nbgrader", {}).get("grade_id"), cell["source"]) for cell in cells)
    return {name: source for name, source in labelled if name}


def _patiently(classroom: Classroom, work: Callable[[], Outcome]) -> Outcome:
    """Do database work; again while the database is locked or restarting, or somebody else adds the same row."""
    for attempt in range(1, BUSY_TRIES + 1):
        try:
            return work()
        except (OperationalError, InterfaceError, IntegrityError) as error:
            if attempt == BUSY_TRIES or not _passes(error):
                raise GradebookError(
                    f"the gradebook {classroom.shown_db} cannot be used: {_first_line(error)}"
                ) from None
        time.sleep(min(15.0, 0.2 * 2**attempt) * random.uniform(0.5, 1.0))
    raise AssertionError("unreachable")


def _passes(error: DBAPIError) -> bool:
    """Return whether an error of the database can pass: a lock, a lost connection, a restarting server, a race."""
    text = str(error).lower()
    words = ("locked", "busy", "connection", "server", "starting up", "shutting down", "deadlock", "timeout")
    # Rows that another process added in between are found the next time.
    return isinstance(error, IntegrityError) or error.connection_invalidated or any(word in text for word in words)


def _first_line(error: DBAPIError) -> str:
    return str(error.orig or error).strip().splitlines()[0]
