"""Values are compared number by number, and tensors all at once with the same outcome."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from utils.notebook.checks import comparing
from utils.notebook.checks.comparing import same

ODD = (float("nan"), float("inf"), -float("inf"), 0.0, -0.0)
TYPES = (torch.float64, torch.float32, torch.bfloat16, torch.int64, torch.uint8, torch.bool)


def drawn(rng: random.Random) -> tuple[Any, Any, tuple[float, float]]:
    """Two tensors or arrays of one shape that are equal, nearly equal or not, with odd numbers among them."""
    torch.manual_seed(rng.randrange(10**6))
    shape = rng.choice([(), (3,), (2, 3), (0,)])
    first = (torch.randn(shape) * 3).to(rng.choice(TYPES))
    second = first.double() + rng.choice([0.0, 0.0, 1e-8, 1e-5, 0.3]) * torch.randn(shape)
    pair = [first, second.to(rng.choice([first.dtype, *TYPES]))]
    for one in pair:
        if one.is_floating_point() and one.numel() and rng.random() < 0.3:
            one.view(-1)[rng.randrange(one.numel())] = rng.choice(ODD)
    return *(as_array(one, rng) for one in pair), rng.choice([(1e-6, 1e-9), (1e-3, 1e-4), (0.0, 0.0)])


def as_array(value: Tensor, rng: random.Random) -> Any:
    return value.numpy() if value.dtype != torch.bfloat16 and rng.random() < 0.3 else value


@pytest.mark.parametrize("seed", range(4))
def test_tensors_compare_as_their_numbers_do_one_by_one(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(seed)
    cases = [drawn(rng) for _ in range(250)]
    at_once = [same(got, want, *bounds) for got, want, bounds in cases]
    monkeypatch.setattr(comparing, "_as_array", lambda value: None)
    assert at_once == [same(got, want, *bounds) for got, want, bounds in cases]
    assert 50 < sum(at_once) < 200


def test_whole_numbers_too_large_for_a_float_keep_their_digits() -> None:
    large = torch.tensor([2**60, 2**60 + 1])
    assert same(large, large.clone(), 0.0, 0.0)
    assert not same(large, large.flip(0), 0.0, 0.0)
    assert not same([2**60], [2**60 + 1], 0.0, 0.0)


def test_truth_values_are_no_numbers() -> None:
    assert not same(torch.tensor([True, False]), torch.tensor([1, 0]))
    assert not same(np.array([1.0, 0.0]), np.array([True, False]))
    assert same(torch.tensor([True, False]), [True, False])
