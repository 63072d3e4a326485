"""The view of a mask: pure steps, clear sentences for schemas that are not finished, escaped text."""

from __future__ import annotations

import pytest

from utils.decoding.grammar import TokenSpellings
from utils.notebook.widgets import mask_explorer

SCHEMA = '{"type": "object", "properties": {"a": {"enum": ["goat", "<b>"]}}, "required": ["a"]}'


@pytest.fixture(scope="module")
def spellings() -> TokenSpellings:
    tokens = [bytes([byte]) for byte in range(256)] + [b'{"', b'"a"', b"go", b"at", b'at"}', None]
    return TokenSpellings([tokens], (len(tokens) - 1,))


def test_steps_count_the_tokens_that_may_follow(spellings: TokenSpellings) -> None:
    steps = mask_explorer.follow_text(mask_explorer.schema_constraint(SCHEMA, spellings), '{"a":"goat"}')
    by_text = {step.text: step for step in steps}
    assert len(steps) == 13
    assert set(by_text[""].shown) == {"{", '{"'}
    assert set(by_text['{"a":"go'].shown) == {"a", "at", 'at"}'}
    assert by_text['{"a":"goat"}'].may_end
    assert by_text['{"a":"goat"}'].n_allowed == 1
    assert "the end" in mask_explorer.step_text(steps[-1])


@pytest.mark.parametrize(
    ("schema", "record", "said"),
    [
        ('{"type": "obj', "", "cannot be used yet"),
        ("", "", "schema is empty"),
        ("[1]", "", "must be a JSON object"),
        ('{"type": "array", "uniqueItems": true}', "", "uniqueItems"),
        (SCHEMA, '{"b', "cannot go on"),
        (SCHEMA, '{"a":"', "tokens are allowed"),
    ],
)
def test_whatever_is_typed_gets_a_sentence(schema: str, record: str, said: str, spellings: TokenSpellings) -> None:
    assert said in mask_explorer.mask_explorer(spellings, schema, record).children[-1].value


def test_tokens_are_escaped(spellings: TokenSpellings) -> None:
    shown = mask_explorer.mask_explorer(spellings, SCHEMA, '{"a":"').children[-1].value
    assert "&lt;" in shown
    assert "<b>" not in shown


def test_the_view_follows_its_fields(spellings: TokenSpellings) -> None:
    view = mask_explorer.mask_explorer(spellings, SCHEMA, "")
    schema, record, shown = view.children
    before = shown.value
    record.value = '{"a":"go'
    assert shown.value != before
    schema.value = "{"
    assert "cannot be used yet" in shown.value


def test_the_picture_follows_the_record(spellings: TokenSpellings) -> None:
    view = mask_explorer.mask_explorer(spellings, SCHEMA, '{"a":"goat"}')
    assert "after the last of 12: 1." in view.children[-1].value
    view.children[1].value = '{"'
    assert "after the last of 2: " in view.children[-1].value
