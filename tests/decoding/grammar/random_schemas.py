"""Random JSON Schemas within the course's subset, and random values that are valid under them."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from typing import Any

NAMES = ("a", "b", "id", "name", "née", "日本", 'say "so"', "back\\slash", "two words", "x" * 12, "", "12", "é", "{")
TEXTS = ("red", "reddish", "", "blue", "naïve", "日本語", "😀", "a/b", 'he said "no"', "1", "null")
POOLS = (
    string.ascii_lowercase + "     ",
    string.ascii_letters + string.digits + string.punctuation,
    "éàüßñ日本語Ωж",
    "😀🎈👩‍🚀",
    '"\\/\b\f\n\r\t\x00\x1f',
    "\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff",
)
Random = random.Random


def _letters(low: int, high: int, alphabet: str) -> Callable[[Random], str]:
    return lambda draws: "".join(draws.choices(alphabet, k=draws.randint(low, high)))


# A pattern, and how to write texts that have it.
PATTERNS: tuple[tuple[str, Callable[[Random], str]], ...] = (
    ("^[a-z]{2,5}$", _letters(2, 5, string.ascii_lowercase)),
    ("^\\d{4}-\\d{2}$", lambda draws: f"{draws.randint(0, 9999):04}-{draws.randint(0, 99):02}"),
    ("^(red|green|blue)(,(red|green|blue))*$", lambda draws: ",".join(draws.choices(("red", "green", "blue"), k=3))),
    ("^[^aeiou]*é?$", _letters(0, 6, 'bcdé日 "\\\n')),
    ("^\\w+ \\w+$", lambda draws: f"{_letters(1, 4, 'ab_9')(draws)} {_letters(1, 4, 'xyZ')(draws)}"),
    ("ab+c", lambda draws: f"{_letters(0, 3, 'xa é')(draws)}abbc{_letters(0, 3, 'xc é')(draws)}"),
    ("^[^\\n]{1,3}\\.$", lambda draws: _letters(1, 3, "q日😀\t")(draws) + "."),
    ("[.!?]$", lambda draws: _letters(0, 8, "some text")(draws) + draws.choice(".!?")),
)


def random_text(draws: Random, low: int, high: int) -> str:
    """Return a text of low to high characters."""
    pool = draws.choice(POOLS)
    return "".join(draws.choice(pool) for _ in range(draws.randint(low, high)))


def _string(draws: Random) -> tuple[dict[str, Any], Callable[[Random], Any]]:
    kind = draws.random()
    if kind < 0.25:
        pattern, write = draws.choice(PATTERNS)
        if draws.random() < 0.5:
            return {"type": "string", "pattern": pattern}, write
        text = write(draws)
        low, high = max(0, len(text) - draws.randint(0, 2)), len(text) + draws.randint(0, 2)
        return {"type": "string", "pattern": pattern, "minLength": low, "maxLength": high}, lambda draws: text
    low, high = draws.choice(((0, None), (0, 3), (2, None), (1, 40), (3, 3), (0, 0), (5, 12)))
    schema: dict[str, Any] = {"type": "string"}
    if low:
        schema["minLength"] = low
    if high is not None:
        schema["maxLength"] = high
    return schema, lambda draws: random_text(draws, low, min(high if high is not None else low + 15, 12 + low))


def _integer(draws: Random) -> tuple[dict[str, Any], Callable[[Random], Any]]:
    low, high = draws.choice(
        ((None, None), (0, None), (1, 20), (7, 7), (-30, 1234), (98, 102), (-9, -3), (1000, 2024), (15, None), (-9, 0))
    )
    schema: dict[str, Any] = {"type": "integer"}
    if low is not None:
        schema["minimum"] = low
    if high is not None:
        schema["maximum"] = high
    first = -5000 if low is None else low
    return schema, lambda draws: draws.randint(first, first + 10_000 if high is None else high)


def _number(draws: Random) -> tuple[dict[str, Any], Callable[[Random], Any]]:
    return {"type": "number"}, lambda draws: draws.choice((0, -1.5, 3, 1e22, -2.5e-9, draws.uniform(-99, 99)))


def _enum(draws: Random) -> tuple[dict[str, Any], Callable[[Random], Any]]:
    pool = [*TEXTS, 0, -3, 17, True, None, [1, "a"], {"k": [None]}, 2.5]
    values = draws.sample(pool, draws.randint(1, 5))
    if draws.random() < 0.2:
        return {"const": values[0]}, lambda draws: values[0]
    return {"enum": values}, lambda draws: draws.choice(values)


def _array(draws: Random, depth: int) -> tuple[dict[str, Any], Callable[[Random], Any]]:
    items, write = random_schema(draws, depth - 1)
    low, high = draws.choice(((0, None), (1, 3), (0, 2), (2, 2), (3, None), (0, 0)))
    schema: dict[str, Any] = {"type": "array", "items": items}
    if low:
        schema["minItems"] = low
    if high is not None:
        schema["maxItems"] = high
    most = low + 2 if high is None else high
    return schema, lambda draws: [write(draws) for _ in range(draws.randint(low, most))]


def _object(draws: Random, depth: int) -> tuple[dict[str, Any], Callable[[Random], Any]]:
    names = draws.sample(NAMES, draws.randint(0, 4))
    members = {name: random_schema(draws, depth - 1) for name in names}
    required = [name for name in names if draws.random() < 0.6]
    schema = {
        "type": "object",
        "properties": {name: schema for name, (schema, _) in members.items()},
        "required": draws.sample(required, len(required)),
        "additionalProperties": False,
    }

    def write(draws: Random) -> dict[str, Any]:
        return {name: write(draws) for name, (_, write) in members.items() if name in required or draws.random() < 0.5}

    return schema, write


def _union(draws: Random, depth: int) -> tuple[dict[str, Any], Callable[[Random], Any]]:
    if draws.random() < 0.5:
        schema, write = draws.choice((_string, _integer))(draws)
        other, value = draws.choice((("null", None), ("boolean", True)))
        schema = {**schema, "type": [schema["type"], other]}
        return schema, lambda draws: draws.choice((write, lambda _: value))(draws)
    options = [random_schema(draws, depth - 1) for _ in range(draws.randint(1, 3))]
    return {"anyOf": [schema for schema, _ in options]}, lambda draws: draws.choice(options)[1](draws)


def random_schema(draws: Random, depth: int = 3) -> tuple[dict[str, Any], Callable[[Random], Any]]:
    """Return a schema nested at most `depth` deep, and a function that writes valid values."""
    leaves = [_string, _string, _integer, _number, _enum]
    if depth > 0 and draws.random() < 0.6:
        return draws.choice((_object, _object, _array, _union))(draws, depth)
    if draws.random() < 0.15:
        name, values = draws.choice((("boolean", (True, False)), ("null", (None,))))
        return {"type": name}, lambda draws: draws.choice(values)
    return draws.choice(leaves)(draws)
