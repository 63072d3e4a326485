"""The plan of row 89: does a model gain more from several tries the less robust it is to the wording?"""

from __future__ import annotations

from typing import Any

import numpy as np

from utils.evaluation.intervals import Interval
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
from utils.experiments.samplers.measuring import correlation_interval
from utils.experiments.samplers.wording_runs import TASK_SEED, WordingJob, run_wording_job
from utils.training.arithmetic_models import RECIPES, WORDINGS

TASKS, SAMPLES = 20, 24  # tasks of each length, samples of each task in each wording
COURSE = tuple(wording.share for wording in WORDINGS)
EVEN, FIRST, RARE = (0.25,) * 4, (1.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.5, 0.5)
TRAINED_ON = ((0, COURSE), (30, EVEN), (100, EVEN), (60, FIRST), (60, RARE))  # steps, and the shares of the wordings
THRESHOLDS = {"above": 0.0, "none": 0.3}


def wording_jobs(n_per_length: int, samples: int) -> list[WordingJob]:
    """Return one job for each size of the arithmetic models and each way to train it on."""
    return [WordingJob(name, steps, shares, n_per_length, samples) for name in RECIPES for steps, shares in TRAINED_ON]


def stages(size: str) -> list[Stage]:
    """Return the one stage of the recorded or the live size."""
    jobs = wording_jobs(TASKS, SAMPLES) if size == "recorded" else wording_jobs(6, SAMPLES)[:: len(TRAINED_ON)]
    return [Stage("models", WordingJob, run_wording_job, lambda _: jobs)]


def of_models(results: Results) -> dict[str, np.ndarray]:
    """Return for each model, over its wordings: "sensitivity", "one try", "gain" and "if equally hard" (models,).

    The last is the gain that the success rates of its wordings imply, were all tasks of a wording equally hard.
    """
    runs = [run.result for run in results["models"]]
    one, three, changed = (np.array([r[name] for r in runs]) for name in ("one try", "three tries", "sensitivity"))
    implied = 1 - (1 - one) ** 3 - one
    values = {"sensitivity": changed, "one try": one, "gain": three - one, "if equally hard": implied}
    return {name: value.mean(1) for name, value in values.items()}


def less_its_size(results: Results, values: np.ndarray) -> np.ndarray:
    """Return each model's value less the mean over the models of its size."""
    sizes = np.array([run.job.model for run in results["models"]])
    return np.asarray(values - np.array([values[sizes == size].mean() for size in sizes]))


def correlations(results: Results, of: str = "sensitivity") -> tuple[Interval, Interval]:
    """Return the correlation of the gain with another measure over all models, and within the sizes."""
    found = of_models(results)
    x, y = found[of], found["gain"]
    return correlation_interval(x, y), correlation_interval(less_its_size(results, x), less_its_size(results, y))


def rule(results: Results) -> str:
    """Return the outcome of row 89."""
    found = correlations(results)
    above = [one.low > THRESHOLDS["above"] for one in found]
    if all(above):
        return HOLDS
    if any(above):
        return HOLDS_IN_PART
    return DOES_NOT_HOLD if all(one.high < THRESHOLDS["none"] for one in found) else CANNOT_BE_TOLD


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated models: how the gain goes with sensitivity within a size, and from size to size."""
    slopes = {HOLDS: (0.3, 0.3), HOLDS_IN_PART: (0.3, -0.5), DOES_NOT_HOLD: (-0.3, -0.3)}
    within, between = slopes.get(outcome, (0.0, 0.0))
    draws = np.random.default_rng(seed)
    made = []
    for job in stages("recorded")[0].jobs({}):
        base = 0.2 + 0.2 * list(RECIPES).index(job.model)
        own = draws.uniform(-0.15, 0.15)
        gain = 0.25 + between * (base - 0.5) + within * own + 0.02 * draws.normal()
        one = 0.4 + 0.02 * draws.normal()
        result = {"one try": [one] * 4, "three tries": [one + gain] * 4, "sensitivity": [base + own] * 4}
        made.append(Run(job, result))
    return {"models": made}


def findings(results: Results) -> dict[str, Any]:
    """Return the models' measures and the correlations of the gain, with its rival: what success alone implies."""
    found: dict[str, Any] = {name: values.tolist() for name, values in of_models(results).items()}
    found["models"] = [run.job.model for run in results["models"]]
    for name in ("sensitivity", "if equally hard"):
        both = correlations(results, name)
        found[f"with {name}"] = [[one.mean, one.low, one.high] for one in both]
    return found


TRIES = Recipe(
    notebook="07",
    row=89,
    title="three tries of 20 models, more or less robust to the wording",
    stages=stages,
    design=Design(
        claim="The less robust a model is to small changes of its input, the more it gains from several tries.",
        measure=(
            "Correlation of the gain (pass@3 less pass@1, mean of four wordings) with sensitivity, the share of greedy"
            " answers that change with the wording."
        ),
        control="The gain that success at one try implies, were all tasks equally hard.",
        unit=(
            "Models, 20: four sizes, each as it is and trained on with four mixtures of wordings; bootstrap over the"
            " models. 60 new tasks of 3 to 5 steps, judged by their steps."
        ),
        rule_text=(
            "Holds: the intervals of both correlations, over all models and within the sizes, lie above 0. In part: one"
            " of them does. Does not hold: both lie below 0.3. Otherwise it cannot be told."
        ),
        thresholds=THRESHOLDS,
        effect="A gain of 3 points more for 10 points more sensitivity: a correlation of about 0.8 within a size.",
        rule=rule,
        simulate=simulate,
    ),
    findings=findings,
    sources=(
        *(f"utils.experiments.samplers.{name}" for name in ("arithmetic_runs", "counted_sampling", "wording_runs")),
        "utils.experiments.samplers.repeated_sampling",
        *(f"utils.training.{name}" for name in ("arithmetic_models", "loop", "losses", "optimisers", "schedules")),
        "utils.world.arithmetic",
    ),
    config={"task_seed": TASK_SEED},
    tolerance=0.05,
)
