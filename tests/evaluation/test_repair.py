"""Repair loses nothing silently: whatever happens to a document, it comes back, or it is refused."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from utils.evaluation.repair import NotRepairableError, repair_json, repair_record
from utils.evaluation.schema_fitting import fit_to_schema
from utils.world import RECORD_SCHEMAS

# Letters that mean something to the mender come often.
TEXTS = st.text(st.sampled_from("ab1 ,:{}[]'\"\\`\n\té€\u2028"), max_size=8) | st.text(max_size=5)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
DOCUMENTS = st.recursive(
    st.dictionaries(TEXTS, LEAVES, max_size=3) | st.lists(LEAVES, max_size=3),
    lambda inner: st.dictionaries(TEXTS, inner | LEAVES, max_size=3) | st.lists(inner | LEAVES, max_size=3),
    max_leaves=6,
)
RECORDS = st.dictionaries(TEXTS, DOCUMENTS | LEAVES, min_size=1, max_size=3)
PROSE = st.sampled_from(["", "Sure! Here it is: ", "As in [1] and [2, 3]:\n", "It's {name}'s record, see [note]. "])


def tokens(value: Any, quote: str = '"', words: tuple[str, str, str] = ("null", "true", "false")) -> list[str]:
    """Return a document's tokens, its strings in one piece, in the quotes and the words wanted."""
    if isinstance(value, dict):
        parts = [[*tokens(name, quote), ":", *tokens(part, quote, words)] for name, part in value.items()]
    elif isinstance(value, list):
        parts = [tokens(part, quote, words) for part in value]
    elif value is None or isinstance(value, bool):
        return [words[0] if value is None else words[1] if value else words[2]]
    else:
        text = json.dumps(value)
        if isinstance(value, str) and quote == "'":
            text = "'" + text[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"
        return [text]
    joined = [token for place, part in enumerate(parts) for token in ([","] if place else []) + part]
    return ["{", *joined, "}"] if isinstance(value, dict) else ["[", *joined, "]"]


def contents(value: Any) -> Counter[str]:
    """Return all keys and plain values of a document with their numbers."""
    if isinstance(value, dict):
        found = Counter(f"key {name}" for name in value)
        return sum((contents(part) for part in value.values()), found)
    if isinstance(value, list):
        return sum((contents(part) for part in value), Counter())
    return Counter([f"value {json.dumps(value)}"])


@given(DOCUMENTS | LEAVES, st.booleans(), st.sampled_from([None, 1]))
def test_json_comes_back_as_it_was(value: Any, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert repair_json(text) == text


def test_json_that_pythons_reader_minds_comes_back_too() -> None:
    for text in ("[" + "1" * 5000 + "]", '{"a": 1, "a": 2}', "-0", ' "x" '):
        assert repair_json(text) == text


@given(RECORDS, PROSE, st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.integers(0, 10**6))
def test_what_the_contract_names_is_mended(
    value: Any, prose: str, fenced: bool, single: bool, python: bool, commas: bool, seed: int
) -> None:
    draws = random.Random(seed)
    pieces = tokens(value, "'" if single else '"', ("None", "True", "False") if python else ("null", "true", "false"))
    if commas:
        pieces = [
            ("," if piece in ("}", "]") and before not in ("{", "[") and draws.random() < 0.5 else "") + piece
            for before, piece in zip(["{", *pieces], pieces, strict=False)
        ]
    text = " ".join(pieces)
    text = f"{prose}```json\n{text}\n```\nThat is all." if fenced else f"{prose}{text} That is all."
    assert json.loads(repair_json(text)) == value


@given(RECORDS, st.booleans(), st.integers(1, 4), st.booleans())
def test_closing_brackets_missing_at_the_end_are_added(value: Any, single: bool, n: int, fenced: bool) -> None:
    pieces = tokens(value, "'" if single else '"')
    while n and pieces[-1] in ("}", "]"):
        pieces.pop()
        n -= 1
    text = " ".join(pieces)
    assert json.loads(repair_json(f"```json\n{text}\n```" if fenced else text)) == value


@given(RECORDS, TEXTS, st.booleans())
def test_a_quote_missing_at_the_end_is_added_or_the_text_refused(value: Any, last: str, fenced: bool) -> None:
    document = {**value, "last": last}
    text = " ".join(tokens(document))[: -len('" }')]
    try:
        mended = repair_json(f"```json\n{text}\n```" if fenced else text)
    except NotRepairableError:
        assert set(last) & set("{}[]")
    else:
        assert json.loads(mended) == document


@settings(max_examples=300)
@given(RECORDS, st.sampled_from(["remove", "exchange", "double"]), st.integers(0, 10**6))
def test_a_wrong_bracket_never_loses_a_key_or_a_value(value: Any, what: str, seed: int) -> None:
    pieces = tokens(value)
    place = random.Random(seed).choice([at for at, piece in enumerate(pieces) if piece in ("}", "]")])
    closer = pieces[place]
    pieces[place] = {"remove": "", "exchange": "}" if closer == "]" else "]", "double": closer * 2}[what]
    try:
        mended = repair_json(" ".join(pieces))
    except NotRepairableError:
        return
    assert contents(json.loads(mended)) == contents(value)


@settings(max_examples=300)
@given(st.text(st.sampled_from("{}[]\"':,`1a \n\\-tn"), max_size=30) | st.text(max_size=20))
def test_any_text_is_mended_into_json_or_refused(text: str) -> None:
    try:
        mended = repair_json(text)
    except NotRepairableError:
        return
    json.loads(mended)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('Sources [1], [2]: {"a": 1}', {"a": 1}),
        ('{"a": 1} (see [3])', {"a": 1}),
        ("Here: [{'a': 1}, {'b': 2}", [{"a": 1}, {"b": 2}]),
        ("The list [1, 2,] is short", [1, 2]),
        ('```json\n{"a": 1\n```\n}', {"a": 1}),
        ('```json\n{"a": [1\n```\nI hope this helps.', {"a": [1]}),
        ('```json\n{"a": "x\n```', {"a": "x"}),
        ('{"a": [1, 2}', {"a": [1, 2]}),
        ('{"x": {"a": [1, 2}, "b": 3}', {"x": {"a": [1, 2]}, "b": 3}),
        ('{"a": 1}}', {"a": 1}),
        ('{"a": 1,} or again {"a": 1}', {"a": 1}),
        ('Replace {name} in {"a": 1}', {"a": 1}),
        ('The "record": {"a": 1}', {"a": 1}),
    ],
)
def test_one_reading_is_mended(text: str, value: Any) -> None:
    assert json.loads(repair_json(text)) == value


