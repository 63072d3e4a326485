"""`course answers --sandbox`: a right and a wrong judgement of the sandbox are both found out."""

from __future__ import annotations

import pytest

from tests.classroom.assignments import COUNTING, counting_notebook, put_assignment
from utils.course.classroom.sandboxed_answers import judge_in_sandbox
from utils.course.errors import CourseError
from utils.course.notebooks import Topic

pytestmark = pytest.mark.sandbox

ANSWERS = """\
# %% right: with a Counter
from collections import Counter
def shares(languages):
    return {name: count / len(languages) for name, count in Counter(languages).items()}

# %% right: called right, and it is not
def shares(languages):
    return {name: 1.0 for name in languages}

# %% wrong: counts | expects: counts over the total
def shares(languages):
    return {name: languages.count(name) for name in languages}

# %% wrong: called wrong, and it is not | expects: anything
def shares(languages):
    return {name: languages.count(name) / len(languages) for name in languages}

# %% wrong: counts, and other words are expected | expects: division by zero
def shares(languages):
    return {name: languages.count(name) for name in languages}
"""


@pytest.fixture
def topic(tmp_path):
    put_assignment(tmp_path, COUNTING, counting_notebook())
    answers = tmp_path / "solutions" / COUNTING / "exercises" / "answers"
    answers.mkdir(parents=True)
    (answers / "shares.py").write_text(ANSWERS)
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    return Topic(tmp_path, COUNTING)


def test_each_answer_is_judged_and_what_is_judged_wrongly_is_named(topic):
    faults = {outcome.answer.title: outcome.fault for outcome in judge_in_sandbox(topic, ["shares"])}
    assert faults.pop("the notebook's own") is None
    assert faults.pop("with a Counter") is None
    assert faults.pop("counts") is None
    assert "shares-1 says" in (faults.pop("called right, and it is not") or "")
    assert faults.pop("called wrong, and it is not") == "wrong, but every graded test accepts it"
    assert "without the words" in (faults.pop("counts, and other words are expected") or "")
    assert not faults


def test_an_unknown_exercise_is_named(topic):
    with pytest.raises(CourseError, match="'nothing' is unknown in 01_counting; there are: middle, shares"):
        next(judge_in_sandbox(topic, ["nothing"]))


def test_trusted_grading_neither_reads_nor_writes_the_learners_own_file(topic, tmp_path, monkeypatch):
    path = tmp_path / "mine" / "progress.json"
    path.parent.mkdir()
    path.write_text('{"format": 1, "exercises": {"shares": {"status": "passed"}}}')
    before = path.read_bytes()
    monkeypatch.setenv("COURSE_PROGRESS", str(path))
    (topic.answers / "shares.py").write_text(f"""\
# %% right: looks for the file, notes itself, and answers
import os
from utils.notebook.guesses import keep_guess
from utils.notebook.progress import note_test, note_tests
def shares(languages):
    note_test("softmax", "passed")
    note_tests({{"softmax": "passed"}})
    keep_guess(26, "holds")
    seen = os.path.exists({str(path)!r}) or "COURSE_PROGRESS" in os.environ
    return {{}} if seen else {{name: languages.count(name) / len(languages) for name in languages}}
""")
    faults = {outcome.answer.title: outcome.fault for outcome in judge_in_sandbox(topic, ["shares"])}
    assert faults == {"the notebook's own": None, "looks for the file, notes itself, and answers": None}
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == ["progress.json"]
