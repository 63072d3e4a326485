"""The frontier of right against made-up answers."""

from __future__ import annotations

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest

from utils.experiments.hallucination.frontier import frontier, numbered_points, on_frontier


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
