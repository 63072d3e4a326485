from __future__ import annotations

import csv
import datetime
from pathlib import Path

import pytest

from tests.classroom.assignments import COUNTING
from tests.classroom.platform_imports import canvas_import, moodle_gradebook_import, moodle_worksheet_import
from tests.classroom.test_run import run_class
from utils.course.classroom.exports import export_grades, student_rows
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
    assert export_grades(gradebook, "canvas", tmp_path / "canvas.csv").learners == 5
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
    done = export_grades(gradebook, "canvas", tmp_path / "canvas.csv", roster=roster)
    assert done.learners == 1
    assert {sentence.split(":")[0] for sentence in done.left_out} == {
        *("counts-01", "half-02", "empty-03", "absent", "Nobody, Ever", COUNTING)
    }
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
        export_grades(gradebook, "nbgrader", tmp_path / "x.csv", roster=tmp_path / "roster.csv")


CANVAS_PEOPLE = [
    # Student, LastName, FirstName, ID, SIS User ID, SIS Login ID, Section
    ("Lovelace, Ada", "Lovelace", "Ada", "4711", "S1", "right-00", "A"),
    ("Cyd, Counts", "Cyd", "Counts", "4712", "half-02", "counts-01", "A"),
    ("Hal, Half", "Hal", "Half", "4713", "S3", "half-02", "B"),
    ("=Eve, Empty", "=Eve", "Empty", "4714", "S4", "empty-03", "B"),
]


def canvas_roster(path: Path, separator: str = ",", split: bool = False, points: str = "6.00") -> Path:
    names = ["LastName", "FirstName"] if split else ["Student"]
    with path.open("w", newline="", encoding="utf-8-sig") as stream:
        writer = csv.writer(stream, delimiter=separator)
        ids = ["ID", "SIS User ID", "SIS Login ID", "Section"]
        writer.writerow([*names, *ids, f"{COUNTING} (77)", "Other (78)", "Current Score"])
        writer.writerow(["    Points Possible", *[""] * (len(names) + 3), points, "10", "(read only)"])
        for name, last, first, *rest in CANVAS_PEOPLE:
            writer.writerow([*([last, first] if split else [name]), *rest, "", "5", "50"])
        writer.writerow([*(["Student", "Test"] if split else ["Student, Test"]), "9999", "", "", "A", "", "", ""])
    return path


@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("split", [False, True], ids=["one-name-column", "LastName-FirstName"])
def test_canvas_reads_back_each_grade_for_its_learner(gradebook, tmp_path, separator: str, split: bool):
    roster = canvas_roster(tmp_path / "roster.csv", separator, split)
    done = export_grades(gradebook, "canvas", tmp_path / "out.csv", [COUNTING], roster)
    people = {number: (sis, login) for _, _, _, number, sis, login, _ in CANVAS_PEOPLE} | {"9999": ("", "")}
    found = canvas_import(tmp_path / "out.csv", people, {"77": COUNTING, "78": "Other"})
    assert found == {
        ("4711", "77"): 6.0,
        ("4712", "77"): 1.0,
        ("4713", "77"): 3.0,
        ("4714", "77"): 0.0,
    }
    assert list(done.left_out) == [
        "absent: is not in the roster",
        "Student, Test: is in the roster, and not in the gradebook",
    ]


def test_learners_of_canvas_downloads_are_found_by_the_platforms_number(gradebook, tmp_path):
    gradebook.update_or_create_student("absent", lms_user_id="4713")
    gradebook.remove_student("half-02")
    found = gradebook.update_or_create_submission(COUNTING, "absent")
    done = export_grades(gradebook, "canvas", tmp_path / "out.csv", [COUNTING], canvas_roster(tmp_path / "roster.csv"))
    assert found.id
    assert not any(sentence.startswith("absent: is not") for sentence in done.left_out)


