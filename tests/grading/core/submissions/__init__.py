"""Submissions that grading must survive, each a file: learner's cells (`cells/NAME.cells`) or bytes that a small
program makes (`files/NAME.py`, function `make`).

A `.cells` file begins with a comment that says what it tries; `# %% answer GRADE_ID` replaces an answer, and
`# %% extra before GRADE_ID` or `# %% extra first` adds a cell. What is not replaced is right.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from tests.grading.core.course_notebook import as_bytes, submitted

HERE = Path(__file__).resolve().parent


def names() -> list[str]:
    """Return the names of all submissions, sorted."""
    return sorted([path.stem for path in HERE.glob("cells/*.cells")] + [path.stem for path in HERE.glob("files/*.py")])


def load(name: str) -> bytes:
    """Return what is handed in."""
    cells = HERE / "cells" / f"{name}.cells"
    if cells.exists():
        return as_bytes(submitted(*_parse(cells.read_text(encoding="utf-8"))))
    spec = importlib.util.spec_from_file_location(f"submission_{name}", HERE / "files" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    content: bytes = module.make()
    return content


def _parse(text: str) -> tuple[dict[str, str], dict[str, str]]:
    answers: dict[str, str] = {}
    extra: dict[str, str] = {}
    target, key = answers, ""
    for line in text.splitlines(keepends=True):
        if line.startswith("# %% answer "):
            target, key = answers, line.split()[-1]
        elif line.startswith("# %% extra "):
            target, key = extra, "" if line.split()[-1] == "first" else line.split()[-1]
        elif target is not answers or key:
            target[key] = target.get(key, "") + line
    return answers, extra
