"""Examples in docstrings run as they are printed."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

UTILS = Path(__file__).resolve().parent.parent / "utils"
MODULES = [
    ".".join(path.relative_to(UTILS.parent).with_suffix("").parts)
    for path in sorted(UTILS.rglob("*.py"))
    if "\n    >>> " in path.read_text(encoding="utf-8")
]


def test_there_are_examples() -> None:
    assert len(MODULES) >= 5


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_docstrings_run_as_printed(name: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(name))
    assert tried > 0
    assert failed == 0
