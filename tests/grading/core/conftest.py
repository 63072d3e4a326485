"""One sandbox for all tests of grading: starting one takes seconds, a submission in it a fraction of one."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.grading.core.course_notebook import assignment
from utils.course.grading import AssignmentSpec, Limits, SandboxPool
from utils.course.programs import bubblewrap_problem

MIB = 1024 * 1024
LIMITS = Limits(
    submission_seconds=60.0,
    cell_seconds=20.0,
    call_seconds=20.0,
    memory=900 * MIB,
    processes=40,
    scratch=24 * MIB,
    output=8 * MIB,
    message=8 * MIB,
    submission_file=8 * MIB,
    notebook=4 * MIB,
)


@pytest.fixture(scope="session")
def bubblewrap() -> None:
    """Skip where bubblewrap is missing, unless the variable COURSE_REQUIRE_SANDBOX asks for it."""
    if reason := bubblewrap_problem():
        if os.environ.get("COURSE_REQUIRE_SANDBOX"):
            pytest.fail(f"{reason}, and COURSE_REQUIRE_SANDBOX is set")
        pytest.skip(reason)


@pytest.fixture(scope="session")
def spec() -> AssignmentSpec:
    return assignment()


@pytest.fixture(scope="session")
def pool(bubblewrap: None) -> Iterator[SandboxPool]:
    with SandboxPool(1, "bubblewrap", limits=LIMITS, secret="secret of the tests", check=False) as started:
        yield started
