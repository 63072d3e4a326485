"""Recurrent mixers: parallel and recurrent forms agree, are causal, and stay stable."""

from __future__ import annotations

import pytest
import torch

from utils.models.config import ModelConfig
from utils.models.linear_attention import (
    feature_map,
    linear_attention_parallel,
    linear_attention_recurrent,
)
from utils.models.recurrent_lm import (
    RecurrentLM,
    gated_state_space_lm,
    hybrid_lm,
    linear_attention_lm,
    selective_lm,
    state_bytes,
    state_space_lm,
)
from utils.models.scan import linear_scan, linear_scan_sequential
from utils.models.state_space import causal_convolution, selective_scan

CONFIG = ModelConfig(n_layers=4, d_model=32, n_heads=4, n_kv_heads=2, vocab_size=40, context_length=200)
BUILDERS = [linear_attention_lm, state_space_lm, gated_state_space_lm, selective_lm, hybrid_lm]


def build(builder: object) -> RecurrentLM:
    torch.manual_seed(0)
    return builder(CONFIG).eval()  # type: ignore[operator]


@pytest.mark.parametrize("length", [1, 2, 3, 7, 16, 17, 64, 129])
def test_the_parallel_scan_equals_the_sequential_one(length: int) -> None:
    torch.manual_seed(0)
    a, b = torch.rand(2, length, 3, 4), torch.randn(2, length, 3, 4)
    torch.testing.assert_close(linear_scan(a, b), linear_scan_sequential(a, b), atol=1e-5, rtol=1e-4)


def test_the_scan_survives_factors_of_zero() -> None:
    a = torch.rand(1, 33, 2)
    a[:, ::5] = 0
    b = torch.randn(1, 33, 2)
    torch.testing.assert_close(linear_scan(a, b), linear_scan_sequential(a, b), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("length", [1, 9, 38])
def test_the_scan_has_the_gradients_of_the_recurrence(length: int) -> None:
    torch.manual_seed(0)
    a = torch.rand(1, length, 2, dtype=torch.float64, requires_grad=True)
    b = torch.randn(1, length, 2, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(1, length, 2, dtype=torch.float64)
    parallel = torch.autograd.grad((linear_scan(a, b) * weight).sum(), (a, b))
    # Alone in a text, a position has no past that a could fade: its gradient is 0, and autograd leaves it out.
    sequential = torch.autograd.grad((linear_scan_sequential(a, b) * weight).sum(), (a, b), materialize_grads=True)
    torch.testing.assert_close(parallel, sequential)


def test_the_scan_can_be_differentiated_twice_and_with_one_factor_for_many() -> None:
    torch.manual_seed(0)
    a = torch.rand(1, 5, 1, dtype=torch.float64, requires_grad=True)
    b = torch.randn(2, 5, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(linear_scan, (a, b))
    assert torch.autograd.gradgradcheck(linear_scan, (a, b))


def test_selective_scan_follows_its_definition() -> None:
    torch.manual_seed(0)
    x, delta = torch.randn(2, 11, 3), torch.rand(2, 11, 3)
    A, B, C = -torch.rand(3, 5), torch.randn(2, 11, 5), torch.randn(2, 11, 5)
    h = torch.zeros(2, 3, 5)
    expected = []
    for t in range(11):
        h = torch.exp(delta[:, t, :, None] * A) * h + (delta[:, t] * x[:, t])[..., None] * B[:, t, None]
        expected.append((h * C[:, t, None]).sum(-1))
    torch.testing.assert_close(selective_scan(x, delta, A, B, C), torch.stack(expected, 1), atol=1e-5, rtol=1e-4)


def test_the_convolution_is_causal_and_does_not_wrap_around() -> None:
    x = torch.zeros(1, 6, 1)
    x[0, 4] = 1
    y = causal_convolution(x, torch.tensor([[1.0, 2, 3, 4, 5, 6]]))
    torch.testing.assert_close(y[0, :, 0], torch.tensor([0.0, 0, 0, 0, 1, 2]), atol=1e-5, rtol=0)


@pytest.mark.parametrize("length", [1, 5, 64, 150])
def test_linear_attention_is_the_same_in_both_forms(length: int) -> None:
    torch.manual_seed(0)
    q, k, v = torch.randn(2, 3, length, 8), torch.randn(2, 3, length, 8), torch.randn(2, 3, length, 5)
    parallel = linear_attention_parallel(q, k, v)
    torch.testing.assert_close(parallel, linear_attention_recurrent(q, k, v), atol=1e-4, rtol=1e-3)
    pairs = (feature_map(q) @ feature_map(k).transpose(-2, -1)).tril()
    torch.testing.assert_close(parallel, pairs / pairs.sum(-1, keepdim=True) @ v, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("builder", BUILDERS)
def test_training_and_decoding_forms_give_the_same_logits(builder: object) -> None:
    model = build(builder)
    ids = torch.randint(0, 40, (2, 100))
    with torch.no_grad():
        parallel = model(ids)
        state, steps = model.initial_state(2), []
        for t in range(100):
            logits, state = model.step(ids[:, t], state)
            steps.append(logits)
    torch.testing.assert_close(parallel, torch.stack(steps, 1), atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("builder", BUILDERS)
def test_no_mixer_sees_the_future(builder: object) -> None:
    model = build(builder)
    ids = torch.randint(0, 40, (1, 80))
    changed = ids.clone()
    changed[0, 70] = (changed[0, 70] + 1) % 40
    with torch.no_grad():
        before, after = model(ids), model(changed)
    torch.testing.assert_close(before[:, :70], after[:, :70], atol=1e-5, rtol=1e-4)
    assert not torch.allclose(before[:, 70:], after[:, 70:], atol=1e-5)


@pytest.mark.parametrize("builder", BUILDERS)
def test_every_parameter_gets_a_gradient(builder: object) -> None:
    model = build(builder)
    model(torch.randint(0, 40, (2, 30))).logsumexp(-1).sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.abs().sum() > 0, name


def test_only_attention_remembers_more_as_the_text_grows() -> None:
    def growth(model: RecurrentLM) -> int:
        state = model.initial_state(1)
        sizes = []
        for token in range(20):
            _, state = model.step(torch.tensor([token]), state)
            sizes.append(state_bytes(state))
        return sizes[-1] - sizes[0]

    with torch.no_grad():
        assert growth(build(selective_lm)) == growth(build(linear_attention_lm)) == 0
        # One layer of attention in four: 19 more positions of keys and values in single precision.
        assert growth(build(hybrid_lm)) == 19 * 2 * 2 * 8 * 4


def test_a_mask_and_a_wrong_number_of_mixers_are_refused() -> None:
    with pytest.raises(ValueError, match="mask must be None"):
        build(selective_lm)(torch.zeros(1, 4, dtype=torch.long), torch.ones(1, 4, dtype=torch.bool))
    with pytest.raises(ValueError, match="3 for 4 layers"):
        RecurrentLM(CONFIG, [None] * 3)
