"""A class's results as the journal knows them, read one by one."""

from __future__ import annotations

from collections.abc import Iterator

from utils.course.classroom.journal import read_journal
from utils.course.classroom.ledger import Ledger
from utils.course.classroom.place import Classroom
from utils.course.classroom.store import ResultStore
from utils.course.errors import CourseError
from utils.course.grading import SubmissionResult
from utils.course.notebooks import read_notebook


class ClassResults:
    """Learners with their results; iterating again reads the files again, so that a large class stays on the disk.

    Where the gradebook holds another result than the newest (a regrade that was looked at and not written), the one in
    the gradebook counts.

    Args:
        classroom: whose class.
        assignment: its name.

    Raises:
        CourseError: nothing is graded yet, or the journal was changed.
    """

    def __init__(self, classroom: Classroom, assignment: str) -> None:
        self.classroom, self.assignment = classroom, assignment
        folder = classroom.grading(assignment)
        self._store = ResultStore(folder / "results")
        self._ledger = Ledger.of(read_journal(folder / "journal.jsonl"))
        if not self._ledger.learners:
            raise CourseError(f"nothing of {assignment} is graded yet: run `course grade {assignment}`")

    @property
    def needs_staff(self) -> dict[str, str]:
        """Learners whose submission has no result, with the reason."""
        ledger = self._ledger
        return {
            learner: ledger.set_aside[record.job]
            for learner, record in sorted(ledger.learners.items())
            if record.job in ledger.set_aside
        }

    def __iter__(self) -> Iterator[tuple[str, SubmissionResult]]:
        written = self._ledger.written.get(self.classroom.gradebook_id, {})
        for learner, record in sorted(self._ledger.learners.items()):
            if record.job in self._ledger.set_aside:
                continue
            if learner in written and written[learner].submission == record.submission:
                yield learner, self._store.load(written[learner].job, written[learner].result)
            elif record.job in self._ledger.graded:
                yield learner, self._store.load(record.job, self._ledger.graded[record.job].result)

    def released_sources(self) -> dict[str, str]:
        """Return the solution cells as everybody got them, by exercise; none where there is no release."""
        path = self.classroom.release(self.assignment)
        if not path.is_file():
            return {}
        return {
            cell.grade_id: cell.source for cell in read_notebook(path).code_cells if cell.is_solution and cell.grade_id
        }
