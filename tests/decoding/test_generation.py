"""Generation: cached equals uncached, batched equals single rows, stops, callbacks, clear errors."""

from __future__ import annotations

import pytest
import torch
from gguf import GGMLQuantizationType
from gguf.quants import dequantize, quantize

from utils.decoding.cached import CachedDecoder
from utils.decoding.decoders import Decoder, RecurrentDecoder, UncachedDecoder, decoder_for
from utils.decoding.generation import generate
from utils.decoding.projections import Weights
from utils.decoding.samplers import Temperature
from utils.models.block import TransformerBlock
from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.models.recurrent_lm import hybrid_lm, selective_lm

BASE = {"n_layers": 3, "d_model": 64, "n_heads": 4, "n_kv_heads": 2, "vocab_size": 80, "context_length": 64}
PROMPTS = [[3, 1, 4, 1, 5], [9], [2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2], [2, 7, 1]]
VARIANTS = [
    {},
    {"n_kv_heads": 4, "tied": False},
    {"gated": False},
    {"n_kv_heads": 1, "n_experts": 4, "experts_per_token": 2},
    {"norm_eps": 0.5},
]


def build(**changes: object) -> GPT:
    torch.manual_seed(0)
    model = GPT(ModelConfig(**{**BASE, **changes})).eval()  # type: ignore[arg-type]
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" in name:
                parameter.uniform_(0.5, 2.0)
        # Embeddings large enough for texts that do not repeat one token.
        model.embedding.weight.mul_(20)
    return model


def uncached(model: GPT) -> UncachedDecoder:
    return UncachedDecoder(model, model.config.context_length, model.config.vocab_size)


def assert_same_steps(fast: Decoder, slow: Decoder, steps: int, tolerance: float = 1e-3) -> None:
    mine, theirs = fast.prefill(PROMPTS), slow.prefill(PROMPTS)
    generator = torch.Generator().manual_seed(0)
    for _ in range(steps):
        torch.testing.assert_close(mine, theirs, atol=tolerance, rtol=tolerance)
        ids = torch.randint(0, 80, (len(PROMPTS),), generator=generator)
        mine, theirs = fast.step(ids), slow.step(ids)


@pytest.mark.parametrize("changes", VARIANTS)
def test_cached_logits_equal_uncached_ones(changes: dict) -> None:
    model = build(**changes)
    # Past the reserve, so that the cache grows on the way.
    assert_same_steps(CachedDecoder(model), uncached(model), 40)


@pytest.mark.parametrize("builder", [selective_lm, hybrid_lm])
def test_recurrent_logits_equal_uncached_ones(builder: object) -> None:
    torch.manual_seed(0)
    model = builder(ModelConfig(**BASE)).eval()  # type: ignore[operator, arg-type]
    assert isinstance(decoder_for(model), RecurrentDecoder)
    assert_same_steps(decoder_for(model), uncached(model), 10)
    single = generate(model, [PROMPTS[0]], 8)[0].ids
    assert [g.ids for g in generate(model, [PROMPTS[0]], 8, samples=3)] == [single] * 3


@pytest.mark.parametrize("changes", VARIANTS)
def test_cached_text_equals_uncached_text(changes: dict) -> None:
    model = build(**changes)
    fast = generate(CachedDecoder(model), PROMPTS, 30)
    assert [g.ids for g in fast] == [g.ids for g in generate(uncached(model), PROMPTS, 30)]


def test_a_batch_gives_what_its_rows_give_alone() -> None:
    model = build()
    together = generate(model, PROMPTS, 30)
    assert [g.ids for g in together] == [generate(model, [p], 30)[0].ids for p in PROMPTS]
    assert len({tuple(g.ids) for g in together}) == len(PROMPTS)


def test_every_row_stops_at_its_own_end() -> None:
    model = build()
    free = [g.ids for g in generate(model, PROMPTS, 30)]
    stops = {free[0][3], free[1][7], free[2][1]}
    for row, result in enumerate(generate(model, PROMPTS, 30, stop_ids=stops)):
        end = next((i for i, token in enumerate(free[row]) if token in stops), None)
        assert result.ids == free[row][:end]
        assert result.finish == ("length" if end is None else "stop")


def test_a_callback_sees_every_token_and_can_end_a_row() -> None:
    model = build()
    free = [g.ids for g in generate(model, PROMPTS, 12)]
    seen: dict[int, list[int]] = {row: [] for row in range(len(PROMPTS))}

    def listen(row: int, token: int) -> bool:
        seen[row].append(token)
        return row == 1 and len(seen[row]) == 4

    results = generate(model, PROMPTS, 12, on_token=listen)
    assert [g.ids for g in results] == list(seen.values())
    assert [g.ids for g in results] == [free[0], free[1][:4], free[2], free[3]]
    assert [g.finish for g in results] == ["length", "stop", "length", "length"]


def test_samples_share_the_prompt_and_differ() -> None:
    model = build()
    results = generate(model, PROMPTS[:2], 10, Temperature(20.0).seeded(0), samples=3)
    assert len({tuple(g.ids) for g in results}) == 6
    greedy = generate(model, PROMPTS[:2], 10, samples=2)
    assert greedy[0].ids == greedy[1].ids == generate(model, [PROMPTS[0]], 10)[0].ids
    assert greedy[2].ids == generate(model, [PROMPTS[1]], 10)[0].ids


