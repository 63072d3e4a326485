"""The plan and the recipe of row 57: what is lost with the best sources, when as much other text replaces theirs?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from utils.evaluation.intervals import Interval, mean_interval
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
from utils.experiments.scaling.lost_sources import (
    BATCH_ROWS,
    HELD_OUT,
    N_SOURCES,
    SELECTIONS,
    WIDTH,
    WORLD_OPTIONS,
    SourcesJob,
    excess,
    sources_jobs,
    train_sources_run,
)
from utils.experiments.scaling.sources import ROW_SOURCES

LOST = (0.28, 0.45)  # of the most critical sources of C4, and of all of C4 (Longpre et al., 2024)
WORSTS = (0.1, 0.3)
JUDGED = 0.3
DOCUMENTS, SEEDS = 6000, 4
LIVE_LOST, LIVE_WORSTS, LIVE_DOCUMENTS, LIVE_SEEDS = (0.45,), (0.3,), 4000, 1
THRESHOLDS = {"matters": 0.02}


def rule(results: Results) -> str:
    """Return the outcome: is the loss on good text higher by more than matters, beyond a random loss of as much?"""
    limit = THRESHOLDS["matters"]
    less, more = (_beyond_random(results, lost) for lost in LOST)
    if more.high < limit:
        return DOES_NOT_HOLD
    if more.low < limit:
        return CANNOT_BE_TOLD
    if less.low > limit:
        return HOLDS
    return HOLDS_IN_PART if less.high < limit else CANNOT_BE_TOLD


def _beyond_random(results: Results, lost: float) -> Interval:
    """Return how much more the best sources cost than randomly chosen ones, within seeds."""
    best, random = (excess(results["sources"], lost, how, JUDGED) for how in SELECTIONS)
    return mean_interval([one - other for one, other in zip(best, random, strict=True)])


def simulated(less: float, more: float, noise: float, seed: int) -> Results:
    """Return runs in which losing the best sources costs so many nats per token, and losing random ones nothing."""
    draws = np.random.default_rng(seed)
    made = []
    for job in sources_jobs(LOST, WORSTS, DOCUMENTS, SEEDS):
        costs = {0.0: 0.0, LOST[0]: less, LOST[1]: more}[job.lost] if job.selection == "best" else 0.0
        result = {"loss": 1.3 + costs + noise * draws.normal(), "entropy": 0.74, "wrong": 0.1, "tokens": 1}
        made.append(Run(job, {**result, "parameters": 1}))
    return {"sources": made}


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated runs for an outcome; losses scatter by a hundredth of a nat."""
    cases = {HOLDS: (0.08, 0.12, 0.01), HOLDS_IN_PART: (0.0, 0.1, 0.004), DOES_NOT_HOLD: (0.0, -0.02, 0.01)}
    return simulated(*cases.get(outcome, (0.02, 0.02, 0.05)), seed)


DESIGN = Design(
    claim=(
        "28% of the most critical sources of a large public crawl, and 45% of all of it, may no longer be used for"
        " training; that costs models quality."
    ),
    measure=(
        "Loss on good text, nats per token, of models trained on equally many documents without the best 28% or 45% of"
        " the sources, above that of models that lost as many sources at random."
    ),
    control="All sources; as many sources lost at random; a crawl whose worst source has a third of the mistakes.",
    unit="Seeds (text, mistakes, weights), differences within a seed; Student's t interval of four.",
    rule_text=(
        "Does not hold: the best 45% cost less than 0.02 nats. If more: holds, if the best 28% do too; holds in part,"
        " if the best 28% cost less than 0.02. An interval across the threshold: cannot be told."
    ),
    thresholds=THRESHOLDS,
    effect="0.08 nats for 28% and 0.12 for 45%: about what a tenth or two of the text is worth at this size.",
    rule=rule,
    simulate=simulate,
)


def stages(size: str) -> Sequence[Stage]:
    """Return the one stage of the recorded or the live size."""
    if size == "live":
        jobs = sources_jobs(LIVE_LOST, LIVE_WORSTS, LIVE_DOCUMENTS, LIVE_SEEDS)
    else:
        jobs = sources_jobs(LOST, WORSTS, DOCUMENTS, SEEDS)
    return [Stage("sources", SourcesJob, train_sources_run, lambda _: jobs)]


def _ends(interval: Interval) -> list[float]:
    return [interval.mean, interval.low, interval.high]


def findings(results: Results) -> dict[str, Any]:
    """Return the numbers that the notebook shows: excess losses by worst, selection and share lost."""
    runs = results["sources"]
    return {
        "entropy": runs[0].result["entropy"],
        "all_sources": {
            str(worst): _ends(
                mean_interval([r.result["loss"] for r in runs if r.job.lost == 0 and r.job.worst == worst])
            )
            for worst in WORSTS
        },
        "excess": {
            str(worst): {
                how: {str(lost): _ends(mean_interval(excess(runs, lost, how, worst))) for lost in LOST}
                for how in SELECTIONS
            }
            for worst in WORSTS
        },
        "beyond_random": {str(lost): _ends(_beyond_random(results, lost)) for lost in LOST},
    }


LOST_SOURCES = Recipe(
    notebook="04",
    row=57,
    title="the best sources lost, at equal size",
    stages=stages,
    design=DESIGN,
    findings=findings,
    sources=("utils.experiments.scaling.lost_sources", *ROW_SOURCES),
    config={
        "world": {name: list(value) if isinstance(value, tuple) else value for name, value in WORLD_OPTIONS.items()},
        "sources": N_SOURCES,
        "width": WIDTH,
        "batch_rows": BATCH_ROWS,
        "held_out": HELD_OUT,
    },
    tolerance=0.02,
)
