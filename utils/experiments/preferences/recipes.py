"""The recorded experiments of notebook 06."""

from __future__ import annotations

from utils.experiments.preferences.method_recipe import METHOD_RECIPE
from utils.experiments.preferences.overoptimisation_recipe import PRESSURE_RECIPE
from utils.experiments.recording.recipe import Recipe

RECIPES: tuple[Recipe, ...] = (METHOD_RECIPE, PRESSURE_RECIPE)
