"""Which schemas hold for a member of an object: by its name, among names that are listed, matched or neither."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from utils.decoding.grammar.characters import ANY, Characters, utf8
from utils.decoding.grammar.errors import GrammarError, UnsupportedSchemaError
from utils.decoding.grammar.expressions import Expressions
from utils.decoding.grammar.json_text import Escapes, any_text, encoding, json_character
from utils.decoding.grammar.nodes import Node
from utils.decoding.grammar.regular_expressions import found_anywhere
from utils.decoding.grammar.schema_cases import Case, Part
from utils.decoding.grammar.unicode_classes import Reading


class Texts:
    """Finds patterns in given texts, with the automata of the masks: their time grows with the text only."""

    def __init__(self) -> None:
        self._e = Expressions()

    def matches(self, pattern: str, text: str, reading: Reading) -> bool:
        """Return whether a pattern is found in a text."""
        e = self._e
        anything = e.made_once("anything", lambda: e.repeat(utf8(e, ANY), 0, None))
        node = e.made_once((pattern, reading), partial(found_anywhere, e, pattern, utf8, reading, anything))
        return e.holds(node, text)


class NameGroup(NamedTuple):
    """Names that no schema lists: the texts that they are, and the schemas of their values."""

    content: Node
    parts: tuple[Part, ...]


def listed_names(case: Case) -> list[str]:
    """Return the names that a case lists or requires, in the order in which they are written."""
    return list(dict.fromkeys([*(name for rule in case.objects for name in rule.properties), *case.required]))


def parts_of_name(case: Case, name: str, texts: Texts) -> tuple[Part, ...]:
    """Return the schemas of the value under a name. A pattern that matches in some readings only counts as both."""
    parts: list[Part] = []
    for rule in case.objects:
        if name in rule.properties:
            parts.append(rule.properties[name])
        parts += [part for pattern, part in rule.patterns if texts.matches(pattern, name, "wide")]
        known = name in rule.properties or any(texts.matches(pattern, name, "narrow") for pattern, _ in rule.patterns)
        if not known and rule.additional is not None:
            parts.append(rule.additional)
    return tuple(parts)


def name_groups(e: Expressions, case: Case, content: Node, escapes: Escapes) -> list[NameGroup]:
    """Return the names that no schema lists, by the schemas of their values.

    Names that match the patterns of several schemas are left out.

    Args:
        e: what makes the result.
        case: the conditions on the object.
        content: the texts that names may be.
        escapes: how characters may be written.
    """
    encode = encoding(escapes)
    anything = any_text(e, escapes)
    taken = [*listed_names(case), *sorted(case.forbidden)]
    if taken:
        spelled = e.tree(taken, lambda character: json_character(e, Characters.single(character), escapes))
        content = e.excluding(content, spelled)
    patterns = [(index, pattern, part) for index, rule in enumerate(case.objects) for pattern, part in rule.patterns]

    def apart_from(excluded: list[str], node: Node) -> Node:
        wide = [found_anywhere(e, pattern, encode, "wide", anything) for pattern in dict.fromkeys(excluded)]
        return e.excluding(node, e.either(wide)) if wide else node

    groups = []
    for own, pattern in enumerate([pattern for _, pattern, _ in patterns]):
        matching = e.both(content, found_anywhere(e, pattern, encode, "narrow", anything))
        others = [other for _, other, _ in patterns if other != pattern]
        parts = [part for _, other, part in patterns if other == pattern]
        holders = {index for index, other, _ in patterns if other == pattern}
        parts += [r.additional for i, r in enumerate(case.objects) if i not in holders and r.additional is not None]
        if pattern not in [other for _, other, _ in patterns[:own]]:
            groups.append(NameGroup(apart_from(others, matching), tuple(parts)))
    rest = apart_from([pattern for _, pattern, _ in patterns], content)
    additional = tuple(rule.additional for rule in case.objects if rule.additional is not None)
    groups.append(NameGroup(rest, additional))
    return [group for group in groups if group.content is not e.nothing]


def check_patterns(case: Case) -> None:
    """Refuse the patterns of names that are outside the subset, by their paths."""
    texts = Texts()
    for rule in case.objects:
        for pattern, part in rule.patterns:
            path = part.path[: -len(f".{pattern}")]
            try:
                texts.matches(pattern, "", "wide")
            except GrammarError as error:
                owner, _, keyword = path.rpartition(".")
                raise UnsupportedSchemaError(owner, keyword, str(error)) from error
