"""Large counts, deep texts and odd values: refused with a sentence or done in time, and the grammar serves on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from utils.decoding.grammar import (
    Constraint,
    GrammarError,
    GrammarTooLargeError,
    TokenSpellings,
    UnsupportedPatternError,
    UnsupportedSchemaError,
    choices,
    json_document,
    json_schema,
    regular_expression,
)
from utils.decoding.grammar.automata import KEPT_STATES, Grammar
from utils.decoding.grammar.expressions import Expressions

BYTES = TokenSpellings([[None, *(bytes([byte]) for byte in range(256))]], [0])


def test_a_text_that_is_too_deep_leaves_the_grammar_as_it_was() -> None:
    grammar = json_document()
    with pytest.raises(GrammarTooLargeError, match="more than 100,000 states"):
        grammar.advance(grammar.start, "[" * 110_000)
    assert len(grammar) < 1000
    assert grammar.accepts('{"a": [1, {"b": null}]}')
    assert not grammar.accepts('{"a": [1, {"b": null}}')
    constraint = Constraint(grammar, BYTES)
    assert constraint.allowed(constraint.start)[ord("{") + 1]


def test_states_of_long_texts_are_given_back() -> None:
    grammar = json_document()
    for depth in range(6_000, 6_004):
        assert grammar.accepts("[" * depth + "]" * depth)
    assert len(grammar) < KEPT_STATES


def test_states_that_are_given_back_are_drawn_anew() -> None:
    e = Expressions()
    grammar = Grammar(e, e.sequence(e.repeat(e.literal("a"), 0, 50), e.literal("b")), state_limit=20)
    with pytest.raises(GrammarTooLargeError):
        grammar.accepts("a" * 30 + "b")
    for n in range(15):
        assert grammar.accepts("a" * n + "b")
        assert not grammar.accepts("a" * n)


@pytest.mark.parametrize("pattern", ["((a{1,100}){1,100}){1,100}", "(((a{0,50}b?){0,50}c?){0,50}d?){0,50}"])
def test_counts_within_counts_are_refused(pattern: str) -> None:
    with pytest.raises(UnsupportedPatternError, match="counts within each other"):
        regular_expression(pattern)
    with pytest.raises(UnsupportedSchemaError, match=r"\$\.pattern"):
        json_schema({"type": "string", "pattern": pattern})


def test_two_counts_within_each_other_say_when_a_text_has_too_many_readings() -> None:
    grammar = regular_expression("(a{1,100}){1,100}")
    with pytest.raises(GrammarTooLargeError, match="1,000 ways"):
        grammar.accepts("a" * 2000)
    assert grammar.accepts("aaa")
    assert regular_expression("([a-z]{1,63}[.]){1,100}").accepts("example." * 100)


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|a)*$", "^(a*)*b?$", "(x+x+)+y"])
def test_patterns_that_backtrack_without_end_elsewhere_are_read_once(pattern: str) -> None:
    long = "a" * 5000
    schema = {"pattern": pattern, "enum": [long, long + "!", "xxy", long + "b", 3]}
    grammar = json_schema(schema)
    assert not grammar.accepts(json.dumps(long + "!"))
    assert grammar.accepts("3")
    assert json_schema({"type": "string", "pattern": pattern}).accepts(json.dumps(long)) == ("y" not in pattern)


def test_two_conditions_that_take_too_long_to_compare_are_refused() -> None:
    with pytest.raises(UnsupportedSchemaError, match="followed for"):
        json_schema({"type": "string", "pattern": "^(..){3000}$", "minLength": 5_999, "maxLength": 5_999})


@pytest.mark.parametrize(
    ("schema", "keyword"),
    [
        ({"type": "integer", "maximum": 10**400}, "maximum"),
        ({"type": "number", "exclusiveMinimum": -(10**5000)}, "exclusiveMinimum"),
        ({"type": "number", "minimum": float("inf")}, "minimum"),
        ({"type": "number", "minimum": float("nan")}, "minimum"),
        ({"enum": ["a"], "minLength": -1}, "minLength"),
        ({"enum": ["a"], "pattern": "("}, "pattern"),
        ({"const": "a", "pattern": 3}, "pattern"),
        ({"enum": [1], "minimum": "a"}, "minimum"),
        ({"enum": [1], "multipleOf": 0}, "multipleOf"),
        ({"enum": [float("nan")]}, "enum"),
        ({"enum": ["\ud800"]}, "enum"),
        ({"const": {"\udfff": 1}}, "const"),
        ({"enum": [{1, 2}]}, "enum"),
        ({"type": "object", "properties": {"\ud800": True}}, "properties"),
        ({"type": "object", "required": ["\ud800"]}, "required"),
        ({"type": "object", "required": [3]}, "required"),
        ({"type": "object", "properties": [1]}, "properties"),
        ({"type": [["a"]]}, "type"),
        ({"$ref": 3}, "$ref"),
        ({"properties": {1: True}}, ""),
        ({"enum": [{"a": {2: 3}}]}, ""),
        ({"enum": [10**5000]}, "enum"),
    ],
)
def test_odd_values_are_refused_by_keyword(schema: dict[str, Any], keyword: str) -> None:
    with pytest.raises(UnsupportedSchemaError) as caught:
        json_schema(schema)
    assert caught.value.keyword == keyword, caught.value


def test_a_list_of_ten_thousand_values_is_a_tree() -> None:
    values = [f"value {n}" for n in range(10_000)]
    for grammar in (json_schema({"enum": values, "type": "string"}), choices([f'"{value}"' for value in values])):
        assert grammar.accepts('"value 777"')
        assert not grammar.accepts('"value 10000"')


def test_bounds_with_hundreds_of_digits_hold() -> None:
    grammar = json_schema({"type": "integer", "minimum": 10**300, "maximum": 10**308 + 5})
    for value, within in (
        (10**300 - 1, False),
        (10**300, True),
        (10**305, True),
        (10**308 + 5, True),
        (10**308 + 6, False),
    ):
        assert grammar.accepts(str(value)) == within
    assert json_schema({"type": "integer", "maximum": 1.7976931348623157e308}).accepts("9" * 308)


def test_strict_bounds_leave_out_digits_that_a_double_drops() -> None:
    grammar = json_schema({"type": "number", "exclusiveMaximum": 0.3})
    assert grammar.accepts("0.29999999999999")
    assert not grammar.accepts("0.299999999999999999999")


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb"])
def test_half_a_surrogate_pair_is_no_option(text: str) -> None:
    with pytest.raises(GrammarError, match="surrogate"):
        choices(["a", text])


@pytest.mark.parametrize("schema", [{"type": "string", "minLength": 10**400}, {"type": "string", "maxLength": 10**400}])
def test_lengths_beyond_any_text_are_counted(schema: dict[str, Any], spellings: TokenSpellings) -> None:
    constraint = Constraint(json_schema(schema), spellings)
    state = constraint.state_after_text('"abc')
    assert state is not None
    quote = spellings.variants[0].index(b'"')
    assert bool(constraint.allowed(state)[quote]) == ("maxLength" in schema)


def test_a_schema_text_with_a_number_of_thousands_of_digits_says_so() -> None:
    with pytest.raises(GrammarError, match="too long"):
        json_schema('{"maximum": ' + "9" * 5000 + "}")
