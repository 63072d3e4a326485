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


def lend_automaton() -> None:
    """Lend `choices_automaton` and `advance` of notebook 08 to the notebook that calls this, and say so."""
    namespace = sys._getframe(1).f_globals

    def works() -> bool:
        make, advance = namespace["choices_automaton"], namespace["advance"]
        automaton = make(["no", "north", "or"])
        ends = {
            text: advance(automaton, automaton.start, text) for text in ("no", "north", "or", "n", "nor", "x", "non")
        }
        accepted = {text for text, state in ends.items() if state is not None and state in automaton.accepting}
        unread = {text for text, state in ends.items() if state is None}
        return accepted == {"no", "north", "or"} and unread == {"x", "non"}

    if lend(namespace, {"choices_automaton": _choices_automaton, "advance": _advance}, works):
        print("Lent: `choices_automaton` and `advance` are the course's until you run your own cell again.")
    else:
        print("Your own `choices_automaton` and `advance` are used below.")
