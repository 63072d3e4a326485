"""The grammar of documents: how one is drawn, how probable it is, and all there are.

A document is derived by a fixed sequence of choices, each from a table of integer weights. The grammar is
unambiguous: a text has one derivation, so that its probability is the product of the probabilities of the choices.
`derive` is the only description of how documents arise; drawing, and listing all documents, both run it.
`log_probability` is written independently of it, from the finished document backwards; the tests hold the two to each
other.

- profile: a person by popularity, 1 to max_facts of the person's visible facts in random order, each in one of its
  wordings, from the second sentence on with the name or a pronoun.
- town: the same of a town.
- question: a question about a person who is asked about, then an answer, a second question, or an aside.
- remark: somebody speaks to a listener (younger, peer or elder) and states one fact.
- sum: a calculation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from utils.world import common
from utils.world.draws import Choice, Draws, uniform_choice
from utils.world.elements import Address, Aside, Element, Question, Statement, Sum
from utils.world.entities import KINDS, Entities

Choose = Callable[[Choice], int]

# The number of facts in a document: 1 to max_facts, the weight falling with the number.
_COUNT_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 1)
_PRONOUN = Choice((1, 3))  # the name again, or a pronoun
_ANSWER, _SECOND_QUESTION, _ASIDE = range(3)
_FOLLOW_UP_WEIGHTS = (2, 1, 1)

_uniform = cache(uniform_choice)


class _NotInWorldError(Exception):
    """A sequence of elements that the grammar cannot derive."""


class Grammar:
    """The distribution over documents of one world."""

    def __init__(self, entities: Entities) -> None:
        options = entities.options
        self._entities = entities
        self._kinds = [kind for kind in KINDS if options.mix.get(kind, 0)]
        self._kind = Choice([options.mix[kind] for kind in self._kinds])
        self._derivations = [getattr(self, f"_derive_{kind}") for kind in self._kinds]
        if "question" in self._kinds and not entities.asked_people:
            raise ValueError(f"mix has questions, but asked_people is {options.asked_people}: nobody is asked about")
        self._person = entities.popularity
        self._person_place = {person: place for place, person in enumerate(entities.told_people)}
        weights = dict(zip(entities.told_people, entities.popularity.weights, strict=True))
        asked = entities.asked_people
        self._asked = Choice([weights[person] for person in asked] or [1])
        self._asked_place = {person: place for place, person in enumerate(asked)}
        self._town = entities.town_popularity
        self._wording = Choice(common.PARAPHRASE_WEIGHTS[: options.paraphrases])
        self._counts = [Choice(_COUNT_WEIGHTS[: min(options.max_facts, n)]) for n in range(1, 9)]
        self._question_wording = Choice((2, 1)[: options.paraphrases])
        self._listener = Choice(common.LISTENER_WEIGHTS)
        self._frame = uniform_choice(len(common.FRAMES))
        self._operator = uniform_choice(len(common.OPERATORS))

    # Drawing

    def derive(self, choose: Choose) -> list[Element]:
        """Return the document that a sequence of choices makes."""
        return self._derivations[choose(self._kind)](choose)

    def sample(self, draws: Draws) -> tuple[list[Element], float]:
        """Draw a document; return its elements and its log-probability in nats."""
        sampler = _Sampler(draws)
        elements = self.derive(sampler)
        return elements, sampler.log_probability

    def enumerate(self) -> Iterator[tuple[list[Element], float]]:
        """Yield every document with its log-probability: only for tiny worlds, the number grows explosively."""
        path: list[int] = []
        while True:
            odometer = _Odometer(path)
            yield self.derive(odometer), odometer.log_probability
            path = odometer.path
            while path and path[-1] == odometer.sizes[len(path) - 1] - 1:
                path.pop()
            if not path:
                return
            path[-1] += 1

    def _derive_profile(self, choose: Choose) -> list[Element]:
        person = self._entities.told_people[choose(self._person)]
        return self._statements(choose, person, self._entities.visible[person])

    def _derive_town(self, choose: Choose) -> list[Element]:
        return self._statements(choose, choose(self._town), self._entities.town_relations)

    def _statements(self, choose: Choose, subject: int, relations: Sequence[int]) -> list[Element]:
        left = list(relations)
        elements: list[Element] = []
        for place in range(1 + choose(self._counts[len(left) - 1])):
            relation = left.pop(choose(_uniform(len(left))))
            pronoun = place > 0 and choose(_PRONOUN) == 1
            elements.append(Statement(relation, subject, choose(self._wording), pronoun))
        return elements

    def _derive_question(self, choose: Choose) -> list[Element]:
        person = self._entities.asked_people[choose(self._asked)]
        relations = self._entities.visible[person]
        relation = relations[choose(_uniform(len(relations)))]
        question = Question(relation, person, choose(self._question_wording), False)
        follow_up = choose(self._follow_up(len(relations)))
        if follow_up == _ANSWER:
            pronoun = choose(_PRONOUN) == 1
            return [question, Statement(relation, person, choose(self._wording), pronoun)]
        if follow_up == _SECOND_QUESTION and len(relations) > 1:
            others = [r for r in relations if r != relation]
            other = others[choose(_uniform(len(others)))]
            return [question, Question(other, person, choose(self._question_wording), True)]
        return [question, Aside(choose(_uniform(len(self._entities.towns))))]

    @staticmethod
    @cache
    def _follow_up(n_relations: int) -> Choice:
        """Return the choice of what follows a question; without a second fact there is no second question."""
        answer, second, aside = _FOLLOW_UP_WEIGHTS
        return Choice((answer, second, aside) if n_relations > 1 else (answer, aside))

    def _derive_remark(self, choose: Choose) -> list[Element]:
        address = Address(choose(self._frame), choose(self._listener))
        person = self._entities.told_people[choose(self._person)]
        relations = self._entities.visible[person]
        relation = relations[choose(_uniform(len(relations)))]
        return [address, Statement(relation, person, choose(self._wording), False)]

    def _derive_sum(self, choose: Choose) -> list[Element]:
        operator = choose(self._operator)
        left = choose(self._operand(operator))
        limit = left if common.OPERATORS[operator] == "-" else self._entities.options.max_operand
        return [Sum(left, operator, choose(_uniform(limit + 1)))]

    def _operand(self, operator: int) -> Choice:
        """Return the choice of the left operand: one digit in products, any number elsewhere."""
        limit = self._entities.options.max_operand
        return _uniform(min(limit, 9) + 1 if common.OPERATORS[operator] == "*" else limit + 1)

    # Scoring

    def log_probability(self, elements: Sequence[Element]) -> float:
        """Return the log-probability of a document in nats, or -inf when the world never writes it."""
        if not elements:
            return -math.inf
        first, rest = elements[0], elements[1:]
        try:
            if isinstance(first, Sum):
                kind, score = "sum", self._score_sum(first, rest)
            elif isinstance(first, Address):
                kind, score = "remark", self._score_remark(first, rest)
            elif isinstance(first, Question):
                kind, score = "question", self._score_question(first, rest)
            elif isinstance(first, Statement) and common.RELATIONS[first.relation].subject == "town":
                relations = self._entities.town_relations
                kind = "town"
                score = _log(self._town, first.subject) + self._score_statements(elements, first.subject, relations)
            elif isinstance(first, Statement):
                relations = self._entities.visible[first.subject]
                kind = "profile"
                score = self._score_person(first.subject) + self._score_statements(elements, first.subject, relations)
            else:
                return -math.inf
        except _NotInWorldError:
            return -math.inf
        return score + _log(self._kind, self._kinds.index(kind)) if kind in self._kinds else -math.inf

    def _score_person(self, person: int) -> float:
        return _log(self._person, self._person_place.get(person, -1))

    def _score_statements(self, elements: Sequence[Element], subject: int, relations: Sequence[int]) -> float:
        n = len(relations)
        told: list[int] = []
        score = _log(self._counts[n - 1], len(elements) - 1)
        for place, element in enumerate(elements):
            if not isinstance(element, Statement) or element.subject != subject:
                raise _NotInWorldError
            if element.relation not in relations or element.relation in told or (place == 0 and element.pronoun):
                raise _NotInWorldError
            told.append(element.relation)
            score += -math.log(n - place) + _log(self._wording, element.paraphrase)
            if place:
                score += _log(_PRONOUN, int(element.pronoun))
        return score

    def _score_question(self, question: Question, rest: Sequence[Element]) -> float:
        if len(rest) != 1 or question.pronoun or common.RELATIONS[question.relation].subject != "person":
            raise _NotInWorldError
        person, follow_up = question.subject, rest[0]
        relations = self._entities.visible[person]
        if question.relation not in relations:
            raise _NotInWorldError
        n = len(relations)
        choice = self._follow_up(n)
        score = _log(self._asked, self._asked_place.get(person, -1)) - math.log(n)
        score += _log(self._question_wording, question.paraphrase)
        if isinstance(follow_up, Statement):
            if follow_up.relation != question.relation or follow_up.subject != person:
                raise _NotInWorldError
            score += _log(choice, _ANSWER) + _log(_PRONOUN, int(follow_up.pronoun))
            return score + _log(self._wording, follow_up.paraphrase)
        if isinstance(follow_up, Question):
            same = follow_up.relation == question.relation
            if same or follow_up.relation not in relations or not follow_up.pronoun or follow_up.subject != person:
                raise _NotInWorldError
            score += _log(choice, _SECOND_QUESTION) - math.log(n - 1)
            return score + _log(self._question_wording, follow_up.paraphrase)
        if isinstance(follow_up, Aside):
            return score + _log(choice, len(choice) - 1) - math.log(len(self._entities.towns))
        raise _NotInWorldError

    def _score_remark(self, address: Address, rest: Sequence[Element]) -> float:
        if len(rest) != 1 or not isinstance(rest[0], Statement) or rest[0].pronoun:
            raise _NotInWorldError
        statement = rest[0]
        if common.RELATIONS[statement.relation].subject != "person":
            raise _NotInWorldError
        relations = self._entities.visible[statement.subject]
        if statement.relation not in relations:
            raise _NotInWorldError
        # A language without the distinction writes one text for all listeners: their probabilities add up to one.
        score = 0.0 if address.listener < 0 else _log(self._listener, address.listener)
        score += _log(self._frame, address.frame) + self._score_person(statement.subject)
        return score - math.log(len(relations)) + _log(self._wording, statement.paraphrase)

    def _score_sum(self, sum_: Sum, rest: Sequence[Element]) -> float:
        operator = common.OPERATORS[sum_.operator]
        limit = sum_.left if operator == "-" else self._entities.options.max_operand
        if rest or sum_.right > limit:
            raise _NotInWorldError
        left = _log(self._operand(sum_.operator), sum_.left)
        return _log(self._operator, sum_.operator) + left - math.log(limit + 1)


def _log(choice: Choice, outcome: int) -> float:
    if not 0 <= outcome < len(choice):
        raise _NotInWorldError
    return choice.log_probabilities[outcome]


class _Sampler:
    """Chooses at random, and adds up the log-probabilities of its choices."""

    __slots__ = ("_draws", "log_probability")

    def __init__(self, draws: Draws) -> None:
        self._draws = draws
        self.log_probability = 0.0

    def __call__(self, choice: Choice) -> int:
        outcome = self._draws.choose(choice)
        self.log_probability += choice.log_probabilities[outcome]
        return outcome


class _Odometer:
    """Follows a path of outcomes and then takes the first of everything, recording the path and its sizes."""

    def __init__(self, path: Sequence[int]) -> None:
        self._given = list(path)
        self.path: list[int] = []
        self.sizes: list[int] = []
        self.log_probability = 0.0

    def __call__(self, choice: Choice) -> int:
        place = len(self.path)
        outcome = self._given[place] if place < len(self._given) else 0
        self.path.append(outcome)
        self.sizes.append(len(choice))
        self.log_probability += choice.log_probabilities[outcome]
        return outcome
