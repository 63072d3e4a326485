from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.text.bpe_by_hand import decode, encode, merge_pair, most_common_pair, token_bytes, train_bpe

texts_of_few_letters = st.lists(st.text(alphabet="ab cé", max_size=30), max_size=5)


def train_plainly(texts: list[str], n_merges: int) -> list[tuple[int, int]]:
    """BPE from the two plain functions, as a learner writes it."""
    sequences = [list(text.encode()) for text in texts]
    merges: list[tuple[int, int]] = []
    while len(merges) < n_merges:
        pair = most_common_pair(sequences)
        if pair is None or Counter(found for ids in sequences for found in pairwise(ids))[pair] < 2:
            break
        sequences = [merge_pair(ids, pair, 256 + len(merges)) for ids in sequences]
        merges.append(pair)
    return merges


def test_most_common_pair_counts_overlaps_and_breaks_ties_by_size() -> None:
    assert most_common_pair([[1, 1, 1], [2, 3]]) == (1, 1)
    assert most_common_pair([[5, 6, 2, 3]]) == (2, 3)


def test_pairs_do_not_span_sequences() -> None:
    assert most_common_pair([[1, 2], [1, 9], [2, 1]]) == (1, 2)
    assert most_common_pair([[1], [2], []]) is None


def test_merge_goes_left_to_right_without_overlap() -> None:
    assert merge_pair([1, 1, 1], (1, 1), 9) == [9, 1]
    assert merge_pair([1, 2, 1, 2, 1], (1, 2), 9) == [9, 9, 1]
    assert merge_pair([], (1, 2), 9) == []


def test_merge_leaves_its_input_alone() -> None:
    ids = [1, 2, 3]
    merge_pair(ids, (1, 2), 9)
    assert ids == [1, 2, 3]


@given(texts_of_few_letters, st.integers(0, 20))
def test_training_equals_the_plain_functions(texts: list[str], n_merges: int) -> None:
    assert train_bpe(texts, n_merges) == train_plainly(texts, n_merges)


def test_training_with_many_ids_equals_the_plain_functions(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "the cat sat on the mat, the cat ran after the rat that sat " * 3
    expected = train_plainly([text], 60)
    monkeypatch.setattr("utils.text.bpe_by_hand._DENSE_IDS", 0)
    assert train_bpe([text], 60) == expected


def test_training_stops_when_no_pair_occurs_twice() -> None:
    assert train_bpe(["abcd"], 10) == []
    assert len(train_bpe(["abab"], 10)) == 1
    assert train_bpe([], 3) == []
    assert train_bpe([""], 3) == []


def test_a_negative_number_of_merges_is_refused() -> None:
    with pytest.raises(ValueError, match="n_merges"):
        train_bpe(["a"], -1)


@given(texts_of_few_letters, st.text(max_size=40))
def test_encoding_round_trips_any_text(texts: list[str], text: str) -> None:
    merges = train_bpe(texts, 10)
    assert decode(encode(text, merges), merges) == text


@given(texts_of_few_letters.filter(lambda texts: any(texts)))
def test_encoding_the_training_text_repeats_the_training_merges(texts: list[str]) -> None:
    merges = train_bpe(texts, 15)
    for text in texts:
        ids = list(text.encode())
        for rank, pair in enumerate(merges):
            ids = merge_pair(ids, pair, 256 + rank)
        assert encode(text, merges) == ids


def test_token_bytes_spell_each_token() -> None:
    merges = train_bpe(["hello hello hello"], 5)
    tokens = token_bytes(merges)
    assert tokens[65] == b"A"
    assert len(tokens) == 256 + len(merges)
    assert b"".join(tokens[i] for i in encode("hello", merges)) == b"hello"


def test_an_undefined_id_is_refused_and_a_cut_character_is_marked() -> None:
    with pytest.raises(ValueError, match="256"):
        decode([256], [])
    assert decode([0xC3], []) == "\ufffd"
