"""Bending a parsed output towards a JSON schema, where there is one reading only; everything else stays as it was."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from utils.decoding.arguments import instance_of

_NOTHING = frozenset(("", "none", "null", "no", "no one", "nobody", "nothing", "n/a", "alone"))
# A number with at most a currency before it and one word behind it, a unit: 12, -5, $3, 12 coins.
_QUANTITY = re.compile(r"\s*[$€£]?\s*([-+]?\d{1,300}(?:\.\d{1,300})?(?:[eE][+-]?\d{1,3})?)(?:\s*([^\W\d_]+)\.?)?\s*")
_MULTIPLIERS = frozenset(
    ("k", "m", "bn", "b", "e", "x", "dozen", "dozens", "hundred", "hundreds", "thousand", "thousands", "million",
     "millions", "billion", "billions", "percent", "half", "th", "st", "nd", "rd")
)  # fmt: skip


def fit_to_schema(value: Any, schema: Mapping[str, Any], name: str = "") -> Any:
    """Return a parsed output bent towards a schema, without inventing what a required field should hold.

    - Properties that a schema with `"additionalProperties": false` does not know are dropped; a known one is matched
      without regard to case where there is one that fits.
    - A number in a text ("12", "-5", "12 coins") becomes a number, "true" and "false" become booleans, where a text is
      not allowed.
    - A choice is matched without regard to case, unless it is one of the choices as it stands, or fits several.
    - "none" and its like, and "no NAME" for the property NAME, become null where null is allowed; so do false where a
      boolean is not, and a missing field that is required.

    Args:
        value: parsed JSON.
        schema: JSON Schema; keywords other than type, properties, required, additionalProperties, items and enum
            are not looked at.
        name: of the property whose value it is.

    Raises:
        ValueError: the schema is no mapping.
    """
    instance_of(schema, "schema", Mapping)  # type: ignore[type-abstract]
    types = _types(schema)
    if isinstance(value, dict) and isinstance(schema.get("properties"), Mapping):
        return _fit_object(value, schema)
    if isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        return [fit_to_schema(item, schema["items"], name) for item in value]
    if "enum" in schema and any(_same(value, option) for option in schema["enum"]):
        return value
    if isinstance(value, str):
        return _fit_text(value, schema, name)
    if value is False and "null" in types and "boolean" not in types:
        return None
    return value


def _fit_object(value: dict[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    known: Mapping[str, Any] = schema["properties"]
    given = {name: content for name, content in value.items() if name in known}
    others = {name: content for name, content in value.items() if name not in known}
    for name in list(others):
        fitting = [one for one in known if one.casefold() == name.strip().casefold()]
        if len(fitting) == 1 and fitting[0] not in given:
            given[fitting[0]] = others.pop(name)
    fitted = {name: _fit_part(given[name], part, name) for name, part in known.items() if name in given}
    for name in schema.get("required", ()):
        if name not in fitted and "null" in _types(known.get(name)):
            fitted[name] = None
    ordered = {name: fitted[name] for name in known if name in fitted}
    return ordered if schema.get("additionalProperties") is False else {**ordered, **others}


def _fit_part(value: Any, schema: Any, name: str) -> Any:
    # A schema may be true or false too.
    return fit_to_schema(value, schema, name) if isinstance(schema, Mapping) else value


def _fit_text(value: str, schema: Mapping[str, Any], name: str) -> Any:
    types, options = _types(schema), schema.get("enum", ())
    stripped = value.strip()
    for fits in (
        [option for option in options if isinstance(option, str) and option.casefold() == stripped.casefold()],
        [option for option in options if not isinstance(option, str) and json.dumps(option) == stripped],
    ):
        if len(fits) == 1:
            return fits[0]
        if fits:
            return value
    if "null" in types:
        word = re.escape(name)
        none_of_it = name and re.fullmatch(rf"(?i)(?:no|without)\s+(?:an?\s+|any\s+)?{word}", stripped)
        if stripped.casefold() in _NOTHING or none_of_it:
            return None
    if not types or "string" in types:
        return value
    if "boolean" in types and stripped.casefold() in ("true", "false"):
        return stripped.casefold() == "true"
    if "integer" in types or "number" in types:
        return _number(value, "number" in types)
    return value


def _number(value: str, fractions: bool) -> Any:
    """Return the number that a text states, or the text where it may mean something else."""
    quantity = _QUANTITY.fullmatch(value)
    if quantity is None or (quantity[2] or "").casefold() in _MULTIPLIERS:
        return value
    if re.fullmatch(r"[-+]?\d+", quantity[1]):
        return int(quantity[1])
    number = float(quantity[1])
    if not math.isfinite(number) or not (fractions or number.is_integer()):
        return value
    return number if fractions else int(number)


def _same(value: Any, option: Any) -> bool:
    """Return whether two JSON values are equal; true is not 1."""
    return value == option and isinstance(value, bool) == isinstance(option, bool)


def _types(schema: Any) -> tuple[str, ...]:
    types = schema.get("type", ()) if isinstance(schema, Mapping) else ()
    return (types,) if isinstance(types, str) else tuple(types)
