from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.classroom.assignments import COUNTING, COUNTING_ANSWERS, counting_notebook, put_assignment, put_submission
from tests.classroom.assignments import submission as submission_of
from tests.classroom.stand_in import StandInRecipe
from utils.course.classroom.gradebook import open_gradebook
from utils.course.classroom.place import SECRET_VARIABLE, Classroom


@pytest.fixture(scope="session")
def empty_gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook without anything in it, made once: making one starts alembic, which takes seconds."""
    root = tmp_path_factory.mktemp("empty")
    open_gradebook(Classroom.at(root)).close()
    return root / "gradebook.db"


@pytest.fixture(autouse=True)
def _no_secret_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SECRET_VARIABLE, raising=False)


def build_class(root: Path, empty_gradebook: Path, learners: int, database: str = "", **notebook: str) -> Classroom:
    """Make a class with submissions of all kinds of answers, in turn."""
    put_assignment(root, COUNTING, counting_notebook(**notebook))
    (root / "grading").mkdir()
    (root / "grading" / "secret").write_text("a secret of the tests")
    shutil.copy(empty_gradebook, root / "gradebook.db")
    kinds = list(COUNTING_ANSWERS)
    for number in range(learners):
        kind = kinds[number % len(kinds)]
        content = submission_of(counting_notebook(), COUNTING_ANSWERS[kind], f"Handed in by number {number}.")
        put_submission(root, f"{kind}-{number:02d}", COUNTING, content, "2026-01-12 10:00:00 UTC")
    return Classroom.at(root, database)


@pytest.fixture
def make_class(tmp_path: Path, empty_gradebook: Path) -> Callable[..., Classroom]:
    """Make classes in folders of this test."""

    def make(learners: int = 5, name: str = "class", database: str = "", **notebook: str) -> Classroom:
        return build_class(tmp_path / name, empty_gradebook, learners, database, **notebook)

    return make


@pytest.fixture
def stand_in(tmp_path: Path) -> Callable[..., StandInRecipe]:
    """Make a recipe that grades in this process."""

    def make(classroom: Classroom, **failures: int) -> StandInRecipe:
        folder = tmp_path / "stand-in"
        folder.mkdir(exist_ok=True)
        return StandInRecipe(classroom.specification(COUNTING).to_dict(), failures, str(folder))

    return make


@pytest.fixture
def in_child() -> Callable[[Callable[[], None]], int]:
    """Run something in a forked process and return its exit status, negative for a signal."""
    if not hasattr(os, "fork"):
        pytest.skip("needs fork")

    def run(work: Callable[[], None]) -> int:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                work()
                status = 0
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status)

    return run
