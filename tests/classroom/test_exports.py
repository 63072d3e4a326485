from __future__ import annotations

import csv
import datetime
from pathlib import Path

import pytest

from tests.classroom.assignments import COUNTING
from tests.classroom.test_run import run_class
from utils.course.classroom.exports import export_grades
from utils.course.classroom.gradebook import GradebookWriter, open_gradebook
from utils.course.errors import CourseError


@pytest.fixture
def gradebook(make_class, stand_in):
    classroom = make_class(4)
    run_class(classroom, stand_in(classroom))
    found = open_gradebook(classroom)
    found.update_or_create_student("right-00", first_name="=cmd()", last_name="Lovelace, A.", email="ada@x.example")
    found.update_or_create_student("absent", lms_user_id="99")
    yield found
    found.close()


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_nbgraders_csv_holds_all_scores(gradebook, tmp_path):
    export_grades(gradebook, "nbgrader", tmp_path / "deep" / "grades.csv")
    lines = (tmp_path / "deep" / "grades.csv").read_text().splitlines()
    assert lines[0].startswith("assignment,duedate,timestamp,student_id")
    assert any(line.startswith(COUNTING) and "counts-01" in line and line.endswith("1.0,6.0") for line in lines)


def test_canvas_import_has_its_columns_points_and_empty_cells_for_the_absent(gradebook, tmp_path):
    assert export_grades(gradebook, "canvas", tmp_path / "canvas.csv") == 5
    found = {row["SIS Login ID"]: row for row in rows(tmp_path / "canvas.csv")}
    assert list(found["right-00"])[:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert rows(tmp_path / "canvas.csv")[0]["Student"].strip() == "Points Possible"
    assert rows(tmp_path / "canvas.csv")[0][COUNTING] == "6"
    assert found["right-00"][COUNTING] == "6"
    assert found["right-00"]["Student"] == "Lovelace, A., =cmd()"
    assert found["absent"][COUNTING] == ""


def test_canvas_takes_ids_from_its_own_export(gradebook, tmp_path):
    roster = tmp_path / "roster.csv"
    roster.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,Old (12)\n    Points Possible,,,,,10\n"
        '"Lovelace, Ada",4711,S1,right-00,A,\n"Nobody, Ever",5,S2,unknown,A,\n',
        encoding="utf-8-sig",
    )
    assert export_grades(gradebook, "canvas", tmp_path / "canvas.csv", roster=roster) == 5
    (_, ada) = rows(tmp_path / "canvas.csv")
    assert (ada["Student"], ada["ID"], ada["Section"], ada[COUNTING]) == ("Lovelace, Ada", "4711", "A", "6")


def test_moodle_import_says_no_grade_for_the_absent_and_defuses_formulas(gradebook, tmp_path):
    export_grades(gradebook, "moodle", tmp_path / "moodle.csv", [COUNTING])
    found = {row["Username"]: row for row in rows(tmp_path / "moodle.csv")}
    assert found["half-02"][COUNTING] == "3"
    assert found["absent"][COUNTING] == "-"
    assert found["absent"]["ID number"] == "99"
    assert found["right-00"]["First name"] == "'=cmd()"
    assert found["right-00"]["Email address"] == "ada@x.example"


def test_late_penalties_are_taken_off(make_class, stand_in, tmp_path):
    classroom = make_class(1)
    run_class(classroom, stand_in(classroom))
    with GradebookWriter(classroom, classroom.specification(COUNTING)) as writer:
        submission = writer._gradebook.find_submission(COUNTING, "right-00")
        submission.assignment.duedate = datetime.datetime(2026, 1, 1)
        submission.notebooks[0].late_submission_penalty = 2.0
        writer._gradebook.db.commit()
        export_grades(writer._gradebook, "moodle", tmp_path / "moodle.csv")
    assert rows(tmp_path / "moodle.csv")[0][COUNTING] == "4"


@pytest.mark.parametrize(
    ("format_", "assignments", "said"),
    [
        ("blackboard", (), "format 'blackboard' is unknown"),
        ("moodle", ("99_x",), "'99_x' is not in the gradebook"),
    ],
)
def test_what_is_unknown_is_one_sentence(gradebook, tmp_path, format_: str, assignments, said: str):
    with pytest.raises(CourseError, match=said):
        export_grades(gradebook, format_, tmp_path / "x.csv", assignments)
    assert not (tmp_path / "x.csv").exists()


def test_a_roster_that_is_none_is_one_sentence(gradebook, tmp_path):
    (tmp_path / "roster.csv").write_text("a,b\n1,2\n")
    with pytest.raises(CourseError, match="no export of a Canvas gradebook"):
        export_grades(gradebook, "canvas", tmp_path / "x.csv", roster=tmp_path / "roster.csv")
    with pytest.raises(CourseError, match="--roster goes with"):
        export_grades(gradebook, "moodle", tmp_path / "x.csv", roster=tmp_path / "roster.csv")
