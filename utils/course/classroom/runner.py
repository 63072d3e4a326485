"""Streams submissions through a backend, a bounded number at a time; faults of the grader never become a score."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass, field

from utils.course.classroom.backends import Backend, grade_bytes, result_from_bytes
from utils.course.errors import CourseError
from utils.course.grading import SubmissionResult

ATTEMPTS = 3
"""How often a submission is given to the grader before it is set aside for staff."""


@dataclass(frozen=True)
class Job:
    """One submission on its way: its identity, the bytes, and whose it is."""

    identity: str
    learner: str
    content: bytes = field(repr=False)
    filename: str


@dataclass(frozen=True)
class Fault:
    """The grader failed on a submission; it is tried again."""

    job: Job
    attempt: int
    reason: str


@dataclass(frozen=True)
class SetAside:
    """The grader failed on a submission again and again; staff has to look."""

    job: Job
    reason: str


@dataclass(frozen=True)
class Graded:
    """A submission has a result."""

    job: Job
    result: SubmissionResult


Event = Fault | SetAside | Graded


def grade_all(jobs: Iterable[Job], backend: Backend, key: str, attempts: int = ATTEMPTS) -> Iterator[Event]:
    """Grade submissions and yield what happens, as it happens; never more on the way than the backend's window.

    Args:
        jobs: read one by one, as places become free.
        backend: where to grade.
        key: of the recipe that the backend was opened with.
        attempts: how often to try before a submission is set aside.

    Raises:
        CourseError: the backend itself is gone (a cluster's scheduler, say), or it can open no grader (no sandbox).
    """
    waiting = iter(jobs)
    running: dict[Future[bytes], tuple[Job, int]] = {}

    def start(job: Job, attempt: int) -> None:
        try:
            future = backend.executor.submit(grade_bytes, key, job.content, job.filename)
        except Exception as error:
            raise CourseError(
                f"{backend.name} takes no more submissions ({_said(error)}): run again to go on"
            ) from None
        running[future] = (job, attempt)

    try:
        while True:
            while len(running) < backend.window and (job := next(waiting, None)) is not None:
                start(job, 1)
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                job, attempt = running.pop(future)
                result, reason = _outcome(future)
                if result is not None:
                    yield Graded(job, result)
                elif attempt < attempts:
                    yield Fault(job, attempt, reason)
                    start(job, attempt + 1)
                else:
                    yield SetAside(job, reason)
    finally:
        for future in running:
            future.cancel()


def _outcome(future: Future[bytes]) -> tuple[SubmissionResult | None, str]:
    """Return a result that counts, or None and what went wrong."""
    try:
        result = result_from_bytes(future.result())
    except CancelledError:
        return None, "the worker that had it is gone"
    except CourseError:
        # Not a fault that a second try could heal: no grader can be opened at all.
        raise
    except Exception as error:
        return None, _said(error)
    if result.verdict == "NEEDS_STAFF":
        return None, str(result.observations.get("fault") or result.reason or "the grader failed without a word")
    return result, ""


def _said(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0][:300]}" if text else type(error).__name__
