"""Teacher-forced log-probabilities against the model's own table, and classification by them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from torch import Tensor

from utils.decoding.cached import CachedDecoder
from utils.decoding.decoders import RecurrentDecoder, UncachedDecoder
from utils.decoding.scoring import best_continuation, continuation_logprobs, token_logprobs
from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.models.recurrent_lm import selective_lm

CONFIG = ModelConfig(n_layers=2, d_model=32, n_heads=2, vocab_size=50, context_length=16)
PROMPTS = [[3, 1, 4, 1, 5], [9], [2, 6, 5, 3], [2, 7], [8, 8, 8]]
TEXTS = [[1], [2, 3, 4, 5, 6], [], [49, 0, 7], [5, 5, 5, 5, 5, 5, 5, 5]]


def build() -> GPT:
    torch.manual_seed(0)
    model = GPT(CONFIG).eval()
    with torch.no_grad():
        model.embedding.weight.mul_(20)
    return model


def table(model: GPT, prompt: list[int], text: list[int]) -> Tensor:
    """Return the log-probabilities of one text, read from one forward pass over one row."""
    with torch.no_grad():
        logprobs = model(torch.tensor([prompt + text])).log_softmax(-1)[0]
    return torch.tensor([logprobs[len(prompt) - 1 + i, token].item() for i, token in enumerate(text)])


@pytest.mark.parametrize("batch_size", [1, 2, 16])
def test_logprobs_are_those_of_each_row_alone(batch_size: int) -> None:
    model = build()
    wanted = [table(model, prompt, text) for prompt, text in zip(PROMPTS, TEXTS, strict=True)]
    readers = [
        model,
        lambda ids: model(ids),
        lambda ids: SimpleNamespace(logits=model(ids)),
        CachedDecoder(model),
        UncachedDecoder(model, CONFIG.context_length, CONFIG.vocab_size),
    ]
    for reader in readers:
        found = token_logprobs(reader, PROMPTS, TEXTS, batch_size)
        assert [len(row) for row in found] == [len(text) for text in TEXTS]
        for mine, theirs in zip(found, wanted, strict=True):
            torch.testing.assert_close(mine, theirs, atol=1e-4, rtol=1e-4)


def test_a_recurrent_decoder_gives_what_its_model_gives() -> None:
    torch.manual_seed(0)
    model = selective_lm(CONFIG).eval()
    stepped, whole = token_logprobs(RecurrentDecoder(model), PROMPTS, TEXTS), token_logprobs(model, PROMPTS, TEXTS)
    torch.testing.assert_close(torch.cat(stepped), torch.cat(whole), atol=1e-4, rtol=1e-4)


def test_the_text_may_end_one_beyond_the_context() -> None:
    model = build()
    prompt, text = [1] * 10, [2] * 7
    whole = token_logprobs(model, [prompt], [text])[0]
    torch.testing.assert_close(token_logprobs(CachedDecoder(model), [prompt], [text])[0], whole, atol=1e-4, rtol=1e-4)
    for reader in (model, CachedDecoder(model)):
        with pytest.raises(ValueError, match="row 0 has 18 tokens, the context of 16"):
            token_logprobs(reader, [prompt], [[*text, 2]])


def test_no_rows_and_no_tokens_are_no_error() -> None:
    model = build()
    assert token_logprobs(model, [], []) == []
    for reader in (model, CachedDecoder(model)):
        assert [len(row) for row in token_logprobs(reader, [[1], [2]], [[], []])] == [0, 0]


def test_the_likeliest_option_is_chosen_by_sum_or_by_average() -> None:
    # The next token is 1 with probability 0.5, 2 with 0.4, else 3, whatever was read: the logits are a constant.
    row = torch.tensor([0.0, 0.5, 0.4, 0.1]).clamp_min(1e-30).log()
    model = lambda ids: row.expand(*ids.shape, 4)  # noqa: E731
    options = [[3], [2, 2], [1, 2, 1]]
    scores = continuation_logprobs(model, [[1], [2]], options)
    wanted = torch.tensor([0.1, 0.16, 0.1]).log()
    torch.testing.assert_close(scores, wanted.expand(2, 3))
    assert best_continuation(model, [[1], [2]], options) == [1, 1]
    averages = continuation_logprobs(model, [[1]], options, average=True)
    torch.testing.assert_close(averages[0], wanted / torch.tensor([1.0, 2.0, 3.0]))
    assert best_continuation(model, [[1]], options, average=True) == [2]
    assert best_continuation(model, [[1]], [[2], [2]]) == [0]
    assert best_continuation(model, [], options) == []


@pytest.mark.parametrize(
    ("prompts", "texts", "batch_size", "words"),
    [
        ([[1]], [], 1, "prompts has 1 rows and continuations 0"),
        ([[1], []], [[1], [2]], 1, "prompt 1 is empty"),
        ([[1]], [[50]], 1, "row 0 holds the id 50, outside 0 to 49"),
        ([[-1]], [[5]], 1, "row 0 holds the id -1"),
        ([[1]], [[5]], 0, "batch_size must be at least 1, not 0"),
    ],
)
def test_rows_that_do_not_fit_are_refused(prompts: list, texts: list, batch_size: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        token_logprobs(build(), prompts, texts, batch_size)


def test_options_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one continuation"):
        best_continuation(build(), [[1]], [])
    with pytest.raises(ValueError, match="option 1 is empty"):
        best_continuation(build(), [[1]], [[1], []])
