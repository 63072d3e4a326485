r"""Patterns of schemas in which \d, \w, \s and `.` stand: what is accepted matches in every reading of them."""

from __future__ import annotations

import json
import random
import re

import pytest
from jsonschema import Draft202012Validator

from tests.decoding.grammar.random_texts import random_text_of
from utils.decoding.grammar import json_schema, regular_expression

# White space as JavaScript has it.
SPACE = r"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
# Patterns, and how Python writes what they mean in JavaScript, \d and \w being those of ASCII.
PATTERNS = (
    *((r"^\S+$", f"^[^{SPACE}]+$"), (r"^[^\s]+$", f"^[^{SPACE}]+$"), (r"^\W+$", r"^\W+$"), (r"^[^\w]$", r"^[^\w]$")),
    *((r"^\D*$", r"^\D*$"), (r"^[^\d]{2}$", r"^[^\d]{2}$"), ("^.+$", r"^[^\n\r\u2028\u2029]+$"), (r"^\w+$", r"^\w+$")),
    *((r"^[\s\d]+$", rf"^[{SPACE}\d]+$"), (r"^\s$", f"^[{SPACE}]$")),
)
# Characters that some reading counts as a digit, a letter, white space or the end of a line, and others do not.
DISPUTED = "\u0660\u06f5é語\u00a0\u2003\ufeff\u2028\u2029\u0085\x1c\r\u00b2\u203f\u200d"


@pytest.mark.parametrize(("pattern", "javascript"), PATTERNS)
def test_what_is_accepted_matches_in_every_reading(pattern: str, javascript: str) -> None:
    grammar = json_schema({"type": "string", "pattern": pattern}, escapes="needed")
    texts = [random_text_of(grammar, random.Random(seed), limit=20) for seed in range(200)]
    values = [json.loads(text) for text in texts if text is not None]
    values += [value for value in DISPUTED + "a1 -" for text in [json.dumps(value)] if grammar.accepts(text)]
    for value in values:
        assert re.search(pattern, value), value
        assert re.search(pattern, value, re.ASCII), value
        assert re.search(javascript, value, re.ASCII), (javascript, value)


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        (r"^\S$", "aé語-", "\u00a0\ufeff\u2028 "),
        (r"^\W$", "- €", "aé語\u0660_"),
        (r"^\D$", "aé語²", "1\u0660\u06f5"),
        (r"^\d$", "07", "\u0660a"),
        ("^.$", "aé語\t", "\n\r\u2028\u2029"),
        (r"^[^\W]$", "a_9", "é-"),
    ],
)
def test_characters_on_which_readings_differ_are_left_out(pattern: str, yes: str, no: str) -> None:
    grammar = json_schema({"type": "string", "pattern": pattern})
    assert [one for one in yes if not grammar.accepts(json.dumps(one, ensure_ascii=False))] == []
    assert [one for one in no if grammar.accepts(json.dumps(one))] == []


def test_names_that_match_in_some_reading_only_meet_both_schemas() -> None:
    schema = {"patternProperties": {r"^\d$": {"type": "integer"}}, "additionalProperties": {"type": "string"}}
    grammar = json_schema({"type": "object", **schema})
    assert grammar.accepts('{"1":2,"a":"b"}')
    assert not any(grammar.accepts(text) for text in ('{"\u0660":2}', '{"\u0660":"b"}', '{"1":"b"}'))
    unicode = Draft202012Validator(schema)
    assert unicode.is_valid({"\u0660": 2})
    assert not unicode.is_valid({"\u0660": "b"})


def test_regular_expressions_of_their_own_keep_to_ascii() -> None:
    assert regular_expression(r"\W").accepts("é")
    assert regular_expression(".").accepts("\u2028")
