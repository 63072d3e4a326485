"""The conditions that the plain keywords of one schema set, checked for their form."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from utils.decoding.grammar.decimal_ranges import Bound
from utils.decoding.grammar.errors import UnsupportedSchemaError
from utils.decoding.grammar.formats import format_pattern
from utils.decoding.grammar.schema_cases import (
    KINDS_OF,
    SIZES,
    ArrayRule,
    Case,
    NoValueError,
    ObjectRule,
    Part,
    canonical,
    tighter_high,
    tighter_low,
)

# Keywords of some version of JSON Schema that set conditions which are not implemented.
REFUSED = (
    *("contains", "minContains", "maxContains", "unevaluatedItems", "unevaluatedProperties", "dependentSchemas"),
    *("$dynamicRef", "$recursiveRef", "extends", "disallow", "divisibleBy"),
)
# Keywords that set conditions; every other one is an annotation, as the standard has it.
CONDITIONS = frozenset(
    (
        *("type", "enum", "const", "minLength", "maxLength", "pattern", "format", "minimum", "maximum", "multipleOf"),
        *("exclusiveMinimum", "exclusiveMaximum", "items", "prefixItems", "additionalItems", "minItems", "maxItems"),
        *("uniqueItems", "properties", "patternProperties", "additionalProperties", "required", "minProperties"),
        *("maxProperties", "propertyNames", "$ref", "allOf", "anyOf", "oneOf", "not", "if", "dependencies"),
        *("dependentRequired", *REFUSED),
    )
)
GREATEST = sys.float_info.max
LARGEST_DIVISOR = 10_000


def is_list(value: Any) -> bool:
    """Return whether a value is a list in JSON."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def plain_case(schema: Mapping[str, Any], path: str) -> Case:
    """Return the conditions of a schema's keywords, without those that combine schemas.

    Raises:
        UnsupportedSchemaError: a keyword is malformed, or sets a condition that is not implemented.
    """
    for keyword in REFUSED:
        if keyword in schema:
            raise UnsupportedSchemaError(path, keyword, "is outside the subset")
    reader = _Reader(schema, path)
    low, high = reader.bounds()
    unique = reader.get("uniqueItems", False, bool, "true or false")
    return Case(
        kinds=reader.kinds(),
        values=reader.values(),
        least={kind: n for kind, word in SIZES.items() if (n := reader.count(f"min{word}")) is not None},
        most={kind: n for kind, word in SIZES.items() if (n := reader.count(f"max{word}")) is not None},
        patterns=tuple(reader.patterns()),
        low=low,
        high=high,
        multiples=reader.multiples(),
        unique=path if unique else None,
        arrays=reader.array_rules(),
        objects=reader.object_rules(),
        required=reader.required(),
        names=(Part(schema["propertyNames"], f"{path}.propertyNames"),) if "propertyNames" in schema else (),
        where=dict.fromkeys(schema, path),
    )


