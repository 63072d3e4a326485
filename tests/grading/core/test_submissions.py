"""Every submission that grading must survive, with its outcome: all on one executor, a dozen on the others.

COURSE_ALL_EXECUTORS=1 sends all of them through each executor, which takes three times as long.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from tests.grading.core.conftest import LIMITS
from tests.grading.core.submissions import load, names
from tests.grading.core.submissions.expected import TABLE, check_grade
from tests.grading.core.table_recipe import TableRecipe
from utils.course.classroom.backends import Backend, dask_backend, local_backend, serial_backend
from utils.course.classroom.runner import Graded, Job, grade_all
from utils.course.grading import AssignmentSpec, SandboxPool, SubmissionResult, grade_submission

pytestmark = pytest.mark.sandbox

EXECUTORS = ("serial", "local", "dask")
ALL = tuple(sorted(TABLE))
# What an executor adds is the road from job to result, so a few of every kind show it.
FEW = ALL if os.environ.get("COURSE_ALL_EXECUTORS") else ALL[::9]
NAMES = {"serial": FEW, "local": ALL, "dask": FEW}

Outcomes = Callable[[str], dict[str, SubmissionResult]]


def open_executor(name: str, recipe: TableRecipe, stack: ExitStack) -> Backend:
    if name == "serial":
        return stack.enter_context(serial_backend(recipe))
    if name == "local":
        return stack.enter_context(local_backend(recipe, 2))
    from distributed import LocalCluster

    cluster = LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, memory_limit=0)
    address = stack.enter_context(cluster).scheduler_address
    return stack.enter_context(dask_backend(recipe, address, 120))


@pytest.fixture(scope="module")
def outcomes(bubblewrap: None) -> Iterator[Outcomes]:
    """Grade an executor's submissions as one class, once on each executor that is asked for."""

    handed_in = {name: load(name) for name in ALL}  # once: an archive holds the time of its making

    @cache
    def graded(executor: str) -> dict[str, SubmissionResult]:
        recipe = TableRecipe(tuple(LIMITS.to_dict().items()))
        jobs = [Job(name, name, handed_in[name], "") for name in NAMES[executor]]
        with ExitStack() as stack:
            events = list(grade_all(jobs, open_executor(executor, recipe, stack), recipe.key))
        assert all(isinstance(event, Graded) for event in events), [e for e in events if not isinstance(e, Graded)]
        return {event.job.identity: event.result for event in events if isinstance(event, Graded)}

    yield graded
    graded.cache_clear()


def test_every_submission_has_an_outcome_and_every_outcome_a_submission() -> None:
    assert names() == sorted(TABLE)


@pytest.mark.parametrize(("executor", "name"), [(one, name) for one in EXECUTORS for name in NAMES[one]])
def test_submission_comes_out_as_the_table_says(name: str, executor: str, outcomes: Outcomes) -> None:
    expected = TABLE[name]
    result = outcomes(executor)[name]
    told = f"{result.verdict} {result.reason} {result.flags} {result.observations}\n{result.cells}"
    check_grade(expected, result)
    for word in expected.flags:
        assert any(flag.startswith(word) for flag in result.flags), f"no flag {word!r}: {told}"
    if expected.hint:
        assert any(expected.hint in result.cells[cell].message for cell in expected.fails), told
    assert result.score == sum(cell.max_points for cell in result.cells.values() if cell.passed)
    assert result.max_score == 2.0 * len(result.cells)
    if result.verdict in ("UNREADABLE", "DENIED", "TIMEOUT", "MEMORY", "CRASH"):
        assert result.reason.strip(), "the learner is told nothing"


@pytest.mark.parametrize("name", [name for name in FEW if TABLE[name].repeats])
def test_all_executors_give_the_same_bytes(name: str, outcomes: Outcomes) -> None:
    serial, *others = (outcomes(executor)[name].identity_json() for executor in EXECUTORS)
    assert others == [serial, serial]


def test_hidden_tests_and_expected_values_stay_out_of_what_a_learner_gets(
    spec: AssignmentSpec, pool: SandboxPool
) -> None:
    result = grade_submission(load("search_history"), spec, pool)
    told = str(result.cells) + str(result.observations) + str(result.flags) + result.reason
    assert "HIDDEN" not in told
    assert "case_rng" not in told
