"""Text-to-regex: a pattern in words, a gold expression, and strings that tell right from wrong ones."""

from __future__ import annotations

import string
from dataclasses import dataclass

from utils.decoding.checked import checked
from utils.decoding.grammar import GrammarError, regular_expression
from utils.world.draws import Draws

_KINDS = {
    "digits": (string.digits, (r"\d", "[0-9]")),
    "capital letters": (string.ascii_uppercase, ("[A-Z]",)),
    "small letters": (string.ascii_lowercase, ("[a-z]",)),
}
_COUNTS = {
    "two": (2, 2, ("{2}",)),
    "three": (3, 3, ("{3}",)),
    "four": (4, 4, ("{4}",)),
    "some": (1, 6, ("+", "{1,}")),
    "two or three": (2, 3, ("{2,3}",)),
}
_MARKS = {"a dash": ("-", "-"), "a colon": (":", ":"), "a dot": (".", r"\."), "a slash": ("/", "/")}
# Words of the descriptions and pieces of the expressions, for a vocabulary.
REGEX_WORDS = ("Write", "capital", "letters", "small", "digits", "two", "three", "four", "some", "or", "dash", "colon",
               "dot", "slash", "then")  # fmt: skip
REGEX_PIECES = (r"\d", "[0-9]", "[A-Z]", "[a-z]", "{2}", "{3}", "{4}", "+", "{1,}", "{2,3}", "-", ":", r"\.", "/")


@dataclass(frozen=True)
class RegexTask:
    """A description, one right expression, strings that it must match as a whole, and strings that it must not."""

    question: str
    pattern: str
    matching: tuple[str, ...]
    other: tuple[str, ...]


Part = tuple[str, str]


def _text(parts: list[Part], draws: Draws) -> str:
    pieces = []
    for count, kind in parts:
        if kind == "":
            pieces.append(_MARKS[count][0])
        else:
            low, high, _ = _COUNTS[count]
            letters = _KINDS[kind][0]
            pieces.append("".join(draws.pick(letters) for _ in range(draws.between(low, high))))
    return "".join(pieces)


def _near_misses(parts: list[Part], draws: Draws) -> list[str]:
    """Return strings of patterns that differ in one part."""
    found = []
    for place, (count, kind) in enumerate(parts):
        if kind == "":
            others = [(mark, "") for mark in sorted(_MARKS) if mark != count]
        else:
            others = [(other, kind) for other in sorted(_COUNTS) if other != count]
            others += [(count, other) for other in sorted(_KINDS) if other != kind]
        for other in others:
            changed = [*parts[:place], other, *parts[place + 1 :]]
            found += [_text(changed, draws) for _ in range(3)]
    return found


@checked
def draw_regex_tasks(n: int, seed: int = 0) -> list[RegexTask]:
    """Draw n descriptions with gold expressions and examples; ValueError for n below 1."""
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    draws = Draws("regex tasks", seed)
    tasks = []
    for _ in range(n):
        parts: list[Part] = []
        for place in range(draws.between(1, 3)):
            if place and draws.chance(0.7):
                parts.append((draws.pick(sorted(_MARKS)), ""))
            parts.append((draws.pick(sorted(_COUNTS)), draws.pick(sorted(_KINDS))))
        words = " then ".join(f"{count} {kind}".strip() for count, kind in parts)
        pattern = "".join(
            _MARKS[count][1] if kind == "" else draws.pick(_KINDS[kind][1]) + draws.pick(_COUNTS[count][2])
            for count, kind in parts
        )
        grammar = regular_expression(pattern)
        matching = dict.fromkeys(_text(parts, draws) for _ in range(20))
        other = dict.fromkeys(text for text in _near_misses(parts, draws) if not grammar.accepts(text))
        tasks.append(RegexTask(f"Write {words}.", pattern, tuple(matching), tuple(other)))
    return tasks


@checked
def examples_match(pattern: str, task: RegexTask) -> bool:
    """Return whether an expression matches what it should and nothing that it should not.

    It is run as an automaton, in time linear in the string, so no expression can take for ever. An expression that is
    not valid, or not in the subset of `regular_expression`, is no match.
    """
    try:
        grammar = regular_expression(pattern)
    except GrammarError:
        return False
    return all(map(grammar.accepts, task.matching)) and not any(map(grammar.accepts, task.other))


def regex_pattern() -> str:
    """Return a regular expression of the expressions that these tasks need: valid ones only."""
    kind = r"(\\d|\[0-9\]|\[A-Z\]|\[a-z\])"
    count = r"(\{2\}|\{3\}|\{4\}|\+|\{1,\}|\{2,3\})"
    return rf"({kind}{count}(-|:|\\\.|/)?){{0,2}}{kind}{count}"
