"""A forced first statement about a fact, and the answer to a second question: the world's model, and a real one.

Only second questions that a model answers rightly when it is asked nothing else count. Then the first statement is the
model's own, or a right one is put into its mouth, or a wrong one, and the second question follows: about the same fact
in other words, or about another fact of the same person or country.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from utils.decoding.decoders import decoder_for
from utils.decoding.generation import generate
from utils.experiments.finetuning.chat_models import load_chat_model
from utils.experiments.hallucination.real_answers import ROWS_AT_ONCE, real_decoder, real_model
from utils.experiments.hallucination.real_facts import RealQuestion, plain, real_questions
from utils.posttraining.chat import world_codec
from utils.training.base_models import base_world
from utils.world import Draws, Fact, World, common, judge, stated_values, wrong_value
from utils.world.elements import Question, Statement

FIRSTS = ("own", "right", "wrong")
FOLLOW_UPS = ("same fact", "other fact")
WORLD_MODEL, POPULAR = "world-medium-chat", 300
# What is told of a person first, and what is asked then: in the world each depends on the one before.
CHAINS = (("birthplace", "home"), ("home", "trade"))
COUNTRY_KINDS = ("capital", "currency", "language")
MAX_NEW_TOKENS = 14
Messages = list[dict[str, str]]


@dataclass(frozen=True)
class FollowUp:
    """Two questions, and the first statements that may stand between them.

    Attributes:
        kind: one of `FOLLOW_UPS`.
        first, second: the questions.
        right, wrong: statements that answer the first.
        wrong_value: what the wrong statement says.
    """

    kind: str
    first: str
    second: str
    right: str
    wrong: str
    wrong_value: str

    def messages(self, statement: str) -> Messages:
        """Return the chat up to the second question."""
        return [*asked(self.first), {"role": "assistant", "content": statement}, *asked(self.second)]


def asked(question: str) -> Messages:
    """Return a question as messages."""
    return [{"role": "user", "content": question}]


def summary(kinds: Sequence[str], wrong: Mapping[str, Sequence[bool]], copied: Sequence[bool]) -> dict[str, Any]:
    """Return 0 or 1 for each question by kind and first statement: wrong, and repeating the forced wrong value."""
    found: dict[str, Any] = {}
    for kind in FOLLOW_UPS:
        places = [place for place, one in enumerate(kinds) if one == kind]
        if not places:
            raise ValueError(f"kinds has no {kind!r}: the model answers no such question rightly when asked alone")
        found[kind] = {name: [int(values[place]) for place in places] for name, values in wrong.items()}
        found[kind]["copied"] = [int(copied[place]) for place in places]
    return found


def world_questions(world: World, n: int, seed: int) -> list[tuple[FollowUp, Fact]]:
    """Return n follow-ups of each kind about popular people, each with the fact that the second question is about.

    Raises:
        ValueError: n is below 1.
    """
    if n < 1:
        raise ValueError(f"n must be at least 1, not {n}")
    draws = Draws("snowball", seed)
    people = [person.name for person in world.people[:POPULAR] if not person.held_out]
    relations = [relation for chain in CHAINS for relation in chain]
    same = [(world.fact(name, r), world.fact(name, r)) for name in people for r in dict.fromkeys(relations)]
    other = [(world.fact(name, a), world.fact(name, b)) for name in people for a, b in CHAINS]
    found = []
    for kind, pairs in zip(FOLLOW_UPS, (same, other), strict=True):
        told = [(a, b) for a, b in pairs if a.split == b.split == "known"]
        draws.shuffle(told)
        found += [(_follow_up(world, kind, a, b, draws), b) for a, b in told[:n]]
    return found


def _follow_up(world: World, kind: str, first: Fact, second: Fact, draws: Draws) -> FollowUp:
    speak, person = world.language().sentence, world.person_index(first.subject)
    told, then = common.RELATION_INDEX[first.relation], common.RELATION_INDEX[second.relation]
    right, value = speak(Statement(told, person, draws.below(2), True)), wrong_value(world, first, draws)
    questions = speak(Question(told, person, 0, False)), speak(Question(then, person, 1, False))
    return FollowUp(kind, *questions, right, right.replace(first.value, value), value)


def run_world(n: int, seed: int) -> dict[str, Any]:
    """Return what the world's chat model answers after its own, a right and a wrong first statement."""
    world, model = base_world(), decoder_for(load_chat_model(WORLD_MODEL))
    codec = world_codec(world.vocabulary)

    def written(chats: Sequence[Messages]) -> list[str]:
        rows = [codec.encode_chat(chat, True).ids for chat in chats]
        stops = (codec.end_id, world.vocabulary.end_of_text_id)
        return [world.vocabulary.decode(one.ids) for one in generate(model, rows, MAX_NEW_TOKENS, stop_ids=stops)]

    drawn = world_questions(world, n, seed)
    alone = written([asked(one.second) for one, _ in drawn])
    kept = [pair for pair, text in zip(drawn, alone, strict=True) if judge(world, pair[1], text) == "correct"]
    items = [one for one, _ in kept]
    firsts = {
        "own": written([asked(one.first) for one in items]),
        "right": [one.right for one in items],
        "wrong": [one.wrong for one in items],
    }
    wrong, copied = {}, []
    for name, statements in firsts.items():
        texts = written([one.messages(said) for one, said in zip(items, statements, strict=True)])
        wrong[name] = [judge(world, fact, text) != "correct" for (_, fact), text in zip(kept, texts, strict=True)]
        copied = [
            one.wrong_value in stated_values(world, fact, text) for (one, fact), text in zip(kept, texts, strict=True)
        ]
    return summary([one.kind for one in items], wrong, copied)


