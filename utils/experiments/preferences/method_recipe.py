"""The plan and the recipe of rows 69 to 71: what preferences do to a policy, measured by the gold reward."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from utils.evaluation.intervals import Interval, mean_interval
from utils.experiments.preferences.method_runs import METHODS, ROUNDS, MethodJob, run_method
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

SEEDS = 5
THRESHOLDS = {"share": 0.5}


def by_method(results: Results, key: str) -> dict[str, list[float]]:
    """Return one value for each seed by method; the key "gain" is the gold reward above the policy before."""
    found: dict[str, list[float]] = {}
    for run in sorted(results["methods"], key=lambda run: run.job.seed):
        value = run.result["gold"] - run.result["before"] if key == "gain" else run.result[key]
        found.setdefault(run.job.method, []).append(value)
    return found


def share_gained(results: Results, method: str, other: str) -> Interval:
    """Return the interval, over seeds, of one method's gain minus half of the other's."""
    gains = by_method(results, "gain")
    pairs = zip(gains[method], gains[other], strict=True)
    return mean_interval([own - THRESHOLDS["share"] * theirs for own, theirs in pairs])


def rule(results: Results) -> str:
    """Return the outcome: does DPO gain, and at least half of what PPO gains with the same preferences?"""
    own, against = mean_interval(by_method(results, "gain")["dpo"]), share_gained(results, "dpo", "ppo")
    if own.high <= 0 or against.high < 0:
        return DOES_NOT_HOLD
    if own.low > 0 and against.low > 0:
        return HOLDS
    return HOLDS_IN_PART if own.low > 0 and against.mean > 0 else CANNOT_BE_TOLD


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated gains; those of seeds scatter by a tenth, by much more where nothing can be told."""
    means = {HOLDS: (1.0, 1.0, 0.1), HOLDS_IN_PART: (0.8, 1.1, 0.0), DOES_NOT_HOLD: (0.1, 1.2, 0.05)}
    dpo, ppo, noise = means.get(outcome, (0.1, 0.0, 0.5))
    draws = np.random.default_rng(seed)
    made = []
    for number in range(SEEDS):
        # "In part": DPO gains for certain, while PPO scatters so much that half of it cannot be told apart.
        wide = (-1) ** number * (1.0 if outcome == HOLDS_IN_PART else 0.0)
        for method in METHODS:
            gain = {"dpo": dpo, "ppo": ppo + wide}.get(method, 0.0) + noise * draws.normal()
            made.append(Run(MethodJob(method, ROUNDS, number), {"before": 0.0, "gold": gain, "kl": 1.0, "tokens": 9.0}))
    return {"methods": made}


DESIGN = Design(
    claim="DPO learns from the same preferences as PPO, more simply and about as well.",
    measure="Gold reward of an answer above that of the policy before, on 200 test questions.",
    control="PPO with the same pairs; DPO with the labels of a coin.",
    unit="Seeds (answers, labels, order, draws); Student's t interval of five.",
    rule_text=(
        "Does not hold: DPO's interval lies at or below 0, or that of its gain minus half of PPO's lies below 0. Holds:"
        " both lie above 0. In part: DPO gains and the mean of the second is above 0. Otherwise it cannot be told."
    ),
    thresholds=THRESHOLDS,
    effect="DPO gains 1.0, half of what a right answer is worth, where PPO gains as much.",
    rule=rule,
    simulate=simulate,
)


def stages(size: str) -> Sequence[Stage]:
    """Return the one stage of the recorded or the live size."""
    if size == "live":
        jobs = [MethodJob(method, 10, 0) for method in ("ppo", "dpo")]
    else:
        jobs = [MethodJob(method, ROUNDS, seed) for seed in range(SEEDS) for method in METHODS]
    return [Stage("methods", MethodJob, run_method, lambda _: jobs)]


def findings(results: Results) -> dict[str, Any]:
    """Return the numbers that the notebook shows."""
    found: dict[str, Any] = {}
    for key in ("gain", "kl", "tokens"):
        for method, values in by_method(results, key).items():
            if len(values) > 1:
                interval = mean_interval(values)
                found.setdefault(method, {})[key] = [interval.mean, interval.low, interval.high]
    return found


METHOD_RECIPE = Recipe(
    notebook="06",
    row=70,
    title="PPO with and without penalty, DPO, and labels from people, a model and a coin",
    stages=stages,
    design=DESIGN,
    findings=findings,
    sources=(
        "utils.experiments.preferences.answer_model",
        "utils.experiments.preferences.labelling",
        "utils.experiments.preferences.method_runs",
        "utils.posttraining.dpo",
        "utils.posttraining.ppo",
        "utils.posttraining.reward",
    ),
    tolerance=0.05,
)
