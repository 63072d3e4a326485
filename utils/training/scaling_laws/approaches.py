"""Three ways from finished runs to the best size for a budget, after the three approaches of Hoffmann et al. (2022).

1. Envelope: each size's loss as a curve over compute; at every budget the size whose curve is lowest.
2. IsoFLOP: at each budget a parabola through loss over log size, and its lowest point.
3. Parametric: the minimum of the fitted law.

All end in N_opt proportional to C**a.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from utils.training.scaling_laws.allocation import compute_optimal, optimal_exponent
from utils.training.scaling_laws.fit import fit_scaling_law
from utils.training.scaling_laws.law import ScalingLaw, _require_positive, _require_sizes

Numbers = Sequence[float] | np.ndarray


@dataclass(frozen=True)
class Frontier:
    """Best sizes over compute: N_opt = exp(log_scale) * C**exponent.

    Attributes:
        name: of the approach.
        exponent: a; the best number of tokens grows with 1 - a.
        log_scale: natural logarithm of the factor.
        flops, n_params: the points that the line was drawn through; empty for the parametric law.
    """

    name: str
    exponent: float
    log_scale: float
    flops: tuple[float, ...] = ()
    n_params: tuple[float, ...] = ()

    def optimum(self, flops: float) -> tuple[float, float]:
        """Return the best parameters and tokens for a budget."""
        budget = _require_positive("flops", flops)
        n_params = float(np.exp(self.log_scale + self.exponent * np.log(budget)))
        return n_params, budget / (6 * n_params)

    def tokens_per_parameter(self, flops: float) -> float:
        """Return D / N at the optimum of a budget."""
        n_params, n_tokens = self.optimum(flops)
        return n_tokens / n_params


def isoflop_minimum(n_params: Numbers, losses: Numbers) -> float:
    """Return the size at the vertex of a parabola through loss over log size: the best size of one budget.

    Args:
        n_params: sizes of models trained with equal compute.
        losses: what they reached.

    Raises:
        ValueError: fewer than three different sizes, lengths that differ, a size that is not positive, or a parabola
            without a minimum.
    """
    sizes, values = _require_sizes("n_params", n_params), np.asarray(losses, dtype=float)
    if sizes.ndim != 1 or sizes.shape != values.shape:
        raise ValueError(
            f"n_params has the shape {sizes.shape} and losses {values.shape}: lists of one length are needed"
        )
    if not np.isfinite(values).all():
        raise ValueError(f"losses must be finite, not {values[~np.isfinite(values)][0]}")
    different = np.unique(sizes).size
    if different < 3:
        raise ValueError(f"n_params holds {different} different sizes: a parabola needs three at least")
    x = np.log(sizes)
    centre = x.mean()
    square, slope, _ = np.polyfit(x - centre, values, 2)
    # What is left of a straight line after rounding is no curve.
    if square <= 1e-9 * max(1.0, float(np.ptp(values))):
        raise ValueError(
            f"losses have no minimum over log size: their parabola opens downwards or is flat ({square:.3g})"
        )
    return float(np.exp(centre - slope / (2 * square)))


def isoflop_budgets(n_params: Numbers, n_tokens: Numbers, tolerance: float = 0.1) -> list[tuple[float, np.ndarray]]:
    """Group runs of (nearly) equal compute.

    Args:
        n_params, n_tokens: of each run.
        tolerance: relative difference between neighbours in one group.

    Returns:
        The geometric mean of each group's 6 N D, lowest first, and the indices of its runs.
    """
    flops = 6 * _require_sizes("n_params", n_params) * _require_sizes("n_tokens", n_tokens)
    order = np.argsort(flops, kind="stable")
    breaks = np.flatnonzero(np.diff(np.log(flops[order])) > np.log1p(tolerance)) + 1
    return [(float(np.exp(np.log(flops[rows]).mean())), rows) for rows in np.split(order, breaks)]


def isoflop_frontier(n_params: Numbers, n_tokens: Numbers, losses: Numbers) -> Frontier:
    """Approach 2: a parabola at each budget with a minimum inside the sizes that were trained, and a line through them.

    Raises:
        ValueError: fewer than two budgets have such a minimum.
    """
    sizes, values = _require_sizes("n_params", n_params), np.asarray(losses, dtype=float)
    budgets, best = [], []
    for flops, rows in isoflop_budgets(n_params, n_tokens):
        try:
            vertex = isoflop_minimum(sizes[rows], values[rows])
        except ValueError:
            continue  # a budget with too few sizes, or whose best size lies beyond them
        if sizes[rows].min() <= vertex <= sizes[rows].max():
            budgets.append(flops)
            best.append(vertex)
    return _line("isoflop", budgets, best)


def envelope_frontier(n_params: Numbers, n_tokens: Numbers, losses: Numbers, points: int = 40) -> Frontier:
    """Approach 1: the lowest of the sizes' curves of loss over compute, each drawn through that size's finished runs.

    The paper draws its curves through training; here each point is a run whose schedule has ended, joined on
    logarithmic axes. Budgets are counted where at least three curves reach and neither the smallest nor the largest
    of them is the lowest.

    Raises:
        ValueError: fewer than two budgets have such a minimum.
    """
    sizes, tokens = _require_sizes("n_params", n_params), _require_sizes("n_tokens", n_tokens)
    values = np.asarray(losses, dtype=float)
    flops = 6 * sizes * tokens
    grid = np.geomspace(flops.min(), flops.max(), points)
    curves = []
    different = np.unique(sizes)
    for size in different:
        rows = sizes == size
        steps = np.unique(flops[rows])
        means = [values[rows & (flops == step)].mean() for step in steps]
        curves.append(np.interp(np.log(grid), np.log(steps), np.log(means), left=np.inf, right=np.inf))
    heights = np.stack(curves)  # (sizes, grid)
    budgets, best = [], []
    for place, budget in enumerate(grid):
        present = np.flatnonzero(np.isfinite(heights[:, place]))
        if len(present) < 3:
            continue
        lowest = present[np.argmin(heights[present, place])]
        if lowest not in (present[0], present[-1]):
            budgets.append(float(budget))
            best.append(float(different[lowest]))
    return _line("envelope", budgets, best)


def parametric_frontier(law: ScalingLaw) -> Frontier:
    """Approach 3: the minimum of a fitted law."""
    exponent = optimal_exponent(law)
    return Frontier("parametric", exponent, float(np.log(compute_optimal(1.0, law)[0])))


def three_frontiers(n_params: Numbers, n_tokens: Numbers, losses: Numbers) -> list[Frontier]:
    """Return all three approaches on one set of runs."""
    return [
        envelope_frontier(n_params, n_tokens, losses),
        isoflop_frontier(n_params, n_tokens, losses),
        parametric_frontier(fit_scaling_law(n_params, n_tokens, losses)),
    ]


def _line(name: str, flops: Sequence[float], n_params: Sequence[float]) -> Frontier:
    if len(set(flops)) < 2:
        raise ValueError(f"{len(set(flops))} budgets have a minimum among their sizes: a line over compute needs two")
    exponent, log_scale = np.polyfit(np.log(flops), np.log(n_params), 1)
    return Frontier(name, float(exponent), float(log_scale), tuple(flops), tuple(n_params))
