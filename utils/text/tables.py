"""Published figures as data: the course's tables with typed values, each with its source.

The files lie in `datasets/tables`: one CSV a table, and `cards.json` with title, units, source, licence and date.
"""

from __future__ import annotations

import csv
import json
import re
from typing import Any

from utils.paths import datasets_dir

# A leading zero marks a label (notebook "01"), not a number.
_INTEGER = re.compile(r"-?(0|[1-9]\d*)")
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?")


def table_names() -> list[str]:
    """Return the names that `load_table` knows, sorted."""
    return sorted(path.stem for path in (datasets_dir() / "tables").glob("*.csv"))


def load_table(name: str) -> list[dict[str, Any]]:
    """Return a table as a list of rows, column name to value.

    A column whose non-empty cells are all whole numbers holds ints, one whose cells are all numbers holds floats, any
    other holds strings. An empty cell is None in a column of numbers and "" in a column of strings.

    Raises:
        ValueError: no table of that name.
    """
    _require_known(name)
    with (datasets_dir() / "tables" / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns: dict[str, list[Any]] = {
        column: _typed([row[column] for row in rows]) for column in (rows[0] if rows else {})
    }
    return [{column: values[i] for column, values in columns.items()} for i in range(len(rows))]


def table_card(name: str) -> dict[str, Any]:
    """Return where a table comes from: title, units, source, licence, date, note.

    Raises:
        ValueError: no table of that name.
    """
    _require_known(name)
    cards = json.loads((datasets_dir() / "tables" / "cards.json").read_text(encoding="utf-8"))
    return cards[name]


def _require_known(name: str) -> None:
    names = table_names()
    if name not in names:
        raise ValueError(f"name is {name!r}, which is no table of the course; there are {', '.join(names)}.")


def _typed(cells: list[str]) -> list[Any]:
    filled = [cell for cell in cells if cell != ""]
    if filled and all(_INTEGER.fullmatch(cell) for cell in filled):
        return [int(cell) if cell != "" else None for cell in cells]
    if filled and all(_NUMBER.fullmatch(cell) for cell in filled):
        return [float(cell) if cell != "" else None for cell in cells]
    return cells
