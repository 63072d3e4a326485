"""People, towns and facts: invented names, Zipf popularity, held-out splits, refused options."""

from __future__ import annotations

import math
import pickle
import zoneinfo
from collections import Counter
from typing import Any

import pytest
from babel import Locale

from utils.world import World, WorldOptions, claims, split_words
from utils.world.draws import Draws
from utils.world.names import SOUNDS, invent_words


@pytest.fixture(scope="module")
def world() -> World:
    return World(0, n_people=300, held_out_people=0.2, held_out_facts=0.1, asked_people=0.5)


def test_names_are_different_and_no_names_of_real_places_or_frequent_people(world: World) -> None:
    names = [p.name for p in world.people]
    assert len(set(names)) == len(names) == 300
    parts = {part for name in names for part in name.split()}
    parts |= set(world.towns) | set(world.entities.regions) | set(world.entities.rivers)
    real = {part for zone in sorted(zoneinfo.available_timezones()) for part in zone.replace("_", "/").split("/")}
    english = Locale("en")
    for table in (english.territories, english.languages, english.scripts):
        real |= {word for name in table.values() for word in split_words(name)}
    real |= {
        "James", "Mary", "Robert", "Patricia", "John", "Jennifer", "Michael", "Linda", "David", "Elizabeth",
        "William", "Barbara", "Maria", "Anna", "Ivan", "Olga", "Wei", "Li", "Mohammed", "Fatima", "Ahmed",
        "Aisha", "Jose", "Ana", "Luis", "Carmen", "Hiroshi", "Yuki", "Ravi", "Priya", "Kofi", "Ama", "Smith",
        "Johnson", "Brown", "Garcia", "Miller", "Kim", "Nguyen", "Singh", "Kumar", "Chen", "Wang", "Silva",
        "Santos", "Ivanov", "Muller", "Rossi", "Hansen", "Novak", "Sato", "Tanaka",
    }  # fmt: skip
    assert len(real) > 800
    assert not parts & real


def test_one_name_part_does_not_tell_the_person(world: World) -> None:
    for half in (0, 1):
        counts = Counter(person.name.split()[half] for person in world.people)
        assert sum(count for count in counts.values() if count > 1) > 200


def test_popularity_follows_zipf_among_people_in_documents(world: World) -> None:
    known = {fact.subject: fact.popularity for fact in world.facts}
    assert math.fsum(known.values()) == pytest.approx(1.0)
    told = [p for p in world.people if not p.held_out]
    ratio = known[told[0].name] / known[told[-1].name]
    assert ratio == pytest.approx((told[-1].index + 1) / (told[0].index + 1), rel=1e-3)
    assert all(known[p.name] == 0 for p in world.people if p.held_out)


def test_held_out_people_and_facts_are_in_no_document(world: World) -> None:
    hidden = {p.name for p in world.people if p.held_out}
    assert len(hidden) == 60
    held_out = {(f.subject, f.relation) for f in world.facts if f.split == "held_out_fact"}
    assert len(held_out) == round(0.1 * 240 * 8)
    for document in world.documents(3000, seed=8):
        assert document.topic not in hidden
        for subject, relation, value in claims(world, document.text):
            assert (subject, relation) not in held_out
            assert value not in hidden
            assert world.fact(subject, relation).value == value


def test_questions_are_about_asked_people_only(world: World) -> None:
    asked = {p.name for p in world.people if p.asked}
    assert len(asked) == 120
    assert not asked & {p.name for p in world.people if p.held_out}
    topics = {d.topic for d in world.documents(3000, seed=8) if d.kind == "question"}
    assert topics <= asked
    assert len(topics) > 50


def test_facts_have_structure_that_can_be_learned(world: World) -> None:
    at_home = sum(world.fact(p.name, "home").value == world.fact(p.name, "birthplace").value for p in world.people)
    assert 120 < at_home < 230  # half stay, some others return by chance
    assert all(world.fact(p.name, "teacher").value != p.name for p in world.people)


def test_town_facts_are_there(world: World) -> None:
    fact = world.fact(world.towns[0], "region")
    assert fact.value in world.entities.regions
    assert math.fsum({f.subject: f.popularity for f in world.town_facts}.values()) == pytest.approx(1)


def test_a_world_survives_pickling(world: World) -> None:
    assert pickle.loads(pickle.dumps(world)).texts(5) == world.texts(5)


@pytest.mark.parametrize(
    "options",
    [
        {"n_people": 1},
        {"n_people": True},
        {"n_people": 2.0},
        {"n_towns": 0},
        {"zipf_exponent": -1},
        {"zipf_exponent": math.nan},
        {"relations": ("height",)},
        {"relations": ()},
        {"relations": ("home", "home")},
        {"town_relations": ("home",)},
        {"max_facts": 0},
        {"paraphrases": 5},
        {"mix": {}},
        {"mix": {"poem": 1}},
        {"mix": {"sum": 0}},
        {"mix": {"sum": 0.5}},
        {"mix": {"sum": -1, "town": 2}},
        {"held_out_people": 1.0},
        {"held_out_facts": -0.1},
        {"asked_people": 1.5},
        {"max_operand": -1},
    ],
)
def test_options_out_of_range_are_refused_by_name(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        WorldOptions(**options)


def test_questions_without_anybody_to_ask_about_are_refused() -> None:
    with pytest.raises(ValueError, match="asked_people"):
        World(0, n_people=10, asked_people=0.0)
    assert World(0, n_people=10, asked_people=0.0, mix={"profile": 1}).texts(1)


def test_unknown_people_and_relations_are_refused(world: World) -> None:
    with pytest.raises(ValueError, match="Nobody Here"):
        world.fact("Nobody Here", "home")
    with pytest.raises(ValueError, match="height"):
        world.fact(world.people[0].name, "height")
    with pytest.raises(ValueError, match="called"):
        world.person_index("Nobody Here")


def test_a_sound_that_runs_out_of_words_says_so() -> None:
    with pytest.raises(ValueError, match="100000"):
        invent_words(SOUNDS["given"], 100_000, Draws(0), set())


def test_tiny_and_large_worlds_can_be_built() -> None:
    assert World(0, n_people=2, n_towns=1).texts(20)
    assert World(0, n_people=20_000, relations=("home",)).texts(1)
