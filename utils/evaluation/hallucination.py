"""Right, invented or withheld: what answers are once the truth is known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from utils.decoding.arguments import a_sequence, same_length
from utils.decoding.checked import checked

Fact = tuple[str, str, str]
"""Subject, relation, object."""


def _listed(values: Any, name: str) -> list[Any]:
    return a_sequence(values, name)


@checked
def outcome_rates(answers: Sequence[Any], truths: Sequence[Any], abstained: Sequence[bool]) -> dict[str, float]:
    """Return the shares of answers that are correct, hallucinated (given and wrong) and abstained; they sum to 1.

    >>> outcome_rates(["Bern", "Basel", "?"], ["Bern", "Bern", "Rome"], [False, False, True])["hallucinated"]
    0.3333333333333333

    Raises:
        ValueError: no answers, or unequal lengths.
    """
    given, due = _listed(answers, "answers"), _listed(truths, "truths")
    silent = _listed(abstained, "abstained")
    same_length(given, "answers", due, "truths")
    same_length(given, "answers", silent, "abstained")
    if not given:
        raise ValueError("answers has no entries: no answers have no rates")
    withheld = sum(map(bool, silent))
    correct = sum(one == other and not quiet for one, other, quiet in zip(given, due, silent, strict=True))
    counts = {"correct": correct, "hallucinated": len(given) - withheld - correct, "abstained": withheld}
    return {outcome: count / len(given) for outcome, count in counts.items()}


@checked
def snowball_rate(first_wrong: Sequence[bool], later_wrong: Sequence[bool]) -> tuple[float, float]:
    """Return how often a follow-up is wrong after a wrong first statement, and after a right one.

    The rate is NaN where no first statement is wrong, or none is right (Zhang et al., 2023).

    Raises:
        ValueError: no statements, or unequal lengths.
    """
    first, later = _listed(first_wrong, "first_wrong"), _listed(later_wrong, "later_wrong")
    same_length(first, "first_wrong", later, "later_wrong")
    if not first:
        raise ValueError("first_wrong has no entries: there is no rate of nothing")

    def rate(wrong: bool) -> float:
        followed = [bool(after) for before, after in zip(first, later, strict=True) if bool(before) == wrong]
        return sum(followed) / len(followed) if followed else math.nan

    return rate(True), rate(False)


@checked
def supported(answer: Sequence[Fact], sources: Sequence[Sequence[Fact]]) -> bool:
    """Return whether every fact of an answer stands in some source, not all in the same; an empty answer is supported.

    >>> supported([("Bern", "country", "Switzerland")], [[], [("Bern", "country", "Switzerland")]])
    True
    """
    known = {tuple(fact) for source in _listed(sources, "sources") for fact in source}
    return all(tuple(fact) in known for fact in _listed(answer, "answer"))
