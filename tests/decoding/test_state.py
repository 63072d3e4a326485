"""A decoder's state belongs to its call, and a model's weights are looked at bit by bit."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

import numpy as np
import pytest
import torch

from utils.decoding.beam import beam_search
from utils.decoding.cached import CachedDecoder
from utils.decoding.common_prefix import CommonPrefixDecoder
from utils.decoding.decoders import Decoder, RecurrentDecoder, UncachedDecoder, decoder_for
from utils.decoding.fingerprints import COLUMNS, _sums, _sums_on_device, weights_fingerprint
from utils.decoding.generation import generate
from utils.decoding.samplers import Temperature
from utils.decoding.scoring import token_logprobs
from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.models.recurrent_lm import RecurrentLM, selective_lm

CONFIG = ModelConfig(n_layers=2, d_model=32, n_heads=4, n_kv_heads=2, vocab_size=50, context_length=64)
PREFIX = list(range(3, 23))
PROMPTS = [[*PREFIX, 1, 2], [*PREFIX, 4], [*PREFIX, 5, 6, 7]]
OTHERS = [[9, 8, 7, 6], [1]]


def build(make: Callable[[ModelConfig], GPT] = GPT) -> GPT:
    torch.manual_seed(0)
    model = make(CONFIG).eval()
    with torch.no_grad():
        model.embedding.weight.mul_(20)
    return model


def uncached(model: GPT) -> UncachedDecoder:
    return UncachedDecoder(model, CONFIG.context_length, CONFIG.vocab_size)


def recurrent(_: GPT) -> RecurrentDecoder:
    model = build(selective_lm)
    assert isinstance(model, RecurrentLM)
    return RecurrentDecoder(model)


KINDS = [lambda model: model, decoder_for, CachedDecoder, CommonPrefixDecoder, uncached, recurrent]
NAMES = ["model", "decoder_for", "cached", "common prefix", "uncached", "recurrent"]


@pytest.mark.parametrize("make", KINDS, ids=NAMES)
def test_calls_within_a_call_leave_it_alone(make: Callable[[GPT], Decoder]) -> None:
    source = make(build())
    alone = [one.ids for one in generate(source, PROMPTS, 10)]
    other = [one.ids for one in generate(source, OTHERS, 10)]
    inner: list[list[list[int]]] = []

    def again(*_: object) -> None:
        inner.append([one.ids for one in generate(source, OTHERS, 10)])
        beam_search(source, [3], 2, 3, 0)
        token_logprobs(source, [[5, 6]], [[7]])

    def listen(row: int, token: int) -> None:
        again()

    def adjust(logits: torch.Tensor, rows: list[int], written: list[list[int]]) -> torch.Tensor:
        again()
        rows.clear()  # what a callback does to its arguments stays with it
        return logits

    def choose(logits: torch.Tensor) -> torch.Tensor:
        again()
        return logits.argmax(-1)

    for options in ({"on_token": listen}, {"adjust": adjust}, {"choose": choose}):
        assert [one.ids for one in generate(source, PROMPTS, 10, **options)] == alone  # type: ignore[arg-type]
    assert all(found == other for found in inner)
    assert len({tuple(ids) for ids in alone}) > 1


@pytest.mark.parametrize("make", KINDS[:4], ids=NAMES[:4])
def test_threads_do_not_meet(make: Callable[[GPT], Decoder]) -> None:
    source = make(build())
    batches = [PROMPTS, OTHERS, PROMPTS[::-1], [[7, 7]]]
    alone = [[one.ids for one in generate(source, batch, 30)] for batch in batches]
    found: dict[int, list[list[list[int]]]] = {place: [] for place in range(len(batches))}

    def work(place: int) -> None:
        for _ in range(5):
            found[place].append([one.ids for one in generate(source, batches[place], 30)])

    threads = [threading.Thread(target=work, args=(place,)) for place in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(found[place] == [alone[place]] * 5 for place in found)


def test_a_decoder_that_has_read_nothing_says_so() -> None:
    for decoder in (CachedDecoder(build()), CachedDecoder(build()).fresh(), uncached(build()), recurrent(build())):
        with pytest.raises(ValueError, match="prefill comes before step"):
            decoder.step(torch.tensor([1]))
        with pytest.raises(ValueError, match="prefill comes before select"):
            decoder.select([0])


def by_data(weight: torch.nn.Parameter) -> None:
    weight.data[[0, 1]] = weight.data[[1, 0]]  # exchanged rows: sum, sum of squares, version counter stay


def by_numpy(weight: torch.nn.Parameter) -> None:
    array = weight.detach().numpy()
    array[0, 0], array[0, 1] = array[0, 1].copy(), array[0, 0].copy()


def by_last_bit(weight: torch.nn.Parameter) -> None:
    bits = weight.detach().view(torch.int32)
    bits[-1, -1] ^= 1


def without_gradients(weight: torch.nn.Parameter) -> None:
    with torch.no_grad():
        weight[0, 0] += 1
        weight[0, 1] -= 1


CHANGES = [by_data, by_numpy, by_last_bit, without_gradients]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    "name", ["embedding.weight", "blocks.1.mlp.down_proj.weight", "blocks.0.attention.k_proj.weight"]
)
def test_any_change_in_place_is_seen(change: Callable[[torch.nn.Parameter], None], name: str) -> None:
    model = build()
    before, kept = weights_fingerprint(model), decoder_for(model)
    assert weights_fingerprint(model) == before
    change(model.get_parameter(name))
    assert weights_fingerprint(model) != before
    renewed = decoder_for(model)
    assert isinstance(kept, CachedDecoder)
    assert isinstance(renewed, CachedDecoder)
    assert renewed.blocks is not kept.blocks
    torch.testing.assert_close(renewed.prefill(PROMPTS), uncached(model).prefill(PROMPTS), atol=1e-3, rtol=1e-3)


def test_every_single_bit_of_odd_sized_weights_counts() -> None:
    weight = torch.nn.Parameter(torch.arange(8 * COLUMNS + 5, dtype=torch.float32).half(), requires_grad=False)
    model = torch.nn.ParameterList([weight])
    bits, seen = weight.data.view(torch.int16), {weights_fingerprint(model)}
    places = [0, 1, 4 * COLUMNS - 1, 4 * COLUMNS, 8 * COLUMNS, 8 * COLUMNS + 4]
    for place, bit in itertools.product(places, range(15)):
        bits[place] ^= 1 << bit
        seen.add(weights_fingerprint(model))
        bits[place] ^= 1 << bit
    assert len(seen) == 1 + 15 * len(places)


def test_a_device_sums_as_the_processor_does() -> None:
    rows = torch.randint(-(2**62), 2**62, (3, COLUMNS))
    assert np.array_equal(_sums(rows.numpy()), _sums_on_device(rows))


def test_writing_into_the_logits_does_not_change_logprobs() -> None:
    model = build()
    expected = generate(model, PROMPTS, 6, Temperature(1.5).seeded(3), logprobs=True)

    def adjust(logits: torch.Tensor, rows: list[int], written: list[list[int]]) -> torch.Tensor:
        return logits.div_(1.5)

    def choose(logits: torch.Tensor) -> torch.Tensor:
        ids = sample(logits)
        logits.fill_(0)
        return ids

    for options in ({"adjust": adjust, "choose": Temperature(1.0).seeded(3)}, {"choose": choose}):
        sample = Temperature(1.5).seeded(3)
        found = generate(model, PROMPTS, 6, logprobs=True, **options)  # type: ignore[arg-type]
        assert [one.ids for one in found] == [one.ids for one in expected]
        for mine, theirs in zip(found, expected, strict=True):
            assert mine.logprobs == pytest.approx(theirs.logprobs, abs=1e-4)
