"""The recorded experiments of notebook 09."""

from __future__ import annotations

from utils.experiments.hallucination.essay_recipe import ESSAY_RECIPE
from utils.experiments.hallucination.mismatch_recipe import MISMATCH_RECIPE
from utils.experiments.hallucination.mitigation_policy_recipe import POLICY_RECIPE
from utils.experiments.hallucination.mitigation_recipe import MITIGATION_RECIPE
from utils.experiments.hallucination.numerics_recipe import NUMERICS_RECIPE
from utils.experiments.hallucination.real_recipe import REAL_RECIPE
from utils.experiments.hallucination.snowball_recipe import SNOWBALL_RECIPE
from utils.experiments.recording.recipe import Recipe

RECIPES: tuple[Recipe, ...] = (
    ESSAY_RECIPE,
    NUMERICS_RECIPE,
    REAL_RECIPE,
    SNOWBALL_RECIPE,
    MISMATCH_RECIPE,
    MITIGATION_RECIPE,
    POLICY_RECIPE,
)
