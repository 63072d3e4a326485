"""What an answer changed in place, the test's own objects show as well: the whole and its parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from utils.course.grading.modified_inputs import overwrite
from utils.notebook.checks import InputModifiedError, same

BEFORE: dict[str, Any] = {
    "list": [1, 2],
    "dict": {"a": 1},
    "set": {1},
    "tensor": torch.tensor([1.0, 2.0]),
    "array": np.array([1.0, 2.0]),
    "list of lists": [[1], [2, 3]],
}
AFTER: dict[str, Any] = {
    "list": [5, 2, 7],
    "dict": {"b": 2},
    "set": {1, 9},
    "tensor": torch.tensor([3.0, 4.0]),
    "array": np.array([3.0, 4.0]),
    "list of lists": [[4], [2, 3]],
}


@pytest.mark.parametrize("kind", BEFORE)
@pytest.mark.parametrize("container", ["alone", "in a list", "in a tuple", "in a dict", "two deep"])
def test_a_part_that_the_test_holds_changes_with_the_whole(kind: str, container: str) -> None:
    wrap = {
        "alone": lambda part: part,
        "in a list": lambda part: [part, 1.5],
        "in a tuple": lambda part: (1.5, part),
        "in a dict": lambda part: {"key": part},
        "two deep": lambda part: {"key": [[part], 1.5]},
    }[container]
    part = {name: value.clone() if torch.is_tensor(value) else value.copy() for name, value in BEFORE.items()}[kind]
    whole = wrap(part)
    overwrite(whole, wrap(AFTER[kind]))
    assert same(part, AFTER[kind])
    assert same(whole, wrap(AFTER[kind]))


def test_a_place_that_holds_another_kind_or_shape_is_given_the_new_object() -> None:
    tensor = torch.zeros(2)
    whole = [tensor, 1.0, np.float64(2.0)]
    overwrite(whole, [torch.ones(3), 2.0, np.float64(3.0)])
    assert same(whole, [torch.ones(3), 2.0, 3.0])
    assert same(tensor, torch.zeros(2))


def test_a_tuples_part_without_contents_of_its_own_is_named_as_modified() -> None:
    class Holder:
        pass

    with pytest.raises(InputModifiedError, match="in place"):
        overwrite((Holder(),), (Holder(),))
