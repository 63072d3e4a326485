"""The recorded experiments of notebook 04."""

from __future__ import annotations

from utils.experiments.recording.recipe import Recipe
from utils.experiments.scaling.canaries_recipe import CANARIES
from utils.experiments.scaling.codes_recipe import CODES
from utils.experiments.scaling.generations_recipe import GENERATIONS_OF_MODELS
from utils.experiments.scaling.prior_recipe import STRONG_PRIOR
from utils.experiments.scaling.repetition_recipe import REPETITION
from utils.experiments.scaling.search_recipe import SEARCH
from utils.experiments.scaling.sources_recipe import LOST_SOURCES
from utils.experiments.scaling.sweep_recipe import SWEEP
from utils.experiments.scaling.transfer_recipe import TRANSFER

RECIPES: tuple[Recipe, ...] = (
    REPETITION,
    STRONG_PRIOR,
    SWEEP,
    TRANSFER,
    SEARCH,
    CODES,
    GENERATIONS_OF_MODELS,
    CANARIES,
    LOST_SOURCES,
)
