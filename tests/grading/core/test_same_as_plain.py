"""Honest submissions get the same score in the sandbox as when one kernel runs answers and tests, as nbgrader does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.grading.core.course_notebook import source_notebook
from tests.grading.core.submissions import load
from tests.grading.core.submissions.expected import HONEST
from utils.course.grading import AssignmentSpec, SandboxPool, grade_submission


def passed_in_one_namespace(content: bytes, monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    """Run a learner's cells and the source's test cells one after another in one namespace."""
    monkeypatch.setenv("COURSE_SECRET", "secret of the tests")
    tests = {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in source_notebook().cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }
    namespace: dict[str, Any] = {"__name__": "__main__"}
    passed = {}
    for cell in json.loads(content)["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if cell["cell_type"] != "code" or "experiment" in cell["metadata"].get("tags", []):
            continue
        source = tests.get(grade_id, "".join(cell["source"]))
        try:
            exec(compile(source, grade_id or "cell", "exec"), namespace)
            error = None
        except Exception as problem:
            error = problem
        if grade_id in tests:
            passed[grade_id] = error is None
    return passed


@pytest.mark.sandbox
@pytest.mark.parametrize("name", HONEST)
def test_an_honest_submission_scores_the_same(
    name: str, spec: AssignmentSpec, pool: SandboxPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = load(name)
    result = grade_submission(content, spec, pool)
    plain = passed_in_one_namespace(content, monkeypatch)
    assert {grade_id: cell.passed for grade_id, cell in result.cells.items()} == plain
