"""The shared checks of arguments: what counts as a number, and what a message says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from utils.arguments import one_of, real_number, shapes_that_fit, shown, tensor, whole_number


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3), torch.tensor(3)])
def test_whole_numbers_of_every_library_become_python_s(value: Any) -> None:
    assert type(whole_number("n", value, 1, 3)) is int
    assert whole_number("n", value) == 3


@pytest.mark.parametrize(
    "value", [3.0, 2.5, "3", None, True, np.True_, np.float64(3), torch.tensor(3.0), torch.tensor(True), [3]]
)
def test_what_is_no_whole_number_is_refused_with_its_name(value: Any) -> None:
    with pytest.raises(ValueError, match="n must be a whole number, not"):
        whole_number("n", value)


@pytest.mark.parametrize("value", [0.5, 1, np.float32(0.5), torch.tensor(0.5)])
def test_numbers_keep_their_value(value: Any) -> None:
    assert real_number("x", value, above=0, most=1) == float(value)
    assert type(real_number("x", value)) in (int, float)


@pytest.mark.parametrize(
    ("value", "words"), [("1", "a number"), (float("nan"), "finite"), (2, "at most 1"), (0, "above 0")]
)
def test_numbers_out_of_bounds_are_refused_with_the_bound(value: Any, words: str) -> None:
    with pytest.raises(ValueError, match=f"x must be {words}"):
        real_number("x", value, above=0, most=1)


def test_messages_show_values_in_one_short_line() -> None:
    assert shown(torch.zeros(2, 3)) == "a tensor of torch.float32 and shape (2, 3)"
    assert "\n" not in shown(torch.nn.Sequential(torch.nn.Linear(2, 2)))
    assert len(shown("x" * 10_000)) < 130


def test_choices_and_shapes() -> None:
    assert one_of("name", np.str_("a"), ("a", "b")) == "a"
    with pytest.raises(ValueError, match="name must be one of a, b, not 'c'"):
        one_of("name", "c", ("a", "b"))
    assert shapes_that_fit(a=torch.zeros(2, 1), b=torch.zeros(3)) == (2, 3)
    with pytest.raises(ValueError, match=r"a \(2, 2\), b \(3,\)"):
        shapes_that_fit(a=torch.zeros(2, 2), b=torch.zeros(3))
    with pytest.raises(ValueError, match=r"x must have 4 features in its last dimension, not the shape \(2, 3\)"):
        tensor("x", torch.zeros(2, 3), last=4)
