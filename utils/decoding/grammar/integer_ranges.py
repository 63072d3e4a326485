"""The integers between two bounds as an expression over their decimal digits."""

from __future__ import annotations

from utils.decoding.grammar.expressions import Expressions
from utils.decoding.grammar.nodes import Node


def _digit(e: Expressions, low: int, high: int) -> Node:
    return e.byte_range(ord("0") + low, ord("0") + high) if low <= high else e.nothing


def _bounded(e: Expressions, digits: str, keep_above: bool) -> list[Node]:
    """Return for each suffix of `digits` the numbers of its length at least (or at most) as large, longest first."""
    found = [e.empty]
    for position in range(len(digits) - 1, -1, -1):
        digit = int(digits[position])
        beyond = _digit(e, digit + 1, 9) if keep_above else _digit(e, 0, digit - 1)
        anything = e.repeat(_digit(e, 0, 9), len(digits) - position - 1, len(digits) - position - 1)
        tight = e.sequence(_digit(e, digit, digit), found[-1])
        found.append(e.either([tight, e.sequence(beyond, anything)]))
    return found[::-1]


def _same_length(e: Expressions, low: str, high: str) -> Node:
    """Return the numbers from low to high, which have equally many digits."""
    shared = next((i for i in range(len(low)) if low[i] != high[i]), len(low))
    prefix = e.literal(low[:shared])
    if shared == len(low):
        return prefix
    a, b, left = int(low[shared]), int(high[shared]), len(low) - shared - 1
    options = [
        e.sequence(_digit(e, a, a), _bounded(e, low[shared + 1 :], keep_above=True)[0]),
        e.sequence(_digit(e, b, b), _bounded(e, high[shared + 1 :], keep_above=False)[0]),
        e.sequence(_digit(e, a + 1, b - 1), e.repeat(_digit(e, 0, 9), left, left)),
    ]
    return e.sequence(prefix, e.either(options))


def _not_negative(e: Expressions, low: int, high: int | None) -> Node:
    """Return the integers from low (at least 0) to high without leading zeros."""
    if high is not None and low > high:
        return e.nothing
    shortest, longest = len(str(low)), None if high is None else len(str(high))
    if longest == shortest:
        return _same_length(e, str(low), str(high))
    options = [_same_length(e, str(low), "9" * shortest)]
    if high is not None:
        options.append(_same_length(e, str(10 ** len(str(high)[1:])), str(high)))
    # Every number of a length in between; a count says of how many digits.
    if longest is None or longest - shortest > 1:
        between = e.repeat(_digit(e, 0, 9), shortest, None if longest is None else longest - 2)
        options.append(e.sequence(_digit(e, 1, 9), between))
    return e.either(options)


def integer_range(e: Expressions, low: int | None, high: int | None) -> Node:
    """Return the integers from low to high, both included; None is no bound. Nothing when there are none.

    `-0` is written where both 0 and negative numbers are in the range.
    """
    options = []
    if high is None or high >= 0:
        options.append(_not_negative(e, max(low or 0, 0), high))
    if low is None or low < 0:
        nearest = 0 if high is None or high >= 0 else -high
        options.append(e.sequence(e.literal("-"), _not_negative(e, nearest, None if low is None else -low)))
    return e.symbol(e.either(options))
