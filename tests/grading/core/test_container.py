"""Podman or Docker in the place of bubblewrap: the same attacks fail, and every submission comes out the same.

It needs an engine and an image of the course's environment (docs/instructor_guide.md says how to make one), which no
test can install:

    COURSE_SANDBOX_IMAGE=course-sandbox pytest tests/grading/core/test_container.py
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.grading.core.conftest import LIMITS
from tests.grading.core.submissions import load
from tests.grading.core.submissions.expected import TABLE, check_grade
from utils.course.grading import AssignmentSpec, Limits, SandboxPool, grade_submission, sandbox_check

IMAGE = os.environ.get("COURSE_SANDBOX_IMAGE", "")
ENGINE = next((name for name in ("podman", "docker") if shutil.which(name)), "")

pytestmark = pytest.mark.skipif(
    not (IMAGE and ENGINE), reason="no container engine, or COURSE_SANDBOX_IMAGE does not name an image"
)


@pytest.fixture(scope="module")
def container() -> Iterator[SandboxPool]:
    with SandboxPool(1, ENGINE, image=IMAGE, limits=LIMITS, secret="secret of the tests", check=False) as started:
        yield started
    left = subprocess.run([ENGINE, "ps", "-a", "--format", "{{.Names}}"], capture_output=True, text=True, check=True)
    assert "course-grading" not in left.stdout


def test_every_attack_on_a_container_fails() -> None:
    rows = sandbox_check(ENGINE, IMAGE)
    assert rows
    assert not [row for row in rows if not row.ok]


@pytest.mark.parametrize("name", sorted(TABLE))
def test_submission_comes_out_as_in_bubblewrap(name: str, container: SandboxPool, spec: AssignmentSpec) -> None:
    expected = TABLE[name]
    limits = Limits(**{**LIMITS.to_dict(), **dict(expected.limits)})
    result = grade_submission(load(name), spec, container, limits)
    check_grade(expected, result)
