"""Words that the tests of notebook 09 need: cases in which no mistake hides behind another."""

from __future__ import annotations

import pytest

from utils.notebook.checks import AnyOf, told_apart


@pytest.mark.parametrize(
    ("mistakes", "apart"),
    [
        ({"ties": 0.25, "percent": 50.0}, True),
        ({"ties": 0.5}, False),  # passes for the right value
        ({"ties": 0.25, "sign": AnyOf(-0.5, 0.25)}, False),  # one is called by the other's name
        ({"ties": AnyOf(0.25, 0.25)}, True),  # two of one name
        ({"ties": 0.25, "a type": lambda got: True}, True),
        ({}, True),
    ],
)
def test_a_case_tells_mistakes_apart(mistakes: dict, apart: bool) -> None:
    assert told_apart(0.5, mistakes) is apart


def test_rates_are_compared_as_a_whole() -> None:
    right = {"correct": 0.5, "abstained": 0.5}
    assert told_apart(right, {"swapped": {"correct": 0.25, "abstained": 0.75}})
    assert not told_apart(right, {"swapped": {"correct": 0.5, "abstained": 0.5}})
