"""The journal read as a state: whose submission is graded, with which tests, and written to which gradebook."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from utils.course.classroom.journal import Entry


@dataclass(frozen=True)
class HandedInRecord:
    """What a learner has handed in: the job it makes, and when and under which name it came."""

    job: str
    submission: str
    filename: str
    submitted_at: str | None
    assignment: str


@dataclass(frozen=True)
class GradedRecord:
    """A finished job: the hash of its result's file, and what is in it."""

    result: str
    verdict: str
    score: float
    max_score: float
    seconds: float | None = None


@dataclass(frozen=True)
class WrittenRecord:
    """What was last written to a gradebook for a learner."""

    job: str
    submission: str
    result: str
    score: float


@dataclass
class Ledger:
    """State of one assignment's grading, kept up by `apply`.

    Attributes:
        learners: the newest submission of each learner.
        graded: finished jobs.
        set_aside: jobs that need staff, with the reason.
        written: by gradebook, then by learner.
        outdated: finished jobs that a running regrade has not done again yet.
        rehearsed: digest of the assignment that a regrade was done with to see what would change, without writing.
        regrading: digest of the assignment that a regrade was started with and has not finished, else None.
    """

    learners: dict[str, HandedInRecord] = field(default_factory=dict)
    graded: dict[str, GradedRecord] = field(default_factory=dict)
    set_aside: dict[str, str] = field(default_factory=dict)
    written: dict[str, dict[str, WrittenRecord]] = field(default_factory=dict)
    outdated: set[str] = field(default_factory=set)
    regrading: str | None = None
    rehearsed: str | None = None

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Ledger:
        """Replay a journal."""
        ledger = cls()
        for entry in entries:
            ledger.apply(entry)
        return ledger

    def apply(self, entry: Entry) -> None:
        """Take in one entry; events that change no state are skipped."""
        handler = getattr(self, f"_on_{entry.event.replace('-', '_')}", None)
        if handler is not None:
            handler(entry.data)

    def is_done(self, job: str) -> bool:
        """Return whether a job needs no grading."""
        return job in self.graded and job not in self.outdated and job not in self.set_aside

    def is_written(self, gradebook: str, learner: str) -> bool:
        """Return whether the gradebook holds the newest result of a learner's newest submission."""
        handed_in = self.learners.get(learner)
        written = self.written.get(gradebook, {}).get(learner)
        if handed_in is None or written is None or written.job != handed_in.job:
            return False
        graded = self.graded.get(handed_in.job)
        return graded is not None and graded.result == written.result

    def _on_handed_in(self, data: dict[str, Any]) -> None:
        data = dict(data)
        learner = data.pop("learner")
        self.learners[learner] = HandedInRecord(**data)

    def _on_graded(self, data: dict[str, Any]) -> None:
        data = dict(data)
        job = data.pop("job")
        self.graded[job] = GradedRecord(**data)
        self.set_aside.pop(job, None)
        self.outdated.discard(job)

    def _on_set_aside(self, data: dict[str, Any]) -> None:
        self.set_aside[data["job"]] = data["reason"]

    def _on_written(self, data: dict[str, Any]) -> None:
        data = dict(data)
        gradebook, learner = data.pop("gradebook"), data.pop("learner")
        self.written.setdefault(gradebook, {})[learner] = WrittenRecord(**data)

    def _on_regrade_started(self, data: dict[str, Any]) -> None:
        # What a rehearsal has graded anew is not graded a third time when it is written.
        if self.rehearsed != data["assignment"]:
            self.outdated = set(self.graded)
        self.regrading, self.rehearsed = data["assignment"], None

    def _on_regrade_finished(self, data: dict[str, Any]) -> None:
        self.regrading = None
        self.rehearsed = data["assignment"] if data.get("rehearsal") else None
        self.outdated = set()
