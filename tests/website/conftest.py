from __future__ import annotations

from pathlib import Path

import pytest

from tests.course.mini_course import write_course
from utils.course import build
from utils.course.notebooks import Topic, course_root, topics
from utils.course.website.links import Address


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout under test."""
    return course_root()


@pytest.fixture
def small_topic(tmp_path: Path) -> Topic:
    """The only notebook of a small course, built."""
    course = write_course(tmp_path / "course")
    build.write(build.build(course))
    return topics(course)[0]


@pytest.fixture
def address() -> Address:
    """Of a repository that is nowhere."""
    return Address("https://github.com/somebody/course", "main")
