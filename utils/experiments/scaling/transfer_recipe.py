"""The plan and the recipe of row 51: the best learning rate against width, in two parametrisations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from utils.evaluation.intervals import mean_interval
from utils.experiments.recording.design import (
    CANNOT_BE_TOLD,
    DOES_NOT_HOLD,
    HOLDS,
    HOLDS_IN_PART,
    Design,
    Results,
    Run,
)
from utils.experiments.recording.recipe import Recipe, Stage
from utils.experiments.scaling import runs
from utils.experiments.scaling.rate_transfer import (
    PARAMETRISATIONS,
    TransferJob,
    train_transfer_run,
    transfer_jobs,
    transfers,
)
from utils.experiments.scaling.sources import RUN_SOURCES

WIDTHS = (8, 16, 32, 64, 128)
RATES = tuple(0.04 * 2.0**k for k in range(-4, 3))  # 0.0025 to 0.16
TOKENS, SEEDS = 40_000, 3
LIVE_WIDTHS, LIVE_RATES, LIVE_TOKENS = (8, 32, 64), RATES[1::2], 20_000
THRESHOLDS = {"transfers": 0.35, "drifts": 0.5}


def rule(results: Results) -> str:
    """Return the outcome: does the rate stay with maximal update, and does it move without?"""
    found = transfers(results["transfer"])
    standard, maximal = (mean_interval([one.drift for one in found[name]]) for name in PARAMETRISATIONS)
    limit = THRESHOLDS["transfers"]
    if maximal.low > limit or maximal.high < -limit:
        return DOES_NOT_HOLD
    if not (-limit <= maximal.low and maximal.high <= limit):
        return CANNOT_BE_TOLD
    if standard.high < -THRESHOLDS["drifts"] or standard.low > THRESHOLDS["drifts"]:
        return HOLDS
    if standard.low > -THRESHOLDS["drifts"] and standard.high < THRESHOLDS["drifts"]:
        return HOLDS_IN_PART
    return CANNOT_BE_TOLD


def simulated(standard: float, maximal: float, noise: float, seed: int) -> Results:
    """Return runs whose loss is a parabola in the log rate around a best rate that drifts with the width."""
    draws = np.random.default_rng(seed)
    # Each width of each seed has a best rate of its own: that, not the loss of a run, is where the noise matters.
    moved: dict[tuple[Any, ...], float] = {}
    made = []
    for job in transfer_jobs(WIDTHS, RATES, TOKENS, SEEDS):
        key = job.parametrisation, job.width, job.seed
        if key not in moved:
            moved[key] = noise * draws.normal()
        drift = standard if job.parametrisation == "standard" else maximal
        # Around the middle of the grid, so that a drift either way stays within it.
        best = math.log2(RATES[0] * RATES[-1]) / 2 + drift * (math.log2(job.width) - 5) + moved[key]
        made.append(Run(job, {"loss": 1.5 + 0.02 * (math.log2(job.rate) - best) ** 2, "diverged": False}))
    return {"transfer": made}


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated runs for an outcome; best rates scatter by a fifth of a doubling."""
    cases = {HOLDS: (-1.0, 0.0, 0.2), HOLDS_IN_PART: (0.0, 0.0, 0.1), DOES_NOT_HOLD: (-1.0, -1.0, 0.2)}
    return simulated(*cases.get(outcome, (-1.0, 0.35, 1.0)), seed)


DESIGN = Design(
    claim="Hyperparameters found on a small model carry over to a large one, given the right parametrisation.",
    measure="Drift of the best learning rate in doublings per doubling of the width, from 8 to 128.",
    control="The same models, data and rates in the standard parametrisation.",
    unit="Seeds (weights and data); Student's t interval of three.",
    rule_text=(
        "Does not hold: with maximal update the interval of the drift lies outside [-0.35, 0.35]. Holds: it lies"
        " inside, and in the standard parametrisation beyond 0.5 in size. Holds in part: inside, but the standard one"
        " is within 0.5 too, so that nothing had to be changed. Otherwise it cannot be told."
    ),
    thresholds=THRESHOLDS,
    effect="A drift of -1 (the rate halves as the width doubles) in one parametrisation and 0 in the other.",
    rule=rule,
    simulate=simulate,
)


def stages(size: str) -> Sequence[Stage]:
    """Return the one stage of the recorded or the live size."""
    if size == "live":
        jobs = transfer_jobs(LIVE_WIDTHS, LIVE_RATES, LIVE_TOKENS, 1)
    else:
        jobs = transfer_jobs(WIDTHS, RATES, TOKENS, SEEDS)
    return [Stage("transfer", TransferJob, train_transfer_run, lambda _: jobs)]


def findings(results: Results) -> dict[str, Any]:
    """Return the numbers that the notebook shows."""
    found: dict[str, Any] = {}
    for name, seeds in transfers(results["transfer"]).items():
        drift = mean_interval([one.drift for one in seeds])
        penalty = mean_interval([one.penalty for one in seeds])
        found[name] = {
            "drift": [drift.mean, drift.low, drift.high],
            "penalty": [penalty.mean, penalty.low, penalty.high],
            "best_rates": [{str(width): rate for width, rate in one.best_rates.items()} for one in seeds],
        }
    found["diverged"] = sum(run.result["diverged"] for run in results["transfer"])
    return found


TRANSFER = Recipe(
    notebook="04",
    row=51,
    title="best learning rate against width, standard and maximal-update parametrisation",
    stages=stages,
    design=DESIGN,
    findings=findings,
    sources=("utils.experiments.scaling.rate_transfer", "utils.training.by_hand", *RUN_SOURCES),
    config={"world": runs.WORLD_OPTIONS, "context": runs.CONTEXT, "n_layers": runs.N_LAYERS},
    tolerance=0.02,
)
