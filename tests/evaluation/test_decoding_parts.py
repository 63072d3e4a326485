"""The layer and cache that tests hand to an answer: right, and rebuilt from their fields by trusted grading."""

from __future__ import annotations

import pytest
import torch

from utils.course.grading.values import built, exported
from utils.experiments.attention.decoding_parts import attention_parts, cache_parts
from utils.models.attention import MultiHeadAttention


@pytest.mark.parametrize("n_kv_heads", [None, 2, 1])
def test_the_layer_computes_what_the_reference_does(n_kv_heads: int | None) -> None:
    layer = attention_parts(12, 4, n_kv_heads, seed=3)
    reference = MultiHeadAttention(12, 4, n_kv_heads)
    reference.load_state_dict(layer.state_dict())
    x = torch.randn(2, 5, 12, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(layer(x), reference(x), atol=1e-5)
    mask = torch.eye(5, dtype=torch.bool)
    assert torch.allclose(layer(x, mask), reference(x, mask), atol=1e-5)
    assert (layer.n_heads, layer.n_kv_heads) == (4, n_kv_heads or 4)


def test_the_seed_decides_the_weights() -> None:
    one, same, other = (attention_parts(8, 2, seed=seed).q_proj.weight for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


@pytest.mark.parametrize(("d_model", "n_heads", "n_kv_heads"), [(10, 4, None), (8, 4, 3), (8, 0, None), (8, 4, 0)])
def test_heads_that_do_not_divide_are_refused(d_model: int, n_heads: int, n_kv_heads: int | None) -> None:
    with pytest.raises(ValueError, match="does not divide"):
        attention_parts(d_model, n_heads, n_kv_heads)


def test_the_cache_joins_positions_of_any_leading_shape() -> None:
    for lead in ((2,), (2, 3)):
        cache = cache_parts()
        assert len(cache) == 0
        k = torch.randn(*lead, 4, 5)
        cache.append(k[..., :3, :], -k[..., :3, :])
        got_k, got_v = cache.append(k[..., 3:, :], -k[..., 3:, :])
        assert torch.equal(got_k, k)
        assert torch.equal(got_v, -k)
        assert len(cache) == 4
        cache.reset()
        assert len(cache) == 0


def test_a_cache_rebuilt_from_its_fields_keeps_its_content_where_it_was_made() -> None:
    cache = cache_parts()
    copy = built(exported(cache, lambda value: value))
    copy.append(torch.ones(1, 2, 3), torch.ones(1, 2, 3))
    assert copy is not cache
    assert len(cache) == len(copy) == 2
