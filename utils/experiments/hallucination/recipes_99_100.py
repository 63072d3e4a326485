"""The recorded experiments of notebook 09 about inconsistency: drawn scores, and numbers computed in another way."""

from __future__ import annotations

from utils.experiments.hallucination.essay_recipe import ESSAY_RECIPE
from utils.experiments.hallucination.numerics_recipe import NUMERICS_RECIPE
from utils.experiments.recording.recipe import Recipe

RECIPES: tuple[Recipe, ...] = (ESSAY_RECIPE, NUMERICS_RECIPE)
