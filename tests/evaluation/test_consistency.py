"""Agreement over runs, over meanings, and over ways to write a question."""

from __future__ import annotations

import math

import pytest

from utils.evaluation.consistency import consistency, semantic_clusters, semantic_entropy
from utils.evaluation.sensitivity import capital_flip, sensitivity


def test_consistency_is_the_share_of_agreeing_pairs_of_runs() -> None:
    assert consistency(["a", "a", "a", "b", "b", "c"]) == pytest.approx((3 + 1) / 15)
    assert consistency([[1, 2], [1, 2]]) == 1
    assert consistency([4, 5]) == 0


def entails(first: str, second: str) -> bool:
    """A text says what another does when it holds its words."""
    return set(first.split()) >= set(second.split())


def test_clusters_need_agreement_both_ways_with_the_first_member() -> None:
    answers = ["in Bern", "Bern in Europe", "Bern in", "Europe in Bern", "Rome"]
    assert semantic_clusters(answers, entails) == [[0, 2], [1, 3], [4]]


def test_agreement_that_is_not_transitive_is_not_chained() -> None:
    assert semantic_clusters([1, 2, 3, 4], lambda one, other: abs(one - other) <= 1) == [[0, 1], [2, 3]]


def test_semantic_entropy_is_that_of_the_clusters_in_nats() -> None:
    def same(one: str, other: str) -> bool:
        return one.lower() == other.lower()

    assert semantic_entropy(["yes", "Yes", "no", "NO"], same) == pytest.approx(math.log(2))
    assert semantic_entropy(["yes", "YES"], same) == 0


def test_a_flip_changes_one_letter_and_twice_gives_it_back() -> None:
    for prompt, place in (("who is it?", 4), ("WHO", 0), ("éclair", 0), ("at the end", 9)):
        flipped = capital_flip(prompt, place)
        assert [one != other for one, other in zip(prompt, flipped, strict=True)].index(True) == place
        assert capital_flip(flipped, place) == prompt


def test_sensitivity_asks_once_a_prompt_and_counts_pairs_that_differ() -> None:
    asked: list[str] = []

    def answer(prompt: str) -> int:
        asked.append(prompt)
        return len(prompt)

    assert sensitivity(answer, ["a", "b", "cc", "dd", "e"]) == pytest.approx(6 / 10)
    assert asked == ["a", "b", "cc", "dd", "e"]


@pytest.mark.parametrize(
    ("call", "names"),
    [
        (lambda: consistency(["a"]), "answers must hold two or more, not 1"),
        (lambda: consistency([]), "answers must hold two or more, not 0"),
        (lambda: semantic_clusters([], entails), "answers has no entries"),
        (lambda: semantic_entropy([], entails), "answers has no entries"),
        (lambda: capital_flip("to be", 2), "position 2 of prompt must be a letter of two cases, not ' '"),
        (lambda: capital_flip("straße", 4), "position 4 of prompt must be a letter of two cases, not 'ß'"),
        (lambda: capital_flip("to be", 5), "position must be at most 4, not 5"),
        (lambda: capital_flip("to be", -1), "position must not be negative"),
        (lambda: sensitivity(len, ["a"]), "prompts must hold two or more, not 1"),
    ],
)
def test_bad_input_gets_a_sentence(call, names: str) -> None:
    with pytest.raises(ValueError, match=names):
        call()
