"""`course check`: a learner sees which exercises pass, which are open, and what is wrong with the others."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from tests.course.mini_course import SCRIPT, write_course
from utils.course import build
from utils.course.check import check_notebook
from utils.course.errors import CourseError
from utils.course.notebooks import Topic, topics


def answer(topic: Topic, grade_id: str, source: str) -> None:
    node = nbformat.read(topic.release, as_version=4)
    next(cell for cell in node.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id).source = source
    nbformat.write(node, topic.release)


def test_passed_failed_and_open_exercises_are_told_apart(small_topic: Topic) -> None:
    answer(small_topic, "halve", "def halve(x):\n    return x // 3\ndef double(x):\n    return 2 * x")
    results = check_notebook(small_topic.release)
    assert [(one.exercise, one.status) for one in results] == [("add_one", "open"), ("halve", "failed")]
    assert "halve(4): expected 2" in results[1].hint
    answer(small_topic, "add_one", "def add_one(x):\n    return x + 1")
    assert [one.status for one in check_notebook(small_topic.release)] == ["passed", "failed"]


def test_an_answer_with_a_syntax_error_says_so_and_stops_no_other(small_topic: Topic) -> None:
    answer(small_topic, "add_one", "def add_one(x)\n    return x + 1")
    answer(small_topic, "halve", "def halve(x):\n    return x / 2\ndef double(x):\n    return 2 * x")
    first, second = check_notebook(small_topic.release)
    assert first.status == "failed"
    assert "SyntaxError" in first.hint
    assert second.status == "passed"


def test_an_answer_that_kills_the_kernel_is_named(small_topic: Topic) -> None:
    answer(small_topic, "add_one", "# my answer\nimport os\nos._exit(1)")
    with pytest.raises(CourseError, match=r"the kernel died in cell \d+ \(# my answer\)"):
        check_notebook(small_topic.release)


def test_experiments_do_not_run(tmp_path: Path) -> None:
    script = SCRIPT.replace('print("an experiment that grading skips")', 'raise SystemError("it ran")\nOFFSET = None')
    root = write_course(tmp_path / "course", script)
    build.write(build.build(root))
    topic = topics(root)[0]
    answer(topic, "add_one", "def add_one(x):\n    return x + OFFSET")
    assert check_notebook(topic.release)[0].status == "passed"


def test_a_notebook_without_exercises_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.ipynb"
    nbformat.write(nbformat.v4.new_notebook(), path)
    with pytest.raises(CourseError, match="has no exercises"):
        check_notebook(path)
