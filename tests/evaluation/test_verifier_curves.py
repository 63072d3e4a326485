"""Peaks and drops, straight lines in log k, and sizes that a ladder of models stands for."""

from __future__ import annotations

import numpy as np
import pytest

from utils.experiments.samplers.verifier_curves import drops_after_peak, equivalent_size, log_linear_fit


def test_a_curve_that_falls_has_its_drop() -> None:
    curves = np.tile([0.1, 0.5, 0.9, 0.6], (10, 1))
    assert drops_after_peak(curves) == pytest.approx(np.full(10, 0.3))


def test_a_curve_that_rises_has_none() -> None:
    curves = np.tile([0.1, 0.5, 0.9], (7, 1))
    assert (drops_after_peak(curves) == 0).all()


def test_noise_alone_is_no_drop() -> None:
    # The highest of 30 noisy points stands above the last one; read on the other half of the tasks it does not.
    curves = np.random.default_rng(0).normal(size=(4000, 30))
    naive = curves.mean(0).max() - curves.mean(0)[-1]
    assert abs(drops_after_peak(curves).mean()) < 0.06  # 2.5 standard errors of the mean of a difference
    assert naive > 0.01


def test_curves_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="at least two tasks"):
        drops_after_peak(np.zeros((1, 3)))


def test_a_straight_line_is_found() -> None:
    ks = [1, 10, 100, 1000]
    line = log_linear_fit(ks, [0.1, 0.3, 0.5, 0.7])
    assert (line.intercept, line.slope, line.r_squared) == pytest.approx((0.1, 0.2, 1.0))
    assert line(10_000) == pytest.approx(0.9)
    assert log_linear_fit(ks, [0.0, 0.0, 1.0, 1.0]).r_squared < 0.9
    with pytest.raises(ValueError, match="at least three"):
        log_linear_fit([1, 2], [0.0, 1.0])


def test_equivalent_size_interpolates_in_log_size() -> None:
    assert equivalent_size(0.5, [100, 10_000], [0.0, 1.0]) == pytest.approx(1000)
    assert equivalent_size(0.0, [100, 10_000], [0.1, 1.0]) == 100
    assert equivalent_size(1.0, [100, 10_000], [0.1, 0.9]) == float("inf")
    # The second rung is worse than the first and counts as nothing.
    assert equivalent_size(0.75, [1, 10, 100], [0.5, 0.2, 1.0]) == pytest.approx(10 * 10**0.5)
    with pytest.raises(ValueError, match="must ascend"):
        equivalent_size(0.5, [10, 1], [0.1, 0.2])
