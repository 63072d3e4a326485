"""Which cells a cell needs: those that bind the names it uses, and those that these need in turn."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from utils.course.cell_names import bound_names, read_names


def _needs_and_gives(source: str) -> tuple[set[str], set[str]]:
    needs: set[str] = set()
    gives: set[str] = set()
    for statement in ast.parse(source).body:
        if not isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr):
            gives |= bound_names(statement)
        needs |= read_names(statement) - gives
        gives |= bound_names(statement)
    return needs, gives


def _needs_when_called(source: str) -> set[str]:
    """Return the names that a cell's functions read, which may be bound after them."""
    functions = [one for one in ast.parse(source).body if isinstance(one, ast.FunctionDef)]
    return set().union(*(read_names(one) for one in functions))


def needed_cells(sources: Sequence[str], wanted: int) -> list[int]:
    """Return the places of the cells to run for one cell: the first, which sets up, what it needs, and itself.

    Args:
        sources: the code of each cell, empty for a cell of prose.
        wanted: the cell's place.
    """
    first = next(place for place, source in enumerate(sources) if source)
    _, set_up = _needs_and_gives(sources[first])
    late: set[str] = set()
    while True:
        missing, chosen = (_needs_and_gives(sources[wanted])[0] | late) - set_up, [wanted]
        for place in range(wanted - 1, first, -1):
            needs, gives = _needs_and_gives(sources[place])
            if gives & missing:
                chosen.append(place)
                missing = ((missing - gives) | needs) - set_up
        found = set().union(*(_needs_when_called(sources[place]) for place in chosen)) - set_up
        if found <= late:
            return sorted({first, *chosen})
        late |= found
