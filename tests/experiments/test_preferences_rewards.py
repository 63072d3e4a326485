"""Scores, comparisons and rankings of simulated labelers, and the linear reward model that learns from them."""

from __future__ import annotations

import numpy as np
import pytest

from utils.experiments.preferences.feature_rewards import NAMES, features, fit_weights, of_equal_length, order_share
from utils.experiments.preferences.panels import duels, ranked_features
from utils.experiments.preferences.ranking_recovery import (
    from_comparisons,
    from_scores,
    order_accuracy,
    panel,
    recovery,
)
from utils.training.base_models import base_world
from utils.world.labelers import Labeler
from utils.world.preferences import Ranking, draw_rankings

WORLD = base_world()
SHARP = Labeler("sharp", noise=0.01)


def test_order_accuracy_counts_ties_one_half() -> None:
    assert order_accuracy([3, 2, 1], [3, 2, 1]) == 1.0
    assert order_accuracy([1, 2, 3], [3, 2, 1]) == 0.0
    assert order_accuracy([1, 1, 1], [3, 2, 1]) == 0.5
    assert np.isnan(order_accuracy([1, 2], [5, 5]))


@pytest.mark.parametrize("way", [from_scores, from_comparisons])
def test_much_reading_without_noise_recovers_the_order(way) -> None:  # type: ignore[no-untyped-def]
    ranking = Ranking("q", ("a", "b", "c", "d"), (1.5, 0.5, -0.5, -1.5), "x")
    assert order_accuracy(way(ranking, [SHARP], 200, 0), ranking.gold) == 1.0


def test_severity_hurts_scores_and_not_comparisons() -> None:
    rankings = draw_rankings(WORLD, 20, 6, seed=0)
    even = recovery(rankings, panel(10, 0.3, 0.0, 0), 30, 0)
    uneven = recovery(rankings, panel(10, 0.3, 3.0, 0), 30, 0)
    assert uneven[0] < even[0] - 0.05
    assert uneven[1] == even[1]


def test_features_count_what_stands_in_an_answer() -> None:
    found = dict(zip(NAMES, features(WORLD, "wrong", "Gladly! I do not know. I do not know."), strict=True))
    assert found["wrong"] == 1
    assert found["right"] == 0
    assert found["courteous"] == 1
    assert found["said again"] == 1
    assert found["words"] == pytest.approx(1.2)


def test_weights_follow_the_winner() -> None:
    better, worse = np.array([1.0, 0, 0, 0, 0]), np.array([0, 1.0, 0, 0, 0])
    weights = fit_weights([(better, worse)] * 5)
    assert weights[0] > 0 > weights[1]
    assert order_share(weights, [worse, better], (0.0, 1.0)) == (1.0, 1)
    with pytest.raises(ValueError, match="pairs"):
        fit_weights([])


def test_a_taste_for_length_becomes_a_weight_and_equal_lengths_take_it_out() -> None:
    def weight(labeler: Labeler, matched: bool) -> float:
        pairs = [pair for one in ranked_features(WORLD, 150, 4, 0, [labeler]) for pair in one.pairs()]
        return float(fit_weights(of_equal_length(pairs, 0.0) if matched else pairs)[NAMES.index("words")])

    fond = Labeler("fond", 1.0, per_word=0.2)
    assert weight(fond, False) > weight(Labeler("plain", 1.0), False) + 0.5
    assert abs(weight(fond, True)) < 1e-6


def test_a_ranking_has_all_pairs_and_its_neighbours() -> None:
    [one] = ranked_features(WORLD, 1, 5, 3, [SHARP])
    assert len(one.pairs()) == 10
    assert len(one.neighbours()) == 4
    assert one.pairs()[0][0] is one.vectors[0]


def test_duels_come_in_random_order_with_their_rewards() -> None:
    found = duels(WORLD, 30, 0)
    firsts = sum(duel.gold[0] > duel.gold[1] for duel in found)
    assert 5 < firsts < 25
    right = [duel for duel in found if duel.vectors[0][0] == 1 and duel.vectors[1][1] == 1]
    assert right
    assert all(duel.gold[0] > duel.gold[1] for duel in right)
