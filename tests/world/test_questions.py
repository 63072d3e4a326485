"""Questions, judgements, demonstrations and dialogue texts."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from utils.world import (
    ABSTENTION,
    QUALITIES,
    SPLITS,
    Draws,
    World,
    answer_of_quality,
    claims,
    draw_demonstrations,
    draw_dialogue_texts,
    draw_questions,
    fact_asked,
    judge,
    split_words,
    state,
    wrong_value,
)


@pytest.fixture(scope="module")
def world() -> World:
    return World(6, n_people=120, held_out_people=0.2)


def test_every_answer_is_correct_and_every_wrong_value_wrong(world: World) -> None:
    draws = Draws("test")
    for item in draw_questions(world, splits=SPLITS):
        assert fact_asked(world, item.question) == item.fact
        assert judge(world, item.question, item.answer) == "correct"
        assert judge(world, item.question, item.value) == "correct"
        wrong = wrong_value(world, item.fact, draws)
        assert wrong != item.value
        for answer in (f"{wrong}.", state(world, item.fact, draws, value=wrong), f"{item.value} or {wrong}."):
            assert judge(world, item.question, answer) == "wrong"
        assert judge(world, item.question, ABSTENTION) == "abstained"


def test_one_question_about_every_fact_that_qualifies(world: World) -> None:
    items = draw_questions(world)
    known = [fact for fact in world.facts if fact.split == "known"]
    assert len(items) == len({(i.fact.subject, i.fact.relation) for i in items}) == len(known)
    for split in SPLITS:
        assert {i.fact.split for i in draw_questions(world, splits=(split,))} == {split}
    assert {i.fact.relation for i in draw_questions(world, relations=("home",))} == {"home"}
    asked = draw_questions(world, asked=True)
    assert all(i.asked for i in asked)
    assert len(asked) + len(draw_questions(world, asked=False)) == len(items)


def test_questions_by_popularity_favour_popular_people(world: World) -> None:
    items = draw_questions(world, 4000, by_popularity=True)
    counts = Counter(item.fact.subject for item in items)
    share = {fact.subject: fact.popularity for fact in world.facts}
    top = max(share, key=lambda name: share[name])
    visible = sum(f.subject == top and f.split == "known" for f in world.facts) / 8
    assert abs(counts[top] / 4000 - share[top] * visible / 0.9) < 0.04


def test_judgement_of_longer_answers(world: World) -> None:
    item = next(i for i in draw_questions(world) if i.fact.relation == "home")
    person, home = item.fact.subject, item.value
    elsewhere = next(town for town in world.towns if town != home)
    other = next(p.name for p in world.people if p.name != person)
    cases = {
        f"She was born in {elsewhere}. She lives in {home}.": "correct",  # another fact does not matter
        f"{other} lives in {elsewhere}. {person} lives in {home}.": "correct",
        f"She lives in {home}. She has a house in {elsewhere}.": "wrong",
        f"{other} lives in {home}.": "wrong",  # an answer about somebody else
        f"Well, I believe it was {home} ": "correct",
        "": "wrong",
        "She lives in a house.": "wrong",
        f"I do not know. {elsewhere}": "wrong",
        "i do not know": "abstained",
        "9" * 5000: "wrong",
    }
    for answer, outcome in cases.items():
        assert judge(world, item.question, answer) == outcome, answer


def test_claims_are_read_from_any_text(world: World) -> None:
    a, b = (p.name for p in world.people[:2])
    town, other = world.towns[:2]
    text = f"Well! {a} lives in {town}. He plays the harp. Nonsense {b} comes from {other}. {town} lies low."
    assert claims(world, text) == [(a, "home", town), (a, "instrument", "harp")]
    assert claims(world, f"She lives in {town}.") == []
    assert claims(world, f"She lives in {town}.", topic=b) == [(b, "home", town)]
    assert claims(world, f"{a} was taught by {b}. {b} is the teacher from whom {a} learned.") == [
        (a, "teacher", b),
        (a, "teacher", b),
    ]
    for document in world.documents(300, seed=3):
        for subject, relation, value in claims(world, document.text):
            assert world.fact(subject, relation).value == value


@pytest.mark.parametrize("quality", QUALITIES)
def test_demonstrations_have_the_quality_they_state(world: World, quality: str) -> None:
    expected = {"good": "correct", "terse": "correct", "rambling": "correct", "abstaining": "abstained"}
    for demonstration in draw_demonstrations(world, 100, quality=quality):
        assert demonstration.quality == quality
        assert [m["role"] for m in demonstration.messages] == ["user", "assistant"]
        question = demonstration.prompt[-1]["content"]
        assert fact_asked(world, question) == demonstration.facts[0]
        assert judge(world, question, demonstration.response) == expected.get(quality, "wrong")
        if quality == "rambling":
            assert demonstration.response.count(".") >= 2
        if quality == "continuing":
            assert demonstration.response.endswith("?")


def test_qualities_with_one_seed_ask_the_same(world: World) -> None:
    good, wrong = (draw_demonstrations(world, 40, seed=3, quality=q) for q in ("good", "wrong"))
    assert [d.facts for d in good] == [d.facts for d in wrong]


def test_mixed_qualities_turns_and_system_messages(world: World) -> None:
    mixed = draw_demonstrations(world, 2000, quality={"good": 3, "wrong": 1})
    share = sum(d.quality == "wrong" for d in mixed) / 2000
    assert abs(share - 0.25) < 5 * 0.5 / 2000**0.5
    chat = draw_demonstrations(world, 1, turns=3, system=True)[0]
    assert [m["role"] for m in chat.messages] == ["system", *["user", "assistant"] * 3]
    assert len({fact.relation for fact in chat.facts}) == 3
    assert len({fact.subject for fact in chat.facts}) == 1


def test_demonstrations_about_unknown_people_can_abstain(world: World) -> None:
    for d in draw_demonstrations(world, 50, quality="abstaining", splits=("held_out_person",)):
        assert d.facts[0].split == "held_out_person"
        assert d.response == ABSTENTION


def test_the_vocabulary_has_every_word_of_chats(world: World) -> None:
    for quality in QUALITIES:
        for d in draw_demonstrations(world, 60, quality=quality, splits=SPLITS, system=True):
            for message in d.messages:
                assert all(word in world.vocabulary for word in split_words(message["content"]))


def test_dialogue_texts_are_what_they_say(world: World) -> None:
    texts = draw_dialogue_texts(world, 400)
    sorts = Counter(text.sort for text in texts)
    assert set(sorts) == {"transcript", "narrated", "wrapped", "profile", "log", "glossary", "monologue"}
    bracketed = re.compile(r"\[[^\]]+\]: .+")
    for text in texts:
        lines = text.text.splitlines()
        matching = sum(bool(bracketed.fullmatch(line)) for line in lines)
        if text.sort in ("transcript", "log", "glossary", "monologue"):
            assert matching == len(lines)
        elif text.sort == "profile":
            assert matching == 0
        else:
            assert matching == len(lines) - 1
        if text.sort == "monologue":
            assert len({line.split("]")[0] for line in lines}) == 1
    assert {text.is_dialogue for text in draw_dialogue_texts(world, 30, share=1.0)} == {True}


def test_bad_arguments_are_refused(world: World) -> None:
    with pytest.raises(ValueError, match="splits"):
        draw_questions(world, splits=("seen",))
    with pytest.raises(ValueError, match="relations"):
        draw_questions(world, relations=("height",))
    with pytest.raises(ValueError, match="qualify"):
        draw_questions(world, 10**6)
    with pytest.raises(ValueError, match="by_popularity"):
        draw_questions(world, 5, splits=("held_out_person",), by_popularity=True)
    for text in ("Who knows?", "", f"Where does {world.people[0].name} live? Where does she live?"):
        with pytest.raises(ValueError, match="question"):
            fact_asked(world, text)
    with pytest.raises(ValueError, match="quality"):
        draw_demonstrations(world, 3, quality="perfect")
    with pytest.raises(ValueError, match="quality"):
        answer_of_quality(world, world.facts[0], "perfect", Draws(0))
    with pytest.raises(ValueError, match="turns"):
        draw_demonstrations(world, 3, turns=0)
    with pytest.raises(ValueError, match="share"):
        draw_dialogue_texts(world, 3, share=1.5)


def test_a_pronoun_of_another_kind_stands_for_nothing(world: World) -> None:
    # A model may write "It" after a person; the last person must not be read as a town, or as none that exists.
    town = world.town_facts[0]
    about_town = next(
        sentence
        for document in world.with_mix({"town": 1}).documents(50, seed=1)
        for sentence in document.sentences()
        if sentence.startswith("It ")
    )
    for person in (world.people[0].name, world.people[-1].name):
        assert claims(world, about_town, topic=person) == []
    assert {subject for subject, _, _ in claims(world, f"{town.subject} is a town. {about_town}")} <= {town.subject}
