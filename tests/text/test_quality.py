from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.text import quality
from utils.text.filter_scores import filter_scores
from utils.text.quality import GOPHER_RULES, LINE_RULES, REPETITION_RULES, quality_failures

SENTENCE = "the harbour lies to the north of the old town and the boats that leave it have red sails"
PAGE = ". ".join([SENTENCE] * 4)


def test_plain_prose_passes_every_gopher_rule() -> None:
    assert quality_failures(PAGE, GOPHER_RULES + LINE_RULES) == []


def test_failures_come_in_the_order_of_the_rules() -> None:
    rules = [("b", lambda text: False), ("a", lambda text: True), ("c", lambda text: False)]
    assert quality_failures("x", rules) == ["b", "c"]
    assert quality_failures("x", rules[::-1]) == ["c", "b"]
    assert quality_failures("x", []) == []


@pytest.mark.parametrize(("n", "passes"), [(49, False), (50, True), (100_000, True), (100_001, False)])
def test_word_count_keeps_50_to_100000(n: int, passes: bool) -> None:
    assert quality.word_count("w " * n) is passes


@pytest.mark.parametrize(("word", "passes"), [("ab", False), ("abc", True), ("a" * 10, True), ("a" * 11, False)])
def test_mean_word_length_keeps_3_to_10(word: str, passes: bool) -> None:
    assert quality.mean_word_length(f"{word} {word}") is passes


@pytest.mark.parametrize("symbol", ["#", "...", "…"])
def test_symbol_ratio_allows_one_symbol_in_ten_words(symbol: str) -> None:
    assert quality.symbol_ratio("word " * 9 + "word" + symbol)
    assert not quality.symbol_ratio("word " * 9 + "word" + symbol + "x" + symbol)


def test_alphabetic_words_allows_one_number_in_five() -> None:
    assert quality.alphabetic_words("a b c d 1")
    assert not quality.alphabetic_words("a b c 1 2")


def test_stop_words_asks_for_two_different_ones_in_any_case() -> None:
    assert quality.stop_words("The cat, AND.")
    assert not quality.stop_words("the the the cat")
    assert not quality.stop_words("theory of")


def test_a_text_without_words_fails_the_word_rules() -> None:
    assert quality_failures(" \n", GOPHER_RULES) == [name for name, _ in GOPHER_RULES]


def test_line_rules_look_at_the_share_of_lines() -> None:
    assert quality_failures("- a\n- b\n" * 10, LINE_RULES) == ["bullet_lines"]
    assert quality_failures("read more...\nplain\nplain", LINE_RULES) == ["ellipsis_lines"]


def test_repetition_rules_find_repeated_lines_and_words() -> None:
    assert quality_failures("one line\n" * 5 + "another line here", REPETITION_RULES)[0] == "duplicate_lines"
    assert quality_failures("buy now " * 20, REPETITION_RULES) == ["top_bigram"]
    assert quality_failures("two words", REPETITION_RULES) == []


@given(st.text())
def test_rules_answer_true_or_false_on_any_text(text: str) -> None:
    for _, passes in GOPHER_RULES + LINE_RULES + REPETITION_RULES:
        assert passes(text) in (True, False)


def test_filter_scores_count_the_four_cases() -> None:
    scores = filter_scores([True, True, True, False, False], [True, True, False, True, False])
    assert (scores.precision, scores.recall, scores.dirty_recall) == (pytest.approx(2 / 3), pytest.approx(2 / 3), 0.5)
    assert (scores.n, scores.kept) == (5, 3)


def test_filter_scores_of_nothing_are_not_numbers() -> None:
    assert math.isnan(filter_scores([], []).precision)
    assert math.isnan(filter_scores([False], [False]).recall)
    with pytest.raises(ValueError, match="is_kept"):
        filter_scores([True], [])
