"""The parts of JSON text as expressions: strings with their escapes, numbers, and fixed values.

Two policies of escaping:

    "any"      every way of RFC 8259 to write a character: itself, a short escape such as `\\n` or `\\/`, `\\uXXXX`
               (a pair of them above U+FFFF; half a pair alone is no character and is refused)
    "needed"   only what must be escaped is: the quote, the backslash, control characters and DEL
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal

from utils.decoding.grammar.characters import ANY, Characters, utf8
from utils.decoding.grammar.expressions import Expressions
from utils.decoding.grammar.nodes import Node
from utils.decoding.grammar.regular_expressions import Encode, found_anywhere

Escapes = Literal["any", "needed"]

CONTROL = Characters.of([(0, 0x1F)])
DEL = Characters.of([(0x7F, 0x7F)])
SHORT = {'"': '"', "\\": "\\", "/": "/", "\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t"}
_MUST = CONTROL | Characters.single('"\\')


def _hex_digits(e: Expressions, low: int, high: int, n: int) -> Node:
    """Return the numbers from low to high in n hexadecimal digits of either case."""
    if n == 0:
        return e.empty
    unit = 16 ** (n - 1)
    options = []
    for digit in range(low // unit, high // unit + 1):
        first, last = max(low, digit * unit), min(high, (digit + 1) * unit - 1)
        written = f"{digit:x}"
        options.append((first - digit * unit, last - digit * unit, sum({1 << ord(written), 1 << ord(written.upper())})))
    merged: dict[tuple[int, int], int] = {}
    for first, last, members in options:
        merged[first, last] = merged.get((first, last), 0) | members
    return e.either(
        [e.sequence(e.one_of(members), _hex_digits(e, *bounds, n - 1)) for bounds, members in merged.items()]
    )


def _unicode_escapes(e: Expressions, characters: Characters) -> Node:
    """Return the characters as \\uXXXX, those above U+FFFF as a pair of surrogates."""
    options = []
    for low, high in characters.ranges:
        if low <= 0xFFFF:
            options.append(e.sequence(e.literal("\\u"), _hex_digits(e, low, min(high, 0xFFFF), 4)))
        if high > 0xFFFF:
            first, last = max(low, 0x10000) - 0x10000, high - 0x10000
            pieces: list[tuple[int, int, int, int]] = []  # leading low and high, trailing low and high
            a, b = first >> 10, last >> 10
            if a == b:
                pieces.append((a, a, first & 0x3FF, last & 0x3FF))
            else:
                if first & 0x3FF:
                    pieces.append((a, a, first & 0x3FF, 0x3FF))
                    a += 1
                if last & 0x3FF != 0x3FF:
                    pieces.append((b, b, 0, last & 0x3FF))
                    b -= 1
                if a <= b:
                    pieces.append((a, b, 0, 0x3FF))
            for lead_low, lead_high, trail_low, trail_high in pieces:
                lead = _hex_digits(e, 0xD800 + lead_low, 0xD800 + lead_high, 4)
                trail = _hex_digits(e, 0xDC00 + trail_low, 0xDC00 + trail_high, 4)
                options.append(e.sequence(e.literal("\\u"), lead, e.literal("\\u"), trail))
    return e.either(options)


def json_character(e: Expressions, characters: Characters, escapes: Escapes) -> Node:
    """Return one character of a set as it may stand inside a JSON string; made once for each set."""
    return e.made_once((characters, escapes), lambda: _json_character(e, characters, escapes))


def _json_character(e: Expressions, characters: Characters, escapes: Escapes) -> Node:
    short = [letter for character, letter in SHORT.items() if character in characters]
    if escapes == "needed":
        plain, unicode = characters - _MUST - DEL, characters & (CONTROL | DEL)
        short = [letter for letter in short if letter != "/"]
    else:
        plain, unicode = characters - _MUST, characters
    options = [utf8(e, plain), _unicode_escapes(e, unicode)]
    if short:
        options.append(e.sequence(e.literal("\\"), e.one_of(sum(1 << ord(letter) for letter in short))))
    return e.either(options)


def encoding(escapes: Escapes) -> Encode:
    """Return how `regular_expressions.parse` writes a character inside a JSON string."""
    return lambda e, characters: json_character(e, characters, escapes)


def any_text(e: Expressions, escapes: Escapes, low: int = 0, high: int | None = None) -> Node:
    """Return the texts of `low` to `high` characters as they may stand between the quotes of a JSON string."""
    return e.repeat(json_character(e, ANY, escapes), low, high)


def json_string(
    e: Expressions, escapes: Escapes, low: int = 0, high: int | None = None, patterns: Sequence[str] = ()
) -> Node:
    """Return the JSON strings of `low` to `high` characters in which every pattern is found in every reading.

    A pattern is a condition on the characters, however they are escaped, and lengths count characters too.
    """
    content = any_text(e, escapes, low, high)
    for pattern in patterns:
        matching = found_anywhere(e, pattern, encoding(escapes), "narrow", any_text(e, escapes))
        content = matching if content is any_text(e, escapes) else e.both(content, matching)
    return quoted(e, content)


def quoted(e: Expressions, content: Node) -> Node:
    """Return a JSON string of some content as a symbol of its own."""
    quote = e.literal('"')
    return e.symbol(e.sequence(quote, content, quote))


def written(value: Any, separators: tuple[str, str]) -> str:
    """Return one JSON value as `json.dumps` writes it."""
    return json.dumps(value, ensure_ascii=False, separators=separators, allow_nan=False)


def fixed(e: Expressions, value: Any, separators: tuple[str, str]) -> Node:
    """Return one JSON value as `json.dumps` writes it."""
    return e.literal(written(value, separators))


def integer(e: Expressions) -> Node:
    """Return the integers, without fraction or exponent."""
    digit = e.byte_range(ord("0"), ord("9"))
    many = e.sequence(e.byte_range(ord("1"), ord("9")), e.repeat(digit, 0, None))
    return e.symbol(e.sequence(e.optional(e.literal("-")), e.either([e.literal("0"), many])))


def number(e: Expressions) -> Node:
    """Return the numbers of RFC 8259."""
    digit = e.byte_range(ord("0"), ord("9"))
    digits = e.repeat(digit, 1, None)
    whole = e.either([e.literal("0"), e.sequence(e.byte_range(ord("1"), ord("9")), e.repeat(digit, 0, None))])
    fraction = e.sequence(e.literal("."), digits)
    sign = e.one_of(1 << ord("+") | 1 << ord("-"))
    exponent = e.sequence(e.one_of(1 << ord("e") | 1 << ord("E")), e.optional(sign), digits)
    return e.symbol(e.sequence(e.optional(e.literal("-")), whole, e.optional(fraction), e.optional(exponent)))
