from __future__ import annotations

import math

import pytest
import torch

from utils.training.batches import TokenBatches, consecutive_batches
from utils.training.losses import mean_loss

from .tiny_model import make_ids, make_tiny


def test_targets_are_the_inputs_moved_on_by_one():
    inputs, targets = TokenBatches(torch.arange(1000), batch_size=4, context=16)(3)
    assert inputs.shape == targets.shape == (4, 16)
    assert torch.equal(targets, inputs + 1)


def test_a_batch_depends_on_the_step_and_not_on_what_was_asked_before():
    ids = make_ids()
    one, other = (TokenBatches(ids, 8, 16, seed=5) for _ in range(2))
    for step in range(60):
        one(step)
    assert torch.equal(one(41)[0], other(41)[0])


def test_an_epoch_uses_every_window_at_most_once_and_nearly_all_tokens():
    batches = TokenBatches(torch.arange(1603), batch_size=5, context=16)
    tokens = torch.cat([batches(step)[0].flatten() for step in range(batches.steps_per_epoch)])
    assert len(tokens.unique()) == len(tokens)
    assert len(tokens) > 1603 - 7 * 16


def test_epochs_differ_in_offset_and_order():
    batches = TokenBatches(torch.arange(1603), batch_size=5, context=16)
    epochs = []
    for epoch in range(8):
        steps = range(epoch * batches.steps_per_epoch, (epoch + 1) * batches.steps_per_epoch)
        epochs.append([int(start) for step in steps for start in batches(step)[0][:, 0]])
    assert len({tuple(epoch) for epoch in epochs}) == 8
    assert len({epoch[0] % 16 for epoch in epochs}) > 1


def test_seeds_give_other_orders():
    ids = torch.arange(2000)
    assert not torch.equal(TokenBatches(ids, 4, 8, seed=0)(0)[0], TokenBatches(ids, 4, 8, seed=1)(0)[0])


def test_too_few_tokens_for_a_batch_are_refused():
    with pytest.raises(ValueError, match="ids holds 40 tokens, too few for one batch of 8 windows of 16"):
        TokenBatches(torch.arange(40), 8, 16)


@pytest.mark.parametrize("ids", [torch.zeros(10, 10, dtype=torch.long), torch.zeros(500)])
def test_ids_of_another_shape_or_type_are_refused(ids):
    with pytest.raises(ValueError, match="ids must be a vector of integers"):
        TokenBatches(ids, 2, 4)


@pytest.mark.parametrize("n", [2, 17, 64, 65, 100])
def test_evaluation_counts_every_token_but_the_first_once(n):
    batches = consecutive_batches(torch.arange(n), batch_size=3, context=8)
    targets = torch.cat([targets.flatten() for _, targets in batches])
    assert targets[targets >= 0].tolist() == list(range(1, n))
    for inputs, targets in batches:
        counted = targets >= 0
        assert torch.equal(inputs[counted] + 1, targets[counted])


def test_mean_loss_of_a_uniform_model_is_log_v_however_batches_are_cut():
    model = make_tiny()
    torch.nn.init.zeros_(model.embedding.weight)
    for batch_size in (1, 4, 100):
        batches = consecutive_batches(make_ids(333), batch_size, 16)
        assert mean_loss(model, batches) == pytest.approx(math.log(24), abs=1e-5)


def test_mean_loss_weighs_targets_and_not_batches():
    model, ids = make_tiny(seed=3), make_ids(301)
    whole = mean_loss(model, consecutive_batches(ids, 1000, 16))
    uneven = mean_loss(model, consecutive_batches(ids, 18, 16))
    assert whole == pytest.approx(uneven, abs=1e-6)


def test_evaluation_switches_dropout_off_and_back_on():
    model = make_tiny(dropout=0.9).train()
    batches = consecutive_batches(make_ids(300), 4, 16)
    assert mean_loss(model, batches) == mean_loss(model, batches)
    assert model.training


def test_evaluation_on_nothing_is_refused():
    with pytest.raises(ValueError, match="no target"):
        mean_loss(make_tiny(), [])
