"""From the cases of a schema to one expression over bytes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from utils.decoding.grammar.errors import GrammarError, GrammarTooLargeError, UnsupportedSchemaError
from utils.decoding.grammar.expressions import Expressions
from utils.decoding.grammar.json_document import define_any_value
from utils.decoding.grammar.json_text import Escapes, any_text, fixed, quoted, written
from utils.decoding.grammar.nodes import Node
from utils.decoding.grammar.ordered_members import Member, ordered_members
from utils.decoding.grammar.schema_cases import KINDS, SIZES, Case, NoValueError, Part, canonical, kind_of
from utils.decoding.grammar.schema_members import check_patterns, listed_names, name_groups, parts_of_name
from utils.decoding.grammar.schema_reader import SchemaReader
from utils.decoding.grammar.schema_references import References
from utils.decoding.grammar.schema_scalars import count_of, number_node, text_content
from utils.decoding.grammar.schema_values import Values

DEEPEST_SCHEMA = 60
MOST_SCHEMAS = 20_000


class SchemaCompiler:
    """Turns a schema into an expression.

    Args:
        schema: the whole document, in which references point.
        separators: what stands between items and after names.
        escapes: how characters in strings may be written.
    """

    def __init__(self, schema: Any, separators: tuple[str, str], escapes: Escapes) -> None:
        self.e = Expressions()
        self.separators, self.escapes = separators, escapes
        self.reader = SchemaReader(References(schema))
        self.values = Values(self.reader.cases_elsewhere)
        self.comma, self.colon = (self.e.literal(separator) for separator in separators)
        self._any: tuple[Node, Node, Node] | None = None
        # By the identity of the schemas, which are kept so that no other object takes their identity.
        self._done: dict[tuple[int, ...], tuple[tuple[Part, ...], Node]] = {}
        self._under_way: dict[tuple[int, ...], str] = {}
        self.recursive: dict[str, str] = {}

    def any_of(self, index: int) -> Node:
        """Return any value (0), any object (1) or any array (2); made when first asked for."""
        if self._any is None:
            self._any = define_any_value(self.e, self.escapes, self.e.empty, self.separators)
        return self._any[index]

    def compile(self, parts: tuple[Part, ...], depth: int = 0) -> Node:
        """Return the values that are valid under all of several schemas.

        Raises:
            NoValueError: there are none.
            UnsupportedSchemaError: a schema is outside the subset or malformed.
        """
        parts = tuple({id(part.schema): part for part in parts if part.schema is not True}.values())
        if not parts:
            return self.any_of(0)
        path = parts[0].path
        key = tuple(id(part.schema) for part in parts)
        if key in self._done:
            return self._done[key][1]
        if key in self._under_way:
            # A value within itself: a name stands for it.
            name = self._under_way[key]
            self.recursive[name] = path
            return self.e.reference(name)
        if depth > DEEPEST_SCHEMA:
            raise UnsupportedSchemaError(path[:60] + "...", "", f"nested more than {DEEPEST_SCHEMA} deep")
        if len(self._done) > MOST_SCHEMAS:
            raise UnsupportedSchemaError(path, "", f"combines into more than {MOST_SCHEMAS:,} schemas")
        name = self._under_way[key] = f"schema {len(self._done)} {path}"
        try:
            node = self._either(self.reader.cases(parts), depth)
        finally:
            del self._under_way[key]
        if name in self.recursive:
            self.e.define(name, node)
        self._done[key] = (parts, node)
        return node

    def _either(self, cases: list[Case], depth: int) -> Node:
        nodes, errors = [], []
        for case in cases:
            for kinds in (KINDS,) if case.values is not None else _groups(case):
                try:
                    nodes.append(self._of(case, kinds, depth))
                except NoValueError as error:
                    errors.append(error)
        if not nodes:
            raise errors[0]
        return self.e.either(nodes)

    def _of(self, case: Case, kinds: tuple[str, ...], depth: int) -> Node:
        if case.values is not None:
            return self._listed(case)
        kind = kinds[0]
        if kind in ("boolean", "null"):
            words = {"boolean": (True, False), "null": (None,)}[kind]
            left = [word for word in words if canonical(word) not in {canonical(value) for value in case.excluded}]
            if not left:
                raise case.no_value("not", f"leaves no {kind}")
            return self.e.either([fixed(self.e, word, self.separators) for word in left])
        if kind in ("integer", "fraction"):
            return number_node(self.e, case)
        if kind == "string":
            return quoted(self.e, text_content(self.e, case, self.escapes))
        if any(kind_of(value) == kind for value in case.excluded):
            raise case.refuse("not", f"excludes a single {kind}, which is outside the subset")
        return self._array(case, depth) if kind == "array" else self._object(case, depth)

    def _listed(self, case: Case) -> Node:
        keyword = "const" if "const" in case.where else "enum"
        others = replace(case, values=None)
        values = [value for value in case.values or () if self.values.meets(value, others)]
        if not values:
            raise case.no_value(keyword, "allows no value")
        try:
            return self.e.literals([written(value, self.separators) for value in values])
        except (TypeError, ValueError, RecursionError) as error:
            raise case.refuse(keyword, f"holds a value that is no JSON: {error}") from error

    def _array(self, case: Case, depth: int) -> Node:
        e = self.e
        low, high = count_of(case, "array", SIZES["array"])
        opening, closing = e.literal("["), e.literal("]")
        if high == 0:
            return e.sequence(opening, closing)
        if case.unique is not None and (high is None or high > 1):
            return e.sequence(opening, self._different(case, low, high), closing)
        if not case.arrays and low == 0 and high is None:
            return self.any_of(2)
        longest = max((len(rule.prefix) for rule in case.arrays), default=0)
        longest = longest if high is None else min(longest, high)
        nodes: list[Node] = []
        for place in range(longest + 1):
            parts = tuple(
                part
                for rule in case.arrays
                if (part := rule.prefix[place] if place < len(rule.prefix) else rule.items) is not None
            )
            try:
                nodes.append(self.compile(parts, depth + 1))
            except NoValueError:
                # No item fits here, so arrays end before it.
                high = place if high is None else min(high, place)
                if low > high:
                    raise
                break
        members = [e.sequence(self.comma, node) if place else node for place, node in enumerate(nodes)]
        further = e.empty
        if len(nodes) > longest:
            prefix, rest = members[:longest], nodes[longest]
            room = None if high is None else high - longest
            if longest:
                further = e.repeat(e.sequence(self.comma, rest), max(low - longest, 0), room)
            else:
                more = e.repeat(
                    e.sequence(self.comma, rest), max(low - 1, 0), None if room is None else max(room - 1, 0)
                )
                further = e.sequence(rest, more) if low else e.optional(e.sequence(rest, more))
                further = e.empty if room == 0 else further
        else:
            prefix = members
        for place in range(len(prefix) - 1, -1, -1):
            further = e.sequence(prefix[place], further)
            if place >= low:
                further = e.optional(further)
        return e.sequence(opening, further, closing)

    def _different(self, case: Case, low: int, high: int | None) -> Node:
        """Return items that differ, where they are among given values; in the order in which these are given."""
        refusal = UnsupportedSchemaError(
            case.unique or "$", "uniqueItems", "is within the subset only for items of `enum`, or at most one item"
        )
        parts = tuple(rule.items for rule in case.arrays if rule.items is not None)
        if not parts or any(rule.prefix for rule in case.arrays):
            raise refusal
        values: dict[str, Any] = {}
        for item in self.reader.cases_elsewhere(parts):
            if item.values is None:
                raise refusal
            others = replace(item, values=None)
            values.update({canonical(value): value for value in item.values if self.values.meets(value, others)})
        members = [Member(fixed(self.e, value, self.separators), False) for value in values.values()]
        try:
            node = ordered_members(self.e, members, self.comma, low, high)
        except GrammarTooLargeError as error:
            raise UnsupportedSchemaError(case.unique or "$", "uniqueItems", str(error)) from error
        if node is self.e.nothing:
            raise case.no_value("minItems", f"asks for {low} different items, and there are {len(members)}")
        return node

    def _object(self, case: Case, depth: int) -> Node:
        e = self.e
        low, high = count_of(case, "object", SIZES["object"])
        check_patterns(case)
        if low <= 1 and high is None and not (case.objects or case.required or case.forbidden or case.names):
            return self._members([], e.sequence(quoted(e, any_text(e, self.escapes)), self.colon, self.any_of(0)), case)
        members = []
        for name in listed_names(case):
            required = name in case.required
            try:
                if name in case.forbidden or (case.names and not self.values.valid(name, case.names)):
                    raise case.no_value("required", f"names {name!r}, which is not allowed")
                value = self.compile(parts_of_name(case, name, self.values.texts), depth + 1)
            except NoValueError:
                if required:
                    raise
                continue
            try:
                members.append(Member(e.sequence(fixed(e, name, self.separators), self.colon, value), required))
            except GrammarError as error:
                raise case.refuse("properties" if "properties" in case.where else "required", str(error)) from error
        return self._members(members, self._further(case, depth), case)

    def _further(self, case: Case, depth: int) -> Node | None:
        """Return a member whose name is not listed, None where there can be none."""
        e = self.e
        content = any_text(e, self.escapes)
        if case.names:
            names = [one for one in self.reader.cases_elsewhere(case.names) if "string" in one.kinds]
            if any(one.values is not None for one in names):
                raise case.refuse("propertyNames", "with enum or const is outside the subset")
            content = e.either([text_content(e, one, self.escapes) for one in names])
        found = []
        try:
            groups = name_groups(e, case, content, self.escapes)
        except GrammarTooLargeError as error:
            raise case.refuse("patternProperties", str(error)) from error
        for group in groups:
            try:
                value = self.compile(group.parts, depth + 1)
            except NoValueError:
                continue
            found.append(e.sequence(quoted(e, group.content), self.colon, value))
        return e.either(found) if found else None

    def _members(self, members: list[Member], further: Node | None, case: Case) -> Node:
        e = self.e
        low, high = count_of(case, "object", SIZES["object"])
        try:
            node = ordered_members(e, members, self.comma, low, high, further)
        except GrammarTooLargeError as error:
            raise case.refuse("properties", str(error)) from error
        if node is e.nothing:
            needed = sum(member.required for member in members)
            if high is not None and needed > high:
                raise case.no_value("maxProperties", f"is {high}, and {needed} members are required")
            reason = "asks for more members than are listed; of others only one counts, since two could be the same"
            raise case.refuse("minProperties", reason) if further else case.no_value("minProperties", reason)
        return e.sequence(e.literal("{"), node, e.literal("}"))


def _groups(case: Case) -> list[tuple[str, ...]]:
    """Return the kinds of a case, both kinds of numbers together."""
    kinds = [(kind,) for kind in KINDS if kind in case.kinds and kind not in ("integer", "fraction")]
    numbers = tuple(kind for kind in ("integer", "fraction") if kind in case.kinds)
    return kinds + ([numbers] if numbers else [])
