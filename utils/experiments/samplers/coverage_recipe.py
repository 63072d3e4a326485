"""The plan of row 86: does the share of tasks that some sample solves grow straight in the logarithm of the samples?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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
from utils.experiments.samplers.arithmetic_runs import SamplingJob, sample_attempts
from utils.experiments.samplers.repeated_sampling import pass_at_k
from utils.experiments.samplers.solution_chances import (
    exact_coverage,
    guess_logprobs,
    solution_logprobs,
    straightness_intervals,
)
from utils.training.arithmetic_models import (
    HELD_OUT_SEED,
    draw_tasks,
    load_arithmetic_model,
)
from utils.training.threads import one_thread

KS = (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000)
SETTINGS: Mapping[str, tuple[str, tuple[int, ...]]] = {
    "arithmetic-32, 2 to 5 steps": ("arithmetic-32", (2, 3, 4, 5)),
    "arithmetic-48, 4 to 6 steps": ("arithmetic-48", (4, 5, 6)),
    "arithmetic-72, 5 to 6 steps": ("arithmetic-72", (5, 6)),
}
SAMPLED = "arithmetic-32, 2 to 5 steps"  # the setting in which samples are drawn, too
TASKS, SAMPLED_TASKS, SAMPLES = 100, 8, 10_000
THRESHOLDS = {"r_squared": 0.95, "slope": 0.05}
TASK_SEED = HELD_OUT_SEED + 1


@dataclass(frozen=True)
class CoverageJob:
    """A model, tasks of a length, and how many samples are drawn of each (0: none, the chances alone are computed)."""

    model: str
    n_steps: int
    n_tasks: int
    samples: int = 0


def run_coverage_job(job: CoverageJob) -> dict[str, Any]:
    """Return each task's log-probability of its right solution and of a guess; with samples how many were right.

    `right` counts the solutions right in all steps, `right_answers` those that end in the right number.
    """
    tasks = draw_tasks(job.n_tasks, TASK_SEED, [job.n_steps])
    with one_thread():
        logprobs = solution_logprobs(load_arithmetic_model(job.model), tasks)
        found: dict[str, Any] = {"logprobs": rounded(logprobs), "guesses": rounded(guess_logprobs(tasks))}
        if job.samples:
            attempts = sample_attempts(SamplingJob(job.model, tuple(tasks), job.samples, seed=6000 + job.n_steps))
            found["right"] = [one.n_right for one in attempts]
            found["right_answers"] = [one.n_right_answers for one in attempts]
    return found


def rounded(logprobs: np.ndarray) -> list[float]:
    """Return log-probabilities with four decimals, as a record keeps them, none above 0."""
    return [min(0.0, round(float(one), 4)) for one in logprobs]


def exact_jobs() -> list[CoverageJob]:
    """Return one job for each model and length in the settings."""
    pairs = dict.fromkeys((model, length) for model, lengths in SETTINGS.values() for length in lengths)
    return [CoverageJob(model, length, TASKS) for model, length in pairs]


def stages(size: str) -> list[Stage]:
    """Return the stages of the recorded or the live size."""
    if size == "live":
        model, lengths = SETTINGS[SAMPLED]
        jobs = [CoverageJob(model, length, 3, 2000) for length in lengths]
        return [Stage("sampled", CoverageJob, run_coverage_job, lambda _: jobs)]
    model, lengths = SETTINGS[SAMPLED]
    sampled = [CoverageJob(model, length, SAMPLED_TASKS, SAMPLES) for length in lengths]
    return [
        Stage("exact", CoverageJob, run_coverage_job, lambda _: exact_jobs()),
        Stage("sampled", CoverageJob, run_coverage_job, lambda _: sampled),
    ]


def chances(results: Results, setting: str, key: str = "logprobs") -> np.ndarray:
    """Return the log-probabilities (tasks,) of all lengths of a setting."""
    model, lengths = SETTINGS[setting]
    by_length = {run.job.n_steps: run.result[key] for run in results["exact"] if run.job.model == model}
    return np.array([one for length in lengths for one in by_length[length]])


def lines(results: Results) -> dict[str, tuple[Interval, Interval]]:
    """Return R squared and slope a decade of each setting, with intervals over the tasks."""
    return {name: straightness_intervals(KS, exact_coverage(chances(results, name), KS)) for name in SETTINGS}


def rule(results: Results) -> str:
    """Return the outcome: in how many settings is the growth straight?"""
    least, slope = THRESHOLDS["r_squared"], THRESHOLDS["slope"]
    found = lines(results).values()
    straight = sum(fit.low > least and growth.low > slope for fit, growth in found)
    bent = sum(fit.high < least or growth.high < slope for fit, growth in found)
    if straight >= 2:
        return HOLDS
    if straight == 1:
        return HOLDS_IN_PART
    return DOES_NOT_HOLD if bent >= 2 else CANNOT_BE_TOLD


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated chances: from easy to very hard tasks where growth is straight, equally hard where it bends."""
    # Standard deviation of log10 p in each setting.
    spreads = {HOLDS: (2.0, 2.0, 2.0), HOLDS_IN_PART: (2.0, 0.1, 0.1), DOES_NOT_HOLD: (0.1, 0.1, 0.1)}
    draws = np.random.default_rng(seed)
    made: list[Run] = []
    for job in exact_jobs():
        at = [model for model, _ in SETTINGS.values()].index(job.model)
        spread = spreads.get(outcome, (SPREAD_IN_DOUBT,) * 3)[at]
        logs = np.minimum(np.log(10) * (-2.0 + spread * draws.normal(size=job.n_tasks)), -1e-4)
        made.append(Run(job, {"logprobs": rounded(logs), "guesses": [-5.0] * job.n_tasks}))
    return {"exact": made}


