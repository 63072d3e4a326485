"""An assignment as grading sees it: the source notebook's cells by role, its exercises and their test cells."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

SKIPPED_TAGS = frozenset({"experiment", "widget", "visible-test"})
"""Cells with one of these tags are never run by grading."""

_HIDDEN = re.compile(r"^[ \t]*### BEGIN HIDDEN TESTS.*?^[ \t]*### END HIDDEN TESTS[^\n]*\n?", re.DOTALL | re.MULTILINE)


class SpecError(ValueError):
    """A source notebook does not follow the conventions that grading relies on."""


@dataclass(frozen=True)
class SourceCell:
    """One cell of the source notebook.

    Attributes:
        index: position in the notebook.
        role: "solution", "test" (autograded), "manual" (graded by a person), "author" (run as it is),
            "skipped" (experiments) or "text".
        cell_type: "code", "markdown" or "raw".
        source: the text, hidden tests and answers included.
        cell_id: nbformat's id, empty where there is none.
        grade_id: nbgrader's id, empty where there is none.
        points: what a graded cell is worth.
        metadata: the cell's metadata as plain data.
    """

    index: int
    role: str
    cell_type: str
    source: str
    cell_id: str = ""
    grade_id: str = ""
    points: float = 0.0
    metadata: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def released(self) -> str:
        """The text that learners see, as `comparable` gives it; every submission is compared with it."""
        return comparable(visible_part(self.source))


@dataclass(frozen=True)
class TestCell:
    """One autograded cell: its nbgrader id, what it is worth, its source with hidden tests."""

    __test__ = False  # pytest collects classes by name

    grade_id: str
    points: float
    source: str


@dataclass(frozen=True)
class Exercise:
    """A solution cell, the names it defines, and the graded cells that follow before the next solution cell."""

    grade_id: str
    names: tuple[str, ...]
    tests: tuple[TestCell, ...]


def visible_part(source: str) -> str:
    """Return a test cell's source as learners see it, without the hidden tests."""
    return _HIDDEN.sub("", source)


def comparable(source: str) -> str:
    """Return a cell's text without the white space that editors change."""
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def defined_names(source: str) -> list[str]:
    """Return the functions and classes that a cell defines at top level, in order; none if it does not parse."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return [node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]


def imported_modules(source: str) -> Iterator[str]:
    """Yield the modules that a cell imports at top level."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


@dataclass(frozen=True)
class AssignmentSpec:
    """The source notebook of one assignment.

    Attributes:
        name: the notebook's name, which nbgrader uses for assignment and notebook, such as "07_samplers".
        cells: all cells in order.
    """

    name: str
    cells: tuple[SourceCell, ...]

    @classmethod
    def from_notebook(
        cls, path: str | Path, prepare: Callable[[dict[str, Any]], Mapping[str, Any]] | None = None
    ) -> AssignmentSpec:
        """Read nbgrader's source notebook.

        Args:
            path: the notebook's file.
            prepare: what the release adds to the author's cells, applied to the parsed notebook.

        Raises:
            SpecError: the file is missing, is no notebook, or two of its cells share a grade_id.
        """
        path = Path(path)
        try:
            notebook = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise SpecError(f"source notebook {path} cannot be read: {error.strerror}") from None
        except ValueError as error:
            raise SpecError(f"source notebook {path} is not JSON: {error}") from None
        return cls.from_dict_notebook(prepare(notebook) if prepare else notebook, path.stem)

    @classmethod
    def from_dict_notebook(cls, notebook: Mapping[str, Any], name: str) -> AssignmentSpec:
        """Read a source notebook that is already parsed (nbformat 4).

        Raises:
            SpecError: it has no cells, two cells share a grade_id, or a graded cell stands before any solution cell.
        """
        cells = notebook.get("cells")
        if not isinstance(cells, list) or not cells:
            raise SpecError(f"source notebook {name} has no cells")
        spec = cls(name=name, cells=tuple(_source_cell(index, cell) for index, cell in enumerate(cells)))
        seen: set[str] = set()
        for cell in spec.cells:
            if cell.grade_id and cell.grade_id in seen:
                raise SpecError(f"source notebook {name} has two cells with the grade_id {cell.grade_id!r}")
            seen.add(cell.grade_id)
        if not spec.exercises:
            raise SpecError(f"source notebook {name} has no solution cell")
        for cell in spec.cells:
            _refuse_unnamed(cell, spec)
        return spec

    @cached_property
    def exercises(self) -> tuple[Exercise, ...]:
        """The exercises in order, each with its graded cells."""
        found: list[tuple[SourceCell, list[TestCell]]] = []
        for cell in self.cells:
            if cell.role == "solution":
                found.append((cell, []))
            elif cell.role == "test":
                if not found:
                    raise SpecError(f"graded cell {cell.grade_id!r} of {self.name} stands before any solution cell")
                found[-1][1].append(TestCell(cell.grade_id, cell.points, cell.source))
        return tuple(Exercise(cell.grade_id, _names(cell), tuple(tests)) for cell, tests in found)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what grading depends on: cell types, sources, ids, tags and points, without outputs."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()

    @cached_property
    def preload(self) -> tuple[str, ...]:
        """Modules that the author's cells import: a warm process imports them once for everybody."""
        names = {name for cell in self.cells if cell.role == "author" for name in imported_modules(cell.source)}
        return tuple(sorted(names))

    def to_dict(self) -> dict[str, Any]:
        """Return the assignment as plain data for JSON, computed once: not to be changed."""
        return self._plain

    @cached_property
    def _plain(self) -> dict[str, Any]:
        return {"name": self.name, "cells": [asdict(cell) for cell in self.cells]}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> AssignmentSpec:
        """Rebuild an assignment from `to_dict`."""
        return cls(name=data["name"], cells=tuple(SourceCell(**cell) for cell in data["cells"]))


