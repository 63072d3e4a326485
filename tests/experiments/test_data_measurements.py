"""What notebook 01 measures with: blends, intervals of premiums and filters, bits, judged answers, tables of bytes."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from utils.experiments.data import figures
from utils.experiments.data.blends import blend, crawl
from utils.experiments.data.byte_tables import table_bits_per_byte
from utils.experiments.data.filters import precision_and_recall
from utils.experiments.data.information import entropy_bits, mutual_information_bits
from utils.experiments.data.premiums import premium_intervals
from utils.experiments.data.published import clip_comparisons, rank_correlation, scores_by_share
from utils.experiments.data.questions import ASKED_IN, KINDS, all_questions
from utils.experiments.data.round_trips import LISTENERS, PIVOTS, listener, round_trip_jobs
from utils.experiments.data.writing import messages_written, writing_seconds
from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.models.pretrained import PretrainedModel
from utils.text.noise import LabelledText

PAGES = [f"Page {number} tells of the tram that leaves at noon. It is late again today. " * 3 for number in range(20)]


def test_blend_gives_each_language_its_share_of_bytes() -> None:
    texts = {"en": ["abcd"] * 3, "ru": ["вода"] * 3}
    chosen = blend(texts, {"en": 0.75, "ru": 0.25}, 320, random.Random(0))
    sizes = {text: sum(len(one.encode()) for one in chosen if one == text) for text in ("abcd", "вода")}
    assert sizes == {"abcd": 240, "вода": 80}


def test_blend_refuses_a_share_of_nothing() -> None:
    with pytest.raises(ValueError, match="'el'"):
        blend({"en": ["a"], "el": []}, {"en": 0.5, "el": 0.5}, 10, random.Random(0))


def test_crawl_keeps_the_order_at_every_dirty_share() -> None:
    clean, half = (crawl(PAGES, share, 3000, seed=1).split("\n\n") for share in (0.0, 0.5))
    assert all(page in PAGES for page in clean)
    same = [page in PAGES for page in half]
    assert any(same)
    assert not all(same)
    assert half[same.index(True)] in clean


@pytest.mark.parametrize(("share", "n_bytes", "name"), [(1.5, 100, "dirty_share"), (0.5, 0, "n_bytes")])
def test_crawl_names_the_argument_that_it_refuses(share: float, n_bytes: int, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        crawl(PAGES, share, n_bytes, seed=0)


def test_filter_intervals_hold_the_plain_scores() -> None:
    is_clean, is_kept = [True] * 60 + [False] * 40, [True] * 45 + [False] * 15 + [True] * 15 + [False] * 25
    precision, recall = precision_and_recall(is_clean, is_kept)
    assert (precision.mean, recall.mean) == (0.75, 0.75)
    assert precision.low < 0.75 < precision.high
    with pytest.raises(ValueError, match="is_kept"):
        precision_and_recall(is_clean, is_kept[1:])


def test_a_premium_is_the_ratio_of_medians_over_parallel_texts() -> None:
    texts = {"en": ["a", "bb", "ccc"] * 10, "de": ["aa", "bbbb", "cccccc"] * 10}
    premium = premium_intervals(texts, str.encode)["de"]
    assert premium.mean == 2
    assert premium.low == premium.high == 2  # the same texts are drawn in both languages
    with pytest.raises(ValueError, match="not parallel"):
        premium_intervals({"en": ["a"], "de": ["a", "b"]}, str.encode)


def test_mutual_information_is_all_of_the_entropy_or_nothing() -> None:
    words = ["Thou", "You", "Ye", "You"] * 5
    assert mutual_information_bits(words, words) == pytest.approx(entropy_bits(words)) == 1.5
    assert mutual_information_bits(words, ["You"] * 20) == pytest.approx(0)
    with pytest.raises(ValueError, match="pairs"):
        mutual_information_bits(words, words[1:])
    with pytest.raises(ValueError, match="empty"):
        entropy_bits([])


def test_every_question_is_asked_and_its_right_answer_known_in_every_language() -> None:
    for question in all_questions():
        assert len({question.asked_in(name) for name in ASKED_IN}) == len(ASKED_IN)
        for name in ASKED_IN:
            assert question.verdict(question.answered_in(name)) == "right", (question, name)
            assert question.verdict(question.asked_in(name)) == "wrong", (question, name)
    assert {question.kind for question in all_questions()[:4]} == set(KINDS)
    assert len(set(all_questions())) == len(all_questions()) >= 60
    with pytest.raises(ValueError, match="'Latin'"):
        all_questions()[0].asked_in("Latin")


@pytest.mark.parametrize(
    ("kind", "answer", "verdict"),
    [
        ("month", "It is February.", "right"),
        ("month", "After January comes फरवरी", "right"),
        ("month", "2月", "right"),
        ("month", "The months are January, March, February.", "wrong"),
        ("month", "十二月", "wrong"),
        ("sum", "2 + 1 = 3, and 2 + 2 = 4", "right"),
        ("sum", "२ और १ का योग ३ है", "right"),
        ("sum", "2 plus 1 is 12.", "wrong"),
        ("day", "martes", "right"),
        ("day", "Comparison", "wrong"),
        ("capital", "Sorry, I cannot say that it is Jakarta.", "refused"),
    ],
)
def test_the_first_name_or_number_of_its_kind_judges_an_answer(kind: str, answer: str, verdict: str) -> None:
    question = next(one for one in all_questions() if one.kind == kind)
    assert question.verdict(answer) == verdict


def test_a_name_inside_another_is_not_taken_for_it() -> None:
    italy = next(one for one in all_questions() if one.subjects[0] == "Italy")
    assert [italy.verdict(one) for one in ("रोमानिया", "Romania", "रोम", "Rome")] == [
        "wrong",
        "wrong",
        "right",
        "right",
    ]


def test_writing_is_timed_for_each_message() -> None:
    model = GPT(ModelConfig(vocab_size=20, n_layers=1, d_model=16, n_heads=2, context_length=32))
    seconds = writing_seconds(model, {"short": [1, 2], "long": [1, 2, 3, 4]}, repeats=2)
    assert set(seconds) == {"short", "long"}
    assert all(0 < value < float("inf") for value in seconds.values())
    with pytest.raises(ValueError, match="repeats"):
        writing_seconds(model, {"short": [1]}, repeats=0)
    with pytest.raises(ValueError, match="none"):
        writing_seconds(model, {"none": []})


def test_a_table_of_pairs_knows_what_follows_and_a_table_of_bytes_does_not() -> None:
    text = "ab" * 400
    assert table_bits_per_byte(text, "ab" * 50, order=2) < 0.1
    assert table_bits_per_byte(text, "ab" * 50, order=1) == pytest.approx(1, abs=0.1)
    fair = "".join(random.Random(0).choices("abcd", k=4000))
    assert table_bits_per_byte(fair, fair[:500], order=2) == pytest.approx(2, abs=0.1)


def test_a_table_gives_every_byte_a_chance_and_all_chances_sum_to_one() -> None:
    chances = [2 ** -table_bits_per_byte("abracadabra", "a" + chr(code), order=2) for code in range(128)]
    assert min(chances) > 0
    assert sum(chances) <= 1
    assert sum(chances) == pytest.approx(1, abs=0.1)  # the other half of all bytes is rare, and no text of one letter


@pytest.mark.parametrize(("training", "held_out", "order"), [("a", "ab", 2), ("ab", "a", 2), ("ab", "ab", 0)])
def test_a_table_names_what_is_too_short(training: str, held_out: str, order: int) -> None:
    with pytest.raises(ValueError, match=r"training|held_out|order"):
        table_bits_per_byte(training, held_out, order)


def test_published_scores_stand_beside_the_shares_of_both_tables() -> None:
    scores = scores_by_share("gpt_4o")
    assert scores["English"] == (45.8786, 85.70)
    assert scores["Swahili"] == (0.0077, 77.86)
    assert [share for share, _ in scores.values()] == sorted((share for share, _ in scores.values()), reverse=True)
    with pytest.raises(ValueError, match="'gpt_9'"):
        scores_by_share("gpt_9")


def test_a_rank_correlation_is_that_of_order_alone() -> None:
    assert rank_correlation({"a": (1, 10), "b": (2, 90), "c": (50, 91), "d": (60, 99)})[0] == pytest.approx(1)
    assert rank_correlation({"a": (1, 3), "b": (2, 2), "c": (3, 1), "d": (9, 0)})[0] == pytest.approx(-1)


def test_each_message_has_its_tokens_and_its_seconds() -> None:
    model = GPT(ModelConfig(vocab_size=20, n_layers=1, d_model=16, n_heads=2, context_length=32))
    by_letter = SimpleNamespace(model=model, encode=lambda text: [1] * len(text))
    tokens, seconds = messages_written(cast("PretrainedModel", by_letter), {"en": ["ab", "c"], "de": ["abcd", "ef"]})
    assert {code: counts.tolist() for code, counts in tokens.items()} == {"en": [2, 1], "de": [4, 2]}
    assert all(times.shape == (2,) and (times > 0).all() for times in seconds.values())


def test_a_difference_between_models_exceeds_chance_only_where_the_test_set_is_known() -> None:
    compared = {one.domain: one for one in clip_comparisons()}
    assert [one.gain for one in compared.values()] == sorted(one.gain for one in compared.values())
    assert compared["cars"].exceeds_chance
    assert not compared["flowers"].exceeds_chance
    assert compared["birds"].chance is None
    assert not compared["birds"].exceeds_chance


def test_all_translators_send_the_same_sentences_of_words_that_they_learned() -> None:
    jobs = round_trip_jobs(60, 20, steps=5, seeds=range(2))
    assert [(job.label, job.seed) for job in jobs] == [(pivot, seed) for pivot in PIVOTS for seed in range(2)]
    assert len({tuple(job.sentences) for job in jobs}) == 1
    known = {word for home, _ in jobs[0].pairs for word in home.split()}
    assert all(set(text.split()) <= known for text in jobs[0].sentences)
    assert {listener(text) for text in jobs[0].sentences} <= set(LISTENERS)
    assert listener("Nobody asked.") == "none"


def widths(axes: Axes) -> list[float]:
    return [cast("Rectangle", bar).get_width() for bar in axes.patches]


def test_figures_show_everything_that_was_measured() -> None:
    premiums = {"old": {"en": 1.0, "de": 2.0}, "new": {"en": 1.0, "de": 1.5}}
    (axes,) = figures.draw_premiums(premiums, {"en": "English", "de": "German"}, order_by="old").axes
    assert [np.size(line.get_xdata()) for line in axes.lines[:2]] == [2, 2]
    (axes,) = figures.draw_ratios({"A": 5.0, "B": 0.5}).axes
    assert [text.get_text() for text in axes.get_yticklabels()] == ["B", "A"]
    (axes,) = figures.draw_balance({(code, share): [2.0, 3.0] for code in ("ru", "el") for share in (0.0, 0.5)}).axes
    assert len(axes.containers) == 2
    pages = [LabelledText("", True, "prose"), LabelledText("", True, "prose"), LabelledText("", False, "menu")]
    (axes,) = figures.draw_kinds(pages, [True, False, False]).axes
    assert widths(axes) == [50, 0]
    bits = {("A", 0.1): [3.0, 4.0], ("A", 0.8): [1.0, 2.0], ("B", 0.1): [5.0]}
    (axes,) = figures.draw_curves(bits, {"A": lambda share: 1 / share, "B": lambda share: 2.0}).axes
    assert [np.size(line.get_xdata()) for line in axes.lines] == [4, 60, 1, 60]
    (axes,) = figures.draw_c4([{"domain": "law", "share_percent": 4}]).axes
    assert widths(axes) == [4]
    (axes,) = figures.draw_gains({"cars": 20.0, "places": -3.0}).axes
    assert len({bar.get_facecolor() for bar in axes.patches}) == 2
