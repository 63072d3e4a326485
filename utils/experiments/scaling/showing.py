"""The short verdict rules of rows 42, 47, 49 and 58, and recorded numbers as intervals."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from utils.evaluation.intervals import Interval


def as_interval(numbers: Sequence[float], n: int) -> Interval:
    """Return the interval of three recorded numbers: middle, low and high end.

    Raises:
        ValueError: there are not three, or they are not in order.
    """
    if len(numbers) != 3 or not numbers[1] <= numbers[0] <= numbers[2]:
        raise ValueError(f"numbers must be a middle, a low and a high end, not {list(numbers)}")
    return Interval(float(numbers[0]), float(numbers[1]), float(numbers[2]), n)


def judge_valleys(n_inside: int, n_budgets: int) -> str:
    """Return whether a budget has a best size: holds if every budget has one between its sizes, in part if most have.

    Raises:
        ValueError: there is no budget, or more valleys than budgets.
    """
    if not 0 <= n_inside <= n_budgets or n_budgets < 1:
        raise ValueError(f"n_inside is {n_inside} and n_budgets {n_budgets}: valleys cannot be counted so")
    if n_inside == n_budgets:
        return "holds"
    return "holds in part" if n_inside > n_budgets / 2 else "does not hold"


def judge_rule_of_six(ratios: Sequence[float], within: float = 0.1) -> str:
    """Return whether counted operations are 6 N D: within a tenth for all models, for some, for none.

    Raises:
        ValueError: there is no ratio.
    """
    if not ratios:
        raise ValueError("ratios is empty: no step was counted")
    close = [abs(ratio - 1) <= within for ratio in ratios]
    if all(close):
        return "holds"
    return "holds in part" if any(close) else "does not hold"


def judge_inference_shift(sizes: Sequence[Sequence[float]], tokens: Sequence[Sequence[float]]) -> str:
    """Return whether use moves the optimum to smaller models on more text, under several laws.

    Args:
        sizes, tokens: for each law N and D at rising numbers of served tokens, the first without any.

    Holds: under every law N falls and D rises each time. In part: only from the first to the last. Otherwise not.

    Raises:
        ValueError: there is no law, or one with fewer than two numbers of served tokens.
    """
    if not sizes or len(sizes) != len(tokens) or min(len(row) for row in [*sizes, *tokens]) < 2:
        raise ValueError("sizes and tokens must hold, for the same laws, two numbers of served tokens or more")
    falls = all(a > b for row in sizes for a, b in pairwise(row))
    rises = all(a < b for row in tokens for a, b in pairwise(row))
    if falls and rises:
        return "holds"
    ends = all(row[0] > row[-1] for row in sizes) and all(row[0] < row[-1] for row in tokens)
    return "holds in part" if ends else "does not hold"


def judge_electricity(bounds: Sequence[float], printed: float = 50.0) -> str:
    """Return whether a printed bound on growth follows from today's shares of electricity.

    Args:
        bounds: largest growth at the lowest and the highest share.
        printed: the chapter's number.

    Holds: all bounds are the printed one, to a tenth. In part: one of them is. Otherwise not.

    Raises:
        ValueError: there is no bound.
    """
    if not bounds:
        raise ValueError("bounds is empty: no share was given")
    close = [abs(bound / printed - 1) <= 0.1 for bound in bounds]
    if all(close):
        return "holds"
    return "holds in part" if any(close) else "does not hold"
