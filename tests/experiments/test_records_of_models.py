"""Records of notebooks 01 to 06: a part of each is made again."""

from __future__ import annotations

import pytest

from tests.experiments.made_again import RECIPES_OF_MODELS, make_part_again, name_of
from utils.experiments.recording.recipe import Recipe


@pytest.mark.slow
@pytest.mark.parametrize("recipe", RECIPES_OF_MODELS, ids=name_of)
def test_a_part_of_the_record_is_made_again(recipe: Recipe):
    make_part_again(recipe)
