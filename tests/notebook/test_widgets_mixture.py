"""The mixture slider's pure functions: the fitted curve, the expected losses, the table, the figure, the view."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest

from utils.notebook.widgets.mixture import (
    LossCurve,
    expected_losses,
    fit_loss_curve,
    mixture_slider,
    mixture_text,
)

mpl.use("Agg")
SIZES = {"large": 90.0, "small": 10.0}
CURVES = {"large": LossCurve(1.0, 0.5, 0.5, 0.01, 1.0, 0.0), "small": LossCurve(1.2, 0.4, 0.5, 0.01, 1.0, 0.0)}


def test_a_curve_is_recovered_from_exact_points():
    shares = [0.05, 0.1, 0.3, 0.8]
    curve = fit_loss_curve(shares, [2.0 + 0.7 * share**-0.4 for share in shares])
    assert curve.floor == pytest.approx(2.0, abs=1e-6)
    assert curve.scale == pytest.approx(0.7, abs=1e-6)
    assert curve.exponent == pytest.approx(0.4)
    assert curve.error < 1e-9
    assert curve(0.2) == pytest.approx(2.0 + 0.7 * 0.2**-0.4)


def test_noise_moves_the_prediction_little_and_shows_in_the_error():
    rng = np.random.default_rng(0)
    shares = np.repeat([0.05, 0.15, 1 / 3, 0.8], 25)
    curve = fit_loss_curve(shares, 3.0 + 0.5 * shares**-0.6 + rng.normal(0, 0.05, shares.size))
    assert curve(0.25) == pytest.approx(3.0 + 0.5 * 0.25**-0.6, abs=0.05)
    assert curve.error == pytest.approx(0.05, rel=0.3)


def test_the_curve_never_rises_with_the_share_and_stops_at_its_measured_range():
    curve = fit_loss_curve([0.1, 0.2, 0.4], [2.0, 2.5, 3.0])  # losses that rise are fitted by a constant
    assert curve(0.1) == pytest.approx(curve(0.4))
    falling = fit_loss_curve([0.1, 0.2, 0.4], [3.0, 2.5, 2.2])
    assert falling(0.0) == falling(0.1) > falling(0.2) > falling(0.4) == falling(1.0)


@pytest.mark.parametrize(
    ("shares", "losses", "names"),
    [
        ([0.1, 0.2], [1.0, 1.0, 1.0], "losses"),
        ([0.1, 0.2, 0.2], [1.0, 1.0, 1.0], "three"),
        ([0.0, 0.2, 0.3], [1.0, 1.0, 1.0], "shares"),
        ([0.1, 0.2, 1.3], [1.0, 1.0, 1.0], "shares"),
        ([], [], "shares"),
    ],
)
def test_points_that_fit_no_curve_are_refused(shares, losses, names):
    with pytest.raises(ValueError, match=names):
        fit_loss_curve(shares, losses)


def test_a_share_outside_zero_and_one_is_refused():
    with pytest.raises(ValueError, match="share"):
        CURVES["large"](1.1)


def test_flattening_the_mixture_helps_the_small_language_and_costs_the_large_one():
    natural, flat = ({row["language"]: row for row in expected_losses(SIZES, alpha, CURVES)} for alpha in (1.0, 0.0))
    assert flat["small"]["share"] == flat["large"]["share"] == 0.5
    assert flat["small"]["loss"] < natural["small"]["loss"] == natural["small"]["natural_loss"]
    assert flat["large"]["loss"] > natural["large"]["loss"]
    assert natural["small"]["natural_share"] == pytest.approx(0.1)


def test_a_language_without_a_curve_is_named():
    with pytest.raises(ValueError, match="other"):
        expected_losses({"other": 1.0}, 1.0, CURVES)


def test_the_table_names_the_worst_language():
    text = mixture_text(SIZES, 1.0, CURVES, "bits")
    assert "worst 2.465 (small)" in text
    assert "0.900" in text


def test_moving_the_slider_changes_the_table():
    view = mixture_slider(SIZES, CURVES, "bits")
    alpha, table = view.children[0], view.children[-1]
    before = table.value
    alpha.value = 0.0
    assert table.value != before
    assert "0.500" in table.value
    view.children[1].value = 10.0  # the large language shrinks to the small one's size
    alpha.value = 1.0
    assert "0.500" in table.value
