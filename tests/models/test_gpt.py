"""The transformer: shapes, causality, masks, initialisation, and clear errors."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional as F

from utils.models.attention import MultiHeadAttention, attention, causal_mask, merge_heads, split_heads
from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.models.rotary import Rotary, rotate

SMALL = ModelConfig(n_layers=2, d_model=32, n_heads=4, n_kv_heads=2, vocab_size=50, context_length=16)


@pytest.fixture
def model() -> GPT:
    torch.manual_seed(0)
    return GPT(SMALL).eval()


def some_ids(*shape: int) -> torch.Tensor:
    return torch.randint(0, SMALL.vocab_size, shape, generator=torch.Generator().manual_seed(1))


def test_logits_have_one_row_per_position(model: GPT) -> None:
    assert model(some_ids(3, 7)).shape == (3, 7, 50)


def test_the_future_does_not_change_the_past(model: GPT) -> None:
    ids = some_ids(1, 10)
    changed = ids.clone()
    changed[0, 6:] = (changed[0, 6:] + 1) % 50
    before, after = model(ids), model(changed)
    torch.testing.assert_close(before[:, :6], after[:, :6])
    assert not torch.allclose(before[:, 6:], after[:, 6:])


@pytest.mark.parametrize("side", ["left", "right"])
def test_padding_on_either_side_does_not_change_the_logits(model: GPT, side: str) -> None:
    ids = some_ids(1, 6)
    padding = torch.zeros(1, 4, dtype=torch.long)
    parts = (padding, ids) if side == "left" else (ids, padding)
    padded = torch.cat(parts, 1)
    mask = torch.cat([torch.ones_like(part) if part is ids else part for part in parts], 1).bool()
    logits = model(padded, mask)
    torch.testing.assert_close(logits[mask], model(ids)[0], atol=1e-5, rtol=1e-4)
    assert logits.isfinite().all()


def test_packed_examples_do_not_see_each_other(model: GPT) -> None:
    first, second = some_ids(1, 5), some_ids(1, 8)[:, 3:]
    document = torch.tensor([[0] * 5 + [1] * 5])
    logits = model(torch.cat((first, second), 1), document[:, :, None] == document[:, None, :])
    torch.testing.assert_close(logits[:, 5:], model(second), atol=1e-5, rtol=1e-4)


def test_the_first_loss_is_near_log_v() -> None:
    config = ModelConfig(n_layers=12, d_model=128, n_heads=4, vocab_size=1000, context_length=32)
    torch.manual_seed(0)
    ids = torch.randint(0, 1000, (8, 33))
    loss = F.cross_entropy(GPT(config)(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten())
    assert abs(loss.item() - math.log(1000)) < 0.1


def test_depth_does_not_change_the_size_of_the_residual_stream() -> None:
    def last_std(n_layers: int) -> float:
        config = ModelConfig(n_layers=n_layers, d_model=64, n_heads=4, vocab_size=100, context_length=32)
        torch.manual_seed(0)
        return GPT(config).hidden_states(torch.randint(0, 100, (2, 32)))[-1].std().item()

    assert 0.7 < last_std(24) / last_std(4) < 1.4


def test_tied_models_share_one_matrix_and_untied_ones_do_not(model: GPT) -> None:
    assert model.head.weight is model.embedding.weight
    untied = GPT(ModelConfig(**{**SMALL.to_dict(), "tied": False}))
    assert untied.head.weight is not untied.embedding.weight


def test_attention_weights_are_the_ones_that_forward_uses(model: GPT) -> None:
    ids = some_ids(2, 9)
    weights = model.attention_weights(ids)
    assert [w.shape for w in weights] == [(2, 4, 9, 9)] * 2
    x = model.blocks[0].norm1(model.embed(ids))
    layer = model.blocks[0].attention
    v = split_heads(layer.v_proj(x), 2).repeat_interleave(2, dim=1)
    torch.testing.assert_close(layer.o_proj(merge_heads(weights[0] @ v)), layer(x), atol=1e-5, rtol=1e-4)


def test_the_last_row_of_the_logit_lens_is_the_output(model: GPT) -> None:
    ids = some_ids(2, 5)
    lens = model.logits_at_every_layer(ids)
    assert lens.shape == (3, 2, 5, 50)
    torch.testing.assert_close(lens[-1], model(ids))


def test_grouped_queries_share_the_key_heads_of_their_group() -> None:
    torch.manual_seed(0)
    layer = MultiHeadAttention(16, 4, 2)
    x = torch.randn(2, 5, 16)
    q, k, v = (split_heads(p(x), n) for p, n in ((layer.q_proj, 4), (layer.k_proj, 2), (layer.v_proj, 2)))
    heads = [attention(q[:, h], k[:, h // 2], v[:, h // 2], causal_mask(5))[0] for h in range(4)]
    torch.testing.assert_close(layer(x), layer.o_proj(torch.cat(heads, -1)), atol=1e-5, rtol=1e-4)


def test_rotated_scores_depend_on_the_distance_only() -> None:
    torch.manual_seed(0)
    q, k = torch.randn(1, 8), torch.randn(1, 8)

    def score(i: int, j: int) -> float:
        return (rotate(q, torch.tensor([i])) @ rotate(k, torch.tensor([j])).T).item()

    assert score(3, 1) == pytest.approx(score(103, 101), abs=1e-4)
    assert score(3, 1) != pytest.approx(score(4, 1), abs=1e-3)


def test_the_shared_rotary_table_agrees_with_rotate() -> None:
    x = torch.randn(2, 3, 7, 8)
    torch.testing.assert_close(Rotary(8, 16, 500.0)(x), rotate(x, torch.arange(7), 500.0))


def test_a_table_made_while_decoding_can_be_used_in_training() -> None:
    model = GPT(ModelConfig(**{**SMALL.to_dict(), "rope_base": 777.0}))
    with torch.inference_mode():
        model(some_ids(1, 4))
    model(some_ids(1, 4)).sum().backward()
    assert model.embedding.weight.grad is not None


def test_a_query_that_may_see_nothing_gets_zero() -> None:
    q = torch.randn(1, 2, 4)
    mask = torch.tensor([[False, False], [True, True]])
    out, weights = attention(q, q, q, mask)
    assert (out[0, 0] == 0).all()
    assert (weights[0, 0] == 0).all()
    assert out.isfinite().all()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"n_heads": 5}, "d_model 32 does not divide into n_heads 5"),
        ({"n_kv_heads": 3}, "n_heads 4 does not divide into n_kv_heads 3"),
        ({"n_heads": 32, "n_kv_heads": 32}, "must be even"),
        ({"n_layers": 0}, "n_layers must be at least 1, not 0"),
        ({"n_experts": 4}, "experts_per_token 0 does not fit n_experts 4"),
        ({"n_experts": 2, "experts_per_token": 3}, "experts_per_token 3"),
        ({"d_ff": -1}, "d_ff must be at least 1, not -1"),
    ],
)
def test_a_config_that_does_not_fit_is_refused(changes: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        ModelConfig(**{**SMALL.to_dict(), **changes})


def test_an_unknown_field_of_a_config_is_named() -> None:
    with pytest.raises(ValueError, match=r"n_layer$"):
        ModelConfig.from_dict({**SMALL.to_dict(), "n_layer": 3})


def test_a_config_survives_plain_data() -> None:
    assert ModelConfig.from_dict(SMALL.to_dict()) == SMALL


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        (torch.tensor([[1, 50]]), "between 0 and 49, not 50"),
        (torch.tensor([[-1, 3]]), "between 0 and 49, not -1"),
        (torch.zeros(1, 17, dtype=torch.long), "length 17 exceed the context length 16"),
        (torch.zeros(3, dtype=torch.long), "shape"),
        (torch.zeros(1, 3), "int64"),
    ],
)
def test_ids_that_do_not_fit_are_refused(model: GPT, ids: torch.Tensor, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        model(ids)


def test_a_mask_of_another_shape_is_refused(model: GPT) -> None:
    with pytest.raises(ValueError, match="mask must have the shape"):
        model(some_ids(1, 4), torch.ones(1, 5, dtype=torch.bool))


def test_a_layer_that_takes_another_ones_place_needs_no_width_of_its_own() -> None:
    class Doubled(torch.nn.Module):
        def __init__(self, layer: torch.nn.Module) -> None:
            super().__init__()
            self.layer = layer

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return 2 * self.layer(x)

    model = GPT(ModelConfig(n_layers=1, d_model=16, n_heads=2, vocab_size=9, context_length=8))
    ids = torch.arange(8)[None]
    before = model(ids)
    for part, name in ((model.blocks[0].attention, "q_proj"), (model.blocks[0].mlp, "up_proj")):
        setattr(part, name, Doubled(getattr(part, name)))
    model.blocks[0].norm1 = Doubled(model.blocks[0].norm1)
    assert not torch.equal(model(ids), before)