def test_a_line_that_two_learners_claim_goes_to_the_surer_one_and_the_other_is_named(gradebook, tmp_path):
    gradebook.update_or_create_student("4711", first_name="An", last_name="Id")  # another's SIS id, or number
    gradebook.update_or_create_student("S1", first_name="Sis", last_name="Id")
    done = export_grades(gradebook, "canvas", tmp_path / "out.csv", [COUNTING], canvas_roster(tmp_path / "roster.csv"))
    (ada,) = [row for row in rows(tmp_path / "out.csv") if row["ID"] == "4711"]
    assert ada[f"{COUNTING} (77)"] == "6"
    assert "S1: fits the line of Lovelace, Ada, as another learner does" in done.left_out
    assert "4711: is not in the roster" in done.left_out


def test_another_number_of_points_is_refused(gradebook, tmp_path):
    roster = canvas_roster(tmp_path / "roster.csv", points="100")
    with pytest.raises(CourseError, match="worth 6 points here and 100 in Canvas"):
        export_grades(gradebook, "canvas", tmp_path / "out.csv", [COUNTING], roster)
    assert not (tmp_path / "out.csv").exists()


def test_a_column_of_another_name_can_be_given(gradebook, tmp_path):
    roster = canvas_roster(tmp_path / "roster.csv", points="6")
    roster.write_text(roster.read_text(encoding="utf-8-sig").replace(f"{COUNTING} (77)", "Week 1 (77)"))
    columns = {COUNTING: "Week 1 (77)"}
    export_grades(gradebook, "canvas", tmp_path / "out.csv", [COUNTING], roster, columns)
    assert "Week 1 (77)" in rows(tmp_path / "out.csv")[0]
    with pytest.raises(CourseError, match="has no column 'Week 2'"):
        export_grades(gradebook, "canvas", tmp_path / "out.csv", [COUNTING], roster, {COUNTING: "Week 2"})


def worksheet(path: Path, separator: str = ",", points: str = "6.00") -> Path:
    columns = ["Identifier", "Full name", "ID number", "Email address", "Status", "Grade", "Maximum Grade"]
    columns += ["Grade can be changed", "Last modified (submission)", "Last modified (grade)", "Feedback comments"]
    people = [
        ("Participant 11", "Ada Lovelace", "1", "ada@x.example"),
        ("Participant 12", "Cyd Counts", "2", "counts-01"),
        ("Participant 13", "Hal Half", "half-02", "hal@x.example"),
        ("Participant 14", "empty-03", "4", "eve@x.example"),
        ("Participant 15", "@New, Person", "5", "new@x.example"),
    ]
    with path.open("w", newline="", encoding="utf-8-sig") as stream:
        writer = csv.writer(stream, delimiter=separator)
        writer.writerow(columns)
        for person in people:
            writer.writerow([*person, "Submitted for grading", "", points, "Yes", "-", "-", ""])
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_moodle_reads_back_its_worksheet_and_its_gradebook_the_same_file(gradebook, tmp_path, separator: str):
    sheet = worksheet(tmp_path / "worksheet.csv", separator)
    done = export_grades(gradebook, "moodle", tmp_path / "out.csv", [COUNTING], sheet)
    assert moodle_worksheet_import(tmp_path / "out.csv", separator) == {"11": 6.0, "12": 1.0, "13": 3.0, "14": 0.0}
    emails = {"ada@x.example", "counts-01", "hal@x.example", "eve@x.example", "new@x.example"}
    assert moodle_gradebook_import(tmp_path / "out.csv", separator, "Email address", "Grade", emails) == {
        "ada@x.example": 6.0,
        "counts-01": 1.0,
        "hal@x.example": 3.0,
        "eve@x.example": 0.0,
    }
    assert list(done.left_out) == [
        "absent: is not in the roster",
        "@New, Person: is in the roster, and not in the gradebook",
    ]


def test_moodles_worksheet_is_of_one_assignment_and_of_its_points(gradebook, tmp_path):
    with pytest.raises(CourseError, match="worth 6 points here and 100 in Moodle"):
        export_grades(gradebook, "moodle", tmp_path / "x.csv", roster=worksheet(tmp_path / "w.csv", points="100,00"))
    gradebook.add_assignment("02_more")
    with pytest.raises(CourseError, match="of one assignment"):
        export_grades(gradebook, "moodle", tmp_path / "x.csv", roster=worksheet(tmp_path / "w.csv"))
    with pytest.raises(CourseError, match="is of Moodle, not of Canvas"):
        export_grades(gradebook, "canvas", tmp_path / "x.csv", roster=worksheet(tmp_path / "w.csv"))


