"""Rankings of several people as features: what a linear reward model learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from utils.experiments.preferences.feature_rewards import features
from utils.notebook.widgets.preference_labeler import Duel
from utils.posttraining.preferences import ranking_to_pairs
from utils.world.draws import Draws
from utils.world.labelers import Labeler
from utils.world.preferences import draw_rankings
from utils.world.questions import fact_asked, judge
from utils.world.world import World


@dataclass(frozen=True)
class RankedFeatures:
    """Answers to one question, best first by a labeler's word: what is counted in each (5), and its gold reward."""

    vectors: list[np.ndarray]
    gold: tuple[float, ...]

    def pairs(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return all pairs of the ranking, the winner first."""
        return ranking_to_pairs(self.vectors)

    def neighbours(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return the pairs of neighbours only."""
        return list(zip(self.vectors, self.vectors[1:], strict=False))


def ranked_features(world: World, n: int, k: int, seed: int, labelers: Sequence[Labeler]) -> list[RankedFeatures]:
    """Return n rankings of k answers each, as features."""
    found = []
    for ranking in draw_rankings(world, n, k, seed, labelers):
        fact = fact_asked(world, ranking.question)
        vectors = [features(world, judge(world, fact, answer), answer) for answer in ranking.answers]
        found.append(RankedFeatures(vectors, ranking.gold))
    return found


def duels(world: World, n: int, seed: int) -> list[Duel]:
    """Return n questions with two answers each, in random order, for a person to judge."""
    draws, found = Draws(seed, "duels"), []
    for ranking in draw_rankings(world, n, 2, seed, [Labeler("nobody", noise=0.0)]):
        fact = fact_asked(world, ranking.question)
        order = (0, 1) if draws.chance(0.5) else (1, 0)
        texts = (ranking.answers[order[0]], ranking.answers[order[1]])
        first, second = (features(world, judge(world, fact, text), text) for text in texts)
        found.append(
            Duel(
                f"{ranking.question} (The truth: {fact.value})",
                texts,
                (first, second),
                (ranking.gold[order[0]], ranking.gold[order[1]]),
            )
        )
    return found