@pytest.mark.parametrize(
    "text",
    [
        '{"a": [1, 2}, "b": 3}',
        '{"a": 1}, "b": 2}',
        '{"a": 1}\n"b": [3]',
        '{"x": {"a": [1, 2}, "b": 3}}',
        '{"x": {"a": [1, 2}, "b": 3',
        '"a": 1, "b": [2]',
        '{"a": {name}, "b": {"c": 1}}',
        '{"a": 1} {"b": 2}',
        '["a"] {"b": 2}',
        "[1] and [2]",
        '{"a": "x}',
        '{"a": "x, "b": 1}',
        '{"a": NaN}',
        '{"x": {"a": 1, "a": 2}',
        '{"a": "\\',
    ],
)
def test_several_readings_are_refused(text: str) -> None:
    with pytest.raises(NotRepairableError, match="text"):
        repair_json(text)


INTEGER = {"type": ["integer", "null"]}
CHOICE = {"enum": ["red", "Red", "green", 12]}


@pytest.mark.parametrize(
    ("value", "schema", "fitted"),
    [
        ("-5", INTEGER, -5),
        ("12", {"type": "integer"}, 12),
        ("12", {"type": "number"}, 12),
        ("1.5", {"type": "number"}, 1.5),
        ("-2.5e3", {"type": ["number", "null"]}, -2500.0),
        ("12.0", {"type": "integer"}, 12),
        ("12 coins", INTEGER, 12),
        ("$3", INTEGER, 3),
        ("12", {"type": ["integer", "string"]}, "12"),
        ("12", {"type": "string"}, "12"),
        ("1.5", {"type": "integer"}, "1.5"),
        ("5-6", INTEGER, "5-6"),
        ("A-5", INTEGER, "A-5"),
        ("12k", INTEGER, "12k"),
        ("2 million", INTEGER, "2 million"),
        ("1,000", INTEGER, "1,000"),
        ("1e999", {"type": "number"}, "1e999"),
        ("No Man's Land", {"type": ["string", "null"]}, "No Man's Land"),
        ("No Man's Land", INTEGER, "No Man's Land"),
        ("Nobody Important", {"type": ["string", "null"]}, "Nobody Important"),
        ("None", INTEGER, None),
        ("n/a", {"type": ["string", "null"]}, None),
        ("Red", CHOICE, "Red"),
        ("red", CHOICE, "red"),
        ("RED", CHOICE, "RED"),
        (" Green ", CHOICE, "green"),
        ("12", CHOICE, 12),
        (True, {"enum": [1]}, True),
        ("true", {"type": "boolean"}, True),
        ("false", {"type": ["string", "boolean"]}, "false"),
        (False, INTEGER, None),
        (["1", "x"], {"items": {"type": "integer"}}, [1, "x"]),
    ],
)
def test_a_value_is_bent_where_there_is_one_reading(value: Any, schema: dict, fitted: Any) -> None:
    found = fit_to_schema(value, schema)
    assert found == fitted
    assert type(found) is type(fitted)


def test_properties_are_dropped_only_where_the_schema_forbids_them() -> None:
    schema = {"type": "object", "properties": {"reward": INTEGER}, "required": ["reward", "other"]}
    assert fit_to_schema({"more": 1, "REWARD": "no reward"}, schema) == {"reward": None, "more": 1}
    assert fit_to_schema({"more": 1}, {**schema, "additionalProperties": False}) == {"reward": None}
    assert fit_to_schema({"reward": 1, "Reward": 2}, schema) == {"reward": 1, "Reward": 2}


def test_two_values_for_one_key_are_not_made_one() -> None:
    text = '{"reward": 1, "reward": 2}'
    assert repair_record(text, RECORD_SCHEMAS["notice"]) == text


NAMES = st.text("abcXYZ ", min_size=1, max_size=8).filter(lambda name: name.strip().casefold() not in ("", "no"))


@given(
    st.fixed_dictionaries(
        {"guest": NAMES, "town": NAMES, "nights": st.integers(1, 14), "companion": st.none() | NAMES},
        optional={"dish": NAMES},
    )
)
def test_a_valid_record_stays_as_it_is(record: dict) -> None:
    schema = RECORD_SCHEMAS["visit"]
    assert Draft202012Validator(schema).is_valid(record)
    assert fit_to_schema(record, schema) == record
