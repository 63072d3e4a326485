"""What a measure of certainty is good for: risk against coverage, and intervals over people."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from utils.evaluation.intervals import Interval


def risk_and_coverage(confidence: Sequence[float], correct: Sequence[bool]) -> tuple[list[float], list[float]]:
    """Return coverages 1/N ... 1 and the share of wrong answers among the surest so many; ValueError for none."""
    if len(confidence) != len(correct) or not len(correct):
        raise ValueError(f"confidence and correct must be as many and not none, not {len(confidence)}, {len(correct)}")
    order = np.argsort(-np.asarray(confidence, float), kind="stable")
    wrong = 1.0 - np.asarray(correct, float)[order]
    counts = np.arange(1, len(order) + 1)
    return (counts / len(order)).tolist(), (wrong.cumsum() / counts).tolist()


def interval_over_people(
    statistic: Callable[[np.ndarray], float], people: Sequence[str], resamples: int = 300, seed: int = 0
) -> Interval:
    """Return a percentile bootstrap interval that draws whole people, all their questions with them.

    Args:
        statistic: places of questions -> a number; a draw that it refuses with ValueError is left out.
        people: who each question is about.
    """
    names = sorted(set(people))
    places = {name: np.flatnonzero(np.asarray(people) == name) for name in names}
    draws, found = np.random.default_rng(seed), []
    for _ in range(resamples):
        chosen = np.concatenate([places[names[i]] for i in draws.integers(len(names), size=len(names))])
        try:
            found.append(statistic(chosen))
        except ValueError:  # all answers of one class
            continue
    low, high = np.percentile(found, [2.5, 97.5])
    return Interval(statistic(np.arange(len(people))), float(low), float(high), len(names))
