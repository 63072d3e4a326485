"""The plan and the recipe of row 41: what a token is worth that is read again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
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
from utils.experiments.scaling import plan, runs
from utils.experiments.scaling.repeated_text import RepeatedJob, repeated_jobs, train_repeated_run
from utils.experiments.scaling.sources import RUN_SOURCES
from utils.experiments.scaling.sweep_recipe import RECORDED_RATES
from utils.training.data_limits import RepetitionFit, effective_tokens, fit_repetition
from utils.training.scaling_laws import ScalingLaw, bootstrap_laws

WIDTHS = (8, 16, 32)
FRESH = (25_000, 50_000, 100_000, 200_000, 400_000)
REPEATED: dict[int, tuple[int, ...]] = {25_000: (2, 4, 8, 16), 50_000: (2, 4, 8), 100_000: (2, 4)}
SEEDS, RESAMPLES = 3, 100
LIVE_WIDTHS, LIVE_FRESH, LIVE_REPEATED = (16,), (25_000, 50_000, 100_000), {25_000: (2, 4)}
THRESHOLDS = {"as good": 0.9, "nearly": 0.75}
PASSES = (2, 4, 8, 16)


def law_and_repetition(runs_: Sequence[Run], resamples: int = 0, seed: int = 0) -> list[tuple[ScalingLaw, float]]:
    """Return the law of the runs on new text and R* of those on repeated text; after it those of resampled runs.

    Raises:
        ValueError: there are too few runs of one of the two kinds.
    """
    fresh = _columns([run for run in runs_ if run.job.epochs == 1])
    repeated = _columns([run for run in runs_ if run.job.epochs > 1])
    laws = bootstrap_laws(fresh[0], fresh[1], fresh[3], max(resamples, 2), seed)
    found = [(laws.law, _fit(repeated, laws.law).lasting_epochs)]
    draws = np.random.default_rng([seed, 1])
    for law in laws.laws[:resamples]:
        rows = draws.integers(0, len(repeated[0]), len(repeated[0]))
        found.append((law, _fit([column[rows] for column in repeated], law).lasting_epochs))
    return found


def _columns(members: Sequence[Run]) -> list[np.ndarray]:
    """Return N, U, epochs and loss."""
    return [
        np.array([float(run.result["parameters"]) for run in members]),
        np.array([float(run.job.unique) for run in members]),
        np.array([float(run.job.epochs) for run in members]),
        np.array([float(run.result["loss"]) for run in members]),
    ]


def _fit(columns: list[np.ndarray], law: ScalingLaw) -> RepetitionFit:
    n_params, unique, epochs, losses = (column.tolist() for column in columns)
    return fit_repetition(n_params, unique, epochs, losses, law)


@lru_cache(maxsize=8)
def _lasting(runs_: tuple[tuple[float, ...], ...]) -> tuple[float, ...]:
    """Return R* of all and of resampled runs; the runs as (N, U, epochs, loss, seed), so that they can be a key."""
    members = [
        Run(RepeatedJob(1, int(unique), int(epochs), 1.0, int(seed)), {"parameters": n, "loss": loss})
        for n, unique, epochs, loss, seed in runs_
    ]
    return tuple(lasting for _, lasting in law_and_repetition(members, RESAMPLES))


def lasting_epochs(results: Results) -> tuple[float, ...]:
    """Return R* of all runs, and after it of each resample."""
    rows = [
        (float(r.result["parameters"]), float(r.job.unique), float(r.job.epochs), float(r.result["loss"]), r.job.seed)
        for r in results["repetition"]
    ]
    return _lasting(tuple(rows))


def worth(results: Results, epochs: int) -> Interval:
    """Return the worth of a token at so many epochs, in new tokens, with a 95% percentile interval."""
    shares = [effective_tokens(1.0, epochs, lasting) / epochs for lasting in lasting_epochs(results)]
    low, high = np.percentile(shares[1:], [2.5, 97.5])
    return Interval(shares[0], float(low), float(high), len(results["repetition"]))


def rule(results: Results) -> str:
    """Return the outcome: are 4 and 16 epochs as good as new text?"""
    few, many = worth(results, 4), worth(results, 16)
    if many.low > THRESHOLDS["as good"]:
        return HOLDS
    if few.high < THRESHOLDS["nearly"]:
        return DOES_NOT_HOLD
    if few.low > THRESHOLDS["nearly"] and many.high < THRESHOLDS["as good"]:
        return HOLDS_IN_PART
    return CANNOT_BE_TOLD


def simulated(lasting: float, noise: float, seed: int) -> Results:
    """Return runs that follow a law and a worth of repeated text, with relative noise."""
    law = ScalingLaw(0.9, 60.0, 900.0, 0.6, 0.6)
    draws = np.random.default_rng(seed)
    made = []
    for job in _jobs("recorded"):
        n_params = plan.parameters(job.width)
        tokens = effective_tokens(float(job.unique), job.epochs, lasting)
        made.append(
            Run(job, {"parameters": n_params, "loss": law(n_params, tokens) * math.exp(noise * draws.normal())})
        )
    return {"repetition": made}


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated runs for an outcome; seeds differ by 2%, where nothing can be told by 40%."""
    cases = {HOLDS: (400.0, 0.01), HOLDS_IN_PART: (12.0, 0.02), DOES_NOT_HOLD: (1.5, 0.02)}
    return simulated(*cases.get(outcome, (4.0, 0.4)), seed)


