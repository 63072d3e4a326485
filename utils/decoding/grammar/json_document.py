"""Any JSON value: JSON mode, and the part of a schema that says nothing."""

from __future__ import annotations

from utils.decoding.grammar.automata import Grammar
from utils.decoding.grammar.expressions import Expressions
from utils.decoding.grammar.json_text import Escapes, json_string, number
from utils.decoding.grammar.nodes import Node

ANY_VALUE = "value"


def define_any_value(
    e: Expressions, escapes: Escapes, space: Node, separators: tuple[str, str] = (",", ":")
) -> tuple[Node, Node, Node]:
    """Define what any JSON value is, nested as deeply as it may be; `space` is allowed between its parts.

    Returns:
        Any value, any object, and any array.
    """
    value = e.reference(ANY_VALUE)
    string = json_string(e, escapes)
    comma = e.sequence(space, e.literal(separators[0]), space)
    member = e.sequence(string, space, e.literal(separators[1]), space, value)
    brackets = []
    for opening, item, closing in (("{", member, "}"), ("[", value, "]")):
        items = e.sequence(item, e.repeat(e.sequence(comma, item), 0, None), space)
        brackets.append(e.sequence(e.literal(opening), space, e.optional(items), e.literal(closing)))
    words = [e.literal(word) for word in ("true", "false", "null")]
    e.define(ANY_VALUE, e.either([*brackets, string, number(e), *words]))
    return value, brackets[0], brackets[1]


def json_document(*, compact: bool = False, only_objects: bool = False, escapes: Escapes = "any") -> Grammar:
    """Return the grammar of all JSON texts (RFC 8259), keys that occur twice among them.

    Args:
        compact: no white space outside strings; otherwise any amount wherever the standard has it.
        only_objects: the outermost value is an object, as providers' JSON mode has it.
        escapes: how characters in strings may be written, see `json_text`.
    """
    e = Expressions()
    space = e.empty if compact else e.repeat(e.one_of(sum(1 << ord(c) for c in " \t\n\r")), 0, None)
    value, any_object, _ = define_any_value(e, escapes, space)
    return Grammar(e, e.sequence(space, any_object if only_objects else value, space))
