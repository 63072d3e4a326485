from __future__ import annotations

import json

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
from tests.classroom.stand_in import StandInRecipe
from utils.course.classroom.audit import audit
from utils.course.classroom.backends import local_backend, serial_backend
from utils.course.classroom.gradebook import GradebookWriter
from utils.course.classroom.handed_in import handed_in
from utils.course.classroom.journal import JournalBusyError, read_journal, verify
from utils.course.classroom.place import Classroom
from utils.course.classroom.run import GradingRun, Summary


def run_class(classroom: Classroom, recipe: StandInRecipe, *, write: bool = True, regrade: bool = False) -> Summary:
    """Grade a class with the stand-in, one after another."""
    assignment = classroom.specification(COUNTING)
    with GradebookWriter(classroom, assignment) as writer, GradingRun(classroom, assignment, recipe) as run:
        if write:
            writer.register()
        found = handed_in(classroom.submitted, COUNTING)
        return run.grade(found, serial_backend, regrade, writer if write else None)


def totals(classroom: Classroom) -> dict[str, float]:
    """Return everybody's total in the gradebook."""
    with GradebookWriter(classroom, classroom.specification(COUNTING)) as writer:
        found = {}
        for one in handed_in(classroom.submitted, COUNTING):
            scores = writer.scores(one.learner)
            if scores is not None:
                found[one.learner] = scores.total
        return found


def test_everybody_gets_the_score_of_their_answers(make_class, stand_in):
    classroom = make_class(10)
    summary = run_class(classroom, stand_in(classroom))
    assert (summary.graded, summary.written, summary.faults) == (10, 10, 0)
    for learner, total in totals(classroom).items():
        assert total == COUNTING_SCORES[learner.split("-")[0]], learner


def test_a_second_run_grades_nothing_and_writes_nothing(make_class, stand_in):
    classroom = make_class(5)
    recipe = stand_in(classroom)
    run_class(classroom, recipe)
    again = run_class(classroom, recipe)
    assert (again.graded, again.known, again.written) == (0, 5, 0)
    assert recipe.calls() == 5


def test_a_new_submission_of_one_learner_is_graded_and_replaces_the_grade(make_class, stand_in):
    classroom = make_class(5)
    recipe = stand_in(classroom)
    run_class(classroom, recipe)
    better = submission(counting_notebook(), COUNTING_ANSWERS["right"], "second try")
    put_submission(classroom.root, "empty-03", COUNTING, better, "2026-01-13 10:00:00 UTC")
    again = run_class(classroom, recipe)
    assert (again.graded, again.written) == (1, 1)
    assert totals(classroom)["empty-03"] == 6.0


def test_the_same_bytes_of_two_learners_are_graded_once_and_count_for_both(make_class, stand_in):
    classroom = make_class(1)
    content = (classroom.submitted / "right-00" / COUNTING / f"{COUNTING}.ipynb").read_bytes()
    put_submission(classroom.root, "twin", COUNTING, content)
    recipe = stand_in(classroom)
    summary = run_class(classroom, recipe)
    assert recipe.calls() == 1
    assert summary.graded == 2
    assert totals(classroom) == {"right-00": 6.0, "twin": 6.0}


def test_a_fault_of_the_grader_is_tried_again(make_class, stand_in):
    classroom = make_class(5)
    summary = run_class(classroom, stand_in(classroom, **{"number 2.": 2}))
    assert summary.faults == 2
    assert summary.needs_staff == {}
    assert totals(classroom)["half-02"] == COUNTING_SCORES["half"]


def test_what_the_grader_fails_on_again_and_again_needs_staff_and_is_never_scored(make_class, stand_in):
    classroom = make_class(5)
    summary = run_class(classroom, stand_in(classroom, **{"number 0.": 3}))
    assert list(summary.needs_staff) == ["right-00"]
    assert "disk is full" in summary.needs_staff["right-00"]
    with GradebookWriter(classroom, classroom.specification(COUNTING)) as writer:
        scores = writer.scores("right-00")
    assert scores is not None
    assert set(scores.automatic.values()) == {None}
    again = run_class(classroom, stand_in(classroom, **{"number 0.": 3}))
    assert again.needs_staff == {}, "the next run tries it again"
    assert totals(classroom)["right-00"] == 6.0


def test_a_learner_whose_id_is_no_folder_name_stops_nobody(make_class, stand_in):
    classroom = make_class(2)
    assignment = classroom.specification(COUNTING)
    found = handed_in(classroom.submitted, COUNTING)
    odd = type(found[0])("../../etc", None, found[0].read)
    with (
        GradebookWriter(classroom, assignment) as writer,
        GradingRun(classroom, assignment, stand_in(classroom)) as run,
    ):
        writer.register()
        summary = run.grade([odd, *found], serial_backend, writer=writer)
    assert summary.graded == 2
    assert "plain folder name" in summary.refused["../../etc"]


