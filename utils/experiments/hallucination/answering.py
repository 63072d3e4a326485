"""Questions whose right answer is known to us, with what the base model knows of each, and how answers are judged.

Three groups: facts that the base model knows, facts that are true but that it does not know, and facts about people
whom nobody has ever written about, so that silence is the only right answer. People are split, never facts alone: to
learn from, to tune with, to test on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from utils.decoding.decoders import decoder_for
from utils.decoding.generation import generate
from utils.decoding.samplers import Temperature
from utils.experiments.hallucination.answering_knowledge import base_knowledge
from utils.models.gpt import GPT
from utils.posttraining.chat import ChatCodec, world_codec
from utils.training.base_models import base_world, load_base_model
from utils.world import ABSTENTION, Draws, Fact, World, judge, stated_values
from utils.world.questions import ask

GROUPS = ("known", "unknown", "invented")
PARTS = {"learn": 0.5, "tune": 0.25, "test": 0.25}
OUTCOMES = ("correct", "hallucinated", "abstained")
MAX_NEW_TOKENS = 14
Chat = list[dict[str, str]]


@dataclass(frozen=True)
class Asked:
    """A question, the true answer in a sentence, and the fact; an invented person has a stand-in in the fact.

    Attributes:
        group: one of `GROUPS`, by what the base model knows.
        person: who is asked about.
        question, answer: sentences; the answer about an invented person is that one does not know.
        fact: of the person, or of the one who lends an invented person the given name; then its value is "nobody".
    """

    group: str
    person: str
    question: str
    answer: str
    fact: Fact


@dataclass(frozen=True)
class Bench:
    """A base model's questions by group and part, and the codec of its chats."""

    base: str
    world: World
    codec: ChatCodec
    sets: Mapping[tuple[str, str], tuple[Asked, ...]]

    def model(self) -> GPT:
        """Return a fresh copy of the base model."""
        return load_base_model(self.base)

    def draw(self, group: str, part: str, n: int, seed: int) -> list[Asked]:
        """Return n questions of a group and a part in a random order, or all that there are."""
        pool = self.sets[group, part]
        order = np.random.default_rng([seed, GROUPS.index(group)]).permutation(len(pool))[:n]
        return [pool[place] for place in order]

    def prompt(self, question: str, system: str | None = None) -> list[int]:
        """Return the ids that an answer follows."""
        messages = [] if system is None else [{"role": "system", "content": system}]
        return self.codec.encode_chat([*messages, {"role": "user", "content": question}], True).ids


def chat(question: str, answer: str, system: str | None = None) -> Chat:
    """Return a question and its answer as messages."""
    messages = [] if system is None else [{"role": "system", "content": system}]
    return [*messages, {"role": "user", "content": question}, {"role": "assistant", "content": answer}]


@lru_cache(maxsize=4)
def bench(base: str, people: int = 1000) -> Bench:
    """Return the questions for a base model about the `people` most popular people and about invented ones."""
    world = base_world()
    draws = Draws(world.options.seed, "hallucination", "people")
    parts = {person.name: _part(draws) for person in world.people}
    sets: dict[tuple[str, str], list[Asked]] = {(group, part): [] for group in GROUPS for part in PARTS}
    words = Draws(world.options.seed, "hallucination", "wordings")
    for known in base_knowledge(base, people):
        if known.level != "between":
            one = ask(world, known.fact, words)
            item = Asked(known.level, known.fact.subject, one.question, one.answer, known.fact)
            sets[known.level, parts[known.fact.subject]].append(item)
    for item in _invented(world, words):
        sets["invented", _part(draws)].append(item)
    return Bench(base, world, world_codec(world.vocabulary), {key: tuple(some) for key, some in sets.items()})


def _part(draws: Draws) -> str:
    place = draws.below(100) / 100
    return "learn" if place < PARTS["learn"] else "tune" if place < PARTS["learn"] + PARTS["tune"] else "test"


def _invented(world: World, draws: Draws) -> list[Asked]:
    """Return a question about each person whom the names allow and nobody has, in an order of no meaning."""
    taken = {person.name for person in world.people}
    bearers = {person.name.split()[0]: person.name for person in world.people}
    families = sorted({person.name.split()[1] for person in world.people})
    found = []
    for given, bearer in sorted(bearers.items()):
        for family in families:
            name = f"{given} {family}"
            if name not in taken:
                relation = draws.pick(world.options.relations)
                question = ask(world, world.fact(bearer, relation), draws).question.replace(bearer, name)
                nobody = Fact(bearer, relation, "nobody", "invented", 0.0)
                found.append(Asked("invented", name, question, ABSTENTION, nobody))
    draws.shuffle(found)
    return found


def outcome(world: World, item: Asked, text: str) -> str:
    """Return what an answer is: "correct", "hallucinated" (any other claim, or none at all) or "abstained"."""
    found = judge(world, item.fact, text)
    return "hallucinated" if found == "wrong" else found


@dataclass(frozen=True)
class Answer:
    """What a model wrote: the text, its probability (that of all its tokens together), and what it is."""

    text: str
    probability: float
    outcome: str


def answers(
    model: GPT,
    bench: Bench,
    items: Sequence[Asked],
    prompts: Sequence[Sequence[int]] = (),
    max_new_tokens: int = MAX_NEW_TOKENS,
) -> list[Answer]:
    """Return a model's greedy answers; `prompts` are the plain questions unless they are given."""
    rows = [list(row) for row in prompts] or [bench.prompt(item.question) for item in items]
    written = _generate(model, bench, rows, max_new_tokens)
    found = []
    for item, one in zip(items, written, strict=True):
        text = bench.world.vocabulary.decode(one.ids)
        found.append(Answer(text, float(np.exp(sum(one.logprobs))), outcome(bench.world, item, text)))
    return found


def sampled(model: GPT, bench: Bench, items: Sequence[Asked], n: int, seed: int) -> list[list[str]]:
    """Return n answers to each question, drawn at temperature 1."""
    rows = [bench.prompt(item.question) for item in items]
    written = _generate(model, bench, rows, MAX_NEW_TOKENS, samples=n, choose=Temperature(1.0).seeded(seed))
    texts = [bench.world.vocabulary.decode(one.ids) for one in written]
    return [texts[place * n : (place + 1) * n] for place in range(len(items))]


def _generate(model: GPT, bench: Bench, rows: Sequence[Sequence[int]], most: int, **options: Any) -> list[Any]:
    stops = (bench.codec.end_id, bench.world.vocabulary.end_of_text_id)
    return generate(decoder_for(model), rows, most, stop_ids=stops, logprobs=True, **options)


def meaning(bench: Bench, item: Asked, text: str) -> str:
    """Return what an answer says: the value that it states, "silence", or the text itself."""
    values = stated_values(bench.world, item.fact, text)
    return values[0] if values else "silence" if ABSTENTION in text else text


def rates(found: Sequence[Answer]) -> dict[str, float]:
    """Return the share of each outcome; ValueError for no answers."""
    if not found:
        raise ValueError("found must hold at least one answer, not none")
    return {name: sum(one.outcome == name for one in found) / len(found) for name in OUTCOMES}
