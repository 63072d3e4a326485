"""The recorded experiment of notebook 09 about self-delusion."""

from __future__ import annotations

from utils.experiments.hallucination.snowball_recipe import SNOWBALL_RECIPE
from utils.experiments.recording.recipe import Recipe

RECIPES: tuple[Recipe, ...] = (SNOWBALL_RECIPE,)
