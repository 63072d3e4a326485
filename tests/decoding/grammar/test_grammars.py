"""Choices, characters in UTF-8, integer ranges and JSON documents."""

from __future__ import annotations

import json
import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utils.decoding.grammar import GrammarError, choices, json_document
from utils.decoding.grammar.automata import Grammar
from utils.decoding.grammar.characters import ANY, Characters, utf8
from utils.decoding.grammar.decimal_ranges import Bound, decimal_range
from utils.decoding.grammar.expressions import Expressions
from utils.decoding.grammar.integer_ranges import integer_range


def test_choices_accept_exactly_the_options() -> None:
    grammar = choices(["positive", "pos", "negative", "", "pos"])
    assert all(grammar.accepts(text) for text in ("positive", "pos", "negative", ""))
    assert not any(grammar.accepts(text) for text in ("po", "posi", "positives", "n", " pos"))


@pytest.mark.parametrize(
    ("options", "named"), [([], "at least one"), ("yes", "single text"), (["a", 3], "must be texts"), ([None], "texts")]
)
def test_choices_that_are_no_list_of_texts_are_refused(options: object, named: str) -> None:
    with pytest.raises(GrammarError, match=named):
        choices(options)  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 0x10FFFF), st.integers(0, 0x10FFFF)), min_size=1, max_size=4))
def test_a_set_of_characters_holds_their_bytes_and_no_others(bounds: list[tuple[int, int]]) -> None:
    members = Characters.of([(min(pair), max(pair)) for pair in bounds])
    e = Expressions()
    node = utf8(e, members)
    if node is e.nothing:
        assert all(0xD800 <= low <= high <= 0xDFFF for low, high in (sorted(pair) for pair in bounds))
        return
    grammar = Grammar(e, node)
    edges = {edge + step for pair in bounds for edge in pair for step in (-1, 0, 1)}
    for point in sorted(edges | {0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF}):
        if 0 <= point <= 0x10FFFF and not 0xD800 <= point <= 0xDFFF:
            assert grammar.accepts(chr(point)) == (chr(point) in members)


def test_any_character_is_every_valid_encoding_and_nothing_else() -> None:
    e = Expressions()
    grammar = Grammar(e, utf8(e, ANY))
    assert all(grammar.accepts(chr(point)) for point in range(0, 0xD800, 7))
    draws = random.Random(0)
    for _ in range(20_000):
        data = bytes(draws.choices(range(256), k=draws.randint(1, 4)))
        try:
            valid = len(data.decode()) == 1
        except UnicodeDecodeError:
            valid = False
        assert grammar.accepts(data) == valid, data
    for overlong in (b"\xc0\x80", b"\xe0\x80\x80", b"\xf0\x80\x80\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"):
        assert not grammar.accepts(overlong)


@pytest.mark.parametrize(
    ("low", "high"),
    [
        (0, 0),
        (1, 20),
        (-5, 5),
        (98, 102),
        (-120, -7),
        (0, 999),
        (7, None),
        (None, 7),
        (None, -7),
        (-7, None),
        (100, 1000),
    ],
)
def test_integer_ranges_hold_exactly_their_integers(low: int | None, high: int | None) -> None:
    e = Expressions()
    grammar = Grammar(e, integer_range(e, low, high))
    for value in [*range(-1500, 1500), 10**9, -(10**9)]:
        within = (low is None or value >= low) and (high is None or value <= high)
        assert grammar.accepts(str(value)) == within, value
    assert not any(grammar.accepts(text) for text in ("01", "-01", "", "-", "+1", "1.0", "1e2"))


def test_integer_ranges_with_many_digits() -> None:
    e = Expressions()
    low, high = 123456789012345678901234567890, 123456789012345679901234567890
    grammar = Grammar(e, integer_range(e, low, high))
    for value in (low - 1, low, low + 1, (low + high) // 2, high - 1, high, high + 1):
        assert grammar.accepts(str(value)) == (low <= value <= high)


BOUNDS = (None, "-12.5", "-1", "-0.05", "0", "0.5", "1", "1.25", "3", "20.105")


# What may follow a whole part.
POINTS = ("", ".0", ".05", ".050", ".049", ".0501", ".1", ".105", ".1051", ".10499", ".25", ".250", ".25001", ".5")
WHOLES = (0, 1, 2, 3, 12, 20, 21, 100)


@pytest.mark.parametrize("low", BOUNDS)
@pytest.mark.parametrize("high", BOUNDS)
@pytest.mark.parametrize("strict", [False, True])
def test_decimal_ranges_hold_exactly_their_numbers(low: str | None, high: str | None, strict: bool) -> None:
    lower, upper = (None if bound is None else Decimal(bound) for bound in (low, high))
    e = Expressions()
    node = decimal_range(
        e,
        None if lower is None else Bound(lower, strict),
        None if upper is None else Bound(upper, strict),
    )
    empty = lower is not None and upper is not None and (lower > upper or (strict and lower == upper))
    assert (node is e.nothing) == empty
    if empty:
        return
    grammar = Grammar(e, node)
    texts = {f"{sign}{whole}{point}" for sign in ("", "-") for whole in WHOLES for point in POINTS}
    for text in sorted(texts):
        value = Decimal(text)
        within = (lower is None or value > lower or (value == lower and not strict)) and (
            upper is None or value < upper or (value == upper and not strict)
        )
        if value == 0 and text.startswith("-"):
            within = within and (lower is None or lower < 0)
        assert grammar.accepts(text) == within, text
    assert not any(grammar.accepts(text) for text in ("01", "1.", ".5", "-", "+1", "1e2", "-01.5", ""))


def test_decimal_ranges_compare_every_digit_of_their_bounds() -> None:
    e = Expressions()
    text = "-123456789012345678901234567890123456.000000000000000000000000000000001"
    grammar = Grammar(e, decimal_range(e, Bound(Decimal(text)), Bound(Decimal(text))))
    assert grammar.accepts(text)
    assert not grammar.accepts(text[:-1])
    assert not grammar.accepts(text[:-1] + "2")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(JSON, st.booleans())
def test_every_json_value_is_a_document_however_it_is_spaced(value: object, ascii_only: bool) -> None:
    grammar = json_document()
    assert grammar.accepts(" \n" + json.dumps(value, indent=2, ensure_ascii=ascii_only) + "\t")
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=ascii_only)
    assert json_document(compact=True).accepts(text)
    state = grammar.start
    for character in text:
        following = grammar.advance(state, character)
        assert following is not None
        state = following


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "{",
        '{"a":}',
        '{"a":1,}',
        "[1,]",
        "[,1]",
        "{1:2}",
        "01",
        "1.",
        ".5",
        "+1",
        "NaN",
        "tru",
        "'a'",
        '"a',
        "{{",
    ],
)
def test_what_is_no_json_is_no_document(text: str) -> None:
    assert not json_document().accepts(text)


def test_half_a_surrogate_pair_is_no_character() -> None:
    grammar = json_document()
    assert grammar.accepts(r'"\uD83D\ude00"')
    assert not grammar.accepts(r'"\ud83d"')
    assert not grammar.accepts(r'"\ude00"')


def test_documents_nest_without_a_limit_and_stay_cheap() -> None:
    grammar = json_document()
    assert grammar.accepts("[" * 2000 + "]" * 2000)
    assert not grammar.accepts("[" * 2000 + "]" * 1999)
    assert not grammar.accepts("[" * 50 + "]" * 51)


def test_json_mode_may_ask_for_an_object() -> None:
    grammar = json_document(only_objects=True)
    assert grammar.accepts(' {"a": [1]} ')
    assert not grammar.accepts("[1]")
