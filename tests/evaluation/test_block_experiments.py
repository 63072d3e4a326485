"""What notebook 03 measures with: changed blocks, runs on the world, sequence tasks, costs."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
import torch

from utils.experiments.block.block_variants import LearnedPositions, VariantBlock
from utils.experiments.block.costs import allocated_bytes, fitted_exponent
from utils.experiments.block.sequence_tasks import (
    ARCHITECTURES,
    IGNORED,
    AssociativeRecall,
    SelectiveCopying,
    TaskRun,
    memory_after,
    of_equal_size,
    train_on_task,
    transformer_lm,
)
from utils.experiments.block.world_runs import WorldRun, build_model, losses_by_position, train_on_world
from utils.models.block import TransformerBlock
from utils.models.config import ModelConfig

CONFIG = ModelConfig(n_layers=2, d_model=32, n_heads=2, d_ff=96, vocab_size=40, context_length=16)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)


def test_the_unchanged_variant_is_the_transformer_block() -> None:
    variant, block = VariantBlock(CONFIG), TransformerBlock(CONFIG)
    variant.load_state_dict(block.state_dict())
    x = torch.randn(2, 7, 32)
    torch.testing.assert_close(variant(x), block(x))


def test_plain_and_gated_variants_have_the_same_number_of_parameters() -> None:
    sizes = {
        sum(p.numel() for p in VariantBlock(CONFIG, activation=activation).parameters())
        for activation in ("swiglu", "gelu", "relu", "none")
    }
    assert len(sizes) == 1


def test_each_switch_takes_its_part_out() -> None:
    x = torch.randn(1, 5, 32)
    alone = VariantBlock(CONFIG, attention=False)
    torch.testing.assert_close(alone(x)[:, 3:4], alone(x[:, 3:4]))  # no position sees another
    after = VariantBlock(CONFIG, norms="after")(x)
    torch.testing.assert_close(after.pow(2).mean(-1), torch.ones(1, 5), rtol=1e-3, atol=1e-3)
    silent = VariantBlock(CONFIG, residual=False)
    torch.nn.init.zeros_(silent.mlp.down_proj.weight)  # type: ignore[union-attr]
    assert float(silent(x).detach().abs().max()) == 0.0
    assert not [name for name, _ in VariantBlock(CONFIG, norms="none").named_parameters() if "norm" in name]


@pytest.mark.parametrize("wrong", [{"norms": "between"}, {"activation": "sine"}])
def test_an_unknown_variant_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} is '{next(iter(wrong.values()))}'"):
        VariantBlock(CONFIG, **wrong)  # type: ignore[arg-type]


def world_run(**changes: object) -> WorldRun:
    rng = np.random.default_rng(0)
    ids = np.cumsum(rng.integers(1, 3, 3000)) % 11  # the next id is one of two
    return WorldRun("toy", ids, ids[:400], seed=1, vocab_size=11, steps=3, batch_size=4, n_layers=1, **changes)  # type: ignore[arg-type]


def test_a_run_depends_on_its_seed_alone() -> None:
    first, second = train_on_world(world_run()), train_on_world(world_run())
    assert first == second
    assert 0 < first.loss < math.log(11) + 1
    assert first.parameters == sum(p.numel() for p in build_model(world_run()).parameters())


def test_losses_by_position_average_to_the_loss_of_the_windows() -> None:
    run = world_run(test_context=40, learned_positions=True, block=partial(VariantBlock, rotary=False))
    model = build_model(run)
    assert isinstance(model.positions, LearnedPositions)
    by_position = losses_by_position(model, run.held_out, 40)
    inputs = torch.as_tensor(run.held_out[:360]).view(9, 40)
    wanted = torch.as_tensor(run.held_out[1:361]).view(9, 40)
    whole = torch.nn.functional.cross_entropy(model(inputs).transpose(1, 2), wanted)
    assert np.mean(by_position) == pytest.approx(float(whole.detach()), rel=1e-4)


def test_loads_of_experts_sum_to_one_in_every_layer() -> None:
    result = train_on_world(world_run(n_experts=4, experts_per_token=2, balance=0.05))
    assert [len(layer) for layer in result.loads] == [4]
    assert sum(result.loads[0]) == pytest.approx(1.0)


def test_every_architecture_gets_about_the_same_number_of_parameters() -> None:
    sizes = [
        sum(p.numel() for p in build(of_equal_size(name, CONFIG)).parameters()) for name, build in ARCHITECTURES.items()
    ]
    assert max(sizes) / min(sizes) < 1.02


def test_an_architecture_that_cannot_be_as_small_is_refused() -> None:
    with pytest.raises(ValueError, match="d_ff 1 is too small"):
        of_equal_size("selective state space", ModelConfig(**{**CONFIG.to_dict(), "d_ff": 1}))
    with pytest.raises(ValueError, match="architecture is 'retentive'"):
        of_equal_size("retentive", CONFIG)


def test_recall_asks_for_the_value_that_was_shown_with_the_key() -> None:
    task = AssociativeRecall(n_pairs=4, n_keys=5, n_values=3)
    inputs, targets = task.draw(20, torch.Generator().manual_seed(0))
    assert inputs.shape == targets.shape == (20, task.length)
    for row, wanted in zip(inputs.tolist(), targets.tolist(), strict=True):
        shown = dict(divmod(pair, 3) for pair in row[:4])
        assert len(shown) == 4
        assert wanted[:4] == [IGNORED] * 4
        assert [shown[key - 15] for key in row[4:]] == [target - 20 for target in wanted[4:]]
        assert max(row + wanted) < task.vocab_size


@pytest.mark.parametrize("fixed", [False, True])
def test_copying_asks_for_the_symbols_in_order(fixed: bool) -> None:
    task = SelectiveCopying(n_copied=3, n_noise=5, n_symbols=4, fixed_places=fixed)
    inputs, targets = task.draw(20, torch.Generator().manual_seed(0))
    for row, wanted in zip(inputs.tolist(), targets.tolist(), strict=True):
        assert [token for token in row[:8] if token < 4] == wanted[8:]
        assert row[8:] == [5, 5, 5]
        assert not fixed or max(row[:3]) < 4


def test_a_transformer_learns_to_recall_and_a_run_repeats_itself() -> None:
    run = TaskRun(AssociativeRecall(n_pairs=3, n_keys=4, n_values=4), "transformer", seed=0, steps=60)
    first = train_on_task(run)
    assert first.accuracy > 0.6  # guessing gives 0.25
    short = TaskRun(run.task, "linear attention", seed=0, steps=2)
    assert train_on_task(short) == train_on_task(short)


def test_a_cache_grows_with_the_text() -> None:
    model = transformer_lm(CONFIG)
    # 2 layers x keys and values x 32 features x 4 bytes for each token
    assert memory_after(model, 10) == 10 * 2 * 2 * 32 * 4


def test_allocated_bytes_counts_new_tensors_and_no_views() -> None:
    x = torch.zeros(100, 10)
    assert allocated_bytes(lambda: x.view(10, 100).T) == 0
    assert allocated_bytes(lambda: x + 1) == 4000
    assert allocated_bytes(lambda: (x + 1).exp()) == 8000


def test_the_exponent_of_a_power_law_is_found() -> None:
    lengths = [10, 20, 40, 80]
    assert fitted_exponent(lengths, [3 * n**2 for n in lengths]) == pytest.approx(2)
    with pytest.raises(ValueError, match="two different lengths"):
        fitted_exponent([10], [1])
    with pytest.raises(ValueError, match="must be above 0"):
        fitted_exponent([10, 20], [0, 1])
