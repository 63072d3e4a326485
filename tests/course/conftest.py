from __future__ import annotations

from pathlib import Path

import pytest

from tests.course.mini_course import write_course
from utils.course import build
from utils.course.notebooks import Topic, course_root, topics


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout under test."""
    return course_root()


@pytest.fixture
def small_course(tmp_path: Path) -> Path:
    """A course of one small notebook that was not built yet."""
    return write_course(tmp_path / "course")


@pytest.fixture
def small_topic(small_course: Path) -> Topic:
    """The small course's only notebook, built."""
    build.write(build.build(small_course))
    return topics(small_course)[0]
