"""A grammar of a few fixed texts."""

from __future__ import annotations

from collections.abc import Iterable

from utils.decoding.grammar.automata import Grammar
from utils.decoding.grammar.errors import GrammarError
from utils.decoding.grammar.expressions import Expressions


def choices(options: Iterable[str]) -> Grammar:
    """Return the grammar of exactly these texts; one that is given twice counts once.

    The empty text is a possible option, and one option may begin with another: then both the end and the rest are
    allowed where the shorter one ends.

    Raises:
        GrammarError: there are no options, or one is not a text or holds half a surrogate pair.
    """
    if isinstance(options, str):
        raise GrammarError(f"options must be a list of texts, not the single text {options!r}")
    different = dict.fromkeys(options)
    if not different:
        raise GrammarError("options must hold at least one text, got none")
    for option in different:
        if not isinstance(option, str):
            raise GrammarError(f"options must be texts, got {option!r}")
    expressions = Expressions()
    return Grammar(expressions, expressions.literals(different))
