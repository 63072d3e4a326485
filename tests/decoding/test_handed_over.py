"""Ids and settings come as people have them: lists, arrays, tensors, numpy's numbers; the results are the same."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from utils.decoding.beam import beam_search
from utils.decoding.decoders import UncachedDecoder
from utils.decoding.generation import generate
from utils.decoding.samplers import MinP, Temperature, TopK, TopP, greedy
from utils.decoding.scoring import best_continuation, token_logprobs
from utils.models.config import ModelConfig
from utils.models.gpt import GPT

CONFIG = ModelConfig(n_layers=1, d_model=32, n_heads=2, vocab_size=40, context_length=32)
PROMPTS = [[1, 2, 3], [4, 5, 6]]
FORMS = [
    torch.tensor(PROMPTS),
    torch.tensor(PROMPTS, dtype=torch.int32),
    np.array(PROMPTS),
    [torch.tensor(row) for row in PROMPTS],
    [np.array(row, dtype=np.uint8) for row in PROMPTS],
    tuple(map(tuple, PROMPTS)),
    [[np.int64(token) for token in row] for row in PROMPTS],
    [range(1, 4), range(4, 7)],
]


@pytest.fixture(scope="module")
def model() -> GPT:
    torch.manual_seed(0)
    model = GPT(CONFIG).eval()
    with torch.no_grad():
        model.embedding.weight.mul_(20)
    return model


@pytest.mark.parametrize("prompts", FORMS)
def test_prompts_come_in_any_form(model: GPT, prompts: Any) -> None:
    expected = generate(model, PROMPTS, 5)
    for reader in (model, UncachedDecoder(model, 32, 40)):
        assert generate(reader, prompts, np.int64(5), samples=np.int64(1)) == expected
    assert beam_search(model, prompts[0], np.int64(2), 3, np.int64(7)) == beam_search(model, PROMPTS[0], 2, 3, 7)
    mine, theirs = token_logprobs(model, prompts, prompts, np.int64(2)), token_logprobs(model, PROMPTS, PROMPTS, 2)
    torch.testing.assert_close(mine, theirs)
    assert best_continuation(model, prompts, prompts) == best_continuation(model, PROMPTS, PROMPTS)


def test_stop_ids_come_in_any_form(model: GPT) -> None:
    free = generate(model, PROMPTS, 8)
    stops = [free[0].ids[3], free[1].ids[5]]
    expected = generate(model, PROMPTS, 8, stop_ids=stops)
    assert [one.finish for one in expected] == ["stop", "stop"]
    forms = [
        torch.tensor(stops),
        torch.tensor([stops]),
        np.array(stops),
        set(stops),
        dict.fromkeys(stops),
        tuple(stops),
    ]
    for form in forms:
        assert generate(model, PROMPTS, 8, stop_ids=form) == expected
    assert generate(model, PROMPTS, 8, stop_ids=None) == free
    one = generate(model, PROMPTS, 8, stop_ids=[stops[0]])
    for single in (stops[0], np.int64(stops[0]), torch.tensor(stops[0]), iter([stops[0]])):
        assert generate(model, PROMPTS, 8, stop_ids=single) == one


def test_a_search_without_an_end_finishes_nothing(model: GPT) -> None:
    found = beam_search(model, [1, 2], 2, 4, None)
    assert [len(one.ids) for one in found] == [4, 4]
    assert not any(one.finished for one in found)
    tensor, ids = beam_search(model, [1, 2], 3, 4, torch.tensor([3, 9])), beam_search(model, [1, 2], 3, 4, (3, 9))
    assert tensor == ids


@pytest.mark.parametrize(
    ("prompts", "words"),
    [
        ([1, 2, 3], "prompts must hold rows of token ids, and prompt 0 is 1"),
        (torch.tensor([1, 2, 3]), "prompt 0 is tensor"),
        (np.array([1, 2]), "prompt 0 is"),
        (torch.tensor(3), "prompts must be a list"),
        (torch.zeros(1, 2, 3, dtype=torch.long), "prompt 0 must be one row"),
        (torch.tensor([[0.5, 1.0]]), "token 0 of prompt 0 must be a whole number, not 0.5"),
        ([["a"]], "token 0 of prompt 0"),
        ([[True]], "token 0 of prompt 0"),
        ([[1, None]], "token 1 of prompt 0"),
        ("text", "prompts must be a list"),
        (["text"], "prompt 0 must be a row of token ids"),
        (None, "prompts must be a list"),
        (7, "prompts must be a list"),
    ],
)
def test_prompts_that_are_no_rows_of_ids_are_refused(model: GPT, prompts: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        generate(model, prompts, 3)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("temperature", [5e-324, 1e-320, 1e-40, 1e-30, 1e-6, 1e-3])
def test_tiny_temperatures_are_greedy(dtype: torch.dtype, temperature: float) -> None:
    logits = torch.tensor([[300.0, -200.0, 250.0], [-300.0, -400.0, -math.inf], [0.0, 0.0, -5.0]], dtype=dtype)
    found = Temperature(temperature).transform(logits)
    assert found.dtype == dtype
    shares = found.double().softmax(-1)
    torch.testing.assert_close(shares, torch.tensor([[1.0, 0, 0], [1.0, 0, 0], [0.5, 0.5, 0]]).double())
    assert Temperature(temperature)(logits).tolist()[:2] == greedy(logits).tolist()[:2]


def test_settings_may_be_numpys_numbers() -> None:
    logits = torch.randn(3, 40, generator=torch.Generator().manual_seed(0))
    for mine, theirs in (
        (Temperature(np.float32(0.5)), Temperature(0.5)),
        (Temperature(np.int64(2)), Temperature(2)),
        (TopK(np.int64(3)), TopK(3)),
        (TopP(np.float64(0.5)), TopP(0.5)),
        (MinP(torch.tensor(0.5)), MinP(0.5)),
    ):
        assert mine == theirs
        assert torch.equal(mine.transform(logits), theirs.transform(logits))
        assert torch.equal(mine.seeded(np.int64(4))(logits), theirs.seeded(4)(logits))


def test_half_precision_keeps_the_nucleus_of_its_numbers() -> None:
    # 2,000 tokens of 0.0005 each: sums in half precision stop growing at 0.5 or below.
    logits = torch.zeros(1, 2000, dtype=torch.float16)
    assert int(torch.isfinite(TopP(0.75).transform(logits)).sum()) == 1500
