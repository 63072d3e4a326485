"""Confidence intervals for the course's measurements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from utils.decoding.arguments import an_array, whole_number
from utils.decoding.checked import checked


@dataclass(frozen=True)
class Interval:
    """A mean with its confidence interval over n independent values."""

    mean: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.mean:.3g} [{self.low:.3g}, {self.high:.3g}], n = {self.n}"


def _checked_sample(values: Sequence[float], confidence: float) -> np.ndarray:
    """Return the values as an array; refuse what no interval can be made of."""
    sample = an_array(values, "values")
    if sample.ndim != 1:
        raise ValueError(f"values must be one row of numbers, not of the shape {sample.shape}")
    if sample.size < 2:
        raise ValueError(f"values has {sample.size} entries: an interval needs at least two")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}: it must lie between 0 and 1")
    return sample


@checked
def mean_interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """Return Student's t interval of the mean, for a handful of seeds.

    >>> print(mean_interval([1.0, 2.0, 3.0, 4.0]))
    2.5 [0.446, 4.55], n = 4

    Raises:
        ValueError: fewer than two values, or a confidence outside (0, 1).
    """
    sample = _checked_sample(values, confidence)
    centre = float(sample.mean())
    spread = float(stats.sem(sample) * stats.t.ppf(0.5 + confidence / 2, sample.size - 1))
    return Interval(centre, centre - spread, centre + spread, int(sample.size))


@checked
def share_interval(hits: int, n: int) -> Interval:
    """Return a share with Wilson's interval, which has a width where none or all of n are hits.

    Raises:
        ValueError: n is below 1, or the hits are not from 0 to n.
    """
    if not 0 <= hits <= n or n < 1:
        raise ValueError(f"hits must be from 0 to n and n at least 1, not {hits} and {n}")
    found = stats.binomtest(hits, n).proportion_ci(method="wilson")
    return Interval(hits / n, float(found.low), float(found.high), n)


@checked
def paired_difference(ours: Sequence[float], others: Sequence[float], confidence: float = 0.95) -> Interval:
    """Return the interval of the mean difference within pairs, such as two models of the same seed.

    Raises:
        ValueError: the two do not have as many values, or fewer than two.
    """
    if len(ours) != len(others):
        raise ValueError(f"ours has {len(ours)} values and others {len(others)}: they are compared in pairs")
    return mean_interval([one - other for one, other in zip(ours, others, strict=True)], confidence)


@checked
def bootstrap_interval(
    values: Sequence[float],
    statistic: Callable[..., float] = np.mean,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """Return the percentile bootstrap interval of a statistic (Efron, 1979).

    Raises:
        ValueError: fewer than two values, a confidence outside (0, 1), no resamples or a negative seed.
    """
    sample = _checked_sample(values, confidence)
    whole_number(resamples, "resamples", 1)
    draws = np.random.default_rng(whole_number(seed, "seed", 0)).integers(0, sample.size, size=(resamples, sample.size))
    estimates = [statistic(sample[row]) for row in draws]
    tail = 50 * (1 - confidence)
    low, high = np.percentile(estimates, [tail, 100 - tail])
    return Interval(float(statistic(sample)), float(low), float(high), int(sample.size))
