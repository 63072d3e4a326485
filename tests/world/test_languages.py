"""Three languages: parallel sentences, translation, what a round trip loses, and the vocabulary."""

from __future__ import annotations

import math
import unicodedata

import pytest

from utils.world import LANGUAGE_NAMES, SPECIAL_TOKENS, ParseError, Vocabulary, World, join_words, split_words


@pytest.fixture(scope="module")
def world() -> World:
    return World(4, n_people=150)


def test_documents_are_parallel_sentence_by_sentence(world: World) -> None:
    for document, parallel in zip(world.documents(200, seed=5), world.parallel(200, seed=5), strict=True):
        assert {len(sentences) for sentences in parallel.values()} == {len(document.elements)}
        assert " ".join(parallel["common"]) == document.text
        for language in LANGUAGE_NAMES:
            assert " ".join(parallel[language]) == next(iter([" ".join(document.sentences(language))]))


def test_the_same_stream_is_written_in_every_language(world: World) -> None:
    for language in LANGUAGE_NAMES:
        for document, original in zip(world.documents(50, 6, language), world.documents(50, 6), strict=True):
            assert document.elements == original.elements


def test_a_round_trip_through_velkoth_keeps_every_text(world: World) -> None:
    for document in world.documents(500, seed=5):
        there = world.translate(document.text, "common", "velkoth")
        assert there == " ".join(document.sentences("velkoth"))
        assert world.translate(there, "velkoth", "common") == document.text


def test_a_round_trip_through_zhurimi_loses_the_listener_and_nothing_else(world: World) -> None:
    """The share of remarks that survive is that of peers, one half; the loss is 1.5 bits."""
    kept = total = 0
    nats = []
    for document in world.with_mix({"remark": 1}).documents(2000, seed=5):
        there = world.translate(document.text, "common", "zhurimi")
        back = dict(world.translations(there, "zhurimi", "common"))
        assert math.fsum(back.values()) == pytest.approx(1)
        assert len(back) == 3
        nats.append(-math.log2(back[document.text]))
        kept += world.translate(there, "zhurimi", "common") == document.text
        total += 1
    assert abs(kept / total - 0.5) < 5 * 0.5 / math.sqrt(total)
    assert abs(sum(nats) / total - 1.5) < 5 * 0.5 / math.sqrt(total)
    for document in world.with_mix({"profile": 1, "question": 1}).documents(200, seed=5):
        there = world.translate(document.text, "common", "zhurimi")
        assert world.translations(there, "zhurimi", "common") == [(document.text, 1.0)]


def test_only_zhurimi_does_not_mark_the_listener(world: World) -> None:
    assert [world.language(name).marks_listener for name in LANGUAGE_NAMES] == [True, True, False]


@pytest.mark.parametrize(("language", "script"), [("velkoth", "GEORGIAN"), ("zhurimi", "ARMENIAN")])
def test_invented_languages_have_their_own_script_and_words(world: World, language: str, script: str) -> None:
    text = "".join(world.with_mix({"profile": 1, "question": 1}).texts(100, language=language))
    letters = {character for character in text if character.isalpha()}
    assert all(unicodedata.name(letter).startswith(script) for letter in letters)
    assert unicodedata.normalize("NFC", text) == text


def test_word_order_differs(world: World) -> None:
    """Velkoth ends a statement with its verb, Zhurimi begins with it; Common has it in the middle."""
    profile = world.with_mix({"profile": 1}).with_options(relations=("home",), max_facts=1, paraphrases=1)
    common, velkoth, zhurimi = ([d.words for d in profile.documents(30, 0, name)] for name in LANGUAGE_NAMES)
    assert {words[2] for words in common} == {"lives"}
    assert len({words[-2] for words in velkoth}) == 1 < len({words[0] for words in velkoth})
    assert len({words[0] for words in zhurimi}) == 1 < len({words[-2] for words in zhurimi})


def test_other_seeds_speak_other_languages() -> None:
    first, second = (set(World(seed).language("velkoth").all_words()) for seed in (1, 2))
    assert len(first & second) < 0.2 * len(first)


def test_vocabulary_round_trips_every_document_and_covers_held_out_people(world: World) -> None:
    for language in LANGUAGE_NAMES:
        for document in world.documents(300, 7, language):
            ids = world.joint_vocabulary.encode(document.text)
            assert world.joint_vocabulary.decode(ids) == document.text
            assert join_words(split_words(document.text)) == document.text
    for person in world.people:
        assert world.vocabulary.decode(world.vocabulary.encode(person.name)) == person.name


def test_vocabularies_share_the_ids_of_the_first_language(world: World) -> None:
    n = len(world.vocabulary)
    assert world.joint_vocabulary.words[:n] == world.vocabulary.words
    assert world.vocabulary.words[: len(SPECIAL_TOKENS)] == SPECIAL_TOKENS
    assert len(set(world.joint_vocabulary.words)) == len(world.joint_vocabulary)


def test_special_tokens_survive_splitting() -> None:
    assert split_words("<|user|>Who?<|end|>") == ["<|user|>", "Who", "?", "<|end|>"]


def test_bad_words_ids_and_languages_are_refused(world: World) -> None:
    with pytest.raises(ValueError, match="'zebra'"):
        world.vocabulary.encode("You should know this: zebra.")
    with pytest.raises(ValueError, match=str(len(world.vocabulary))):
        world.vocabulary.decode([0, len(world.vocabulary)])
    with pytest.raises(ValueError, match="-1"):
        world.vocabulary.decode([-1])
    with pytest.raises(ValueError, match="different"):
        Vocabulary(["a", "a"])
    with pytest.raises(ValueError, match="'latin'"):
        world.documents(3, language="latin")
    with pytest.raises(ParseError, match="Good morning"):
        world.translate("Good morning.", "common", "velkoth")
    with pytest.raises(ValueError, match="n must be"):
        world.documents(-1)
    with pytest.raises(ValueError, match="n_tokens"):
        world.token_stream(0)
    with pytest.raises(ValueError, match="n_documents"):
        world.entropy(1)
