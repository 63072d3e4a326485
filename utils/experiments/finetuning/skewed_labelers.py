"""A skewed pool of labelers: what its answers say about a whole population, before and after weighting by group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from utils.world import Comparison, Draws, Labeler

# Two halves of a population that want different answers: one brief ones, the other polite and wordy ones.
BRIEF = Labeler("brief", noise=1.0, per_word=-0.12)
POLITE = Labeler("polite", noise=1.0, per_word=0.06, for_courtesy=1.5)
GROUPS = (BRIEF, POLITE)
POPULATION = (0.5, 0.5)


@dataclass(frozen=True)
class Votes:
    """Votes of a pool for the longer answer of each pair: who voted (0 or 1, the group), and how (1 for the longer)."""

    group: np.ndarray
    for_longer: np.ndarray


def longer_first(pair: Comparison) -> tuple[float, str, float, str]:
    """Return (gold reward, text) of the longer answer of a pair, and of the shorter one."""
    texts = [(pair.gold_chosen, pair.chosen), (pair.gold_rejected, pair.rejected)]
    (gold_long, long), (gold_short, short) = sorted(texts, key=lambda one: -len(one[1].split()))
    return gold_long, long, gold_short, short


def population_share(pairs: Sequence[Comparison], shares: Sequence[float] = POPULATION) -> float:
    """Return the exact share of a population's votes that go to the longer answer, as the mean over pairs.

    Raises:
        ValueError: there are no pairs.
    """
    if not pairs:
        raise ValueError("pairs must hold at least one pair, not none")
    total = 0.0
    for pair in pairs:
        gold_long, long, gold_short, short = longer_first(pair)
        for share, labeler in zip(shares, GROUPS, strict=True):
            total += share * labeler.preference(labeler.utility(gold_long, long), labeler.utility(gold_short, short))
    return total / len(pairs)


def draw_votes(pairs: Sequence[Comparison], shares: Sequence[float], seed: int) -> Votes:
    """Return one vote on each pair, by a labeler drawn from a pool with these shares of the two groups."""
    draws = Draws("votes", seed)
    group, votes = [], []
    for pair in pairs:
        chosen = 0 if draws.chance(shares[0]) else 1
        gold_long, long, gold_short, short = longer_first(pair)
        labeler = GROUPS[chosen]
        likes = labeler.preference(labeler.utility(gold_long, long), labeler.utility(gold_short, short))
        group.append(chosen)
        votes.append(draws.chance(likes))
    return Votes(np.array(group), np.array(votes, dtype=float))


def raw_share(votes: Votes) -> float:
    """Return the share of votes for the longer answer, as they came."""
    return float(votes.for_longer.mean())


def reweighted_share(votes: Votes, population: Sequence[float] = POPULATION, known: np.ndarray | None = None) -> float:
    """Return the share after weighting each group to its share of the population (post-stratification).

    Args:
        votes: who voted how.
        population: the groups' true shares.
        known: the groups as a survey has them; None for the true ones.

    Raises:
        ValueError: a group of the population has no vote, so that no weight can speak for it.
    """
    group = votes.group if known is None else known
    total = 0.0
    for number, share in enumerate(population):
        mine = votes.for_longer[group == number]
        if share and not len(mine):
            raise ValueError(f"votes hold none of group {number}, which is {share:.0%} of the population")
        total += share * float(mine.mean()) if share else 0.0
    return total


def effective_votes(votes: Votes, population: Sequence[float] = POPULATION) -> float:
    """Return how many votes of an unskewed pool would say as much: (sum of weights)^2 / sum of squared weights."""
    counts = np.array([(votes.group == number).sum() for number in range(len(population))])
    weights = np.array(population)[votes.group] / counts[votes.group]
    return float(weights.sum() ** 2 / (weights**2).sum())


def misreported(votes: Votes, rate: float, seed: int) -> np.ndarray:
    """Return the groups as a survey has them in which a share `rate` of labelers names one at random."""
    draws = Draws("survey", seed)
    return np.array([int(draws.chance(0.5)) if draws.chance(rate) else int(one) for one in votes.group])
