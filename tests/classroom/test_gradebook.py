from __future__ import annotations

import datetime
import sqlite3
import threading
import time

import nbformat
import pytest

from tests.classroom.assignments import (
    COUNTING,
    COUNTING_ANSWERS,
    COUNTING_SCORES,
    counting_notebook,
    put_assignment,
    put_submission,
    submission,
)
from tests.classroom.test_run import run_class, totals
from utils.course.classroom import gradebook as gradebook_module
from utils.course.classroom.backends import serial_backend
from utils.course.classroom.gradebook import GradebookError, GradebookWriter
from utils.course.classroom.handed_in import handed_in
from utils.course.classroom.place import Classroom
from utils.course.classroom.run import GradingRun
from utils.course.errors import CourseError
from utils.course.grading import SubmissionResult


def test_the_gradebook_is_as_nbgrader_would_have_written_it(make_class, stand_in, monkeypatch):
    from nbgrader.converters import Autograde
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    ours, theirs = make_class(5, "ours"), make_class(5, "theirs")
    run_class(ours, stand_in(ours))
    with GradebookWriter(theirs, theirs.specification(COUNTING)) as writer:
        writer.register()
    config = Config(theirs.config)
    config.CourseDirectory.root = str(theirs.root)
    config.CourseDirectory.assignment_id = COUNTING
    config.CourseDirectory.db_url = theirs.db_url
    Autograde(coursedir=CourseDirectory(config=config), config=config).start()

    def rows(classroom: Classroom):
        found = []
        with GradebookWriter(classroom, classroom.specification(COUNTING)) as writer:
            for one in writer._gradebook.assignment_submissions(COUNTING):
                for notebook in one.notebooks:
                    grades = [
                        (grade.name, grade.auto_score, grade.manual_score, grade.needs_manual_grade, grade.max_score)
                        for grade in notebook.grades
                    ]
                    comments = [(comment.name, comment.auto_comment) for comment in notebook.comments]
                    facts = (one.student_id, one.timestamp, one.score, notebook.late_submission_penalty)
                    found.append((facts, sorted(grades), sorted(comments)))
        return sorted(found)

    assert rows(ours) == rows(theirs)

    def cells(classroom: Classroom, learner: str):
        node = nbformat.read(classroom.autograded(learner, COUNTING), as_version=4)
        return [
            (cell.source, cell.metadata.nbgrader)
            for cell in node.cells
            if cell.metadata.get("nbgrader", {}).get("grade_id")
        ]

    for learner in ("right-00", "counts-01", "empty-03"):
        assert cells(ours, learner) == cells(theirs, learner)


def test_late_penalties_of_the_instructors_settings_are_applied(make_class, stand_in):
    classroom = make_class(2)
    (classroom.root / "nbgrader_config.py").write_text(
        "c = get_config()\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"
    )
    classroom = Classroom.at(classroom.root)
    put_submission(
        classroom.root,
        "late",
        COUNTING,
        submission(counting_notebook(), COUNTING_ANSWERS["right"], "late"),
        "2026-01-20 10:00:00 UTC",
    )
    assignment = classroom.specification(COUNTING)
    with GradebookWriter(classroom, assignment) as writer:
        writer.register()
        writer._gradebook.find_assignment(COUNTING).duedate = datetime.datetime(2026, 1, 15)
        writer._gradebook.db.commit()
    run_class(classroom, stand_in(classroom))
    with GradebookWriter(classroom, assignment) as writer:
        found = {
            one.student_id: (one.score, one.late_submission_penalty)
            for one in writer._gradebook.assignment_submissions(COUNTING)
        }
    assert found["late"] == (6.0, 6.0)
    assert found["right-00"] == (6.0, 0.0)


def test_writing_again_changes_no_row(make_class, stand_in):
    classroom = make_class(3)
    run_class(classroom, stand_in(classroom))

    def dump():
        with sqlite3.connect(classroom.root / "gradebook.db") as connection:
            return sorted(connection.iterdump())

    before = dump()
    assignment = classroom.specification(COUNTING)
    with GradebookWriter(classroom, assignment) as writer, GradingRun(classroom, assignment, None) as run:
        writer.register()
        for learner, record in run.ledger.learners.items():
            result = run.store.load(record.job, run.ledger.graded[record.job].result)
            for _ in range(2):
                writer.write(learner, result, record.submitted_at)
    assert dump() == before


def test_a_transaction_that_fails_leaves_nothing(make_class, stand_in, monkeypatch):
    classroom = make_class(2)
    assignment = classroom.specification(COUNTING)

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    with GradebookWriter(classroom, assignment) as writer:
        writer.register()
        monkeypatch.setattr(GradebookWriter, "_put_notebook", full)
        with GradingRun(classroom, assignment, stand_in(classroom)) as run, pytest.raises(OSError, match="No space"):
            run.grade(handed_in(classroom.submitted, COUNTING), serial_backend, writer=writer)
        assert writer.scores("counts-01") is None
        monkeypatch.undo()
    run_class(classroom, stand_in(classroom))
    assert totals(classroom) == {"right-00": 6.0, "counts-01": 1.0}


def test_a_locked_database_is_waited_for(make_class, stand_in, monkeypatch):
    classroom = make_class(1)
    impatient = Classroom.at(classroom.root, f"sqlite:///{classroom.root / 'gradebook.db'}?timeout=0.05")
    run_class(impatient, stand_in(classroom), write=False)
    locker = sqlite3.connect(classroom.root / "gradebook.db", isolation_level=None, check_same_thread=False)
    locker.execute("BEGIN EXCLUSIVE")
    waits = []
    sleep = time.sleep

    def released_at_the_second_wait(seconds):
        waits.append(seconds)
        if len(waits) == 2:
            locker.execute("COMMIT")
        sleep(0.01)

    monkeypatch.setattr(gradebook_module.time, "sleep", released_at_the_second_wait)
    run_class(impatient, stand_in(classroom))
    assert len(waits) == 2
    assert totals(classroom)["right-00"] == 6.0
    locker.close()


