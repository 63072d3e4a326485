"""The plan and the recipe of row 99: one essay scored again and again, what makes the scores agree, and how far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from utils.evaluation.intervals import Interval, mean_interval
from utils.experiments.hallucination.essay_runs import CHANGES, CURES, SAME, TEMPERATURES, EssayJob, run_essays
from utils.experiments.hallucination.essays import FAULTY, SOUND
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
from utils.models.pretrained import SMOLLM2_SHA256

ESSAYS, RUNS, SEEDS = len(SOUND) + len(FAULTY), 20, 8
LIVE_ESSAYS = 6
THRESHOLDS = {"differ": 0.2, "far": 0.1, "escape": 0.05}


def _over_essays(by_seed: Sequence[Sequence[float]]) -> Interval:
    """Return the interval over essays of what was found for each, the mean over seeds."""
    return mean_interval(np.mean(by_seed, axis=0).tolist())


def agreement(results: Results, temperature: float, key: str = "agreement") -> Interval:
    """Return the chance that two runs agree, over essays; with the key "exact" as the probabilities have it.

    Raises:
        ValueError: the temperature was not measured.
    """
    if temperature not in TEMPERATURES:
        raise ValueError(f"temperature must be one of {TEMPERATURES}, not {temperature!r}")
    return _over_essays([run.result[key][str(temperature)] for run in results["scores"]])


def differing(results: Results) -> Interval:
    """Return the chance that two runs at temperature 1 give one essay different scores, over essays."""
    return _over_essays([[1 - one for one in run.result["agreement"]["1.0"]] for run in results["scores"]])


def far(results: Results) -> Interval:
    """Return the chance that two runs at temperature 1 lie two points or more apart, over essays."""
    return _over_essays([run.result["far"] for run in results["scores"]])


def lost(results: Results, cure: str, change: str) -> Interval:
    """Return the share of scores that are not the same again under a cure after a change, over essays.

    Raises:
        ValueError: there is no such cure or change.
    """
    if cure not in CURES or change not in CHANGES:
        raise ValueError(f"cure and change must be of {CURES} and {CHANGES}, not {cure!r} and {change!r}")
    return _over_essays([[1 - one for one in run.result["same"][cure][change]] for run in results["scores"]])


def rule(results: Results) -> str:
    """Return the outcome: do scores differ, do the cures make them agree, and is each of them no guarantee?"""
    differ, apart = differing(results), far(results)
    repeat = all(lost(results, cure, SAME).mean == 0 for cure in CURES[1:])
    escapes = [[lost(results, cure, change) for change in CHANGES[1:]] for cure in CURES[1:]]
    least = THRESHOLDS["escape"]
    escaped = [any(one.low > least for one in row) for row in escapes]
    if differ.low > THRESHOLDS["differ"] and repeat:
        if apart.low > THRESHOLDS["far"] and all(escaped):
            return HOLDS
        if any(escaped):
            return HOLDS_IN_PART
    guaranteed = all(one.high < least for row in escapes for one in row)
    return DOES_NOT_HOLD if differ.high < THRESHOLDS["differ"] or not repeat or guaranteed else CANNOT_BE_TOLD


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated runs; essays scatter, far more so where nothing can be told."""
    draws = np.random.default_rng(seed)
    differ = {HOLDS: 0.4, HOLDS_IN_PART: 0.4, DOES_NOT_HOLD: 0.05}.get(outcome, 0.2)
    by_essay = np.clip(draws.normal(differ, 0.25 if outcome == CANNOT_BE_TOLD else 0.1, ESSAYS), 0, 1)
    # What the likeliest score becomes elsewhere is the same with every seed, so it is drawn once for each essay.
    likeliest = draws.random(ESSAYS) < 0.5
    made = []
    for number in range(SEEDS):
        scatter = draws.normal(0, 0.05, ESSAYS)
        same = {cure: {change: [1] * ESSAYS for change in CHANGES} for cure in CURES}
        for cure in CURES[1:]:
            changed = likeliest if cure == "temperature 0" else draws.random(ESSAYS) < 0.5
            if outcome == HOLDS or (outcome != DOES_NOT_HOLD and cure == "cache"):
                same[cure][CHANGES[3]] = [int(not one) for one in changed]
        agree = np.clip(1 - by_essay + scatter, 0, 1)
        found = {"agreement": {"1.0": agree.tolist()}, "far": (0.6 * (1 - agree)).tolist(), "same": same}
        made.append(Run(EssayJob(ESSAYS, RUNS, number), found))
    return {"scores": made}


