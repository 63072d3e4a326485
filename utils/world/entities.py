"""Who and what exists: people, towns, and the facts about them, all from one seed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from utils.world import common
from utils.world.draws import Choice, Draws, zipf_weights
from utils.world.names import invent_names

KINDS = ("profile", "town", "question", "remark", "sum")
DEFAULT_MIX = {"profile": 60, "town": 10, "question": 15, "remark": 10, "sum": 5}
_FIRST_BIRTH_YEAR, _FIRST_TOWN_YEAR = 400, 100


@dataclass(frozen=True)
class WorldOptions:
    """The size and shape of a world; two worlds with equal options are equal in every word.

    seed: names the world.
    n_people, n_towns: how many there are; people are numbered from the most to the least popular.
    zipf_exponent: the person of rank r is written about in proportion to r**-zipf_exponent.
    relations, town_relations: which kinds of facts are told (names from `common.RELATIONS`).
    max_facts: a profile states 1 .. max_facts facts; paraphrases: in how many ways each can be worded (1 to 4).
    mix: whole-number weights of the kinds of documents in `KINDS`; a missing kind is never written.
    held_out_people: share of people who exist, but appear in no document.
    held_out_facts: share of the facts about the other people that no document states.
    asked_people: share of the people in documents about whom question documents are written.
    max_operand: sums are made of numbers from 0 to max_operand.
    Raises ValueError for sizes and shares out of range and for unknown names.
    """

    seed: int = 0
    n_people: int = 1000
    n_towns: int = 50
    zipf_exponent: float = 1.0
    relations: tuple[str, ...] = common.PERSON_RELATIONS
    town_relations: tuple[str, ...] = common.TOWN_RELATIONS
    max_facts: int = 4
    paraphrases: int = common.MAX_PARAPHRASES
    mix: Mapping[str, int] = field(default_factory=lambda: dict(DEFAULT_MIX))
    held_out_people: float = 0.1
    held_out_facts: float = 0.1
    asked_people: float = 0.5
    max_operand: int = 99

    def __post_init__(self) -> None:
        _require_range("n_people", self.n_people, 2, 100_000)
        _require_range("n_towns", self.n_towns, 1, 10_000)
        _require_range("max_facts", self.max_facts, 1, len(common.PERSON_RELATIONS))
        _require_range("paraphrases", self.paraphrases, 1, common.MAX_PARAPHRASES)
        _require_range("max_operand", self.max_operand, 0, 9_999)
        if not 0 <= self.zipf_exponent <= 10:
            raise ValueError(f"zipf_exponent must be between 0 and 10, got {self.zipf_exponent}")
        for name in ("held_out_people", "held_out_facts"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} is a share, at least 0 and below 1, got {getattr(self, name)}")
        if not 0 <= self.asked_people <= 1:
            raise ValueError(f"asked_people is a share between 0 and 1, got {self.asked_people}")
        _require_names("relations", self.relations, common.PERSON_RELATIONS)
        _require_names("town_relations", self.town_relations, common.TOWN_RELATIONS)
        if not self.mix or any(kind not in KINDS for kind in self.mix):
            raise ValueError(f"mix must give weights to kinds among {KINDS}, got {dict(self.mix)}")
        if any(not isinstance(weight, int) or weight < 0 for weight in self.mix.values()):
            raise ValueError(f"mix must hold whole numbers of at least 0, got {dict(self.mix)}")
        if not any(self.mix.values()):
            raise ValueError(f"mix must have a weight above 0, got {dict(self.mix)}")


def _require_range(name: str, value: int, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"{name} must be a whole number from {low} to {high}, got {value!r}")


def _require_names(argument: str, names: tuple[str, ...], known: tuple[str, ...]) -> None:
    unknown = [name for name in names if name not in known]
    if unknown or not names or len(set(names)) != len(names):
        raise ValueError(f"{argument} must hold different names among {known}, got {names}")


@dataclass(frozen=True)
class Person:
    """A person; `index` counts from 0, the most popular. `held_out` people appear in no document."""

    index: int
    name: str
    pronoun: str
    held_out: bool
    asked: bool


@dataclass(frozen=True)
class Fact:
    """One fact in words: subject, relation and value, whether documents state it, and how popular it is.

    `popularity` is the share of all profiles of people (or documents about towns) that go to this subject, 0 for
    held-out people; `split` is "known", "held_out_fact" or "held_out_person".
    """

    subject: str
    relation: str
    value: str
    split: str
    popularity: float


class Entities:
    """All that exists in a world: names, and for every relation the value of every subject.

    values[r][i] is the value's index among the names of its kind, or the year itself, where r counts the relations of
    `common.RELATIONS` and i is a person or a town. visible[p] are the relations that documents state of person p.
    """

    def __init__(self, options: WorldOptions) -> None:
        self.options = options
        seed = options.seed
        used: set[str] = set()
        self.towns = invent_names("town", options.n_towns, seed, used)
        self.regions = invent_names("region", min(8, 1 + options.n_towns // 4), seed, used)
        self.rivers = invent_names("river", min(16, 1 + options.n_towns // 3), seed, used)
        self.people = self._invent_people(used)
        self.names: dict[str, list[str]] = {
            "person": [person.name for person in self.people],
            "town": self.towns,
            "region": self.regions,
            "river": self.rivers,
            "trade": list(common.TRADES),
            "dish": [f"{what} {how}" for what in common.INGREDIENTS for how in common.PREPARATIONS],
            "animal": list(common.ANIMALS),
            "instrument": list(common.INSTRUMENTS),
            "goods": list(common.GOODS),
            "year": [str(year) for year in range(1000)],
        }
        self.values = self._draw_values()
        self.person_relations = tuple(common.RELATION_INDEX[name] for name in options.relations)
        self.town_relations = tuple(common.RELATION_INDEX[name] for name in options.town_relations)
        self.visible = self._draw_visible()
        self.popularity = self._person_choice()
        self.town_popularity = Choice(zipf_weights(options.n_towns, 1.0))
        self.told_people = tuple(person.index for person in self.people if not person.held_out)
        self.asked_people = tuple(person.index for person in self.people if person.asked)

    def _invent_people(self, used: set[str]) -> list[Person]:
        options = self.options
        n = options.n_people
        side = max(2, math.isqrt(n))
        # Twice as many family names as given names, and about two thirds more pairs than people: neither half of a
        # name tells who is meant.
        n_family = max(2, -(-5 * n // (3 * side)))
        given = invent_names("given", side, options.seed, used)
        family = invent_names("family", n_family, options.seed, used)
        draws = Draws(options.seed, "people")
        pairs = draws.sample(range(side * n_family), n)
        pronouns = [common.PRONOUNS[index % 2] for index in range(side)]
        draws.shuffle(pronouns)
        order = list(range(n))
        draws.shuffle(order)
        n_hidden = min(int(options.held_out_people * n + 0.5), n - 2)
        hidden = set(order[:n_hidden])
        n_asked = int(options.asked_people * (n - n_hidden) + 0.5)
        asked = set(order[n_hidden : n_hidden + n_asked])
        return [
            Person(
                index,
                f"{given[pair % side]} {family[pair // side]}",
                pronouns[pair % side],
                index in hidden,
                index in asked,
            )
            for index, pair in enumerate(pairs)
        ]

    def _draw_values(self) -> list[list[int]]:
        """Draw every fact; each relation has its own stream, so that telling fewer relations changes no fact."""
        seed, n_towns = self.options.seed, self.options.n_towns
        popular_town = Choice(zipf_weights(n_towns, 1.0))
        uniform = {kind: len(names) for kind, names in self.names.items()}
        people = range(self.options.n_people)
        told = [person.index for person in self.people if not person.held_out]
        main_trade = [Draws(seed, "main trade", town).below(uniform["trade"]) for town in range(n_towns)]
        facts: dict[str, list[int]] = {}
        for relation in common.RELATIONS:
            draws = Draws(seed, "fact", relation.name)
            name = relation.name
            if name == "birthplace":
                facts[name] = [draws.choose(popular_town) for _ in people]
            elif name == "home":  # half of the people stay where they were born
                born = facts["birthplace"]
                facts[name] = [born[p] if draws.chance(0.5) else draws.choose(popular_town) for p in people]
            elif name == "trade":  # half of the people follow the main trade of the town they live in
                home = facts["home"]
                facts[name] = [
                    main_trade[home[p]] if draws.chance(0.5) else draws.below(uniform["trade"]) for p in people
                ]
            elif name == "year":
                facts[name] = [_FIRST_BIRTH_YEAR + draws.below(100) for _ in people]
            elif name == "founded":
                facts[name] = [_FIRST_TOWN_YEAR + draws.below(300) for _ in range(n_towns)]
            elif name == "teacher":  # a person whom documents may name, and never oneself
                place = {person: position for position, person in enumerate(told)}
                facts[name] = []
                for p in people:
                    others = len(told) - (p in place)
                    drawn = draws.below(others)
                    facts[name].append(told[drawn + (p in place and drawn >= place[p])])
            else:
                n = self.options.n_people if relation.subject == "person" else n_towns
                facts[name] = [draws.below(uniform[relation.value]) for _ in range(n)]
        return [facts[relation.name] for relation in common.RELATIONS]

    def _draw_visible(self) -> list[tuple[int, ...]]:
        relations = self.person_relations
        shown = [set() if person.held_out else set(relations) for person in self.people]
        pairs = [(p, r) for p in range(len(self.people)) for r in relations if r in shown[p]]
        n_hidden = int(self.options.held_out_facts * len(pairs) + 0.5)
        Draws(self.options.seed, "held-out facts").shuffle(pairs)
        for p, r in pairs:
            if n_hidden and len(shown[p]) > 1:  # everybody keeps at least one fact
                shown[p].discard(r)
                n_hidden -= 1
        return [tuple(r for r in relations if r in shown[p]) for p in range(len(self.people))]

    def _person_choice(self) -> Choice:
        """Return the distribution over the people of documents, in the order of `told_people`."""
        weights = zipf_weights(len(self.people), self.options.zipf_exponent)
        return Choice([weights[person.index] for person in self.people if not person.held_out])

    def value_name(self, relation: int, subject: int) -> str:
        """Return the value of a fact in the first language."""
        return self.names[common.RELATIONS[relation].value][self.values[relation][subject]]

    def facts(self) -> list[Fact]:
        """Return every fact about people that the options tell, most popular person first."""
        share = dict(zip(self.told_people, self.popularity.probabilities, strict=True))
        result = []
        for person in self.people:
            for r in self.person_relations:
                if person.held_out:
                    split = "held_out_person"
                else:
                    split = "known" if r in self.visible[person.index] else "held_out_fact"
                result.append(self._fact(person.name, r, person.index, split, share.get(person.index, 0.0)))
        return result

    def town_facts(self) -> list[Fact]:
        """Return every fact about towns that the options tell, most populous town first; all are known."""
        shares = self.town_popularity.probabilities
        return [
            self._fact(town, r, index, "known", shares[index])
            for index, town in enumerate(self.towns)
            for r in self.town_relations
        ]

    def _fact(self, name: str, relation: int, subject: int, split: str, popularity: float) -> Fact:
        return Fact(name, common.RELATIONS[relation].name, self.value_name(relation, subject), split, popularity)
