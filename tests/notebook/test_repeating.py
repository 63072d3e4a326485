"""An answer that keeps something between calls is told so."""

from __future__ import annotations

import pytest

from utils.notebook.checks import KEEPS_STATE, CheckError, check_same_again


def test_the_same_twice_passes() -> None:
    check_same_again(lambda: [1, 2.0], "a list")


def test_a_list_that_grows_and_is_handed_out_is_state() -> None:
    kept: list[int] = []

    def answer() -> list[int]:
        kept.append(1)
        return kept

    with pytest.raises(CheckError, match=KEEPS_STATE):
        check_same_again(answer, "a list that grows")


def test_a_call_between_shows_what_the_same_call_hides() -> None:
    seen: list[int] = []

    def largest(value: int) -> int:
        seen.append(value)
        return max(seen)

    check_same_again(lambda: largest(3), "no other call")
    with pytest.raises(CheckError, match=KEEPS_STATE):
        check_same_again(lambda: largest(3), "another call between", between=lambda: largest(9))


def test_an_answer_that_raises_is_not_called_stateful() -> None:
    with pytest.raises(CheckError, match="ZeroDivisionError"):
        check_same_again(lambda: 1 / 0, "a division")
