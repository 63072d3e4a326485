"""The operations that torch counts in a real step are those of the dimensions, and near 6 N D."""

from __future__ import annotations

import pytest
import torch

from utils.models.accounting import forward_flops
from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.training.step_flops import peak_flops_per_second, step_flops

CONFIG = ModelConfig(n_layers=2, d_model=64, n_heads=4, vocab_size=582, context_length=64)


def test_counted_operations_are_those_of_the_dimensions():
    model = GPT(CONFIG)
    ids = torch.randint(CONFIG.vocab_size, (4, 65), generator=torch.Generator().manual_seed(0))
    counted = step_flops(model, ids[:, :-1], ids[:, 1:])
    expected = forward_flops(CONFIG, 64, 4)
    assert counted.output + counted.blocks == 3 * expected.matrices
    assert counted.attention == 3 * expected.attention
    assert counted.output == 6 * 582 * 64 * 256
    assert counted.total == counted.attention + counted.output + counted.blocks
    # 6 N D: right for the matrices, and it leaves out what grows with the square of the length.
    assert (counted.output + counted.blocks) / counted.rule == pytest.approx(1, abs=0.01)
    assert counted.ratio > 1.05
    assert all(parameter.grad is None for parameter in model.parameters())


def test_the_share_of_attention_grows_with_the_length():
    model = GPT(CONFIG)
    shares = []
    for length in (8, 64):
        ids = torch.zeros(1, length, dtype=torch.long)
        counted = step_flops(model, ids, ids)
        shares.append(counted.attention / counted.total)
    assert shares[1] > 4 * shares[0]


def test_the_peak_is_a_speed():
    assert 1e8 < peak_flops_per_second(256, 0.05) < 1e15
    with pytest.raises(ValueError, match=r"size \(0\)"):
        peak_flops_per_second(0)
