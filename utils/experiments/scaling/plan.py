"""The plan of the scaling sweep: which learning rates are tried, which models are trained on how much text, and why.

The recorded sweep has eleven sizes and seven budgets over three orders of magnitude of compute. Learning rates are
tuned at three widths and three lengths, and a power law in width and length carries the optimum to the other runs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from utils.experiments.recording.design import Run
from utils.experiments.scaling.runs import TUNING_TEXT, ScalingJob, model_config
from utils.models.accounting import count_parameters

# FLOP = 6 N D -> the widths trained with it: on both sides of where the best was expected.
RECORDED_BUDGETS: dict[float, tuple[int, ...]] = {
    1e9: (4, 6, 8, 12, 16),
    3e9: (4, 6, 8, 12, 16, 24),
    1e10: (4, 6, 8, 12, 16, 24, 32),
    3e10: (4, 6, 8, 12, 16, 24, 32, 48),
    1e11: (6, 8, 12, 16, 24, 32, 48, 64),
    3e11: (8, 12, 16, 24, 32, 48, 64, 96),
    1e12: (16, 24, 32, 48, 64, 96, 128),
}
# Further seeds: all of the small budgets, and around the minimum of the one before the last.
FURTHER_SEEDS = (1, 2)
SEEDED_BUDGETS = {
    **{flops: widths for flops, widths in RECORDED_BUDGETS.items() if flops <= 1e11},
    3e11: (16, 24, 32, 48),
}
LIVE_BUDGETS: dict[float, tuple[int, ...]] = {
    1e9: (4, 6, 8, 12, 16), 3e9: (4, 6, 8, 12, 16, 24), 1e10: (4, 6, 8, 12, 16, 24, 32),
}  # fmt: skip
LIVE_SEEDED_BUDGETS = {flops: LIVE_BUDGETS[flops] for flops in (1e9, 3e9)}

TUNING_SEED = 10  # other texts and other initial weights than any run of the sweep
TUNING_WIDTHS = (4, 16, 64)
TUNING_CENTRE = 0.35  # times 1 / width: the middle of each grid
WIDE_GRID, NARROW_GRID = (0.25, 0.5, 1.0, 2.0, 4.0), (0.5, 1.0, 2.0)
TUNING_LENGTHS: dict[int, tuple[float, ...]] = {60_000: WIDE_GRID, 500_000: WIDE_GRID, 2_000_000: NARROW_GRID}

# The controls: a cosine that ends at 2 million tokens read before its end, and one rate for all widths.
WRONG_SCHEDULE_WIDTHS, WRONG_SCHEDULE_TOKENS = (8, 16, 32, 64), 2_000_000
WRONG_SCHEDULE_READINGS = tuple(WRONG_SCHEDULE_TOKENS // 2**k for k in (5, 4, 3, 2, 1))
ONE_RATE_FLOPS, ONE_RATE_WIDTH = 3e10, 16

LARGER_FLOPS = 1e13  # ten times the largest budget of the sweep


@dataclass(frozen=True)
class LearningRateRule:
    """The best peak learning rate as exp(constant) * width**width_power * tokens**token_power."""

    constant: float
    width_power: float
    token_power: float

    def __call__(self, width: int, tokens: int) -> float:
        """Return the rate for a width and a length, to three digits, as a plan states it."""
        exponent = self.constant + self.width_power * math.log(width) + self.token_power * math.log(tokens)
        return float(f"{math.exp(exponent):.3g}")


def parameters(width: int) -> int:
    """Return N of a width, embeddings included."""
    return count_parameters(model_config(width))


def tokens_for(flops: float, width: int) -> int:
    """Return D so that 6 N D = flops."""
    return round(flops / (6 * parameters(width)))


def tuning_jobs() -> list[ScalingJob]:
    """Return the runs that look for the best learning rate, on the text for tuning."""
    return [
        ScalingJob(width, tokens, float(f"{TUNING_CENTRE / width * factor:.3g}"), TUNING_SEED, TUNING_TEXT)
        for tokens, factors in TUNING_LENGTHS.items()
        for width in TUNING_WIDTHS
        for factor in factors
    ]


def best_rate(rates: Sequence[float], losses: Sequence[float]) -> float:
    """Return the vertex of a parabola in log rate through the lowest loss and its neighbours.

    At an end of the grid there is no neighbour on one side, and the rate of the lowest loss itself is returned.

    Raises:
        ValueError: fewer than three rates.
    """
    if len(rates) < 3 or len(rates) != len(losses):
        raise ValueError(f"rates has {len(rates)} entries and losses {len(losses)}: three of both are needed at least")
    order = np.argsort(rates)
    x, y = np.log(np.asarray(rates, dtype=float)[order]), np.asarray(losses, dtype=float)[order]
    lowest = int(np.argmin(y))
    if lowest in (0, len(x) - 1):
        return float(np.exp(x[lowest]))
    near = slice(lowest - 1, lowest + 2)
    square, slope, _ = np.polyfit(x[near] - x[lowest], y[near], 2)
    return float(np.exp(x[lowest] - slope / (2 * square)))


def fit_learning_rates(runs: Sequence[Run]) -> LearningRateRule:
    """Return the rule through the best rates of all tuned widths and lengths, by least squares on logarithms.

    Raises:
        ValueError: fewer than three tuned combinations.
    """
    groups: dict[tuple[int, int], list[Run]] = {}
    for run in runs:
        groups.setdefault((run.job.width, run.job.tokens), []).append(run)
    if len(groups) < 3:
        raise ValueError(f"runs cover {len(groups)} widths and lengths: a rule in both needs at least three")
    rows, targets = [], []
    for (width, tokens), members in groups.items():
        rows.append([1.0, math.log(width), math.log(tokens)])
        targets.append(math.log(best_rate([m.job.lr for m in members], [m.result["loss"] for m in members])))
    constant, width_power, token_power = np.linalg.lstsq(np.array(rows), np.array(targets), rcond=None)[0]
    return LearningRateRule(float(constant), float(width_power), float(token_power))


def budget_jobs(
    budgets: dict[float, tuple[int, ...]], rule: LearningRateRule, seeds: Sequence[int]
) -> list[ScalingJob]:
    """Return one run for each seed, budget and width; long texts first within a budget, so that they are made once."""
    return [
        ScalingJob(width, tokens_for(flops, width), rule(width, tokens_for(flops, width)), seed)
        for seed in seeds
        for flops, widths in budgets.items()
        for width in sorted(widths)
    ]


def sweep_jobs(rule: LearningRateRule) -> list[ScalingJob]:
    """Return the runs of the recorded sweep."""
    return budget_jobs(RECORDED_BUDGETS, rule, [0]) + budget_jobs(SEEDED_BUDGETS, rule, FURTHER_SEEDS)


def live_jobs(rule: LearningRateRule) -> list[ScalingJob]:
    """Return the runs that a notebook makes while a learner waits."""
    return budget_jobs(LIVE_BUDGETS, rule, [0]) + budget_jobs(LIVE_SEEDED_BUDGETS, rule, [1])


def wrong_schedule_jobs(rule: LearningRateRule) -> list[ScalingJob]:
    """Return long runs that are read in their middle, where the cosine has not ended."""
    return [
        ScalingJob(width, WRONG_SCHEDULE_TOKENS, rule(width, WRONG_SCHEDULE_TOKENS), 0, read_at=WRONG_SCHEDULE_READINGS)
        for width in WRONG_SCHEDULE_WIDTHS
    ]


def one_rate_jobs(rule: LearningRateRule) -> list[ScalingJob]:
    """Return the runs of one budget, all with the rate that is best for one width; that width itself is left out."""
    rate = rule(ONE_RATE_WIDTH, tokens_for(ONE_RATE_FLOPS, ONE_RATE_WIDTH))
    widths = [width for width in RECORDED_BUDGETS[ONE_RATE_FLOPS] if width != ONE_RATE_WIDTH]
    return [ScalingJob(width, tokens_for(ONE_RATE_FLOPS, width), rate, 0) for width in widths]
