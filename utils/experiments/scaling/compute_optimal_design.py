"""Row 48: are model and text to grow alike, at about 20 tokens per parameter? The plan, written before the run."""

from __future__ import annotations

import math

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
from utils.experiments.scaling import plan
from utils.experiments.scaling.runs import ScalingJob
from utils.experiments.scaling.sweep_laws import bootstrap_of, finished, ratio_at
from utils.training.scaling_laws import ScalingLaw, optimal_exponent

LARGEST_FLOPS = max(plan.RECORDED_BUDGETS)
THRESHOLDS = {"exponent_low": 0.4, "exponent_high": 0.6, "ratio_low": 10.0, "ratio_high": 40.0}


def _place(interval: Interval, low: float, high: float) -> str:
    """Return where an interval lies: inside the thresholds, outside of them, or across one."""
    if low <= interval.low and interval.high <= high:
        return "inside"
    return "outside" if interval.high < low or interval.low > high else "across"


def rule(results: Results) -> str:
    """Return the outcome of the sweep of `results`."""
    bootstrap = bootstrap_of(finished(results["sweep"]))
    growth = bootstrap.interval(optimal_exponent)
    ratio = bootstrap.interval(ratio_at(LARGEST_FLOPS))
    alike = _place(growth, THRESHOLDS["exponent_low"], THRESHOLDS["exponent_high"])
    twenty = _place(ratio, THRESHOLDS["ratio_low"], THRESHOLDS["ratio_high"])
    if alike == "outside":
        return DOES_NOT_HOLD
    if alike == "across" or twenty == "across":
        return CANNOT_BE_TOLD
    return HOLDS if twenty == "inside" else HOLDS_IN_PART


def planted_law(alpha: float, beta: float, ratio: float, excess: float = 0.3, entropy: float = 0.87) -> ScalingLaw:
    """Return a law whose optimum at the largest budget has so many tokens per parameter and such an excess loss."""
    n_params = math.sqrt(LARGEST_FLOPS / (6 * ratio))
    share = beta / (alpha + beta)  # of the excess that the size of the model misses, at the optimum
    n_tokens = ratio * n_params
    return ScalingLaw(entropy, share * excess * n_params**alpha, (1 - share) * excess * n_tokens**beta, alpha, beta)


def simulated_sweep(law: ScalingLaw, noise: float, seed: int) -> Results:
    """Return a recorded sweep whose losses follow a law, with relative noise; nothing is trained."""
    draws = np.random.default_rng(seed)
    rates = plan.LearningRateRule(math.log(plan.TUNING_CENTRE), -1.0, 0.0)
    runs = []
    for job in plan.sweep_jobs(rates):
        n_params = plan.parameters(job.width)
        loss = law(n_params, job.tokens) * math.exp(noise * draws.normal())
        result = {"parameters": n_params, "tokens": job.tokens, "loss": loss, "world_loss": law.E, "diverged": False}
        runs.append(Run(ScalingJob(job.width, job.tokens, job.lr, job.seed), result))
    return {"sweep": runs}


def simulate(outcome: str, seed: int) -> Results:
    """Return a simulated sweep for an outcome, with 1% noise: about what seeds differ by, and more than most."""
    alike, uneven = (0.4, 0.4), (0.55, 0.25)
    if outcome == HOLDS:
        return simulated_sweep(planted_law(*alike, ratio=20), 0.01, seed)
    if outcome == HOLDS_IN_PART:
        return simulated_sweep(planted_law(*alike, ratio=120), 0.01, seed)
    if outcome == DOES_NOT_HOLD:
        return simulated_sweep(planted_law(*uneven, ratio=20), 0.01, seed)
    return simulated_sweep(planted_law(*alike, ratio=20), 0.3, seed)


DESIGN = Design(
    claim=(
        "For the best loss under a budget, model and training text grow alike, and there are about 20 tokens for each"
        " parameter."
    ),
    measure=(
        "The exponent a of N_opt = k C**a, and D / N at the optimum of the largest budget, from the parametric law"
        " fitted to the final losses of the sweep."
    ),
    control=(
        "Learning rates tuned for width and length and a cosine that ends with each run; beside it runs whose schedule"
        " has not ended, and runs with one rate for all widths. The law's E stands against the world's known entropy,"
        " its prediction of a run ten times larger against that run."
    ),
    unit="Runs, resampled with replacement 200 times; 95% percentile interval.",
    rule_text=(
        "Does not hold: the interval of a lies outside [0.4, 0.6]. Holds: it lies inside, and that of D / N inside"
        " [10, 40]. Holds in part: a inside, D / N outside. An interval across a threshold: cannot be told."
    ),
    thresholds=THRESHOLDS,
    effect="An exponent of 0.5 against 0.4 or 0.6, and 20 tokens per parameter against 10 or 40.",
    rule=rule,
    simulate=simulate,
)