def test_a_database_that_stays_locked_is_one_sentence(make_class, monkeypatch):
    classroom = make_class(1)
    impatient = Classroom.at(classroom.root, f"sqlite:///{classroom.root / 'gradebook.db'}?timeout=0.01")
    monkeypatch.setattr(gradebook_module.time, "sleep", lambda seconds: None)
    with sqlite3.connect(classroom.root / "gradebook.db", isolation_level=None) as locker:
        locker.execute("BEGIN EXCLUSIVE")
        with pytest.raises(GradebookError, match="cannot be used: database is locked"):
            GradebookWriter(impatient, impatient.specification(COUNTING))
        locker.execute("COMMIT")


def test_many_writers_at_once_lose_nothing(make_class, stand_in):
    classroom = make_class(4)
    assignment = classroom.specification(COUNTING)
    run_class(classroom, stand_in(classroom), write=False)
    with GradebookWriter(classroom, assignment) as writer:
        writer.register()
    with GradingRun(classroom, assignment, stand_in(classroom)) as run:
        results = list(run._results(None))

    def write() -> None:
        with GradebookWriter(classroom, assignment) as writer:
            for learner, result in results:
                writer.write(learner, result, None)

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert totals(classroom) == {
        f"{kind}-{number:02d}": COUNTING_SCORES[kind]
        for number, kind in enumerate(["right", "counts", "half", "empty"])
    }


def test_a_submission_that_another_process_adds_first_is_found_the_second_time(make_class, stand_in, monkeypatch):
    classroom = make_class(1)
    assignment = classroom.specification(COUNTING)
    run_class(classroom, stand_in(classroom), write=False)
    with GradingRun(classroom, assignment, stand_in(classroom)) as run:
        [(learner, result)] = list(run._results(None))
    monkeypatch.setattr(gradebook_module.time, "sleep", lambda seconds: None)
    find, answers = GradebookWriter._find, []

    def not_there_yet(self, *args):
        found = find(self, *args)
        answers.append(found)
        return None if len(answers) == 1 else found

    with GradebookWriter(classroom, assignment) as writer:
        writer.register()
        writer.write(learner, result, None)
        before = writer.scores(learner)
        monkeypatch.setattr(GradebookWriter, "_find", not_there_yet)
        writer.write(learner, result, None)
        assert len(answers) == 2
        assert writer.scores(learner) == before


def test_a_result_that_needs_staff_is_never_written(make_class):
    classroom = make_class(1)
    assignment = classroom.specification(COUNTING)
    result = SubmissionResult(COUNTING, assignment.digest, "0" * 64, "NEEDS_STAFF", "it failed")
    with GradebookWriter(classroom, assignment) as writer:
        writer.register()
        with pytest.raises(ValueError, match="NEEDS_STAFF"):
            writer.write("right-00", result, None)
        assert writer.scores("right-00") is None


def with_cell(node: nbformat.NotebookNode, position: int, cell: nbformat.NotebookNode) -> nbformat.NotebookNode:
    node.cells.insert(position, cell)
    return node


def test_a_test_cell_added_after_collection_gets_grades(make_class, stand_in):
    from tests.classroom.assignments import graded_cell

    classroom = make_class(2)
    run_class(classroom, stand_in(classroom))
    new = graded_cell("middle-3", 4, "Graded: more", "assert middle([5]) == 5")
    put_assignment(classroom.root, COUNTING, with_cell(counting_notebook(), 9, new))
    assignment = classroom.specification(COUNTING)
    with (
        GradebookWriter(classroom, assignment) as writer,
        GradingRun(classroom, assignment, stand_in(classroom)) as run,
    ):
        writer.register()
        run.grade(handed_in(classroom.submitted, COUNTING), serial_backend, True, writer)
        run.write_all(writer)
    assert totals(classroom) == {"right-00": 10.0, "counts-01": 5.0}


def test_a_test_cell_that_has_grades_cannot_disappear(make_class, stand_in):
    classroom = make_class(1)
    run_class(classroom, stand_in(classroom))
    node = counting_notebook()
    node.cells = [cell for cell in node.cells if cell.metadata.get("nbgrader", {}).get("grade_id") != "middle-2"]
    put_assignment(classroom.root, COUNTING, node)
    with GradebookWriter(classroom, classroom.specification(COUNTING)) as writer:
        with pytest.raises(CourseError, match="'middle-2' is gone"):
            writer.register()
        assert writer.scores("right-00").automatic["middle-2"] == 1.0


@pytest.mark.parametrize(
    ("url", "said"),
    [("gradebook.db", "is no database's URL"), ("oracel://x", "is no database's URL")],
)
def test_a_url_that_is_none_is_one_sentence(make_class, url: str, said: str):
    with pytest.raises(CourseError, match=said):
        _ = Classroom.at(make_class(1).root, url).db_url


def test_a_password_of_the_database_is_shown_nowhere(tmp_path):
    classroom = Classroom.at(tmp_path, "postgresql+psycopg://ada:enchantress@db.example/grades")
    assert "enchantress" in classroom.db_url
    assert "enchantress" not in classroom.shown_db
    other = Classroom.at(tmp_path, "postgresql+psycopg://ada:changed@db.example/grades")
    assert other.gradebook_id == classroom.gradebook_id
