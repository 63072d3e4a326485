"""Reading a common prefix once gives what reading every prompt gives."""

from __future__ import annotations

import pytest
import torch

from utils.decoding.cached import CachedDecoder
from utils.decoding.common_prefix import CommonPrefixDecoder, common_prefix_length
from utils.decoding.generation import generate
from utils.models.config import ModelConfig
from utils.models.gpt import GPT


@pytest.fixture(scope="module")
def model() -> GPT:
    torch.manual_seed(0)
    return GPT(ModelConfig(n_layers=2, d_model=32, n_heads=4, n_kv_heads=2, vocab_size=40, context_length=96)).eval()


PREFIX = [i % 37 for i in range(3, 43)]
PROMPTS = [[*PREFIX, 1, 2, 3], [*PREFIX, 4], [*PREFIX, 5, 6, 7, 8, 9, 10, 11]]


def test_logits_and_the_following_steps_agree(model: GPT) -> None:
    plain, sharing = CachedDecoder(model), CommonPrefixDecoder(model)
    for _ in range(2):  # the second time the prefix is remembered
        assert torch.allclose(plain.prefill(PROMPTS, 4), sharing.prefill(PROMPTS, 4), atol=1e-4)
        for ids in ([7, 8, 9], [1, 1, 1]):
            assert torch.allclose(plain.step(torch.tensor(ids)), sharing.step(torch.tensor(ids)), atol=1e-4)
        plain.select([2, 0])
        sharing.select([2, 0])
        ids = torch.tensor([5, 6])
        assert torch.allclose(plain.step(ids), sharing.step(ids), atol=1e-4)


@pytest.mark.parametrize(
    "prompts", [[[1, 2], [3, 4]], [PREFIX], [PREFIX, PREFIX], [[*PREFIX[:20], 1], [*PREFIX[:20], *PREFIX]]]
)
def test_prompts_that_share_little_or_everything_are_read_too(model: GPT, prompts: list[list[int]]) -> None:
    expected = CachedDecoder(model).prefill(prompts)
    assert torch.allclose(CommonPrefixDecoder(model).prefill(prompts), expected, atol=1e-4)


def test_it_works_in_generate(model: GPT) -> None:
    ours = generate(CommonPrefixDecoder(model), PROMPTS, 8, samples=2)
    theirs = generate(CachedDecoder(model), PROMPTS, 8, samples=2)
    assert [one.ids for one in ours] == [one.ids for one in theirs]


def test_the_last_id_of_the_shortest_prompt_is_never_shared() -> None:
    assert common_prefix_length([[1, 2, 3], [1, 2, 3]]) == 2
    assert common_prefix_length([[1, 2, 3], [1, 5, 3]]) == 1
    assert common_prefix_length([[1]]) == 0


def test_a_bad_prompt_is_refused(model: GPT) -> None:
    with pytest.raises(ValueError, match="outside"):
        CommonPrefixDecoder(model).prefill([[*PREFIX, 40], [*PREFIX, 1]])
