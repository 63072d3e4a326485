"""Sets of Unicode characters, and the bytes that write them in UTF-8."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from utils.decoding.grammar.expressions import Expressions
from utils.decoding.grammar.nodes import Node

LAST = 0x10FFFF
SURROGATES = (0xD800, 0xDFFF)
# Last code point that takes 1, 2, 3 and 4 bytes.
LAST_OF_LENGTH = (0x7F, 0x7FF, 0xFFFF, LAST)


@dataclass(frozen=True)
class Characters:
    """A set of code points as ranges (low, high), both included, in order and apart. Surrogates are no characters."""

    ranges: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, ranges: Iterable[tuple[int, int]]) -> Characters:
        """Return the union of ranges that may overlap."""
        merged: list[list[int]] = []
        for low, high in sorted(ranges):
            if merged and low <= merged[-1][1] + 1:
                merged[-1][1] = max(merged[-1][1], high)
            else:
                merged.append([low, high])
        first, last = SURROGATES
        kept = []
        for low, high in merged:
            kept += [(low, min(high, first - 1)), (max(low, last + 1), high)] if high >= first else [(low, high)]
        return cls(tuple((low, high) for low, high in kept if low <= high))

    @classmethod
    def single(cls, text: str) -> Characters:
        """Return the set of the characters of a text."""
        return cls.of((ord(c), ord(c)) for c in text)

    def __or__(self, other: Characters) -> Characters:
        return Characters.of((*self.ranges, *other.ranges))

    def __sub__(self, other: Characters) -> Characters:
        return ~(~self | other)

    def __and__(self, other: Characters) -> Characters:
        return ~(~self | ~other)

    def __invert__(self) -> Characters:
        gaps, start = [], 0
        for low, high in self.ranges:
            gaps.append((start, low - 1))
            start = high + 1
        gaps.append((start, LAST))
        return Characters.of(gap for gap in gaps if gap[0] <= gap[1])

    def __contains__(self, character: str) -> bool:
        return any(low <= ord(character) <= high for low, high in self.ranges)


ANY = Characters.of([(0, LAST)])
DIGITS = Characters.of([(ord("0"), ord("9"))])
WORD = DIGITS | Characters.of([(ord("a"), ord("z")), (ord("A"), ord("Z"))]) | Characters.single("_")
SPACE = Characters.single(" \t\n\r\f\v")


def utf8(expressions: Expressions, characters: Characters) -> Node:
    """Return one character of the set as its bytes in UTF-8."""
    options = []
    for low, high in characters.ranges:
        start = low
        for last in LAST_OF_LENGTH:
            if start <= min(high, last):
                options.append(_byte_ranges(expressions, chr(start).encode(), chr(min(high, last)).encode()))
                start = last + 1
    return expressions.either(options)


def _byte_ranges(e: Expressions, low: bytes, high: bytes) -> Node:
    """Return the byte strings from low to high, of equal length, whose bytes after the first are 0x80 to 0xBF."""
    if len(low) == 1:
        return e.byte_range(low[0], high[0])
    if low[0] == high[0]:
        return e.sequence(e.byte_range(low[0], low[0]), _byte_ranges(e, low[1:], high[1:]))
    n = len(low) - 1
    first, last = low[0], high[0]
    options = []
    if low[1:] != b"\x80" * n:
        options.append(e.sequence(e.byte_range(first, first), _byte_ranges(e, low[1:], b"\xbf" * n)))
        first += 1
    if high[1:] != b"\xbf" * n:
        options.append(e.sequence(e.byte_range(last, last), _byte_ranges(e, b"\x80" * n, high[1:])))
        last -= 1
    if first <= last:
        options.append(e.sequence(e.byte_range(first, last), *[e.byte_range(0x80, 0xBF)] * n))
    return e.either(options)
