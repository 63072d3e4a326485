"""Where `$ref` of a schema points: to a place within the same document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from utils.decoding.grammar.errors import UnsupportedSchemaError
from utils.decoding.grammar.schema_cases import Part

_IDS = ("$id", "id")


class References:
    """Finds the schemas that references of one document name: `#`, `#/pointer`, `#anchor`, and its own `$id` before."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self._base = next((root[key] for key in _IDS if _is_text(root, key)), "").rstrip("#")
        self._anchors = {name: part for part in _schemas(root) for name in _anchors(part.schema)}
        # References inside a schema with an address of its own are relative to that, which is not implemented.
        self._own_address = [
            part.path
            for part in _schemas(root)
            if part.path != "$" and any(_is_address(part.schema, key) for key in _IDS)
        ]

    def resolve(self, reference: Any, path: str) -> Part:
        """Return the schema that a reference at a path names.

        Raises:
            UnsupportedSchemaError: it points outside the document or to nothing.
        """
        if not isinstance(reference, str):
            raise UnsupportedSchemaError(path, "$ref", f"must be a text, not {reference!r}")
        if any(path == inner or path.startswith((f"{inner}.", f"{inner}[")) for inner in self._own_address):
            raise UnsupportedSchemaError(path, "$ref", "stands within a schema with an address ($id) of its own")
        address, _, pointer = reference.partition("#")
        if address not in ("", self._base):
            raise UnsupportedSchemaError(path, "$ref", f"points outside the schema: {reference!r}")
        if pointer and not pointer.startswith("/"):
            if pointer not in self._anchors:
                raise UnsupportedSchemaError(path, "$ref", f"names nothing in the schema: {reference!r}")
            return self._anchors[pointer]
        place, where = self.root, "$"
        for step in unquote(pointer).split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            if isinstance(place, Mapping) and name in place:
                place, where = place[name], f"{where}.{name}"
            elif isinstance(place, list) and name.isdecimal() and int(name) < len(place):
                place, where = place[int(name)], f"{where}[{name}]"
            else:
                raise UnsupportedSchemaError(path, "$ref", f"names nothing in the schema: {reference!r}")
        return Part(place, where)


def _is_text(schema: Any, key: str) -> bool:
    return isinstance(schema, Mapping) and isinstance(schema.get(key), str)


def _is_address(schema: Any, key: str) -> bool:
    # A plain name, without a slash or a colon, is as often a property's name or a remark.
    return _is_text(schema, key) and not schema[key].startswith("#") and any(sign in schema[key] for sign in "/:")


def _anchors(schema: Any) -> Iterator[str]:
    for key in ("$anchor", *_IDS):
        if _is_text(schema, key) and (key == "$anchor" or schema[key].startswith("#")):
            yield schema[key].removeprefix("#")


def _schemas(root: Any) -> Iterator[Part]:
    """Return every object of a document with its path; a stack, since documents may be deep."""
    waiting = [Part(root, "$")]
    while waiting:
        part = waiting.pop()
        if isinstance(part.schema, Mapping):
            unnamed = [name for name in part.schema if not isinstance(name, str)]
            if unnamed:
                raise UnsupportedSchemaError(part.path, "", f"a name must be a text, not {unnamed[0]!r}")
            yield part
            waiting += [Part(value, f"{part.path}.{name}") for name, value in part.schema.items()]
        elif isinstance(part.schema, list):
            waiting += [Part(value, f"{part.path}[{i}]") for i, value in enumerate(part.schema)]
