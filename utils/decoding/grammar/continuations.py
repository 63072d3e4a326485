"""What may be written next after a partial text: for looking at a grammar step by step."""

from __future__ import annotations

from typing import NamedTuple

from utils.decoding.grammar.constraint import Constraint
from utils.decoding.grammar.errors import DeadEndError


class Continuation(NamedTuple):
    """A token that may follow: its text (parts of characters as \\xNN), its id, and whether it ends the text."""

    text: str
    id: int
    ends: bool


def allowed_continuations(constraint: Constraint, text: str, limit: int | None = 50) -> list[Continuation]:
    """Return the tokens that may follow a partial text, in the order of their ids, end tokens first.

    Args:
        constraint: the grammar over a vocabulary.
        text: what has been written so far.
        limit: most tokens to return; None for all. `constraint.allowed(...)` has their number.

    Raises:
        DeadEndError: the grammar does not allow the text; says up to where it does. Or no token can go on.
        ValueError: the limit is negative.
    """
    if limit is not None and limit < 0:
        raise ValueError(f"limit must not be negative, not {limit}")
    state = constraint.state_after_text(text)
    if state is None:
        grammar, inner = constraint.grammar, constraint.grammar.start
        for position, character in enumerate(text):
            following = grammar.advance(inner, character)
            if following is None:
                raise DeadEndError(f"the grammar allows {text[:position]!r}, but not {character!r} after it")
            inner = following
    assert state is not None
    spellings = constraint.spellings
    variant = spellings.variant_after_text(text)
    ids = constraint.allowed(state).nonzero()[:, 0].tolist()
    ends = set(spellings.end_ids)
    ids.sort(key=lambda index: (index not in ends, index))
    return [
        Continuation((spellings.variants[variant][i] or b"").decode(errors="backslashreplace"), i, i in ends)
        for i in ids[:limit]
    ]
