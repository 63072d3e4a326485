"""The ways in which a value may be valid under a schema, each a plain list of conditions.

A schema with `anyOf`, `oneOf`, `allOf` or `$ref` is first made into cases without them: a value is valid when it meets
all conditions of one case. Conditions on different types stand side by side, as JSON Schema has it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from utils.decoding.grammar.decimal_ranges import Bound
from utils.decoding.grammar.errors import UnsupportedSchemaError

# "number" is either of the two kinds of numbers.
KINDS = ("object", "array", "string", "integer", "fraction", "boolean", "null")
KINDS_OF = {kind: (kind,) for kind in KINDS if kind != "fraction"} | {"number": ("integer", "fraction")}
SIZES = {"string": "Length", "array": "Items", "object": "Properties"}


class NoValueError(UnsupportedSchemaError):
    """A schema, or a part of one, under which no value is valid."""


class Part(NamedTuple):
    """A schema and where it stands."""

    schema: Any
    path: str


@dataclass(frozen=True)
class ObjectRule:
    """What one schema says of the members of an object by their names; None is any value."""

    properties: dict[str, Part]
    patterns: tuple[tuple[str, Part], ...]
    additional: Part | None


@dataclass(frozen=True)
class ArrayRule:
    """What one schema says of the items of an array by their places; None is any value."""

    prefix: tuple[Part, ...]
    items: Part | None


@dataclass(frozen=True)
class Case:
    """Conditions that hold together.

    Attributes:
        kinds: the kinds of values, of `KINDS`.
        values: the values one of which it must be, None for no such list.
        excluded: values that it must not be.
        least, most: bounds on characters, items or members by kind.
        patterns: patterns of a text with their paths.
        low, high: bounds of a number; `multiples` what divides it.
        unique: the path of the schema that asks for different items.
        required, forbidden: names that must be, or must not be, in an object.
        names: schemas of all names in an object.
        where: for each keyword the path of a schema that has it.
    """

    kinds: frozenset[str] = frozenset(KINDS)
    values: tuple[Any, ...] | None = None
    excluded: tuple[Any, ...] = ()
    least: dict[str, int] = field(default_factory=dict)
    most: dict[str, int] = field(default_factory=dict)
    patterns: tuple[tuple[str, str, str], ...] = ()
    low: Bound | None = None
    high: Bound | None = None
    multiples: tuple[int, ...] = ()
    unique: str | None = None
    arrays: tuple[ArrayRule, ...] = ()
    objects: tuple[ObjectRule, ...] = ()
    required: tuple[str, ...] = ()
    forbidden: frozenset[str] = frozenset()
    names: tuple[Part, ...] = ()
    where: dict[str, str] = field(default_factory=dict)

    def refuse(self, keyword: str, reason: str) -> UnsupportedSchemaError:
        """Return the error for a keyword of this case."""
        return UnsupportedSchemaError(self.where.get(keyword, "$"), keyword, reason)

    def no_value(self, keyword: str, reason: str) -> NoValueError:
        """Return the error for a keyword that leaves no value."""
        return NoValueError(self.where.get(keyword, "$"), keyword, reason)


def canonical(value: Any) -> str:
    """Return a text that is equal for values which are equal in JSON: 1 and 1.0, members in any order."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{canonical(value[name])}" for name in sorted(value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(canonical, value)) + "]"
    return json.dumps(value, allow_nan=False)


def kind_of(value: Any) -> str:
    """Return the kind of a value of Python's json module."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "integer" if value == int(value) else "fraction"
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (str, "string"),
        (dict, "object"),
        ((list, tuple), "array"),
    )
    return next((kind for types, kind in kinds if isinstance(value, types)), "null")


def tighter_low(a: Bound | None, b: Bound | None) -> Bound | None:
    """Return the higher of two lower bounds."""
    return max(filter(None, (a, b)), key=lambda bound: (bound.value, bound.strict), default=None)


def tighter_high(a: Bound | None, b: Bound | None) -> Bound | None:
    """Return the lower of two upper bounds."""
    return min(filter(None, (a, b)), key=lambda bound: (bound.value, not bound.strict), default=None)


def _together(a: Case, b: Case) -> Case:
    values = a.values if b.values is None else b.values
    if a.values is not None and b.values is not None:
        known = {canonical(value) for value in b.values}
        values = tuple(value for value in a.values if canonical(value) in known)
    return replace(
        a,
        kinds=a.kinds & b.kinds,
        values=values,
        excluded=a.excluded + b.excluded,
        least={kind: max(a.least.get(kind, 0), b.least.get(kind, 0)) for kind in {*a.least, *b.least}},
        most={kind: min(case.most[kind] for case in (a, b) if kind in case.most) for kind in {*a.most, *b.most}},
        patterns=tuple(dict.fromkeys(a.patterns + b.patterns)),
        low=tighter_low(a.low, b.low),
        high=tighter_high(a.high, b.high),
        multiples=tuple(dict.fromkeys(a.multiples + b.multiples)),
        unique=a.unique or b.unique,
        arrays=a.arrays + b.arrays,
        objects=a.objects + b.objects,
        required=tuple(dict.fromkeys(a.required + b.required)),
        forbidden=a.forbidden | b.forbidden,
        names=a.names + b.names,
        where={**a.where, **b.where},
    )


def is_empty(case: Case) -> bool:
    """Return whether it is plain that no value meets a case."""
    return (
        not case.kinds
        or case.values == ()
        or (case.kinds == {"object"} and not case.forbidden.isdisjoint(case.required))
    )


def product(left: Iterable[Case], right: Iterable[Case]) -> list[Case]:
    """Return the cases of what meets one of the left and one of the right ones."""
    right = list(right)
    found = [_together(a, b) for a in left for b in right]
    return [case for case in found if not is_empty(case)]
