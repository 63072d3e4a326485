"""JSON Schema, the subset that a mask can enforce token by token.

    type                 object, array, string, number, integer, boolean, null, or a list of them; without it any
    object               properties, required, additionalProperties, patternProperties, propertyNames, minProperties,
                         maxProperties, dependencies, dependentRequired
    array                items, prefixItems (and items as a list, additionalItems), minItems, maxItems; uniqueItems for
                         items of an enum
    string               minLength, maxLength (characters), pattern (the subset of `regular_expressions`), format (those
                         of the standard, in the form that every validator takes, see `formats`)
    integer, number      minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf (whole numbers); an integer is
                         written without fraction and exponent, a number with bounds without exponent
    enum, const          as `json.dumps` writes them; values that the other keywords exclude are left out
    allOf, anyOf, $ref   within the document, recursion included
    oneOf, not, if       where what is left out can be told: types, required and listed names, enum, const
    true, {}             any JSON value

Members come in the schema's order, then those that are required and not listed, then others, as llguidance has it: a
model writes from left to right. A schema that does not say `additionalProperties` allows others.

Keywords that the standard does not define are annotations and passed over, as the standard has it. Every other keyword
is refused by name and path: a mask that ignored one would promise what it does not keep.

White space is fixed by `separators`, as in `json.dumps`: (",", ":") writes none, (", ", ": ") one space after each.
Every text of the grammar is valid under the schema, however its patterns are read (`unicode_classes`); of the valid
ones it holds those in this form.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from utils.decoding.grammar.automata import Grammar
from utils.decoding.grammar.errors import GrammarError, UnsupportedSchemaError
from utils.decoding.grammar.json_text import Escapes
from utils.decoding.grammar.rebuilding import endless
from utils.decoding.grammar.schema_cases import Part
from utils.decoding.grammar.schema_compiler import SchemaCompiler


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
    except ValueError as error:
        raise GrammarError(f"the schema's text holds a number that is too long: {error}") from None


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
    document = schema_from_text(schema) if isinstance(schema, str) else schema
    try:
        compiler = SchemaCompiler(document, separators, escapes)
        root = compiler.compile((Part(document, "$"),))
    except RecursionError:
        raise UnsupportedSchemaError("$", "", "is nested too deeply") from None
    for name in endless(compiler.e, root, compiler.recursive) if compiler.recursive else ():
        raise UnsupportedSchemaError(compiler.recursive[name], "$ref", "comes back to itself without an end")
    return Grammar(compiler.e, root)
