"""Journal, results and gradebook held against each other: what does not agree was changed by somebody, or is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from utils.course.classroom.gradebook import GradebookWriter
from utils.course.classroom.journal import Verification, read_journal, verify
from utils.course.classroom.ledger import Ledger
from utils.course.classroom.place import Classroom
from utils.course.classroom.store import ResultError, ResultStore
from utils.course.grading import SubmissionResult


@dataclass(frozen=True)
class Audit:
    """What was found.

    Attributes:
        journal: the chain.
        results: results that were read and are what the journal says.
        grades: learners whose automatic scores in the gradebook were compared.
        problems: a sentence for everything that does not agree.
    """

    journal: Verification
    results: int
    grades: int
    problems: tuple[str, ...]


def audit(classroom: Classroom, assignment: str, writer: GradebookWriter | None = None) -> Audit:
    """Check an assignment's journal, every result that it names, and, with a writer, the gradebook's automatic scores.

    Scores that staff gave by hand are theirs and are not questioned.
    """
    folder = classroom.grading(assignment)
    checked = verify(folder / "journal.jsonl")
    problems = [] if checked.problem is None else [f"journal: {checked.problem}"]
    if checked.problem is not None:
        return Audit(checked, 0, 0, tuple(problems))
    ledger = Ledger.of(read_journal(folder / "journal.jsonl"))
    store = ResultStore(folder / "results")
    sound = 0
    for job, graded in ledger.graded.items():
        try:
            store.load(job, graded.result)
            sound += 1
        except (ResultError, ValueError) as error:
            problems.append(f"result: {error}")
    compared = 0
    if writer is not None:
        for learner, written in sorted(ledger.written.get(classroom.gradebook_id, {}).items()):
            compared += 1
            try:
                result = store.load(written.job, written.result)
            except (ResultError, ValueError):
                continue
            problems += _disagreements(learner, result, writer)
            if not classroom.autograded(learner, assignment).is_file():
                problems.append(f"{learner}: the graded notebook is gone; `course grade --regrade` makes it again")
    return Audit(checked, sound, compared, tuple(problems))


def _disagreements(learner: str, result: SubmissionResult, writer: GradebookWriter) -> Iterator[str]:
    scores = writer.scores(learner)
    if scores is None:
        yield f"{learner}: graded, but the gradebook has no submission"
        return
    for name, cell in result.cells.items():
        found = scores.automatic.get(name)
        if found != cell.points:
            yield f"{learner}: {name} was graded {cell.points:g}, the gradebook says {found}"