def test_logprobs_are_those_of_the_model_before_the_sampler() -> None:
    model = build()
    result = generate(model, [PROMPTS[0]], 6, Temperature(2.0).seeded(1), logprobs=True)[0]
    text = PROMPTS[0] + result.ids
    table = model(torch.tensor([text])).log_softmax(-1)[0]
    expected = [table[len(PROMPTS[0]) + i - 1, token].item() for i, token in enumerate(result.ids)]
    assert result.logprobs == pytest.approx(expected, abs=1e-3)


def test_adjusted_logits_decide() -> None:
    model = build()

    def only_multiples(logits: torch.Tensor, rows: list[int], written: list[list[int]]) -> torch.Tensor:
        out = torch.full_like(logits, float("-inf"))
        for place, row in enumerate(rows):
            allowed = 10 * row + len(written[place])
            out[place, allowed] = 0
        return out

    results = generate(model, PROMPTS, 5, adjust=only_multiples)
    assert [g.ids for g in results] == [[10 * row + i for i in range(5)] for row in range(4)]


def test_a_full_context_ends_the_text() -> None:
    result = generate(build(), [[1] * 60], 30)[0]
    assert result.finish == "context"
    assert len(result.ids) == 5  # four more positions are read, and the last of them predicts one more


def test_no_new_tokens_is_a_valid_wish() -> None:
    assert generate(build(), PROMPTS, 0)[0].ids == []


def test_a_model_that_was_trained_on_is_read_again() -> None:
    model = build()
    before = generate(model, [PROMPTS[0]], 10)[0].ids
    with torch.no_grad():
        model.blocks[1].mlp.down_proj.weight.data.mul_(-3)
    after = generate(model, [PROMPTS[0]], 10)[0].ids
    assert after == generate(uncached(model), [PROMPTS[0]], 10)[0].ids
    assert after != before


def test_an_unchanged_model_keeps_its_matrices_and_every_caller_gets_a_state_of_its_own() -> None:
    model = build()
    first, second = decoder_for(model), decoder_for(model)
    assert isinstance(first, CachedDecoder)
    assert isinstance(second, CachedDecoder)
    assert first is not second
    assert first.head is second.head
    assert first.blocks is second.blocks
    first.prefill(PROMPTS)
    assert second.padding == []


def test_blocks_of_another_kind_are_read_from_the_start() -> None:
    class Halved(TransformerBlock):
        def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
            return x + 0.5 * (super().forward(x, mask) - x)

    torch.manual_seed(0)
    model = GPT(ModelConfig(**BASE), Halved).eval()  # type: ignore[arg-type]
    assert isinstance(decoder_for(model), UncachedDecoder)
    with pytest.raises(ValueError, match="plain transformer blocks"):
        CachedDecoder(model)
    with pytest.raises(ValueError, match="'int8'"):
        decoder_for(model, "int8")


@pytest.mark.parametrize("weights", ["int8", "int4"])
def test_coarse_weights_stay_near_the_model(weights: Weights) -> None:
    torch.manual_seed(0)
    config = ModelConfig(n_layers=3, d_model=128, n_heads=4, vocab_size=300, context_length=64)
    model = GPT(config).eval()
    with torch.no_grad():
        model.embedding.weight.mul_(5)
        for name, matrix in model.blocks.named_parameters():
            if weights == "int4" and "norm" not in name:
                # As in a file of 4-bit blocks: such numbers are kept, only inputs and scales are rounded.
                kind = GGMLQuantizationType.Q4_1
                matrix.copy_(torch.from_numpy(dequantize(quantize(matrix.numpy(), kind), kind)))
    coarse, exact = CachedDecoder(model, weights), CachedDecoder(model)
    mine, theirs = coarse.prefill(PROMPTS), exact.prefill(PROMPTS)
    for _ in range(10):
        error = (mine - theirs).std() / theirs.std()
        assert 0 < error < 0.05
        ids = theirs.argmax(-1)
        mine, theirs = coarse.step(ids), exact.step(ids)


@pytest.mark.parametrize(
    ("prompts", "words"),
    [
        ([], "at least one prompt"),
        ([[1], []], "prompt 1 is empty"),
        ([[1] * 65], "prompt 0 has 65 tokens, the context holds 64"),
        ([[1, 80]], "prompt 0 holds the id 80, outside 0 to 79"),
        ([[-2]], "the id -2"),
    ],
)
@pytest.mark.parametrize("make", [CachedDecoder, uncached])
def test_prompts_that_do_not_fit_are_refused(make: object, prompts: list, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        generate(make(build()), prompts, 3)  # type: ignore[operator]


def test_steps_that_do_not_fit_are_refused() -> None:
    decoder = CachedDecoder(build())
    decoder.prefill([[1] * 64])
    with pytest.raises(ValueError, match="64 positions is full"):
        decoder.step(torch.tensor([1]))
    decoder.prefill([[1]])
    with pytest.raises(ValueError, match="shape"):
        decoder.step(torch.tensor([1, 2]))
    with pytest.raises(ValueError, match="between 0 and 79"):
        decoder.step(torch.tensor([80]))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"max_new_tokens": -1}, "max_new_tokens"),
        ({"max_new_tokens": 1, "samples": 0}, "samples"),
        ({"max_new_tokens": 1, "weights": "int3"}, "'int3'"),
    ],
)
def test_limits_that_make_no_sense_are_refused(options: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        generate(build(), [[1]], **options)


def test_a_model_without_a_config_says_what_to_do() -> None:
    with pytest.raises(ValueError, match="UncachedDecoder"):
        generate(torch.nn.Linear(2, 2), [[1]], 1)
