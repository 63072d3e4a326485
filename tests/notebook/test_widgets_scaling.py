"""The numbers behind the widgets of notebook 04: bills, text that runs out, and what more compute buys."""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
import numpy as np
import pytest

from utils.notebook.figures import unlabelled_axes
from utils.notebook.widgets import more_compute, text_stock, training_bill
from utils.training.scaling_laws import CHINCHILLA


def test_the_bill_of_gpt3_in_every_unit():
    bill = training_bill.training_bill(175e9, 300e9, 256, 6e13, 0.7, 2.0, 700.0, 1.0)
    assert bill.flops == pytest.approx(3.15e23)
    assert bill.flops / bill.flops_days == pytest.approx(86_400)
    assert bill.petaflops_days == pytest.approx(3645.83, rel=1e-5)
    assert bill.days == pytest.approx(3.15e23 / (256 * 6e13 * 0.7 * 86_400))
    assert bill.dollars == pytest.approx(bill.days * 24 * 256 * 2)
    assert bill.kilowatt_hours == pytest.approx(bill.days * 24 * 256 * 0.7)


def test_a_box_with_a_bad_number_says_what_is_wrong():
    view = training_bill.bill_explorer()
    *boxes, table = view.children
    assert "339.1 days" in table.value
    boxes[4].value = 1.5
    assert "utilization must lie in (0, 1], not 1.5" in table.value
    boxes[4].value = 0.7
    assert "339.1 days" in table.value


def test_single_numbers_give_the_year_of_the_formula():
    point = text_stock.StockRanges((4e14, 4e14), (1e14, 1e14), (1.0, 1.0), (2.0, 2.0), 2024)
    assert text_stock.exhaustion_years(point, 5) == pytest.approx([2026.0] * 5)
    never = text_stock.StockRanges(used_growth=(1.0, 1.01))
    assert np.isinf(text_stock.exhaustion_years(never, 50)).all()
    assert text_stock.projection_text(never) == "never in 100% of the draws"


def test_a_year_that_never_comes_is_not_printed_as_a_number():
    for slow, fast in ((1.2, 1.9), (1.2, 1.5), (1.0, 3.0), (0.9, 2.0)):
        for use in ((1.0, 1.4), (1.2, 3.0), (1.0, 1.9)):
            said = text_stock.projection_text(text_stock.StockRanges((1e14, 1e15), (1e13, 2e13), (slow, fast), use))
            assert "inf" not in said
            assert "nan" not in said


def test_wider_ranges_give_a_wider_answer():
    narrow = text_stock.StockRanges((3e14, 4e14), (1.4e13, 1.5e13), (1.05, 1.06), (2.0, 2.1))
    spread = [np.ptp(text_stock.exhaustion_years(ranges)) for ranges in (narrow, text_stock.StockRanges())]
    assert spread[0] < spread[1]


def test_each_verdict_on_the_projection_can_come_out():
    soon, late, mixed = [2028.0] * 10, [math.inf] * 10, [2028.0] * 7 + [2090.0] * 3
    found = [text_stock.judge_projection(years, 2024) for years in (soon, late, mixed)]
    assert found == ["holds", "does not hold", "undecided"]


def test_the_sliders_of_the_stock_start_at_the_ranges_and_follow():
    view = text_stock.stock_explorer()
    *sliders, words = view.children
    before = words.value
    assert "never in 0%" in before
    sliders[3].value = (0.9, 1.0)
    assert "never in 100%" in words.value


def test_fifty_times_of_two_percent_is_everything():
    assert more_compute.largest_growth(0.02) == pytest.approx(50)
    bought = more_compute.bought_by(1e21, 50, CHINCHILLA)
    assert CHINCHILLA.E < bought.after < bought.before
    assert bought.excess_left == pytest.approx(50 ** (-0.34 * 0.28 / 0.62))
    assert more_compute.bought_by(1e21, 1, CHINCHILLA).excess_left == pytest.approx(1)


def test_efficiency_counts_as_compute():
    view = more_compute.growth_explorer(3e23, CHINCHILLA)
    _, efficiency, words = view.children
    assert "50 times the compute" in words.value
    efficiency.value = 10
    assert "500 times the compute" in words.value


@pytest.mark.parametrize(
    "figure",
    [
        lambda: more_compute.growth_figure(3e23, {"published": CHINCHILLA}),
    ],
)
def test_figures_have_labelled_axes(figure):
    drawn = figure()
    assert unlabelled_axes(drawn) == []
    plt.close(drawn)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: training_bill.training_bill(-1, 1), "n_params must be finite and not negative, not -1"),
        (lambda: training_bill.training_bill(1, 1, overhead=0.5), "overhead must be at least 1, not 0.5"),
        (lambda: text_stock.StockRanges(stock=(2.0, 1.0)), "stock must be a range"),
        (lambda: text_stock.StockRanges(start_year=math.nan), "start_year must be a year, not nan"),
        (lambda: text_stock.exhaustion_years(text_stock.StockRanges(), 0), "draws must be at least 1, not 0"),
        (lambda: text_stock.projection_html(text_stock.StockRanges(), 2000), "the range of 'year' must go from low"),
        (lambda: text_stock.judge_projection([], 2024), "years is empty"),
        (lambda: more_compute.largest_growth(0), r"share must lie in \(0, 1\], not 0"),
        (lambda: more_compute.bought_by(1e21, 0, CHINCHILLA), "factor must be positive, not 0"),
        (lambda: more_compute.bought_by(1e21, 50, {"E": 1.0}), "law has no A"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()
