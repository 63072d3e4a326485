"""Chat demonstrations: questions with answers of several qualities."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from utils.world import common, phrases
from utils.world.draws import Choice, Draws
from utils.world.elements import Question, Statement
from utils.world.entities import Fact
from utils.world.questions import QuestionAnswer, ask, draw_questions, wrong_value
from utils.world.world import World

# What the answer of a demonstration is like, the best first.
QUALITIES = {
    "good": "the true answer in one sentence",
    "terse": "the true value and nothing else",
    "rambling": "the true answer behind other facts about the same person",
    "abstaining": '"I do not know."',
    "evasive": "a refusal",
    "continuing": "a question in return, as a document would go on",
    "wrong": "a false answer in one sentence",
}


@dataclass(frozen=True)
class Demonstration:
    """A chat that demonstrates how to answer: messages with `role` and `content`, its quality, its facts."""

    messages: tuple[dict[str, str], ...]
    quality: str
    facts: tuple[Fact, ...]

    @property
    def prompt(self) -> list[dict[str, str]]:
        """The messages before the last answer."""
        return list(self.messages[:-1])

    @property
    def response(self) -> str:
        """The last answer."""
        return self.messages[-1]["content"]


def draw_demonstrations(
    world: World,
    n: int,
    seed: int = 0,
    quality: str | Mapping[str, int] = "good",
    splits: Collection[str] = ("known",),
    relations: Collection[str] | None = None,
    asked: bool | None = None,
    turns: int = 1,
    system: bool = False,
) -> list[Demonstration]:
    """Draw n demonstrations, each about another fact for as long as there are facts (then again in another order).

    quality: one of `QUALITIES`, or whole-number weights of several. splits, relations, asked: which facts, as in
    `draw_questions`. turns: questions about the same person in one chat, as far as the person has facts that qualify.
    system: begin with a system message.
    Raises ValueError for unknown names and for n or turns below 1.
    """
    weights = {quality: 1} if isinstance(quality, str) else {name: w for name, w in quality.items() if w}
    unknown = [name for name in weights if name not in QUALITIES]
    if unknown or not weights:
        raise ValueError(f"quality must be among {tuple(QUALITIES)}, got {unknown or quality}")
    if n < 1 or turns < 1:
        raise ValueError(f"n and turns must be at least 1, got n = {n} and turns = {turns}")
    pool = draw_questions(world, None, seed, splits, relations, asked)
    if not pool:
        raise ValueError(f"no fact qualifies: splits {tuple(splits)}, relations {relations}, asked {asked}")
    by_person: dict[str, list[Fact]] = {}
    for item in pool:
        by_person.setdefault(item.fact.subject, []).append(item.fact)
    names, choice = list(weights), Choice(list(weights.values()))
    draws = Draws(world.options.seed, "demonstrations", seed)
    result: list[Demonstration] = []
    while len(result) < n:
        if result:
            draws.shuffle(pool)
        for item in pool[: n - len(result)]:
            others = [fact for fact in by_person[item.fact.subject] if fact is not item.fact]
            more = draws.sample(others, min(turns - 1, len(others)))
            items = [item, *(ask(world, fact, draws, item.asked) for fact in more)]
            result.append(_demonstrate(world, items, names[draws.choose(choice)], draws, system))
    return result


def _demonstrate(world: World, items: list[QuestionAnswer], quality: str, draws: Draws, system: bool) -> Demonstration:
    messages = [{"role": "system", "content": phrases.SYSTEM_PROMPT}] if system else []
    for item in items:
        messages.append({"role": "user", "content": item.question})
        messages.append({"role": "assistant", "content": answer_of_quality(world, item.fact, quality, draws)})
    return Demonstration(tuple(messages), quality, tuple(item.fact for item in items))


def answer_of_quality(world: World, fact: Fact, quality: str, draws: Draws) -> str:
    """Write an answer to the question for a fact, of one of the `QUALITIES`."""
    if quality == "terse":
        return f"{fact.value}."
    if quality == "abstaining":
        return phrases.ABSTENTION
    if quality == "evasive":
        return phrases.REFUSAL
    relation, person = common.RELATION_INDEX[fact.relation], world.person_index(fact.subject)
    pronoun = draws.chance(0.5)
    if quality == "wrong":
        return state(world, fact, draws, pronoun, wrong_value(world, fact, draws))
    answer = state(world, fact, draws, pronoun)
    others = [r for r in world.entities.visible[person] if r != relation]
    if quality == "rambling":
        detours = [
            world.language().sentence(Statement(r, person, draws.below(world.options.paraphrases), place > 0))
            for place, r in enumerate(draws.sample(others, min(2, len(others))))
        ]
        return " ".join([*detours, answer])
    if quality == "continuing":
        other = draws.pick(others) if others else relation
        return world.language().sentence(Question(other, person, 0, pronoun))
    if quality == "good":
        return answer
    raise ValueError(f"quality must be among {tuple(QUALITIES)}, got {quality!r}")


def state(world: World, fact: Fact, draws: Draws, pronoun: bool = True, value: str | None = None) -> str:
    """State a fact in one of its wordings, with its own value or with another."""
    relation, person = common.RELATION_INDEX[fact.relation], world.person_index(fact.subject)
    statement = Statement(relation, person, draws.below(world.options.paraphrases), pronoun)
    return world.language().sentence(statement, value)
