"""Whatever is handed in is read as far as possible, and never stops grading."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from pathlib import Path

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.grading.core.course_notebook import answer, as_bytes, assignment, release_notebook, submitted
from utils.course.grading import Limits, Submission, read_submission
from utils.course.grading.archives import safe_name
from utils.course.grading.intake import DUPLICATE, plain_stem

SPEC = assignment()


def test_answers_are_matched_by_grade_id_and_nothing_else_is_taken_for_the_learners() -> None:
    intake = read_submission(Submission(as_bytes(submitted())), SPEC)
    assert intake.answers["merge_pair"] == answer("merge_pair")
    assert list(intake.answers) == [exercise.grade_id for exercise in SPEC.exercises]
    assert not intake.extras
    assert not intake.notes
    assert not intake.flags
    assert not intake.verdict


def test_a_cell_of_the_learners_own_keeps_its_place() -> None:
    intake = read_submission(Submission(as_bytes(submitted(extra={"softmax": "helper = 1", "": "first = 0"}))), SPEC)
    assert intake.extras == [("", "code", "first = 0"), ("merge_pair-1", "code", "helper = 1")]


def test_an_edited_authors_cell_without_a_label_counts_as_the_learners_own() -> None:
    notebook = submitted()
    notebook.cells[0] = nbformat.v4.new_code_cell("print('mine')", id="title")
    assert ("", "code", "print('mine')") in read_submission(Submission(as_bytes(notebook)), SPEC).extras


def test_experiments_are_never_run_even_when_edited() -> None:
    notebook = submitted()
    for cell in notebook.cells:
        if "experiment" in cell.metadata.get("tags", []):
            cell.source = "edited = True"
    assert not read_submission(Submission(as_bytes(notebook)), SPEC).extras


def test_of_two_copies_the_last_answered_one_counts_and_the_other_stays_visible() -> None:
    notebook = submitted({"merge_pair": "def merge_pair(*a):\n    return 1\n"})
    twin = next(cell for cell in release_notebook().cells if cell.id == "merge_pair-answer")
    twin.id = "twin"
    notebook.cells.append(twin)
    intake = read_submission(Submission(as_bytes(notebook)), SPEC)
    assert intake.answers["merge_pair"].endswith("return 1\n")
    assert ("KVCache-2", DUPLICATE, twin.source) in intake.extras  # where it stood, shown and not run
    assert any("there 2 times" in note for note in intake.notes)


def test_missing_test_cells_are_told_to_the_learner() -> None:
    notebook = submitted()
    notebook.cells = [cell for cell in notebook.cells if cell.id != "softmax-test-1"]
    notes = read_submission(Submission(as_bytes(notebook)), SPEC).notes
    assert notes == ["Test cell 'softmax-1' was missing and has been restored."]


@pytest.mark.parametrize("version", [1, 2, 99, "3", None])
def test_a_forged_schema_version_changes_nothing(version: object) -> None:
    notebook = submitted()
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader["schema_version"] = version
    intake = read_submission(Submission(as_bytes(notebook)), SPEC)
    assert len(intake.answers) == len(SPEC.exercises)


def test_metadata_of_any_shape_is_survived() -> None:
    cells = [
        None,
        3,
        {},
        {"cell_type": 7, "source": 3, "metadata": []},
        {"cell_type": "code", "source": ["a", None, "b"], "metadata": {"nbgrader": "x", "tags": 5}, "id": []},
        {"cell_type": "code", "source": answer("softmax"), "metadata": {"nbgrader": {"grade_id": ["softmax"]}}},
        {"cell_type": "code", "source": "\ud800", "metadata": None},
    ]
    intake = read_submission(Submission(json.dumps({"cells": cells}).encode()), SPEC)
    assert list(intake.answers) == ["softmax"]
    json.dumps(intake.extras, ensure_ascii=False).encode()


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_called_unreadable_with_a_sentence(content: bytes) -> None:
    intake = read_submission(Submission(content), SPEC)
    assert intake.verdict == "UNREADABLE"
    assert intake.reason


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_notebook_with_any_byte_changed_or_cut_never_raises(data: st.DataObject) -> None:
    content = bytearray(as_bytes(submitted()))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] = data.draw(st.integers(0, 255))
    read_submission(Submission(bytes(content[: data.draw(st.integers(0, len(content)))])), SPEC)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_archive_never_raises(data: st.DataObject) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("02_small.ipynb", as_bytes(submitted()))
    content = bytearray(buffer.getvalue())
    for _ in range(3):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    read_submission(Submission(bytes(content)), SPEC)


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_no_damaged_byte_of_an_archives_directory_raises(kind: str) -> None:
    buffer = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("02_small.ipynb", b"{}")
    else:
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            member = tarfile.TarInfo("02_small.ipynb")
            member.size = 2
            tar.addfile(member, io.BytesIO(b"{}"))
    whole = buffer.getvalue()[:1024]
    unreadable = 0
    for place in range(4, min(len(whole), 520)):
        for value in (0, 1, 4, 47, 128, 255):
            damaged = whole[:place] + bytes([value]) + whole[place + 1 :]
            unreadable += read_submission(Submission(damaged), SPEC).verdict == "UNREADABLE"
    assert unreadable


def test_a_file_over_the_limit_is_not_parsed() -> None:
    limits = Limits(submission_file=100)
    intake = read_submission(Submission(as_bytes(submitted())), SPEC, limits)
    assert intake.verdict == "UNREADABLE"
    assert "larger than 100 bytes" in intake.reason


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "a/../../x", "C:\\x", "a\nb", "x" * 300, "", "a\\..\\..\\b"])
def test_names_that_leave_an_archive_are_refused(name: str) -> None:
    assert safe_name(name) is None


@pytest.mark.parametrize(
    "name", ["07_samplers (1).ipynb", "07_samplers(2).ipynb", "07_samplers-Copy1.ipynb", "07_Samplers.ipynb"]
)
def test_marks_of_a_copy_are_not_part_of_the_name(name: str) -> None:
    assert plain_stem(name) == "07_samplers"


def test_a_link_is_not_read_as_a_submission(tmp_path: Path) -> None:
    (tmp_path / "ada.ipynb").symlink_to("/etc/passwd")
    with pytest.raises(ValueError, match="not a plain file"):
        Submission.from_path(tmp_path / "ada.ipynb")
