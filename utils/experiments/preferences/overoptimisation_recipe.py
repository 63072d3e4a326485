"""The plan and the recipe of row 73: does the gold reward fall while the proxy still rises, and where is the peak?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from utils.evaluation.intervals import mean_interval
from utils.experiments.preferences.overoptimisation_runs import PressureJob, run_pressure
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
from utils.posttraining.overoptimisation import OveroptimisationFit, fit_overoptimisation

WIDTHS, SEEDS = (8, 24, 72), 5
LARGEST_N, ROUNDS, DPO_STEPS = 64, 150, 60
WINDOWS = 5
THRESHOLDS = {"fall": 0.1}


def in_windows(values: Sequence[float], start: int = 0, step: int = 1) -> np.ndarray:
    """Return the means (5,) of a curve's fifths, from every `step`-th round of each."""
    parts = np.array_split(np.asarray(values, float), WINDOWS)
    return np.array([part[start::step].mean() for part in parts])


def fall_after_peak(gold: Sequence[float]) -> float:
    """Return how far the gold reward falls from its best fifth of the run to the last.

    The best fifth is found on even rounds and measured on odd ones: the largest of five noisy means would always lie
    above the last, without any fall.
    """
    best = int(in_windows(gold, 0, 2).argmax())
    measured = in_windows(gold, 1, 2)
    return float(measured[best] - measured[-1])


def runs_of(results: Results, kind: str) -> list[Run]:
    """Return the runs of a kind by width and seed."""
    found = [run for run in results["pressure"] if run.job.kind == kind]
    return sorted(found, key=lambda run: (run.job.width, run.job.seed))


def rule(results: Results) -> str:
    """Return the outcome: under PPO without a penalty, does the gold reward fall while the proxy rises?"""
    runs = runs_of(results, "ppo")
    falls = mean_interval([fall_after_peak(run.result["gold"]) for run in runs])
    rises = mean_interval([in_windows(one.result["proxy"])[-1] - in_windows(one.result["proxy"])[0] for one in runs])
    if falls.high < THRESHOLDS["fall"] or rises.high <= 0:
        return DOES_NOT_HOLD
    if rises.low > 0 and falls.low > THRESHOLDS["fall"]:
        return HOLDS
    return HOLDS_IN_PART if rises.low > 0 and falls.low > 0 else CANNOT_BE_TOLD


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated PPO runs: gold rises to the middle of the run and falls by an amount from there on."""
    cases = {HOLDS: (0.5, 0.1), HOLDS_IN_PART: (0.17, 0.12), DOES_NOT_HOLD: (0.0, 0.05)}
    fall, spread = cases.get(outcome, (0.0, 0.0))
    draws = np.random.default_rng(seed)
    made: list[Run] = []
    for width in WIDTHS:
        for number in range(SEEDS):
            own = fall + spread * (draws.normal() if outcome == HOLDS else (number - 2) / 2)
            if outcome == CANNOT_BE_TOLD and len(made) == 0:
                own = 1.5  # one run of fifteen falls far, which says nothing of the others
            time = np.linspace(0, 1, ROUNDS)
            gold = np.minimum(2 * time, 1) - own * np.maximum(0, 2 * time - 1) + 0.02 * draws.normal(size=ROUNDS)
            result = {"gold": gold.tolist(), "proxy": (3 * time).tolist()}
            made.append(Run(PressureJob("ppo", width, ROUNDS, number), result))
    return {"pressure": made}


DESIGN = Design(
    claim="A policy that is optimised too far against a reward model gets worse while its reward still rises.",
    measure="Fall of the gold reward from the best fifth of a PPO run without penalty to its last fifth.",
    control="The proxy reward of the same answers; the best fifth is chosen on other rounds than it is measured on.",
    unit="Runs: three sizes of reward model by five seeds; Student's t interval of fifteen.",
    rule_text=(
        "Does not hold: the interval of the fall lies below 0.1, or the proxy does not rise. Holds: the proxy rises and"
        " the interval lies above 0.1. In part: the proxy rises and the interval lies above 0. Otherwise it cannot be"
        " told."
    ),
    thresholds=THRESHOLDS,
    effect="A fall of 0.5, a quarter of what a right answer is worth.",
    rule=rule,
    simulate=simulate,
)


def stages(size: str) -> Sequence[Stage]:
    """Return the one stage of the recorded or the live size."""
    if size == "live":
        jobs = [PressureJob("best of n", 24, 16, 0)]
    else:
        jobs = [
            PressureJob(kind, width, most, seed)
            for kind, most in (("best of n", LARGEST_N), ("ppo", ROUNDS))
            for width in WIDTHS
            for seed in range(SEEDS)
        ] + [PressureJob("dpo", 0, DPO_STEPS, seed) for seed in range(SEEDS)]
    return [Stage("pressure", PressureJob, run_pressure, lambda _: jobs)]


def gains(run: Run) -> tuple[list[float], list[float]]:
    """Return distances above 0 (nats) and the gold reward gained there; a curve of PPO by fifths."""
    kl, gold = run.result["kl"], run.result["gold"]
    if run.job.kind == "ppo":
        kl, gold = in_windows(kl).tolist(), in_windows(gold).tolist()
    pairs = [(d, one - run.result["before"]) for d, one in zip(kl, gold, strict=True) if d > 0]
    return [d for d, _ in pairs], [gain for _, gain in pairs]


def fitted(results: Results, kind: str) -> Mapping[int, OveroptimisationFit]:
    """Return the curve of Gao et al. (2022) by width of the reward model, through the points of all seeds."""
    form, found = ("bon" if kind == "best of n" else "rl"), {}
    for width in sorted({run.job.width for run in runs_of(results, kind)}):
        points = [gains(run) for run in runs_of(results, kind) if run.job.width == width]
        kl, gain = ([value for one in points for value in one[side]] for side in (0, 1))
        found[width] = fit_overoptimisation(form, kl, gain)
    return found


def findings(results: Results) -> dict[str, Any]:
    """Return the numbers that the notebook shows."""
    found: dict[str, Any] = {}
    for kind in ("best of n", "ppo", "dpo"):
        if runs_of(results, kind):
            found[kind] = {
                str(width): {
                    "alpha": fit.alpha,
                    "beta": fit.beta,
                    "peak": fit.peak if math.isfinite(fit.peak) else None,
                    "r_squared": fit.r_squared,
                }
                for width, fit in fitted(results, kind).items()
            }
    return found


PRESSURE_RECIPE = Recipe(
    notebook="06",
    row=73,
    title="gold against proxy reward over the distance from the policy, at three sizes of reward model",
    stages=stages,
    design=DESIGN,
    findings=findings,
    sources=(
        "utils.experiments.preferences.answer_model",
        "utils.experiments.preferences.labelling",
        "utils.experiments.preferences.overoptimisation_runs",
        "utils.posttraining.best_of_n",
        "utils.posttraining.overoptimisation",
        "utils.posttraining.ppo",
        "utils.posttraining.reward",
    ),
    tolerance=0.05,
)
