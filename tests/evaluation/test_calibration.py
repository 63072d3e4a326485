"""Calibration: bins, their edges, and the mean distance between confidence and accuracy."""

from __future__ import annotations

import math

import pytest

from utils.evaluation.calibration import calibration_error, reliability


def test_distances_are_weighted_by_the_answers_of_a_bin() -> None:
    confidence, correct = [0.9375, 0.9375, 0.9375, 0.5], [True, True, False, False]
    assert calibration_error(confidence, correct) == pytest.approx(0.75 * (0.9375 - 2 / 3) + 0.25 * 0.5)


def test_a_model_that_knows_how_sure_it_may_be_has_no_error() -> None:
    assert calibration_error([0.75] * 4 + [0.25] * 4, [True] * 3 + [False] * 4 + [True]) == 0


def test_one_lies_in_the_last_bin_and_zero_in_the_first() -> None:
    assert [(one.low, one.count) for one in reliability([0.0, 1.0, 0.9], [False, True, True])] == [(0.0, 1), (0.9, 2)]


@pytest.mark.parametrize("n_bins", [1, 3, 7, 10, 15, 49, 100, 1000])
def test_every_edge_lies_in_the_bin_that_it_opens(n_bins: int) -> None:
    edges = [place / n_bins for place in range(n_bins)]
    found = reliability(edges, [True] * n_bins, n_bins)
    assert [(one.low, one.count) for one in found] == [(edge, 1) for edge in edges]


@pytest.mark.parametrize("n_bins", [2, 6, 10, 100])
def test_just_below_an_edge_lies_in_the_bin_before(n_bins: int) -> None:
    below = [math.nextafter((place + 1) / n_bins, 0) for place in range(n_bins)]
    assert [one.high for one in reliability(below, [True] * n_bins, n_bins)] == pytest.approx(below)
    assert len(reliability(below, [True] * n_bins, n_bins)) == n_bins


def test_empty_bins_are_left_out() -> None:
    assert len(reliability([0.05, 0.95], [True, False], 80)) == 2


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (([], []), "confidence has no entries"),
        (([0.5, 1.2], [True, False]), r"entry 1 of confidence .* not 1\.2"),
        (([-0.1], [True]), "entry 0 of confidence"),
        (([math.nan], [True]), "entry 0 of confidence must be finite"),
        (([0.5], [True, False]), "confidence has 1 entries and correct 2"),
        (([0.5], [True], 0), "n_bins must be at least 1"),
    ],
)
def test_bad_input_gets_a_sentence(arguments: tuple, names: str) -> None:
    with pytest.raises(ValueError, match=names):
        calibration_error(*arguments)
