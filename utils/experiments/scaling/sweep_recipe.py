"""The recipe of row 48: tune learning rates, sweep, make the controls, predict a larger run, and make it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from utils.experiments.recording.design import Results
from utils.experiments.recording.recipe import Recipe, Stage
from utils.experiments.scaling import plan, runs
from utils.experiments.scaling.compute_optimal_design import DESIGN, LARGEST_FLOPS
from utils.experiments.scaling.larger import LargerJob, larger_jobs, train_larger_run
from utils.experiments.scaling.runs import ScalingJob, train_scaling_run
from utils.experiments.scaling.sources import RUN_SOURCES
from utils.experiments.scaling.sweep_laws import (
    bootstrap_of,
    finished,
    frontier_intervals,
    isoflop_points,
    law_numbers,
    laws_by_smallest_budget,
    rate_control,
    ratio_at,
    schedule_control,
    seed_spread,
)
from utils.training.scaling_laws import optimal_exponent

# What the recorded tuning found; a live sweep has no time to tune. A test holds it to the record.
RECORDED_RATES = plan.LearningRateRule(
    constant=-3.112857915406404, width_power=-0.9872804530896175, token_power=0.16786438405840803
)

CONFIG: dict[str, Any] = {
    "world": runs.WORLD_OPTIONS,
    "context": runs.CONTEXT,
    "n_layers": runs.N_LAYERS,
    "head_dim": runs.HEAD_DIM,
    "held_out_tokens": runs.HELD_OUT_TOKENS,
}


def _rates(results: Results) -> plan.LearningRateRule:
    return plan.fit_learning_rates(results["tuning"])


def stages(size: str) -> Sequence[Stage]:
    """Return the stages of the recorded or the live sweep."""
    if size == "live":
        return [Stage("sweep", ScalingJob, train_scaling_run, lambda _: plan.live_jobs(RECORDED_RATES))]
    return [
        Stage("tuning", ScalingJob, train_scaling_run, lambda _: plan.tuning_jobs()),
        Stage("sweep", ScalingJob, train_scaling_run, lambda done: plan.sweep_jobs(_rates(done))),
        Stage("wrong schedule", ScalingJob, train_scaling_run, lambda done: plan.wrong_schedule_jobs(_rates(done))),
        Stage("one rate", ScalingJob, train_scaling_run, lambda done: plan.one_rate_jobs(_rates(done))),
        Stage("larger", LargerJob, train_larger_run, lambda done: larger_jobs(done["sweep"], _rates(done))),
    ]


def findings(results: Results) -> dict[str, Any]:
    """Return the numbers that the notebook shows."""
    table = finished(results["sweep"])
    bootstrap = bootstrap_of(table)
    entropy = results["sweep"][0].result["world_loss"]
    irreducible = bootstrap.interval("E")
    rates = _rates(results)
    (larger,) = results["larger"]
    return {
        "runs": len(table.losses),
        "diverged": len(results["sweep"]) - len(table.losses),
        "sizes": len(set(table.n_params)),
        "flops_range": [float(table.flops.min()), float(table.flops.max())],
        "learning_rates": {
            "constant": rates.constant, "width_power": rates.width_power, "token_power": rates.token_power,
        },
        "seed_spread": seed_spread(table),
        "law": law_numbers(bootstrap.law),
        "law_intervals": {name: _ends(bootstrap.interval(name)) for name in ("E", "A", "B", "alpha", "beta")},
        "world_entropy": entropy,
        "interval_holds_entropy": bool(irreducible.low <= entropy <= irreducible.high),
        "exponent": optimal_exponent(bootstrap.law),
        "exponent_interval": _ends(bootstrap.interval(optimal_exponent)),
        "tokens_per_parameter": {
            f"{flops:.0e}": [ratio_at(flops)(bootstrap.law), *_ends(bootstrap.interval(ratio_at(flops)))]
            for flops in (min(plan.RECORDED_BUDGETS), LARGEST_FLOPS)
        },
        "laws_by_smallest_budget": laws_by_smallest_budget(table, [f for f in plan.RECORDED_BUDGETS if f <= 1e11]),
        "isoflop": isoflop_points(table),
        "approaches": frontier_intervals(table),
        "wrong_schedule": schedule_control(results),
        "one_rate": rate_control(results),
        "prediction": {
            "flops": 6.0 * larger.result["parameters"] * larger.result["tokens"],
            "n_params": larger.result["parameters"],
            "n_tokens": larger.result["tokens"],
            "predicted": larger.job.predicted_loss,
            "interval": [larger.job.predicted_low, larger.job.predicted_high],
            "predicted_from_late_budgets": larger.job.late_loss,
            "late_interval": [larger.job.late_low, larger.job.late_high],
            "measured": larger.result["loss"],
            "relative_error": larger.job.predicted_loss / larger.result["loss"] - 1,
        },
    }  # fmt: skip


def _ends(interval: Any) -> list[float]:
    return [interval.low, interval.high]


SWEEP = Recipe(
    notebook="04",
    row=48,
    title="sweep of small transformers on the world's text",
    stages=stages,
    design=DESIGN,
    findings=findings,
    sources=RUN_SOURCES,
    config=CONFIG,
    # Another processor sums in another order, and training carries that on: 2% of a loss, not of a seed's noise.
    tolerance=0.02,
)
