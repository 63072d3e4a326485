"""Beam search: against exhaustive and literal searches, cached against uncached, nothing finished is lost."""

from __future__ import annotations

import itertools

import pytest
import torch

from utils.decoding.beam import Hypothesis, beam_search, beam_searches
from utils.decoding.cached import CachedDecoder
from utils.decoding.decoders import Decoder, UncachedDecoder
from utils.decoding.generation import generate
from utils.decoding.scoring import token_logprobs
from utils.models.config import ModelConfig
from utils.models.gpt import GPT

V, EOS = 6, 2
CONFIG = ModelConfig(n_layers=2, d_model=32, n_heads=2, vocab_size=V, context_length=24)


def build(seed: int = 0, vocab_size: int = V) -> GPT:
    torch.manual_seed(seed)
    config = ModelConfig(n_layers=2, d_model=32, n_heads=2, vocab_size=vocab_size, context_length=24)
    model = GPT(config).eval()
    with torch.no_grad():
        model.embedding.weight.mul_(20)
    return model


def uncached(model: GPT) -> UncachedDecoder:
    return UncachedDecoder(model, model.config.context_length, model.config.vocab_size)


def literal_search(model: GPT, prompt: list[int], width: int, steps: int) -> list[tuple[list[int], float]]:
    """Beam search as its definition reads, with sorted lists and the model read again for every hypothesis."""
    beam, finished = [([], 0.0)], []
    for _ in range(steps):
        extensions = []
        for ids, total in beam:
            with torch.no_grad():
                row = model(torch.tensor([prompt + ids]))[0, -1].double().log_softmax(-1)
            extensions += [([*ids, token], total + value) for token, value in enumerate(row.tolist())]
        extensions = sorted(extensions, key=lambda extension: -extension[1])[:width]
        finished += [extension for extension in extensions if extension[0][-1] == EOS]
        beam = [extension for extension in extensions if extension[0][-1] != EOS]
    return sorted(((ids, total / len(ids)) for ids, total in finished + beam), key=lambda pair: -pair[1])


