"""How well a number tells made-up answers from right ones: ranking, calibration, and risk against coverage."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Sequence

import numpy as np
from scipy.stats import rankdata

from utils.evaluation.intervals import Interval


def auroc(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """Return the probability that a positive outranks a negative, ties one half.

    Raises:
        ValueError: unequal numbers, or labels of one class only.
    """
    if len(scores) != len(labels):
        raise ValueError(f"scores and labels must be as many, not {len(scores)} and {len(labels)}")
    positive = np.asarray(labels, bool)
    n = int(positive.sum())
    if not 0 < n < len(positive):
        raise ValueError(f"labels must hold both classes, they have {n} positives of {len(positive)}")
    ranks = rankdata(np.asarray(scores, float))
    return float((ranks[positive].sum() - n * (n + 1) / 2) / (n * (len(positive) - n)))


def calibration_error(confidence: Sequence[float], correct: Sequence[bool], n_bins: int = 10) -> float:
    """Return the expected calibration error over bins of equal width, [lo, hi) but for the last, which has 1.0 too.

    Raises:
        ValueError: none, unequal numbers, or a confidence outside [0, 1].
    """
    p, right = np.asarray(confidence, float), np.asarray(correct, float)
    if len(p) != len(right) or not len(p):
        raise ValueError(f"confidence and correct must be as many and not none, not {len(p)} and {len(right)}")
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError(f"confidence must lie in [0, 1], it goes from {p.min()} to {p.max()}")
    place = np.minimum((p * n_bins).astype(int), n_bins - 1)
    gaps = [abs((p[place == b] - right[place == b]).sum()) for b in range(n_bins)]
    return float(sum(gaps) / len(p))


def entropy_of(meanings: Sequence[Hashable]) -> float:
    """Return the entropy (nats) of the meanings of sampled answers; ValueError for none."""
    if not meanings:
        raise ValueError("meanings must hold at least one, not none")
    shares = [count / len(meanings) for count in Counter(meanings).values()]
    return -sum(share * math.log(share) for share in shares)


def risk_and_coverage(confidence: Sequence[float], correct: Sequence[bool]) -> tuple[list[float], list[float]]:
    """Return coverages 1/N ... 1 and the share of wrong answers among the most confident so many; ValueError for none."""
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
