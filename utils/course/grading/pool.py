"""Slots shared by threads, and the one function from a submission to its result."""

from __future__ import annotations

import os
import queue
import secrets
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from utils.course.grading.intake import Intake, Submission, read_submission
from utils.course.grading.limits import Limits
from utils.course.grading.result import CellResult, SubmissionResult
from utils.course.grading.sandbox import choose_sandbox
from utils.course.grading.slot import Slot, SlotError
from utils.course.grading.spec import AssignmentSpec

_TRIES = 2


class SandboxPool:
    """Slots that grade submissions; threads that ask for one share them.

    The slots start together, at the first submission or by `start`: one imports everything and attacks its sandbox,
    the others branch off it. Nothing is let in before the attacks have failed.

    Args:
        slots: how many submissions may be graded at once.
        sandbox: "auto", "bubblewrap", "podman", "docker", or "none" (one's own work only).
        image: the image for Podman and Docker.
        limits: what a submission may use.
        secret: from which hidden tests draw their inputs; by default the variable COURSE_SECRET.
        check: attack the sandbox first, and refuse it when an attack succeeds.

    Raises:
        ValueError: `slots` is below 1, or the sandbox's name is unknown.
        SandboxUnavailableError: there is no such sandbox on this machine.
    """

    def __init__(
        self,
        slots: int = 1,
        sandbox: str = "auto",
        *,
        image: str | None = None,
        limits: Limits | None = None,
        secret: str | None = None,
        check: bool = True,
    ) -> None:
        if slots < 1:
            raise ValueError(f"slots must be at least 1, not {slots}")
        self.limits = limits or Limits()
        chosen = choose_sandbox(sandbox, image)
        self.sandbox, self._image = chosen.name, image
        self._divides, self._check = chosen.reusable, check and chosen.name != "none"
        secret = os.environ.get("COURSE_SECRET", "") if secret is None else secret
        self._starting = threading.Lock()
        self._started = False
        self._free: queue.LifoQueue[Slot] = queue.LifoQueue()
        # Other processes of this machine, a cluster's workers say, have pools too.
        lane = secrets.randbelow(1 << 16)
        self._slots = [Slot(self.sandbox, image, self.limits, secret, lane + number) for number in range(slots)]
        for slot in reversed(self._slots):
            self._free.put(slot)

    def __enter__(self) -> SandboxPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all slots."""
        for slot in reversed(self._slots):  # the first one last: the others' warm processes are branches of its own
            slot.stop()

    def start(self, assignment: AssignmentSpec) -> None:
        """Attack the sandbox and start all slots for an assignment; nothing happens where they were started before.

        Raises:
            SandboxCheckError: an attack on the sandbox succeeded.
            SlotError: the first slot does not start.
        """
        with self._starting:
            if self._started:
                return
            first, *others = self._slots
            if self._check and not self._divides:
                from utils.course.grading.attacks import sandbox_check

                sandbox_check(self.sandbox, self._image, refuse=True)
            first.start(attack=self._check and self._divides)
            first.learn(assignment.to_dict(), assignment.digest)
            if self._divides:
                for other in others:
                    try:
                        first.branch(other)
                    except SlotError:
                        break  # those that are left start by themselves, when they are needed
            self._started = True

    def score(self, intake: Intake, assignment: AssignmentSpec, limits: Limits | None = None) -> dict[str, Any]:
        """Score what intake found, within other limits where they are given; a fault is tried again once.

        Raises:
            SandboxCheckError: an attack on the sandbox succeeded.
            SlotError: it failed twice.
        """
        self.start(assignment)
        job = {
            "answers": intake.answers,
            "extras": [list(extra) for extra in intake.extras],
            "limits": (limits or self.limits).to_dict(),
        }
        slot = self._free.get()
        try:
            for attempt in range(_TRIES):
                try:
                    return slot.grade(assignment.to_dict(), assignment.digest, job)
                except SlotError:
                    if attempt == _TRIES - 1:
                        raise
        finally:
            self._free.put(slot)
        raise AssertionError("unreachable")


def grade_submission(
    submission: bytes | str | Path | Submission,
    assignment: AssignmentSpec,
    pool: SandboxPool,
    limits: Limits | None = None,
) -> SubmissionResult:
    """Grade one submission. Never raises for anything in it; a fault of the grader gives NEEDS_STAFF.

    Args:
        submission: a notebook or an archive, as bytes, as a path, or as a Submission.
        assignment: what it is graded against.
        pool: where learner code runs.
        limits: what this submission may use, the pool's limits by default.

    Raises:
        SandboxCheckError: an attack on the pool's sandbox succeeded, so nothing is graded in it.
    """
    limits = limits or pool.limits
    begin = time.perf_counter()
    if isinstance(submission, bytes):
        submission = Submission(submission)
    elif isinstance(submission, str | Path):
        submission = Submission.from_path(submission, limits)
    intake = read_submission(submission, assignment, limits)
    verdict, reason = intake.verdict, intake.reason
    scored: dict[str, Any] = {"cells": {}, "flags": [], "observations": {}}
    if not verdict:
        try:
            scored = pool.score(intake, assignment, limits)
            verdict, reason = scored["verdict"], scored["reason"]
        except SlotError as error:
            verdict, reason = "NEEDS_STAFF", "Grading failed for a reason of its own; staff will look at it."
            scored["observations"]["fault"] = str(error)
    return SubmissionResult(
        assignment=assignment.name,
        assignment_digest=assignment.digest,
        submission_digest=submission.digest,
        verdict=verdict,
        reason=reason,
        cells=_cells(assignment, scored["cells"], verdict, reason),
        flags=tuple(sorted({*intake.flags, *scored["flags"]})),
        notes=tuple(intake.notes),
        answers=dict(intake.answers),
        extras=tuple(intake.extras),
        observations={**scored["observations"], "seconds": round(time.perf_counter() - begin, 3)},
    )


def _cells(
    assignment: AssignmentSpec, scored: dict[str, dict[str, Any]], verdict: str, reason: str
) -> dict[str, CellResult]:
    """Return a result for each graded cell; none where the grader failed, so that nothing is scored 0 by mistake."""
    if verdict == "NEEDS_STAFF":
        return {}
    cells = {}
    for exercise in assignment.exercises:
        for test in exercise.tests:
            found = scored.get(test.grade_id, {"passed": False, "kind": "not-run", "message": reason})
            cells[test.grade_id] = CellResult(
                exercise=exercise.grade_id,
                passed=found["passed"],
                points=min(test.points, max(0.0, found.get("points", 0.0))),
                max_points=test.points,
                message=found["message"],
                kind=found["kind"],
            )
    return cells
