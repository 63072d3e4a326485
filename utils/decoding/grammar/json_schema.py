"""JSON Schema, the subset that a mask can enforce token by token.

    type                 object, array, string, number, integer, boolean, null, or a list of them
    object               properties, required, additionalProperties false; the properties come in the schema's order,
                         and a schema that does not say additionalProperties is taken to say false
    array                items, minItems, maxItems
    string               minLength, maxLength (characters), pattern (the subset of `regular_expressions`)
    integer, number      minimum, maximum, exclusiveMinimum, exclusiveMaximum; an integer is written without fraction
                         and exponent, a number with bounds without exponent
    enum, const          as `json.dumps` writes them; values that the other keywords exclude are left out
    anyOf                at least one option, beside annotations only
    true, {}             any JSON value

Annotations (title, description, default, examples, $schema, $id, $comment, deprecated, readOnly, writeOnly) are passed
over. Every other keyword is refused by name and path: a mask that ignored one would promise what it does not keep.

White space is fixed by `separators`, as in `json.dumps`: (",", ":") writes none, (", ", ": ") one space after each.
Every text of the grammar is valid under the schema; of the valid ones it holds those in this form.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from utils.decoding.grammar.automata import Grammar
from utils.decoding.grammar.decimal_ranges import Bound, decimal_range
from utils.decoding.grammar.errors import GrammarError, UnsupportedSchemaError
from utils.decoding.grammar.expressions import Expressions
from utils.decoding.grammar.integer_ranges import integer_range
from utils.decoding.grammar.json_document import define_any_value
from utils.decoding.grammar.json_text import Escapes, fixed, integer, json_string, number
from utils.decoding.grammar.nodes import Node

DEEPEST_SCHEMA = 60
KEYWORDS = {
    "object": ("properties", "required", "additionalProperties"),
    "array": ("items", "minItems", "maxItems"),
    "string": ("minLength", "maxLength", "pattern"),
    "integer": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    "boolean": (),
    "null": (),
}
ANNOTATIONS = (
    *("title", "description", "default", "examples", "$schema", "$id", "$comment"),
    *("deprecated", "readOnly", "writeOnly"),
)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


class _Compiler:
    """Turns schemas into expressions, with the path of each for errors."""

    def __init__(self, separators: tuple[str, str], escapes: Escapes) -> None:
        self.e = Expressions()
        self.separators, self.escapes = separators, escapes
        self.any_value: Node | None = None
        self.comma, self.colon = (self.e.literal(separator) for separator in separators)

    def schema(self, schema: Any, path: str, depth: int = 0) -> Node:
        if depth > DEEPEST_SCHEMA:
            raise UnsupportedSchemaError(path[:60] + "...", "", f"nested more than {DEEPEST_SCHEMA} deep")
        if schema is True or (isinstance(schema, Mapping) and not set(schema) - set(ANNOTATIONS)):
            return self.anything()
        if schema is False:
            raise UnsupportedSchemaError(path, "", "false allows no value")
        if not isinstance(schema, Mapping):
            raise UnsupportedSchemaError(path, "", f"a schema is an object, true or false, not {schema!r}")
        for form in (self.listed, self.any_of, self.typed):
            node = form(schema, path, depth)
            if node is not None:
                return node
        keyword = next(key for key in schema if key not in ANNOTATIONS)
        known = any(keyword in keywords for keywords in KEYWORDS.values())
        reason = "needs `type` beside it" if known else "is outside the subset"
        raise UnsupportedSchemaError(path, keyword, reason)

    def anything(self) -> Node:
        if self.any_value is None:
            self.any_value, _ = define_any_value(self.e, self.escapes, self.e.empty, self.separators)
        return self.any_value

    def listed(self, schema: Mapping[str, Any], path: str, depth: int) -> Node | None:
        """Compile enum and const; the other keywords only choose among the values."""
        keyword = next((key for key in ("const", "enum") if key in schema), None)
        if keyword is None:
            return None
        values = [schema["const"]] if keyword == "const" else schema["enum"]
        if not isinstance(values, Sequence) or isinstance(values, str):
            raise UnsupportedSchemaError(path, keyword, f"must be a list, not {values!r}")
        others = {key: value for key, value in schema.items() if key != keyword and key not in ANNOTATIONS}
        if others:
            self.refuse_others(others, path, (*(k for ks in KEYWORDS.values() for k in ks), "type", "enum"))
            if "enum" not in others:  # which compiles to its errors, if it has any
                self.typed(others, path, depth)
            # Imported here: with its format checkers installed, jsonschema takes a second or more to import.
            from jsonschema import Draft202012Validator

            validator = Draft202012Validator(others)
            values = [value for value in values if validator.is_valid(value)]
        if not values:
            raise UnsupportedSchemaError(path, keyword, "allows no value")
        try:
            return self.e.either([fixed(self.e, value, self.separators) for value in values])
        except (TypeError, ValueError) as error:
            raise UnsupportedSchemaError(path, keyword, f"holds a value that is no JSON: {error}") from error

    def any_of(self, schema: Mapping[str, Any], path: str, depth: int) -> Node | None:
        if "anyOf" not in schema:
            return None
        self.refuse_others(schema, path, ("anyOf",))
        options = schema["anyOf"]
        if not isinstance(options, Sequence) or isinstance(options, str) or not options:
            raise UnsupportedSchemaError(path, "anyOf", f"must be a list of at least one schema, not {options!r}")
        return self.e.either([self.schema(option, f"{path}.anyOf[{i}]", depth + 1) for i, option in enumerate(options)])

    def typed(self, schema: Mapping[str, Any], path: str, depth: int) -> Node | None:
        if "type" not in schema:
            return None
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        unknown = [name for name in types if name not in tuple(KEYWORDS)]
        if unknown or not types:
            raise UnsupportedSchemaError(path, "type", f"must be among {', '.join(KEYWORDS)}, not {schema['type']!r}")
        self.refuse_others(schema, path, (*(keyword for name in types for keyword in KEYWORDS[name]), "type"))
        return self.e.either([getattr(self, f"{name}_value")(schema, path, depth) for name in types])

    def refuse_others(self, schema: Mapping[str, Any], path: str, allowed: Sequence[str]) -> None:
        for keyword in schema:
            if keyword in allowed or keyword in ANNOTATIONS:
                continue
            owner = [name for name, keywords in KEYWORDS.items() if keyword in keywords]
            if owner:
                raise UnsupportedSchemaError(
                    path, keyword, f"belongs to the type {owner[0]}, which `type` does not name"
                )
            raise UnsupportedSchemaError(path, str(keyword), "is outside the subset")

    def count(self, schema: Mapping[str, Any], path: str, low_name: str, high_name: str) -> tuple[int, int | None]:
        """Return two bounds on a length."""
        bounds = []
        for keyword, default in ((low_name, 0), (high_name, None)):
            value = schema.get(keyword, default)
            if keyword in schema and not (_is_whole(value) and value >= 0):
                raise UnsupportedSchemaError(path, keyword, f"must be a whole number of at least 0, not {value!r}")
            bounds.append(value)
        low, high = bounds
        if high is not None and low > high:
            raise UnsupportedSchemaError(path, high_name, f"is {high}, below {low_name} {low}: no value is valid")
        return low, high

    def string_value(self, schema: Mapping[str, Any], path: str, depth: int) -> Node:
        low, high = self.count(schema, path, "minLength", "maxLength")
        try:
            node = json_string(self.e, self.escapes, low, high, schema.get("pattern"))
        except GrammarError as error:
            raise UnsupportedSchemaError(path, "pattern", str(error)) from error
        if node is self.e.nothing:
            raise UnsupportedSchemaError(path, "pattern", f"no text of {low} to {high} characters has it")
        return node

    def bounds(self, schema: Mapping[str, Any], path: str) -> tuple[Bound | None, Bound | None]:
        """Return the tightest lower and upper bound on a number."""
        found: dict[str, list[Bound]] = {"minimum": [], "maximum": []}
        for side, bounds in found.items():
            for keyword, strict in ((side, False), (f"exclusive{side.capitalize()}", True)):
                if keyword not in schema:
                    continue
                value = schema[keyword]
                if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                    raise UnsupportedSchemaError(path, keyword, f"must be a number, not {value!r}")
                bounds.append(Bound(Decimal(repr(value)), strict))
        low = max(found["minimum"], key=lambda bound: (bound.value, bound.strict), default=None)
        high = min(found["maximum"], key=lambda bound: (bound.value, not bound.strict), default=None)
        return low, high

    def between(self, node: Node, path: str, kind: str) -> Node:
        if node is self.e.nothing:
            raise UnsupportedSchemaError(path, "maximum", f"no {kind} is within the bounds")
        return node

    def integer_value(self, schema: Mapping[str, Any], path: str, depth: int) -> Node:
        low, high = self.bounds(schema, path)
        if low is None and high is None:
            return integer(self.e)
        first = last = None
        if low is not None:
            first = math.floor(low.value) + 1 if low.strict else math.ceil(low.value)
        if high is not None:
            last = math.ceil(high.value) - 1 if high.strict else math.floor(high.value)
        return self.between(integer_range(self.e, first, last), path, "integer")

    def number_value(self, schema: Mapping[str, Any], path: str, depth: int) -> Node:
        low, high = self.bounds(schema, path)
        if low is None and high is None:
            return number(self.e)
        return self.between(decimal_range(self.e, low, high), path, "number")

    def boolean_value(self, schema: Mapping[str, Any], path: str, depth: int) -> Node:
        return self.e.either([self.e.literal("true"), self.e.literal("false")])

    def null_value(self, schema: Mapping[str, Any], path: str, depth: int) -> Node:
        return self.e.literal("null")

    def array_value(self, schema: Mapping[str, Any], path: str, depth: int) -> Node:
        low, high = self.count(schema, path, "minItems", "maxItems")
        if high == 0:
            return self.e.literal("[]")
        item = self.schema(schema.get("items", True), f"{path}.items", depth + 1)
        further = self.e.repeat(self.e.sequence(self.comma, item), max(low - 1, 0), None if high is None else high - 1)
        items = self.e.sequence(item, further)
        if low == 0:
            items = self.e.optional(items)
        return self.e.sequence(self.e.literal("["), items, self.e.literal("]"))

    def object_value(self, schema: Mapping[str, Any], path: str, depth: int) -> Node:
        if schema.get("additionalProperties", False) is not False:
            raise UnsupportedSchemaError(path, "additionalProperties", "only false is within the subset")
        properties = schema.get("properties", {})
        if not isinstance(properties, Mapping):
            raise UnsupportedSchemaError(path, "properties", f"must be an object, not {properties!r}")
        required = schema.get("required", [])
        if not isinstance(required, Sequence) or isinstance(required, str):
            raise UnsupportedSchemaError(path, "required", f"must be a list of names, not {required!r}")
        missing = [name for name in required if name not in properties]
        if missing:
            raise UnsupportedSchemaError(path, "required", f"names {missing[0]!r}, which is not among the properties")
        # Built from the end: what may follow once nothing stands before (`first`), or something does (`later`).
        first = later = self.e.empty
        for name in reversed(list(properties)):
            value = self.schema(properties[name], f"{path}.properties.{name}", depth + 1)
            member = self.e.sequence(fixed(self.e, name, self.separators), self.colon, value, later)
            begun, added = [member], [self.e.sequence(self.comma, member)]
            if name not in required:
                begun.append(first)
                added.append(later)
            first, later = self.e.either(begun), self.e.either(added)
        return self.e.sequence(self.e.literal("{"), first, self.e.literal("}"))


def schema_from_text(text: str) -> Any:
    """Return the schema that a text holds as JSON; GrammarError says where a text is not, or not yet, JSON."""
    try:
        return json.loads(text)
    except RecursionError:
        raise GrammarError("the schema's text is nested too deeply") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        ended = " (it ends too early)" if not text[error.pos :].strip() else ""
        raise GrammarError(f"the schema's text is no JSON at {where}: {error.msg}{ended}") from None


def json_schema(
    schema: Mapping[str, Any] | bool | str,
    *,
    separators: tuple[str, str] = (",", ":"),
    escapes: Escapes = "any",
) -> Grammar:
    """Return the grammar of the JSON texts that are valid under a schema.

    Args:
        schema: the schema, or its JSON text.
        separators: what stands between items and after keys, as in `json.dumps`.
        escapes: how characters in strings may be written, see `json_text`; "any" or "needed".

    Raises:
        UnsupportedSchemaError: the schema is outside the subset (see the top of this file), malformed, or allows no
            value; names the keyword and its path.
        GrammarError: the schema's text is no JSON, or separators or escapes are none of the possible.
    """
    if len(separators) != 2 or separators[0].strip() != "," or separators[1].strip() != ":":
        raise GrammarError(f"separators must be a comma and a colon with white space, not {separators!r}")
    if escapes not in ("any", "needed"):
        raise GrammarError(f"escapes must be 'any' or 'needed', not {escapes!r}")
    compiler = _Compiler(separators, escapes)
    root = compiler.schema(schema_from_text(schema) if isinstance(schema, str) else schema, "$")
    return Grammar(compiler.e, root)
