"""Entropy of attention weights: values, exact zeros, and the gradient behind a mask."""

from __future__ import annotations

import pytest
import torch

from utils.models.attention import attention_entropy


def test_it_lies_between_one_place_and_all_alike():
    weights = torch.tensor([[1.0, 0.0, 0.0, 0.0], [0.25, 0.25, 0.25, 0.25]])
    assert attention_entropy(weights).tolist() == pytest.approx([0.0, 4 * 0.25 * torch.tensor(4.0).log().item()])


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_it_equals_that_of_torchs_distribution(dtype):
    weights = torch.rand(3, 4, 9, generator=torch.Generator().manual_seed(0), dtype=torch.float64).to(dtype).softmax(-1)
    expected = torch.distributions.Categorical(probs=weights.double()).entropy()
    assert torch.allclose(attention_entropy(weights).double(), expected, atol=1e-2 if dtype == torch.float16 else 1e-6)


def test_its_gradient_behind_a_mask_is_finite_and_right():
    scores = torch.randn(5, 5, generator=torch.Generator().manual_seed(1), dtype=torch.float64, requires_grad=True)
    causal = torch.ones(5, 5, dtype=torch.bool).tril()

    def entropy(values: torch.Tensor) -> torch.Tensor:
        return attention_entropy(values.masked_fill(~causal, float("-inf")).softmax(-1)).sum()

    assert torch.autograd.gradcheck(entropy, scores)
