"""The recorded experiments of notebook 09 about mismatched knowledge, mitigations and preference training."""

from __future__ import annotations

from utils.experiments.hallucination.mismatch_recipe import MISMATCH_RECIPE
from utils.experiments.hallucination.mitigation_policy_recipe import POLICY_RECIPE
from utils.experiments.hallucination.mitigation_recipe import MITIGATION_RECIPE
from utils.experiments.recording.recipe import Recipe

RECIPES: tuple[Recipe, ...] = (MISMATCH_RECIPE, MITIGATION_RECIPE, POLICY_RECIPE)
