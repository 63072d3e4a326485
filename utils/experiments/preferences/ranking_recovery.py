"""Scores against comparisons: whose order is nearer to the truth when labelers read equally many answers?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from utils.world.draws import Draws
from utils.world.labelers import Labeler
from utils.world.preferences import Ranking


def panel(n: int, noise: float, severity: float, seed: int) -> list[Labeler]:
    """Return labelers with equal noise whose severity scatters with a standard deviation in units of reward."""
    draws = np.random.default_rng([seed, 65])
    return [Labeler(f"person {k}", noise, severity=float(severity * draws.normal())) for k in range(n)]


def order_accuracy(found: Sequence[float], gold: Sequence[float]) -> float:
    """Return the share of pairs in the order of their gold rewards, ties of `found` one half; NaN without any pair."""
    better, right = 0, 0.0
    for i in range(len(gold)):
        for j in range(len(gold)):
            if gold[i] > gold[j]:
                better += 1
                right += 1.0 if found[i] > found[j] else 0.5 if found[i] == found[j] else 0.0
    return right / better if better else float("nan")


def from_scores(ranking: Ranking, people: Sequence[Labeler], read: int, seed: int) -> list[float]:
    """Return the mean score of each answer after `read` answers were scored, each by a person drawn at random."""
    draws, choose = Draws(seed, "scores"), np.random.default_rng([seed, 1])
    given: list[list[int]] = [[] for _ in ranking.answers]
    for number in range(read):
        place = number % len(given)
        person = people[int(choose.integers(len(people)))]
        given[place].append(person.score(person.utility(ranking.gold[place], ranking.answers[place]), draws))
    return [float(np.mean(scores)) if scores else 5.5 for scores in given]


def from_comparisons(ranking: Ranking, people: Sequence[Labeler], read: int, seed: int) -> list[float]:
    """Return each answer's strength after `read` answers were read, two for each comparison of a random pair.

    Strengths are Bradley and Terry's, found by Zermelo's iteration with half a win and half a loss for everybody.
    """
    choose, k = np.random.default_rng([seed, 2]), len(ranking.answers)
    wins = np.full((k, k), 0.5 / k)
    for _ in range(read // 2):
        a, b = (int(place) for place in choose.choice(k, 2, replace=False))
        person = people[int(choose.integers(len(people)))]
        utilities = [person.utility(ranking.gold[place], ranking.answers[place]) for place in (a, b)]
        a_wins = choose.random() < person.preference(*utilities)
        wins[(a, b) if a_wins else (b, a)] += 1
    np.fill_diagonal(wins, 0.0)
    strength = np.ones(k)
    for _ in range(60):
        met = (wins + wins.T) / (strength[:, None] + strength[None, :])
        strength = wins.sum(1) / met.sum(1)
        strength /= strength.sum()
    return np.log(strength).tolist()


def recovery(rankings: Sequence[Ranking], people: Sequence[Labeler], read: int, seed: int) -> tuple[float, float]:
    """Return the mean accuracy of the order from scores and from comparisons, for `read` answers read a question."""
    found = []
    for number, ranking in enumerate(rankings):
        own = 1000 * seed + number
        ways = (from_scores(ranking, people, read, own), from_comparisons(ranking, people, read, own))
        found.append([order_accuracy(values, ranking.gold) for values in ways])
    scores, comparisons = np.nanmean(np.array(found), axis=0)
    return float(scores), float(comparisons)
