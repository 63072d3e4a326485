"""The recorded experiments of notebook 04."""

from __future__ import annotations

from utils.experiments.recording.recipe import Recipe
from utils.experiments.scaling.repetition_recipe import REPETITION
from utils.experiments.scaling.search_recipe import SEARCH
from utils.experiments.scaling.sweep_recipe import SWEEP
from utils.experiments.scaling.transfer_recipe import TRANSFER

RECIPES: tuple[Recipe, ...] = (REPETITION, SWEEP, TRANSFER, SEARCH)
