"""What happened in a class, as numbers: read result by result, kept as counts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from utils.course.grading import AssignmentSpec, SubmissionResult

_CASE_ONLY = re.compile(r"\s*\([^()]*\)\s*\.?$")
_ERROR = re.compile(r"^(AssertionError|CheckError|NotImplementedError)(: |$)")
MOST_HINTS = 2000
"""Different hints of one exercise that are counted; answers that make up their own do not fill the memory."""

NOT_ANSWERED = "Not answered"


@dataclass
class ExerciseNumbers:
    """One exercise over the class.

    Attributes:
        name: its grade_id.
        points: what it is worth.
        tried: submissions that were graded.
        answered: of those, with something in the place of the stub.
        solved: of those, with all points.
        earned: sum of points.
        hints: how many submissions got which hint first.
    """

    name: str
    points: float
    tried: int = 0
    answered: int = 0
    solved: int = 0
    earned: float = 0.0
    hints: Counter[str] = field(default_factory=Counter)

    @property
    def success(self) -> float:
        """Share of submissions with all points; 0 where there are none."""
        return self.solved / self.tried if self.tried else 0.0

    @property
    def misconception(self) -> tuple[str, int]:
        """The most common hint to an answer, and to how many; "" and 0 where there is none."""
        told = [(count, hint) for hint, count in self.hints.items() if hint != NOT_ANSWERED]
        if not told:
            return "", 0
        count, hint = min(told, key=lambda one: (-one[0], one[1]))
        return hint, count


@dataclass(frozen=True)
class Flagged:
    """A submission that deserves a second look."""

    learner: str
    verdict: str
    flags: tuple[str, ...]


@dataclass
class ClassNumbers:
    """A class over one assignment.

    Attributes:
        assignment: its name.
        max_score: points that it is worth.
        exercises: in the order of the notebook.
        scores: of every graded submission.
        seconds: of grading, where known.
        verdicts: how many of each.
        flagged: submissions with flags or with a verdict other than OK.
        needs_staff: learners whose submission has no result, with the reason.
    """

    assignment: str
    max_score: float
    exercises: list[ExerciseNumbers]
    scores: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)
    flagged: list[Flagged] = field(default_factory=list)
    needs_staff: dict[str, str] = field(default_factory=dict)


def hint_of(message: str) -> str:
    """Return a message without the case that it was found on: the same misconception gives the same words."""
    text = _ERROR.sub("", message.strip())
    if text.startswith("Not answered yet") or (not text and message.startswith("NotImplementedError")):
        return NOT_ANSWERED
    expected = text.find(": expected ")
    if expected < 0:
        return _CASE_ONLY.sub("", text) or text
    # The case stands in parentheses and may hold some itself: go back to the one that is still open.
    depth = 0
    for position in range(expected - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(text[position], 0)
        if depth < 0:
            return text[:position].rstrip() or text
    return text


def class_numbers(
    assignment: AssignmentSpec,
    results: Iterable[tuple[str, SubmissionResult]],
    needs_staff: dict[str, str] | None = None,
) -> ClassNumbers:
    """Count a class's results, one after another.

    Args:
        assignment: what was graded.
        results: learners with their results.
        needs_staff: learners without a result, with the reason.
    """
    by_name = {
        one.grade_id: ExerciseNumbers(one.grade_id, sum(test.points for test in one.tests))
        for one in assignment.exercises
    }
    numbers = ClassNumbers(assignment.name, sum(one.points for one in by_name.values()), list(by_name.values()))
    numbers.needs_staff = dict(needs_staff or {})
    for learner, result in results:
        numbers.scores.append(result.score)
        numbers.verdicts[result.verdict] += 1
        if isinstance(seconds := result.observations.get("seconds"), int | float):
            numbers.seconds.append(float(seconds))
        if result.flags or result.verdict != "OK":
            numbers.flagged.append(Flagged(learner, result.verdict, result.flags))
        _count_exercises(by_name, result)
    numbers.verdicts["NEEDS_STAFF"] += len(numbers.needs_staff)
    return numbers


def _count_exercises(by_name: dict[str, ExerciseNumbers], result: SubmissionResult) -> None:
    first_hint: dict[str, str] = {}
    solved = {cell.exercise: True for cell in result.cells.values()}
    for cell in result.cells.values():
        if cell.exercise not in by_name:
            continue
        by_name[cell.exercise].earned += cell.points
        if not cell.passed:
            solved[cell.exercise] = False
            if cell.kind != "not-run":
                first_hint.setdefault(cell.exercise, hint_of(cell.message))
    for name, all_passed in solved.items():
        if name not in by_name:
            continue
        exercise = by_name[name]
        exercise.tried += 1
        exercise.solved += all_passed
        hint = first_hint.get(name, "")
        exercise.answered += hint != NOT_ANSWERED and (all_passed or bool(hint))
        if hint and (hint in exercise.hints or len(exercise.hints) < MOST_HINTS):
            exercise.hints[hint] += 1
