from __future__ import annotations

import pytest
import torch
from torch import nn

from utils.training.config import TrainingConfig
from utils.training.muon import Muon, orthogonalise
from utils.training.optimisers import build_optimisers, hidden_matrices, set_learning_rates

from .tiny_model import make_tiny


@pytest.mark.parametrize("shape", [(16, 16), (8, 32), (32, 8), (3, 12, 20)])
def test_orthogonalised_matrices_have_singular_values_near_one(shape):
    matrices = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    singular = torch.linalg.svdvals(orthogonalise(matrices))
    assert singular.min() > 0.3
    assert singular.max() < 1.3


def test_orthogonalising_keeps_the_singular_directions():
    generator = torch.Generator().manual_seed(2)
    U, _ = torch.linalg.qr(torch.randn(6, 6, generator=generator))
    V, _ = torch.linalg.qr(torch.randn(6, 6, generator=generator))
    S = torch.tensor([5.0, 3.0, 2.0, 1.0, 0.8, 0.6])
    # With U and V taken off, what is left is diagonal: only the singular values changed.
    middle = U.T @ orthogonalise(U @ torch.diag(S) @ V.T) @ V
    assert torch.allclose(middle, torch.diag(middle.diagonal()), atol=1e-4)
    assert (middle.diagonal() > 0.6).all()


def test_orthogonalising_does_not_depend_on_the_scale():
    matrix = torch.randn(10, 7, generator=torch.Generator().manual_seed(3))
    assert torch.allclose(orthogonalise(matrix), orthogonalise(1e4 * matrix), atol=1e-3)


def test_a_zero_gradient_gives_a_zero_update_and_no_nan():
    assert torch.equal(orthogonalise(torch.zeros(4, 5)), torch.zeros(4, 5))


def test_matrices_step_together_as_they_would_alone():
    def step(together: bool) -> list[torch.Tensor]:
        generator = torch.Generator().manual_seed(4)
        shapes = [(6, 9), (9, 6), (6, 9), (9, 9)]  # a tall one among wide ones
        parameters = [nn.Parameter(torch.randn(shape, generator=generator)) for shape in shapes]
        for parameter in parameters:
            parameter.grad = torch.randn(parameter.shape, generator=generator)
        for optimiser in [Muon(parameters)] if together else [Muon([p]) for p in parameters]:
            optimiser.step()
            optimiser.step()
        return [p.detach() for p in parameters]

    for one, other in zip(step(True), step(False), strict=True):
        assert torch.allclose(one, other, atol=1e-5)


def test_muon_finds_the_minimum_of_an_ill_conditioned_quadratic():
    generator = torch.Generator().manual_seed(5)
    goal = torch.randn(8, 8, generator=generator)
    scales = torch.logspace(-2, 0, 8)
    W = nn.Parameter(torch.zeros(8, 8))
    optimiser = Muon([W], lr=0.05)
    for step in range(300):
        optimiser.param_groups[0]["lr"] = 0.1 * (1 - step / 300)
        optimiser.zero_grad()
        ((W - goal).pow(2) * scales[:, None]).sum().backward()
        optimiser.step()
    assert (W - goal).abs().max() < 0.1


def test_weight_decay_shrinks_what_gets_no_gradient_direction():
    W = nn.Parameter(torch.ones(3, 3))
    W.grad = torch.zeros(3, 3)
    Muon([W], lr=0.1, weight_decay=0.5).step()
    assert torch.allclose(W, torch.full((3, 3), 0.95))


def test_a_vector_is_refused():
    with pytest.raises(ValueError, match="Muon trains matrices, not a parameter of shape"):
        Muon([nn.Parameter(torch.zeros(5))])


def test_muon_gets_hidden_matrices_and_neither_embedding_nor_output():
    model = make_tiny()
    assert [id(p) for p in hidden_matrices(model)] == [id(model.hidden.weight)]


def test_an_untied_output_layer_stays_with_adamw():
    model = nn.Sequential(nn.Embedding(30, 8), nn.Linear(8, 8), nn.Linear(8, 30))
    assert [tuple(p.shape) for p in hidden_matrices(model)] == [(8, 8)]


@pytest.mark.parametrize("name", ["adamw", "muon"])
def test_every_parameter_is_trained_by_exactly_one_optimiser(name):
    model = make_tiny()
    optimisers = build_optimisers(model, TrainingConfig(steps=1, optimiser=name))
    trained = [id(p) for o in optimisers for group in o.param_groups for p in group["params"]]
    assert sorted(trained) == sorted({id(p) for p in model.parameters()})


def test_gains_and_biases_do_not_decay():
    model = make_tiny()
    (optimiser,) = build_optimisers(model, TrainingConfig(steps=1, weight_decay=0.3))
    for group in optimiser.param_groups:
        assert {p.ndim >= 2 for p in group["params"]} == {group["weight_decay"] == 0.3}


def test_the_schedule_scales_every_groups_own_peak():
    optimisers = build_optimisers(make_tiny(), TrainingConfig(steps=1, optimiser="muon", lr=0.001, muon_lr=0.04))
    set_learning_rates(optimisers, 0.5)
    set_learning_rates(optimisers, 0.25)
    assert [g["lr"] for o in optimisers for g in o.param_groups] == [0.01, 0.00025, 0.00025]


def test_a_frozen_model_is_refused():
    model = make_tiny().requires_grad_(False)
    with pytest.raises(ValueError, match="no trainable parameter"):
        build_optimisers(model, TrainingConfig(steps=1))
