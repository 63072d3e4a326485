"""What notebook 01 measures with: blends of a wanted make, intervals of premiums and filters, bits, judged answers."""

from __future__ import annotations

import random

import pytest

from utils.experiments.data.blends import blend, crawl, equal_parts
from utils.experiments.data.filters import precision_and_recall
from utils.experiments.data.information import entropy_bits, mutual_information_bits
from utils.experiments.data.premiums import premium_intervals
from utils.experiments.data.questions import ASKED_IN, QUESTIONS
from utils.experiments.data.writing import writing_seconds
from utils.models.config import ModelConfig
from utils.models.gpt import GPT

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


def test_equal_parts_draws_as_much_from_each_domain() -> None:
    drawn = equal_parts({"a": ["a" * 10] * 20, "b": ["b" * 5] * 40, "c": ["c"]}, ["a", "b"], 100, seed=0)
    assert (drawn.count("a"), drawn.count("b"), drawn.count("c")) == (50, 50, 0)


def test_equal_parts_refuses_an_unknown_domain() -> None:
    with pytest.raises(ValueError, match="law"):
        equal_parts({"code": ["x"]}, ["law"], 10, seed=0)


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


def test_every_question_is_asked_in_every_language_and_judged() -> None:
    assert all(len({question.asked_in(name) for name in ASKED_IN}) == len(ASKED_IN) for question in QUESTIONS)
    capital = QUESTIONS[0]
    verdicts = [capital.verdict(answer) for answer in ("It is Paris.", "巴黎", "Comparison", "Sorry, no Paris")]
    assert verdicts == ["right", "right", "wrong", "refused"]
    with pytest.raises(ValueError, match="'Latin'"):
        capital.asked_in("Latin")


def test_writing_is_timed_for_each_message() -> None:
    model = GPT(ModelConfig(vocab_size=20, n_layers=1, d_model=16, n_heads=2, context_length=32))
    seconds = writing_seconds(model, {"short": [1, 2], "long": [1, 2, 3, 4]}, repeats=2)
    assert set(seconds) == {"short", "long"}
    assert all(0 < value < float("inf") for value in seconds.values())
    with pytest.raises(ValueError, match="repeats"):
        writing_seconds(model, {"short": [1]}, repeats=0)
    with pytest.raises(ValueError, match="none"):
        writing_seconds(model, {"none": []})
