"""The plan and the recipe of row 64: from scratch or after pretraining, and what finetuning makes a model forget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from utils.evaluation.intervals import Interval, paired_difference
from utils.experiments.finetuning.runs import (
    KEPT_KINDS,
    RANK,
    FinetuningJob,
    base_accuracy,
    base_facts,
    run_finetuning,
)
from utils.experiments.finetuning.sources import RUN_SOURCES
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
from utils.posttraining.demonstration_costs import forgetting

RATES = {"full": (1e-4, 1e-3), "lora": (5e-4, 5e-3)}
SEEDS, STEPS, N, QUESTIONS = 3, 100, 1_000, 120
SCRATCH_STEPS, SCRATCH_LR = 300, 3e-3  # three times the steps, so that a lack of training is no excuse
LIVE_RATES, LIVE_SEEDS, LIVE_STEPS, LIVE_N = {"full": (3e-4, 2e-3), "lora": (2e-3, 1e-2)}, 2, 50, 500
THRESHOLDS = {"clear": 0.3, "some": 0.05, "none": 0.1}


@dataclass(frozen=True)
class AtEqualGain:
    """Forgetting of the two methods at the same share of correct answers, of one seed."""

    gain: float
    full: float
    lora: float


def finetuning_jobs(base: str, rates: Mapping[str, tuple[float, ...]], seeds: int, steps: int, n: int) -> list[Any]:
    """Return a run for each method, learning rate and seed."""
    return [
        FinetuningJob(base, method, n, "good", True, steps, rate, seed, QUESTIONS)
        for method, some in rates.items()
        for rate in some
        for seed in range(seeds)
    ]


def scratch_jobs(base: str, n: int, seeds: int, steps: int, scratch_steps: int) -> list[FinetuningJob]:
    """Return a run from the base and one from random weights for each seed, on the same demonstrations."""
    jobs = []
    for seed in range(seeds):
        jobs.append(FinetuningJob(base, "full", n, "good", True, steps, 6e-4, seed, QUESTIONS))
        jobs.append(FinetuningJob(base, "scratch", n, "good", True, scratch_steps, SCRATCH_LR, seed, QUESTIONS))
    return jobs


def forgot(run: Run) -> float:
    """Return the mean drop in next-word accuracy over the kinds of documents that no demonstration is like."""
    before = base_accuracy(run.job.base)
    lost = forgetting(before, run.result["documents"])
    return sum(lost.values()) / len(lost)


def loss_at(points: Sequence[tuple[float, float]], gain: float) -> float:
    """Return what was forgotten where a row of (gain, forgotten), by rising rate, first reaches a gain.

    Between two rates the line that joins them is taken; a gain reached at the first rate gives what was lost there.

    Raises:
        ValueError: no point reaches the gain.
    """
    if points and points[0][0] >= gain:
        return points[0][1]
    for (low, lost_low), (high, lost_high) in pairwise(points):
        if low < gain <= high:
            return lost_low + (gain - low) / (high - low) * (lost_high - lost_low)
    raise ValueError(f"gain {gain:.3f} is reached at no rate, the best is {max(point[0] for point in points):.3f}")


def equal_gain(runs: Sequence[Run]) -> list[AtEqualGain]:
    """Return for each seed what both methods forget at the largest gain that both reach."""
    found = []
    for seed in sorted({run.job.seed for run in runs}):
        rows = {
            method: [
                (run.result["correct"], forgot(run))
                for run in sorted(runs, key=lambda run: run.job.lr)
                if run.job.method == method and run.job.seed == seed
            ]
            for method in ("full", "lora")
        }
        gain = min(max(point[0] for point in points) for points in rows.values())
        found.append(AtEqualGain(gain, *(loss_at(rows[method], gain) for method in ("full", "lora"))))
    return found


def scratch_lead(runs: Sequence[Run]) -> Interval:
    """Return the correct answers from the base minus those from scratch, paired by seed."""
    by: dict[str, dict[int, float]] = {"full": {}, "scratch": {}}
    for run in runs:
        by[run.job.method][run.job.seed] = run.result["correct"]
    seeds = sorted(by["full"])
    return paired_difference([by["full"][seed] for seed in seeds], [by["scratch"][seed] for seed in seeds])


def rule(results: Results) -> str:
    """Return the outcome for "after pretraining is better": clearly, somewhat, or not."""
    lead = scratch_lead(results["scratch"])
    if lead.low > THRESHOLDS["clear"]:
        return HOLDS
    if lead.low > THRESHOLDS["some"]:
        return HOLDS_IN_PART
    return DOES_NOT_HOLD if lead.high < THRESHOLDS["none"] else CANNOT_BE_TOLD


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated runs for an outcome; seeds scatter by two points."""
    draws = np.random.default_rng(seed)
    lead = {HOLDS: 0.45, HOLDS_IN_PART: 0.2, DOES_NOT_HOLD: -0.05}.get(outcome, 0.1)
    noise = 0.2 if outcome == CANNOT_BE_TOLD else 0.02
    made = []
    for job in scratch_jobs("world-medium", N, SEEDS, STEPS, SCRATCH_STEPS):
        made.append(Run(job, {"correct": 0.3 + (lead if job.method == "full" else 0.0) + noise * draws.normal()}))
    return {"scratch": made, "methods": []}