DESIGN = Design(
    claim="Training tokens are counted as tokens of the data set times epochs: one read again counts like a new one.",
    measure=(
        "R* of the form of Muennighoff et al. (2023): U unique tokens read e times are worth"
        " U (1 + R* (1 - exp(-(e - 1) / R*))) new ones. From it the worth of a token at 4 and at 16 epochs."
    ),
    control=(
        "Runs of the same length, width, schedule and seed on new text, through which the law of the loss is fitted."
    ),
    unit="Runs, resampled with replacement 100 times; 95% percentile interval.",
    rule_text=(
        "Holds: at 16 epochs a token is worth more than 0.9 new ones. In part: at 4 epochs more than 0.75, at 16 less"
        " than 0.9. Does not hold: at 4 epochs less than 0.75. All by the whole interval; otherwise it cannot be told."
    ),
    thresholds=THRESHOLDS,
    effect="Sixteen epochs as good as new text to within a few percent, against a loss of a tenth or more.",
    rule=rule,
    simulate=simulate,
)


def _jobs(size: str) -> list[RepeatedJob]:
    if size == "live":
        return repeated_jobs(LIVE_WIDTHS, LIVE_FRESH, LIVE_REPEATED, 1, RECORDED_RATES)
    return repeated_jobs(WIDTHS, FRESH, REPEATED, SEEDS, RECORDED_RATES)


def stages(size: str) -> Sequence[Stage]:
    """Return the one stage of the recorded or the live size."""
    return [Stage("repetition", RepeatedJob, train_repeated_run, lambda _: _jobs(size))]


def findings(results: Results) -> dict[str, Any]:
    """Return the numbers that the notebook shows."""
    (law, lasting), *_ = law_and_repetition(results["repetition"])
    ends = np.percentile(lasting_epochs(results)[1:], [2.5, 97.5])
    shares = {str(epochs): worth(results, epochs) for epochs in PASSES}
    repeated = _columns([run for run in results["repetition"] if run.job.epochs > 1])
    return {
        "law": {name: getattr(law, name) for name in ("E", "A", "B", "alpha", "beta")},
        "lasting_epochs": [lasting, *(float(end) for end in ends)],
        "residual": _fit(repeated, law).residual,
        "worth": {epochs: [share.mean, share.low, share.high] for epochs, share in shares.items()},
        "losses": mean_losses(results),
    }


def mean_losses(results: Results) -> list[dict[str, float]]:
    """Return the mean over seeds of each width, unique tokens and epochs, with the loss on the text trained on."""
    groups: dict[tuple[int, int, int], list[Run]] = {}
    for run in results["repetition"]:
        groups.setdefault((run.job.width, run.job.unique, run.job.epochs), []).append(run)
    return [
        {
            "width": width,
            "unique": unique,
            "epochs": epochs,
            "loss": float(np.mean([run.result["loss"] for run in members])),
            "training_loss": float(np.mean([run.result["training_loss"] for run in members])),
        }
        for (width, unique, epochs), members in groups.items()
    ]


REPETITION = Recipe(
    notebook="04",
    row=41,
    title="repeated text against new text at equal length",
    stages=stages,
    design=DESIGN,
    findings=findings,
    sources=("utils.experiments.scaling.repeated_text", "utils.training.by_hand", *RUN_SOURCES),
    config={"world": runs.WORLD_OPTIONS, "context": runs.CONTEXT, "n_layers": runs.N_LAYERS},
    tolerance=0.02,
)