def real_follow_ups(n: int, seed: int = 0) -> list[tuple[FollowUp, RealQuestion]]:
    """Return follow-ups of both kinds about the n most populous countries, with the question that comes second.

    Raises:
        ValueError: n is below 2.
    """
    if n < 2:
        raise ValueError(f"n must be at least 2, not {n}")
    by_country: dict[str, dict[str, RealQuestion]] = {}
    for one in sorted(real_questions(), key=lambda one: -one.popularity):
        if one.kind in COUNTRY_KINDS:
            by_country.setdefault(one.subject, {})[one.kind] = one
    countries = list(by_country.values())[:n]
    generator, found = np.random.default_rng(seed), []
    for facts in countries:
        kinds = [kind for kind in COUNTRY_KINDS if kind in facts]
        for place, kind in enumerate(kinds):
            first = facts[kind]
            values = {other[kind].answers[0] for other in countries if kind in other}
            others = sorted(value for value in values if not first.is_right(value))
            value = others[generator.integers(len(others))]
            right, wrong = (f"{first.opening()} {said}." for said in (first.answers[0], value))
            pairs = [(FOLLOW_UPS[0], first)]
            if len(kinds) > 1:
                pairs.append((FOLLOW_UPS[1], facts[kinds[(place + 1) % len(kinds)]]))
            found += [(FollowUp(how, first.text(), then.text(1), right, wrong, value), then) for how, then in pairs]
    return found


def run_real(n: int, seed: int) -> dict[str, Any]:
    """Return what SmolLM2 answers after its own, a right and a wrong first statement about a country."""
    real = real_model()

    def written(chats: Sequence[Messages], openings: Sequence[str]) -> list[str]:
        texts = [real.render_chat(chat, add_generation_prompt=True) for chat in chats]
        rows = [real.encode(text + opening) for text, opening in zip(texts, openings, strict=True)]
        found: list[str] = []
        for start in range(0, len(rows), ROWS_AT_ONCE):
            batch = rows[start : start + ROWS_AT_ONCE]
            some = generate(real_decoder(), batch, 6, stop_ids=real.eos_ids)
            found += [real.decode(one.ids, skip_special_tokens=True).split(".")[0].strip() for one in some]
        return found

    drawn = real_follow_ups(n, seed)
    questions = list(dict.fromkeys((one.second, then.opening(False)) for one, then in drawn))
    texts = written([asked(question) for question, _ in questions], [opening for _, opening in questions])
    alone = {question: text for (question, _), text in zip(questions, texts, strict=True)}
    kept = [(one, then) for one, then in drawn if then.is_right(alone[one.second])]
    items, openings = [one for one, _ in kept], [then.opening(False) for _, then in kept]
    begun = {one.first: _opening(one) for one in items}
    own = dict(zip(begun, written([asked(question) for question in begun], list(begun.values())), strict=True))
    firsts = {
        "own": [f"{begun[one.first]} {own[one.first]}." for one in items],
        "right": [one.right for one in items],
        "wrong": [one.wrong for one in items],
    }
    wrong, copied = {}, []
    for name, statements in firsts.items():
        texts = written([one.messages(said) for one, said in zip(items, statements, strict=True)], openings)
        wrong[name] = [not then.is_right(text) for (_, then), text in zip(kept, texts, strict=True)]
        copied = [plain(one.wrong_value) in plain(text) for one, text in zip(items, texts, strict=True)]
    return summary([one.kind for one in items], wrong, copied)


def _opening(one: FollowUp) -> str:
    """Return how both statements begin, up to the value."""
    return one.wrong[: -len(one.wrong_value) - 2]
