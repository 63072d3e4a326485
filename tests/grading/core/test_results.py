"""Results as JSON and as notebooks: what nbgrader reads from them is what grading found."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import replace

import nbformat
import pytest

from tests.grading.core.course_notebook import GRADED, assignment, submitted
from utils.course.grading import CellResult, SubmissionResult, executed_notebook

SPEC = assignment()


def result(**changes: object) -> SubmissionResult:
    cells = {
        name: CellResult(
            name.rsplit("-", 1)[0], index % 3 != 0, 2.0 * (index % 3 != 0), 2.0, "" if index % 3 else "hint"
        )
        for index, name in enumerate(GRADED)
    }
    made = SubmissionResult(
        assignment=SPEC.name,
        assignment_digest=SPEC.digest,
        submission_digest="0" * 64,
        verdict="OK",
        cells=cells,
        answers={"softmax": "def softmax(x): ..."},
        extras=(("", "markdown", "hello"), ("softmax", "duplicate", "raise SystemExit")),
        notes=("A <b>note</b>",),
        observations={"seconds": 1.0},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_a_result_survives_json() -> None:
    made = result()
    assert SubmissionResult.from_dict(json.loads(json.dumps(made.to_dict()))) == made
    assert SubmissionResult.from_dict(json.loads(made.identity_json())).identity_json() == made.identity_json()


def test_observations_are_no_part_of_the_identity() -> None:
    assert result(observations={"seconds": 9.0}).identity_json() == result().identity_json()


def test_data_that_are_no_result_are_refused() -> None:
    with pytest.raises(ValueError, match="not a grading result"):
        SubmissionResult.from_dict({"cells": {}})


def test_nbgrader_reads_the_same_score_from_the_executed_notebook() -> None:
    utils = pytest.importorskip("nbgrader.utils")
    made = result()
    notebook = nbformat.from_dict(executed_notebook(made, SPEC))
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if utils.is_grade(cell):
            score, most = utils.determine_grade(cell)
            expected = made.cells[cell.metadata.nbgrader.grade_id]
            assert (score, most) == (expected.points, expected.max_points)


def test_a_learners_copy_holds_hints_and_no_hidden_test() -> None:
    text = json.dumps(executed_notebook(result(), SPEC, hidden_tests=False))
    assert "HIDDEN" not in text
    assert "forty texts" not in text
    assert "hint" in text
    assert "A &lt;b&gt;note" in text


def test_the_instructors_copy_holds_the_tests_as_they_were_run() -> None:
    text = json.dumps(executed_notebook(result(), SPEC))
    assert "BEGIN HIDDEN TESTS" in text


def test_a_duplicate_stays_visible_as_text() -> None:
    cells = executed_notebook(result(), SPEC)["cells"]
    assert [cell["source"] for cell in cells if cell["cell_type"] == "raw"] == ["raise SystemExit"]


def test_what_was_not_scored_or_belongs_elsewhere_is_refused() -> None:
    with pytest.raises(ValueError, match="NEEDS_STAFF"):
        executed_notebook(result(verdict="NEEDS_STAFF", cells={}), SPEC)
    with pytest.raises(ValueError, match="another version"):
        executed_notebook(result(assignment_digest="1" * 64), SPEC)


def test_outputs_do_not_change_an_assignments_digest() -> None:
    from tests.grading.core.course_notebook import NAME, source_notebook
    from utils.course.grading import AssignmentSpec

    notebook = source_notebook()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("stream", text="x")]
    assert AssignmentSpec.from_dict_notebook(notebook, NAME).digest == SPEC.digest
    notebook.cells[-1].source += "\n"
    assert AssignmentSpec.from_dict_notebook(notebook, NAME).digest != SPEC.digest
    assert AssignmentSpec.from_dict(json.loads(json.dumps(SPEC.to_dict()))).digest == SPEC.digest
    assert submitted().cells


def test_plain_data_are_what_json_makes_of_all_fields() -> None:
    cells = {"t": CellResult("merge_pair", False, 0.5, 2.0, "half", "partial")}
    made = SubmissionResult(
        "02_small", "a", "b", "OK", cells=cells, flags=("odd: x",), notes=("n",), answers={"merge_pair": "x"},
        extras=(("a", "code", "1"),), observations={"seconds": 0.5, "printed": ("a", "b")},
    )  # fmt: skip
    wanted = json.loads(json.dumps(dataclasses.asdict(made)))
    assert made.to_dict() == {**wanted, "score": 0.5, "max_score": 2.0}
    assert made.to_dict()["cells"]["t"] is not vars(made.cells["t"]), "changing the data must not change the result"
    assert type(made.to_dict()["observations"]["printed"]) is list
