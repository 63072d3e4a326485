"""The widget that asks about people: whom it asks, what it shows, and how the view hands clicks on."""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
import pytest

from utils.experiments.finetuning.chat_models import load_chat_model
from utils.experiments.hallucination.answering import Bench, answers, bench, meaning
from utils.experiments.hallucination.ask_widget import (
    KINDS,
    SHOWN,
    Seen,
    advice,
    ask_about,
    ask_figure,
    ask_text,
    ask_widget,
    items_to_ask,
)
from utils.models.gpt import GPT
from utils.notebook.figures import unlabelled_axes

SURE = Seen("Who?", "She.", "She.", 0.2, 0.75, "right", (("she", 18), ("he", 2)), 0.33)


@pytest.fixture(scope="module")
def where() -> Bench:
    return bench("world-small", 120)


@pytest.fixture(scope="module")
def model() -> GPT:
    return load_chat_model("world-small-chat")


def test_known_people_are_popular_and_rare_ones_are_not(where: Bench) -> None:
    items = items_to_ask(where, 4)
    assert list(items) == list(KINDS)
    rank = where.world.person_index
    for kind, some in items.items():
        assert len({item.person for item in some}) == len(some) == 4
        assert {item.group for item in some} == {KINDS[kind]}
    known, rare = ([rank(item.person) for item in items[kind]] for kind in ("known", "rare"))
    assert known == sorted(known)
    assert rare == sorted(rare, reverse=True)
    assert max(known) < min(rare)
    names = {person.name for person in where.world.people}
    assert not names & {item.person for item in items["invented"]}


@pytest.mark.parametrize("n", [0, 1.5])
def test_a_number_of_questions_below_one_is_refused(where: Bench, n: float) -> None:
    with pytest.raises(ValueError, match="n must be"):
        items_to_ask(where, n)  # type: ignore[arg-type]


def test_an_answer_comes_with_its_samples_and_its_verdict(where: Bench, model: GPT) -> None:
    items = items_to_ask(where, 2)
    for kind, some in items.items():
        seen = ask_about(model, where, some[0], seed=3)
        [own] = answers(model, where, [some[0]])
        assert (seen.answer, seen.probability) == (own.text, pytest.approx(own.probability))
        assert sum(count for _, count in seen.clusters) == 20
        assert seen.agreement == pytest.approx(dict(seen.clusters).get(meaning(where, some[0], own.text), 0) / 20)
        shares = [count / 20 for _, count in seen.clusters]
        assert seen.entropy == pytest.approx(-sum(p * math.log(p) for p in shares))
        assert seen.verdict == ("made up" if kind == "invented" else seen.verdict)
        assert ("nobody" in seen.truth) == (kind == "invented")
        assert ask_about(model, where, some[0], seed=3) == seen


def test_the_penalty_decides_whether_to_speak() -> None:
    assert advice(SURE, 1.0) == "expected score +0.50: answer"
    assert advice(SURE, 3.0) == "expected score +0.00: stay silent"
    assert "stay silent" in ask_text(SURE, 9.0)
    assert "verdict      right" in ask_text(SURE, 9.0)


def test_many_meanings_are_shown_together_and_none_is_lost() -> None:
    many = Seen("q?", "t", "a", 0.1, 0.05, "made up", tuple((f"value {i}", 1) for i in range(20)), 3.0)
    assert f"{20 - SHOWN} other meanings" in ask_text(many)
    figure = ask_figure({"known": SURE, "rare": many})
    widths = [sum(bar.get_window_extent().width / axes.bbox.width for bar in axes.patches) for axes in figure.axes]
    assert widths == pytest.approx([1.0, 1.0])
    assert unlabelled_axes(figure) == []
    plt.close(figure)


def test_the_view_asks_what_is_chosen(where: Bench, model: GPT) -> None:
    items = items_to_ask(where, 3)
    view = ask_widget(model, where, items)
    kind, question, penalty, again, shown = view.children
    assert items["known"][0].question in shown.value
    question.value = 2
    assert items["known"][2].question in shown.value
    kind.value = "invented"
    assert items["invented"][0].question in shown.value
    assert "nobody of that name" in shown.value
    penalty.value = 9.0
    assert "penalty 9 " in shown.value
    before = shown.value
    again.click()
    assert shown.value != before
