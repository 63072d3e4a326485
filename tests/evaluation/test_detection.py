"""AUROC: how often a positive outranks a negative."""

from __future__ import annotations

import math
import random

import pytest

from utils.evaluation.detection import auroc


def by_pairs(scores: list[float], labels: list[bool]) -> float:
    positives = [score for score, label in zip(scores, labels, strict=True) if label]
    negatives = [score for score, label in zip(scores, labels, strict=True) if not label]
    wins = sum((one > other) + (one == other) / 2 for one in positives for other in negatives)
    return wins / (len(positives) * len(negatives))


@pytest.mark.parametrize("seed", range(8))
def test_ranks_give_what_pairs_give_with_many_ties(seed: int) -> None:
    rng = random.Random(seed)
    labels = [True, False, *(rng.random() < 0.4 for _ in range(60))]
    scores = [float(rng.randint(-4, 4 + seed)) for _ in labels]
    assert auroc(scores, labels) == pytest.approx(by_pairs(scores, labels))


def test_constants_know_nothing_and_signs_turn_it_round() -> None:
    assert auroc([0.3] * 5, [True, False, False, True, False]) == 0.5
    scores, labels = [0.1, 0.5, 0.2, 0.9], [False, True, True, False]
    assert auroc(scores, labels) + auroc([-score for score in scores], labels) == 1


def test_log_probabilities_may_be_infinite() -> None:
    assert auroc([-math.inf, -math.inf, -1.0], [False, True, True]) == 0.75


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (([0.1, 0.2], [True, True]), "labels must hold both classes, not 2 positives and 0 negatives"),
        (([0.1], [False]), "labels must hold both classes"),
        (([], []), "labels must hold both classes"),
        (([0.1, 0.2, 0.3], [True, False]), "scores has 3 entries and labels 2"),
        (([math.nan, 0.2], [True, False]), "scores must not hold NaN"),
    ],
)
def test_bad_input_gets_a_sentence(arguments: tuple, names: str) -> None:
    with pytest.raises(ValueError, match=names):
        auroc(*arguments)