FORMULAS = ("=cmd()", "@sum", "+cmd", "-cmd", " =cmd()", "\t=x", "'=x")


@pytest.mark.parametrize("format_", ["nbgrader", "canvas", "moodle"])
def test_no_cell_is_a_formula(gradebook, tmp_path, format_: str):
    for number, text in enumerate(FORMULAS):
        gradebook.update_or_create_student(f"{text}{number}", first_name=text, last_name=text, email=text)
    export_grades(gradebook, format_, tmp_path / "x.csv", [COUNTING])
    with (tmp_path / "x.csv").open(newline="", encoding="utf-8") as stream:
        cells = [cell for line in csv.reader(stream) for cell in line]
    assert any("cmd" in cell for cell in cells)
    assert not [cell for cell in cells if cell != "-" and cell.strip()[:1] in ("=", "+", "-", "@")]


def test_an_id_with_a_comma_is_one_cell(gradebook, tmp_path):
    gradebook.update_or_create_student("O'Neil, Pat", last_name='He said "x"')
    for format_, column in (("nbgrader", "student_id"), ("canvas", "SIS Login ID"), ("moodle", "Username")):
        export_grades(gradebook, format_, tmp_path / "x.csv", [COUNTING])
        assert "O'Neil, Pat" in [row[column] for row in rows(tmp_path / "x.csv")]


@pytest.mark.parametrize(
    ("format_", "column", "empty"), [("nbgrader", "score", ""), ("canvas", COUNTING, ""), ("moodle", COUNTING, "-")]
)
def test_a_grade_that_waits_for_staff_is_no_0(gradebook, tmp_path, format_: str, column: str, empty: str):
    grade = gradebook.find_submission(COUNTING, "half-02").notebooks[0].grades[0]
    grade.auto_score, grade.needs_manual_grade = None, True
    gradebook.db.commit()
    done = export_grades(gradebook, format_, tmp_path / "x.csv", [COUNTING])
    name = {"nbgrader": "student_id", "canvas": "SIS Login ID", "moodle": "Username"}[format_]
    (half,) = [row for row in rows(tmp_path / "x.csv") if row[name] == "half-02"]
    assert half[column] == empty
    assert done.left_out == (f"half-02: {COUNTING} has cells to score by hand, so it has no grade yet",)
    grade.manual_score = 1.0
    gradebook.db.commit()
    assert export_grades(gradebook, format_, tmp_path / "x.csv", [COUNTING]).left_out == ()


def test_penalties_follow_a_due_date_that_moved_and_a_score_that_staff_raised(make_class, stand_in, tmp_path):
    classroom = make_class(3)
    (classroom.root / "nbgrader_config.py").write_text(
        'c = get_config()\nc.LateSubmissionPlugin.penalty_method = "zero"\n'
    )
    classroom = type(classroom).at(classroom.root)
    run_class(classroom, stand_in(classroom))
    found = open_gradebook(classroom)

    def score(learner: str) -> float | None:
        export_grades(found, "moodle", tmp_path / "x.csv", config=classroom.config)
        return next(row.scores[COUNTING] for row in student_rows(found, [COUNTING]) if row.learner == learner)

    assert score("half-02") == 3.0
    found.find_assignment(COUNTING).duedate = datetime.datetime(2026, 1, 1)
    found.db.commit()
    assert score("half-02") == 0.0
    grade = found.find_submission(COUNTING, "half-02").notebooks[0].grades[0]
    grade.manual_score = 2.0 + (grade.auto_score or 0.0)
    found.db.commit()
    assert score("half-02") == 0.0, "a penalty of everything stays one of everything"
    found.find_assignment(COUNTING).duedate = datetime.datetime(2026, 3, 1)
    found.db.commit()
    assert score("half-02") == 5.0
    found.close()
