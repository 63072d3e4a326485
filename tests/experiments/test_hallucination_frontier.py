"""The frontier of right against made-up answers."""

from __future__ import annotations

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest

from utils.experiments.hallucination import mitigation_policy_recipe as preferred
from utils.experiments.hallucination import mitigation_recipe as mitigation
from utils.experiments.hallucination.frontier import frontier, numbered_points, on_frontier, points_by_seed
from utils.experiments.recording.record import read_record


def test_no_point_of_the_frontier_is_beaten_and_each_other_one_is() -> None:
    draws = np.random.default_rng(0).random((40, 2)).round(1)
    points = {f"point {i}": (float(x), float(y)) for i, (x, y) in enumerate(draws)}
    kept = frontier(points)

    def beaten(name: str) -> bool:
        wrong, right = points[name]
        better = [(w < wrong, r > right) for w, r in points.values() if w <= wrong and r >= right]
        return any(map(any, better))

    assert {name for name in points if not beaten(name)} == set(kept)
    assert all(points[a][0] <= points[b][0] for a, b in itertools.pairwise(kept))


def test_equal_points_share_the_frontier() -> None:
    assert frontier({"a": (0.1, 0.5), "b": (0.1, 0.5), "c": (0.2, 0.5)}) == ["a", "b"]


def test_shares_count_seeds() -> None:
    shares = on_frontier({"a": [(0.0, 0.1), (0.3, 0.1)], "b": [(0.1, 0.1), (0.2, 0.4)]})
    assert shares == {"a": 0.5, "b": 0.5}


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(ValueError, match="points must hold"):
        frontier({})
    no_points: list[tuple[float, float]] = []
    for bad in ({}, {"a": no_points}, {"a": [(0.0, 0.0)], "b": no_points}):
        with pytest.raises(ValueError, match="by_seed must have"):
            on_frontier(bad)


def test_points_at_one_place_share_a_label() -> None:
    figure, axes = plt.subplots()
    numbered_points(axes, {"x": (0.0, 0.0), "y": (0.5, 0.5), "z": (0.001, 0.0)}, ["y"])
    labels = [text.get_text() for text in axes.texts]
    assert labels[:2] == ["1, 3", "2"]
    assert labels[2].split("\n") == [" 1  x", " 2  y", " 3  z"]
    plt.close(figure)


def test_points_by_seed_hold_all_mitigations_and_all_policies_but_the_base_model() -> None:
    mitigated, policies = read_record("09", 104).results, read_record("09", 105).results
    points = points_by_seed(mitigated, policies)
    arms = mitigated["mitigations"][0].result["arms"]
    assert len(points) == len(arms) + len(preferred.KINDS) - 1
    assert "base" not in points
    assert {len(some) for some in points.values()} == {len(mitigated["mitigations"])}
    wrong, right = np.mean(points["control"], axis=0)
    assert wrong == pytest.approx(np.mean(mitigation.rate_of(mitigated, "control", "hallucinated")))
    assert right == pytest.approx(np.mean(mitigation.rate_of(mitigated, "control", "correct")))
