"""What a base model knows, measured on the model itself: does it complete a fact rightly, however it is worded?

After SliCK (Gekhman et al., 2024): several prompts for one fact, and how many of them the model completes greedily with
the true value. "Known" is right after every prompt, "unknown" after none; what lies between is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch

from utils.models.gpt import GPT
from utils.posttraining.finetuning import NOT_COUNTED, Pair, pad_pairs
from utils.training.base_models import base_world, load_base_model
from utils.world import Fact, World, common
from utils.world.elements import Question, Statement

N_PROMPTS = 4
LEVELS = ("known", "between", "unknown")


@dataclass(frozen=True)
class Knowledge:
    """What a model makes of a fact: prompts completed rightly (of `N_PROMPTS`), the true value's mean probability."""

    fact: Fact
    right: int
    probability: float

    @property
    def level(self) -> str:
        """One of `LEVELS`."""
        return "known" if self.right == N_PROMPTS else "unknown" if self.right == 0 else "between"


def fact_prompts(world: World, fact: Fact) -> list[Pair]:
    """Return (ids up to the value, ids of the value) of a fact in `N_PROMPTS` wordings, as documents have them.

    Two statements with the name, and two questions followed by the usual statement with a pronoun.
    """
    relation, person = common.RELATION_INDEX[fact.relation], world.person_index(fact.subject)
    speak = world.language().sentence
    stated = [speak(Statement(relation, person, wording, False)) for wording in (0, 1)]
    usual = speak(Statement(relation, person, 0, True))
    asked = [f"{speak(Question(relation, person, wording, False))} {usual}" for wording in (0, 1)]
    encode, first = world.vocabulary.encode, world.vocabulary.end_of_text_id
    return [([first, *encode(text[: text.rindex(fact.value)])], encode(fact.value)) for text in (*stated, *asked)]


@torch.no_grad()
def completed(model: GPT, pairs: Sequence[Pair], batch_size: int = 512) -> tuple[list[bool], list[float]]:
    """Return for each pair whether greedy decoding gives the target, and the target's probability."""
    right: list[bool] = []
    probability: list[float] = []
    for first in range(0, len(pairs), batch_size):
        inputs, targets = pad_pairs(pairs[first : first + batch_size])
        counted = targets != NOT_COUNTED
        table = model.head(model.hidden(inputs)[counted]).log_softmax(-1)
        picked = table.gather(-1, targets[counted][:, None])[:, 0]
        hits = torch.ones(targets.shape, dtype=torch.bool)
        right += hits.masked_scatter(counted, table.argmax(-1) == targets[counted]).all(-1).tolist()
        probability += torch.zeros(targets.shape).masked_scatter(counted, picked).sum(-1).exp().tolist()
    return right, probability


def measure_knowledge(model: GPT, world: World, facts: Sequence[Fact]) -> list[Knowledge]:
    """Return what a model knows of facts.

    Raises:
        ValueError: there are no facts.
    """
    if not facts:
        raise ValueError("facts must hold at least one fact, not none")
    right, probability = completed(model, [pair for fact in facts for pair in fact_prompts(world, fact)])
    rows = [slice(place * N_PROMPTS, (place + 1) * N_PROMPTS) for place in range(len(facts))]
    return [
        Knowledge(fact, sum(right[row]), sum(probability[row]) / N_PROMPTS)
        for fact, row in zip(facts, rows, strict=True)
    ]


@lru_cache(maxsize=4)
def base_knowledge(base: str, people: int) -> tuple[Knowledge, ...]:
    """Return what a shipped base model knows of all facts about the `people` most popular people.

    Raises:
        ValueError: there is no such model, or `people` is below 1 or more than there are.
    """
    world = base_world()
    if not 1 <= people <= len(world.people):
        raise ValueError(f"people must be from 1 to {len(world.people)}, not {people}")
    names = {person.name for person in world.people[:people]}
    return tuple(measure_knowledge(load_base_model(base), world, [one for one in world.facts if one.subject in names]))