def assert_same(found: list[Hypothesis], wanted: list[tuple[list[int], float]]) -> None:
    assert [hypothesis.ids for hypothesis in found] == [ids for ids, _ in wanted]
    assert [hypothesis.average_logprob for hypothesis in found] == pytest.approx([mean for _, mean in wanted], abs=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_a_beam_as_wide_as_everything_is_exhaustive_search(seed: int) -> None:
    model, prompt, steps = build(seed), [1, 4], 3
    texts = [
        list(text)
        for length in range(1, steps + 1)
        for text in itertools.product(range(V), repeat=length)
        if EOS not in text[:-1] and (length == steps or text[-1] == EOS)
    ]
    logprobs = token_logprobs(model, [prompt] * len(texts), texts)
    means = sorted(((text, float(row.mean())) for text, row in zip(texts, logprobs, strict=True)), key=lambda t: -t[1])
    assert_same(beam_search(model, prompt, V**steps, steps, EOS), means)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("width", [1, 2, 3, 5])
def test_narrow_beams_follow_the_definition(seed: int, width: int) -> None:
    model, prompt = build(seed), [3, 1, 5]
    wanted = literal_search(model, prompt, width, 8)
    for decoder in (model, CachedDecoder(model), uncached(model)):
        assert_same(beam_search(decoder, prompt, width, 8, EOS), wanted)


@pytest.mark.parametrize("make", [CachedDecoder, uncached])
@pytest.mark.parametrize("width", [1, 3])
def test_searches_side_by_side_find_what_each_finds_alone(make: type, width: int) -> None:
    decoder: Decoder = make(build(3))
    prompts = [[3, 1, 5], [4], [1, 1, 3, 0, 5]]
    for found, prompt in zip(beam_searches(decoder, prompts, width, 8, EOS), prompts, strict=True):
        alone = beam_search(decoder, prompt, width, 8, EOS)
        assert_same(found, [(one.ids, one.average_logprob) for one in alone])


def test_every_hypothesis_that_ended_is_in_the_list_even_beyond_the_width() -> None:
    # The end has the probability 0.4 at every step, two other tokens share the rest: one of three extensions ends.
    class Coin(GPT):
        def forward(self, ids: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
            return torch.tensor([0.35, 0.25, 0.4, 1e-9, 1e-9, 1e-9]).log().expand(*ids.shape, V)

    found = beam_search(uncached(Coin(CONFIG)), [1], 2, 4, EOS)
    finished = [hypothesis.ids for hypothesis in found if hypothesis.finished]
    # After the first step the beam holds [0] alone, and after every step its better extension ends.
    assert sorted(finished, key=len) == [[2], [0, 2], [0, 0, 2], [0, 0, 0, 2]]
    assert [hypothesis.ids for hypothesis in found if not hypothesis.finished] == [[0, 0, 0, 0]]
    assert [hypothesis.average_logprob for hypothesis in found] == sorted(
        (hypothesis.average_logprob for hypothesis in found), reverse=True
    )


def test_totals_are_the_logprobs_of_the_text() -> None:
    model = build(1)
    for hypothesis in beam_search(model, [1, 3], 4, 6, EOS):
        total = float(token_logprobs(model, [[1, 3]], [hypothesis.ids])[0].sum())
        assert hypothesis.total_logprob == pytest.approx(total, abs=1e-4)
        assert hypothesis.average_logprob == pytest.approx(total / len(hypothesis.ids), abs=1e-4)
        assert hypothesis.finished == (hypothesis.ids[-1] == EOS)


def test_a_beam_of_one_is_greedy_decoding() -> None:
    model = build(2, vocab_size=40)
    found = beam_search(model, [5, 6], 1, 12, 39)
    assert len(found) == 1
    ids = generate(model, [[5, 6]], 12, stop_ids=[39])[0].ids
    assert found[0].ids == ids + [39] * found[0].finished


def test_several_ends_are_taken() -> None:
    model = build(3)
    found = beam_search(model, [1], V**2, 2, (EOS, 4))
    assert {hypothesis.ids[-1] for hypothesis in found if hypothesis.finished} == {EOS, 4}
    assert not any({EOS, 4} & set(hypothesis.ids[:-1]) for hypothesis in found)


def test_masked_tokens_are_never_taken() -> None:
    model = build(0)

    def only_even(logits: torch.Tensor, rows: list[int], written: list[list[int]]) -> torch.Tensor:
        assert len(logits) == len(rows) == len(written)
        return logits.masked_fill(torch.arange(V) % 2 == 1, float("-inf"))

    found = beam_search(model, [1], 50, 3, EOS, adjust=only_even)
    # Of 0, 2 (the end) and 4: 1 + 2 + 4 ended texts and 8 that did not.
    assert len(found) == 15
    assert all(token % 2 == 0 for hypothesis in found for token in hypothesis.ids)


@pytest.mark.parametrize("make", [CachedDecoder, uncached])
def test_a_full_context_ends_the_search(make: type) -> None:
    decoder: Decoder = make(build(0))
    found = beam_search(decoder, [1] * 22, 3, 10, EOS)
    # Two more positions are read, and the last of them predicts one more.
    assert max(len(hypothesis.ids) for hypothesis in found) == 3
    assert any(not hypothesis.finished for hypothesis in found)


def test_no_new_tokens_is_a_valid_wish() -> None:
    assert beam_search(build(0), [1], 3, 0, EOS) == [Hypothesis([], 0.0, 0.0, False)]


@pytest.mark.parametrize(
    ("prompt", "width", "limit", "words"),
    [
        ([1], 0, 3, "width must be at least 1, not 0"),
        ([1], 2, -1, "max_new_tokens must not be negative, not -1"),
        ([], 2, 3, "prompt 0 is empty"),
        ([9], 2, 3, "the id 9"),
    ],
)
def test_searches_that_make_no_sense_are_refused(prompt: list[int], width: int, limit: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        beam_search(build(0), prompt, width, limit, EOS)
