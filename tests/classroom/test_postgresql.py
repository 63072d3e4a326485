"""The same grading with a real PostgreSQL server, started here."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.classroom.assignments import COUNTING, COUNTING_SCORES
from tests.classroom.test_run import run_class, totals
from utils.course.classroom.audit import audit
from utils.course.classroom.exports import export_grades
from utils.course.classroom.gradebook import GradebookWriter, open_gradebook
from utils.course.programs import postgresql_program

pytest.importorskip("psycopg")
pytestmark = pytest.mark.skipif(postgresql_program("initdb") is None, reason="PostgreSQL's server is not installed")


def _user() -> tuple[str, list[str]]:
    """Return who may run the server, and the command that turns into them: it refuses to run as root."""
    if os.geteuid() != 0:
        return getpass.getuser(), []
    for name in ("postgres", "nobody"):
        found = subprocess.run(["id", name], capture_output=True, check=False)
        if found.returncode == 0 and shutil.which("runuser"):
            return name, ["runuser", "-u", name, "--"]
    pytest.skip("PostgreSQL does not run as root, and there is no other user to run it as")


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, list[str]]]:
    """A PostgreSQL server on a socket in a folder of its own: the gradebook's URL, and the command to control it."""
    user, become = _user()
    # A socket's path has to be short, so no folder of pytest's.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if become:
        shutil.chown(folder, user)
    environment = {**os.environ, "LC_ALL": "C"}

    def call(*command: str) -> None:
        done = subprocess.run([*become, *command], capture_output=True, text=True, cwd=folder, env=environment)
        assert done.returncode == 0, done.stdout + done.stderr

    initdb, control = postgresql_program("initdb"), postgresql_program("pg_ctl")
    call(initdb, "-D", f"{folder}/data", "-A", "trust", "-U", "course", "-E", "UTF8", "-N")
    options = f"-c listen_addresses='' -c fsync=off -k {folder}"
    begin = [control, "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o", options]
    call(*begin, "start")
    try:
        yield f"postgresql+psycopg://course@/postgres?host={folder}", [*become, *begin]
    finally:
        call(control, "-D", f"{folder}/data", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def test_a_class_is_graded_into_postgresql(make_class, stand_in, server, tmp_path):
    url, _ = server
    classroom = make_class(6, database=url)
    recipe = stand_in(classroom)
    summary = run_class(classroom, recipe)
    assert (summary.graded, summary.written) == (6, 6)
    expected = {learner: COUNTING_SCORES[learner.split("-")[0]] for learner in totals(classroom)}
    assert totals(classroom) == expected
    assert len(expected) == 6

    again = run_class(classroom, recipe)
    assert (again.graded, again.written) == (0, 0)
    with GradebookWriter(classroom, classroom.specification(COUNTING)) as writer:
        found = audit(classroom, COUNTING, writer)
    assert (found.grades, found.problems) == (6, ())

    gradebook = open_gradebook(classroom)
    try:
        assert export_grades(gradebook, "canvas", tmp_path / "canvas.csv").learners == 6
    finally:
        gradebook.close()
    assert "right-00,,,right-00,,6" in (tmp_path / "canvas.csv").read_text()


def test_a_server_that_restarts_is_waited_for(make_class, stand_in, server):
    url, control = server
    classroom = make_class(7, database=url)
    assignment = classroom.specification(COUNTING)
    with GradebookWriter(classroom, assignment) as writer:
        writer.register()
        assert writer.scores("right-00") is not None
        subprocess.run([*control, "-m", "fast", "restart"], capture_output=True, check=True, cwd="/")
        assert writer.scores("right-00") is not None, "the lost connection is made again"
    run_class(classroom, stand_in(classroom))
    assert totals(classroom)["counts-06"] == COUNTING_SCORES["counts"]
