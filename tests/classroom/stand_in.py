"""A grader for tests of what is around grading: it runs answers in this process, so only answers of our own."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from utils.course.classroom.backends import Grader
from utils.course.classroom.identity import digest_of
from utils.course.grading import AssignmentSpec, CellResult, Submission, SubmissionResult, read_submission


@dataclass(frozen=True)
class StandInRecipe:
    """Grades in this process.

    Attributes:
        assignment: as `AssignmentSpec.to_dict` gives it.
        failures: how often the grader fails on a submission before it works, by a text that the submission holds;
            counted in `folder`, across processes.
        folder: for the counts, and a line for every grading in `calls`.
        seconds: how long a grading takes at least.
    """

    assignment: dict[str, Any]
    failures: dict[str, int] = field(default_factory=dict)
    folder: str = ""
    seconds: float = 0.0

    @cached_property
    def key(self) -> str:
        return digest_of([self.assignment, self.failures, self.folder, self.seconds])

    @contextmanager
    def open(self, slots: int) -> Iterator[Grader]:
        assignment = AssignmentSpec.from_dict(self.assignment)
        yield lambda submission: self._grade(submission, assignment)

    def _grade(self, submission: Submission, assignment: AssignmentSpec) -> SubmissionResult:
        if self.folder:
            with (Path(self.folder) / "calls").open("a") as stream:
                stream.write(f"{submission.digest} {os.getpid()}\n")
        time.sleep(self.seconds)
        for text, times in sorted(self.failures.items()):
            if text.encode() in submission.content:
                self._fail(text, times)
        return grade_in_process(submission, assignment)

    def _fail(self, text: str, times: int) -> None:
        path = Path(self.folder) / f"failures-{digest_of(text)[:8]}"
        done = int(path.read_text()) if path.is_file() else 0
        if done < times:
            path.write_text(str(done + 1))
            raise OSError(f"the grader's disk is full ({text})")

    def calls(self) -> int:
        """Return how many gradings there were."""
        return len(self.processes())

    def processes(self) -> list[int]:
        """Return the process of each grading."""
        path = Path(self.folder) / "calls"
        return [int(line.split()[1]) for line in path.read_text().splitlines()] if path.is_file() else []


def grade_in_process(submission: Submission, assignment: AssignmentSpec) -> SubmissionResult:
    """Run a submission's cells and the graded cells."""
    intake = read_submission(submission, assignment)
    facts = {
        "assignment": assignment.name,
        "assignment_digest": assignment.digest,
        "submission_digest": submission.digest,
    }
    if intake.verdict:
        return SubmissionResult(**facts, verdict=intake.verdict, reason=intake.reason)
    space: dict[str, Any] = {"__name__": "__main__"}
    cells: dict[str, CellResult] = {}
    owner = {test.grade_id: one.grade_id for one in assignment.exercises for test in one.tests}
    for cell in assignment.cells:
        if cell.role == "author":
            _run(cell.source, space)
        elif cell.role == "solution":
            _run(intake.answers.get(cell.grade_id, ""), space)
        elif cell.role == "test":
            error = _run(cell.source, dict(space))
            passed = error is None
            kind = "" if passed else "wrong" if isinstance(error, AssertionError) else "error"
            points = cell.points if passed else 0.0
            message = "" if passed else f"{type(error).__name__}: {error}"
            cells[cell.grade_id] = CellResult(owner[cell.grade_id], passed, points, cell.points, message, kind)
    return SubmissionResult(
        **facts,
        verdict="OK",
        cells=cells,
        flags=tuple(sorted(intake.flags)),
        notes=tuple(intake.notes),
        answers=intake.answers,
        extras=tuple(intake.extras),
        observations={"seconds": 0.5},
    )


def _run(source: str, space: dict[str, Any]) -> BaseException | None:
    try:
        exec(compile(source, "<cell>", "exec"), space)
    except Exception as error:
        return error
    return None


def result_of(data: dict[str, Any]) -> SubmissionResult:
    """Rebuild a result from JSON text or plain data."""
    return SubmissionResult.from_dict(json.loads(json.dumps(data)))
