"""The plan and the recipe of row 61: few good demonstrations against many poor ones at equal cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from utils.evaluation.intervals import Interval, paired_difference
from utils.experiments.finetuning.runs import POOR_MIX, FinetuningJob, base_facts, run_finetuning
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

DOLLARS = {"good": 10.0, "poor": 2.0}
BUDGETS = (1_000, 8_000)
SEEDS, STEPS, LR, QUESTIONS = 4, 100, 1e-3, 120
LIVE_BUDGETS, LIVE_SEEDS, LIVE_STEPS = (2_000,), 3, 60
THRESHOLDS = {"matters": 0.05}


def pairs_for(dollars: float, quality: str) -> int:
    """Return how many demonstrations of a quality a budget buys."""
    return int(dollars / DOLLARS[quality])


def quality_jobs(base: str, budgets: Sequence[float], seeds: int, steps: int, n_questions: int) -> list[FinetuningJob]:
    """Return a run for each budget, quality and seed; both qualities train for the same number of steps."""
    return [
        FinetuningJob(base, "full", pairs_for(budget, quality), quality, True, steps, LR, seed, n_questions)
        for budget in budgets
        for quality in DOLLARS
        for seed in range(seeds)
    ]


def advantages(runs: Sequence[Run]) -> dict[int, Interval]:
    """Return for each budget the correct answers of few good minus many poor demonstrations, paired by seed."""
    found: dict[int, dict[str, dict[int, float]]] = {}
    for run in runs:
        budget = round(run.job.n * DOLLARS[run.job.quality])
        found.setdefault(budget, {}).setdefault(run.job.quality, {})[run.job.seed] = run.result["correct"]
    return {
        budget: paired_difference(
            [by["good"][seed] for seed in sorted(by["good"])], [by["poor"][seed] for seed in sorted(by["good"])]
        )
        for budget, by in sorted(found.items())
    }


def rule(results: Results) -> str:
    """Return the outcome: are few good demonstrations better at every budget?"""
    found, limit = list(advantages(results["quality"]).values()), THRESHOLDS["matters"]
    if all(one.low > 0 and one.mean > limit for one in found):
        return HOLDS
    if any(one.low > 0 and one.mean > limit for one in found):
        return HOLDS_IN_PART
    return DOES_NOT_HOLD if all(one.high < limit for one in found) else CANNOT_BE_TOLD


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated runs; the seeds scatter by three points, which is about what 120 questions give."""
    draws = np.random.default_rng(seed)
    gains = {HOLDS: (0.15, 0.15), HOLDS_IN_PART: (0.2, -0.1), DOES_NOT_HOLD: (-0.1, -0.1)}.get(outcome, (0.05, 0.05))
    noise = 0.15 if outcome == CANNOT_BE_TOLD else 0.03
    by_budget = dict(zip(BUDGETS, gains, strict=True))
    made = []
    for job in quality_jobs("world-medium", BUDGETS, SEEDS, STEPS, QUESTIONS):
        gain = by_budget[round(job.n * DOLLARS[job.quality])] if job.quality == "good" else 0.0
        made.append(Run(job, {"correct": float(np.clip(0.5 + gain + noise * draws.normal(), 0, 1))}))
    return {"quality": made}


DESIGN = Design(
    claim="Good teachers are important: demonstrations of high quality are worth their price.",
    measure="Share of correct answers to questions that no demonstration answers, of a base model after finetuning.",
    control="Five times as many demonstrations for the same money, of which four in ten are good; same steps.",
    unit="Seeds (demonstrations and their order); Student's t interval of four paired differences.",
    rule_text=(
        "Holds: at both budgets the good ones lead by more than 5 points, and the interval lies above 0. Holds in part:"
        " at one budget. Does not hold: at both the interval lies below 5 points. Otherwise it cannot be told."
    ),
    thresholds=THRESHOLDS,
    effect="Fifteen points of correct answers.",
    rule=rule,
    simulate=simulate,
)


def stages(size: str) -> Sequence[Stage]:
    """Return the one stage of the recorded or the live size."""
    if size == "live":
        jobs = quality_jobs("world-small", LIVE_BUDGETS, LIVE_SEEDS, LIVE_STEPS, 60)
    else:
        jobs = quality_jobs("world-medium", BUDGETS, SEEDS, STEPS, QUESTIONS)
    return [Stage("quality", FinetuningJob, run_finetuning, lambda _: jobs)]


def findings(results: Results) -> dict[str, Any]:
    """Return the numbers that the notebook shows."""
    shares: dict[str, dict[str, list[float]]] = {}
    for run in results["quality"]:
        budget = str(round(run.job.n * DOLLARS[run.job.quality]))
        shares.setdefault(budget, {}).setdefault(run.job.quality, []).append(run.result["correct"])
    lead = {str(budget): [one.mean, one.low, one.high] for budget, one in advantages(results["quality"]).items()}
    return {"correct": shares, "lead": lead}


QUALITY = Recipe(
    notebook="05",
    row=61,
    title="few good against many poor demonstrations at equal cost",
    stages=stages,
    design=DESIGN,
    findings=findings,
    sources=RUN_SOURCES,
    config={"base": base_facts("world-medium"), "poor_mix": POOR_MIX, "dollars": DOLLARS},
    tolerance=0.05,
)
