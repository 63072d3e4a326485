"""Token by token: the course's masks are llguidance's, on SmolLM2's 49,152 tokens.

llguidance is asked for the same language: no white space (`whitespace_flexible` false), and every tokenization of a
text that the grammar forces rather than the usual one only (`no_forcing`). The course is asked for the escapes that
llguidance writes (`escapes="needed"`). The tests named `test_difference_...` hold what remains different, and why.
"""

from __future__ import annotations

import itertools
import json
import random
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from tests.decoding.grammar.conftest import END
from tests.decoding.grammar.random_patterns import random_pattern, random_words
from tests.decoding.grammar.random_schemas import random_schema
from utils.decoding.grammar import Constraint, TokenSpellings, choices, json_document, json_schema, regular_expression

llguidance = pytest.importorskip("llguidance")

N_SCHEMAS = 220
N_PATTERNS = 120


def schema_grammar(schema: dict[str, Any] | bool) -> str:
    compact = {**(schema if isinstance(schema, dict) else {}), "x-guidance": {"whitespace_flexible": False}}
    return '%llguidance {"no_forcing": true}\nstart: %json ' + json.dumps(compact)


def pattern_grammar(pattern: str) -> str:
    return '%llguidance {"no_forcing": true}\nstart: /' + llguidance.regex_to_lark(pattern, "dws") + "/"


def mismatch(constraint: Constraint, tokenizer: Any, grammar: str, ids: list[int]) -> str:
    """Follow one text and compare the allowed tokens before each token and at the end; say how they differ."""
    matcher = llguidance.LLMatcher(tokenizer, grammar)
    assert not matcher.is_error(), matcher.get_error()
    state = constraint.start
    for position, token in enumerate([*ids, END]):
        bits = np.unpackbits(np.frombuffer(matcher.compute_bitmask(), dtype=np.uint8), bitorder="little")
        theirs = bits[: tokenizer.vocab_size].astype(bool)
        ours = constraint.allowed(state).numpy()
        text = constraint.spellings.spell(ids[:position])
        if (ours != theirs).any():
            differing = np.flatnonzero(ours != theirs)[:5].tolist()
            listed = [(constraint.spellings.variants[0][i], bool(ours[i])) for i in differing]
            return f"after {text!r} (token, allowed by the course): {listed}"
        if not ours[token]:
            return f"after {text!r} neither allows {constraint.spellings.variants[0][token]!r}"
        if token != END:
            following = constraint.advance(state, token)
            assert following is not None
            state = following
            assert matcher.consume_token(token)
    return ""


def compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def random_ids(draws: random.Random, smollm2: Any, text: str) -> list[int]:
    """Return ids of a text: its usual tokens, or those of random pieces of it, which end where no word does."""
    if draws.random() < 0.5:
        return smollm2.encode(text, add_special_tokens=False).ids
    cuts = sorted({0, len(text), *(draws.randint(0, len(text)) for _ in range(len(text) // 3))})
    pieces = [text[a:b] for a, b in itertools.pairwise(cuts)]
    return [index for piece in pieces for index in smollm2.encode(piece, add_special_tokens=False).ids]


def test_masks_of_random_schemas_are_those_of_llguidance(
    smollm2: Any, spellings: TokenSpellings, ll_tokenizer: Any
) -> None:
    n_tokens = 0
    for seed in range(N_SCHEMAS):
        draws = random.Random(seed)
        schema, write = random_schema(draws)
        constraint = Constraint(json_schema(schema, escapes="needed"), spellings)
        for _ in range(2):
            value = write(draws)
            Draft202012Validator(schema).validate(value)
            ids = random_ids(draws, smollm2, compact(value))
            found = mismatch(constraint, ll_tokenizer, schema_grammar(schema), ids)
            assert not found, f"seed {seed}, {compact(schema)}: {found}"
            n_tokens += len(ids) + 1
    assert n_tokens > 20 * N_SCHEMAS


TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
COMBINED: tuple[tuple[dict[str, Any], Any], ...] = (
    ({"type": "object", "properties": {"a": WHOLE}}, {"a": 1, "b": [1, {"c": None}], "ab": "x"}),
    (
        {"type": "object", "properties": {"name": TEXT, "sub": {"type": "object"}}},
        {"name": "é", "sub": {"x": 1}, "n": 2},
    ),
    ({"type": "object", "additionalProperties": WHOLE}, {"x y": 1, "z": -3}),
    (
        {"type": "object", "properties": {"id": WHOLE}, "required": ["id", "tag"], "additionalProperties": TEXT},
        {"id": 1, "tag": "a", "t": "b"},
    ),
    ({"properties": {"a": WHOLE}}, {"a": 1}),
    ({"type": "object", "patternProperties": {"^x-": WHOLE}, "additionalProperties": False}, {"x-a": 1, "x-": 2}),
    ({"properties": {"a": WHOLE}, "patternProperties": {"^x-": WHOLE}}, {"a": 1, "x-a": 1, "y": "t"}),
    ({"type": "array", "prefixItems": [TEXT, WHOLE], "items": {"type": "null"}}, ["a", 1, None, None]),
    ({"type": "array", "prefixItems": [TEXT, WHOLE], "minItems": 1, "maxItems": 3}, ["a", 1, True]),
    ({"anyOf": [TEXT, {"type": "array", "items": WHOLE}, {"required": ["k"], "type": "object"}]}, {"k": "v", "z": 1}),
    ({"oneOf": [TEXT, {"type": "null"}]}, "abc"),
    ({"$defs": {"n": {"minimum": 0, "type": "integer"}}, "type": "array", "items": {"$ref": "#/$defs/n"}}, [1, 20]),
    (
        {"type": "object", "properties": {"v": WHOLE, "next": {"$ref": "#"}}, "additionalProperties": False},
        {"v": 1, "next": {"next": {"v": 2}}},
    ),
    ({"allOf": [{"type": "integer", "minimum": 0}, {"maximum": 10}]}, 7),
    ({"type": "string", "maxLength": 100}, 'some words and "quotes"'),
)


@pytest.mark.parametrize(("schema", "value"), COMBINED)
def test_masks_of_combined_schemas_are_those_of_llguidance(
    schema: dict[str, Any], value: Any, smollm2: Any, spellings: TokenSpellings, ll_tokenizer: Any
) -> None:
    constraint = Constraint(json_schema(schema, escapes="needed"), spellings)
    for seed in range(2):
        ids = random_ids(random.Random(seed), smollm2, compact(value))
        assert not mismatch(constraint, ll_tokenizer, schema_grammar(schema), ids)


def test_masks_of_random_patterns_are_those_of_llguidance(
    smollm2: Any, spellings: TokenSpellings, ll_tokenizer: Any
) -> None:
    for seed in range(N_PATTERNS):
        draws = random.Random(seed)
        pattern, write = random_pattern(draws)
        ids = random_ids(draws, smollm2, write(draws))
        constraint = Constraint(regular_expression(pattern), spellings)
        found = mismatch(constraint, ll_tokenizer, pattern_grammar(pattern), ids)
        assert not found, f"seed {seed}, {pattern!r}: {found}"


def test_masks_of_random_choices_are_those_of_llguidance(
    smollm2: Any, spellings: TokenSpellings, ll_tokenizer: Any
) -> None:
    for seed in range(40):
        draws = random.Random(seed)
        options = random_words(draws)
        grammar = '%llguidance {"no_forcing": true}\nstart: ' + " | ".join(json.dumps(option) for option in options)
        ids = random_ids(draws, smollm2, draws.choice(options))
        found = mismatch(Constraint(choices(options), spellings), ll_tokenizer, grammar, ids)
        assert not found, f"seed {seed}, {options}: {found}"


@pytest.mark.parametrize("value", [{"a": [1, {"b": None}], "c é": "x\ny"}, [[[]], {}, -0.5e-3, True], "text", 12])
def test_masks_of_any_json_value_are_those_of_llguidance(
    value: Any, smollm2: Any, spellings: TokenSpellings, ll_tokenizer: Any
) -> None:
    constraint = Constraint(json_document(compact=True, escapes="needed"), spellings)
    ids = smollm2.encode(compact(value), add_special_tokens=False).ids
    assert not mismatch(constraint, ll_tokenizer, schema_grammar({}), ids)


def test_spaces_after_separators_are_those_of_llguidance(
    smollm2: Any, spellings: TokenSpellings, ll_tokenizer: Any
) -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "array", "items": {"type": "integer"}}, "b": {"type": "string"}},
        "additionalProperties": False,
    }
    spaced = {**schema, "x-guidance": {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}}
    constraint = Constraint(json_schema(schema, separators=(", ", ": "), escapes="needed"), spellings)
    ids = smollm2.encode('{"a": [1, 23, -4], "b": "c, d: e"}').ids
    grammar = '%llguidance {"no_forcing": true}\nstart: %json ' + json.dumps(spaced)
    assert not mismatch(constraint, ll_tokenizer, grammar, ids)


def llguidance_accepts(tokenizer: Any, grammar: str, text: str) -> bool:
    matcher = llguidance.LLMatcher(tokenizer, grammar)
    ids = tokenizer.greedy_tokenize(text)
    return matcher.try_consume_tokens(ids) == len(ids) and matcher.is_accepting()


def test_difference_escaped_characters_count_for_a_pattern(ll_tokenizer: Any) -> None:
    """A pattern without quotes refuses an escaped quote, which JSON Schema's validators refuse too."""
    schema = {"type": "string", "pattern": '^[^"]*$'}
    text = r'"say \"so\""'
    assert not Draft202012Validator(schema).is_valid(json.loads(text))
    assert not json_schema(schema, escapes="needed").accepts(text)
    assert llguidance_accepts(ll_tokenizer, schema_grammar(schema), text)


@pytest.mark.parametrize(("pattern", "character"), [("^.$", "\u2028"), (r"^\S$", "\ufeff")])
def test_difference_only_what_a_pattern_means_in_every_reading(pattern: str, character: str, ll_tokenizer: Any) -> None:
    """JavaScript ends a line at U+2028 and counts U+FEFF as white space; llguidance does not."""
    schema = {"type": "string", "pattern": pattern}
    text = json.dumps(character, ensure_ascii=False)
    assert not json_schema(schema, escapes="needed").accepts(text)
    assert llguidance_accepts(ll_tokenizer, schema_grammar(schema), text)


def test_difference_fixed_texts_have_one_spelling(ll_tokenizer: Any) -> None:
    """Values of enum and const are written as json.dumps does; llguidance also takes \\u0009 for \\t."""
    schema = {"enum": ["a\tb"]}
    for text, ours in ((r'"a\tb"', True), (r'"a\u0009b"', False)):
        assert json_schema(schema, escapes="needed").accepts(text) == ours
        assert llguidance_accepts(ll_tokenizer, schema_grammar(schema), text)


@pytest.mark.parametrize("bound", [{"minimum": -5}, {"maximum": 5}])
def test_difference_minus_zero_where_negative_numbers_have_one_bound(bound: dict[str, int], ll_tokenizer: Any) -> None:
    """-0 is 0: the course allows it wherever both 0 and negative numbers are; llguidance not with one bound only."""
    schema = {"type": "integer", **bound}
    assert json_schema(schema).accepts("-0")
    assert not llguidance_accepts(ll_tokenizer, schema_grammar(schema), "-0")
    both = {"type": "integer", "minimum": -5, "maximum": 5}
    assert json_schema(both).accepts("-0")
    assert llguidance_accepts(ll_tokenizer, schema_grammar(both), "-0")


def test_difference_zeros_at_the_end_of_a_bounded_number(ll_tokenizer: Any) -> None:
    """1.500 is 1.5 and so at most 1.5; llguidance takes a bound's own digits only."""
    schema = {"type": "number", "minimum": 0, "maximum": 1.5}
    for text, theirs in (("1.5", True), ("1.49", True), ("1.500", False)):
        assert Draft202012Validator(schema).is_valid(json.loads(text))
        assert json_schema(schema).accepts(text)
        assert llguidance_accepts(ll_tokenizer, schema_grammar(schema), text) == theirs


@pytest.mark.parametrize("text", [r'"\u00e9"', r'"\/"', r'"\ud83d\ude00"', '"\x7f"'])
def test_difference_any_escape_of_the_standard(text: str, ll_tokenizer: Any) -> None:
    """With `escapes="any"` the course allows every way to write a character; llguidance only the needed escapes."""
    assert json_schema({"type": "string"}).accepts(text)
    assert not json_schema({"type": "string"}, escapes="needed").accepts(text)
    assert not llguidance_accepts(ll_tokenizer, schema_grammar({"type": "string"}), text)
