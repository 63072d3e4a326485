"""The recorded experiments of notebook 08."""

from __future__ import annotations

from utils.experiments.recording.recipe import Recipe
from utils.experiments.structured.adapter_recipe import ADAPTER
from utils.experiments.structured.choice_recipe import CHOICE
from utils.experiments.structured.clarity_recipe import CLARITY
from utils.experiments.structured.json_mode_recipe import JSON_MODE
from utils.experiments.structured.query_recipe import QUERIES

RECIPES: tuple[Recipe, ...] = (CLARITY, CHOICE, JSON_MODE, ADAPTER, QUERIES)
