"""Drawing tokens: greedy, temperature, composition."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest
import torch

from utils.decoding.samplers import Sampler, Temperature, draw, greedy


@dataclass(frozen=True)
class Shift(Sampler):
    """Adds a number to the first logit: enough to see the order of a chain."""

    amount: float

    def transform(self, logits: torch.Tensor) -> torch.Tensor:
        return torch.cat((logits[..., :1] + self.amount, logits[..., 1:]), -1)


def test_greedy_takes_the_first_of_equal_logits() -> None:
    assert greedy(torch.tensor([[1.0, 3.0, 3.0], [5.0, 0.0, 0.0]])).tolist() == [1, 0]


def test_draws_follow_the_softmax() -> None:
    logits = torch.tensor([0.0, 1.0, 2.0, float("-inf")])
    n = 20000
    ids = draw(logits.expand(n, 4), torch.Generator().manual_seed(0))
    for token, p in enumerate(logits.softmax(-1).tolist()):
        # Five standard errors: a false alarm in under one of a million draws.
        assert abs((ids == token).float().mean().item() - p) <= 5 * math.sqrt(p * (1 - p) / n)


def test_a_chain_applies_its_parts_in_order() -> None:
    logits = torch.tensor([[1.0, 2.0]])
    torch.testing.assert_close((Shift(3) | Temperature(0.5)).transform(logits), torch.tensor([[8.0, 4.0]]))
    torch.testing.assert_close((Temperature(0.5) | Shift(3)).transform(logits), torch.tensor([[5.0, 4.0]]))
    assert logits.tolist() == [[1.0, 2.0]]


def test_temperature_zero_is_greedy() -> None:
    logits = torch.tensor([[1.0, 3.0, 3.0]]).expand(100, 3)
    assert (Temperature(0)(logits) == 1).all()


def test_a_seed_fixes_the_draws() -> None:
    logits = torch.zeros(50, 1000)
    sampler = Temperature(1.0)
    first, again, other = (sampler.seeded(seed)(logits) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("temperature", [-0.1, float("inf"), float("nan")])
def test_a_temperature_that_makes_no_sense_is_refused(temperature: float) -> None:
    with pytest.raises(ValueError, match="temperature"):
        Temperature(temperature)


@pytest.mark.parametrize("row", [[float("nan"), 1.0], [float("-inf"), float("-inf")]])
def test_rows_that_hold_no_distribution_are_refused(row: list[float]) -> None:
    with pytest.raises(ValueError, match="NaN"):
        draw(torch.tensor([[0.0, 1.0], row]))
