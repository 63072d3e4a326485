"""The recorded experiments of notebook 05."""

from __future__ import annotations

from utils.experiments.finetuning.forgetting_recipe import FORGETTING
from utils.experiments.finetuning.quality_recipe import QUALITY
from utils.experiments.recording.recipe import Recipe

RECIPES: tuple[Recipe, ...] = (QUALITY, FORGETTING)
