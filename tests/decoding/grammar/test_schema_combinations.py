"""Keywords that combine schemas or say which members an object may have: texts in and out, and what is refused."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.decoding.grammar.random_texts import random_text_of
from utils.decoding.grammar import UnsupportedSchemaError, json_schema

TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
TREE = {"type": "object", "properties": {"value": WHOLE, "left": {"$ref": "#"}}, "additionalProperties": False}
CIRCLE = {"properties": {"kind": {"const": "circle"}, "radius": WHOLE}, "required": ["kind"]}
SQUARE = {"properties": {"kind": {"const": "square"}, "side": WHOLE}, "required": ["kind"]}
# Schema, texts that are accepted, texts that are not.
CASES: tuple[tuple[dict[str, Any], list[str], list[str]], ...] = (
    (
        {"type": "object", "properties": {"a": WHOLE}},
        ["{}", '{"a":1,"b":[]}', '{"ab":1}'],
        ['{"b":1,"a":2}', '{"a":""}'],
    ),
    ({"type": "object", "additionalProperties": WHOLE}, ["{}", '{"x":1,"y":2}'], ['{"x":""}']),
    ({"properties": {"a": TEXT}, "required": ["a", "z"]}, ['{"a":"","z":null}', "3"], ['{"a":""}', '{"z":1,"a":""}']),
    ({"type": "object", "patternProperties": {"^x-": WHOLE}}, ['{"x-a":1,"y":""}'], ['{"x-a":""}', '{"x-":null}']),
    (
        {"type": "object", "patternProperties": {"^x": WHOLE}, "additionalProperties": False, "required": ["xa"]},
        ['{"xa":1}', '{"xa":1,"xb":2}'],
        ["{}", '{"xa":1,"y":2}', '{"xb":1}'],
    ),
    ({"type": "object", "minProperties": 1}, ['{"":0}'], ["{}"]),
    (
        {"type": "object", "maxProperties": 1, "properties": {"a": WHOLE}},
        ["{}", '{"a":1}', '{"b":1}'],
        ['{"a":1,"b":1}'],
    ),
    (
        {"type": "object", "properties": {"a": WHOLE, "b": WHOLE, "c": WHOLE}, "minProperties": 2, "maxProperties": 2},
        ['{"a":1,"c":1}', '{"b":1,"x":1}'],
        ['{"a":1}', '{"x":1,"y":1}', '{"a":1,"b":1,"c":1}'],
    ),
    ({"type": "object", "propertyNames": {"pattern": "^[a-z]+$"}}, ['{"ab":1}'], ['{"A":1}', '{"":1}']),
    ({"type": "object", "properties": {"a": False}}, ["{}", '{"b":1}'], ['{"a":1}', r'{"\u0061":1}']),
    ({"allOf": [{"type": "integer", "minimum": 3}, {"maximum": 5}]}, ["3", "5"], ["2", "6", '""']),
    (
        {
            "allOf": [{"properties": {"a": TEXT}, "additionalProperties": False}, {"properties": {"b": WHOLE}}],
            "type": "object",
        },
        ["{}", '{"a":""}'],
        ['{"b":1}', '{"a":"","b":1}'],
    ),
    ({"type": "string", "anyOf": [{"maxLength": 1}, {"pattern": "^ab"}]}, ['""', '"a"', '"abc"'], ['"ba"', "1"]),
    ({"oneOf": [TEXT, {"type": "null"}, {"type": "array", "items": WHOLE}]}, ['"a"', "null", "[1]"], ["1", '[""]']),
    ({"oneOf": [CIRCLE, SQUARE], "type": "object"}, ['{"kind":"circle","radius":1}'], ["{}", '{"kind":"line"}']),
    (
        {"type": "object", "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
        ['{"a":1}', '{"b":1}', '{"b":1,"c":2}'],
        ["{}", '{"a":1,"b":1}', '{"c":1}'],
    ),
    ({"oneOf": [{"type": "integer"}, {"enum": [1, "a"]}]}, ["2", '"a"'], ["1", '"b"']),
    ({"type": ["string", "null"], "not": {"enum": ["a", None]}}, ['"b"', '"ab"'], ['"a"', "null", r'"\u0061"']),
    ({"type": "object", "not": {"required": ["a"]}}, ["{}", '{"b":1}'], ['{"a":1}']),
    (
        {"type": "object", "if": CIRCLE, "then": {"required": ["radius"]}, "else": {"required": ["side"]}},
        ['{"kind":"circle","radius":1}', '{"side":""}'],
        ['{"kind":"circle"}', '{"kind":"circle","side":1}'],
    ),
    ({"type": "object", "dependentRequired": {"a": ["b"]}}, ["{}", '{"a":1,"b":1}', '{"b":1}'], ['{"a":1}']),
    (
        {"$defs": {"n": {"type": "integer", "minimum": 0}}, "type": "array", "items": {"$ref": "#/$defs/n"}},
        ["[]", "[1,2]"],
        ["[-1]", '[""]'],
    ),
    ({"definitions": {"a/b": TEXT}, "$ref": "#/definitions/a~1b", "maxLength": 1}, ['"a"'], ['"ab"', "1"]),
    (TREE, ["{}", '{"value":1,"left":{"left":{"value":2}}}'], ['{"left":{"left":{"value":""}}}', '{"left":1}']),
    (
        {"type": "array", "prefixItems": [TEXT, WHOLE], "items": False},
        ["[]", '["a",1]'],
        ["[1]", '["a",1,2]', '["a",""]'],
    ),
    ({"type": "array", "prefixItems": [TEXT], "items": WHOLE, "minItems": 2}, ['["a",1,2]'], ['["a"]', '["a","b"]']),
    ({"type": "array", "items": [TEXT], "additionalItems": WHOLE, "maxItems": 2}, ['["",1]'], ['["",1,2]', '["",""]']),
    ({"type": "array", "items": {"enum": [1, 2, 3]}, "uniqueItems": True}, ["[]", "[1,3]"], ["[1,1]", "[3,1]"]),
    ({"type": "integer", "multipleOf": 7, "minimum": 10}, ["14", "21", "700"], ["7", "15", "13", "-14"]),
    ({"type": "number", "minimum": 0, "exclusiveMinimum": True}, ["0.1", "1"], ["0", "0.0", "-1"]),
    ({"enum": [{"a": 1}, {"a": "x"}, [1]], "properties": {"a": WHOLE}}, ['{"a":1}', "[1]"], ['{"a":"x"}']),
    ({"type": "string", "x-unknown": {"type": 3}, "contentEncoding": "base64", "format": "int32"}, ['"a"'], ["1"]),
    ({"properties": {"a": TEXT}}, ["1", "[]", '{"a":""}'], ['{"a":1}']),
)


@pytest.mark.parametrize(("schema", "yes", "no"), CASES)
def test_texts_in_and_out(schema: dict[str, Any], yes: list[str], no: list[str]) -> None:
    grammar = json_schema(schema)
    assert [text for text in yes if not grammar.accepts(text)] == []
    assert [text for text in no if grammar.accepts(text)] == []


@pytest.mark.parametrize("schema", [schema for schema, _, _ in CASES if "additionalItems" not in schema])
def test_what_is_accepted_is_valid(schema: dict[str, Any]) -> None:
    if schema.get("exclusiveMinimum") is True:
        pytest.skip("written as the fourth version has it")
    validator = Draft202012Validator(schema)
    for seed in range(30):
        text = random_text_of(json_schema(schema), random.Random(seed), limit=60)
        assert text is None or validator.is_valid(json.loads(text)), text


@pytest.mark.parametrize(
    ("schema", "path", "keyword"),
    [
        ({"items": {"$ref": "https://example.org/a.json"}}, "$.items", "$ref"),
        ({"$ref": "#/nowhere"}, "$", "$ref"),
        ({"$defs": {"a": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}, "$.$defs.a", "$ref"),
        ({"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}, "$.properties.a", "$ref"),
        ({"properties": {"a": {"oneOf": [{"minLength": 1}, {"maxLength": 5}]}}}, "$.properties.a", "oneOf"),
        ({"allOf": [{"not": {"pattern": "a"}}]}, "$.allOf[0].not", "pattern"),
        ({"anyOf": [{"type": "array", "uniqueItems": True}]}, "$.anyOf[0]", "uniqueItems"),
        ({"type": "object", "minProperties": 2}, "$", "minProperties"),
        ({"type": "object", "patternProperties": {"(?=a)": True}}, "$", "patternProperties"),
        ({"properties": {"a": {"format": 3}}}, "$.properties.a", "format"),
        ({"type": "object", "unevaluatedProperties": False}, "$", "unevaluatedProperties"),
        ({"allOf": [{"anyOf": [{"minLength": n} for n in range(9)]}] * 4}, "$.allOf[2]", ""),
        ({"allOf": [TEXT, WHOLE]}, "$.allOf[1]", ""),
    ],
)
def test_what_is_refused_is_named(schema: dict[str, Any], path: str, keyword: str) -> None:
    with pytest.raises(UnsupportedSchemaError) as caught:
        json_schema(schema)
    assert (caught.value.path, caught.value.keyword) == (path, keyword), caught.value


FORMATS = (
    *("date", "time", "date-time", "duration", "email", "hostname", "ipv4", "ipv6", "uuid", "uri", "uri-reference"),
    *("json-pointer", "relative-json-pointer", "regex", "iri", "idn-email", "idn-hostname", "uri-template"),
)


@pytest.mark.parametrize("name", FORMATS)
def test_texts_of_a_format_have_it(name: str) -> None:
    schema = {"type": "string", "format": name}
    grammar = json_schema(schema, escapes="needed")
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    texts = {random_text_of(grammar, random.Random(seed), limit=40) for seed in range(120)}
    assert len(texts) > 20
    assert [text for text in texts if text is not None and not validator.is_valid(json.loads(text))] == []
    assert not grammar.accepts('"not a format at all, \\n"')


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("2024-02-29", True),
        ("2023-02-29", False),
        ("1900-02-29", False),
        ("2000-02-29", True),
        ("0000-01-01", False),
        ("2024-04-31", False),
    ],
)
def test_dates_are_those_of_the_calendar(text: str, valid: bool) -> None:
    assert json_schema({"type": "string", "format": "date"}).accepts(f'"{text}"') == valid
