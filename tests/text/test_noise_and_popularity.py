from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.text.noise import NOISE, add_noise, labelled_collection
from utils.text.popularity import simulate_posts, vote_filter
from utils.text.quality import GOPHER_RULES, LINE_RULES, REPETITION_RULES, quality_failures

TEXT = (
    "The harbour lies to the north of the old town, and the boats that leave it have red sails. "
    "In winter most of them stay on land. Fishermen mend their nets, and children play with the ropes. "
) * 4


@pytest.mark.parametrize("process", NOISE)
def test_each_process_changes_the_text_and_depends_on_the_seed_only(process: str) -> None:
    spoiled = add_noise(TEXT, process, np.random.default_rng(1))
    assert spoiled != TEXT
    assert spoiled == add_noise(TEXT, process, np.random.default_rng(1))
    assert spoiled != add_noise(TEXT, process, np.random.default_rng(2))


@given(st.text(min_size=1).filter(lambda text: len(text.split()) > 0), st.sampled_from(sorted(NOISE)))
def test_processes_take_any_text_with_a_word(text: str, process: str) -> None:
    assert isinstance(add_noise(text, process, np.random.default_rng(0)), str)


def test_an_unknown_process_and_an_empty_text_are_refused() -> None:
    with pytest.raises(ValueError, match="process"):
        add_noise(TEXT, "rust", np.random.default_rng(0))
    with pytest.raises(ValueError, match="text"):
        add_noise(" ", "base64", np.random.default_rng(0))


def test_shuffling_keeps_every_word() -> None:
    shuffled = add_noise(TEXT, "shuffled words", np.random.default_rng(0))
    assert Counter(shuffled.split()) == Counter(TEXT.split())


@pytest.mark.parametrize(
    ("process", "rule"),
    [("base64", "mean_word_length"), ("price list", "alphabetic_words"), ("teasers", "ellipsis_lines")],
)
def test_rules_see_what_they_were_made_for(process: str, rule: str) -> None:
    assert quality_failures(TEXT, GOPHER_RULES + LINE_RULES) == []
    spoiled = add_noise(TEXT, process, np.random.default_rng(0))
    assert rule in quality_failures(spoiled, GOPHER_RULES + LINE_RULES)


def test_repetition_needs_rules_of_its_own_and_word_order_is_seen_by_none() -> None:
    repeated = add_noise(TEXT, "repeated lines", np.random.default_rng(0))
    assert "duplicate_lines" in quality_failures(repeated, REPETITION_RULES)
    shuffled = add_noise(TEXT, "shuffled words", np.random.default_rng(0))
    assert quality_failures(shuffled, GOPHER_RULES + LINE_RULES + REPETITION_RULES) == []


def test_collection_is_half_clean_and_uses_every_process_equally() -> None:
    collection = labelled_collection(40, seed=1)
    assert len(collection) == 40
    assert sum(item.is_clean for item in collection) == 20
    kinds = Counter(item.kind for item in collection if not item.is_clean)
    assert kinds == dict.fromkeys(NOISE, 2)
    assert sum(item.kind != "prose" for item in collection if item.is_clean) == 6
    assert len({item.text for item in collection}) == 40
    assert collection == labelled_collection(40, seed=1)


def test_collection_without_hard_kinds_is_prose_only() -> None:
    assert {item.kind for item in labelled_collection(20, hard_share=0) if item.is_clean} == {"prose"}
    with pytest.raises(ValueError, match="hard_share"):
        labelled_collection(20, hard_share=1.5)
    with pytest.raises(ValueError, match="n is 1"):
        labelled_collection(1)


def test_votes_that_follow_quality_raise_precision_and_lower_recall() -> None:
    posts = simulate_posts(20_000, seed=0, agreement=0.7)
    scores = [vote_filter(posts, threshold) for threshold in (0, 1, 3, 10)]
    assert scores[0].recall == 1.0
    assert scores[0].precision == pytest.approx(0.3, abs=0.001)
    assert [s.precision for s in scores] == sorted(s.precision for s in scores)
    assert [s.recall for s in scores] == sorted((s.recall for s in scores), reverse=True)


def test_votes_that_ignore_quality_select_at_random() -> None:
    # 6,000 kept of 20,000: five standard errors of a share of 0.3 are 0.03.
    assert vote_filter(simulate_posts(20_000, seed=1, agreement=0), 3).precision == pytest.approx(0.3, abs=0.03)


def test_posts_have_the_stated_shape() -> None:
    posts = simulate_posts(50_000, seed=2, median_audience=80, vote_rate=0.05, strength=0)
    assert np.median(posts.audience) == pytest.approx(80, rel=0.05)
    assert posts.votes.sum() / posts.audience.sum() == pytest.approx(0.05, rel=0.02)
    assert posts.is_good.mean() == pytest.approx(0.3, abs=1e-3)
    assert posts.quality[posts.is_good].min() > posts.quality[~posts.is_good].max()


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"n_posts": 0}, "n_posts"),
        ({"n_posts": 1, "good_share": 1}, "good_share"),
        ({"n_posts": 1, "agreement": 2}, "agreement"),
        ({"n_posts": 1, "vote_rate": 0}, "vote_rate"),
    ],
)
def test_impossible_posts_are_refused(arguments: dict, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        simulate_posts(**arguments)
