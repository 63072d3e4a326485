r"""Regular expressions, the subset that a finite automaton reads.

A pattern describes the whole text. It may hold

    literal characters     a é 語, and punctuation after a backslash: \. \* \{ \\ \/
    . and classes          `.` is any character but the line feed; [abc] [a-z0-9_] [^"\n]
    \d \w \s \D \W \S      in their ASCII meaning: [0-9], [0-9A-Za-z_], [ \t\n\r\f\v] and what is left of Unicode
                           (in a schema's patterns only what every reading has in common, see `unicode_classes`)
    escapes                \n \r \t \f \v \0, \xHH, \uHHHH; in a class also \b (backspace)
    groups                 (...), (?:...), (?P<name>...), (?<name>...): they only group
    a|b                    alternatives, which may be empty
    ? * + {m} {m,} {m,n}   and their lazy forms (`*?`), which have the same language
    ^ and $                at the start and the end of the pattern or of a top-level alternative, where they are implied

Everything else is refused by name: backreferences, lookahead, lookbehind, word boundaries, possessive quantifiers,
atomic groups, inline flags, Unicode properties, anchors inside, `{` or `}` as a literal without a backslash.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from utils.decoding.grammar.automata import Grammar
from utils.decoding.grammar.characters import Characters, utf8
from utils.decoding.grammar.errors import GrammarError, UnsupportedPatternError
from utils.decoding.grammar.expressions import Expressions
from utils.decoding.grammar.nodes import Node
from utils.decoding.grammar.unicode_classes import OPPOSITE, Reading, any_but_line_ends, class_of

LONGEST_PATTERN = 10_000
DEEPEST_GROUP = 50
LARGEST_COUNT = 10_000
# Of the counts of groups within each other that may vary, multiplied.
LARGEST_NESTED_COUNT = 100_000

Encode = Callable[[Expressions, Characters], Node]

_CLASSES = "dwsDWS"
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "0": "\0"}
_COUNT = re.compile(r"\{(\d+)(,(\d*))?\}")
_REFUSED_GROUPS = {
    "?=": "lookahead",
    "?!": "negative lookahead",
    "?<=": "lookbehind",
    "?<!": "negative lookbehind",
    "?>": "an atomic group",
    "?P=": "a backreference",
    "?P>": "recursion",
    "?(": "a conditional group",
    "?#": "a comment",
}
_REFUSED_ESCAPES = {
    "b": "a word boundary",
    "B": "a word boundary",
    "A": "an anchor by letter",
    "Z": "an anchor by letter",
    "z": "an anchor by letter",
    "p": "a Unicode property",
    "P": "a Unicode property",
    "k": "a backreference",
    "g": "a backreference",
}


@dataclass(frozen=True)
class Alternative:
    """A top-level alternative of a pattern and whether ^ and $ stand at its ends."""

    node: Node
    starts: bool
    ends: bool


class _Parser:
    """Reads a pattern from left to right, one method per level of precedence."""

    def __init__(self, expressions: Expressions, pattern: str, encode: Encode, reading: Reading) -> None:
        self.e, self.pattern, self.encode, self.reading = expressions, pattern, encode, reading
        self.position = self.depth = 0
        # The largest product of counts within each other of what was read last.
        self.nested = 1

    def refuse(self, part: str, advice: str = "", at: int | None = None) -> UnsupportedPatternError:
        return UnsupportedPatternError(self.pattern, self.position if at is None else at, part, advice)

    def rest(self, length: int = 1) -> str:
        return self.pattern[self.position : self.position + length]

    def take(self, text: str) -> bool:
        if self.pattern.startswith(text, self.position):
            self.position += len(text)
            return True
        return False

    def alternatives(self) -> list[Alternative]:
        found = []
        while True:
            starts = self.take("^")
            node = self.chain()
            ends = self.take("$")
            found.append(Alternative(node, starts, ends))
            if self.take("|"):
                continue
            if self.rest() == ")":
                raise self.refuse("a closing parenthesis without an opening one")
            if self.rest():
                raise self.refuse("an anchor inside the pattern", "only the ends of the pattern may be anchored")
            return found

    def chain(self) -> Node:
        parts = []
        largest = 1
        while self.rest() not in ("", "|", ")", "$"):
            self.nested = 1
            parts.append(self.quantified())
            largest = max(largest, self.nested)
        self.nested = largest
        return self.e.sequence(*parts)

    def quantified(self) -> Node:
        start = self.position
        item = self.atom()
        count = self.count()
        if count is None:
            return item
        low, high = count
        self.take("?")  # lazy: which of several ways to match is found does not matter here
        if self.rest() == "+":
            raise self.refuse("a possessive quantifier")
        if self.rest() in ("*", "?") or _COUNT.match(self.pattern, self.position):
            raise self.refuse("a quantifier after a quantifier", "put the inner one in a group")
        if high is not None and high < low:
            raise self.refuse(f"the counts {{{low},{high}}} are in the wrong order", at=start)
        if max(low, high or 0) > LARGEST_COUNT:
            raise self.refuse(f"a count above {LARGEST_COUNT:,}", at=start)
        # A count that is fixed leaves one way to read a text; others multiply the ways.
        self.nested *= low + 1 if high is None else high - low + 1
        if self.nested > LARGEST_NESTED_COUNT:
            raise self.refuse(
                f"counts within each other that vary in more than {LARGEST_NESTED_COUNT:,} ways", at=start
            )
        return self.e.repeat(item, low, high)

    def count(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("?", (0, 1)), ("*", (0, None)), ("+", (1, None))):
            if self.take(sign):
                return bounds
        found = _COUNT.match(self.pattern, self.position)
        if not found:
            return None
        self.position = found.end()
        low = int(found[1])
        return low, (low if found[2] is None else int(found[3]) if found[3] else None)

    def atom(self) -> Node:
        character = self.rest()
        if character == "(":
            return self.group()
        if character == "[":
            return self.encode(self.e, self.character_class())
        if character == "\\":
            return self.encode(self.e, self.escape(self.reading, inside=False))
        if character == ".":
            self.position += 1
            return self.encode(self.e, any_but_line_ends(self.reading))
        if character in "?*+":
            raise self.refuse(f"the quantifier {character!r} has nothing to repeat")
        if character == "^":
            raise self.refuse("an anchor inside the pattern", "only the ends of the pattern may be anchored")
        if character in "{}":
            raise self.refuse(f"{character!r} that belongs to no count", f"write \\{character} for the character")
        self.position += 1
        return self.encode(self.e, self.single(character))

    def single(self, character: str) -> Characters:
        if "\ud800" <= character <= "\udfff":
            raise self.refuse("a surrogate, which is no character")
        return Characters.single(character)

    def group(self) -> Node:
        opening = self.position
        self.position += 1
        self.depth += 1
        if self.depth > DEEPEST_GROUP:
            raise self.refuse(f"groups nested more than {DEEPEST_GROUP} deep")
        if self.rest() == "?":
            for sign in sorted(_REFUSED_GROUPS, key=len, reverse=True):
                if self.rest(len(sign)) == sign:
                    raise self.refuse(_REFUSED_GROUPS[sign], at=opening)
            named = re.compile(r"\?(?::|P?<[A-Za-z_]\w*>)").match(self.pattern, self.position)
            if not named:
                raise self.refuse("inline flags or an unknown kind of group", at=opening)
            self.position = named.end()
        options = [self.chain()]
        largest = self.nested
        while self.take("|"):
            options.append(self.chain())
            largest = max(largest, self.nested)
        self.nested = largest
        if self.rest() == "$":
            raise self.refuse("an anchor inside the pattern", "only the ends of the pattern may be anchored")
        if not self.take(")"):
            raise self.refuse("an opening parenthesis that is never closed", at=opening)
        self.depth -= 1
        return self.e.either(options)

    def escape(self, reading: Reading, inside: bool) -> Characters:
        start = self.position
        self.position += 1
        letter = self.rest()
        if not letter:
            raise self.refuse("a backslash with nothing after it", at=start)
        self.position += 1
        if letter in _CLASSES:
            return class_of(letter, reading)
        if inside and letter == "b":
            return Characters.single("\b")
        if letter in _REFUSED_ESCAPES:
            raise self.refuse(_REFUSED_ESCAPES[letter], at=start)
        if letter in _CONTROLS and not (letter == "0" and self.rest().isdigit()):
            return Characters.single(_CONTROLS[letter])
        if letter in "xu":
            length = 2 if letter == "x" else 4
            digits = self.rest(length)
            if not re.fullmatch(f"[0-9a-fA-F]{{{length}}}", digits):
                raise self.refuse(f"\\{letter} needs {length} hexadecimal digits", at=start)
            self.position += length
            return self.single(chr(int(digits, 16)))
        if letter.isdigit():
            raise self.refuse("a backreference" if letter != "0" else "an octal escape", at=start)
        if letter.isalnum():
            raise self.refuse(f"the unknown escape \\{letter}", at=start)
        return self.single(letter)

    def character_class(self) -> Characters:
        opening = self.position
        self.position += 1
        negated = self.take("^")
        # What must not be in the class is read the other way round: the widest leaves the narrowest.
        reading = OPPOSITE[self.reading] if negated else self.reading
        members = Characters(())
        first = True
        while first or self.rest() != "]":
            if not self.rest():
                raise self.refuse("a class that is never closed", at=opening)
            if first and self.rest() == "]":
                raise self.refuse("an empty class", "write \\] for the bracket", at=opening)
            first = False
            low = self.member(reading)
            if self.rest() == "-" and self.rest(2) not in ("-", "-]"):
                at = self.position
                self.position += 1
                high = self.member(reading)
                ends = [end.ranges[0] for end in (low, high) if len(end.ranges) == 1 and len(set(end.ranges[0])) == 1]
                if len(ends) < 2 or ends[0][0] > ends[1][0]:
                    raise self.refuse("a range whose ends are no two characters in order", at=at)
                low = Characters.of([(ends[0][0], ends[1][0])])
            members |= low
        self.position += 1
        return ~members if negated else members

    def member(self, reading: Reading) -> Characters:
        character = self.rest()
        if not character:
            return Characters(())
        if character == "\\":
            return self.escape(reading, inside=True)
        if character == "[":
            raise self.refuse("an opening bracket inside a class", "write \\[ for the character")
        self.position += 1
        return self.single(character)


def parse(
    expressions: Expressions, pattern: str, encode: Encode = utf8, reading: Reading = "ascii"
) -> list[Alternative]:
    """Return the top-level alternatives of a pattern; `encode` says how one character of a set is written in bytes.

    `reading` says what classes mean, see `unicode_classes`.

    Raises:
        UnsupportedPatternError: the pattern is malformed or outside the subset.
    """
    if not isinstance(pattern, str):
        raise GrammarError(f"pattern must be a text, not {pattern!r}")
    if len(pattern) > LONGEST_PATTERN:
        raise GrammarError(f"pattern must have at most {LONGEST_PATTERN:,} characters, not {len(pattern):,}")
    return _Parser(expressions, pattern, encode, reading).alternatives()


def found_anywhere(expressions: Expressions, pattern: str, encode: Encode, reading: Reading, anything: Node) -> Node:
    """Return the texts in which a pattern is found, as JSON Schema has it: anywhere unless ^ and $ tie it to the ends.

    Args:
        expressions: what makes the result.
        pattern: the pattern.
        encode: how one character of a set is written in bytes.
        reading: what classes mean; in the wide reading `$` also stands before a line feed at the end, as in Python.
        anything: any text in that writing.

    Raises:
        UnsupportedPatternError: the pattern is malformed or outside the subset.
    """
    e = expressions
    end = e.optional(encode(e, Characters.single("\n"))) if reading == "wide" else e.empty
    return e.either(
        [
            e.sequence(
                e.empty if alternative.starts else anything,
                alternative.node,
                end if alternative.ends else anything,
            )
            for alternative in parse(e, pattern, encode, reading)
        ]
    )


def regular_expression(pattern: str) -> Grammar:
    """Return the grammar of the texts that a pattern matches from end to end.

    Raises:
        UnsupportedPatternError: the pattern is malformed or outside the subset (see the top of this file).
        GrammarError: no text matches, so that a writer would never come to an end.
        GrammarTooLargeError: while it is used, when the automaton passes its limit of states.
    """
    expressions = Expressions()
    root = expressions.either([alternative.node for alternative in parse(expressions, pattern)])
    if root is expressions.nothing:
        raise GrammarError(f"no text matches the pattern {pattern!r}: a writer would never come to an end")
    return Grammar(expressions, root)
