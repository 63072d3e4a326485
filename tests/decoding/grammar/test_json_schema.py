"""JSON Schema: every accepted text is valid, every valid value in the stated form is accepted, the rest is named."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.decoding.grammar.random_schemas import random_schema
from tests.decoding.grammar.random_texts import random_text_of
from utils.decoding.grammar import GrammarError, UnsupportedSchemaError, json_schema, schema_from_text
from utils.world import RECORD_KINDS, RECORD_SCHEMAS, World, draw_record_tasks


@pytest.mark.parametrize("escapes", ["any", "needed"])
def test_every_accepted_text_is_valid(escapes: Any) -> None:
    written = 0
    for seed in range(150):
        draws = random.Random(seed)
        schema, _ = random_schema(draws)
        text = random_text_of(json_schema(schema, escapes=escapes), draws, limit=100)
        if text is not None:
            Draft202012Validator(schema).validate(json.loads(text))
            written += 1
    assert written > 140


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_every_valid_value_in_the_stated_form_is_accepted(separators: tuple[str, str]) -> None:
    for seed in range(300):
        draws = random.Random(seed)
        schema, write = random_schema(draws)
        grammar = json_schema(schema, separators=separators)
        for _ in range(3):
            value = write(draws)
            text = json.dumps(value, ensure_ascii=False, separators=separators)
            assert grammar.accepts(text), (seed, schema, text)


def test_the_schemas_of_records_accept_their_targets_and_nothing_beyond_their_bounds() -> None:
    compact = {kind: json_schema(RECORD_SCHEMAS[kind]) for kind in RECORD_KINDS}
    spaced = {kind: json_schema(RECORD_SCHEMAS[kind], separators=(", ", ": ")) for kind in RECORD_KINDS}
    for task in draw_record_tasks(World(seed=0), 300):
        assert spaced[task.kind].accepts(task.target)
        assert compact[task.kind].accepts(json.dumps(task.record, separators=(",", ":")))
    visit = '{"guest":"A","town":"B","nights":%s,"companion":%s}'
    assert compact["visit"].accepts(visit % ("14", "null"))
    assert not compact["visit"].accepts(visit % ("15", "null"))
    assert compact["visit"].accepts(visit % ("1", f'"{"é" * 40}"'))
    assert not compact["visit"].accepts(visit % ("1", f'"{"é" * 41}"'))


@pytest.mark.parametrize("character", ["a", "é", "語", "😀", r"\n", r"\u00e9", r"\ud83d\ude00", r"\""])
def test_lengths_count_characters_however_they_are_written(character: str) -> None:
    grammar = json_schema({"type": "string", "minLength": 2, "maxLength": 3})
    assert [grammar.accepts(f'"{character * n}"') for n in range(5)] == [False, False, True, True, False]


def test_a_pattern_is_found_anywhere_and_joined_with_the_lengths() -> None:
    grammar = json_schema({"type": "string", "pattern": "ab+", "minLength": 4, "maxLength": 5})
    assert [grammar.accepts(f'"{text}"') for text in ("xxab", "abbbb", "ab", "xabxxx", "xxxx", "xxxab")] == (
        [True, True, False, False, False, True]
    )
    assert grammar.advance(grammar.start, '"xxxx') is None  # no room is left for the pattern


@pytest.mark.parametrize(
    ("schema", "yes", "no"),
    [
        ({"type": ["integer", "null"], "minimum": 3}, ["3", "null"], ["2", "nul", '"3"']),
        ({"enum": [1, "a", None], "type": ["integer", "null"]}, ["1", "null"], ['"a"']),
        ({"enum": [1, 5, 9], "minimum": 4}, ["5", "9"], ["1"]),
        ({"const": {"a": [1, 2]}}, ['{"a":[1,2]}'], ['{"a": [1,2]}', '{"a":[1]}']),
        ({"const": False}, ["false"], ["0", "true"]),
        ({"type": "integer", "exclusiveMinimum": 2, "exclusiveMaximum": 4.5}, ["3", "4"], ["2", "5"]),
        ({"type": "array", "items": {"type": "null"}, "maxItems": 0}, ["[]"], ["[null]"]),
        ({"type": "array"}, ["[]", '[1,{"a":[]}]'], ["[1, 2]", "{}"]),
        ({"type": "object"}, ["{}", '{"a":1,"b":[]}'], ["[]", '{"a":1,}']),
        (True, ['{"a":[1,null]}', "3"], ["", "{a}"]),
        ({"title": "anything", "description": "at all"}, ["[]"], []),
        ({"type": "number", "minimum": 0, "exclusiveMaximum": 1.5}, ["0", "1.49", "0.0"], ["-1", "1.5", "1e-1"]),
        ({"type": ["integer", "number"], "minimum": 2}, ["2", "2.5"], ["1.9"]),
        ({"anyOf": [{"type": "integer"}, {"type": "number"}]}, ["1", "1.5"], ["a"]),
    ],
)
def test_texts_in_and_out_of_a_schema(schema: Any, yes: list[str], no: list[str]) -> None:
    grammar = json_schema(schema)
    assert [text for text in yes if not grammar.accepts(text)] == []
    assert [text for text in no if grammar.accepts(text)] == []


def test_optional_properties_may_be_missing_in_every_combination_and_keep_their_order() -> None:
    names = ("a", "b", "c", "d")
    schema = {"type": "object", "properties": {name: {"type": "null"} for name in names}, "required": ["c"]}
    grammar = json_schema(schema)
    for bits in range(16):
        present = [name for i, name in enumerate(names) if bits >> i & 1]
        text = json.dumps(dict.fromkeys(present), separators=(",", ":"))
        assert grammar.accepts(text) == ("c" in present)
    assert not grammar.accepts('{"c":null,"a":null}')
    assert not grammar.accepts('{"c":null,"c":null}')


@pytest.mark.parametrize(
    ("schema", "path", "keyword"),
    [
        ({"type": "object", "properties": {"a": {"contains": {"type": "null"}}}}, "$.properties.a", "contains"),
        ({"type": "array", "items": {"type": "array", "uniqueItems": True}}, "$.items", "uniqueItems"),
        ({"anyOf": [{"type": "null"}, {"oneOf": []}]}, "$.anyOf[1]", "oneOf"),
        ({"$ref": "#/x"}, "$", "$ref"),
        ({"type": "object", "additionalProperties": 3}, "$.additionalProperties", ""),
        ({"type": "object", "additionalProperties": False, "required": ["b"]}, "$.additionalProperties", ""),
        ({"type": "text"}, "$", "type"),
        ({"type": []}, "$", "type"),
        ({"minLength": -3}, "$", "minLength"),
        ({"type": "integer", "maxLength": "3"}, "$", "maxLength"),
        ({"type": "integer", "multipleOf": 0.3}, "$", "multipleOf"),
        ({"type": "string", "minLength": -1}, "$", "minLength"),
        ({"type": "string", "minLength": 5, "maxLength": 3}, "$", "maxLength"),
        ({"type": "string", "pattern": "(?=a)"}, "$", "pattern"),
        ({"type": "string", "pattern": "^abc$", "maxLength": 2}, "$", "pattern"),
        ({"type": "integer", "minimum": 5, "maximum": 3}, "$", "maximum"),
        ({"type": "integer", "minimum": "5"}, "$", "minimum"),
        ({"type": "number", "exclusiveMinimum": 3, "maximum": 3}, "$", "maximum"),
        ({"enum": []}, "$", "enum"),
        ({"enum": [1], "type": "string"}, "$", "enum"),
        ({"enum": "abc"}, "$", "enum"),
        ({"anyOf": []}, "$", "anyOf"),
        ({"type": "array", "items": 3}, "$.items", ""),
        ({"type": "object", "properties": {"a": False}, "required": ["a"]}, "$.properties.a", ""),
        ({"type": "array", "minItems": True}, "$", "minItems"),
    ],
)
def test_what_is_outside_the_subset_is_named_with_its_path(schema: Any, path: str, keyword: str) -> None:
    with pytest.raises(UnsupportedSchemaError) as caught:
        json_schema(schema)
    assert (caught.value.path, caught.value.keyword) == (path, keyword)
    assert f"{path}.{keyword}".rstrip(".") in str(caught.value)


def test_a_schema_nested_without_end_is_refused() -> None:
    schema: dict[str, Any] = {"type": "null"}
    for _ in range(100):
        schema = {"type": "array", "items": schema}
    with pytest.raises(UnsupportedSchemaError, match="deep"):
        json_schema(schema)


@pytest.mark.parametrize("text", ["", "{", '{"type": "str', '{"type": "string",}', "[" * 100_000])
def test_a_schema_that_is_not_yet_json_says_so(text: str) -> None:
    with pytest.raises(GrammarError, match="schema's text"):
        schema_from_text(text)
    with pytest.raises(GrammarError, match="schema's text"):
        json_schema(text)


def test_a_schema_may_come_as_text() -> None:
    assert json_schema('{"type": "boolean"}').accepts("true")


@pytest.mark.parametrize("options", [{"separators": (";", ":")}, {"separators": ","}, {"escapes": "some"}])
def test_unknown_forms_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(GrammarError):
        json_schema({"type": "null"}, **options)
