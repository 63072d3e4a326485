"""The expressions of texts and numbers under the conditions of a case."""

from __future__ import annotations

import math

from utils.decoding.grammar.characters import Characters
from utils.decoding.grammar.decimal_ranges import Bound, decimal_range
from utils.decoding.grammar.errors import GrammarError, UnsupportedSchemaError
from utils.decoding.grammar.expressions import Expressions
from utils.decoding.grammar.integer_ranges import integer_range
from utils.decoding.grammar.json_text import Escapes, any_text, encoding, integer, json_character, number
from utils.decoding.grammar.nodes import Node
from utils.decoding.grammar.regular_expressions import found_anywhere
from utils.decoding.grammar.schema_cases import Case, kind_of

# A double keeps that many digits of any number.
EXACT_DIGITS = 15
NUMBERS = ("integer", "fraction")


def text_content(e: Expressions, case: Case, escapes: Escapes) -> Node:
    """Return the texts of a case as they stand between quotes.

    Raises:
        NoValueError: there are none.
        UnsupportedSchemaError: a pattern is outside the subset or too large.
    """
    low, high = _count(case, "string", "minLength", "maxLength")
    content = plain = any_text(e, escapes, low, high)
    for pattern, keyword, path in case.patterns:
        try:
            matching = found_anywhere(e, pattern, encoding(escapes), "narrow", any_text(e, escapes))
            content = matching if content is any_text(e, escapes) else e.both(content, matching)
        except GrammarError as error:
            raise UnsupportedSchemaError(path, keyword, str(error)) from error
        if content is e.nothing:
            span = f"of {low} to {high} characters " if plain is not any_text(e, escapes) else ""
            named = repr(pattern) if keyword == "pattern" else "it"
            raise case.no_value(keyword, f"no text {span}has {named}")
    excluded = [value for value in case.excluded if kind_of(value) == "string"]
    if excluded:
        spelled = e.tree(excluded, lambda character: json_character(e, Characters.single(character), escapes))
        content = e.excluding(content, spelled)
    if content is e.nothing:
        raise case.no_value("not", "leaves no text")
    return content


def number_node(e: Expressions, case: Case) -> Node:
    """Return the numbers of a case; whole ones without fraction and exponent, bounded ones without exponent.

    Raises:
        NoValueError: there are none.
        UnsupportedSchemaError: single numbers are excluded.
    """
    excluded = [value for value in case.excluded if kind_of(value) in case.kinds and kind_of(value) in NUMBERS]
    if excluded and "fraction" in case.kinds and not case.multiples:
        raise case.refuse("not", "excludes single numbers, which is within the subset for whole ones only")
    low, high = case.low, case.high
    if "integer" not in case.kinds:
        node = e.nothing if case.multiples else _with_fraction(e, decimal_range(e, low, high))
    elif "fraction" in case.kinds and not case.multiples:
        node = number(e) if low is None and high is None else _exact(e, decimal_range(e, low, high), low, high)
    else:
        first = last = None
        if low is not None:
            first = math.floor(low.value) + 1 if low.strict else math.ceil(low.value)
        if high is not None:
            last = math.ceil(high.value) - 1 if high.strict else math.floor(high.value)
        node = integer(e) if first is None and last is None else integer_range(e, first, last)
        for divisor in case.multiples:
            if divisor > 1:
                sign = e.optional(e.literal("-"))
                node = e.symbol(e.both(node, e.sequence(sign, e.multiple(divisor))))
        if excluded:
            # `-0` goes with any of them: it is 0, and another way to write what may be excluded.
            node = e.symbol(e.excluding(node, e.literals(["-0", *(str(int(value)) for value in excluded)])))
    if node is e.nothing:
        name = next((name for name in ("maximum", "exclusiveMaximum", "multipleOf") if name in case.where), "minimum")
        raise case.no_value(name, f"no {'number' if 'fraction' in case.kinds else 'integer'} is within the bounds")
    return node


def _with_fraction(e: Expressions, node: Node) -> Node:
    """Return the numbers that are not whole, with few enough digits that a double is not whole either."""
    digit, not_zero = (e.byte_range(ord(first), ord("9")) for first in "01")
    whole = e.either([e.literal("0"), e.sequence(not_zero, e.repeat(digit, 0, 7))])
    fraction = e.sequence(e.literal("."), e.repeat(digit, 0, 6), not_zero)
    return e.symbol(e.both(node, e.sequence(e.optional(e.literal("-")), whole, fraction)))


def _exact(e: Expressions, node: Node, low: Bound | None, high: Bound | None) -> Node:
    """Leave out digits that a double drops, where a strict bound lies: 0.29999999999999999999 is read as 0.3."""
    strict = [bound for bound in (low, high) if bound is not None and bound.strict and bound.value]
    if not strict or node is e.nothing:
        return node
    digits = max(EXACT_DIGITS - max(len(f"{abs(bound.value):.0f}") for bound in strict), 0)
    digit = e.byte_range(ord("0"), ord("9"))
    fraction = e.sequence(e.literal("."), e.repeat(digit, 1, digits)) if digits else e.nothing
    whole = e.sequence(e.optional(e.literal("-")), e.repeat(digit, 1, None))
    return e.symbol(e.both(node, e.sequence(whole, e.optional(fraction))))


def _count(case: Case, kind: str, low_name: str, high_name: str) -> tuple[int, int | None]:
    low, high = case.least.get(kind, 0), case.most.get(kind)
    if high is not None and low > high:
        raise case.no_value(high_name, f"is {high}, below {low_name} {low}: no value is valid")
    return low, high


def count_of(case: Case, kind: str, word: str) -> tuple[int, int | None]:
    """Return the bounds on the items or members of a case; NoValueError where they exclude each other."""
    return _count(case, kind, f"min{word}", f"max{word}")
