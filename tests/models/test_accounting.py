"""Counts from dimensions, against real modules, published numbers and torch's own counter."""

from __future__ import annotations

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from utils.models import presets
from utils.models.accounting import (
    count_parameters,
    decode_flops,
    forward_flops,
    kv_cache_bytes,
    moe_parameters,
    training_bytes,
    weight_bytes,
)
from utils.models.config import ModelConfig
from utils.models.empty import empty_model
from utils.models.gpt import GPT

BASE = {
    "n_layers": 3,
    "d_model": 48,
    "n_heads": 6,
    "n_kv_heads": 2,
    "d_ff": 80,
    "vocab_size": 100,
    "context_length": 32,
}
VARIANTS = [
    {},
    {"tied": False},
    {"gated": False},
    {"d_ff": None, "n_kv_heads": None},
    {"n_experts": 4, "experts_per_token": 2},
    {"n_experts": 3, "experts_per_token": 1, "gated": False},
]


@pytest.mark.parametrize("changes", VARIANTS)
def test_the_count_equals_the_module(changes: dict) -> None:
    config = ModelConfig(**{**BASE, **changes})
    assert count_parameters(config) == sum(p.numel() for p in GPT(config).parameters())


@pytest.mark.parametrize(
    ("config", "count"),
    [
        (presets.LLAMA_2_7B, 6_738_415_616),
        (presets.LLAMA_2_13B, 13_015_864_320),
        (presets.LLAMA_2_70B, 68_976_648_192),
        (presets.LLAMA_3_8B, 8_030_261_248),
        (presets.LLAMA_3_70B, 70_553_706_496),
        (presets.LLAMA_3_1_405B, 405_853_388_800),
        (presets.SMOLLM2_135M, 134_515_008),
    ],
)
def test_published_models_have_their_published_counts(config: ModelConfig, count: int) -> None:
    assert count_parameters(config) == count
    assert sum(p.numel() for p in empty_model(config).parameters()) == count


def test_mixtral_uses_a_quarter_of_its_parameters_per_token() -> None:
    assert moe_parameters(presets.MIXTRAL_8X7B) == (46_702_792_704, 12_879_925_248)
    assert moe_parameters(presets.LLAMA_2_7B) == (6_738_415_616, 6_738_415_616)


@pytest.mark.parametrize("changes", [{}, {"gated": False, "tied": False}, {"n_kv_heads": 6}])
def test_forward_operations_equal_those_that_torch_counts(changes: dict) -> None:
    config = ModelConfig(**{**BASE, **changes})
    ids = torch.zeros(2, 20, dtype=torch.long)
    # The counter knows attention only as plain products, not as the CPU's fused kernel.
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad(), sdpa_kernel(SDPBackend.MATH):
        GPT(config)(ids)
    assert forward_flops(config, 20, 2).total == counter.get_total_flops()


def test_decoding_a_text_costs_its_forward_pass_without_the_masked_half() -> None:
    config = ModelConfig(**BASE)
    steps = [decode_flops(config, t + 1) for t in range(30)]
    whole = forward_flops(config, 30)
    assert sum(step.matrices for step in steps) == whole.matrices
    assert sum(step.attention for step in steps) == whole.attention * 31 // 60


def test_bytes_of_weights_cache_and_training() -> None:
    assert weight_bytes(7e9) == 14e9
    assert weight_bytes(7e9, bits=4) == 3.5e9
    assert kv_cache_bytes(presets.LLAMA_2_7B, 4096) == 2 * 32 * 4096 * 4096 * 2
    assert kv_cache_bytes(presets.LLAMA_2_70B, 1000, 3) == 2 * 80 * 8 * 128 * 1000 * 3 * 2
    assert training_bytes(presets.SMOLLM2_135M) == 16 * 134_515_008
