"""What the runs of a sweep say: the law with its intervals, the best use of compute, and what the controls show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from utils.experiments.recording.design import Results, Run
from utils.experiments.scaling import plan
from utils.training.scaling_laws import (
    Frontier,
    LawBootstrap,
    bootstrap_laws,
    compute_optimal,
    envelope_frontier,
    fit_scaling_law,
    isoflop_budgets,
    isoflop_frontier,
    isoflop_minimum,
    optimal_exponent,
    parametric_frontier,
)

RESAMPLES = 200
LATE_FLOPS = 1e11  # from here on the models have learned the grammar, and what is left to learn is facts


@dataclass(frozen=True)
class SweepTable:
    """The finished runs as columns: N, D, final loss, seed; hashable, so that a fit is made once."""

    n_params: tuple[float, ...]
    n_tokens: tuple[float, ...]
    losses: tuple[float, ...]
    seeds: tuple[int, ...]

    @property
    def flops(self) -> np.ndarray:
        """6 N D of each run."""
        return 6 * np.asarray(self.n_params) * np.asarray(self.n_tokens)


def finished(runs: Sequence[Run]) -> SweepTable:
    """Return the runs that did not diverge, as columns."""
    kept = [run for run in runs if not run.result["diverged"]]
    return SweepTable(
        tuple(float(run.result["parameters"]) for run in kept),
        tuple(float(run.result["tokens"]) for run in kept),
        tuple(float(run.result["loss"]) for run in kept),
        tuple(int(run.job.seed) for run in kept),
    )


@lru_cache(maxsize=32)
def bootstrap_of(table: SweepTable, resamples: int = RESAMPLES) -> LawBootstrap:
    """Return the law of a sweep and those of its resamples."""
    return bootstrap_laws(table.n_params, table.n_tokens, table.losses, resamples)


def from_budget(table: SweepTable, flops: float) -> SweepTable:
    """Return the runs with at least (nearly) so much compute.

    Raises:
        ValueError: there is no such run.
    """
    kept = [i for i, spent in enumerate(table.flops) if spent >= 0.9 * flops]
    if not kept:
        raise ValueError(f"no run of the sweep has {flops:g} FLOP or more")
    return SweepTable(
        tuple(table.n_params[i] for i in kept),
        tuple(table.n_tokens[i] for i in kept),
        tuple(table.losses[i] for i in kept),
        tuple(table.seeds[i] for i in kept),
    )


def laws_by_smallest_budget(table: SweepTable, budgets: Sequence[float]) -> list[dict[str, Any]]:
    """Return the law fitted to the runs from each budget on: does it stay the same when small runs are left out?

    A law that is one drifts by no more than its intervals.
    """
    found = []
    for flops in budgets:
        part = from_budget(table, flops)
        bootstrap = bootstrap_of(part)
        residuals = [
            np.log(loss / bootstrap.law(n, d))
            for n, d, loss in zip(part.n_params, part.n_tokens, part.losses, strict=True)
        ]
        entry: dict[str, Any] = {
            "smallest_flops": flops,
            "runs": len(part.losses),
            "residual": float(np.std(residuals)),
        }
        for name in ("E", "alpha", "beta"):
            interval = bootstrap.interval(name)
            entry[name] = [interval.mean, interval.low, interval.high]
        for name, statistic in (("exponent", optimal_exponent), ("tokens_per_parameter", ratio_at(part.flops.max()))):
            interval = bootstrap.interval(statistic)
            entry[name] = [interval.mean, interval.low, interval.high]
        found.append(entry)
    return found


def ratio_at(flops: float) -> Callable[[Any], float]:
    """Return the function from a law to its tokens per parameter at the optimum of a budget."""

    def ratio(law: Any) -> float:
        n_params, n_tokens = compute_optimal(flops, law)
        return n_tokens / n_params

    return ratio


def frontier_intervals(table: SweepTable, resamples: int = RESAMPLES, seed: int = 0) -> list[dict[str, Any]]:
    """Return each approach's exponent and tokens per parameter at the largest budget, with 95% intervals over runs.

    Resamples in which an approach finds too few minima are left out and counted.
    """
    columns = np.array([table.n_params, table.n_tokens, table.losses])
    largest = float(table.flops.max())
    approaches: dict[str, Callable[..., Frontier]] = {"envelope": envelope_frontier, "isoflop": isoflop_frontier}
    laws = bootstrap_of(table, resamples)
    found = []
    for name, approach in approaches.items():
        draws = np.random.default_rng(seed)
        frontiers = []
        for _ in range(resamples):
            rows = draws.integers(0, columns.shape[1], columns.shape[1])
            try:
                frontiers.append(approach(*columns[:, rows]))
            except ValueError:
                continue
        found.append(_frontier_entry(name, approach(*columns), frontiers, largest, resamples))
    parametric = [parametric_frontier(law) for law in laws.laws]
    found.append(_frontier_entry("parametric", parametric_frontier(laws.law), parametric, largest, resamples))
    return found


def _frontier_entry(
    name: str, whole: Frontier, resampled: Sequence[Frontier], flops: float, resamples: int
) -> dict[str, Any]:
    exponents = [frontier.exponent for frontier in resampled]
    ratios = [frontier.tokens_per_parameter(flops) for frontier in resampled]
    return {
        "approach": name,
        "exponent": whole.exponent,
        "exponent_interval": [float(end) for end in np.percentile(exponents, [2.5, 97.5])],
        "tokens_per_parameter": whole.tokens_per_parameter(flops),
        "tokens_per_parameter_interval": [float(end) for end in np.percentile(ratios, [2.5, 97.5])],
        "resamples_without_minimum": resamples - len(resampled),
    }


def isoflop_points(table: SweepTable) -> list[dict[str, float]]:
    """Return for each budget its best size by a parabola, where that lies among the sizes trained, and D / N."""
    sizes, losses = np.asarray(table.n_params), np.asarray(table.losses)
    points = []
    for flops, rows in isoflop_budgets(table.n_params, table.n_tokens):
        try:
            best = isoflop_minimum(sizes[rows], losses[rows])
        except ValueError:
            continue
        if sizes[rows].min() <= best <= sizes[rows].max():
            points.append({"flops": flops, "n_params": best, "tokens_per_parameter": flops / (6 * best**2)})
    return points


def seed_spread(table: SweepTable) -> float:
    """Return the pooled relative standard deviation of the final loss between seeds of one size and length.

    Raises:
        ValueError: no size and length has two seeds.
    """
    groups: dict[tuple[float, int], list[float]] = {}
    for n, d, loss in zip(table.n_params, table.n_tokens, table.losses, strict=True):
        groups.setdefault((n, round(float(np.log(d)) * 50)), []).append(float(np.log(loss)))
    repeated = [np.array(group) for group in groups.values() if len(group) > 1]
    if not repeated:
        raise ValueError("no size and length of the sweep has two seeds")
    squares = sum(float(((group - group.mean()) ** 2).sum()) for group in repeated)
    return float(np.sqrt(squares / sum(len(group) - 1 for group in repeated)))


def schedule_control(results: Results) -> dict[str, Any]:
    """Return what reading a run before its schedule has ended does to its loss, and to a law fitted to such readings.

    The right law is that of the sweep, evaluated at the same sizes and tokens.
    """
    right = bootstrap_of(finished(results["sweep"])).law
    n, d, measured, whole = [], [], [], []
    for run in results["wrong schedule"]:
        for tokens, loss in run.result["readings"]:
            n.append(float(run.result["parameters"]))
            d.append(float(tokens))
            measured.append(float(loss))
            whole.append(False)
        n.append(float(run.result["parameters"]))
        d.append(float(run.result["tokens"]))
        measured.append(float(run.result["loss"]))
        whole.append(True)
    predicted = np.array([right(size, tokens) for size, tokens in zip(n, d, strict=True)])
    excess = np.asarray(measured) - predicted
    bent = fit_scaling_law(n, d, measured)
    ended = np.array(whole)
    return {
        "mean_excess_before_the_end": float(excess[~ended].mean()),
        "mean_excess_at_the_end": float(excess[ended].mean()),
        "readings_above_the_law": int((excess[~ended] > 0).sum()),
        "readings": int((~ended).sum()),
        "law_of_the_readings": law_numbers(bent),
        "exponent_of_the_readings": optimal_exponent(bent),
    }


def rate_control(results: Results) -> dict[str, Any]:
    """Return what one learning rate for all widths costs against each width's own, at one budget and seed."""
    own = {run.job.width: run.result["loss"] for run in results["sweep"] if _is_rate_partner(run)}
    pairs = [(run.job.width, run.result["loss"] - own[run.job.width]) for run in results["one rate"]]
    return {
        "widths": [width for width, _ in pairs],
        "excess": [float(excess) for _, excess in pairs],
        "rate_best_for_width": plan.ONE_RATE_WIDTH,
    }


def _is_rate_partner(run: Run) -> bool:
    job = run.job
    return job.seed == 0 and job.tokens == plan.tokens_for(plan.ONE_RATE_FLOPS, job.width)


def law_numbers(law: Any) -> dict[str, float]:
    """Return the five numbers by name."""
    return {name: float(getattr(law, name)) for name in ("E", "A", "B", "alpha", "beta")}
