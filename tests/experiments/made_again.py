"""A part of a record is made again: shared by two files, so that the suite's two processes share the work."""

from __future__ import annotations

from utils.experiments.recording.checking import check_record
from utils.experiments.recording.recipe import SAMPLE, Recipe, all_recipes
from utils.experiments.recording.record import read_record

RECIPES_OF_MODELS = [recipe for recipe in all_recipes() if recipe.notebook < "07"]
RECIPES_OF_USE = [recipe for recipe in all_recipes() if recipe.notebook >= "07"]

JOBS, SHORT_S = 2, 3.0  # `course record --check` makes more again


def name_of(recipe: Recipe) -> str:
    """Return a recipe's name among the tests."""
    return f"{recipe.notebook}-{recipe.row}"


def make_part_again(recipe: Recipe) -> None:
    """Assert that runs of a record, made again, give what it holds."""
    record = read_record(recipe.notebook, recipe.row, recipe=recipe)
    report = check_record(recipe, record, sample=JOBS, most_seconds=SHORT_S)
    assert report.problems == ()
    drawn_from = (runs for stage, runs in record.results.items() if stage not in recipe.cached)
    short = sum(run.seconds <= SHORT_S for runs in drawn_from for run in runs)
    # Where no run is short, those that were recorded for this are made again, else the shortest.
    assert report.remade == min(JOBS, short or len(record.results.get(SAMPLE, [None])))
