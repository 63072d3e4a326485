"""Mixture of experts: routing, equality with a dense computation, load balancing."""

from __future__ import annotations

import pytest
import torch

from utils.models.config import ModelConfig
from utils.models.experts import MixtureOfExperts, load_balancing_loss, route_top_k
from utils.models.gpt import GPT

CONFIG = ModelConfig(
    n_layers=2, d_model=16, n_heads=2, vocab_size=20, context_length=8, n_experts=4, experts_per_token=2
)


def test_weights_are_the_softmax_of_the_chosen_logits() -> None:
    weights, experts = route_top_k(torch.tensor([1.0, 3.0, 2.0, -1.0]), 2)
    assert experts.tolist() == [1, 2]
    torch.testing.assert_close(weights, torch.tensor([3.0, 2.0]).softmax(-1))


@pytest.mark.parametrize("k", [0, 5])
def test_k_outside_the_experts_is_refused(k: int) -> None:
    with pytest.raises(ValueError, match=f"not {k}"):
        route_top_k(torch.zeros(4), k)


def test_the_sparse_layer_equals_running_every_expert() -> None:
    torch.manual_seed(0)
    layer = MixtureOfExperts(CONFIG)
    x = torch.randn(3, 5, 16)
    weights, chosen = route_top_k(layer.router(x), 2)
    everything = torch.stack([expert(x) for expert in layer.experts], -2)
    picked = everything.gather(-2, chosen[..., None].expand(-1, -1, -1, 16))
    torch.testing.assert_close(layer(x), (weights[..., None] * picked).sum(-2), atol=1e-5, rtol=1e-4)


def test_the_balance_loss_is_one_when_uniform_and_the_number_of_experts_when_collapsed() -> None:
    uniform = load_balancing_loss(torch.zeros(4, 4), torch.arange(4)[:, None])
    collapsed = load_balancing_loss(torch.tensor([[50.0, 0, 0, 0]] * 4), torch.zeros(4, 1, dtype=torch.long))
    assert uniform.item() == pytest.approx(1.0)
    assert collapsed.item() == pytest.approx(4.0)


def test_the_auxiliary_loss_pulls_a_collapsed_router_apart() -> None:
    torch.manual_seed(0)
    model = GPT(CONFIG)
    with torch.no_grad():
        for block in model.blocks:
            block.mlp.router.weight[0] += 0.5
    ids = torch.randint(0, 20, (8, 8))
    routers = [block.mlp.router.weight for block in model.blocks]
    model(ids)
    first = model.auxiliary_loss().item()
    for _ in range(50):
        model(ids)
        gradients = torch.autograd.grad(model.auxiliary_loss(), routers)
        with torch.no_grad():
            for weight, gradient in zip(routers, gradients, strict=True):
                weight -= gradient
    model(ids)
    assert model.auxiliary_loss().item() < min(first, 1.1)
    assert model.blocks[0].mlp.load.sum().item() == pytest.approx(1.0)


def test_a_dense_model_has_no_auxiliary_loss() -> None:
    config = ModelConfig(n_layers=1, d_model=16, n_heads=2, vocab_size=20, context_length=8)
    assert GPT(config).auxiliary_loss().item() == 0.0
