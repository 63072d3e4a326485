"""A record checked where numbers are rounded otherwise: chance passes, a fault does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from tests.experiments.small_recipes import make_recipe
from utils.experiments.recording.checking import check_record
from utils.experiments.recording.design import Run
from utils.experiments.recording.elsewhere import FALSE_ALARMS, other_arithmetic
from utils.experiments.recording.recipe import Recipe, Stage
from utils.experiments.recording.record import Record
from utils.experiments.recording.running import record
from utils.experiments.recording.version import machine

CONDITIONS, SEEDS, QUESTIONS = 4, 3, 200
Result = Callable[["NoisyJob"], dict[str, Any]]


@dataclass(frozen=True)
class NoisyJob:
    """A run whose numbers depend on a condition and a seed."""

    condition: int
    seed: int


def measured(job: NoisyJob, draw: int = 0) -> dict[str, Any]:
    """A loss with the scatter of seeds, a share of questions answered, and what no seed changes."""
    rng = np.random.default_rng([job.condition, job.seed, draw])
    right = rng.random(QUESTIONS) < 0.3 + 0.1 * job.condition
    return {
        "loss": float(2 + job.condition + 0.1 * rng.standard_normal()),
        "right": [int(one) for one in right],
        "parameters": 1000,
        "shown": "cat" if right[0] else "dog",
    }


def recipe_of(run: Result) -> Recipe:
    jobs = [NoisyJob(condition, seed) for condition in range(CONDITIONS) for seed in range(SEEDS)]
    original = make_recipe()
    stages = [Stage("noisy", NoisyJob, run, lambda _: jobs)]
    design = replace(
        original.design,
        rule=lambda results: original.design.rule({"first": [Run(None, {"square": 20})]}),
        simulate=lambda outcome, seed: {"first": [Run(None, {"square": 20})]},
    )
    return replace(original, stages=lambda _: stages, design=design, findings=lambda _: {"one": 1})


@pytest.fixture
def made(tmp_path, monkeypatch) -> Record:
    """A record made on a processor of another kind."""
    monkeypatch.setattr("utils.experiments.recording.running.check_design", lambda design: None)
    here = record(recipe_of(measured), folder=tmp_path)
    return replace(here, machine={**here.machine, "processor": "another kind"})


def problems(made: Record, run: Result, sample: int = 12) -> tuple[str, ...]:
    return check_record(recipe_of(run), made, sample=sample).problems


def test_other_arithmetic_is_named(made):
    assert "recorded with another kind" in other_arithmetic(made)
    assert "torch 2" in other_arithmetic(replace(made, version={**made.version, "torch": "1.0"}))


def test_the_same_numbers_pass_and_nothing_has_to_be_explained(made):
    report = check_record(recipe_of(measured), made, sample=12)
    assert report.passed
    assert report.explained == ()
    assert report.arithmetic


def test_what_another_seed_would_give_passes_and_is_told(made):
    report = check_record(recipe_of(lambda job: measured(job, 1)), made, sample=12)
    assert report.passed
    assert any("loss is" in text for text in report.explained)
    assert any("shown is" in text for text in report.explained)
    right = [text for text in report.explained if "right[" in text]
    assert len(right) == 12, "a list is one comparison, not one for each of its entries"


def test_where_the_record_was_made_the_same_differences_are_faults(made):
    there = replace(made, machine=machine())
    assert any("loss is" in text for text in problems(there, lambda job: measured(job, 1)))


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (lambda found: {**found, "loss": found["loss"] + 1.5}, "loss is"),
        (lambda found: {**found, "right": [0] * QUESTIONS}, "right["),
        (lambda found: {**found, "parameters": 900}, "parameters is 1000 recorded and 900 remade"),
        (lambda found: {**found, "right": found["right"][1:]}, f"right has {QUESTIONS} entries"),
        (lambda found: {**found, "shown": None}, "shown is"),
        (lambda found: {**found, "more": 1}, "more is only in the remade result"),
        (lambda found: {**found, "loss": float("nan")}, "loss is"),
    ],
    ids=["a loss far off", "no answer right", "another size", "fewer questions", "no text", "a new key", "no number"],
)
def test_what_chance_does_not_explain_is_a_fault(made, fault, said):
    found = problems(made, lambda job: fault(measured(job, 1)), sample=2)
    assert any(said in text for text in found), found


def test_chance_is_called_a_fault_as_seldom_as_is_said(made):
    draws = 400
    alarms = sum(bool(problems(made, lambda job, draw=draw: measured(job, draw), sample=2)) for draw in range(1, draws))
    # 400 checks at 1 in 1,000: five alarms or more come once in 5,000 times.
    assert alarms < 5, f"{alarms} alarms in {draws} checks, of which {draws * FALSE_ALARMS} are to be expected"
