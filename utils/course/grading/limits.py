"""Every number that bounds a submission, in one place."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """What one submission may use. Times are in seconds, sizes in bytes.

    Args:
        submission_seconds: wall time for everything that the learner's code does, over all cells and calls.
        cell_seconds: wall time for one of the learner's cells.
        call_seconds: wall time for one call of a graded test cell.
        cpu_seconds: processor time of any single process.
        memory: resident memory of all processes of the submission together.
        processes: processes and threads that may exist at once.
        scratch: size of the temporary file system, and of the largest file.
        output: bytes that may be printed before the submission is stopped.
        output_kept: bytes of printed text that are kept for feedback.
        message: bytes of one message between worker and scorer.
        submission_file: bytes of a submitted file or archive.
        notebook: bytes of a notebook once unpacked.
        archive_members: files in a submitted archive.
        attempts: fresh starts for a submission of which one cell ended the whole process.

    Raises:
        ValueError: a limit is not positive.
    """

    submission_seconds: float = 180.0
    cell_seconds: float = 30.0
    call_seconds: float = 15.0
    cpu_seconds: int = 150
    memory: int = 2048 * MIB
    processes: int = 96
    scratch: int = 128 * MIB
    output: int = 64 * MIB
    output_kept: int = 16 * 1024
    message: int = 64 * MIB
    submission_file: int = 32 * MIB
    notebook: int = 16 * MIB
    archive_members: int = 512
    attempts: int = 3

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
                raise ValueError(f"limit {field.name} must be a positive number, not {value!r}")

    def to_dict(self) -> dict[str, Any]:
        """Return the limits as plain data."""
        return asdict(self)
