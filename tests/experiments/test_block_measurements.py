"""What notebook 03 compares and measures: conditions with shared seeds, a text that needs positions, other weights."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from utils.experiments.block.changed_weights import (
    int8_rows,
    put_weights,
    tensor_bytes,
    to_bfloat16,
    to_int8,
    with_zeros,
)
from utils.experiments.block.comparing import losses_of, of_label, relabelled, rise_beyond, run_conditions
from utils.experiments.block.copied_text import copied_text, copying_entropy
from utils.experiments.block.costs import allocated_bytes
from utils.experiments.block.mixing import ways_to_mix
from utils.experiments.block.world_runs import WorldResult


def result(label: str, seed: int, loss: float, by_position: list[float] | None = None) -> WorldResult:
    return WorldResult(label, seed, loss, False, 10, by_position or [], [])


def test_conditions_share_seeds_and_a_condition_s_own_field_comes_first() -> None:
    ids = np.arange(1500) % 5
    common = {"ids": ids, "held_out": ids, "n_layers": 1, "d_model": 8, "n_heads": 2, "steps": 1, "d_ff": 16}
    results = run_conditions({"plain": {}, "wide": {"d_ff": 32}}, common, range(2))
    assert [(one.label, one.seed) for one in results] == [("plain", 0), ("plain", 1), ("wide", 0), ("wide", 1)]
    assert results[2].parameters - results[0].parameters == 3 * 8 * 16
    assert losses_of(results, "wide").tolist() == [results[2].loss, results[3].loss]


def test_results_are_found_by_their_label_and_reused_under_another() -> None:
    results = [result("a", 0, 1.0), result("b", 0, 2.0)]
    assert [one.label for one in relabelled(results, "b", "c")] == ["c"]
    with pytest.raises(ValueError, match="label 'x' has no results"):
        of_label(results, "x")


def test_the_rise_beyond_a_length_is_a_difference_within_seeds() -> None:
    results = [result("a", seed, 0.0, [1.0 + seed, 1.0 + seed, 3.0 + seed]) for seed in range(3)]
    rise = rise_beyond(results, slice(0, 2), slice(2, 3))
    assert (rise.mean, rise.low, rise.n) == (2.0, 2.0, 3)


def test_copied_text_has_its_entropy_for_whoever_looks_three_places_back() -> None:
    text = copied_text(200_000, seed=0)
    repeats = float((text[3:] == text[:-3]).mean())
    assert abs(repeats - (0.5 + 0.5 / 8)) < 0.01
    loss = -repeats * math.log(repeats) - (1 - repeats) * math.log((1 - repeats) / 7)
    assert abs(loss - copying_entropy()) < 0.01
    assert abs(float((text[1:] == text[:-1]).mean()) - 1 / 8) < 0.01
    with pytest.raises(ValueError, match="seed"):
        copied_text(10, -1)


def test_int8_keeps_each_row_to_half_a_step_of_its_scale_and_a_row_of_zeros() -> None:
    matrix = torch.randn(4, 50, generator=torch.Generator().manual_seed(0)) * torch.tensor([[0.0], [1], [10], [100]])
    whole, scale = int8_rows(matrix)
    assert whole.dtype == torch.int8
    assert bool(((whole * scale - matrix).abs() <= scale / 2 + 1e-6).all())
    with pytest.raises(ValueError, match="two dimensions"):
        int8_rows(matrix[0])


def test_rounded_weights_count_their_scales_and_can_be_put_back() -> None:
    model = nn.Linear(6, 4)
    originals = {name: value.detach().clone() for name, value in model.named_parameters()}
    halves, half_size = to_bfloat16(originals)
    assert half_size == 2 * 28
    assert {one.dtype for one in halves.values()} == {torch.bfloat16}
    rounded, size = to_int8(originals)
    assert size == 24 + 4 * 4 + 4 * 4  # numbers, scales, bias
    assert tensor_bytes(*originals.values()) == 4 * 28
    put_weights(model, rounded)
    assert not torch.equal(model.weight, originals["weight"])
    put_weights(model, originals)
    assert torch.equal(model.weight, originals["weight"])


@pytest.mark.parametrize("at_random", [False, True])
def test_zeros_reach_the_share_and_the_smallest_go_first(at_random: bool) -> None:
    matrix = torch.randn(60, 50, generator=torch.Generator().manual_seed(0))
    changed, sparsity = with_zeros({"w": matrix, "b": torch.ones(100)}, 0.4, at_random)
    assert abs(sparsity - 0.4 * 3000 / 3100) < 0.03
    kept, gone = matrix[changed["w"] != 0].abs(), matrix[changed["w"] == 0].abs()
    assert (float(kept.min()) > float(gone.max())) is not at_random
    assert bool(changed["b"].all())
    with pytest.raises(ValueError, match="share is"):
        with_zeros({"w": matrix}, 1.5)


def test_only_attention_that_is_written_out_makes_tensors_that_grow_with_the_square() -> None:
    growth = {}
    for name, call_of_length in ways_to_mix().items():
        short, long = (allocated_bytes(call_of_length(n)) for n in (64, 256))
        growth[name] = long / short
    assert growth["attention, written out"] > 10
    assert growth["selective scan"] < 5
