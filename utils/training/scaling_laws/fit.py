"""Fit the parametric law to finished runs, and say how sure it is by resampling them.

Hoffmann et al. (2022), approach 3: the Huber loss (delta 1e-3) of the differences in log loss, the logarithm of the
law's three terms taken by log-sum-exp, minimised by L-BFGS from several starts. With noise above a tenth of a percent
that is close to least absolute deviations: a single diverged run pulls no more than any other on its side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np
from scipy.optimize import minimize

from utils.evaluation.intervals import Interval
from utils.training.scaling_laws.law import NUMBERS, ScalingLaw, _require_sizes

DELTA = 1e-3
EXPONENTS = (0.1, 0.25, 0.4, 0.6, 0.9, 1.4)
LEAST_RUNS = 5  # a law has five numbers


def fit_scaling_law(
    n_params: Sequence[float] | np.ndarray,
    n_tokens: Sequence[float] | np.ndarray,
    losses: Sequence[float] | np.ndarray,
    delta: float = DELTA,
) -> ScalingLaw:
    """Fit E, A, B, alpha and beta to the final losses of runs.

    Args:
        n_params: N of each run.
        n_tokens: D of each run.
        losses: nats per token.
        delta: where the Huber loss turns from square to straight, in log loss.

    Raises:
        ValueError: fewer than five runs, lengths that differ, a size or loss that is not positive, or fewer than three
            different sizes or numbers of tokens: an exponent beside a constant needs three.
    """
    x, y, z = _checked_runs(n_params, n_tokens, losses)
    if not delta > 0:
        raise ValueError(f"delta must be positive, not {delta}")
    problem = _Problem(x, y, z, delta)
    return problem.law(problem.solve(problem.starts()))


@dataclass(frozen=True)
class LawBootstrap:
    """Laws fitted to resampled runs, beside the one fitted to all.

    Attributes:
        law: of all runs.
        laws: of the resamples.
        n_runs: how many runs there are.
    """

    law: ScalingLaw
    laws: tuple[ScalingLaw, ...]
    n_runs: int

    def interval(self, statistic: str | Callable[[ScalingLaw], float], confidence: float = 0.95) -> Interval:
        """Return the percentile interval of one of the law's numbers, by name, or of any function of the law.

        Raises:
            ValueError: an unknown name, or a confidence outside (0, 1).
        """
        if isinstance(statistic, str) and statistic not in NUMBERS:
            raise ValueError(f"statistic is {statistic!r}, and must be one of {', '.join(NUMBERS)} or a function")
        value = attrgetter(statistic) if isinstance(statistic, str) else statistic
        if not 0 < confidence < 1:
            raise ValueError(f"confidence is {confidence}: it must lie between 0 and 1")
        tail = 50 * (1 - confidence)
        low, high = np.percentile([value(law) for law in self.laws], [tail, 100 - tail])
        return Interval(float(value(self.law)), float(low), float(high), self.n_runs)


def bootstrap_laws(
    n_params: Sequence[float] | np.ndarray,
    n_tokens: Sequence[float] | np.ndarray,
    losses: Sequence[float] | np.ndarray,
    resamples: int = 200,
    seed: int = 0,
    delta: float = DELTA,
) -> LawBootstrap:
    """Fit a law to all runs and to resamples of them, drawn with replacement.

    A resample's fit begins at the law of all runs and at three laws near it, which takes a tenth of the time of a
    fit from nowhere.

    Raises:
        ValueError: as `fit_scaling_law`, or fewer than two resamples.
    """
    x, y, z = _checked_runs(n_params, n_tokens, losses)
    if resamples < 2:
        raise ValueError(f"resamples must be at least 2, not {resamples}")
    problem = _Problem(x, y, z, delta)
    best = problem.solve(problem.starts())
    draws = np.random.default_rng(seed)
    laws: list[ScalingLaw] = []
    while len(laws) < resamples:
        rows = draws.integers(0, len(x), len(x))
        if min(np.unique(x[rows]).size, np.unique(y[rows]).size) < 3:
            continue  # a resample of a handful of runs from which nothing can be fitted
        part = problem.of_rows(rows)
        near = best + draws.normal(scale=0.1, size=(3, len(best))) * np.maximum(np.abs(best), 0.1)
        laws.append(part.law(part.solve(np.vstack([best, near]))))
    return LawBootstrap(problem.law(best), tuple(laws), len(x))


class _Problem:
    """The objective over theta = (a, b, e, alpha, beta), with log N and log D measured from their means.

    With the means taken out, a is the size of the first term in the middle of the data and hardly depends on alpha:
    L-BFGS then needs tens of steps and not thousands.
    """

    def __init__(
        self, x: np.ndarray, y: np.ndarray, z: np.ndarray, delta: float, means: tuple[float, float] | None = None
    ) -> None:
        self.mean_x, self.mean_y = means or (float(x.mean()), float(y.mean()))
        self.x, self.y, self.z, self.delta = x - self.mean_x, y - self.mean_y, z, delta

    def of_rows(self, rows: np.ndarray) -> _Problem:
        x, y = self.x[rows] + self.mean_x, self.y[rows] + self.mean_y
        return _Problem(x, y, self.z[rows], self.delta, (self.mean_x, self.mean_y))

    def starts(self) -> np.ndarray:
        """Return starts: for each pair of exponents the best division of the middle loss into the three terms."""
        middle = float(np.median(self.z))
        shares = [(p, q) for p in (0.02, 0.1, 0.3, 0.6) for q in (0.02, 0.1, 0.3, 0.6) if p + q < 0.95]
        best = []
        for alpha in EXPONENTS:
            for beta in EXPONENTS:
                grid = [
                    np.array([middle + np.log(p), middle + np.log(q), middle + np.log(1 - p - q), alpha, beta])
                    for p, q in shares
                ]
                best.append(grid[int(np.argmin([self.objective(theta)[0] for theta in grid]))])
        return np.array(best)

    def objective(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the Huber loss, in units of delta, and its gradient."""
        a, b, e, alpha, beta = theta
        terms = np.stack([a - alpha * self.x, b - beta * self.y, np.full_like(self.x, e)])  # (3, runs)
        highest = terms.max(axis=0)
        weights = np.exp(terms - highest)
        total = weights.sum(axis=0)
        residuals = highest + np.log(total) - self.z
        size = np.abs(residuals)
        value = np.where(size <= self.delta, residuals**2 / (2 * self.delta), size - self.delta / 2)
        slope = np.clip(residuals / self.delta, -1, 1) * (weights / total)  # (3, runs)
        gradient = np.array(
            [slope[0].sum(), slope[1].sum(), slope[2].sum(), -(slope[0] @ self.x), -(slope[1] @ self.y)]
        )
        return float(value.sum()), gradient

    def solve(self, starts: np.ndarray) -> np.ndarray:
        """Return the best of the minima that are reached from the starts."""
        best_value, best = np.inf, starts[0]
        # Exponents of 0 would make a term a second constant; terms far below the smallest loss are not there.
        bounds = [(-40, 10), (-40, 10), (-40, 10), (1e-3, 5), (1e-3, 5)]
        for start in starts:
            theta = np.clip(start, [low for low, _ in bounds], [high for _, high in bounds])
            # A second descent from where the first one stopped: on the edges of a nearly absolute loss the memory of
            # L-BFGS misleads it, and a fresh one goes on.
            for _ in range(2):
                found = minimize(
                    self.objective,
                    theta,
                    jac=True,
                    method="L-BFGS-B",
                    bounds=bounds,
                    options={"maxiter": 400, "ftol": 1e-12, "gtol": 1e-9},
                )
                theta = found.x
            if found.fun < best_value:
                best_value, best = float(found.fun), found.x
        return best

    def law(self, theta: np.ndarray) -> ScalingLaw:
        a, b, e, alpha, beta = (float(value) for value in theta)
        return ScalingLaw(
            E=float(np.exp(e)),
            A=float(np.exp(a + alpha * self.mean_x)),
            B=float(np.exp(b + beta * self.mean_y)),
            alpha=alpha,
            beta=beta,
        )


def _checked_runs(
    n_params: Sequence[float] | np.ndarray, n_tokens: Sequence[float] | np.ndarray, losses: Sequence[float] | np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return log N, log D and log loss of runs; refuse what no law can be fitted to."""
    columns = {"n_params": n_params, "n_tokens": n_tokens, "losses": losses}
    arrays = {name: _require_sizes(name, values) for name, values in columns.items()}
    lengths = {name: array.size if array.ndim == 1 else -1 for name, array in arrays.items()}
    if -1 in lengths.values() or len(set(lengths.values())) != 1:
        shapes = ", ".join(f"{name} has the shape {array.shape}" for name, array in arrays.items())
        raise ValueError(f"n_params, n_tokens and losses must be lists of one length: {shapes}")
    if lengths["losses"] < LEAST_RUNS:
        raise ValueError(
            f"losses has {lengths['losses']} entries: a law of five numbers needs {LEAST_RUNS} runs at least"
        )
    for name in ("n_params", "n_tokens"):
        different = np.unique(arrays[name]).size
        if different < 3:
            raise ValueError(f"{name} holds {different} different values: an exponent beside a constant needs three")
    return np.log(arrays["n_params"]), np.log(arrays["n_tokens"]), np.log(arrays["losses"])