def _source_cell(index: int, cell: dict[str, Any]) -> SourceCell:
    metadata = cell.get("metadata", {})
    nbgrader = metadata.get("nbgrader", {})
    source = cell.get("source", "")
    text = "".join(source) if isinstance(source, list) else source
    return SourceCell(
        index=index,
        role=_role(cell["cell_type"], nbgrader, metadata.get("tags", [])),
        cell_type=cell["cell_type"],
        source=text,
        cell_id=cell.get("id", ""),
        grade_id=nbgrader.get("grade_id", ""),
        points=float(nbgrader.get("points", 0.0)) if nbgrader.get("grade") else 0.0,
        metadata=json.loads(json.dumps(metadata)),
    )


def _role(cell_type: str, nbgrader: Mapping[str, Any], tags: list[str]) -> str:
    if nbgrader.get("task") or (nbgrader.get("grade") and (nbgrader.get("solution") or cell_type != "code")):
        return "manual"
    if cell_type != "code":
        return "text"
    if nbgrader.get("grade"):
        return "test"
    if nbgrader.get("solution"):
        return "solution"
    return "skipped" if SKIPPED_TAGS & set(tags) else "author"


def _refuse_unnamed(cell: SourceCell, spec: AssignmentSpec) -> None:
    """Refuse a tested solution cell that does not define what its tests are told that it defines: nobody could pass."""
    exercise = next((one for one in spec.exercises if one.grade_id == cell.grade_id), None)
    if cell.role != "solution" or exercise is None or not exercise.tests:
        return
    declared = cell.metadata.get("course", {}).get("names", [cell.grade_id])
    bound = defined_names(cell.source) + assigned_names(cell.source)
    missing = [name for name in declared if name not in bound]
    if missing:
        there = ", ".join(f"`{name}`" for name in bound) or "nothing that can be called"
        raise SpecError(
            f"solution cell {cell.grade_id!r} of {spec.name} does not define `{missing[0]}` but {there}: call the cell "
            "as its function or class, or name what it defines in its metadata, course.names"
        )


def assigned_names(source: str) -> list[str]:
    """Return the names that a cell assigns or imports something other than plain data to, at top level."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found = []
    for node in body:
        if isinstance(node, ast.Assign) and not isinstance(node.value, ast.Constant | ast.List | ast.Tuple | ast.Dict):
            found += [target.id for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found += [(alias.asname or alias.name).split(".")[0] for alias in node.names]
    return found


def _names(cell: SourceCell) -> tuple[str, ...]:
    declared = list(cell.metadata.get("course", {}).get("names", [cell.grade_id]))
    return tuple(dict.fromkeys(declared + defined_names(cell.source)))
