"""A result as an executed notebook, the way nbgrader's SaveAutoGrades reads it.

No output is a pass; one error output with the hint is a failure, a number some of the points.
Nothing that the learner's code printed or displayed is in it, so neither stderr nor a forged output can change a score.
"""

from __future__ import annotations

import html
from typing import Any

from utils.course.grading.intake import DUPLICATE, anchor
from utils.course.grading.result import CellResult, SubmissionResult
from utils.course.grading.spec import AssignmentSpec, SourceCell, visible_part

_ERROR_NAMES = {
    "wrong": "AssertionError",
    "missing": "NameError",
    "timeout": "TimeoutError",
    "memory": "MemoryError",
}


def executed_notebook(
    result: SubmissionResult, assignment: AssignmentSpec, *, hidden_tests: bool = True
) -> dict[str, Any]:
    """Return the notebook as nbformat 4 data.

    Args:
        result: the result; one that was not scored (NEEDS_STAFF) is refused.
        assignment: the assignment that it was graded with.
        hidden_tests: whether test cells keep their hidden part (the instructor's copy) or not (a learner's).

    Raises:
        ValueError: the result was not scored, or belongs to another assignment.
    """
    if result.verdict == "NEEDS_STAFF":
        raise ValueError("result was not scored: its verdict is 'NEEDS_STAFF'")
    if result.assignment_digest != assignment.digest:
        raise ValueError(f"result belongs to another version of {assignment.name}: {result.assignment_digest!r}")
    after: dict[str, list[dict[str, Any]]] = {}
    for number, (before, kind, source) in enumerate(result.extras):
        after.setdefault(before, []).append(_extra_cell(number, kind, source))
    cells = _remarks(result) + after.pop("", [])
    for cell in assignment.cells:
        cells.append(_known_cell(cell, result, hidden_tests))
        cells += after.pop(anchor(cell), [])
    return {
        "cells": cells,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def error_output(cell: CellResult) -> dict[str, Any]:
    """Return the output that stands for a failure: the hint, and no line of the test's source."""
    name = _ERROR_NAMES.get(cell.kind, "RuntimeError")
    return {"output_type": "error", "ename": name, "evalue": cell.message, "traceback": [f"{name}: {cell.message}"]}


def partial_output(cell: CellResult) -> dict[str, Any]:
    """Return the output that nbgrader reads as some of the points."""
    shown = {"text/plain": repr(float(cell.points))}
    return {"output_type": "execute_result", "execution_count": None, "data": shown, "metadata": {}}


def _cell(cell_type: str, cell_id: str, source: str, metadata: dict[str, Any]) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": cell_type, "id": cell_id, "metadata": metadata, "source": source}
    if cell_type == "code":
        cell["execution_count"] = None
        cell["outputs"] = []
    return cell


def _known_cell(cell: SourceCell, result: SubmissionResult, hidden_tests: bool) -> dict[str, Any]:
    source = cell.source
    if cell.role in ("solution", "manual"):
        source = result.answers.get(cell.grade_id, "")
    elif cell.role == "test" and not hidden_tests:
        source = visible_part(source)
    made = _cell(cell.cell_type, f"cell-{cell.index}", source, {**cell.metadata})
    if cell.role == "test" and cell.grade_id in result.cells and not result.cells[cell.grade_id].passed:
        found = result.cells[cell.grade_id]
        made["outputs"] = [partial_output(found) if found.kind == "partial" else error_output(found)]
    return made


def _extra_cell(number: int, kind: str, source: str) -> dict[str, Any]:
    if kind == DUPLICATE:
        return _cell("raw", f"extra-{number}", source, {"tags": ["duplicate"]})
    return _cell(kind, f"extra-{number}", source, {})


def _remarks(result: SubmissionResult) -> list[dict[str, Any]]:
    """Return a cell that tells the learner what happened to the notebook, where anything did."""
    lines = [result.reason] if result.reason else []
    lines += result.notes
    if not lines:
        return []
    text = "**From grading**\n\n" + "\n".join(f"- {html.escape(line)}" for line in lines)
    return [_cell("markdown", "remarks", text, {})]
