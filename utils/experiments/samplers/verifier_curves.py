"""Curves over the number of samples: where they peak, whether they fall, and how straight they are in log k."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from utils.decoding.arguments import an_array, whole_number
from utils.decoding.checked import checked
from utils.evaluation.intervals import Interval, bootstrap_interval
from utils.experiments.samplers.arithmetic_runs import Attempts, best_of_n


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
class VerifierCurves:
    """How often the best-scored of n solutions is right.

    Attributes:
        ns: numbers of solutions to choose from.
        by_verifier: (verifiers, ns), each the mean over the tasks.
        mean: (ns,) over verifiers and tasks.
        band: (2, ns), ends of the 95% bootstrap intervals over the tasks.
        perfect: (ns,) with a verifier that knows what is right.
        drops: (tasks,) from the joint peak to the last n, each read on tasks that did not place the peak.
        drop: their mean with its interval.
        perfect_drop: the same for the perfect verifier.
    """

    ns: list[int]
    by_verifier: np.ndarray
    mean: np.ndarray
    band: np.ndarray
    perfect: np.ndarray
    drops: np.ndarray
    drop: Interval
    perfect_drop: Interval

    @property
    def peak(self) -> int:
        """The n at which the mean is highest."""
        return self.ns[int(self.mean.argmax())]


@checked
def verifier_curves(
    pools: Sequence[Attempts], scores: Sequence[Sequence[np.ndarray]], ns: Sequence[int], seed: int = 0
) -> VerifierCurves:
    """Return what several verifiers choose from pools of solutions, exactly and without drawing again.

    Args:
        pools: solutions of each task.
        scores: for each verifier its scores of each pool's solutions.
        ns: numbers of solutions to choose from.
        seed: of the resampled tasks.

    Raises:
        ValueError: no scores, fewer than two pools, or an n beyond a pool's samples.
    """
    if not scores:
        raise ValueError("scores is empty: a curve needs at least one verifier")
    curves = np.array([best_of_n(pools, one, ns) for one in scores])
    by_task, perfect = curves.mean(0), best_of_n(pools, [pool.right for pool in pools], ns)
    rows = np.random.default_rng(seed).integers(len(pools), size=(1000, len(pools)))
    drops = drops_after_peak(by_task)
    return VerifierCurves(
        ns=list(ns),
        by_verifier=curves.mean(1),
        mean=by_task.mean(0),
        band=np.percentile(by_task[rows].mean(1), [2.5, 97.5], axis=0),
        perfect=perfect.mean(0),
        drops=drops,
        drop=bootstrap_interval(drops.tolist()),
        perfect_drop=bootstrap_interval(drops_after_peak(perfect).tolist()),
    )


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


@checked
def worth_in_sizes(
    accuracies: np.ndarray, sizes: Sequence[float], ladder: np.ndarray, own_size: float, seed: int = 0
) -> Interval:
    """Return how many times larger a model would have to be to do as well, with a bootstrap interval over the tasks.

    Args:
        accuracies: (tasks,) of the small model with its helper.
        sizes: parameters of the ladder's models, ascending.
        ladder: (models, tasks), what each of them solves without.
        own_size: parameters of the small model.
        seed: of the resampled tasks.

    Raises:
        ValueError: as `equivalent_size`, or other numbers of tasks.
    """
    if ladder.shape != (len(sizes), len(accuracies)):
        raise ValueError(f"ladder must be (models, tasks) = {(len(sizes), len(accuracies))}, not {ladder.shape}")

    def worth(rows: np.ndarray) -> float:
        means = [float(one[rows].mean()) for one in ladder]
        return equivalent_size(float(accuracies[rows].mean()), sizes, means) / own_size

    n_tasks = len(accuracies)
    draws = np.random.default_rng(seed).integers(n_tasks, size=(1000, n_tasks))
    # No interpolation between two resamples: some may lie beyond the ladder, at infinity.
    low, high = np.percentile([worth(rows) for rows in draws], [2.5, 97.5], method="inverted_cdf")
    return Interval(worth(np.arange(n_tasks)), float(low), float(high), n_tasks)


@checked
def slope_interval(ks: Sequence[float], by_task: np.ndarray, seed: int = 1, resamples: int = 1000) -> Interval:
    """Return the slope a decade of a line in log10 k, with a bootstrap interval over the tasks.

    Args:
        ks: numbers of samples.
        by_task: (tasks, ks), the coverage of each task.
        seed: of the resampled tasks.
        resamples: how many.

    Raises:
        ValueError: as `log_linear_fit`.
    """
    rows = np.random.default_rng(seed).integers(len(by_task), size=(resamples, len(by_task)))
    slopes = [log_linear_fit(ks, by_task[row].mean(0)).slope for row in rows]
    low, high = np.percentile(slopes, [2.5, 97.5])
    return Interval(log_linear_fit(ks, by_task.mean(0)).slope, float(low), float(high), len(by_task))
