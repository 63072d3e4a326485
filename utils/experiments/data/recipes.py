"""The recorded experiments of notebook 01."""

from __future__ import annotations

from utils.experiments.data.asking_recipe import ASKING
from utils.experiments.data.tiny_recipes import MIXED, QUALITY, SPECIALISTS
from utils.experiments.recording.recipe import Recipe

RECIPES: tuple[Recipe, ...] = (QUALITY, MIXED, ASKING, SPECIALISTS)
