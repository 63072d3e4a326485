"""Mending outputs that are nearly JSON: what stands around a record goes, what is missing at its end is added.

A script like this knows mistakes that somebody has seen. What it makes of an output may be valid and still not what the
writer meant, so it never chooses between two readings and never drops a part of a record: then it refuses. A repair is
measured by both, valid outputs and right ones. Bending JSON into a schema is `schema_fitting`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from utils.decoding.arguments import a_text, instance_of
from utils.evaluation.schema_fitting import fit_to_schema

__all__ = ["NotRepairableError", "fit_to_schema", "repair_json", "repair_record"]

_LITERALS = {"True": "true", "False": "false", "None": "null"}
_BARE = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|True|False|None")
_CLOSER = {"{": "}", "[": "]"}
_FENCE = "```"
# Brackets as people write them in a sentence, [see above] or {name}: no quotes, no keys, nothing nested.
_ASIDE = re.compile(r"\{[^{}\[\]\":]*\}|\[[^{}\[\]\":]*\]")
_KEY = re.compile(r"[\"']\s*:")
_KEY_AND_VALUE = re.compile(r"[\"']\s*:\s*(?:[\"'\d-]|true|false|null|True|False|None)")


class NotRepairableError(ValueError):
    """An output that cannot be mended; the message says why, and at which character where there is one."""


def repair_json(text: str) -> str:
    """Return JSON made from an output of a model; what is JSON already comes back as it was.

    Mended are: text and code fences around one object or list, single quotes, Python's True, False and None, trailing
    commas, whatever is missing at the end (a quote, brackets), a closing bracket that is missing before another one,
    and a fence that ends before the record does. Lists of numbers in a sentence, such as the sources [1] and
    [2], are no records beside one that holds more.

    Raises:
        NotRepairableError: there is no object or list, or it goes wrong in another way; or mending could lose a part:
            several different records, keys outside of the brackets, brackets with two readings.
        ValueError: `text` is no string.
    """
    a_text(text, "text")
    if _is_json(text):
        return text
    found = _records(text)
    if not found:
        raise NotRepairableError("text holds neither an object nor a list, so there is no record in it")
    # Lists of bare numbers beside a record are part of the sentence around it.
    records = [one for one in found if "{" in one.json or '"' in one.json] or found
    if len({_canonical(one.json) for one in records}) > 1:
        places = ", ".join(str(one.start) for one in records)
        raise NotRepairableError(f"text holds several records, at characters {places}: which one counts?")
    record = records[0]
    _check_around(text, found, record)
    return record.json


def repair_record(text: str, schema: Mapping[str, Any]) -> str:
    """Return a record as JSON: `repair_json`, then `fit_to_schema`; what cannot be mended comes back as it was.

    Raises:
        ValueError: `text` is no string, or the schema no mapping.
    """
    instance_of(schema, "schema", Mapping)  # type: ignore[type-abstract]
    try:
        value = json.loads(repair_json(a_text(text, "text")), object_pairs_hook=_without_repetition)
    except (NotRepairableError, RecursionError):
        return text
    return json.dumps(fit_to_schema(value, schema), ensure_ascii=False)


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; raise NotRepairableError where a key stands in it twice, as after a missing bracket."""
    result = dict(pairs)
    if len(result) < len(pairs):
        repeated = next(name for place, (name, _) in enumerate(pairs) if name in dict(pairs[:place]))
        raise NotRepairableError(f"text holds the key {repeated!r} twice in one object: which one counts?")
    return result


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _is_json(text: str) -> bool:
    """Return whether a text is a JSON document; Python's own reader takes NaN too, and no number of 5,000 digits."""
    try:
        json.loads(text, parse_int=str, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return False
    return True


def _canonical(text: str) -> str:
    return json.dumps(json.loads(text, parse_int=str), sort_keys=True)


@dataclass(frozen=True)
class _Record:
    """One object or list of a text: where it stands, as JSON, and what had to be added.

    `implied` says that a bracket was closed by one of another kind, `open_end` that some were left open at the end.
    """

    start: int
    end: int
    json: str
    implied: bool
    open_end: bool


def _records(text: str) -> list[_Record]:
    """Return every object and list of a text that is not part of another one, mended.

    Raises:
        NotRepairableError: one cannot be mended, and is no bracket of a sentence.
    """
    found = []
    place = 0
    while (start := _next_opening(text, place)) is not None:
        try:
            record = _Mender(text, start).mend()
        except NotRepairableError:
            aside = _ASIDE.match(text, start)
            if aside is None:
                raise
            place = aside.end()
            continue
        found.append(record)
        place = record.end
    return found


def _next_opening(text: str, place: int) -> int | None:
    opening = re.compile(r"[{\[]").search(text, place)
    return None if opening is None else opening.start()


def _check_around(text: str, found: list[_Record], record: _Record) -> None:
    """Raise NotRepairableError when the text around a record holds parts of it, as after a wrong bracket."""
    before, after = _between(text, found, 0, record.start), _between(text, found, record.end, len(text))
    if _KEY_AND_VALUE.search(before):
        raise NotRepairableError(f"text holds a key and its value before the record at character {record.start}")
    closers = re.match(r"[\s\]}]*", after)
    rest = after[closers.end() :] if closers else after
    if _KEY.search(rest) or re.match(r",\s*[\"'\d]", rest) or re.search(r"[\]}]", rest):
        raise NotRepairableError(f"text goes on after the bracket at character {record.end - 1} as if it were inside")
    extra = closers is not None and closers[0].strip() != ""
    if record.implied and (extra or record.open_end):
        raise NotRepairableError(f"text has brackets with several readings, from character {record.start} on")


def _between(text: str, found: list[_Record], start: int, end: int) -> str:
    """Return a stretch of text without the records and asides in it."""
    pieces, place = [], start
    for one in found:
        if start <= one.start and one.end <= end:
            pieces.append(text[place : one.start])
            place = one.end
    return _ASIDE.sub(" ", " ".join([*pieces, text[place:end]]))


class _Mender:
    """Copies one object or list token by token, leaving out and adding what the rules say."""

    def __init__(self, text: str, start: int) -> None:
        self.text, self.start, self.place = text, start, start
        self.pieces: list[str] = []
        self.open: list[str] = []
        self.implied = False

    def mend(self) -> _Record:
        """Return the record; raise NotRepairableError where it goes wrong."""
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
                self._take(character if character in ",: \t\n\r" else " ")
            elif match := _BARE.match(self.text, self.place):
                self.place = match.end()
                self.pieces.append(_LITERALS.get(match[0], match[0]))
            elif self.text.startswith(_FENCE, self.place):
                if not re.compile(r"\s*[\]},\"']").match(self.text, self.place + len(_FENCE)):
                    break
                self.place += len(_FENCE)
            else:
                raise NotRepairableError(f"text cannot be mended: {character!r} at character {self.place}")
        open_end = bool(self.open)
        while self.open:
            self._drop_comma()
            self.pieces.append(_CLOSER[self.open.pop()])
        mended = "".join(self.pieces)
        if not _is_json(mended):
            raise NotRepairableError(f"text cannot be mended: what begins at character {self.start} is no JSON")
        json.loads(mended, parse_int=str, object_pairs_hook=_without_repetition)
        return _Record(self.start, self.place, mended, self.implied, open_end)

    def _take(self, piece: str) -> None:
        self.pieces.append(piece)
        self.place += 1

    def _close(self, closer: str) -> None:
        self._drop_comma()
        while self.open and _CLOSER[self.open[-1]] != closer:
            self.implied = True
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
        begin = self.place
        self.place += 1
        content = []
        while self.place < len(self.text) and self.text[self.place] != quote:
            if self.text[self.place] == "\\":
                escape = self.text[self.place : self.place + 2]
                content.append("'" if escape == "\\'" else escape)
                self.place += 2
                continue
            content.append('\\"' if self.text[self.place] == '"' else self.text[self.place])
            self.place += 1
        if self.place >= len(self.text):
            # The fence behind a string that was cut off is not part of it.
            content = list(re.sub(rf"\r?\n{_FENCE}\s*\Z", "", "".join(content)))
            # With a bracket in it, the quote is missing somewhere before the bracket, nobody knows where.
            if re.search(r"[{}\[\]]", "".join(content)):
                raise NotRepairableError(f"text cannot be mended: the string at character {begin} does not end")
        self.place += 1
        self.pieces.append('"' + "".join(content) + '"')
