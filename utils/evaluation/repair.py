"""Mending outputs that are nearly right: first into JSON, then into the schema.

A script like this knows mistakes that somebody has seen. What it makes of an output may be valid and still not what the
writer meant, so a repair is measured by both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_LITERALS = {"True": "true", "False": "false", "None": "null"}
_BARE = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|True|False|None")
_CLOSER = {"{": "}", "[": "]"}


class NotRepairableError(ValueError):
    """An output that cannot be mended; the message says at which character."""


def repair_json(text: str) -> str:
    """Return JSON made from an output of a model; what is JSON already comes back as it was.

    Mended are: text and code fences around the first object or list, single quotes, Python's True, False and None,
    trailing commas, and whatever is missing at the end (a quote, brackets).

    Raises:
        NotRepairableError: there is no object or list, or it breaks off or goes wrong in another way.
    """
    try:
        json.loads(text)
        return text
    except (ValueError, RecursionError):
        pass
    starts = [place for place in (text.find("{"), text.find("[")) if place >= 0]
    if not starts:
        raise NotRepairableError("text holds neither { nor [, so there is no record in it")
    mended = _Mender(text, min(starts)).mend()
    try:
        json.loads(mended)
    except (ValueError, RecursionError) as error:
        raise NotRepairableError(f"text cannot be mended: {error}") from None
    return mended


class _Mender:
    """Copies one object or list token by token, leaving out and adding what the rules say."""

    def __init__(self, text: str, start: int) -> None:
        self.text, self.place = text, start
        self.pieces: list[str] = []
        self.open: list[str] = []

    def mend(self) -> str:
        while self.place < len(self.text):
            character = self.text[self.place]
            if character in "{[":
                self.open.append(character)
                self._take(character)
            elif character in "}]":
                self._close(character)
                if not self.open:
                    break
            elif character in "\"'":
                self._string(character)
            elif character.isspace() or character in ",:":
                self._take(character)
            elif match := _BARE.match(self.text, self.place):
                self.place = match.end()
                self.pieces.append(_LITERALS.get(match[0], match[0]))
            else:
                raise NotRepairableError(f"text cannot be mended: {character!r} at character {self.place}")
        while self.open:
            self._drop_comma()
            self.pieces.append(_CLOSER[self.open.pop()])
        return "".join(self.pieces)

    def _take(self, piece: str) -> None:
        self.pieces.append(piece)
        self.place += 1

    def _close(self, closer: str) -> None:
        self._drop_comma()
        while self.open and _CLOSER[self.open[-1]] != closer:
            self.pieces.append(_CLOSER[self.open.pop()])
        if not self.open:
            raise NotRepairableError(f"text cannot be mended: {closer!r} at character {self.place} closes nothing")
        self.open.pop()
        self._take(closer)

    def _drop_comma(self) -> None:
        """Take back a comma after which nothing followed."""
        kept = len(self.pieces)
        while kept and self.pieces[kept - 1].isspace():
            kept -= 1
        if kept and self.pieces[kept - 1] == ",":
            del self.pieces[kept - 1 :]

    def _string(self, quote: str) -> None:
        """Copy a string in double quotes; one that never ends is closed at the end of the text."""
        self.place += 1
        content = []
        while self.place < len(self.text) and self.text[self.place] != quote:
            if self.text[self.place] == "\\":
                if self.place + 1 < len(self.text):
                    escape = self.text[self.place : self.place + 2]
                    content.append("'" if escape == "\\'" else escape)
                self.place += 2
                continue
            content.append('\\"' if self.text[self.place] == '"' else self.text[self.place])
            self.place += 1
        self.place += 1
        self.pieces.append('"' + "".join(content) + '"')


_NOTHING = re.compile(r"(?i)\s*(?:|none|null|no|nobody|nothing|n/a|(?:no|none|nobody|nothing|alone)\b.*)\s*")


def fit_to_schema(value: Any, schema: Mapping[str, Any]) -> Any:
    """Return a parsed output bent towards a schema, without inventing what a required field should hold.

    Dropped are properties that the schema does not know; a number in quotes becomes a number; a choice is matched
    without regard to case; "none" and its like become null where null is allowed, and so does a missing nullable field.
    """
    types = schema.get("type", ())
    types = (types,) if isinstance(types, str) else tuple(types)
    if isinstance(value, dict) and "properties" in schema:
        known = schema["properties"]
        fitted = {name: fit_to_schema(value[name], part) for name, part in known.items() if name in value}
        for name in schema.get("required", ()):
            if name not in fitted and "null" in _types(known[name]):
                fitted[name] = None
        return {name: fitted[name] for name in known if name in fitted}
    if isinstance(value, list) and "items" in schema:
        return [fit_to_schema(item, schema["items"]) for item in value]
    if isinstance(value, str):
        for option in schema.get("enum", ()):
            if isinstance(option, str) and option.casefold() == value.strip().casefold():
                return option
        if "null" in types and _NOTHING.fullmatch(value):
            return None
        if "integer" in types and "string" not in types and (number := re.fullmatch(r"\D*(\d+)\D*", value)):
            return int(number[1])
    if value is False and "null" in types and "boolean" not in types:
        return None
    return value


def _types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    types = schema.get("type", ())
    return (types,) if isinstance(types, str) else tuple(types)


def repair_record(text: str, schema: Mapping[str, Any]) -> str:
    """Return a record as JSON: `repair_json`, then `fit_to_schema`; what cannot be mended comes back as it was."""
    try:
        value = json.loads(repair_json(text))
    except ValueError:
        return text
    return json.dumps(fit_to_schema(value, schema), ensure_ascii=False)
