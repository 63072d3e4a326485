"""The plan and the recipe of row 53: is what only large models show invisible in small ones, or only in the score?"""

from __future__ import annotations

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
from utils.experiments.scaling.emergent_codes import (
    BATCH_ROWS,
    GUESSING,
    LENGTH,
    N_PEOPLE,
    CodesJob,
    codes_jobs,
    scores,
    train_codes_run,
)
from utils.experiments.scaling.sources import ROW_SOURCES

WIDTHS, PASSES, SEEDS = (4, 6, 8, 12, 16, 24, 32, 48, 64), 60, 5
LIVE_WIDTHS, LIVE_PASSES, LIVE_SEEDS = (8, 32, 64), 40, 1
THRESHOLDS = {"unseen": 0.02, "learned": 0.5, "visible": 0.1}


def rule(results: Results) -> str:
    """Return the outcome: was anything to be seen in the digits before exact match showed it?"""
    seeds = scores(results["codes"])
    smallest = mean_interval([one.exact[0] for one in seeds])
    largest = mean_interval([one.exact[-1] for one in seeds])
    if smallest.low > THRESHOLDS["unseen"]:
        return DOES_NOT_HOLD
    if smallest.high > THRESHOLDS["unseen"] or largest.low < THRESHOLDS["learned"]:
        return CANNOT_BE_TOLD
    gain = mean_interval([one.gain_before(THRESHOLDS["unseen"]) for one in seeds])
    if gain.high < THRESHOLDS["visible"]:
        return HOLDS
    return HOLDS_IN_PART if gain.low > THRESHOLDS["visible"] else CANNOT_BE_TOLD


def simulated(digits: Sequence[float], noise: float, seed: int) -> Results:
    """Return runs whose digits are right at these rates, from the smallest to the largest model, independently."""
    draws = np.random.default_rng(seed)
    made = []
    for job in codes_jobs(WIDTHS, PASSES, SEEDS):
        rate = float(np.clip(digits[WIDTHS.index(job.width)] + noise * draws.normal(), 0, 1))
        right = draws.random((N_PEOPLE, LENGTH)) < rate
        whole = np.cumprod(right, axis=1).mean(0)
        result = {"parameters": job.width * 500, "accuracy": right.mean(0).tolist(), "whole": whole.tolist()}
        made.append(Run(job, result))
    return {"codes": made}


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated runs for an outcome; seeds differ by two points in the accuracy of a digit."""
    smooth = [0.12, 0.16, 0.2, 0.28, 0.4, 0.6, 0.8, 0.97, 1.0]
    cases = {
        HOLDS: ([0.12, 0.12, 0.12, 0.12, 0.12, 0.12, 0.95, 1.0, 1.0], 0.02),
        HOLDS_IN_PART: (smooth, 0.02),
        DOES_NOT_HOLD: ([0.75, 0.78, 0.8, 0.85, 0.9, 0.95, 0.97, 0.99, 1.0], 0.02),
    }
    return simulated(*cases.get(outcome, ([0.12] * 9, 0.02)), seed)


DESIGN = Design(
    claim="Some abilities emerge: large models have them, and in smaller ones there is nothing to be seen of them.",
    measure=(
        "Accuracy of a digit above guessing, in the largest model whose exact match of six digits is still at most 2%."
    ),
    control="Exact match of the same models on the same numbers, and what it would be if mistakes were independent.",
    unit="Seeds (weights and numbers); Student's t interval of five.",
    rule_text=(
        "Does not hold: exact match of the smallest models is above 2%, so nothing emerges. Otherwise, if the largest"
        " reach 50%: holds, if the digits too are less than 10 points above guessing before exact match shows"
        " anything; holds in part, if they are more than 10 points above: the leap is in the score alone. An interval"
        " across a threshold, or a task that the largest do not learn: cannot be told."
    ),
    thresholds=THRESHOLDS,
    effect="Digits that stay within 2 points of guessing until the numbers are known, against 10 points.",
    rule=rule,
    simulate=simulate,
)


def stages(size: str) -> Sequence[Stage]:
    """Return the one stage of the recorded or the live size."""
    if size == "live":
        jobs = codes_jobs(LIVE_WIDTHS, LIVE_PASSES, LIVE_SEEDS)
    else:
        jobs = codes_jobs(WIDTHS, PASSES, SEEDS)
    return [Stage("codes", CodesJob, train_codes_run, lambda _: jobs)]


def findings(results: Results) -> dict[str, Any]:
    """Return the numbers that the notebook shows; by size: mean and ends of the interval over seeds."""
    seeds = scores(results["codes"])
    gain = mean_interval([one.gain_before(THRESHOLDS["unseen"]) for one in seeds])
    return {
        "parameters": seeds[0].parameters,
        "digit": _by_size([one.digit for one in seeds]),
        "exact": _by_size([one.exact for one in seeds]),
        "expected": _by_size([one.expected for one in seeds]),
        "gain_before": [gain.mean, gain.low, gain.high],
        "whole_by_length": _whole_by_length(results["codes"]),
    }


def _by_size(values: Sequence[Sequence[float]]) -> list[list[float]]:
    intervals = [mean_interval(column) for column in zip(*values, strict=True)]
    return [[one.mean, one.low, one.high] for one in intervals]


def _whole_by_length(runs: Sequence[Run]) -> list[list[float]]:
    """Return the exact match of the first 1, 2 .. 6 digits, over seeds, one list for each size."""
    widths = sorted({run.job.width for run in runs})
    return [np.mean([run.result["whole"] for run in runs if run.job.width == w], axis=0).tolist() for w in widths]


CODES = Recipe(
    notebook="04",
    row=53,
    title="numbers learned by heart, scored by the digit and by the whole",
    stages=stages,
    design=DESIGN,
    findings=findings,
    sources=("utils.experiments.scaling.emergent_codes", *ROW_SOURCES),
    config={"people": N_PEOPLE, "length": LENGTH, "batch_rows": BATCH_ROWS, "guessing": GUESSING},
    # Shares of 250 numbers: another processor may turn the answer to a few of them.
    tolerance=0.1,
)
