"""Best of n: draw n answers, keep the one that a reward model likes most."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def best_of_n(candidates: Sequence[T], score: Callable[[T], float]) -> T:
    """Return the first candidate with the highest score; `score` is called once for each.

    Raises:
        ValueError: there are no candidates.
    """
    if not len(candidates):
        raise ValueError("candidates must hold at least one answer, not none")
    scores = [score(candidate) for candidate in candidates]
    return candidates[max(range(len(scores)), key=scores.__getitem__)]


def best_of_n_kl(n: int) -> float:
    """Return log n - (n - 1) / n in nats: KL(best of n || one draw) when no two answers tie, a bound when they may.

    Source: Stiennon et al. (2020), appendix G.3; that it is a bound, Beirami et al. (2024).
    """
    if n < 1:
        raise ValueError(f"n must be at least 1, not {n}")
    return math.log(n) - (n - 1) / n


def expected_best_of_n(proxy: Sequence[float], gold: Sequence[float], n: int) -> float:
    """Return an unbiased estimate of the gold reward of best-of-n, from one pool of N >= n answers to one question.

    It is the mean of the gold reward of the best by proxy over all subsets of n answers (Nakano et al., 2021, appendix
    I), where answers of equal proxy reward are equally likely to win. With gold = proxy it is the expected maximum.

    Raises:
        ValueError: unequal numbers, or n outside 1 to N.
    """
    N = len(proxy)
    if len(gold) != N:
        raise ValueError(f"proxy and gold must be as many, not {N} and {len(gold)}")
    if not 1 <= n <= N:
        raise ValueError(f"n must lie between 1 and the pool's {N} answers, not {n}")
    order = sorted(range(N), key=proxy.__getitem__)
    total, first = 0.0, 0
    while first < N:
        after = first
        while after < N and proxy[order[after]] == proxy[order[first]]:
            after += 1
        # Subsets whose best lies in this group of ties: all of the first `after` less those without the group.
        share = (math.comb(after, n) - math.comb(first, n)) / math.comb(N, n)
        total += share * math.fsum(gold[order[place]] for place in range(first, after)) / (after - first)
        first = after
    return total
