"""The plan and the recipe of row 73: does the gold reward fall while the proxy still rises, and where is the peak?"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
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
from utils.experiments.recording.recipe import Recipe, Stage, with_sample
from utils.posttraining.overoptimisation import OveroptimisationFit, fit_overoptimisation

WIDTHS, SEEDS, PPO_SEEDS = (8, 24, 72), 5, 15
LARGEST_N, ROUNDS, DPO_STEPS = 64, 150, 60
WINDOWS = 5
SMALL = [PressureJob("ppo", 24, 6, 0), PressureJob("best of n", 24, 4, 0)]
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


def rise(proxy: Sequence[float]) -> float:
    """Return how far the proxy reward rises from the first fifth of the run to the last."""
    parts = in_windows(proxy)
    return float(parts[-1] - parts[0])


def runs_of(results: Results, kind: str) -> list[Run]:
    """Return the runs of a kind by width and seed."""
    found = [run for run in results["pressure"] if run.job.kind == kind]
    return sorted(found, key=lambda run: (run.job.width, run.job.seed))


def by_seed(results: Results, measure: Callable[[Run], float]) -> list[float]:
    """Return a measure of the PPO runs for each seed, the mean over widths: reward models of one seed share pairs."""
    runs = runs_of(results, "ppo")
    seeds = sorted({run.job.seed for run in runs})
    return [float(np.mean([measure(run) for run in runs if run.job.seed == seed])) for seed in seeds]


def rule(results: Results) -> str:
    """Return the outcome: under PPO without a penalty, does the gold reward fall while the proxy rises?"""
    falls = mean_interval(by_seed(results, lambda run: fall_after_peak(run.result["gold"])))
    rises = mean_interval(by_seed(results, lambda run: rise(run.result["proxy"])))
    if falls.high < THRESHOLDS["fall"] or rises.high <= 0:
        return DOES_NOT_HOLD
    if rises.low > 0 and falls.low > THRESHOLDS["fall"]:
        return HOLDS
    return HOLDS_IN_PART if rises.low > 0 and falls.low > 0 else CANNOT_BE_TOLD


def simulate(outcome: str, seed: int) -> Results:
    """Return simulated PPO runs: gold rises to the middle of the run and falls by an amount from there on.

    Where the claim holds three runs of ten fall far and the rest hardly, as in the runs that were made before.
    """
    draws = np.random.default_rng(seed)
    made: list[Run] = []
    for width in WIDTHS:
        for number in range(PPO_SEEDS):
            if outcome == HOLDS:
                own = 2.2 if draws.random() < 0.3 else 0.0  # by fifths of the run, 0.5 on average
            elif outcome == CANNOT_BE_TOLD:
                own = 3.0 if not made else 0.0  # one run falls far, which says nothing of the others
            else:
                own = (0.17 + 0.2 * draws.normal()) if outcome == HOLDS_IN_PART else 0.0
            time = np.linspace(0, 1, ROUNDS)
            gold = np.minimum(2 * time, 1) - own * np.maximum(0, 2 * time - 1) + 0.02 * draws.normal(size=ROUNDS)
            result = {"gold": gold.tolist(), "proxy": (3 * time).tolist()}
            made.append(Run(PressureJob("ppo", width, ROUNDS, number), result))
    return {"pressure": made}


DESIGN = Design(
    claim="A policy that is optimised too far against a reward model gets worse while its reward still rises.",
    measure="Fall of the gold reward from the best fifth of a PPO run without penalty to its last fifth.",
    control="The proxy reward of the same answers; the best fifth is chosen on other rounds than it is measured on.",
    unit=(
        "Seeds, each the mean of three sizes of reward model; Student's t interval of fifteen. Five seeds had been too"
        " few: few runs fall, and far, so that two records of fifteen runs had different outcomes."
    ),
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
    """Return the stage of a size, and beside the recorded one a small sample, which judges nothing."""
    if size == "live":
        return [Stage("pressure", PressureJob, run_pressure, lambda _: [PressureJob("best of n", 24, 16, 0)])]
    jobs = [
        PressureJob(kind, width, most, seed)
        for kind, most, seeds in (("best of n", LARGEST_N, SEEDS), ("ppo", ROUNDS, PPO_SEEDS))
        for width in WIDTHS
        for seed in range(seeds)
    ] + [PressureJob("dpo", 0, DPO_STEPS, seed) for seed in range(SEEDS)]
    return with_sample(Stage("pressure", PressureJob, run_pressure, lambda _: jobs), SMALL)


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
