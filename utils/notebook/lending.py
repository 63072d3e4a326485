"""Lend the course's version of what an earlier exercise defines, where the learner's own cannot be used yet.

A later exercise may build on an earlier one. Nobody should lose its points because the earlier one is not answered, so
the names are lent where the learner's own do not work. What is lent is marked: the earlier exercise's own test calls it
unanswered, and its graded tests forbid what it is made of.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

_MARK = "_course_lent"


def is_lent(value: Any) -> bool:
    """Return whether a notebook's name holds the course's version."""
    return getattr(value, _MARK, False) is True


def lend(namespace: dict[str, Any], names: Mapping[str, Callable[..., Any]], works: Callable[[], bool]) -> bool:
    """Put the course's functions into a notebook's namespace, unless the learner's own work.

    Args:
        namespace: the notebook's globals.
        names: the course's functions by name.
        works: whether the learner's own can be used; an error in it counts as no.

    Returns:
        Whether they were lent.
    """
    try:
        if works():
            return False
    except Exception:  # the learner's own code, unfinished or wrong in any way
        pass
    for name, function in names.items():
        setattr(function, _MARK, True)
        namespace[name] = function
    return True


class LentAutomaton:
    """The course's automaton of a few options, with the attributes that the exercise asks for."""

    def __init__(self, options: Sequence[str]) -> None:
        # Here and as an attribute, so that a test which forbids it is heard.
        from utils.decoding import grammar

        self.grammar = grammar.choices(list(options))
        self.start: Hashable = self.grammar.start
        self.accepting: set[Any] = {self.grammar.advance(self.grammar.start, option) for option in options}


def _choices_automaton(options: Sequence[str]) -> LentAutomaton:
    """Return an automaton that accepts exactly the options."""
    return LentAutomaton(options)


def _advance(automaton: LentAutomaton, state: Any, text: str) -> Any:
    """Return the state after the whole text, or None."""
    return automaton.grammar.advance(state, text)


_TRIED = (
    ("no", "north", "or"),
    ("north", "nor", "notes", "south", "sold out"),
    ("", "ab", "aab"),
    ("Yes", "no ", "caf\u00e9", "a.b"),
    ("carpet", "cart"),
    ("\u65e5\u672c", "\U0001f600 y", "cafe\u0301"),
    ("b", "two  words\t!", "a"),
    ("rabble", "gabbles"),
    tuple(f"item {number}" for number in range(40, 0, -1)),
)
"""Options on which an automaton is tried before later exercises rely on it."""


def _reads_like_its_options(make: Callable[..., Any], advance: Callable[..., Any]) -> bool:
    """Return whether automata, all made at first, read every piece of the options rightly from every state."""
    handed_over = [list(options) for options in _TRIED]
    automata = [make(options) for options in handed_over]
    if any(tuple(left) != options for left, options in zip(handed_over, _TRIED, strict=True)):
        return False
    for options, automaton in zip(_TRIED, automata, strict=True):
        beginnings = sorted({option[:end] for option in options for end in range(len(option) + 1)})
        pieces = {text[start:] for text in beginnings for start in range(len(text) + 1)}
        # What characters become where only so many bits of them count.
        cut = {"".join(chr(ord(one) % size) for one in piece) for piece in pieces for size in (128, 256, 65536)}
        pieces |= {"x", " ", "?", *(piece.swapcase() for piece in pieces), *cut}
        for beginning in beginnings:
            state = advance(automaton, automaton.start, beginning)
            for piece in pieces:
                after, text = advance(automaton, state, piece), beginning + piece
                if (after is not None) != (text in beginnings):
                    return False
                if after is not None and (after in automaton.accepting) != (text in options):
                    return False
    return True


def lend_automaton() -> None:
    """Lend `choices_automaton` and `advance` of notebook 08 to the notebook that calls this, and say so."""
    namespace = sys._getframe(1).f_globals

    def works() -> bool:
        return _reads_like_its_options(namespace["choices_automaton"], namespace["advance"])

    if lend(namespace, {"choices_automaton": _choices_automaton, "advance": _advance}, works):
        print("Lent: `choices_automaton` and `advance` are the course's until you run your own cell again.")
    else:
        print("Your own `choices_automaton` and `advance` are used below.")
