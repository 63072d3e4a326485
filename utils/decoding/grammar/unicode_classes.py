r"""What \d, \w, \s and `.` may mean: readings differ between languages, and a safe mask keeps to what all share.

JavaScript, whose patterns JSON Schema borrows, reads \d and \w as ASCII; Python, Rust and others as Unicode. Three
readings:

    "ascii"    the course's own regular expressions: ASCII classes, `.` is all but the line feed
    "narrow"   what matches in every reading: \d is [0-9], and \D leaves out the digits of all scripts
    "wide"     what matches in some reading: for texts that must not match
"""

from __future__ import annotations

import sys
import unicodedata
from functools import cache
from typing import Literal

from utils.decoding.grammar.characters import ANY, DIGITS, SPACE, WORD, Characters

Reading = Literal["ascii", "narrow", "wide"]
OPPOSITE: dict[Reading, Reading] = {"ascii": "ascii", "narrow": "wide", "wide": "narrow"}

_LINE_FEED = Characters.single("\n")
_LINE_ENDS = Characters.single("\n\r\x85\u2028\u2029")
# White space of Unicode, with what only JavaScript or only Python counts among it.
_WIDE_SPACE = SPACE | Characters.of(
    (
        *((0x1C, 0x1F), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x180E, 0x180E), (0x2000, 0x200B)),
        *((0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)),
    )
)


@cache
def _of_categories(*categories: str) -> Characters:
    """Return the characters whose general category begins with one of these, and those without a category yet."""
    # A newer Unicode may make a letter or a digit of a character that has no category today.
    found, start = [], None
    for point in range(sys.maxunicode + 2):
        inside = point <= sys.maxunicode and unicodedata.category(chr(point)).startswith((*categories, "Cn"))
        if inside and start is None:
            start = point
        elif not inside and start is not None:
            found.append((start, point - 1))
            start = None
    return Characters.of(found)


def _wide(letter: str) -> Characters:
    if letter == "d":
        return DIGITS | _of_categories("Nd")
    if letter == "w":
        return WORD | _of_categories("L", "M", "N", "Pc") | Characters.single("\u200c\u200d")
    return _WIDE_SPACE


def class_of(letter: str, reading: Reading) -> Characters:
    r"""Return the characters of a class by its letter: d, w, s, D, W or S."""
    narrow = {"d": DIGITS, "w": WORD, "s": SPACE}[letter.lower()]
    if letter.isupper():
        return ~(_wide(letter.lower()) if reading == "narrow" else narrow)
    return _wide(letter) if reading == "wide" else narrow


def any_but_line_ends(reading: Reading) -> Characters:
    """Return the characters of `.`: all but the line feed, in the narrow reading all but every end of a line."""
    return ANY - (_LINE_ENDS if reading == "narrow" else _LINE_FEED)
