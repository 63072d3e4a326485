from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.text.premium import generation_seconds, median_tokens, price, token_premium
from utils.text.representation import representation_ratio


def test_ratio_reproduces_the_published_extremes() -> None:
    assert representation_ratio(113, 0.0061) == pytest.approx(231.56, abs=0.005)
    assert representation_ratio(1452, 45.88) == pytest.approx(0.40, abs=0.005)


def test_a_language_without_data_is_infinitely_under_represented() -> None:
    assert representation_ratio(5, 0) == math.inf


@given(st.floats(0.1, 5000), st.floats(1e-4, 100), st.floats(1000, 20_000))
def test_ratio_is_one_when_the_shares_are_equal(speakers: float, share: float, world: float) -> None:
    assert representation_ratio(world * share / 100, share, world) == pytest.approx(1)
    assert representation_ratio(2 * speakers, share, world) == pytest.approx(
        2 * representation_ratio(speakers, share, world)
    )


@pytest.mark.parametrize(
    ("arguments", "name"),
    [((-1, 1), "speakers_millions"), ((1, -1), "share_percent"), ((1, 1, 0), "world_millions"), ((math.nan, 1), "spe")],
)
def test_impossible_numbers_are_refused_by_name(arguments: tuple[float, ...], name: str) -> None:
    with pytest.raises(ValueError, match=name):
        representation_ratio(*arguments)


def test_premium_is_a_ratio_of_medians_not_of_means() -> None:
    texts = {"en": ["aa", "aaa", "a" * 100], "my": ["a" * 6, "a" * 9, "a" * 10]}
    assert token_premium(texts, list) == {"en": 1.0, "my": 3.0}


def test_another_base_gets_one() -> None:
    premium = token_premium({"a": ["xx"], "b": ["xxxx"]}, list, base="b")
    assert premium == {"a": 0.5, "b": 1.0}


@pytest.mark.parametrize(
    ("texts", "message"),
    [({"de": ["x"]}, "base"), ({"en": ["x"], "de": []}, "de"), ({"en": ["x"], "de": ["x", "y"]}, "not parallel")],
)
def test_texts_that_are_not_parallel_are_refused(texts: dict[str, list[str]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        token_premium(texts, list)


def test_no_texts_at_all_and_empty_base_texts_are_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        token_premium({"en": [], "de": []}, list)
    with pytest.raises(ValueError, match="0 tokens"):
        token_premium({"en": [""], "de": ["a"]}, list)
    with pytest.raises(ValueError, match="empty"):
        median_tokens({"en": []}, list)


def test_price_and_time_are_proportional_to_tokens() -> None:
    assert price(2_000_000, 1.5) == pytest.approx(3.0)
    assert generation_seconds(72, 10) / generation_seconds(7, 10) == pytest.approx(72 / 7)
    with pytest.raises(ValueError, match="tokens_per_second"):
        generation_seconds(1, 0)
    with pytest.raises(ValueError, match="n_tokens"):
        price(-1, 1)
