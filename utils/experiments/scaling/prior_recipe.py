"""The plan and the recipe of row 46: do larger models get worse where what they know stands against the prompt?"""

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
from utils.experiments.scaling.sources import ROW_SOURCES
from utils.experiments.scaling.strong_prior import (
    BATCH_ROWS,
    N_PEOPLE,
    N_QUESTIONS,
    TASKS,
    WORLD_OPTIONS,
    PriorJob,
    prior_jobs,
    slopes,
    train_prior_run,
)

WIDTHS, DOCUMENTS, SEEDS = (4, 8, 16, 32, 48), 12_000, 4
RUMOURS = (0.0, 0.5)
JUDGED = 0.5
LIVE_WIDTHS, LIVE_DOCUMENTS, LIVE_SEEDS = (4, 32), 8_000, 1
THRESHOLDS = {"worse": 0.1}


def rule(results: Results) -> str:
    """Return the outcome: does the loss on the task grow with size, and only where something is known?"""
    people, strangers = (mean_interval(slopes(results["prior"], task, JUDGED)) for task in TASKS)
    if people.high < THRESHOLDS["worse"]:
        return DOES_NOT_HOLD
    if people.low < THRESHOLDS["worse"]:
        return CANNOT_BE_TOLD
    if strangers.high < 0:
        return HOLDS
    return HOLDS_IN_PART if strangers.low > 0 else CANNOT_BE_TOLD


def simulated(people: float, strangers: float, noise: float, seed: int) -> Results:
    """Return runs whose losses grow by so many nats for each factor of ten in the parameters."""
    draws = np.random.default_rng(seed)
    made = []
    for job in prior_jobs(WIDTHS, RUMOURS, DOCUMENTS, SEEDS):
        n_params = 500 * job.width
        result: dict[str, Any] = {"parameters": n_params, "tokens": 1}
        for task, slope in zip(TASKS, (people, strangers), strict=True):
            loss = 4 + slope * (np.log10(n_params) - 4) + noise * draws.normal()
            result[task] = {"loss": float(loss), "named": 0.5, "home": 0.2}
        made.append(Run(job, result))
    return {"prior": made}


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated runs for an outcome; losses of one size scatter by a fifth of a nat."""
    cases = {HOLDS: (1.0, -1.0, 0.2), HOLDS_IN_PART: (1.0, 1.0, 0.2), DOES_NOT_HOLD: (-1.0, -1.0, 0.2)}
    return simulated(*cases.get(outcome, (0.1, 0.0, 0.8)), seed)


DESIGN = Design(
    claim="Larger models are sometimes worse: on tasks with a strong prior, for instance, they lose to small ones.",
    measure=(
        "Loss (nats) of the town that the prompt names, when the prompt says something wrong about a person that the"
        " text knows; its slope over log10 of the parameters, from width 4 to 48. The text contradicts half of such"
        " hearsay."
    ),
    control="The same task about strangers, of whom nothing is known; and models whose text never contradicts hearsay.",
    unit="Seeds (text and weights); Student's t interval of four.",
    rule_text=(
        "Does not hold: the slope is below 0.1 nats for a factor of ten. If it is above: holds, if the loss about"
        " strangers falls with size; holds in part, if that grows too, so that it is not the prior. An interval across"
        " a threshold: cannot be told."
    ),
    thresholds=THRESHOLDS,
    effect="A nat worse for a model ten times larger, and a nat better about strangers.",
    rule=rule,
    simulate=simulate,
)


def stages(size: str) -> Sequence[Stage]:
    """Return the one stage of the recorded or the live size."""
    if size == "live":
        jobs = prior_jobs(LIVE_WIDTHS, (JUDGED,), LIVE_DOCUMENTS, LIVE_SEEDS)
    else:
        jobs = prior_jobs(WIDTHS, RUMOURS, DOCUMENTS, SEEDS)
    return [Stage("prior", PriorJob, train_prior_run, lambda _: jobs)]


def _ends(interval: Interval) -> list[float]:
    return [interval.mean, interval.low, interval.high]


def findings(results: Results) -> dict[str, Any]:
    """Return the numbers that the notebook shows: by share of rumours and task, slopes, and each size's answers."""
    runs = results["prior"]
    widths = sorted({run.job.width for run in runs})
    found: dict[str, Any] = {
        "parameters": [next(run.result["parameters"] for run in runs if run.job.width == width) for width in widths]
    }
    for rumours in RUMOURS:
        found[str(rumours)] = {
            task: {
                "slope": _ends(mean_interval(slopes(runs, task, rumours))),
                **{
                    name: [
                        _ends(
                            mean_interval(
                                [
                                    run.result[task][name]
                                    for run in runs
                                    if (run.job.width, run.job.rumours) == (width, rumours)
                                ]
                            )
                        )
                        for width in widths
                    ]
                    for name in ("loss", "named", "home")
                },
            }
            for task in TASKS
        }
    return found


STRONG_PRIOR = Recipe(
    notebook="04",
    row=46,
    title="going on with what a prompt says, against what the text says",
    stages=stages,
    design=DESIGN,
    findings=findings,
    sources=("utils.experiments.scaling.strong_prior", *ROW_SOURCES),
    config={
        "world": {name: list(value) if isinstance(value, tuple) else value for name, value in WORLD_OPTIONS.items()},
        "people": N_PEOPLE,
        "questions": N_QUESTIONS,
        "batch_rows": BATCH_ROWS,
    },
    tolerance=0.05,
)