class _Reader:
    """Reads the keywords of one schema."""

    def __init__(self, schema: Mapping[str, Any], path: str) -> None:
        self.schema, self.path = schema, path

    def refuse(self, keyword: str, reason: str) -> UnsupportedSchemaError:
        return UnsupportedSchemaError(self.path, keyword, reason)

    def get(self, keyword: str, default: Any, type_: Any, expected: str) -> Any:
        value = self.schema.get(keyword, default)
        if not isinstance(value, type_) or (isinstance(value, str) and type_ is Sequence):
            raise self.refuse(keyword, f"must be {expected}, not {value!r}")
        return value

    def kinds(self) -> frozenset[str]:
        if "type" not in self.schema:
            return Case().kinds
        given = self.schema["type"]
        names = given if is_list(given) else [given]
        if not names or not all(isinstance(name, str) and name in KINDS_OF for name in names):
            raise self.refuse("type", f"must be among {', '.join(KINDS_OF)}, not {given!r}")
        return frozenset(kind for name in names for kind in KINDS_OF[name])

    def values(self) -> tuple[Any, ...] | None:
        found: list[tuple[Any, ...]] = []
        if "enum" in self.schema:
            found.append(tuple(self.get("enum", [], Sequence, "a list")))
        if "const" in self.schema:
            found.append((self.schema["const"],))
        if not found:
            return None
        keyword = "const" if "const" in self.schema else "enum"
        try:
            known = [{canonical(value): value for value in values} for values in found]
        except (TypeError, ValueError, RecursionError) as error:
            raise self.refuse(keyword, f"holds a value that is no JSON: {error}") from error
        values = tuple(value for key, value in known[-1].items() if key in known[0])
        if not values:
            raise NoValueError(self.path, keyword, "allows no value")
        return values

    def count(self, keyword: str) -> int | None:
        if keyword not in self.schema:
            return None
        value = self.schema[keyword]
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool) or not whole or value < 0:
            raise self.refuse(keyword, f"must be a whole number of at least 0, not {value!r}")
        return int(value)

    def patterns(self) -> list[tuple[str, str, str]]:
        found = []
        if "pattern" in self.schema:
            found.append((self.get("pattern", "", str, "a text"), "pattern", self.path))
        form = format_pattern(self.get("format", "", str, "a text"))
        if form is not None:
            found.append((form, "format", self.path))
        return found

    def number(self, keyword: str) -> Decimal:
        value = self.schema[keyword]
        if (
            isinstance(value, bool) or not isinstance(value, int | float) or value != value  # NaN
        ):
            raise self.refuse(keyword, f"must be a number, not {value!r}")
        # Compared before it is written out: Python refuses to write integers of thousands of digits.
        if abs(value) > GREATEST:
            raise self.refuse(keyword, f"must lie between -{GREATEST} and {GREATEST}, the largest double")
        return Decimal(repr(value))

    def bounds(self) -> tuple[Bound | None, Bound | None]:
        found: list[Bound | None] = []
        for side, tighter in (("minimum", tighter_low), ("maximum", tighter_high)):
            exclusive = f"exclusive{side.capitalize()}"
            # The fourth version of JSON Schema says with true or false whether the bound itself is left out.
            flag = self.schema.get(exclusive)
            plain = Bound(self.number(side), flag is True) if side in self.schema else None
            strict = (
                None if exclusive not in self.schema or isinstance(flag, bool) else Bound(self.number(exclusive), True)
            )
            found.append(tighter(plain, strict))
        return found[0], found[1]

    def multiples(self) -> tuple[int, ...]:
        if "multipleOf" not in self.schema:
            return ()
        value = self.number("multipleOf")
        if value <= 0:
            raise self.refuse("multipleOf", f"must be above 0, not {self.schema['multipleOf']!r}")
        if value != int(value) or value > LARGEST_DIVISOR:
            raise self.refuse("multipleOf", f"only whole numbers up to {LARGEST_DIVISOR:,} are within the subset")
        return (int(value),) if value != 1 else (1,)

    def array_rules(self) -> tuple[ArrayRule, ...]:
        prefix, rest, keyword = self.schema.get("prefixItems"), "items", "prefixItems"
        if prefix is None and is_list(self.schema.get("items")):
            # As all versions before 2020-12 write it.
            prefix, rest, keyword = self.schema["items"], "additionalItems", "items"
        if prefix is None and "items" not in self.schema:
            return ()
        if prefix is not None and not is_list(prefix):
            raise self.refuse("prefixItems", f"must be a list of schemas, not {prefix!r}")
        parts = tuple(Part(schema, f"{self.path}.{keyword}[{i}]") for i, schema in enumerate(prefix or ()))
        items = Part(self.schema[rest], f"{self.path}.{rest}") if rest in self.schema else None
        return (ArrayRule(parts, items),)

    def object_rules(self) -> tuple[ObjectRule, ...]:
        keywords = ("properties", "patternProperties", "additionalProperties")
        if not any(keyword in self.schema for keyword in keywords):
            return ()
        properties, patterns = (self.get(keyword, {}, Mapping, "an object") for keyword in keywords[:2])
        additional = self.schema.get("additionalProperties")
        return (
            ObjectRule(
                {name: Part(schema, f"{self.path}.properties.{name}") for name, schema in properties.items()},
                tuple((p, Part(schema, f"{self.path}.patternProperties.{p}")) for p, schema in patterns.items()),
                None if additional in (None, True) else Part(additional, f"{self.path}.additionalProperties"),
            ),
        )

    def required(self) -> tuple[str, ...]:
        names = self.get("required", [], Sequence, "a list of names")
        if not all(isinstance(name, str) for name in names):
            raise self.refuse("required", f"must be a list of names, not {names!r}")
        return tuple(dict.fromkeys(names))