def test_two_gradings_of_one_class_at_once_are_refused(make_class, stand_in):
    classroom = make_class(2)
    held = GradingRun(classroom, classroom.specification(COUNTING), stand_in(classroom))
    with held, pytest.raises(JournalBusyError, match="another `course grade`"):
        run_class(classroom, stand_in(classroom))


def test_a_dry_run_leaves_the_gradebook_alone_and_shows_what_would_change(make_class, stand_in):
    classroom = make_class(5)
    before = (classroom.root / "gradebook.db").read_bytes()
    assignment = classroom.specification(COUNTING)
    recipe = stand_in(classroom)
    with GradebookWriter(classroom, assignment) as writer, GradingRun(classroom, assignment, recipe) as run:
        run.grade(handed_in(classroom.submitted, COUNTING), serial_backend)
        changes = {change.learner: change for change in run.changes(writer)}
    assert (classroom.root / "gradebook.db").read_bytes() == before
    assert not (classroom.root / "autograded").exists()
    assert changes["right-00"].before is None
    assert changes["right-00"].after == 6.0
    assert run_class(classroom, recipe).known == 5
    assert recipe.calls() == 5
    assert totals(classroom)["right-00"] == 6.0


HARDER = "check(lambda: shares(['fr']), {'fr': 1.0}, 'one text')\nassert shares(['a', 'b', 'c']).get('c') != 1 / 3"


def test_changed_tests_change_no_grade_until_a_regrade_shows_them(make_class, stand_in):
    classroom = make_class(5)
    run_class(classroom, stand_in(classroom))
    put_assignment(classroom.root, COUNTING, counting_notebook(HARDER))

    plain = run_class(classroom, stand_in(classroom))
    assert (plain.graded, plain.written) == (0, 0)
    assert len(plain.earlier_tests) == 5
    assert totals(classroom)["right-00"] == 6.0

    assignment = classroom.specification(COUNTING)
    with (
        GradebookWriter(classroom, assignment) as writer,
        GradingRun(classroom, assignment, stand_in(classroom)) as run,
    ):
        writer.register()
        summary = run.grade(handed_in(classroom.submitted, COUNTING), serial_backend, True, writer)
        assert (summary.graded, summary.written) == (5, 0)
        changes = {change.learner: change for change in run.changes(writer)}
        assert set(changes) == {"right-00", "half-02"}
        assert (changes["right-00"].before, changes["right-00"].after) == (6.0, 4.0)
        assert changes["right-00"].cells == (("shares-1", 2.0, 0.0),)
        assert writer.scores("right-00").total == 6.0, "nothing is written before it was seen"
        run.write_all(writer)
        assert run.changes(writer) == []
    assert totals(classroom)["right-00"] == 4.0
    assert run_class(classroom, stand_in(classroom)).earlier_tests == []


def test_a_manual_score_stays_when_tests_change(make_class, stand_in):
    classroom = make_class(1)
    run_class(classroom, stand_in(classroom))
    with GradebookWriter(classroom, classroom.specification(COUNTING)) as writer:
        grade = writer._gradebook.find_grade("shares-1", COUNTING, COUNTING, "right-00")
        grade.manual_score = 1.5
        writer._gradebook.db.commit()
    put_assignment(classroom.root, COUNTING, counting_notebook(HARDER))
    assignment = classroom.specification(COUNTING)
    with (
        GradebookWriter(classroom, assignment) as writer,
        GradingRun(classroom, assignment, stand_in(classroom)) as run,
    ):
        writer.register()
        run.grade(handed_in(classroom.submitted, COUNTING), serial_backend, True, writer)
        assert run.changes(writer)[0].manual == ("shares-1",)
        run.write_all(writer)
        scores = writer.scores("right-00")
    assert scores.automatic["shares-1"] == 0.0
    assert scores.manual == {"shares-1": 1.5}
    assert scores.total == 5.5


def test_a_regrade_does_again_what_is_done(make_class, stand_in):
    classroom = make_class(3)
    recipe = stand_in(classroom)
    run_class(classroom, recipe)
    assert run_class(classroom, recipe, regrade=True).graded == 3
    assert recipe.calls() == 6


def test_threads_give_the_same_results_as_one_after_another(make_class, stand_in):
    found = {}
    for name, backend in (("serial", serial_backend), ("threads", lambda recipe: local_backend(recipe, 3))):
        classroom = make_class(10, name)
        assignment = classroom.specification(COUNTING)
        with GradingRun(classroom, assignment, stand_in(classroom)) as run:
            run.grade(handed_in(classroom.submitted, COUNTING), backend)
            found[name] = {learner: result.identity_json() for learner, result in run._results(None)}
    assert len(found["serial"]) == 10
    assert found["serial"] == found["threads"]


