from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.text.duplicates import jaccard, near_duplicates, shingles
from utils.text.mixtures import mixture_weights

short_texts = st.lists(st.lists(st.sampled_from("abcd"), max_size=8).map(" ".join), max_size=8)
sizes_of_sources = st.dictionaries(st.text(max_size=3), st.floats(0, 1e18), min_size=1)


def test_shingles_are_lower_cased_word_ngrams() -> None:
    assert shingles("The  cat\nsat The CAT sat", 2) == {("the", "cat"), ("cat", "sat"), ("sat", "the")}


def test_a_short_text_is_one_shingle() -> None:
    assert shingles("Two words", 3) == {("two", "words")}
    assert shingles("a b c", 3) == {("a", "b", "c")}


def test_shingles_of_no_word_are_refused() -> None:
    with pytest.raises(ValueError, match="n is 0"):
        shingles("text", 0)


def test_jaccard_divides_the_shared_by_the_union() -> None:
    assert jaccard({1, 2, 3}, {2, 3, 4}) == 0.5
    assert jaccard(set(), set()) == 1.0
    assert jaccard({1}, set()) == 0.0


@given(short_texts, st.integers(1, 3), st.sampled_from([0.0, 0.25, 0.5, 0.8, 1.0]))
def test_near_duplicates_equal_the_comparison_of_all_pairs(texts: list[str], n: int, threshold: float) -> None:
    sets = [shingles(text, n) for text in texts]
    expected = [
        (i, j) for i in range(len(texts)) for j in range(i + 1, len(texts)) if jaccard(sets[i], sets[j]) >= threshold
    ]
    assert near_duplicates(texts, n, threshold) == expected


def test_a_changed_word_in_a_long_text_is_still_a_near_duplicate() -> None:
    text = " ".join(f"word{i}" for i in range(100))
    assert near_duplicates([text, "something else entirely here", text.replace("word50", "new")]) == [(0, 2)]


def test_alpha_one_is_natural_and_zero_uniform_over_what_is_there() -> None:
    sizes = {"en": 900, "sw": 100, "none": 0}
    assert mixture_weights(sizes, 1) == pytest.approx({"en": 0.9, "sw": 0.1, "none": 0.0})
    assert mixture_weights(sizes, 0) == pytest.approx({"en": 0.5, "sw": 0.5, "none": 0.0})
    assert mixture_weights(sizes, 0.5) == pytest.approx({"en": 0.75, "sw": 0.25, "none": 0.0})


@given(sizes_of_sources.filter(lambda sizes: any(sizes.values())), st.floats(0, 5))
def test_weights_sum_to_one_and_keep_the_order_of_sizes(sizes: dict[str, float], alpha: float) -> None:
    weights = mixture_weights(sizes, alpha)
    assert sum(weights.values()) == pytest.approx(1)
    ordered = sorted((size, weights[source]) for source, size in sizes.items() if size > 0)
    assert all(a[1] <= b[1] * (1 + 1e-12) for a, b in pairwise(ordered))


@pytest.mark.parametrize(("sizes", "name"), [({"a": -1}, "'a'"), ({"a": 0}, "above 0"), ({}, "above 0")])
def test_sizes_that_give_no_weights_are_refused(sizes: dict[str, float], name: str) -> None:
    with pytest.raises(ValueError, match=name):
        mixture_weights(sizes, 1)
