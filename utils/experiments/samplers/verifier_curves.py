"""Curves over the number of samples: where they peak, whether they fall, and how straight they are in log k."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from utils.decoding.arguments import an_array, whole_number
from utils.decoding.checked import checked


@checked
def drops_after_peak(curves: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return, for each task, how far its curve stands below the joint peak at the last point (above 0: it falls).

    The highest point of a noisy mean is too high, so a curve that is flat would seem to fall. Therefore the place of
    the peak is found on one half of the tasks and the drop is read on the other half, both ways round.

    Args:
        curves: (tasks, points), a value for each task and number of samples.
        seed: of the split into halves.

    Raises:
        ValueError: fewer than two tasks, or no points.
    """
    curves = an_array(curves, "curves")
    whole_number(seed, "seed", 0)
    if curves.ndim != 2 or curves.shape[0] < 2 or curves.shape[1] < 1:
        raise ValueError(f"curves must be (tasks, points) with at least two tasks, not {curves.shape}")
    order = np.random.default_rng(seed).permutation(len(curves))
    halves = order[: len(order) // 2], order[len(order) // 2 :]
    drops = np.empty(len(curves))
    for chosen_on, read_on in (halves, halves[::-1]):
        peak = int(curves[chosen_on].mean(0).argmax())
        drops[read_on] = curves[read_on, peak] - curves[read_on, -1]
    return drops


@dataclass(frozen=True)
class LogLinearFit:
    """coverage = intercept + slope * log10(k), with the share of the variance that it explains."""

    intercept: float
    slope: float
    r_squared: float

    def __call__(self, k: float) -> float:
        """Return the fitted coverage at k samples."""
        return self.intercept + self.slope * float(np.log10(k))


@checked
def log_linear_fit(ks: Sequence[float], coverage: Sequence[float]) -> LogLinearFit:
    """Fit a straight line in log10 k by least squares.

    Raises:
        ValueError: fewer than three points, or lengths that differ.
    """
    numbers, y = an_array(ks, "ks"), an_array(coverage, "coverage")
    if numbers.size and not 0 < numbers.min() <= numbers.max() < np.inf:
        raise ValueError(f"ks must be finite and above 0, not from {numbers.min()} to {numbers.max()}")
    x = np.log10(numbers)
    if x.shape != y.shape or x.size < 3:
        raise ValueError(f"ks has {x.size} entries and coverage {y.size}: as many are needed, and at least three")
    slope, intercept = np.polyfit(x, y, 1)
    residual = float(((y - intercept - slope * x) ** 2).sum())
    variance = float(((y - y.mean()) ** 2).sum())
    return LogLinearFit(float(intercept), float(slope), 1 - residual / variance if variance else 1.0)


@checked
def equivalent_size(accuracy: float, sizes: Sequence[float], accuracies: Sequence[float]) -> float:
    """Return the size at which a ladder of models reaches an accuracy, interpolated in log size.

    Below the ladder's first rung it is that rung's size, above its best `inf`: the ladder cannot tell how large.

    Args:
        accuracy: to reach.
        sizes: parameters of the ladder's models, ascending.
        accuracies: what they reach.

    Raises:
        ValueError: lengths that differ, fewer than two sizes, or sizes that do not ascend.
    """
    if len(sizes) != len(accuracies) or len(sizes) < 2 or list(sizes) != sorted(sizes):
        raise ValueError(f"sizes {list(sizes)} must ascend, with as many accuracies (got {len(accuracies)})")
    if sizes[0] <= 0:
        raise ValueError(f"sizes must be above 0, not {sizes[0]}")
    # A larger model that happens to be worse than a smaller one adds nothing: take the best so far.
    best = np.maximum.accumulate(np.asarray(accuracies, dtype=float))
    if accuracy <= best[0]:
        return float(sizes[0])
    if accuracy > best[-1]:
        return float("inf")
    rung = int(np.argmax(best >= accuracy))
    low, high = np.log(sizes[rung - 1]), np.log(sizes[rung])
    part = (accuracy - best[rung - 1]) / (best[rung] - best[rung - 1])
    return float(np.exp(low + part * (high - low)))
