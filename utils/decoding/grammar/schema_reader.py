"""From schemas to cases: what combines schemas (`allOf`, `anyOf`, `oneOf`, `not`, `if`, `$ref`) is worked out here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from utils.decoding.grammar.errors import UnsupportedSchemaError
from utils.decoding.grammar.schema_apart import apart
from utils.decoding.grammar.schema_cases import Case, NoValueError, Part, product
from utils.decoding.grammar.schema_keywords import CONDITIONS, is_list, plain_case
from utils.decoding.grammar.schema_references import References

MOST_CASES = 256
COMBINING = ("$ref", "allOf", "anyOf", "oneOf", "not", "if", "dependencies", "dependentRequired")


class SchemaReader:
    """Finds the cases of schemas of one document.

    Args:
        references: of the document.
    """

    def __init__(self, references: References) -> None:
        self.references = references
        self._following: list[int] = []

    def cases(self, parts: tuple[Part, ...]) -> list[Case]:
        """Return the cases in which a value is valid under all of several schemas.

        Raises:
            NoValueError: there are none.
            UnsupportedSchemaError: a schema is outside the subset or malformed.
        """
        found = [Case()]
        for part in parts:
            following = product(found, self._of(part))
            if not following:
                raise NoValueError(part.path, "", "allows no value together with the schemas beside it")
            found = self._few(following, part.path, "")
        return found

    def cases_elsewhere(self, parts: tuple[Part, ...]) -> list[Case]:
        """Return cases as `cases` does, of the schemas of another value, a member's for example."""
        following, self._following = self._following, []
        try:
            return self.cases(parts)
        finally:
            self._following = following

    def _few(self, cases: list[Case], path: str, keyword: str) -> list[Case]:
        if len(cases) > MOST_CASES:
            raise UnsupportedSchemaError(path, keyword, f"combines in more than {MOST_CASES} ways")
        return cases

    def _of(self, part: Part) -> list[Case]:
        schema, path = part
        if schema is True:
            return [Case()]
        if schema is False:
            raise NoValueError(path, "", "false allows no value")
        if not isinstance(schema, Mapping):
            raise UnsupportedSchemaError(path, "", f"a schema is an object, true or false, not {schema!r}")
        if id(schema) in self._following:
            raise UnsupportedSchemaError(path, "$ref", "comes back to itself without a value in between")
        self._following.append(id(schema))
        try:
            found = [plain_case(schema, path)]
            for keyword in COMBINING:
                if keyword in schema:
                    following = product(found, self._combined(keyword, schema, path, found))
                    if not following:
                        raise NoValueError(path, keyword, "allows no value together with the keywords beside it")
                    found = self._few(following, path, keyword)
        finally:
            self._following.pop()
        return found

    def _combined(self, keyword: str, schema: Mapping[str, Any], path: str, before: list[Case]) -> list[Case]:
        value = schema[keyword]
        if keyword == "$ref":
            return self._of(self.references.resolve(value, path))
        if keyword == "not":
            return self.negated(Part(value, f"{path}.not"), path)
        if keyword == "if":
            return self._conditional(schema, path)
        if keyword in ("dependencies", "dependentRequired"):
            return self._dependent(keyword, value, path)
        if not is_list(value) or not value:
            raise UnsupportedSchemaError(path, keyword, f"must be a list of at least one schema, not {value!r}")
        options = [Part(option, f"{path}.{keyword}[{i}]") for i, option in enumerate(value)]
        if keyword == "allOf":
            return self.cases(tuple(options))
        if keyword == "anyOf":
            return self._any(options)
        return self._exactly_one(options, path, before)

    def _any(self, options: list[Part]) -> list[Case]:
        found: list[Case] = []
        errors = []
        for option in options:
            try:
                found += self._of(option)
            except NoValueError as error:
                errors.append(error)
        if not found:
            raise errors[0]
        return found

    def _exactly_one(self, options: list[Part], path: str, before: list[Case]) -> list[Case]:
        """Return the cases of one option each, without what another one holds too."""
        cases: list[list[Case]] = []
        for option in options:
            try:
                cases.append(product(before, self._of(option)))
            except NoValueError:
                cases.append([])
        found: list[Case] = []
        for i, own in enumerate(cases):
            for j, others in enumerate(cases):
                if i == j or all(apart(a, b, self.cases_elsewhere) for a in own for b in others):
                    continue
                try:
                    without = self.negated(options[j], path)
                except NoValueError:
                    own = []
                    continue
                except UnsupportedSchemaError as error:
                    raise UnsupportedSchemaError(
                        path, "oneOf", f"the options {min(i, j)} and {max(i, j)} may hold at once ({error})"
                    ) from error
                own = self._few(product(own, without), path, "oneOf")
            found += own
        if not found:
            raise NoValueError(path, "oneOf", "allows no value")
        return found

    def _conditional(self, schema: Mapping[str, Any], path: str) -> list[Case]:
        if "then" not in schema and "else" not in schema:
            return [Case()]
        condition = Part(schema["if"], f"{path}.if")
        found: list[Case] = []
        for keyword, holds in (("then", True), ("else", False)):
            consequence = Part(schema.get(keyword, True), f"{path}.{keyword}")
            try:
                met = self._of(condition) if holds else self.negated(condition, path)
                found += product(met, self._of(consequence))
            except NoValueError:
                continue
        return self._few(found, path, "if")

    def _dependent(self, keyword: str, value: Any, path: str) -> list[Case]:
        if not isinstance(value, Mapping):
            raise UnsupportedSchemaError(path, keyword, f"must be an object, not {value!r}")
        found = [Case()]
        for name, needed in value.items():
            where = {"required": path, keyword: path}
            present = Case(kinds=frozenset(["object"]), required=(name,), where=where)
            if is_list(needed):
                met = [Case(required=tuple(needed), where=where)]
            elif isinstance(needed, str):
                met = [Case(required=(needed,), where=where)]
            else:
                met = self._of(Part(needed, f"{path}.{keyword}.{name}"))
            found = self._few(
                product(found, [Case(forbidden=frozenset([name])), *product([present], met)]), path, keyword
            )
        return found

    def negated(self, part: Part, path: str, depth: int = 0) -> list[Case]:
        """Return the cases of the values that are not valid under a schema.

        Raises:
            NoValueError: every value is valid.
            UnsupportedSchemaError: the schema has a keyword whose opposite is not implemented.
        """
        schema = part.schema
        if schema is False:
            return [Case()]
        if not isinstance(schema, Mapping) or depth > 8:
            raise (
                NoValueError(path, "not", "allows no value")
                if schema is True
                else UnsupportedSchemaError(part.path, "", "has no opposite within the subset")
            )
        found: list[Case] = []
        for keyword in schema:
            if keyword in CONDITIONS:
                found += self._opposite(keyword, part, path, depth + 1)
        if not found:
            raise NoValueError(path, "not", "allows no value")
        return self._few(found, path, "not")

    def _opposite(self, keyword: str, part: Part, path: str, depth: int) -> list[Case]:
        """Return the cases in which one keyword does not hold."""
        value = part.schema[keyword]
        where = {"not": path, "required": part.path}
        objects = frozenset(["object"])
        plain = plain_case({keyword: value}, part.path) if keyword in ("type", "required", "enum", "const") else Case()
        if keyword == "type":
            rest = Case().kinds - plain.kinds
            return [Case(kinds=rest, where=where)] if rest else []
        if keyword == "required":
            return [Case(kinds=objects, forbidden=frozenset([name]), where=where) for name in plain.required]
        if keyword in ("enum", "const"):
            return [Case(excluded=plain.values or (), where=where)]
        if keyword == "properties" and isinstance(value, Mapping):
            found = []
            for name, schema in value.items():
                opposite = {"type": "object", "properties": {name: {"not": schema}}, "required": [name]}
                if schema is not True and schema != {}:
                    found += self._of(Part(opposite, f"{part.path}.properties.{name}"))
            return found
        if keyword == "not":
            return self._of(Part(value, f"{part.path}.not"))
        if keyword == "$ref":
            return self.negated(self.references.resolve(value, part.path), path, depth)
        if keyword in ("anyOf", "allOf") and is_list(value):
            options = [Part(option, f"{part.path}.{keyword}[{i}]") for i, option in enumerate(value)]
            if keyword == "anyOf":
                found = [Case()]
                for option in options:
                    found = self._few(product(found, self.negated(option, path, depth)), path, "not")
                return found
            return [case for option in options for case in self._negated_or_none(option, path, depth)]
        if keyword == "minProperties" and value == 1:
            return [Case(kinds=objects, most={"object": 0}, where=where)]
        raise UnsupportedSchemaError(part.path, keyword, "has no opposite within the subset")

    def _negated_or_none(self, part: Part, path: str, depth: int) -> list[Case]:
        try:
            return self.negated(part, path, depth)
        except NoValueError:
            return []
