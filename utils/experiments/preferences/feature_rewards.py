"""The smallest reward model: a weight for each thing that can be counted in an answer, learned from pairs alone.

It learns by the same loss as a transformer, in milliseconds, and its weights can be read: which makes it the place to
look for a bias.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from utils.world.rewards import is_courteous
from utils.world.vocabulary import split_words
from utils.world.world import World

NAMES = ("right", "wrong", "courteous", "words", "said again")
Pair = tuple[np.ndarray, np.ndarray]


def features(world: World, gold_outcome: str, answer: str) -> np.ndarray:
    """Return what is counted in an answer (5): is it right, is it wrong, is it polite, tens of words, repetitions."""
    sentences = [tuple(words) for words in world.language().chunks(answer)]
    return np.array(
        [
            gold_outcome == "correct",
            gold_outcome == "wrong",
            is_courteous(answer),
            len(split_words(answer)) / 10,
            len(sentences) - len(set(sentences)),
        ],
        float,
    )


def fit_weights(pairs: Sequence[Pair], ridge: float = 0.01) -> np.ndarray:
    """Return the weights (5) with the least mean Bradley-Terry loss, and a little ridge against infinite ones.

    Raises:
        ValueError: there are no pairs.
    """
    if not pairs:
        raise ValueError("pairs must hold at least one pair, not none")
    gaps = np.array([winner - loser for winner, loser in pairs])

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        x = gaps @ weights
        slope = -(gaps * expit(-x)[:, None]).mean(0) + 2 * ridge * weights
        return float(np.logaddexp(0, -x).mean() + ridge * (weights**2).sum()), slope

    return minimize(loss, np.zeros(gaps.shape[1]), jac=True, method="L-BFGS-B").x


def order_share(weights: np.ndarray, vectors: Sequence[np.ndarray], gold: Sequence[float]) -> tuple[float, int]:
    """Return how many pairs of answers the weights order as their gold rewards do (ties one half), and of how many."""
    values, right, n = [float(weights @ vector) for vector in vectors], 0.0, 0
    for i in range(len(gold)):
        for j in range(len(gold)):
            if gold[i] > gold[j]:
                n += 1
                right += 1.0 if values[i] > values[j] else 0.5 if values[i] == values[j] else 0.0
    return right, n


def of_equal_length(pairs: Sequence[Pair], within: float = 0.2) -> list[Pair]:
    """Return the pairs whose answers differ by at most so many tens of words: there length cannot decide."""
    place = NAMES.index("words")
    return [pair for pair in pairs if abs(pair[0][place] - pair[1][place]) <= within + 1e-9]
