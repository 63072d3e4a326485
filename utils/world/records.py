"""Text-to-record tasks: a note in free wording, the record that it states, and the record's JSON schema.

What a note says is drawn for the note alone and contradicts no fact of the world: orders, visits and lost animals.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from utils.world import common, phrases
from utils.world.draws import Draws
from utils.world.world import World

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

RECORD_KINDS = ("order", "visit", "notice")


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


_NAME = {"type": "string", "minLength": 1, "maxLength": 40}


def _whole(low: int, high: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": low, "maximum": high}


_ITEM = _object({"goods": {"enum": list(common.GOODS)}, "quantity": _whole(1, 20), "price": _whole(1, 99)})
RECORD_SCHEMAS: dict[str, dict[str, Any]] = {
    "order": _object(
        {
            "customer": _NAME,
            "items": {"type": "array", "items": _ITEM, "minItems": 1, "maxItems": 3},
            "paid": {"type": "boolean"},
        }
    ),
    "visit": _object(
        {
            "guest": _NAME,
            "town": _NAME,
            "nights": _whole(1, 14),
            "companion": {"type": ["string", "null"], "maxLength": 40},
        },
        {"dish": _NAME},
    ),
    "notice": _object(
        {
            "animal": {"enum": list(common.ANIMALS)},
            "colour": {"enum": list(phrases.COLOURS)},
            "town": _NAME,
            "reward": {"type": ["integer", "null"], "minimum": 1, "maximum": 99},
        }
    ),
}


@dataclass(frozen=True)
class RecordTask:
    """A note, what kind of record it makes, the record, and the schema (JSON Schema 2020-12) it must satisfy."""

    text: str
    kind: str
    record: dict[str, Any]

    @property
    def schema(self) -> dict[str, Any]:
        """The kind's schema."""
        return RECORD_SCHEMAS[self.kind]

    @property
    def target(self) -> str:
        """The record as compact JSON, its keys in the schema's order."""
        return json.dumps(self.record, ensure_ascii=False)

    @property
    def prompt(self) -> str:
        """The note with the instruction to write it as a record."""
        return f"{self.text} {phrases.RECORD_INSTRUCTION}"


@dataclass(frozen=True)
class RecordCheck:
    """What an output is: JSON at all, valid under the schema, equal to the record, and the share of right fields.

    `error` says in a sentence what is wrong first, or is empty.
    """

    is_json: bool
    is_valid: bool
    is_correct: bool
    field_accuracy: float
    error: str


def draw_record_tasks(world: World, n: int, seed: int = 0, kinds: Sequence[str] = RECORD_KINDS) -> list[RecordTask]:
    """Draw n notes of the given kinds, evenly; ValueError for an unknown kind or n below 1."""
    unknown = [kind for kind in kinds if kind not in RECORD_KINDS]
    if unknown or not kinds:
        raise ValueError(f"kinds must be among {RECORD_KINDS}, got {tuple(kinds)}")
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    draws = Draws(world.options.seed, "records", seed)
    people = [world.people[index].name for index in world.entities.told_people]
    writers = {"order": _order, "visit": _visit, "notice": _notice}
    tasks = []
    for _ in range(n):
        kind = draws.pick(list(kinds))
        sentences, record = writers[kind](world, people, draws)
        if draws.chance(0.5):  # a sentence that states nothing for the record
            sentences.insert(draws.below(len(sentences) + 1), draws.pick(phrases.SMALL_TALK))
        tasks.append(RecordTask(" ".join(sentences), kind, record))
    return tasks


def _order(world: World, people: list[str], draws: Draws) -> tuple[list[str], dict[str, Any]]:
    items = [
        {"goods": goods, "quantity": draws.between(2, 20), "price": draws.between(2, 99)}
        for goods in draws.sample(common.GOODS, draws.between(1, 3))
    ]
    record = {"customer": draws.pick(people), "items": items, "paid": draws.chance(0.5)}
    listed = [phrases.ORDER_ITEM.format(**item) for item in items]
    words = " and ".join([", ".join(listed[:-1]), listed[-1]]) if len(listed) > 1 else listed[0]
    sentences = [
        draws.pick(phrases.ORDER_OPENINGS).format(customer=record["customer"], items=words),
        draws.pick(phrases.ORDER_PAID[bool(record["paid"])]),
    ]
    draws.shuffle(sentences)
    return sentences, record


def _visit(world: World, people: list[str], draws: Draws) -> tuple[list[str], dict[str, Any]]:
    guest, companion = draws.sample(people, 2)
    record: dict[str, Any] = {
        "guest": guest,
        "town": draws.pick(world.towns),
        "nights": draws.between(2, 14),
        "companion": companion if draws.chance(0.5) else None,
    }
    alone = record["companion"] is None
    further = [draws.pick(phrases.VISIT_ALONE if alone else phrases.VISIT_COMPANION).format(**record)]
    if draws.chance(0.5):
        record["dish"] = draws.pick(world.entities.names["dish"])
        further.append(draws.pick(phrases.VISIT_MEALS).format(**record))
    draws.shuffle(further)
    return [draws.pick(phrases.VISIT_OPENINGS).format(**record), *further], record


def _notice(world: World, people: list[str], draws: Draws) -> tuple[list[str], dict[str, Any]]:
    record = {
        "animal": draws.pick(common.ANIMALS),
        "colour": draws.pick(phrases.COLOURS),
        "town": draws.pick(world.towns),
        "reward": draws.between(2, 99) if draws.chance(0.6) else None,
    }
    reward = phrases.NOTICE_NO_REWARD if record["reward"] is None else phrases.NOTICE_REWARD
    sentences = [draws.pick(phrases.NOTICE_OPENINGS).format(**record), draws.pick(reward).format(**record)]
    return sentences, record


@cache
def _validator(kind: str) -> Draft202012Validator:
    # Imported at the first check: with its format checkers installed, jsonschema takes a second or more to import.
    from jsonschema import Draft202012Validator

    return Draft202012Validator(RECORD_SCHEMAS[kind])


def check_record(task: RecordTask, output: str) -> RecordCheck:
    """Check an output against a task: never raises, whatever the output is."""
    try:
        value = json.loads(output, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        return RecordCheck(False, False, False, 0.0, f"not JSON: {error}")
    failures = sorted(_validator(task.kind).iter_errors(value), key=lambda failure: failure.json_path)
    failure = failures[0] if failures else None
    fields = dict.fromkeys((*task.record, *(value if isinstance(value, dict) else ())))
    right = sum(
        isinstance(value, dict) and name in value and name in task.record and _equal(value[name], task.record[name])
        for name in fields
    )
    accuracy = right / len(fields)
    is_correct = failure is None and accuracy == 1.0
    message = "" if is_correct else "valid, but another record than the note states"
    if failure is not None:
        message = f"{failure.json_path}: {failure.message}"
    return RecordCheck(True, failure is None, is_correct, accuracy, message)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _equal(a: Any, b: Any) -> bool:
    """Compare as JSON does: true is not 1."""
    return json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)