def test_no_more_submissions_are_read_than_are_on_their_way(make_class, stand_in):
    classroom = make_class(12)
    assignment = classroom.specification(COUNTING)
    open_now, most = 0, 0
    found = handed_in(classroom.submitted, COUNTING)

    def counted(one):
        def read():
            nonlocal open_now, most
            open_now += 1
            most = max(most, open_now)
            return one.read()

        return type(one)(one.learner, one.submitted_at, read)

    def observe(progress):
        nonlocal open_now
        open_now -= 1

    with GradingRun(classroom, assignment, stand_in(classroom), observe=observe) as run:
        run.grade([counted(one) for one in found], lambda recipe: local_backend(recipe, 2))
    assert most <= 2 * 2 + 1


def test_a_lost_result_is_graded_again(make_class, stand_in):
    classroom = make_class(2)
    recipe = stand_in(classroom)
    run_class(classroom, recipe)
    next((classroom.grading(COUNTING) / "results").glob("*/*.json")).unlink()
    assert run_class(classroom, recipe).graded == 1


def test_an_audit_agrees_after_grading_and_names_what_was_edited(make_class, stand_in):
    classroom = make_class(5)
    run_class(classroom, stand_in(classroom))
    assignment = classroom.specification(COUNTING)
    with GradebookWriter(classroom, assignment) as writer:
        found = audit(classroom, COUNTING, writer)
        assert (found.results, found.grades, found.problems) == (5, 5, ())
        grade = writer._gradebook.find_grade("shares-1", COUNTING, COUNTING, "empty-03")
        grade.auto_score = 2.0
        writer._gradebook.db.commit()
        assert audit(classroom, COUNTING, writer).problems == (
            "empty-03: shares-1 was graded 0, the gradebook says 2.0",
        )
    path = next((classroom.grading(COUNTING) / "results").glob("*/*.json"))
    data = json.loads(path.read_text())
    data["cells"]["shares-1"]["points"] = 2.0
    path.write_text(json.dumps(data))
    assert any("was changed after it was written" in problem for problem in audit(classroom, COUNTING).problems)


def test_the_journal_tells_what_happened_without_the_secret(make_class, stand_in):
    classroom = make_class(2)
    run_class(classroom, stand_in(classroom))
    path = classroom.grading(COUNTING) / "journal.jsonl"
    assert verify(path).problem is None
    events = [entry.event for entry in read_journal(path)]
    assert events.count("graded") == events.count("written") == events.count("handed-in") == 2
    assert "a secret of the tests" not in path.read_text()


def test_a_regrade_asks_for_a_review_of_changed_cells_only(make_class, stand_in):
    """shares-1 gets a harder test and middle-1 stays: both were scored by hand and looked at."""
    classroom = make_class(1)
    run_class(classroom, stand_in(classroom))
    with GradebookWriter(classroom, classroom.specification(COUNTING)) as writer:
        for name in ("shares-1", "middle-1"):
            grade = writer._gradebook.find_grade(name, COUNTING, COUNTING, "right-00")
            grade.manual_score, grade.needs_manual_grade = 1.5, False
        writer._gradebook.db.commit()
    put_assignment(classroom.root, COUNTING, counting_notebook(HARDER))
    assignment = classroom.specification(COUNTING)
    with (
        GradebookWriter(classroom, assignment) as writer,
        GradingRun(classroom, assignment, stand_in(classroom)) as run,
    ):
        writer.register()
        run.grade(handed_in(classroom.submitted, COUNTING), serial_backend, True, writer)
        run.write_all(writer)
        needs = {
            grade.name: grade.needs_manual_grade
            for grade in writer._gradebook.find_submission(COUNTING, "right-00").notebooks[0].grades
        }
    assert needs == {"shares-1": True, "shares-2": False, "middle-1": False, "middle-2": False}


def test_a_new_answer_to_a_cell_that_was_scored_by_hand_is_reviewed(make_class, stand_in):
    from tests.classroom.assignments import COUNTING_ANSWERS, put_submission, submission

    classroom = make_class(1)
    run_class(classroom, stand_in(classroom))
    with GradebookWriter(classroom, classroom.specification(COUNTING)) as writer:
        for name in ("shares-1", "middle-1"):
            grade = writer._gradebook.find_grade(name, COUNTING, COUNTING, "right-00")
            grade.manual_score, grade.needs_manual_grade = 1.5, False
        writer._gradebook.db.commit()
    answers = dict(COUNTING_ANSWERS["right"])
    answers["shares"] += "  # handed in again"
    put_submission(classroom.root, "right-00", COUNTING, submission(counting_notebook(), answers))
    run_class(classroom, stand_in(classroom))
    with GradebookWriter(classroom, classroom.specification(COUNTING)) as writer:
        find = writer._gradebook.find_grade
        needs = [find(name, COUNTING, COUNTING, "right-00").needs_manual_grade for name in ("shares-1", "middle-1")]
    assert needs == [True, False]
