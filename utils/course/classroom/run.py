"""A grading run from submissions to gradebook. Kill it anywhere, start it again: it ends with the same grades."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from utils.course.classroom.backends import BackendOpener, SandboxRecipe, local_backend
from utils.course.classroom.gradebook import GradebookWriter
from utils.course.classroom.handed_in import HandedIn
from utils.course.classroom.identity import digest_of, environment, job_identity
from utils.course.classroom.journal import Journal
from utils.course.classroom.ledger import HandedInRecord, Ledger
from utils.course.classroom.place import Classroom, safe_learner
from utils.course.classroom.runner import Fault, Graded, Job, SetAside, grade_all
from utils.course.classroom.store import ResultError, ResultStore
from utils.course.errors import CourseError
from utils.course.grading import AssignmentSpec, Limits, SubmissionResult


@dataclass(frozen=True)
class Progress:
    """What happened to one learner's submission, for a progress bar.

    Attributes:
        learner: whose.
        kind: "graded", "known" (was graded before), "fault" (tried again) or "set-aside".
        verdict: of the result, empty for faults.
        detail: what went wrong.
    """

    learner: str
    kind: str
    verdict: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Change:
    """What writing would change in the gradebook for one learner.

    Attributes:
        learner: whose.
        before: automatic points now, None where there are none.
        after: automatic points of the new result.
        max_score: what they are out of.
        cells: graded cells whose points change, as (cell, before, after).
        manual: cells of those where staff gave points, which stay.
    """

    learner: str
    before: float | None
    after: float
    max_score: float
    cells: tuple[tuple[str, float | None, float], ...]
    manual: tuple[str, ...] = ()


@dataclass
class Summary:
    """A run in numbers.

    Attributes:
        total: submissions looked at.
        graded: graded in this run.
        known: graded before, with the same tests and environment.
        written: written to the gradebook in this run.
        verdicts: how many of each, over all that are graded.
        needs_staff: learners that the grader failed on, with the reason.
        refused: submissions that could not be read at all, with the reason.
        remarks: what was odd about how something was handed in, by learner.
        earlier_tests: learners whose grade comes from other tests or another environment.
        faults: how often the grader failed and was tried again.
        head: the journal's last hash; noted elsewhere, it shows a journal rewritten as a whole.
    """

    total: int = 0
    graded: int = 0
    known: int = 0
    written: int = 0
    verdicts: dict[str, int] = field(default_factory=dict)
    needs_staff: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    remarks: dict[str, str] = field(default_factory=dict)
    earlier_tests: list[str] = field(default_factory=list)
    faults: int = 0
    head: str = ""


class GradingRun:
    """One assignment's grading, with its journal held open so that no other process grades it meanwhile.

    Args:
        classroom: whose class.
        assignment: the source notebook as it is now.
        recipe: how a worker makes its grader; None for the course's sandbox with `limits` and the class's secret.
        limits: what a submission may use.
        observe: told about every submission.

    Raises:
        JournalError: the journal was changed, or another process holds it.
    """

    def __init__(
        self,
        classroom: Classroom,
        assignment: AssignmentSpec,
        recipe: Any = None,
        limits: Limits | None = None,
        observe: Callable[[Progress], None] = lambda progress: None,
    ) -> None:
        self.classroom, self.assignment, self.observe = classroom, assignment, observe
        self.limits = limits or Limits()
        secret = classroom.secret()
        self.recipe = recipe or SandboxRecipe(assignment.to_dict(), self.limits.to_dict(), secret)
        self.environment = environment(self.limits.to_dict(), secret)
        self._environment_digest = digest_of(self.environment)
        folder = classroom.grading(assignment.name)
        self.store = ResultStore(folder / "results")
        self.journal = Journal(folder / "journal.jsonl")
        self.ledger = Ledger.of(self.journal.entries())
        self.summary = Summary()
        self._handed_in: dict[str, HandedIn] = {}

    def close(self) -> None:
        """Let go of the journal."""
        self.summary.head = self.journal.head
        self.journal.close()

    def __enter__(self) -> GradingRun:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def grade(
        self,
        submissions: Sequence[HandedIn],
        backend: BackendOpener = lambda recipe: local_backend(recipe, 1),
        regrade: bool = False,
        writer: GradebookWriter | None = None,
    ) -> Summary:
        """Grade what is not graded yet, and write it as it comes where a writer is given.

        Args:
            submissions: newest of each learner.
            backend: opens the place to grade in with the recipe.
            regrade: grade again also what is done, and what was graded with other tests; nothing that is in the
                gradebook already is written: `changes` shows it, `write_all` writes it.
            writer: of the gradebook; it takes each result that the gradebook has no other grade for.

        Raises:
            CourseError: the cluster or the gradebook is gone; what is done stays done.
        """
        self.summary = Summary(total=len(submissions))
        self._begin(regrade)
        jobs = self._due(submissions, regrade, writer)
        first = next(jobs, None)
        if first is not None:
            with backend(self.recipe) as opened:
                for event in grade_all(_again(first, jobs), opened, self.recipe.key):
                    self._take(event, writer)
        if regrade:
            self._log("regrade-finished", assignment=self.assignment.digest, rehearsal=writer is None)
        self.summary.head = self.journal.head
        return self.summary

    def changes(self, writer: GradebookWriter, only: Iterable[str] | None = None) -> list[Change]:
        """Compare results with the gradebook: what `write_all` would change, by learner."""
        changed = []
        for learner, result in self._results(only):
            change = _change(learner, result, writer)
            if change is not None:
                changed.append(change)
        return changed

    def write_all(self, writer: GradebookWriter, only: Iterable[str] | None = None) -> int:
        """Write every result that the gradebook does not hold yet; return how many."""
        count = 0
        for learner, result in self._results(only):
            self._write(learner, result, writer)
            count += 1
        return count

    def _begin(self, regrade: bool) -> None:
        self._log(
            "run-started",
            assignment=self.assignment.digest,
            environment=self.environment,
            gradebook=self.classroom.shown_db,
        )
        if regrade and self.ledger.regrading != self.assignment.digest:
            self._log("regrade-started", assignment=self.assignment.digest)

    def _log(self, event: str, **data: Any) -> None:
        self.ledger.apply(self.journal.append(event, **data))

    def _due(self, submissions: Sequence[HandedIn], regrade: bool, writer: GradebookWriter | None) -> Iterator[Job]:
        """Yield the jobs to do, reading one submission after another; what is known is settled on the way."""
        self._same: dict[str, list[str]] = {}
        for one in submissions:
            self._handed_in[one.learner] = one
            if one.remark:
                self.summary.remarks[one.learner] = one.remark
            try:
                safe_learner(one.learner)
                submission = one.read()
            except (CourseError, ValueError, OSError) as error:
                self.summary.refused[one.learner] = str(error)
                self.observe(Progress(one.learner, "set-aside", detail=str(error)))
                continue
            job = job_identity(submission.digest, self.assignment.digest, self._environment_digest)
            known = self.ledger.learners.get(one.learner)
            if known is not None and known.job != job and not regrade and self._is_out(one.learner, submission.digest):
                # Graded with other tests or in another environment: only a regrade changes a grade that is out.
                self.summary.earlier_tests.append(one.learner)
                self._settle(one.learner, known.job, None)
                continue
            record = HandedInRecord(
                job, submission.digest, submission.filename, one.submitted_at, self.assignment.digest
            )
            if known != record:
                self.ledger.apply(self.journal.note("handed-in", learner=one.learner, **vars(record)))
            if self.ledger.is_done(job) and self._settle(one.learner, job, writer):
                continue
            waiting = self._same.setdefault(job, [])
            waiting.append(one.learner)
            if len(waiting) == 1:
                yield Job(job, one.learner, submission.content, submission.filename)

    def _settle(self, learner: str, job: str, writer: GradebookWriter | None) -> bool:
        """Take a result that is known; False where its file is lost and it must be graded again."""
        graded = self.ledger.graded.get(job)
        try:
            if graded is None:
                return False
            result = self.store.load(job, graded.result)
        except ResultError:
            return False
        self.summary.known += 1
        self._count(result.verdict)
        if writer is not None and self._may_write(learner):
            self._write(learner, result, writer)
        self.observe(Progress(learner, "known", result.verdict))
        return True

    def _take(self, event: Fault | SetAside | Graded, writer: GradebookWriter | None) -> None:
        job = event.job.identity
        if isinstance(event, Fault):
            self.summary.faults += 1
            self._log("fault", job=job, attempt=event.attempt, reason=event.reason)
            self.observe(Progress(event.job.learner, "fault", detail=event.reason))
            return
        learners = self._same.pop(job, [event.job.learner])
        if isinstance(event, SetAside):
            self._log("set-aside", job=job, reason=event.reason)
            for learner in learners:
                self.summary.needs_staff[learner] = event.reason
                if writer is not None:
                    writer.set_aside(learner, self.ledger.learners[learner].submitted_at, self._student(learner))
                self.observe(Progress(learner, "set-aside", "NEEDS_STAFF", event.reason))
            return
        digest = self.store.save(job, event.result)
        self._log(
            "graded",
            job=job,
            result=digest,
            verdict=event.result.verdict,
            score=event.result.score,
            max_score=event.result.max_score,
            seconds=event.result.observations.get("seconds"),
        )
        for learner in learners:
            self.summary.graded += 1
            self._count(event.result.verdict)
            if writer is not None and self._may_write(learner):
                self._write(learner, event.result, writer)
            self.observe(Progress(learner, "graded", event.result.verdict))

    def _count(self, verdict: str) -> None:
        self.summary.verdicts[verdict] = self.summary.verdicts.get(verdict, 0) + 1

    def _may_write(self, learner: str) -> bool:
        """Return whether a result can go to the gradebook unseen: a first grade, or one for a new submission."""
        return not self._is_out(learner, self.ledger.learners[learner].submission)

    def _is_out(self, learner: str, submission: str) -> bool:
        """Return whether the gradebook holds a grade for this very submission, of whatever tests."""
        written = self.ledger.written.get(self.classroom.gradebook_id, {}).get(learner)
        return written is not None and written.submission == submission

    def _write(self, learner: str, result: SubmissionResult, writer: GradebookWriter) -> None:
        handed_in = self.ledger.learners[learner]
        secret = self._handed_in[learner].secret if learner in self._handed_in else ""
        writer.write(learner, result, handed_in.submitted_at, self._student(learner), secret)
        graded = self.ledger.graded[handed_in.job]
        self._log(
            "written",
            gradebook=self.classroom.gradebook_id,
            learner=learner,
            job=handed_in.job,
            submission=handed_in.submission,
            result=graded.result,
            score=result.score,
        )
        self.summary.written += 1

    def _student(self, learner: str) -> Mapping[str, str]:
        return self._handed_in[learner].student if learner in self._handed_in else {}

    def _results(self, only: Iterable[str] | None) -> Iterator[tuple[str, SubmissionResult]]:
        """Yield the results that are not in the gradebook, one at a time, by learner."""
        chosen = sorted(self.ledger.learners if only is None else only)
        for learner in chosen:
            if self.ledger.is_written(self.classroom.gradebook_id, learner):
                continue
            graded = self.ledger.graded.get(self.ledger.learners[learner].job)
            if graded is not None:
                yield learner, self.store.load(self.ledger.learners[learner].job, graded.result)


def _again(first: Job, rest: Iterator[Job]) -> Iterator[Job]:
    yield first
    yield from rest


def _change(learner: str, result: SubmissionResult, writer: GradebookWriter) -> Change | None:
    scores = writer.scores(learner)
    before = scores.automatic if scores is not None else {}
    cells = tuple(
        (name, before.get(name), cell.points) for name, cell in result.cells.items() if before.get(name) != cell.points
    )
    if not cells:
        return None
    given = [points for points in before.values() if points is not None]
    manual = tuple(name for name, _, _ in cells if scores is not None and name in scores.manual)
    return Change(learner, sum(given) if given else None, result.score, result.max_score, cells, manual)
