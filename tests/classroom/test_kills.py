"""A run is killed at each of its steps, early and late, and started again; the gradebook ends as if undisturbed."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.classroom.assignments import COUNTING
from tests.classroom.conftest import build_class
from tests.classroom.stand_in import StandInRecipe
from tests.classroom.test_run import run_class
from utils.course.classroom import gradebook, journal, run
from utils.course.classroom.audit import audit
from utils.course.classroom.gradebook import GradebookWriter
from utils.course.classroom.handed_in import handed_in
from utils.course.classroom.place import Classroom

LEARNERS = 5

pytestmark = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="kills forked processes")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def at_call(number: int, before: Callable[..., None], after: Callable[..., None] = lambda *_: None) -> Any:
    """Return a wrapper that acts before and after the given call of a function."""

    def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
        calls = 0

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == number:
                before(*args)
            found = function(*args, **kwargs)
            if calls == number:
                after(*args)
            return found

        return wrapped

    return wrap


def nothing(*_: Any) -> None:
    pass


def half_a_line(writing: journal.Journal, events: Any) -> None:
    event, data = next(iter(events))
    line = journal.Entry(writing._number + 1, "now", event, data, writing.head).to_line()
    writing._stream.write(line[: len(line) // 2])
    writing._stream.flush()
    die()


def real_commits(number: int, before: Callable[[], None], after: Callable[[], None]) -> Any:
    def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
        calls = 0

        def commit(session: Any) -> None:
            nonlocal calls
            if session.info.get("held"):
                return function(session)
            calls += 1
            if calls == number:
                before()
            function(session)
            if calls == number:
                after()
            return None

        return commit

    return wrap


STEPS = {
    "before a journal line": lambda n: (journal.Journal, "_write", at_call(n, lambda *_: die())),
    "within a journal line": lambda n: (journal.Journal, "_write", at_call(n, half_a_line)),
    "after a journal line": lambda n: (journal.Journal, "_write", at_call(n, nothing, lambda *_: die())),
    "before a file is renamed into place": lambda n: (os, "replace", at_call(n, lambda *_: die())),
    "after a file is renamed into place": lambda n: (os, "replace", at_call(n, nothing, lambda *_: die())),
    "before the gradebook's commit": lambda n: (gradebook._HeldSession, "commit", real_commits(n, die, nothing)),
    "after the gradebook's commit": lambda n: (gradebook._HeldSession, "commit", real_commits(n, nothing, die)),
    "between grades and the graded notebook": lambda n: (
        gradebook.GradebookWriter,
        "_put_notebook",
        at_call(n, lambda *_: die()),
    ),
    "between result and gradebook": lambda n: (run.GradingRun, "_write", at_call(n, lambda *_: die())),
}


def contents(classroom: Classroom) -> dict[str, Any]:
    """Return everything that a class's grading ends with, without ids and times."""
    assignment = classroom.specification(COUNTING)
    found: dict[str, Any] = {}
    with GradebookWriter(classroom, assignment) as writer:
        for one in handed_in(classroom.submitted, COUNTING):
            scores = writer.scores(one.learner)
            submission = writer._gradebook.find_submission(COUNTING, one.learner)
            comments = {
                comment.name: comment.comment for notebook in submission.notebooks for comment in notebook.comments
            }
            found[one.learner] = (
                scores,
                submission.timestamp,
                comments,
                classroom.autograded(one.learner, COUNTING).read_bytes(),
            )
        assert len(writer._gradebook.assignment_submissions(COUNTING)) == LEARNERS
        assert audit(classroom, COUNTING, writer).problems == ()
    return found


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, empty_gradebook: Path) -> dict[str, Any]:
    """What a run ends with that nobody disturbs."""
    classroom = build_class(tmp_path_factory.mktemp("undisturbed") / "class", empty_gradebook, LEARNERS)
    run_class(classroom, StandInRecipe(classroom.specification(COUNTING).to_dict()))
    return contents(classroom)


@pytest.mark.parametrize("number", [1, 5])
@pytest.mark.parametrize("step", sorted(STEPS))
def test_a_killed_run_ends_with_the_same_grades(
    make_class, stand_in, in_child, monkeypatch, undisturbed, step: str, number: int
):
    classroom = make_class(LEARNERS, "killed")
    recipe = stand_in(classroom)
    kills = 0

    def killed() -> None:
        owner, name, wrap = STEPS[step](number)
        monkeypatch.setattr(owner, name, wrap(getattr(owner, name)))
        run_class(classroom, recipe)

    # Killed again and again: each run gets further, until one gets to its end before the given call.
    while in_child(killed) == -signal.SIGKILL:
        kills += 1
        if kills == 2:
            break
    assert kills > 0, "the step was never reached"
    run_class(classroom, recipe)
    assert contents(classroom) == undisturbed


def test_a_run_killed_within_a_regrade_goes_on_with_it(make_class, stand_in, in_child, monkeypatch):
    classroom = make_class(LEARNERS)
    recipe = stand_in(classroom)
    run_class(classroom, recipe)

    def killed() -> None:
        owner, name, wrap = STEPS["after a journal line"](5)
        monkeypatch.setattr(owner, name, wrap(getattr(owner, name)))
        run_class(classroom, recipe, regrade=True)

    assert in_child(killed) == -signal.SIGKILL
    before = recipe.calls()
    summary = run_class(classroom, recipe, regrade=True)
    assert summary.known > 0, "what the killed regrade had done is not done again"
    assert summary.graded + summary.known == LEARNERS
    assert recipe.calls() - before == summary.graded
