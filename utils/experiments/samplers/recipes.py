"""The recorded experiments of notebook 07."""

from __future__ import annotations

from utils.experiments.recording.recipe import Recipe
from utils.experiments.samplers.coverage_recipe import COVERAGE
from utils.experiments.samplers.verifier_recipe import VERIFIER
from utils.experiments.samplers.votes_recipe import VOTES
from utils.experiments.samplers.wording_recipe import TRIES

RECIPES: tuple[Recipe, ...] = (VERIFIER, COVERAGE, VOTES, TRIES)
