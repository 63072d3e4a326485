"""What training costs, when text runs out, and the loop's three parts by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from utils.training.by_hand import clip_gradients, learning_rate, next_token_loss
from utils.training.config import TrainingConfig
from utils.training.cost import (
    emergent_score,
    flops_per_second_days,
    model_flops_utilization,
    training_cost,
    training_days,
    training_energy,
    training_flops,
    transfer_learning_rate,
)
from utils.training.data_limits import effective_tokens, exhaustion_year, fit_repetition
from utils.training.scaling_laws import CHINCHILLA
from utils.training.schedules import learning_rate_factor


def test_gpt3_needs_236_days_and_four_million_dollars():
    assert training_flops(175e9, 300e9) == pytest.approx(3.15e23)
    days = training_days(3.14e23, 256, 6e13)
    assert days == pytest.approx(236.6, abs=0.1)
    assert training_days(3.14e23, 256, 6e13, 0.7) == pytest.approx(days / 0.7)
    assert training_cost(236 / 0.7, 256, 2) == pytest.approx(4.14e6, rel=1e-3)


def test_units_and_utilisation():
    assert flops_per_second_days(86_400) == 1.0
    assert flops_per_second_days(3.14e23, 1e15) == pytest.approx(3634, rel=1e-3)
    assert model_flops_utilization(1000, 1e9, 6e13) == pytest.approx(0.1)
    assert training_energy(10, 100, 400, 1.2) == pytest.approx(11_520)
    assert transfer_learning_rate(1e-2, 64, 256) == pytest.approx(2.5e-3)
    assert emergent_score(0.9, 10) == pytest.approx(0.9**10)


def test_text_runs_out_when_use_overtakes_stock():
    year = exhaustion_year(3e14, 1.5e13, 1.07, 2.0, 2024)
    assert 1.5e13 * 2.0 ** (year - 2024) == pytest.approx(3e14 * 1.07 ** (year - 2024))
    assert exhaustion_year(3e14, 1.5e13, 1.07, 1.07, 2024) == math.inf
    assert exhaustion_year(1e12, 2e12, 2.0, 1.0, 2024) == 2024


def test_repeated_text_is_worth_less_and_less():
    assert effective_tokens(1e9, 1) == pytest.approx(1e9)
    four = effective_tokens(1e9, 4)
    assert 3.6e9 < four < 4e9
    assert effective_tokens(1e9, 1e6) == pytest.approx(1e9 * (1 + 15.39))


def test_a_planted_worth_of_repetition_is_found_again():
    epochs = np.array([1, 2, 4, 8, 16, 32, 64.0])
    worth = np.array([effective_tokens(1e9, e, 6.0) for e in epochs])
    losses = CHINCHILLA.E + CHINCHILLA.A * 1e8**-CHINCHILLA.alpha + CHINCHILLA.B * worth**-CHINCHILLA.beta
    fit = fit_repetition([1e8] * 7, [1e9] * 7, list(epochs), list(losses), CHINCHILLA)
    assert fit.lasting_epochs == pytest.approx(6.0, rel=0.01)
    assert fit.residual < 1e-4


def test_the_loss_by_hand_is_that_of_the_next_token():
    logits, ids = torch.randn(2, 5, 7), torch.randint(7, (2, 5))
    expected = -torch.stack([F.log_softmax(logits[b, t], -1)[ids[b, t + 1]] for b in range(2) for t in range(4)]).mean()
    assert next_token_loss(logits, ids).item() == pytest.approx(expected.item(), rel=1e-5)


def test_clipping_scales_all_gradients_by_one_factor():
    gradients = [torch.tensor([3.0, 0.0]), torch.tensor([[4.0]])]
    clipped, norm = clip_gradients(gradients, 1.0)
    assert norm == 5.0
    assert torch.allclose(clipped[0], torch.tensor([0.6, 0.0]))
    assert torch.allclose(clipped[1], torch.tensor([[0.8]]))
    assert gradients[0][0] == 3.0
    same, _ = clip_gradients(gradients, 10.0)
    assert torch.equal(same[1], gradients[1])
    nothing, norm = clip_gradients([torch.zeros(2)], 1.0)
    assert norm == 0
    assert torch.equal(nothing[0], torch.zeros(2))


def test_the_rate_by_hand_is_that_of_the_training_loop():
    config = TrainingConfig(steps=20, lr=0.3, warmup_steps=5)
    for step in range(20):
        assert learning_rate(step, 20, 0.3, 5) == pytest.approx(0.3 * learning_rate_factor(step, config))
    assert learning_rate(4, 20, 0.3, 5) == pytest.approx(0.3)
    assert learning_rate(19, 20, 0.3, 5) == pytest.approx(0.03)
    assert learning_rate(0, 20, 0.3, 0) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: training_days(1e20, 8, 1e12, 0.0), r"utilization must lie in \(0, 1\], not 0.0"),
        (lambda: training_days(1e20, 8, 1e12, 1.2), r"utilization must lie in \(0, 1\], not 1.2"),
        (lambda: training_days(1e20, 0, 1e12), "n_devices must be positive"),
        (lambda: training_days(-1, 8, 1e12), "total_flops must be finite and not negative, not -1"),
        (lambda: training_flops(-1, 5), "n_params must be finite and not negative, not -1"),
        (lambda: training_flops(math.nan, 5), "n_params must be finite and not negative, not nan"),
        (lambda: training_cost(1, 1, -2), "dollars_per_device_hour"),
        (lambda: training_energy(1, 1, 400, 0.5), "overhead must be at least 1"),
        (lambda: model_flops_utilization(1, 1, 0), "peak_flops_per_second must be positive"),
        (lambda: transfer_learning_rate(0.1, 0, 4), "base_width must be positive"),
        (lambda: emergent_score(1.1, 3), r"per_token_accuracy must lie in \[0, 1\], not 1.1"),
        (lambda: emergent_score(0.5, 0), "length must be a whole number of at least 1, not 0"),
        (lambda: exhaustion_year(0, 1, 1, 1, 2024), "stock must be positive"),
        (lambda: exhaustion_year(2, 1, 1, -1, 2024), "used_growth must be positive"),
        (lambda: effective_tokens(1e9, 0.5), "epochs must be at least 1"),
        (lambda: fit_repetition([1], [1], [1], [1], CHINCHILLA), "nothing is repeated"),
        (lambda: next_token_loss(torch.zeros(1, 1, 3), torch.zeros(1, 1, dtype=torch.long)), "needs at least 2"),
        (lambda: next_token_loss(torch.zeros(1, 3, 3), torch.zeros(1, 2, dtype=torch.long)), r"logits must be"),
        (lambda: clip_gradients([], 1.0), "gradients is empty"),
        (lambda: clip_gradients([torch.ones(1)], 0.0), "max_norm must be positive"),
        (lambda: learning_rate(20, 20, 0.1, 2), r"step must be in \[0, 20\), not 20"),
        (lambda: learning_rate(-1, 20, 0.1, 2), r"step must be in"),
        (lambda: learning_rate(1, 20, 0.1, 20), "warmup_steps must be in"),
    ],
)
def test_bad_input_gets_a_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()
