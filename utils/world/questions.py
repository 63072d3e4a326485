"""Questions about the world's facts, their answers, and the judgement of any answer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from utils.world import common, phrases
from utils.world.draws import Choice, Draws
from utils.world.elements import Question, Statement
from utils.world.entities import Fact
from utils.world.language import ParseError
from utils.world.world import World

SPLITS = ("known", "held_out_fact", "held_out_person")
OUTCOMES = ("correct", "wrong", "abstained")


@dataclass(frozen=True)
class QuestionAnswer:
    """A question, its answer in a sentence and in short, and the fact behind it.

    fact.split tells whether documents state the fact, fact.popularity how often they are about its subject; `asked`
    whether questions about this person occur in documents.
    """

    question: str
    answer: str
    fact: Fact
    asked: bool

    @property
    def value(self) -> str:
        """The short answer: a name, a thing or a year."""
        return self.fact.value


def draw_questions(
    world: World,
    n: int | None = None,
    seed: int = 0,
    splits: Collection[str] = ("known",),
    relations: Collection[str] | None = None,
    asked: bool | None = None,
    by_popularity: bool = False,
) -> list[QuestionAnswer]:
    """Draw questions about people's facts, each fact at most once unless by_popularity.

    n: how many, None for one about every fact that qualifies. splits: any of `SPLITS`. relations: default all that the
    world tells. asked: True or False for only those people about whom documents do or do not contain questions.
    by_popularity: facts are drawn with replacement in proportion to the popularity of their subject, as documents are;
    it needs n, and splits whose people appear in documents.
    Raises ValueError for unknown names, and when fewer than n facts qualify.
    """
    unknown = [split for split in splits if split not in SPLITS]
    if unknown or not splits:
        raise ValueError(f"splits must be among {SPLITS}, got {tuple(splits)}")
    unknown = [name for name in relations or () if name not in world.options.relations]
    if unknown:
        raise ValueError(f"relations must be among {world.options.relations}, got {unknown}")
    asked_names = {person.name for person in world.people if person.asked}
    pool = [
        fact
        for fact in world.facts
        if fact.split in splits
        and (relations is None or fact.relation in relations)
        and (asked is None or (fact.subject in asked_names) == asked)
    ]
    draws = Draws(world.options.seed, "questions", seed)
    if by_popularity:
        if n is None or not pool or any(fact.popularity == 0 for fact in pool):
            raise ValueError(f"by_popularity needs n and facts about people in documents, got n = {n}, {splits}")
        choice = Choice([max(1, int(fact.popularity * 2**31 / len(world.options.relations))) for fact in pool])
        chosen = [pool[draws.choose(choice)] for _ in range(n)]
    else:
        count = len(pool) if n is None else n
        if count > len(pool):
            raise ValueError(f"n is {n}, but only {len(pool)} facts qualify")
        chosen = draws.sample(pool, count)
    return [ask(world, fact, draws, fact.subject in asked_names) for fact in chosen]


def ask(world: World, fact: Fact, draws: Draws, asked: bool = False) -> QuestionAnswer:
    """Word a question about a fact, and its answer in the usual wording with a pronoun."""
    relation, subject = common.RELATION_INDEX[fact.relation], world.person_index(fact.subject)
    wordings = len(common.RELATIONS[relation].questions[: world.options.paraphrases])
    language = world.language()
    question = language.sentence(Question(relation, subject, draws.below(wordings), False))
    answer = language.sentence(Statement(relation, subject, 0, True))
    return QuestionAnswer(question, answer, fact, asked)


def fact_asked(world: World, question: str) -> Fact:
    """Return the fact that a question asks for; ValueError for a text that is no question about a person."""
    try:
        elements = world.language().parse(question)
    except ParseError as error:
        raise ValueError(f"question must be one of the world's, got {question!r}") from error
    first = elements[0]
    if len(elements) != 1 or not isinstance(first, Question) or common.RELATIONS[first.relation].subject != "person":
        raise ValueError(f"question must be one question about a person, got {question!r}")
    return world.fact(world.people[first.subject].name, common.RELATIONS[first.relation].name)


def claims(world: World, text: str, topic: str | None = None) -> list[tuple[str, str, str]]:
    """Return what any text claims as triples (subject, relation, value), true or not, in order.

    Sentences that the world's grammar does not know claim nothing. A pronoun stands for the last subject named, or for
    `topic`, a person, before any is.
    """
    start = -1 if topic is None else world.person_index(topic)
    found, _ = world.language().claims(text, start)
    names = world.entities.names
    return [
        (names[common.RELATIONS[r].subject][s], common.RELATIONS[r].name, names[common.RELATIONS[r].value][v])
        for r, s, v in found
        if v < len(names[common.RELATIONS[r].value])
    ]


def stated_values(world: World, fact: Fact, answer: str) -> list[str]:
    """Return the values that an answer gives for a fact.

    A sentence of the grammar counts when it states this relation of this subject; from any other text, a bare "Dalvex."
    say, every name of the right kind counts, the subject's own excepted.
    """
    kind = common.RELATIONS[common.RELATION_INDEX[fact.relation]].value
    language = world.language()
    stated = claims(world, answer, fact.subject)
    values = [value for subject, relation, value in stated if (subject, relation) == (fact.subject, fact.relation)]
    for sentence in language.claims(answer, world.person_index(fact.subject))[1]:
        values += [name for what, name in language.mentions(sentence) if what == kind and name != fact.subject]
    return values


def judge(world: World, question: str | Fact, answer: str) -> str:
    """Return what an answer is: "correct", "wrong" or "abstained".

    Correct: it states the true value and no other (two homes are wrong; other facts do not matter). Abstained: it
    states no value and says "I do not know". All else is wrong, silence and digression too.
    """
    fact = question if isinstance(question, Fact) else fact_asked(world, question)
    values = stated_values(world, fact, answer)
    if values:
        return "correct" if set(values) == {fact.value} else "wrong"
    return "abstained" if phrases.ABSTENTION.rstrip(".").lower() in answer.lower() else "wrong"


def wrong_value(world: World, fact: Fact, draws: Draws) -> str:
    """Draw a value of the fact's kind that is not its own; a value that other people really have, hence plausible."""
    relation = common.RELATION_INDEX[fact.relation]
    names: Sequence[str] = world.entities.names[common.RELATIONS[relation].value]
    values = world.entities.values[relation]
    for _ in range(100):
        value = names[values[draws.below(len(values))]]
        if value not in (fact.value, fact.subject):
            return value
    others = [name for name in names if name not in (fact.value, fact.subject)]
    if not others:
        raise ValueError(f"the world has only one value for {fact.relation}: {fact.value!r}")
    return draws.pick(others)
