"""Results of grading as files, each written beside its place and renamed into it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from utils.course.errors import CourseError
from utils.course.grading import SubmissionResult
from utils.files import write_whole


class ResultError(CourseError):
    """A stored result is missing or is not what the journal says."""


class ResultStore:
    """The results of one assignment.

    A file's name holds its own hash, so a result that is made again never takes the place of the one that the journal
    speaks of.

    Args:
        folder: where the files lie; made when the first one is saved.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, job: str, digest: str) -> Path:
        """Return where a result lies."""
        return self.folder / job[:2] / f"{job[:32]}-{digest[:32]}.json"

    def save(self, job: str, result: SubmissionResult) -> str:
        """Save a result and return the SHA-256 of its file."""
        content = (json.dumps(result.to_dict(), ensure_ascii=True, sort_keys=True) + "\n").encode()
        digest = hashlib.sha256(content).hexdigest()
        write_whole(self.path(job, digest), content, mode=0o600, durable=True)
        return digest

    def load(self, job: str, digest: str) -> SubmissionResult:
        """Read a result back.

        Raises:
            ResultError: the file is missing, or its hash is not `digest`.
        """
        path = self.path(job, digest)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ResultError(f"result {path.name} cannot be read: {error.strerror}") from None
        if hashlib.sha256(content).hexdigest() != digest:
            raise ResultError(f"result {path.name} was changed after it was written")
        return SubmissionResult.from_dict(json.loads(content))
