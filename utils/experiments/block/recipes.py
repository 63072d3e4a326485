"""The recorded experiments of notebook 03."""

from __future__ import annotations

from utils.experiments.block.activation_recipe import ACTIVATION
from utils.experiments.block.copying_recipe import COPYING
from utils.experiments.block.cost_recipe import COST
from utils.experiments.block.length_recipe import LENGTH
from utils.experiments.block.recall_recipe import RECALL
from utils.experiments.block.text_recipe import TEXT
from utils.experiments.recording.recipe import Recipe

RECIPES: tuple[Recipe, ...] = (ACTIVATION, LENGTH, RECALL, COPYING, TEXT, COST)
