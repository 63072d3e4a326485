"""Rows 44, 47, 49 to 51 and 58: small measurements, and verdict rules that can come out each way."""

from __future__ import annotations

import pytest

from utils.evaluation.intervals import Interval
from utils.experiments.scaling.coordinates import growth, logit_change
from utils.experiments.scaling.last_mile import LossStep, judge_last_mile, loss_step, measured_frontier
from utils.experiments.scaling.showing import (
    as_interval,
    judge_electricity,
    judge_inference_shift,
    judge_rule_of_six,
    judge_valleys,
)
from utils.experiments.scaling.throughput import judge_utilization, training_throughput
from utils.models.config import ModelConfig
from utils.training.scaling_laws import CHINCHILLA, ScalingLaw, compute_optimal, tokens_for_loss

TOY = ModelConfig(n_layers=1, d_model=16, n_heads=2, vocab_size=32, context_length=8)


def test_logits_move_with_the_width_in_the_standard_parametrisation_alone():
    widths = (8, 64)
    moves = {
        name: growth(widths, [[logit_change(name, width, 0.01, 3, seed) for width in widths] for seed in range(2)])
        for name in ("standard", "maximal update")
    }
    assert moves["standard"].mean > 0.5
    assert abs(moves["maximal update"].mean) < 0.3


def test_growth_is_the_slope_between_doublings():
    assert growth((8, 16, 32), [[1.0, 2.0, 4.0], [3.0, 6.0, 12.0]]).mean == pytest.approx(1.0)


def test_throughput_counts_what_the_model_needs():
    found = training_throughput(TOY, peak=1e9, rows=2, steps=1, repeats=3)
    shares = [6 * found.n_params * speed / 1e9 for speed in found.tokens_per_second]
    assert found.utilization.mean == pytest.approx(sum(shares) / 3)


@pytest.mark.parametrize(
    ("interval", "outcome"),
    [((0.3, 0.2, 0.4), "holds"), ((0.8, 0.75, 0.85), "holds in part"), ((0.95, 0.92, 1), "does not hold"),
     ((0.7, 0.5, 0.9), "undecided")],
)  # fmt: skip
def test_each_verdict_on_utilisation_can_come_out(interval, outcome):
    assert judge_utilization([Interval(0.1, 0.05, 0.15, 4), Interval(*interval, 4)]) == outcome


def test_a_step_of_loss_takes_the_text_that_the_law_says():
    step = loss_step(3.4, 2.8, CHINCHILLA)
    assert step.tokens == pytest.approx(((3.4 - 1.69) / (2.8 - 1.69)) ** (1 / 0.28))
    by_tokens = tokens_for_loss(2.8, 1e60, CHINCHILLA) / tokens_for_loss(3.4, 1e60, CHINCHILLA)
    assert step.tokens == pytest.approx(by_tokens)
    n, d = compute_optimal(1e20, CHINCHILLA)
    more = loss_step(CHINCHILLA(n, d), CHINCHILLA(*compute_optimal(1e21, CHINCHILLA)), CHINCHILLA)
    assert more.flops == pytest.approx(10)


def test_the_frontier_takes_the_lowest_loss_of_each_budget():
    assert measured_frontier([10, 1, 10.5, 1.02], [2.0, 3.0, 1.9, 3.1]) == [(1.0, 3.0), (10.0, 1.9)]


@pytest.mark.parametrize(
    ("factor", "gains", "outcome"),
    [(9, [0.5, 0.1], "holds"), (4, [0.5, 0.1], "holds in part"), (9, [0.1, 0.5], "does not hold")],
)
def test_each_verdict_on_the_last_mile_can_come_out(factor, gains, outcome):
    assert judge_last_mile([LossStep(factor, factor**2)], gains) == outcome


def test_the_other_rules_can_come_out_each_way():
    assert [judge_valleys(n, 7) for n in (7, 5, 3)] == ["holds", "holds in part", "does not hold"]
    assert [judge_rule_of_six(r) for r in ([1.05], [1.05, 2], [2])] == ["holds", "holds in part", "does not hold"]
    assert [judge_electricity(b) for b in ([50], [50, 100], [9])] == ["holds", "holds in part", "does not hold"]
    rising, falling, bumpy = [1, 2, 3], [3, 2, 1], [3, 4, 1]
    assert judge_inference_shift([falling], [rising]) == "holds"
    assert judge_inference_shift([bumpy], [rising]) == "holds in part"
    assert judge_inference_shift([rising], [rising]) == "does not hold"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: growth((8, 8), [[1, 1]]), "widths holds 1 different values"),
        (lambda: growth((8, 16), [[1, 0]]), "changes of seed 0 must be 2 positive numbers"),
        (lambda: logit_change("standard", 8, 0.01, 0, 0), "steps must be at least 1, not 0"),
        (lambda: logit_change("other", 8, 0.01, 1, 0), "parametrisation must be one of"),
        (lambda: training_throughput(TOY, 0.0),
         "peak must be positive, not 0"),
        (lambda: judge_utilization([]), "best is empty"),
        (lambda: loss_step(2.8, 3.4, CHINCHILLA), "must be below before"),
        (lambda: loss_step(3.4, 1.0, CHINCHILLA), "cannot be reached"),
        (lambda: measured_frontier([1], [1, 2]), "as many"),
        (lambda: measured_frontier([1], [1]), "a step between two"),
        (lambda: judge_last_mile([], []), "one and two are needed"),
        (lambda: as_interval([1, 2, 3], 3), "middle, a low and a high end"),
        (lambda: judge_valleys(8, 7), "cannot be counted"),
        (lambda: judge_rule_of_six([]), "ratios is empty"),
        (lambda: judge_electricity([]), "bounds is empty"),
        (lambda: judge_inference_shift([], []), "two numbers of served tokens"),
        (lambda: ScalingLaw(1.0, -1.0, 1.0, 0.3, 0.3), "law.A must be positive"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_a_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()