DESIGN = Design(
    claim=(
        "The same essay scored twice can get two very different scores. A cache, fixed sampling variables and a fixed"
        " seed make the scores agree, and none of them is a guarantee."
    ),
    measure=(
        "Chance that two runs at temperature 1 score an essay differently, and two points or more apart; share of"
        " scores that are not the same again under each cure, after each change."
    ),
    control="The same request again, where every cure must give the same score; the exact chance that two runs agree.",
    unit="Essays, each the mean over eight seeds; Student's t interval of sixteen.",
    rule_text=(
        "Holds: two runs differ for more than 20% and by two points for more than 10% of the pairs, every cure repeats"
        " every score when nothing changes, and each loses more than 5% of them after other words, in other company or"
        " on another machine, each with the whole interval. In part: two runs differ, the cures repeat, and some cure"
        " loses more than 5%. Does not hold: two runs differ for less than 20%, or a cure does not repeat, or each"
        " interval after each change lies below 5%. Otherwise it cannot be told."
    ),
    thresholds=THRESHOLDS,
    effect="Two runs differ for 40% of the pairs; each cure loses half of the scores after one of the changes.",
    rule=rule,
    simulate=simulate,
)


def stages(size: str) -> Sequence[Stage]:
    """Return the one stage of the recorded or the live size."""
    essays, seeds = (LIVE_ESSAYS, 1) if size == "live" else (ESSAYS, SEEDS)
    jobs = [EssayJob(essays, RUNS, seed) for seed in range(seeds)]
    return [Stage("scores", EssayJob, run_essays, lambda _: jobs)]


def findings(results: Results) -> Mapping[str, Any]:
    """Return the numbers that the notebook shows."""

    def plain(one: Interval) -> list[float]:
        return [one.mean, one.low, one.high]

    runs = results["scores"]
    return {
        "agreement": {str(T): plain(agreement(results, T)) for T in TEMPERATURES},
        "exact": {str(T): agreement(results, T, "exact").mean for T in TEMPERATURES},
        "differing": plain(differing(results)),
        "far": plain(far(results)),
        "lost": {cure: {change: plain(lost(results, cure, change)) for change in CHANGES} for cure in CURES},
        "ranked": {
            cure: {
                key: float(np.mean([run.result["ranked"][cure][key] for run in runs])) for key in ("higher", "lower")
            }
            for cure in CURES
        },
        "held": float(np.mean([run.result["held"] for run in runs])),
    }


ESSAY_RECIPE = Recipe(
    notebook="09",
    row=99,
    title="one essay scored again and again, and what a cache, temperature 0 and a seed do not cure",
    stages=stages,
    design=DESIGN,
    findings=findings,
    sources=(
        "utils.decoding.samplers",
        "utils.evaluation.consistency",
        "utils.experiments.hallucination.essays",
        "utils.experiments.hallucination.essay_runs",
    ),
    config={"model": SMOLLM2_SHA256},
    tolerance=0.05,
    # Drawn scores, and what is counted from them: the last digit of a logit decides now and then, and 8 bits are
    # multiplied in another way on another processor. What is compared are the chances.
    unstable=frozenset({"seconds", "agreement", "far", "shown", "same", "ranked"}),
)
