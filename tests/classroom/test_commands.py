from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.classroom.assignments import COUNTING, counting_notebook, put_assignment
from tests.classroom.test_run import HARDER, totals
from utils.course.classroom import commands, grade_command
from utils.course.errors import CourseError

runner = CliRunner()


@pytest.fixture
def classroom(make_class, stand_in, monkeypatch):
    """A class that is graded in this process."""
    made = make_class(5)
    monkeypatch.setattr(grade_command, "_start_ahead", lambda *_: contextlib.nullcontext())
    monkeypatch.setattr(grade_command, "_recipe", lambda classroom, *_, **__: stand_in(classroom))
    return made


def call(*arguments: str, root: Path, answer: str = "", status: int = 0) -> str:
    found = runner.invoke(commands.app, [*arguments, "--root", str(root)], input=answer)
    if isinstance(found.exception, CourseError):
        raise found.exception
    assert found.exit_code == status, (found.output, found.exception)
    return " ".join(found.output.split())


def test_grade_writes_the_gradebook_and_says_what_it_did(classroom):
    said = call("grade", "1", "--workers", "2", root=classroom.root)
    assert "5 graded" in said
    assert "5 written to the gradebook" in said
    assert "verdicts: 5 OK" in said
    assert totals(classroom)["right-00"] == 6.0
    assert "0 graded, 5 known before, 0 written" in call("grade", "1", root=classroom.root)


def test_grade_only_one_learner(classroom):
    call("grade", COUNTING, "--only", "right-00", root=classroom.root)
    assert totals(classroom) == {"right-00": 6.0}


def test_who_needs_staff_is_named_and_the_status_says_so(classroom, stand_in, monkeypatch):
    monkeypatch.setattr(grade_command, "_recipe", lambda made, *_, **__: stand_in(made, **{"number 3.": 3}))
    said = call("grade", "1", root=classroom.root, status=2)
    assert "needs staff: empty-03: OSError: the grader's disk is full" in said
    assert "the grader failed 2 times and tried again" in said


def test_a_dry_run_shows_and_writes_nothing(classroom):
    said = call("grade", "1", "--dry-run", root=classroom.root)
    assert "What changes in the gradebook" in said
    assert "The gradebook is as it was" in said
    assert totals(classroom) == {}


def test_a_regrade_asks_before_it_writes(classroom):
    call("grade", "1", root=classroom.root)
    put_assignment(classroom.root, COUNTING, counting_notebook(HARDER))
    assert "5 grades come from earlier tests" in call("grade", "1", root=classroom.root)
    said = call("grade", "1", "--regrade", root=classroom.root, answer="n\n")
    assert "shares-1 2 → 0" in said
    assert "2 learners change: 0 up, 2 down" in said
    assert "Nothing was changed." in said
    assert totals(classroom)["right-00"] == 6.0
    call("grade", "1", "--regrade", "--yes", root=classroom.root)
    assert totals(classroom)["right-00"] == 4.0


def test_report_feedback_export_and_verify_follow_grading(classroom, tmp_path):
    call("grade", "1", root=classroom.root)
    call("report", "1", root=classroom.root)
    assert "Exercises" in (classroom.grading(COUNTING) / "report.html").read_text()
    assert "5 pages" in call("feedback", "1", root=classroom.root)
    assert "5 learners" in call("export", "--format", "moodle", "--to", str(tmp_path / "m.csv"), root=classroom.root)
    assert "agree" in call("verify", "1", root=classroom.root)
    journal = classroom.grading(COUNTING) / "journal.jsonl"
    journal.write_text(journal.read_text().replace('"score":6.0', '"score":1.0', 1))
    with pytest.raises(CourseError, match="1 things do not agree"):
        call("verify", "1", root=classroom.root)


def test_a_class_is_made_and_graded(classroom, tmp_path):
    folder = tmp_path / "synthetic"
    said = call("class", "1", "--learners", "8", "--honest", "--to", str(folder), root=classroom.root)
    assert f"8 submissions of {COUNTING}" in said
    assert len(json.loads((folder / "class.json").read_text())[COUNTING]) == 8
    assert "8 graded" in call("grade", "1", str(folder), root=classroom.root)


