"""Repetition, variety, nuclei, and the truth of documents of the world."""

from __future__ import annotations

import math

import pytest
import torch

from utils.decoding.decoders import decoder_for
from utils.decoding.samplers import Temperature, TopP
from utils.experiments.samplers.sampler_measures import (
    distinct_share,
    measure_documents,
    ngrams,
    nucleus_size,
    repeated_share,
    sample_documents,
    top_k_draw,
)
from utils.training.base_models import base_world, load_base_model


def test_ngrams_are_neighbours_in_order() -> None:
    assert ngrams("abcd", 2) == [("a", "b"), ("b", "c"), ("c", "d")]
    assert ngrams("ab", 3) == []
    with pytest.raises(ValueError, match="n must be at least 1, not 0"):
        ngrams("ab", 0)


def test_repeated_share_counts_what_stood_there_before() -> None:
    assert repeated_share([1, 2, 3, 4, 5], 2) == 0.0
    assert repeated_share([1, 2, 1, 2, 1], 2) == 0.5  # 12 21 12 21
    assert repeated_share([7] * 11, 2) == pytest.approx(0.9)
    assert repeated_share([1], 2) == 0.0


def test_distinct_share_is_over_the_whole_group() -> None:
    assert distinct_share([[1, 2], [1, 2]], 2) == 0.5
    assert distinct_share([[1, 2, 3]], 2) == 1.0
    with pytest.raises(ValueError, match="no run of 3 items"):
        distinct_share([[1, 2]], 3)


def test_nucleus_size_agrees_with_top_p() -> None:
    torch.manual_seed(0)
    logits = 3 * torch.randn(20, 50)
    for p in (0.3, 0.9, 0.99):
        kept = torch.isfinite(TopP(p).transform(logits)).sum(-1)
        assert nucleus_size(logits, p).tolist() == kept.tolist()
    assert nucleus_size(torch.tensor([0.0, 0.0]), 1.0) == 2
    with pytest.raises(ValueError, match="p must be above 0"):
        nucleus_size(logits, 0.0)


def test_true_documents_are_those_that_the_world_writes() -> None:
    world = base_world()
    texts = [world.vocabulary.encode(document.text) for document in world.documents(20, seed=3)]
    found = measure_documents(world, texts, [-10.0] * 20, [True] * 20)
    assert found.true_share == 1.0
    assert found.surprise > 0
    assert found.model_logprob == pytest.approx(-200 / sum(map(len, texts)))
    cut = measure_documents(world, texts, [-10.0] * 20, [False] * 20)
    assert cut.true_share == cut.different_true == 0.0
    assert math.isnan(cut.surprise)
    backwards = measure_documents(world, [ids[::-1] for ids in texts], [0.0] * 20, [True] * 20)
    assert backwards.true_share == 0.0
    twice = measure_documents(world, texts[:1] * 4, [0.0] * 4, [True] * 4)
    assert (twice.different_share, twice.different_true) == (0.25, 0.25)
    with pytest.raises(ValueError, match="documents is empty"):
        measure_documents(world, [], [], [])


def test_a_cool_model_writes_more_truth_and_less_variety() -> None:
    torch.set_num_threads(1)
    decoder = decoder_for(load_base_model("world-small"))
    cool = sample_documents(decoder, base_world(), Temperature(0.3), 60, seed=0)
    hot = sample_documents(decoder, base_world(), Temperature(2.0), 60, seed=0)
    assert cool.true_share > hot.true_share
    assert cool.distinct_pairs < hot.distinct_pairs
    assert cool == sample_documents(decoder, base_world(), Temperature(0.3), 60, seed=0)


def test_top_k_draw_draws_from_the_k_largest() -> None:
    torch.manual_seed(0)
    logits = torch.tensor([1.0, 3.0, 2.0, -5.0]).expand(4000, -1)
    drawn = torch.bincount(top_k_draw(logits, 2), minlength=4).double() / 4000
    assert drawn[[0, 3]].tolist() == [0.0, 0.0]
    # exp(1) / (1 + exp(1)) with six standard errors
    assert float(drawn[1]) == pytest.approx(math.e / (1 + math.e), abs=6 * (0.25 / 4000) ** 0.5)
    with pytest.raises(ValueError, match="k must be between 1 and 4, not 5"):
        top_k_draw(logits, 5)


def test_top_k_draw_finds_the_same_tokens_block_by_block() -> None:
    torch.manual_seed(1)
    logits = torch.randn(3, 1000)
    allowed = [set(row.topk(3).indices.tolist()) for row in logits]
    seen = [set(column.tolist()) for column in torch.stack([top_k_draw(logits, 3, block=64) for _ in range(300)]).T]
    assert seen == allowed
