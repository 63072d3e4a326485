"""The live run of a recorded experiment: the live size or smaller jobs, and nothing of another experiment."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.experiments.small_recipes import SquareJob, make_recipe, square
from utils.experiments.recording.design import CANNOT_BE_TOLD, OUTCOMES
from utils.experiments.recording.live import live_runs, said, verdict_outcome
from utils.experiments.recording.recipe import Stage
from utils.experiments.recording.running import record
from utils.notebook.verdicts import OUTCOMES as WORDS


def one_stage(size: str) -> list[Stage]:
    return [Stage("first", SquareJob, square, lambda _: [SquareJob(x) for x in range(2 if size == "live" else 6)])]


def test_the_live_size_or_smaller_jobs_are_run():
    recipe = make_recipe(stages=one_stage)
    assert [run.result["square"] for run in live_runs(recipe, 0)] == [0, 1]
    assert [run.result["square"] for run in live_runs(recipe, 0, [SquareJob(7)])] == [49]


def test_jobs_of_another_experiment_and_several_stages_are_refused():
    with pytest.raises(ValueError, match="jobs hold 3, which is no SquareJob"):
        live_runs(make_recipe(stages=one_stage), 0, [3])
    with pytest.raises(ValueError, match="has 2 live stages"):
        live_runs(make_recipe(), 0)


def test_every_outcome_has_a_word_in_the_table_of_verdicts(tmp_path):
    made = record(make_recipe(), folder=tmp_path)
    assert {verdict_outcome(replace(made, outcome=outcome)) for outcome in OUTCOMES} == set(WORDS)
    assert verdict_outcome(replace(made, outcome=CANNOT_BE_TOLD)) == "undecided"
    assert said(made).startswith("7 recorded runs, 0.0 minutes of one core, ")