def test_one_command_makes_grades_and_shows_a_class_apart_from_the_real_one(classroom, monkeypatch):
    opened = []
    monkeypatch.setattr(commands.webbrowser, "open", opened.append)
    said = call("class", "1", "--learners", "4", "--honest", "--grade", root=classroom.root)
    assert "4 graded" in said
    trial = classroom.root / "grading" / "trial"
    assert opened == [(trial / "grading" / COUNTING / "report.html").as_uri()]
    assert "There is no browser here" in said
    assert sorted(path.name for path in trial.iterdir()) == [
        *("autograded", "gradebook.db", "grading", "notebooks", "solutions", "submitted")
    ]
    assert totals(classroom) == {}
    assert len(list(classroom.submitted.iterdir())) == 5


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["grade"], "which assignment"),
        (["grade", "99"], "assignment '99' is unknown"),
        (["grade", "1", "no-such-folder"], "does not exist"),
        (["grade", "1", "--only", "nobody"], "'nobody' has handed in nothing"),
        (["grade", "1", "--workers", "0"], "--workers must be at least 1"),
        (["grade", "1", "--workers", "2", "--dask", "tcp://x"], "contradict each other"),
        (["grade", "1", "--no-sandbox", "--sandbox", "podman"], "contradict each other"),
        (["grade", "--sandbox-check", "--sandbox", "jail"], "sandbox 'jail' is unknown"),
        (["grade", "1", "--db", "grades"], "is no database's URL"),
        (["class", "1", "--learners", "0", "--to", "new"], "--learners must be at least 1"),
        (["report", "1"], "is graded yet"),
        (["feedback", "1"], "is graded yet"),
        (["verify", "1"], "has no journal yet"),
        (["export", "--format", "excel"], "format 'excel' is unknown"),
        (["export"], "holds no assignment yet"),
    ],
)
def test_bad_input_is_one_sentence(classroom, arguments: list[str], said: str, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CourseError, match=said):
        call(*arguments, root=classroom.root)


def test_a_dry_run_makes_no_gradebook(classroom):
    (classroom.root / "gradebook.db").unlink()
    assert "5 graded" in call("grade", "1", "--dry-run", root=classroom.root)
    assert not (classroom.root / "gradebook.db").exists()


def test_what_a_dry_run_graded_is_not_graded_again(classroom, stand_in):
    call("grade", "1", root=classroom.root)
    put_assignment(classroom.root, COUNTING, counting_notebook(HARDER))
    said = call("grade", "1", "--regrade", "--dry-run", root=classroom.root)
    assert "5 graded" in said
    assert "2 learners change" in said
    assert "0 graded, 5 known before" in call("grade", "1", "--regrade", "--yes", root=classroom.root)
    assert totals(classroom)["right-00"] == 4.0
    assert "5 graded" in call("grade", "1", "--regrade", "--yes", root=classroom.root), "written once, it is asked anew"


def test_feedback_of_several_learners(classroom):
    call("grade", "1", root=classroom.root)
    said = call("feedback", "1", "--only", "right-00", "--only", "half-02", root=classroom.root)
    assert "2 pages" in said
    assert sorted(path.name for path in (classroom.root / "feedback").iterdir()) == ["half-02", "right-00"]
    with pytest.raises(CourseError, match="no submission of nobody"):
        call("feedback", "1", "--only", "right-00", "--only", "nobody", root=classroom.root)


def test_what_is_left_out_of_a_class_is_named(classroom):
    flat = classroom.root / "flat"
    flat.mkdir()
    for path in classroom.submitted.glob("*/*/*.ipynb"):
        (flat / f"{path.parent.parent.name}.ipynb").write_bytes(path.read_bytes())
    (flat / "readme.txt").write_text("hello")
    said = call("grade", "1", str(flat), root=classroom.root)
    assert "left out: readme.txt" in said
    assert "5 graded" in said
