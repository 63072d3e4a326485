"""The plan and the recipe of row 56: does repetition make a number extractable, and does unlearning leave nothing?"""

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
from utils.experiments.recording.recipe import Recipe, Stage, with_sample
from utils.experiments.scaling.canaries import (
    EACH,
    OFTEN,
    REPETITIONS,
    STAGES,
    WORLD_OPTIONS,
    CanaryJob,
    memory,
    train_canary_run,
)
from utils.experiments.scaling.sources import ROW_SOURCES

RECORDED = {"documents": 12_000, "width": 48, "unlearning_steps": 300}
LIVE = {"documents": 4_000, "width": 32, "unlearning_steps": 80}
SMALL = {"documents": 1_000, "width": 16, "unlearning_steps": 10}
SEEDS = 6
THRESHOLDS = {"memorised": 2.0, "left": 0.5}
JUDGED = "other numbers, seen twice more"


def rule(results: Results) -> str:
    """Return the outcome: is what was repeated memorised, and is something left after it was finetuned away?"""
    trained = mean_interval(memory(results["canaries"], "trained"))
    left = mean_interval(memory(results["canaries"], JUDGED))
    if trained.high < THRESHOLDS["memorised"]:
        return DOES_NOT_HOLD
    if trained.low < THRESHOLDS["memorised"]:
        return CANNOT_BE_TOLD
    if left.low > THRESHOLDS["left"]:
        return HOLDS
    return HOLDS_IN_PART if left.high < THRESHOLDS["left"] else CANNOT_BE_TOLD


def simulated(memorised: float, left: float, noise: float, seed: int) -> Results:
    """Return runs whose exposures rise with repetitions to these bits above never planted canaries."""
    draws = np.random.default_rng(seed)
    shape = np.minimum(np.log2(1 + np.array(REPETITIONS)) / np.log2(1 + OFTEN), 1)
    made = []
    for job in _jobs(RECORDED, SEEDS):
        # The mean of EACH canaries: one of them scatters by `noise` bits.
        heights = dict.fromkeys(STAGES, left) | {"trained": memorised}
        exposure = {
            stage: (1.44 + height * shape + noise / np.sqrt(EACH) * draws.normal(size=len(shape))).tolist()
            for stage, height in heights.items()
        }
        zeros = {stage: [0.0] * len(shape) for stage in STAGES}
        made.append(Run(job, {"exposure": exposure, "extracted": zeros, "loss": dict.fromkeys(STAGES, 1.0)}))
    return {"canaries": made}


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated runs for an outcome; a canary scatters by two bits (1.4 where the rank is random)."""
    cases = {HOLDS: (6.0, 1.6, 2.0), HOLDS_IN_PART: (6.0, -0.2, 0.8), DOES_NOT_HOLD: (0.3, 0.0, 2.0)}
    return simulated(*cases.get(outcome, (2.0, 0.5, 6.0)), seed)


DESIGN = Design(
    claim=(
        "A model can give back single texts that it was trained on, and making it forget them afterwards is unsolved."
    ),
    measure=(
        "Exposure in bits of numbers that stood at least 32 times in the training text, above that of numbers that"
        " never did; after training, and after finetuning on other numbers in their place and seeing all the true ones"
        " twice more."
    ),
    control=(
        "Canaries of the same form that were not planted, in the same model at the same time: what they gain from"
        " being seen twice is new, not remembered."
    ),
    unit="Seeds (numbers, text, weights); Student's t interval of six.",
    rule_text=(
        "Does not hold: less than 2 bits after training. If more: holds, if more than half a bit is left after"
        " finetuning the numbers away and showing all twice; holds in part, if less than half a bit is: memorised, but"
        " forgotten when asked to. An interval across a threshold: cannot be told."
    ),
    thresholds=THRESHOLDS,
    effect="1.6 bits left: a number that was to be forgotten is found in a third of the guesses.",
    rule=rule,
    simulate=simulate,
)


def _jobs(size: dict[str, int], seeds: int) -> list[CanaryJob]:
    return [CanaryJob(**size, seed=seed) for seed in range(seeds)]


def stages(size: str) -> Sequence[Stage]:
    """Return the stage of a size, and beside the recorded one a small sample, which judges nothing."""
    if size == "live":
        return [Stage("canaries", CanaryJob, train_canary_run, lambda _: _jobs(LIVE, 1))]
    recorded = Stage("canaries", CanaryJob, train_canary_run, lambda _: _jobs(RECORDED, SEEDS))
    return with_sample(recorded, _jobs(SMALL, 1))


def _ends(interval: Interval) -> list[float]:
    return [interval.mean, interval.low, interval.high]


def findings(results: Results) -> dict[str, Any]:
    """Return the numbers that the notebook shows: by stage, and by repetitions, means with their intervals."""
    runs = [run.result for run in results["canaries"]]
    return {
        "repetitions": list(REPETITIONS),
        "memory": {stage: _ends(mean_interval(memory(results["canaries"], stage))) for stage in STAGES},
        **{
            name: {
                stage: [_ends(mean_interval(c)) for c in zip(*(run[name][stage] for run in runs), strict=True)]
                for stage in STAGES
            }
            for name in ("exposure", "extracted")
        },
        "loss": {stage: _ends(mean_interval([run["loss"][stage] for run in runs])) for stage in STAGES},
    }


CANARIES = Recipe(
    notebook="04",
    row=56,
    title="canaries: exposure against repetitions, and after finetuning them away",
    stages=stages,
    design=DESIGN,
    findings=findings,
    sources=("utils.experiments.scaling.canaries", *ROW_SOURCES),
    config={"world": WORLD_OPTIONS, "repetitions": list(REPETITIONS), "each": EACH},
    # A rank may move by a place on another processor, and so may a share of 15.
    tolerance=0.1,
)
