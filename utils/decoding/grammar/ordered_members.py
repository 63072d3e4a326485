"""Members in a fixed order, of which some may be left out, with bounds on how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from utils.decoding.grammar.errors import GrammarTooLargeError
from utils.decoding.grammar.expressions import Expressions
from utils.decoding.grammar.nodes import Node

LARGEST = 50_000
MOST_OPTIONAL = 600


class Member(NamedTuple):
    """One member: how it is written, and whether it must be there."""

    node: Node
    required: bool


def ordered_members(
    e: Expressions, members: Sequence[Member], comma: Node, low: int, high: int | None, extra: Node | None = None
) -> Node:
    """Return the members in their order with commas between them, then any number of `extra` ones.

    Extra ones may be equal to each other: towards `low` all of them count as one, towards `high` each counts.

    Raises:
        GrammarTooLargeError: the bounds or the number of members are too large.
    """
    if high is not None and high < low:
        return e.nothing
    # Counts from `cap` on are the same to the bounds.
    cap = max(low, 1) if high is None else high
    cap = min(cap, len(members) + 1) if high is None or high > len(members) else cap
    if len(members) * (cap + 1) > LARGEST or sum(not member.required for member in members) > MOST_OPTIONAL:
        raise GrammarTooLargeError(f"{len(members):,} members in more ways than are kept apart")
    follow = [_extras(e, comma, extra, count, low, high) for count in range(min(cap, len(members)) + 1)]
    for index in range(len(members) - 1, -1, -1):
        member = members[index]
        before = []
        for count in range(min(cap, index) + 1):
            options = []
            following = min(count + 1, cap)
            if high is None or count < high:
                written = member.node if count == 0 else e.sequence(comma, member.node)
                options.append(e.sequence(written, follow[following]))
            if not member.required:
                options.append(follow[count])
            before.append(e.either(options))
        follow = before
    return follow[0]


def _extras(e: Expressions, comma: Node, extra: Node | None, count: int, low: int, high: int | None) -> Node:
    """Return what may follow once `count` listed members are written."""
    missing, room = max(low - count, 0), None if high is None else high - count
    if extra is None or room == 0:
        return e.nothing if missing else e.empty
    if missing > 1:
        return e.nothing
    further = e.sequence(comma, extra)
    if count:
        return e.repeat(further, missing, room)
    some = e.sequence(extra, e.repeat(further, 0, None if room is None else room - 1))
    return some if missing else e.optional(some)
