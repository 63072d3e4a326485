"""The result of grading one submission: plain data, the same bytes for the same input."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

VERDICTS = ("OK", "DENIED", "TIMEOUT", "MEMORY", "CRASH", "UNREADABLE", "NEEDS_STAFF")
"""How the run went, from harmless to worst. It says nothing about points: cells that could be graded were graded.

OK: ran to its end. DENIED: tried something that the sandbox does not allow. TIMEOUT, MEMORY: some cell or call was
stopped at a limit. CRASH: a process of the submission died. UNREADABLE: no notebook could be read. NEEDS_STAFF: the
grader itself failed; nothing was scored.
"""

_TEXTS = ("assignment", "assignment_digest", "submission_digest", "verdict", "reason")


def worst(verdicts: list[str]) -> str:
    """Return the gravest of several verdicts, OK for none."""
    return max(verdicts, key=VERDICTS.index, default="OK")


@dataclass(frozen=True)
class CellResult:
    """One graded test cell.

    Attributes:
        exercise: grade_id of the solution cell that it tests.
        passed: whether the cell ran without an error and gave all its points.
        points, max_points: the score; all or none, or what a test cell that ends in a number of points gave.
        message: the hint for the learner, empty for a pass.
        kind: "" for a pass; "partial" (some of the points), "wrong" (an assertion), "error" (another exception),
            "timeout", "memory", "crash", "missing" (the name is not defined), or "not-run".
    """

    exercise: str
    passed: bool
    points: float
    max_points: float
    message: str = ""
    kind: str = ""


@dataclass(frozen=True)
class SubmissionResult:
    """What grading found out about one submission.

    Attributes:
        assignment: name of the assignment's notebook, such as "07_samplers".
        assignment_digest: hash of the source notebook that it was graded with.
        submission_digest: SHA-256 of the submitted bytes.
        verdict: one of `VERDICTS`.
        reason: a sentence for the learner when the verdict is not OK.
        cells: result per graded test cell, by grade_id, in the order of the notebook.
        flags: what deserves a second look, sorted, each "word: explanation".
        notes: what was repaired in the notebook (a restored cell, say), for the learner.
        answers: the learner's source per solution cell, by grade_id.
        extras: further cells of the learner as [id of the cell before, cell type, source].
        observations: seconds, peak memory, captured output: not part of the identity.
    """

    assignment: str
    assignment_digest: str
    submission_digest: str
    verdict: str
    reason: str = ""
    cells: dict[str, CellResult] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    answers: dict[str, str] = field(default_factory=dict)
    extras: tuple[tuple[str, str, str], ...] = ()
    observations: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def score(self) -> float:
        """Points earned by the graded cells."""
        return sum(cell.points for cell in self.cells.values())

    @property
    def max_score(self) -> float:
        """Points that the graded cells are worth."""
        return sum(cell.max_points for cell in self.cells.values())

    def identity(self) -> dict[str, Any]:
        """Return everything but the observations, as plain data."""
        data = self.to_dict()
        del data["observations"]
        return data

    def identity_json(self) -> bytes:
        """Return the identity as canonical JSON: equal results have equal bytes."""
        return json.dumps(self.identity(), ensure_ascii=True, separators=(",", ":"), sort_keys=True).encode()

    def to_dict(self) -> dict[str, Any]:
        """Return the whole result as plain data for JSON, with the score beside it."""
        # Field by field: `asdict` would copy every text's containers on its way, for a class's every submission.
        data: dict[str, Any] = {name: getattr(self, name) for name in _TEXTS}
        data["cells"] = {name: dict(vars(cell)) for name, cell in self.cells.items()}
        data |= {"flags": list(self.flags), "notes": list(self.notes), "answers": dict(self.answers)}
        data["extras"] = [list(extra) for extra in self.extras]
        data["observations"] = json.loads(json.dumps(self.observations))
        return {**data, "score": self.score, "max_score": self.max_score}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> SubmissionResult:
        """Rebuild a result from `to_dict` or `identity`.

        Raises:
            ValueError: the data are not a result.
        """
        try:
            kept = {key: value for key, value in data.items() if key not in {"score", "max_score"}}
            kept["cells"] = {name: CellResult(**cell) for name, cell in kept["cells"].items()}
            kept["flags"] = tuple(kept["flags"])
            kept["notes"] = tuple(kept["notes"])
            kept["extras"] = tuple((str(a), str(b), str(c)) for a, b, c in kept["extras"])
            return cls(**kept)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"data is not a grading result: {error}") from None
