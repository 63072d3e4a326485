"""Dialogues found in text, what demonstrations cost, and what is forgotten."""

from __future__ import annotations

import pytest

from utils.posttraining.demonstration_costs import demonstration_budget, forgetting
from utils.posttraining.dialogue import extract_dialogue, precision_and_recall
from utils.world import World, draw_dialogue_texts


def test_a_transcript_is_a_dialogue() -> None:
    assert extract_dialogue(" [A]:  Hi. \n\n[B ]: Yes: [no].") == [("A", "Hi."), ("B", "Yes: [no].")]


@pytest.mark.parametrize(
    "text", ["", "[A]: Hi.", "[A]: Hi.\n[A]: Ho.", "[A]: Hi.\nThen\n[B]: Ho.", "A: Hi.\nB: Ho.", "[A]: Hi.\n[ ]: Ho."]
)
def test_other_texts_are_none(text: str) -> None:
    assert extract_dialogue(text) == []


def test_the_heuristic_misses_broken_transcripts_and_takes_logs() -> None:
    texts = draw_dialogue_texts(World(seed=0, n_people=60, n_towns=8), 300)
    found = [bool(extract_dialogue(one.text)) for one in texts]
    kinds = {sort: {f for f, one in zip(found, texts, strict=True) if one.sort == sort} for sort in ("narrated", "log")}
    assert kinds == {"narrated": {False}, "log": {True}}
    precision, recall = precision_and_recall(found, [one.is_dialogue for one in texts])
    assert 0.5 < precision < 1
    assert 0.5 < recall < 1


def test_precision_and_recall_are_shares() -> None:
    assert precision_and_recall([True, True, False, False], [True, False, True, True]) == (0.5, 1 / 3)
    with pytest.raises(ValueError, match="0 found"):
        precision_and_recall([False], [True])


def test_the_chapters_budget() -> None:
    assert demonstration_budget(13_000, 10, 30) == (130_000, 6_500)
    with pytest.raises(ValueError, match="minutes_per_pair must not be negative, not -1"):
        demonstration_budget(1, 1, -1)


def test_forgetting_is_a_loss_and_never_a_gain() -> None:
    assert forgetting({"a": 0.75, "b": 0.5}, {"a": 0.5, "b": 0.75}) == {"a": 0.25, "b": 0}
    with pytest.raises(ValueError, match="same tasks"):
        forgetting({"a": 1}, {"b": 1})
