"""The tokenizer explorer's pure functions, on a vocabulary small enough to read."""

from __future__ import annotations

import pytest

from utils.notebook.widgets.tokenizer_explorer import (
    SHOWN,
    is_cut,
    read_text,
    readings_html,
    readings_text,
    tokenizer_explorer,
    tokens_html,
)
from utils.text.vocabularies import Token


class ByteVocabulary:
    """A token for each byte."""

    name, size = "bytes", 256

    def encode(self, text: str) -> list[int]:
        return list(text.encode())

    def decode_token(self, token_id: int) -> bytes:
        return bytes([token_id])


class CharacterVocabulary:
    """A token for each character."""

    name, size = "characters", 0x110000

    def encode(self, text: str) -> list[int]:
        return [ord(letter) for letter in text]

    def decode_token(self, token_id: int) -> bytes:
        return chr(token_id).encode()


BOTH = [ByteVocabulary(), CharacterVocabulary()]


def test_a_reading_counts_tokens_price_time_and_cut_characters():
    in_bytes, in_characters = read_text("nä!", BOTH, dollars_per_million=2.0, tokens_per_second=10.0)
    assert (len(in_bytes.tokens), in_bytes.cut_characters) == (4, 2)
    assert (len(in_characters.tokens), in_characters.cut_characters) == (3, 0)
    assert in_bytes.dollars == pytest.approx(8e-6)
    assert in_bytes.seconds == pytest.approx(0.4)


def test_bytes_of_a_cut_character_are_shown_in_hexadecimal():
    reading = read_text("ä", BOTH[:1], 1.0, 1.0)[0]
    assert [token.label for token in reading.tokens] == ["⟨C3⟩", "⟨A4⟩"]
    assert all(map(is_cut, reading.tokens))
    assert not is_cut(Token(1, "ä".encode(), "ä"))


def test_the_empty_text_has_no_tokens_and_costs_nothing():
    assert [(len(one.tokens), one.dollars, one.seconds) for one in read_text("", BOTH, 5.0, 5.0)] == [(0, 0, 0)] * 2


def test_markup_in_a_text_is_shown_and_not_obeyed():
    shown = tokens_html([Token(0, b"<script>", "<script>"), Token(1, b'"&', '"&')])
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert "&quot;&amp;" in shown
    assert shown.count("<span") == 2


def test_a_cut_token_is_marked_in_the_picture():
    whole, cut = tokens_html([Token(0, b"a", "a")]), tokens_html([Token(0, b"\xc3", "⟨C3⟩")])
    assert "dashed" in cut
    assert "dashed" not in whole
    assert "bytes C3" in cut


def test_the_table_has_a_row_for_each_vocabulary_and_says_when_tokens_are_left_out():
    text = readings_text(read_text("a" * 30, BOTH, 1.0, 1.0), most=5)
    assert [line.split()[0] for line in text.splitlines()[1:]] == ["bytes", "characters"]
    assert text.count("...") == 2
    html = readings_html(read_text("ab", BOTH, 1.0, 1.0))
    assert html.count("<tr") == 3
    assert html.count("2 tokens") == 2


def test_a_price_or_speed_that_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="dollars"):
        read_text("a", BOTH, -1.0, 1.0)
    with pytest.raises(ValueError, match="tokens_per_second"):
        read_text("a", BOTH, 1.0, 0.0)


def test_a_long_text_is_cut_in_the_picture_and_not_read_after_every_key():
    view = tokenizer_explorer(BOTH, "abc")
    field, table = view.children[0], view.children[-1]
    assert field.continuous_update
    field.value = "a" * 3000
    assert not field.continuous_update
    assert table.value.count("<span title") == 2 * SHOWN
    assert "3,000 tokens" in table.value
    assert f"and {3000 - SHOWN:,} more" in table.value
    field.value = "abc"
    assert field.continuous_update


def test_typing_and_picking_examples_change_the_view():
    view = tokenizer_explorer(BOTH, "abc", examples={"a longer one": "abcdefgh"})
    picker, field, table = view.children[0], view.children[1], view.children[-1]
    assert "3 tokens" in table.value
    field.value = "ab"
    assert "2 tokens" in table.value
    picker.value = "abcdefgh"
    assert field.value == "abcdefgh"
    assert "8 tokens" in table.value
