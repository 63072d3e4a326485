"""Text-to-record tasks and their check."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from utils.world import RECORD_KINDS, RECORD_SCHEMAS, World, check_record, draw_record_tasks, split_words


@pytest.fixture(scope="module")
def world() -> World:
    return World(6, n_people=120)


def _values(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in _values(inner)]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in _values(inner)]
    return [value]


def test_schemas_are_valid_and_every_record_satisfies_its_own(world: World) -> None:
    for schema in RECORD_SCHEMAS.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    tasks = draw_record_tasks(world, 600)
    assert {task.kind for task in tasks} == set(RECORD_KINDS)
    for task in tasks:
        result = check_record(task, task.target)
        assert result == type(result)(True, True, True, 1.0, "")


def test_every_value_of_a_record_stands_in_the_note(world: World) -> None:
    for task in draw_record_tasks(world, 300, seed=1):
        for value in _values(task.record):
            if value is not None and not isinstance(value, bool):
                assert str(value) in task.text


def test_records_use_every_shape(world: World) -> None:
    tasks = draw_record_tasks(world, 600)
    orders = [t.record for t in tasks if t.kind == "order"]
    assert {len(record["items"]) for record in orders} == {1, 2, 3}
    assert {record["paid"] for record in orders} == {True, False}
    visits = [t.record for t in tasks if t.kind == "visit"]
    assert {"dish" in record for record in visits} == {True, False}
    assert {record["companion"] is None for record in visits} == {True, False}
    assert {t.record["reward"] is None for t in tasks if t.kind == "notice"} == {True, False}
    assert len({task.text for task in tasks}) == 600


def test_the_vocabulary_has_every_word_of_notes_and_records(world: World) -> None:
    for task in draw_record_tasks(world, 300):
        assert all(word in world.vocabulary for word in split_words(f"{task.prompt} {task.target}"))


def test_check_tells_json_validity_and_correctness_apart(world: World) -> None:
    task = draw_record_tasks(world, 1, kinds=["visit"])[0]
    shuffled = json.dumps(dict(reversed(task.record.items())), indent=2)
    assert check_record(task, shuffled).is_correct
    other = {**task.record, "nights": task.record["nights"] % 14 + 1}
    result = check_record(task, json.dumps(other))
    assert (result.is_json, result.is_valid, result.is_correct) == (True, True, False)
    assert result.field_accuracy == pytest.approx(1 - 1 / len(task.record))
    result = check_record(task, json.dumps({**task.record, "nights": "3"}))
    assert (result.is_json, result.is_valid) == (True, False)
    assert "nights" in result.error
    assert not check_record(task, json.dumps({**task.record, "extra": 1})).is_valid
    assert not check_record(task, json.dumps({**task.record, "nights": True})).is_valid
    notice = draw_record_tasks(world, 1, kinds=["notice"])[0]
    assert not check_record(notice, json.dumps({**notice.record, "colour": "blue"})).is_valid


@pytest.mark.parametrize("output", ["", "{", "no", "NaN", '{"nights": Infinity}', "[" * 100_000, '{"a": 1} x'])
def test_text_that_is_no_json_is_no_record(world: World, output: str) -> None:
    result = check_record(draw_record_tasks(world, 1)[0], output)
    assert (result.is_json, result.is_correct, result.field_accuracy) == (False, False, 0.0)
    assert result.error


@pytest.mark.parametrize("output", ["[]", "null", "3", '"text"', "{}"])
def test_json_that_is_no_record_is_invalid(world: World, output: str) -> None:
    result = check_record(draw_record_tasks(world, 1)[0], output)
    assert (result.is_json, result.is_valid, result.field_accuracy) == (True, False, 0.0)


def test_bad_arguments_are_refused(world: World) -> None:
    with pytest.raises(ValueError, match="'letter'"):
        draw_record_tasks(world, 3, kinds=["letter"])
    with pytest.raises(ValueError, match="n must"):
        draw_record_tasks(world, 0)
