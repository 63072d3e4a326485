"""The recorded experiments of notebook 09."""

from __future__ import annotations

from utils.experiments.hallucination.real_recipe import REAL_RECIPE
from utils.experiments.recording.recipe import Recipe

RECIPES: tuple[Recipe, ...] = (REAL_RECIPE,)
