"""Every submission that grading must survive, with its outcome."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.grading.core.submissions import load, names
from tests.grading.core.submissions.expected import TABLE
from utils.course.grading import AssignmentSpec, SandboxPool, SubmissionResult, grade_submission

pytestmark = pytest.mark.sandbox


def grade(name: str, spec: AssignmentSpec, pool: SandboxPool) -> SubmissionResult:
    return grade_submission(load(name), spec, pool, replace(pool.limits, **dict(TABLE[name].limits)))


def test_every_submission_has_an_outcome_and_every_outcome_a_submission() -> None:
    assert names() == sorted(TABLE)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_submission_comes_out_as_the_table_says(name: str, spec: AssignmentSpec, pool: SandboxPool) -> None:
    expected = TABLE[name]
    result = grade(name, spec, pool)
    told = f"{result.verdict} {result.reason} {result.flags} {result.observations}\n{result.cells}"
    verdicts = (expected.verdict,) if isinstance(expected.verdict, str) else expected.verdict
    assert {cell for cell, found in result.cells.items() if not found.passed} == expected.fails, told
    assert result.verdict in verdicts, told
    for word in expected.flags:
        assert any(flag.startswith(word) for flag in result.flags), f"no flag {word!r}: {told}"
    if expected.hint:
        assert any(expected.hint in result.cells[cell].message for cell in expected.fails), told
    assert result.score == sum(cell.max_points for cell in result.cells.values() if cell.passed)
    assert result.max_score == 2.0 * len(result.cells)
    if result.verdict in ("UNREADABLE", "DENIED", "TIMEOUT", "MEMORY", "CRASH"):
        assert result.reason.endswith(".") or result.reason, "the learner is told nothing"


@pytest.mark.parametrize("name", ["full_marks", "always_equal", "segfault_call", "memory_call", "keeps_state"])
def test_grading_twice_gives_the_same_bytes(name: str, spec: AssignmentSpec, pool: SandboxPool) -> None:
    first, second = grade(name, spec, pool), grade(name, spec, pool)
    assert first.identity_json() == second.identity_json()


def test_hidden_tests_and_expected_values_stay_out_of_what_a_learner_gets(
    spec: AssignmentSpec, pool: SandboxPool
) -> None:
    result = grade("search_history", spec, pool)
    told = str(result.cells) + str(result.observations) + str(result.flags) + result.reason
    assert "HIDDEN" not in told
    assert "case_rng" not in told
