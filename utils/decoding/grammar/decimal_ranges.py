"""The decimal numbers between two bounds as an expression over their digits.

A bound is compared as it is written, digit by digit: first the whole part, then the fraction. No exponents.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from utils.decoding.grammar.expressions import Expressions
from utils.decoding.grammar.integer_ranges import integer_range
from utils.decoding.grammar.nodes import Node


@dataclass(frozen=True)
class Bound:
    """A bound on a number; a strict one leaves out the number itself."""

    value: Decimal
    strict: bool = False

    def negated(self) -> Bound:
        """Return the bound on the other side of 0."""
        # `-value` would round to the context's precision.
        return Bound(self.value.copy_negate(), self.strict)


class _Fractions:
    """What may be written after the whole part of a bound: a point and digits, or nothing."""

    def __init__(self, e: Expressions, bound: Bound) -> None:
        self.e = e
        whole, _, fraction = f"{bound.value:f}".partition(".")
        self.whole, self.digits, self.strict = int(whole), fraction.rstrip("0"), bound.strict
        self.any_digits = e.repeat(self.digit(0, 9), 0, None)
        self.point = e.literal(".")
        self.anything = e.optional(e.sequence(self.point, self.digit(0, 9), self.any_digits))

    def digit(self, low: int, high: int) -> Node:
        return self.e.byte_range(ord("0") + low, ord("0") + high) if low <= high else self.e.nothing

    def above(self) -> Node:
        """Return the fractions that are at least the bound's, or above it for a strict one."""
        e = self.e
        if not self.digits and not self.strict:
            return self.anything
        rest = self.any_digits
        if self.strict:
            rest = e.sequence(e.repeat(self.digit(0, 0), 0, None), self.digit(1, 9), self.any_digits)
        for digit in map(int, reversed(self.digits)):
            same, more = (
                e.sequence(self.digit(digit, digit), rest),
                e.sequence(self.digit(digit + 1, 9), self.any_digits),
            )
            rest = e.either([same, more])
        return e.sequence(self.point, rest)

    def below(self) -> Node:
        """Return the fractions that are at most the bound's, or below it for a strict one."""
        e = self.e
        if not self.digits:
            zeros = e.sequence(self.point, e.repeat(self.digit(0, 0), 1, None))
            return e.nothing if self.strict else e.optional(zeros)
        # Digits that are left out are zeros: a fraction that ends early is below.
        rest = e.nothing if self.strict else e.repeat(self.digit(0, 0), 0, None)
        for position, digit in reversed(list(enumerate(map(int, self.digits)))):
            less = e.sequence(self.digit(0, digit - 1), self.any_digits)
            rest = e.either([e.sequence(self.digit(digit, digit), rest), less, *([e.empty] if position else [])])
        return e.optional(e.sequence(self.point, rest))


def _not_negative(e: Expressions, low: Bound, high: Bound | None) -> Node:
    """Return the numbers from low (at least 0) to high."""
    fractions = _Fractions(e, low)
    larger = e.sequence(integer_range(e, fractions.whole + 1, None), fractions.anything)
    at_least = e.either([larger, e.sequence(e.literal(str(fractions.whole)), fractions.above())])
    if high is None:
        return at_least
    if high.value < 0:
        return e.nothing
    fractions = _Fractions(e, high)
    smaller = e.sequence(integer_range(e, 0, fractions.whole - 1), fractions.anything) if fractions.whole else e.nothing
    at_most = e.either([smaller, e.sequence(e.literal(str(fractions.whole)), fractions.below())])
    return e.both(at_least, at_most)


def decimal_range(e: Expressions, low: Bound | None, high: Bound | None) -> Node:
    """Return the numbers between two bounds, None for no bound, without exponents. Nothing when there are none.

    `-0` is written where both 0 and negative numbers are in the range.
    """
    zero = Bound(Decimal(0))
    options = []
    if high is None or high.value >= 0:
        options.append(_not_negative(e, zero if low is None or low.value < 0 else low, high))
    if low is None or low.value < 0:
        nearest = zero if high is None or high.value > 0 else high.negated()
        options.append(e.sequence(e.literal("-"), _not_negative(e, nearest, low.negated() if low else None)))
    return e.symbol(e.either(options))
