"""Modules of grading and of the class's tools form layers: none is imported by what it imports, at whatever time."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import utils

PACKAGE = Path(utils.__file__).parent / "course"
FOLDERS = ("grading", "classroom")


def imported(path: Path, known: set[str]) -> set[str]:
    """Return the modules that a file imports, within functions and for types too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found & known


def test_no_module_is_imported_by_what_it_imports() -> None:
    files = {
        f"utils.course.{folder}.{path.stem}": path
        for folder in FOLDERS
        for path in (PACKAGE / folder).glob("*.py")
        if path.stem != "__init__"  # it names its parts for others, and loads them on first use
    }
    graph = {name: imported(path, set(files) - {name}) for name, path in files.items()}
    assert sum(map(len, graph.values())) > 50, "no imports were found"
    tuple(TopologicalSorter(graph).static_order())  # raises CycleError, which names the circle


def test_a_circle_would_be_seen(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def f():\n    from utils.course.grading import session\n")
    assert imported(tmp_path / "a.py", {"utils.course.grading.session"}) == {"utils.course.grading.session"}