SPREAD_IN_DOUBT = 0.58  # R squared is then 0.95 itself


def curve(logprobs: Iterable[float]) -> list[float]:
    """Return the mean coverage at every k of `KS`."""
    return [round(float(one), 4) for one in exact_coverage(list(logprobs), KS).mean(0)]


def findings(results: Results) -> dict[str, Any]:
    """Return coverage by setting, with the control of equally hard tasks, guessing, and what the samples say."""
    found: dict[str, Any] = {"ks": list(KS), "settings": {}}
    for name, (fit, growth) in lines(results).items():
        logs, guesses = chances(results, name), chances(results, name, "guesses")
        equal = np.full(len(logs), np.log(np.exp(logs).mean()))
        by_task = exact_coverage(equal, KS)
        found["settings"][name] = {
            "tasks": len(logs),
            "coverage": curve(logs),
            "r_squared": [fit.mean, fit.low, fit.high],
            "slope": [growth.mean, growth.low, growth.high],
            "equally hard": curve(equal),
            "r_squared, equally hard": straightness_intervals(KS, by_task)[0].mean,
            "guessed answers": curve(guesses),
        }
    if results.get("sampled"):
        samples = results["sampled"][0].job.samples
        ks = [k for k in KS if k <= samples]
        drawn: dict[str, Any] = {"ks": ks, "samples": samples}
        for key in ("right", "right_answers"):
            counts = np.array([one for run in results["sampled"] for one in run.result[key]])
            drawn["tasks"] = len(counts)
            drawn[key] = np.asarray(pass_at_k(samples, counts[:, None], ks)).mean(0).tolist()
        drawn["guessed answers"] = curve(one for run in results["sampled"] for one in run.result["guesses"])
        drawn["exact"] = curve(one for run in results["sampled"] for one in run.result["logprobs"])
        found["sampled"] = drawn
    return found


COVERAGE = Recipe(
    notebook="07",
    row=86,
    title="coverage of up to 10,000 samples, judged by all steps, in three settings",
    stages=stages,
    design=Design(
        claim="The share of tasks that some sample solves often grows log-linearly from 1 to 10,000 samples.",
        measure=(
            "Coverage pass@k, computed from the exact probability of the one solution that is right in all steps; R"
            " squared and slope a decade of a straight line in log k, k from 1 to 10,000."
        ),
        control=(
            "Tasks that are all equally hard, with the same mean success; blind guesses of the answer; and 10,000"
            " samples drawn of some tasks, judged by their steps and by their last number."
        ),
        unit="New tasks, 100 of each length; bootstrap over the tasks; three settings of model and lengths.",
        rule_text=(
            "A setting is straight when the interval of R squared lies above 0.95 and that of the slope above 0.05 a"
            " decade, and bent when one of them lies below. Holds: at least two of three settings are straight. In"
            " part: one is. Does not hold: none is, and two are bent. Otherwise it cannot be told."
        ),
        thresholds=THRESHOLDS,
        effect="Tasks whose chances scatter by two decades, which makes R squared about 0.99.",
        rule=rule,
        simulate=simulate,
    ),
    findings=findings,
    sources=(
        *(f"utils.experiments.samplers.{name}" for name in ("arithmetic_runs", "counted_sampling", "coverage_recipe")),
        "utils.experiments.samplers.repeated_sampling",
        "utils.experiments.samplers.solution_chances",
        "utils.training.arithmetic_models",
        "utils.world.arithmetic",
    ),
    config={"task_seed": TASK_SEED, "largest_value": 199},
    tolerance=0.02,
)
