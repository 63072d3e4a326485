"""An answer that keeps something between calls is told so."""

from __future__ import annotations

import pytest

from utils.notebook.checks import KEEPS_RESULTS, KEEPS_STATE, CheckError, check_nothing_kept, check_same_again


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


def product(a: float, b: float) -> float:
    return a * b


def test_a_cache_that_forgets_an_argument_is_found_whichever_it_is() -> None:
    check_nothing_kept(product, product, (2.0, 3.0), (5.0, 7.0), "a product")
    for forgotten in (0, 1):
        cache: dict[float, float] = {}

        def cached(*args: float, cache: dict[float, float] = cache, forgotten: int = forgotten) -> float:
            return cache.setdefault(args[1 - forgotten], product(*args))

        with pytest.raises(CheckError, match="Something of an earlier call"):
            check_nothing_kept(cached, product, (2.0, 3.0), (5.0, 7.0), "a product")
    whole: dict[tuple[float, ...], float] = {}
    check_nothing_kept(
        lambda *args: whole.setdefault(args, product(*args)), product, (2.0, 3.0), (5.0, 7.0), "a product"
    )


def test_what_runs_on_from_call_to_call_is_found() -> None:
    mean = [2.0]

    def centred(x: float) -> float:
        mean[0] = 0.9 * mean[0] + 0.1 * x
        return x - mean[0]

    with pytest.raises(CheckError, match=KEEPS_RESULTS[:30]):
        check_nothing_kept(centred, lambda x: 0.0, (2.0,), (5.0,), "a difference")
