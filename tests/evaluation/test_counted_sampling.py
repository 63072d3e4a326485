"""Counted sampling: independent samples, with equal beginnings computed once."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from utils.decoding.decoders import UncachedDecoder
from utils.decoding.samplers import Temperature, TopK
from utils.decoding.scoring import token_logprobs
from utils.experiments.samplers.counted_sampling import sample_counts
from utils.models.config import ModelConfig
from utils.models.gpt import GPT

STOP = 0


@pytest.fixture(scope="module")
def model() -> GPT:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = GPT(ModelConfig(n_layers=2, d_model=16, n_heads=2, vocab_size=5, context_length=16)).eval()
    with torch.no_grad():
        model.embedding.weight.mul_(40)  # probabilities that differ
    return model


def text_probabilities(model: GPT, prompt: list[int], length: int) -> dict[tuple[tuple[int, ...], bool], float]:
    """Every continuation of at most `length` tokens with its exact probability, by enumeration."""
    found: dict[tuple[tuple[int, ...], bool], float] = {}
    running = {(): 1.0}
    for step in range(length):
        following: dict[tuple[int, ...], float] = {}
        for ids, chance in running.items():
            probabilities = model(torch.tensor([prompt + list(ids)]))[0, -1].softmax(-1).tolist()
            for token, probability in enumerate(probabilities):
                if token == STOP:
                    found[ids, True] = chance * probability
                elif step == length - 1:
                    found[(*ids, token), False] = chance * probability
                else:
                    following[(*ids, token)] = chance * probability
        running = following
    return found


@torch.no_grad()
def test_texts_come_as_often_as_the_model_says(model: GPT) -> None:
    n, prompts = 20_000, [[1, 2], [3]]
    for prompt, samples in zip(prompts, sample_counts(model, prompts, n, 3, [STOP], seed=1), strict=True):
        exact = text_probabilities(model, prompt, 3)
        counted = {
            (tuple(ids), done): count
            for ids, done, count in zip(samples.ids, samples.finished, samples.counts, strict=True)
        }
        assert set(counted) <= set(exact)
        for key, probability in exact.items():
            # Six standard errors of a binomial count, and a little for the rarest.
            allowed = 6 * (n * probability * (1 - probability)) ** 0.5 + 3
            assert abs(counted.get(key, 0) - n * probability) < allowed


def test_counts_sum_to_n_and_texts_are_different(model: GPT) -> None:
    for n in (1, 2, 7, 500):
        for samples in sample_counts(model, [[1], [2, 3, 1]], n, 8, [STOP], seed=n):
            assert samples.total == n
            keys = {(tuple(ids), done) for ids, done in zip(samples.ids, samples.finished, strict=True)}
            assert len(keys) == len(samples.ids)
            assert all(STOP not in ids for ids in samples.ids)
            assert all(len(ids) == 8 for ids, done in zip(samples.ids, samples.finished, strict=True) if not done)


def test_logprobs_are_those_of_teacher_forcing(model: GPT) -> None:
    samples = sample_counts(model, [[1, 2]], 300, 6, [STOP], sampler=Temperature(2.0), seed=3)[0]
    full = [[*ids, STOP] if done else ids for ids, done in zip(samples.ids, samples.finished, strict=True)]
    exact = token_logprobs(model, [[1, 2]] * len(full), full)
    assert samples.logprobs == pytest.approx([float(one.sum()) for one in exact], abs=1e-3)


def test_a_sampler_decides_what_is_drawn(model: GPT) -> None:
    samples = sample_counts(model, [[1, 2]], 50, 6, [STOP], sampler=TopK(1))[0]
    assert len(samples.ids) == 1
    assert samples.counts == [50]
    cold = sample_counts(model, [[1, 2]], 50, 6, [STOP], sampler=Temperature(0.0))[0]
    assert cold.ids == samples.ids


def test_any_decoder_will_do_and_seeds_repeat(model: GPT) -> None:
    decoder = UncachedDecoder(model, 16, 5)
    first = sample_counts(decoder, [[1, 2], [4]], 40, 5, [STOP], seed=5)
    again = sample_counts(model, [[1, 2], [4]], 40, 5, [STOP], seed=5)
    assert [one.ids for one in first] == [one.ids for one in again]
    assert [one.counts for one in first] == [one.counts for one in again]
    assert first[0].ids != sample_counts(model, [[1, 2]], 40, 5, [STOP], seed=6)[0].ids


@pytest.mark.parametrize("name", ["n", "max_new_tokens"])
def test_sizes_below_one_are_refused(model: GPT, name: str) -> None:
    sizes = {"n": 2, "max_new_tokens": 2, name: 0}
    with pytest.raises(ValueError, match=f"{name} must be at least 1, not 0"):
        sample_counts(model, [[1]], stop_ids=[STOP], **sizes)


def test_a_text_beyond_the_context_is_refused(model: GPT) -> None:
    assert sample_counts(model, [[1] * 10], 3, 7, [])[0].total == 3
    with pytest.raises(ValueError, match="max_new_tokens is 8: the longest prompt leaves room for 7"):
        sample_counts(model, [[1] * 10], 3, 8, [])


def test_probabilities_of_samples_are_plausible_on_average(model: GPT) -> None:
    samples = sample_counts(model, [[2]], 5000, 4, [STOP], seed=9)[0]
    mean = np.average(samples.logprobs, weights=samples.counts)
    entropy = -sum(p * np.log(p) for p in text_probabilities(model.requires_grad_(False), [2], 4).values())
    assert mean == pytest.approx(-entropy, abs=0.15)
