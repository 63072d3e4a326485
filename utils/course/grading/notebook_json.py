"""A submitted notebook's JSON, read as tolerantly as possible: encodings, old formats, truncation, merge conflicts."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

_CONFLICT = re.compile(
    r"^<<<<<<<[^\n]*\n(?P<ours>.*?)(?:^\|\|\|\|\|\|\|[^\n]*\n.*?)?^=======[^\n]*\n.*?^>>>>>>>[^\n]*(?:\n|\Z)",
    re.DOTALL | re.MULTILINE,
)
_CELLS_BEGIN = re.compile(r'"cells"\s*:\s*\[')
_MOST_CELLS = 5000


class UnreadableError(Exception):
    """No notebook can be read from the bytes; the message is a sentence for the learner."""


@dataclass(frozen=True)
class SubmittedCell:
    """A cell as it was submitted: type, text, nbgrader's and nbformat's ids, tags."""

    cell_type: str
    source: str
    grade_id: str = ""
    cell_id: str = ""
    tags: tuple[str, ...] = ()
    nbgrader: dict[str, Any] = field(default_factory=dict)


def read_cells(content: bytes) -> tuple[list[SubmittedCell], list[str]]:
    """Return the cells of a notebook and notes on what had to be repaired.

    Raises:
        UnreadableError: the bytes are empty, no text, no JSON, or no notebook.
    """
    if not content.strip(b"\0 \t\r\n"):
        raise UnreadableError("The file is empty. Save the notebook and hand it in again.")
    text, notes = _decode(content)
    document = _parse(text, notes)
    if not isinstance(document, dict):
        raise UnreadableError("The file is JSON but not a notebook.")
    raw = document.get("cells")
    if not isinstance(raw, list):
        sheets = document.get("worksheets")
        if not isinstance(sheets, list):
            raise UnreadableError("The file is JSON but holds no cells, so it is not a notebook.")
        notes.append("The notebook is in the old format 3; it was read all the same.")
        raw = [cell for sheet in sheets if isinstance(sheet, dict) for cell in _list(sheet.get("cells"))]
    if len(raw) > _MOST_CELLS:
        raise UnreadableError(f"The notebook has {len(raw)} cells, more than {_MOST_CELLS}.")
    return [_cell(cell) for cell in raw if isinstance(cell, dict)], notes


def _decode(content: bytes) -> tuple[str, list[str]]:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(encoding, errors="replace"), ["The file begins with a byte-order mark."]
    try:
        return content.decode("utf-8"), []
    except UnicodeDecodeError:
        return content.decode("utf-8", errors="replace"), ["Some characters of the file were damaged."]


def _parse(text: str, notes: list[str]) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise UnreadableError("The notebook's JSON is nested too deeply to be a notebook.") from None
    except ValueError as error:
        problem = str(error)
    if _CONFLICT.search(text):
        try:
            document = json.loads(_CONFLICT.sub(lambda match: match["ours"], text))
        except (ValueError, RecursionError):
            pass
        else:
            notes.append("The file holds merge conflict marks; the first side of each conflict was read.")
            return document
    cells = _salvage(text)
    if not cells:
        raise UnreadableError(f"The file is not a notebook: {problem}. Open it in Jupyter, save it, hand it in again.")
    notes.append(f"The file is cut off or damaged; its first {len(cells)} cells were read.")
    return {"cells": cells}


def _salvage(text: str) -> list[Any]:
    """Read whole cells one after another until the damage."""
    begin = _CELLS_BEGIN.search(text)
    cells: list[Any] = []
    if begin is None:
        return cells
    decoder = json.JSONDecoder()
    at = begin.end()
    while len(cells) < _MOST_CELLS:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        try:
            cell, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        cells.append(cell)
    return cells


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def _cell(cell: dict[str, Any]) -> SubmittedCell:
    metadata = cell.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    nbgrader = metadata.get("nbgrader")
    nbgrader = nbgrader if isinstance(nbgrader, dict) else {}
    kind = cell.get("cell_type")
    return SubmittedCell(
        cell_type=kind if kind in ("code", "markdown", "raw") else "markdown",
        # Lone surrogates cannot be written to any file; "source" became a field in format 4, "input" was its name.
        source=_text(cell.get("source", cell.get("input"))).encode("utf-8", "replace").decode().replace("\r\n", "\n"),
        grade_id=_text(nbgrader.get("grade_id")),
        cell_id=_text(cell.get("id")),
        tags=tuple(tag for tag in _list(metadata.get("tags")) if isinstance(tag, str)),
        nbgrader=nbgrader,
    )
