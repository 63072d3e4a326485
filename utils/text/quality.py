"""Heuristic quality rules for web pages, after Gopher (Rae et al., 2021, appendix A.1), with its thresholds.

A rule is a name and a predicate that is true for a text that passes. Words are what white space separates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeAlias

Rule: TypeAlias = tuple[str, Callable[[str], bool]]

MIN_WORDS, MAX_WORDS = 50, 100_000
MIN_MEAN_WORD_LENGTH, MAX_MEAN_WORD_LENGTH = 3, 10
MAX_SYMBOLS_PER_WORD = 0.1
MIN_ALPHABETIC_WORDS = 0.8
STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")
MIN_STOP_WORDS = 2
MAX_BULLET_LINES = 0.9
MAX_ELLIPSIS_LINES = 0.3
MAX_DUPLICATE_LINES = 0.3
MAX_TOP_BIGRAM = 0.2

_PUNCTUATION = ".,;:!?\"'()[]{}<>«»“”‘’…-–—*_`"
_BULLETS = ("•", "-", "*", "‣", "●", "–")


def quality_failures(text: str, rules: Sequence[Rule]) -> list[str]:
    """Return the names of the rules that the text fails, in the order of the rules."""
    return [name for name, passes in rules if not passes(text)]


def word_count(text: str) -> bool:
    """Return whether the text has 50 to 100,000 words."""
    return MIN_WORDS <= len(text.split()) <= MAX_WORDS


def mean_word_length(text: str) -> bool:
    """Return whether the mean word has 3 to 10 characters; a text without words fails."""
    words = text.split()
    if not words:
        return False
    return MIN_MEAN_WORD_LENGTH <= sum(map(len, words)) / len(words) <= MAX_MEAN_WORD_LENGTH


def symbol_ratio(text: str) -> bool:
    """Return whether there are at most 0.1 hash signs a word, and at most 0.1 ellipses; a text without words fails."""
    n_words = len(text.split())
    if n_words == 0:
        return False
    n_hashes, n_ellipses = text.count("#"), text.count("...") + text.count("…")
    return max(n_hashes, n_ellipses) / n_words <= MAX_SYMBOLS_PER_WORD


def alphabetic_words(text: str) -> bool:
    """Return whether at least 80% of the words hold a letter; a text without words fails."""
    words = text.split()
    if not words:
        return False
    return sum(any(character.isalpha() for character in word) for word in words) / len(words) >= MIN_ALPHABETIC_WORDS


def stop_words(text: str) -> bool:
    """Return whether at least two of the, be, to, of, and, that, have, with occur."""
    words = {word.strip(_PUNCTUATION).lower() for word in text.split()}
    return sum(stop_word in words for stop_word in STOP_WORDS) >= MIN_STOP_WORDS


def bullet_lines(text: str) -> bool:
    """Return whether at most 90% of the lines start with a bullet."""
    return _share_of_lines(text, lambda line: line.startswith(_BULLETS)) <= MAX_BULLET_LINES


def ellipsis_lines(text: str) -> bool:
    """Return whether at most 30% of the lines end with an ellipsis."""
    return _share_of_lines(text, lambda line: line.endswith(("...", "…"))) <= MAX_ELLIPSIS_LINES


def duplicate_lines(text: str) -> bool:
    """Return whether at most 30% of the lines repeat an earlier line."""
    lines = _lines(text)
    return not lines or 1 - len(set(lines)) / len(lines) <= MAX_DUPLICATE_LINES


def top_bigram(text: str) -> bool:
    """Return whether the most frequent pair of words covers at most 20% of the characters of all words."""
    words = text.split()
    n_characters = sum(map(len, words))
    covered: dict[tuple[str, str], int] = {}
    for pair in pairwise(words):
        covered[pair] = covered.get(pair, 0) + len(pair[0]) + len(pair[1])
    # Once is no repetition: a text of two words is not 100% repetition.
    repeated = [n for pair, n in covered.items() if n > len(pair[0]) + len(pair[1])]
    return not repeated or max(repeated) / n_characters <= MAX_TOP_BIGRAM


GOPHER_RULES: list[Rule] = [
    ("word_count", word_count),
    ("mean_word_length", mean_word_length),
    ("symbol_ratio", symbol_ratio),
    ("alphabetic_words", alphabetic_words),
    ("stop_words", stop_words),
]
LINE_RULES: list[Rule] = [("bullet_lines", bullet_lines), ("ellipsis_lines", ellipsis_lines)]
REPETITION_RULES: list[Rule] = [("duplicate_lines", duplicate_lines), ("top_bigram", top_bigram)]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _share_of_lines(text: str, has: Callable[[str], bool]) -> float:
    lines = _lines(text)
    return sum(map(has, lines)) / len(lines) if lines else 0.0
