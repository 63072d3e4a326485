"""A class through the real thing: sandbox, scorer, gradebook; and processes of the grader killed meanwhile."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from pathlib import Path

import psutil
import pytest

from tests.classroom.assignments import (
    COUNTING,
    COUNTING_SCORES,
    VECTOR_ANSWERS,
    VECTORS,
    put_assignment,
    put_submission,
    submission,
    vectors_notebook,
)
from utils.course.classroom.backends import BackendOpener, SandboxRecipe, dask_backend, local_backend, serial_backend
from utils.course.classroom.gradebook import GradebookWriter
from utils.course.classroom.handed_in import handed_in
from utils.course.classroom.place import Classroom
from utils.course.classroom.run import GradingRun, Progress, Summary
from utils.course.grading import Limits, SandboxUnavailableError, choose_sandbox

pytestmark = pytest.mark.sandbox

LIMITS = Limits(cell_seconds=20.0, call_seconds=10.0, submission_seconds=60.0)


@pytest.fixture(scope="module", autouse=True)
def _sandbox():
    try:
        choose_sandbox("auto")
    except SandboxUnavailableError as error:
        if os.environ.get("COURSE_REQUIRE_SANDBOX"):
            pytest.fail(f"no sandbox on this machine: {error}, and COURSE_REQUIRE_SANDBOX is set")
        pytest.skip(f"no sandbox on this machine: {error}")


def grade(
    classroom: Classroom, name: str, backend: BackendOpener, observe=lambda progress: None
) -> tuple[Summary, dict[str, bytes], dict[str, float]]:
    assignment = classroom.specification(name)
    recipe = SandboxRecipe(assignment.to_dict(), LIMITS.to_dict(), classroom.secret())
    with (
        GradebookWriter(classroom, assignment) as writer,
        GradingRun(classroom, assignment, recipe, LIMITS, observe) as run,
    ):
        writer.register()
        summary = run.grade(handed_in(classroom.submitted, name), backend, writer=writer)
        identities, totals = {}, {}
        for learner, record in run.ledger.learners.items():
            result = run.store.load(record.job, run.ledger.graded[record.job].result)
            identities[learner] = result.identity_json()
            totals[learner] = writer.scores(learner).total
    return summary, identities, totals


def local(recipe):
    return local_backend(recipe, 2)


def test_serial_local_and_dask_grading_are_byte_identical_in_sandboxes(make_class):
    from distributed import LocalCluster

    found = {}
    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None, memory_limit=0
    ) as made:
        address = made.scheduler_address
        for name, backend in (
            ("serial", serial_backend),
            ("local", local),
            ("dask", lambda recipe: dask_backend(recipe, address)),
        ):
            summary, found[name], totals = grade(make_class(5, name), COUNTING, backend)
            assert summary.needs_staff == {}
            assert totals == {learner: COUNTING_SCORES[learner.split("-")[0]] for learner in totals}
    assert found["serial"] == found["local"] == found["dask"]


def test_an_assignment_with_torch_is_graded(tmp_path: Path, empty_gradebook: Path):
    put_assignment(tmp_path, VECTORS, vectors_notebook())
    shutil.copy(empty_gradebook, tmp_path / "gradebook.db")
    for kind, answers in VECTOR_ANSWERS.items():
        put_submission(tmp_path, kind, VECTORS, submission(vectors_notebook(), answers))
    _, _, totals = grade(Classroom.at(tmp_path), VECTORS, serial_backend)
    assert totals == {"right": 5.0, "half": 2.0}


def test_killed_scorers_and_warm_processes_change_no_grade(make_class):
    classroom = make_class(8)
    me, killed = psutil.Process(), []

    def kill(progress: Progress) -> None:
        """Kill a process of the grader after every second submission: scorers and what runs in the sandbox in turn."""
        if len(killed) < 3:
            below = sorted(me.children(recursive=True), key=lambda process: process.pid)
            if below:
                victim = below[len(killed) % len(below)]
                with contextlib.suppress(psutil.NoSuchProcess):
                    victim.send_signal(signal.SIGKILL)
                    killed.append(victim.pid)

    summary, _, totals = grade(classroom, COUNTING, local, kill)
    assert len(killed) == 3
    assert summary.needs_staff == {}
    assert totals == {learner: COUNTING_SCORES[learner.split("-")[0]] for learner in totals}
    assert len(totals) == 8
