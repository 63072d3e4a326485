"""Paste a test into a cell of its own: the function's body, with the imports and helpers that it uses and no others.

Everything lands inside one function of the cell, so that no name of a test replaces a learner's.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from utils.course.errors import CourseError
from utils.notebook.exercise_files import ExerciseFile


@dataclass(frozen=True)
class _Statement:
    """A top-level statement of a part: the names it binds, those it reads, and its text with comments above it."""

    names: frozenset[str]
    reads: frozenset[str]
    text: str
    is_import: bool


def indented(source: str) -> str:
    """Indent code by four spaces, but not the inner lines of texts over several lines, which would change."""
    inside: set[int] = set()
    docstrings = _docstring_lines(source)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.start[0] < token.end[0] and token.start[0] not in docstrings and token.type not in _LAYOUT:
            inside |= set(range(token.start[0] + 1, token.end[0] + 1))
    lines = source.split("\n")
    return "\n".join(
        line if number in inside or not line.strip() else "    " + line for number, line in enumerate(lines, start=1)
    )


_LAYOUT = (tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)


def _docstring_lines(source: str) -> set[int]:
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module) and ast.get_docstring(node, clean=False):
            found.add(node.body[0].lineno)
    return found


def _bound(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((alias.asname or alias.name.split(".")[0]) for alias in node.names)
    elif isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    else:
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                yield part.id


def _read(node: ast.AST) -> frozenset[str]:
    return frozenset(
        part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)
    )


def _first_line(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])


def _statements(source: str) -> list[_Statement]:
    lines = source.split("\n")
    found, above = [], 0
    for node in ast.parse(source).body:
        is_import = isinstance(node, ast.Import | ast.ImportFrom)
        start = _first_line(node) - 1
        # Comments right above a helper belong to it.
        while start > above and lines[start - 1].startswith("#"):
            start -= 1
        end = node.end_lineno or node.lineno
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            text = "\n".join(lines[start:end])
            found.append(_Statement(frozenset(_bound(node)), _read(node), text, is_import))
        above = end
    return found


def _single_imports(statement: _Statement) -> Iterator[_Statement]:
    """Split `from m import a, b` into one statement a name, so that a cell imports what it uses."""
    node = ast.parse(statement.text).body[0]
    assert isinstance(node, ast.Import | ast.ImportFrom)
    for alias in node.names:
        if isinstance(node, ast.Import):
            single: ast.stmt = ast.Import([alias])
        else:
            single = ast.ImportFrom(node.module, [alias], node.level)
        name = alias.asname or alias.name.split(".")[0]
        yield _Statement(frozenset({name}), frozenset(), ast.unparse(single), True)


def _merged_imports(imports: list[_Statement]) -> list[str]:
    """Return import lines, sorted, names of one module together."""
    from_module: dict[str, list[str]] = {}
    lines = []
    for one in imports:
        node = ast.parse(one.text).body[0]
        if isinstance(node, ast.ImportFrom):
            text = one.text.split(" import ", 1)[1]
            from_module.setdefault(node.module or "", []).append(text)
        else:
            lines.append(one.text)
    for module, names in sorted(from_module.items()):
        line = f"from {module} import {', '.join(sorted(set(names)))}"
        if len(line) <= 90:
            lines.append(line)
        else:
            lines.append(f"from {module} import (\n    " + ",\n    ".join(sorted(set(names))) + ",\n)")
    # The standard library and packages first, the course's own last, as ruff sorts them.
    return sorted(set(lines), key=lambda line: (line.split()[1].startswith("utils"), line.startswith("from"), line))


def function_body(source: str) -> str:
    """Return the body of a part's only function, without its first docstring, dedented."""
    (node,) = ast.parse(source).body
    assert isinstance(node, ast.FunctionDef)
    lines = source.split("\n")
    body = node.body
    is_docstring = isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
    # Comments above the first statement stand after the end of the signature.
    last_of_head = body[0].end_lineno if is_docstring else _end_of_signature(source, node)
    kept = lines[last_of_head or 0 :]
    return _dedented("\n".join(kept))


def _end_of_signature(source: str, node: ast.FunctionDef) -> int:
    """Return the number of the line that ends `def name(...) -> None:`."""
    depth = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.start[0] < node.lineno:
            continue
        depth += (token.string in "([{" and token.type == tokenize.OP) - (
            token.string in ")]}" and token.type == tokenize.OP
        )
        if token.type == tokenize.OP and token.string == ":" and depth == 0:
            return token.end[0]
    raise CourseError(f"the function {node.name} has no end of its signature")


def _dedented(text: str) -> str:
    """Take four spaces off every line but the inner ones of texts over several lines."""
    inside: set[int] = set()
    wrapped = "def _():\n" + text + "\n"
    docstrings = _docstring_lines(wrapped)
    for token in tokenize.generate_tokens(io.StringIO(wrapped).readline):
        if token.start[0] < token.end[0] and token.type not in _LAYOUT and token.start[0] not in docstrings:
            inside |= set(range(token.start[0], token.end[0]))
    return "\n".join(
        line if number in inside else line.removeprefix("    ") for number, line in enumerate(text.split("\n"), start=1)
    ).strip("\n")


def pasted(exercise: ExerciseFile, source: str) -> str:
    """Return the body of a test with what it uses of the helpers, in their order, and the imports first.

    Raises:
        CourseError: the test uses something that only the solution defines besides the exercise's names.
    """
    helpers = _statements(exercise.parts.get("helpers", ""))
    own = _statements(exercise.parts["solution"])
    usable = [*helpers, *(one for one in own if one.is_import)]
    (test,) = ast.parse(source).body
    wanted, chosen = set(_read(test)), set[int]()
    growing = True
    while growing:
        growing = False
        for place, one in enumerate(usable):
            if place not in chosen and one.names & wanted:
                chosen.add(place)
                wanted |= one.reads
                growing = True
    private = {name for one in own if not one.is_import for name in one.names} - set(exercise.names)
    provided = {name for one in helpers for name in one.names}
    if stolen := sorted((private & wanted) - provided):
        raise CourseError(f"{exercise.path.name}: a test uses {stolen[0]!r} of the solution; a learner may not have it")
    imports = [
        single
        for place in sorted(chosen)
        if usable[place].is_import
        for single in _single_imports(usable[place])
        if single.names & wanted
    ]
    parts = ["\n".join(_merged_imports(imports))]
    parts += [usable[place].text for place in sorted(chosen) if not usable[place].is_import]
    parts.append(function_body(source))
    return "\n\n".join(part for part in parts if part)


def cell_of(body: str, name: str) -> str:
    """Return a cell that runs a pasted body inside a function."""
    return f"def {name}():\n{indented(body)}\n\n\n{name}()"
