"""Predicates of wrong values that many exercises share."""

import math

import pytest
import torch

from utils.notebook.checks import not_a_pair, not_finite, other_dtype


@pytest.mark.parametrize(
    "value",
    [
        math.nan,
        [1.0, math.inf],
        torch.tensor([1.0, math.nan]),
        (torch.zeros(2), torch.tensor(math.inf)),
        {"a": [math.nan]},
    ],
)
def test_not_finite_finds_a_nan_at_any_depth(value):
    assert not_finite(value)


@pytest.mark.parametrize("value", [0.5, [1, 2.0], (torch.zeros(2), torch.ones(3, 1)), {"a": [0.0]}])
def test_not_finite_leaves_finite_values_alone(value):
    assert not not_finite(value)


def test_not_a_pair_takes_a_tuple_or_a_list_of_two():
    assert not not_a_pair((1, 2))
    assert not not_a_pair([torch.zeros(2), None])
    assert not_a_pair((1, 2, 3))
    assert not_a_pair(torch.zeros(2))


def test_other_dtype_judges_tensors_only():
    is_other = other_dtype(torch.bool)
    assert is_other(torch.zeros(2))
    assert not is_other(torch.zeros(2, dtype=torch.bool))
    assert not is_other([True])
