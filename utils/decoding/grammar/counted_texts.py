"""Texts with bounds on their length: one look at a vocabulary serves every place in them.

A string with room for 40 characters has 40 states inside, each with a mask of its own. But a token fits exactly where
as many characters are left as it has: so the vocabulary is read once, as if there were no bounds, with a count of the
characters, and each state compares the counts with what it has left. This needs characters that cannot be taken apart
in two ways: none begins another one, and the end of the text begins none.
"""

from __future__ import annotations

from typing import NamedTuple

from utils.decoding.grammar.expressions import Expressions
from utils.decoding.grammar.nodes import Bytes, Either, Empty, Node, Reference, Repeat, Sequence, Symbol, parts_of

# Parts that may stand before the items: what is left of a character, or a quote.
LONGEST_START = 12


class Counted(NamedTuple):
    """A text of the form start, `low` to `high` items, end.

    `unbounded` is the same without bounds, `loop` what is left of it before an item, `end` what follows the items;
    `offset` is -1 where a start is left to read, which comes to the loop once before the first item.
    """

    unbounded: Node
    loop: Node
    end: Node
    low: int
    high: int | None
    offset: int


def counted(e: Expressions, node: Node) -> Counted | None:
    """Return how a text is counted, None where it has no bounds or can be taken apart in two ways."""
    start: list[Node] = []
    part = node
    while isinstance(part, Sequence) and not isinstance(part.first, Repeat):
        if len(start) == LONGEST_START or isinstance(part.first, Symbol | Reference):
            return None
        start.append(part.first)
        part = part.rest
    if not isinstance(part, Sequence) or not isinstance(part.first, Repeat):
        return None
    repeat, end = part.first, part.rest
    if (repeat.low, repeat.high) == (0, None) or end.nullable or e.first(repeat.item) & e.first(end):
        return None
    if not all(is_prefix_free(e, piece) for piece in (*start, repeat.item)):
        return None
    loop = e.sequence(e.repeat(repeat.item, 0, None), end)
    return Counted(e.sequence(*start, loop), loop, end, repeat.low, repeat.high, -1 if start else 0)


def is_prefix_free(e: Expressions, node: Node) -> bool:
    """Return True where no text of an expression begins another one; False also where that is not plain."""
    found = e.remembered.get(node)
    if found is None:
        e.remembered[node] = False  # for an expression that comes back to itself
        found = e.remembered[node] = _is_prefix_free(e, node)
    return found


def _is_prefix_free(e: Expressions, node: Node) -> bool:
    if isinstance(node, Bytes | Empty):
        return True
    if isinstance(node, Sequence):
        return all(is_prefix_free(e, part) for part in parts_of(node))
    if isinstance(node, Symbol):
        return is_prefix_free(e, node.inner)
    if isinstance(node, Repeat):
        return node.low == node.high and is_prefix_free(e, node.item)
    if not isinstance(node, Either) or node.nullable:
        return False
    once = twice = 0
    for option in node.options:
        first = e.first(option)
        twice |= once & first
        once |= first
    apart = [option for option in node.options if not e.first(option) & twice]
    if not all(is_prefix_free(e, option) for option in apart):
        return False
    # Options that begin alike are looked at together, one byte on.
    _, representatives = e.byte_classes()
    return all(is_prefix_free(e, e.derivative(node, byte)) for byte in representatives if twice >> byte & 1)
