"""Which names a cell binds and which it reads, from its source alone."""

from __future__ import annotations

import ast

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_OWN_SCOPES = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def parsed(source: str) -> ast.Module:
    """Parse a cell; a line of magic or of the shell is nothing."""
    return ast.parse("\n".join("pass" if line.startswith(("%", "!")) else line for line in source.split("\n")))


def bound_names(node: ast.AST) -> set[str]:
    """Return the names that code binds at a cell's top level: imports, definitions, assignments, targets of loops."""
    found: set[str] = set()
    todo: list[ast.AST] = [node]
    while todo:
        one = todo.pop()
        if isinstance(one, (*_FUNCTIONS, ast.ClassDef)):
            found.add(one.name)
            continue  # what a function binds inside is its own
        if isinstance(one, _OWN_SCOPES):
            continue
        if isinstance(one, ast.alias):
            found.add(_name(one))
        elif isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
            found.add(one.id)
        elif isinstance(one, ast.ExceptHandler) and one.name:
            found.add(one.name)
        todo += ast.iter_child_nodes(one)
    return found


def read_names(node: ast.AST) -> set[str]:
    """Return the names that code reads, without the local ones of functions and comprehensions."""
    found: set[str] = set()
    local: set[str] = set()
    for one in ast.walk(node):
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load):
            found.add(one.id)
        elif isinstance(one, ast.comprehension):
            local |= {name.id for name in ast.walk(one.target) if isinstance(name, ast.Name)}
        elif isinstance(one, (*_FUNCTIONS, ast.Lambda)):
            local |= _bound_anywhere_in(one)
    return found - local


def _bound_anywhere_in(function: ast.AST) -> set[str]:
    """Return the parameters of a function and of those inside it, and all that they bind."""
    found: set[str] = set()
    for one in ast.walk(function):
        if isinstance(one, ast.arg):
            found.add(one.arg)
        elif isinstance(one, ast.alias):
            found.add(_name(one))
        elif isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
            found.add(one.id)
        elif isinstance(one, (*_FUNCTIONS, ast.ClassDef)) and one is not function:
            found.add(one.name)
    return found


def _name(alias: ast.alias) -> str:
    return alias.asname or alias.name.split(".")[0]
