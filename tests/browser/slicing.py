"""Which cells a cell needs: those that bind the names it uses, and those that these need in turn."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence


def _stored(node: ast.AST) -> set[str]:
    """Return what a statement binds at the level of the cell, loop variables included."""
    found: set[str] = set()
    for one in _at_cell_level(node):
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
            found.add(one.id)
        elif isinstance(one, ast.FunctionDef | ast.ClassDef):
            found.add(one.name)
        elif isinstance(one, ast.alias):
            found.add((one.asname or one.name).split(".")[0])
    return found


def _at_cell_level(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda):
        for child in ast.iter_child_nodes(node):
            yield from _at_cell_level(child)


def _loaded(node: ast.AST) -> set[str]:
    """Return the names that a statement reads, without the local ones of functions and comprehensions."""
    found: set[str] = set()
    local: set[str] = set()
    for one in ast.walk(node):
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load):
            found.add(one.id)
        elif isinstance(one, ast.comprehension):
            local |= {name.id for name in ast.walk(one.target) if isinstance(name, ast.Name)}
        elif isinstance(one, ast.FunctionDef):
            inside = {n.id for n in ast.walk(one) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
            local |= inside | {argument.arg for argument in ast.walk(one) if isinstance(argument, ast.arg)}
            local |= {(n.asname or n.name).split(".")[0] for n in ast.walk(one) if isinstance(n, ast.alias)}
        elif isinstance(one, ast.Lambda):
            local |= {argument.arg for argument in ast.walk(one) if isinstance(argument, ast.arg)}
    return found - local


def _needs_and_gives(source: str) -> tuple[set[str], set[str]]:
    needs: set[str] = set()
    gives: set[str] = set()
    for statement in ast.parse(source).body:
        if not isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr):
            gives |= _stored(statement)
        needs |= _loaded(statement) - gives
        gives |= _stored(statement)
    return needs, gives


def _needs_when_called(source: str) -> set[str]:
    """Return the names that a cell's functions read, which may be bound after them."""
    functions = [one for one in ast.parse(source).body if isinstance(one, ast.FunctionDef)]
    return set().union(*(_loaded(one) for one in functions))


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
