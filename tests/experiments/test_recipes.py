"""Every registered recipe: its rule can turn out each way, and its record is in order."""

from __future__ import annotations

import pytest

from tests.experiments.made_again import RECIPES_OF_MODELS, RECIPES_OF_USE, name_of
from utils.experiments.recording.design import OUTCOMES, check_design, power_of
from utils.experiments.recording.recipe import Recipe, all_recipes, job_from_dict, job_to_dict
from utils.experiments.recording.record import LARGEST_BYTES, read_record, record_path

RECIPES = all_recipes()


def test_there_are_recipes():
    assert ("04", 48) in {(recipe.notebook, recipe.row) for recipe in RECIPES}


def test_a_part_of_each_record_is_made_again_in_one_of_the_files_for_that():
    assert sorted(RECIPES_OF_MODELS + RECIPES_OF_USE, key=RECIPES.index) == list(RECIPES)


@pytest.mark.slow
@pytest.mark.parametrize("recipe", RECIPES, ids=name_of)
def test_simulated_results_of_every_outcome_come_out_as_that_outcome(recipe: Recipe):
    check_design(recipe.design)


@pytest.mark.slow
@pytest.mark.parametrize("recipe", RECIPES, ids=name_of)
def test_the_recorded_size_finds_the_effect_that_matters(recipe: Recipe):
    # Five draws are quick, and miss now and then where the power is 0.95: then a hundred decide.
    needed = recipe.design.power
    assert power_of(recipe.design, draws=5) >= needed or power_of(recipe.design, draws=100) >= needed


@pytest.mark.parametrize("recipe", RECIPES, ids=name_of)
def test_jobs_of_every_size_can_be_written_down(recipe: Recipe):
    for size in ("recorded", "live"):
        first = recipe.stages_of(size)[0]
        for job in first.jobs({}):
            assert job_from_dict(first.job_type, job_to_dict(job)) == job


@pytest.mark.parametrize("recipe", RECIPES, ids=name_of)
def test_the_record_is_there_small_and_in_order(recipe: Recipe):
    record = read_record(recipe.notebook, recipe.row, recipe=recipe)
    assert record.outcome in OUTCOMES
    assert record_path(recipe.notebook, recipe.row).stat().st_size < LARGEST_BYTES
    assert record.seconds < 2 * 2 * 3600  # two hours on two cores
