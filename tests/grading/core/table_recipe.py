"""A recipe that grades the submissions of the table, each within its own limits, wherever an executor runs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.grading.core.course_notebook import assignment
from tests.grading.core.submissions import load
from tests.grading.core.submissions.expected import TABLE
from utils.course.classroom.backends import Grader
from utils.course.grading import Limits, SandboxPool, Submission, grade_submission


@dataclass(frozen=True)
class TableRecipe:
    """Grades in bubblewrap.

    Attributes:
        limits: as `Limits.to_dict` gives them, for submissions without limits of their own.
    """

    limits: tuple[tuple[str, float], ...]

    @property
    def key(self) -> str:
        return f"table {self.limits}"

    @contextmanager
    def open(self, slots: int) -> Iterator[Grader]:
        spec, limits = assignment(), _limits(dict(self.limits))
        own = {Submission(load(name)).digest: dict(row.limits) for name, row in TABLE.items() if row.limits}
        with SandboxPool(slots, "bubblewrap", limits=limits, secret="secret of the tests", check=False) as pool:
            yield lambda submission: grade_submission(
                submission, spec, pool, _limits({**limits.to_dict(), **own.get(submission.digest, {})})
            )


def _limits(fields: dict[str, Any]) -> Limits:
    return Limits(**fields)
