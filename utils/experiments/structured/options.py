"""Sets of options whose exact distribution can be compared with what a mask draws from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from utils.experiments.structured.token_trees import OptionDistribution, option_distribution
from utils.world import World, draw_questions


def people_options(world: World, rng: np.random.Generator) -> list[str]:
    """Return the names of 10 people and of up to 10 others who share a given name with one of them."""
    names = [world.people[int(i)].name for i in rng.choice(len(world.people), 10, replace=False)]
    given = {name.split()[0] for name in names}
    return names + [one.name for one in world.people if one.name.split()[0] in given and one.name not in names][:10]


def world_distributions(
    decoder: Any, world: World, n_questions: int
) -> Iterator[tuple[OptionDistribution, OptionDistribution]]:
    """Yield for questions about somebody's teacher the distributions over 20 people, and over 20 single-token towns."""
    encode, rng = world.vocabulary.encode, np.random.default_rng(0)
    for question in draw_questions(world, n_questions, seed=3, splits=("known",), relations=("teacher",)):
        opening = encode(question.question) + encode(" ".join(question.answer.split()[:-2]))
        people = [encode(name) + encode(".") for name in people_options(world, rng)]
        towns = [encode(town) for town in world.towns[:20]]
        yield tuple(option_distribution(decoder, opening[-100:], one) for one in (people, towns))  # type: ignore[misc]
