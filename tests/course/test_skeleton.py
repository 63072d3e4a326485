"""`course new` and `course new-exercise`: what they write builds, and they never write over anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.course.mini_course import CONTRACT
from utils.course import build
from utils.course.answers import judge_answers
from utils.course.errors import CourseError
from utils.course.notebooks import find_topic, read_notebook
from utils.course.skeleton import new_exercise, new_topic

ROWS = """
## 04 scaling laws

| exercise | contract |
|---|---|
| `cost(n, price=2.0)`, `days(n)` | x |
| `Law(a, b)` | y |
"""


@pytest.fixture
def course(small_course: Path) -> Path:
    (small_course / "docs" / "exercises.md").write_text(CONTRACT + ROWS)
    return small_course


def test_a_new_notebook_with_new_exercises_builds(course: Path) -> None:
    new_topic(course, "04", "scaling_laws")
    topic = find_topic(course, "4")
    assert len(new_exercise(topic, "cost")) == 3
    new_exercise(topic, "Law")
    build.write(build.build(course, [topic]))
    built = read_notebook(topic.release)
    assert [(one.name, one.names) for one in built.exercises] == [("cost", ("cost", "days")), ("Law", ("Law",))]
    assert all(one.visible and one.graded for one in built.exercises)
    assert "def cost(n, price=2.0):" in built.exercises[0].solution.source
    assert built.code_cells[-1].source == "verdicts", "exercises stand before the closing summary"


def test_a_skeleton_is_not_taken_for_finished(course: Path) -> None:
    new_topic(course, "04", "scaling_laws")
    topic = find_topic(course, "4")
    new_exercise(topic, "cost")
    build.write(build.build(course, [topic]))
    assert any(outcome.fault for outcome in judge_answers(topic))


def test_nothing_is_written_over(course: Path) -> None:
    new_topic(course, "04", "scaling_laws")
    topic = find_topic(course, "4")
    new_exercise(topic, "cost")
    before = {path: path.read_bytes() for path in course.rglob("*.py")}
    with pytest.raises(CourseError, match="is there already"):
        new_topic(course, "04", "other_name")
    with pytest.raises(CourseError, match="is there already"):
        new_exercise(topic, "cost")
    assert {path: path.read_bytes() for path in course.rglob("*.py")} == before


@pytest.mark.parametrize(("number", "name", "said"), [("4", "x", "two digits"), ("05", "Scaling Laws", "lower-case")])
def test_odd_numbers_and_names_are_refused(course: Path, number: str, name: str, said: str) -> None:
    with pytest.raises(CourseError, match=said):
        new_topic(course, number, name)


def test_an_exercise_without_a_row_of_the_contract_is_refused(course: Path) -> None:
    new_topic(course, "04", "scaling_laws")
    with pytest.raises(CourseError, match="no row for 'speed' under notebook 04"):
        new_exercise(find_topic(course, "04"), "speed")