DESIGN = Design(
    claim="One could train on demonstrations from scratch, but pretraining first has often given superior results.",
    measure="Share of correct answers to questions that no demonstration answers.",
    control="A model of the same shape with random weights: the same 1,000 demonstrations, three times the steps.",
    unit="Seeds (demonstrations, order, weights); Student's t interval of three paired differences.",
    rule_text=(
        "Holds: the interval of the lead lies above 30 points. Holds in part: above 5 points. Does not hold: it lies"
        " below 10 points. Otherwise it cannot be told."
    ),
    thresholds=THRESHOLDS,
    effect="A lead of 45 points.",
    rule=rule,
    simulate=simulate,
)


def stages(size: str) -> Sequence[Stage]:
    """Return the stages of the recorded or the live size: both starts, then both methods at several rates."""
    if size == "live":
        starts = scratch_jobs("world-small", LIVE_N, LIVE_SEEDS, LIVE_STEPS, 2 * LIVE_STEPS)
        methods = finetuning_jobs("world-small", LIVE_RATES, LIVE_SEEDS, LIVE_STEPS, LIVE_N)
    else:
        starts = scratch_jobs("world-medium", N, SEEDS, STEPS, SCRATCH_STEPS)
        methods = finetuning_jobs("world-medium", RATES, SEEDS, STEPS, N)
    return [
        Stage("scratch", FinetuningJob, run_finetuning, lambda _: starts),
        Stage("methods", FinetuningJob, run_finetuning, lambda _: methods),
    ]


def findings(results: Results) -> dict[str, Any]:
    """Return the numbers that the notebook shows."""
    lead = scratch_lead(results["scratch"])
    base = {run.job.base for run in results["methods"]}.pop()
    pairs = equal_gain(results["methods"])
    difference = paired_difference([one.full for one in pairs], [one.lora for one in pairs])
    points = [
        {
            "method": run.job.method,
            "lr": run.job.lr,
            "seed": run.job.seed,
            "correct": run.result["correct"],
            "forgot": forgot(run),
        }
        for run in results["methods"]
    ]
    return {
        "lead": [lead.mean, lead.low, lead.high],
        "starts": [[run.job.method, run.job.seed, run.result["correct"]] for run in results["scratch"]],
        "before": base_accuracy(base),
        "points": points,
        "equal_gain": [[one.gain, one.full, one.lora] for one in pairs],
        "full_minus_lora": [difference.mean, difference.low, difference.high],
    }


FORGETTING = Recipe(
    notebook="05",
    row=64,
    title="from scratch or after pretraining; what full finetuning and LoRA forget at equal gain",
    stages=stages,
    design=DESIGN,
    findings=findings,
    sources=RUN_SOURCES,
    config={"base": base_facts("world-medium"), "rank": RANK, "kinds": list(KEPT_KINDS)},
    tolerance=0.05,
)
