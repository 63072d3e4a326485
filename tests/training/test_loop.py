from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from utils.training.batches import TokenBatches, consecutive_batches
from utils.training.config import TrainingConfig
from utils.training.loop import TrainingDivergedError, train
from utils.training.losses import mean_loss

from .tiny_model import make_ids, make_tiny

BATCHES = TokenBatches(make_ids(), 8, 16)


def weights(model: nn.Module) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in model.parameters()])


@pytest.mark.parametrize("optimiser", ["adamw", "muon"])
def test_training_approaches_the_entropy_of_the_data(optimiser):
    model = make_tiny(dropout=0.0)
    held_out = consecutive_batches(make_ids(seed=1), 32, 16)
    config = TrainingConfig(steps=300, lr=0.03, optimiser=optimiser, warmup_steps=10)
    train(model, BATCHES, config, show_progress=False)
    # The next token is one of three, equally likely: no model can be below log 3.
    assert math.log(3) - 0.02 < mean_loss(model, held_out) < math.log(3) + 0.08


def test_one_adamw_step_equals_the_textbook():
    model, reference = make_tiny(dropout=0.0), make_tiny(dropout=0.0)
    train(model, BATCHES, TrainingConfig(steps=1, lr=0.01, weight_decay=0.0), show_progress=False)
    inputs, targets = BATCHES(0)
    F.cross_entropy(reference(inputs).flatten(0, 1), targets.flatten()).backward()
    nn.utils.clip_grad_norm_(reference.parameters(), 1.0)
    # Adam's first step is the sign of the gradient, when the gradient is large against epsilon.
    for trained, start in zip(model.parameters(), reference.parameters(), strict=True):
        expected = start - 0.01 * start.grad / (start.grad.abs() + 1e-8)
        assert torch.allclose(trained, expected, atol=1e-6)


def test_the_same_run_twice_gives_the_same_bits():
    runs = []
    for noise in (1, 2):
        torch.manual_seed(noise)  # what the caller drew before must not matter
        model = make_tiny()
        result = train(model, BATCHES, TrainingConfig(steps=20, optimiser="muon"), show_progress=False)
        runs.append((weights(model), result.losses))
    assert torch.equal(runs[0][0], runs[1][0])
    assert runs[0][1] == runs[1][1]


def test_another_seed_draws_other_dropout():
    models = [make_tiny() for _ in range(2)]
    for seed, model in enumerate(models):
        train(model, BATCHES, TrainingConfig(steps=5, seed=seed), show_progress=False)
    assert not torch.equal(weights(models[0]), weights(models[1]))


def test_the_callers_random_numbers_are_left_alone():
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    train(make_tiny(), BATCHES, TrainingConfig(steps=3), show_progress=False)
    assert torch.equal(torch.rand(3), expected)


def test_clipping_bounds_the_step_of_a_plain_gradient():
    seen = []

    class Spy(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(4))
            self.weight.register_post_accumulate_grad_hook(lambda p: seen.append(p.grad))

    def loss(model, values):
        return 1000 * (model.weight * values).sum(), torch.tensor(1)

    for clip in (0.5, 0.0):
        train(Spy(), lambda step: (torch.ones(1, 4),), TrainingConfig(steps=1, gradient_clip=clip), loss=loss)
    assert seen[0].norm().item() == pytest.approx(0.5)  # clipped in place before the step
    assert seen[1].norm().item() == pytest.approx(2000.0)


def test_ignored_targets_do_not_change_the_update():
    inputs, targets = BATCHES(0)
    padded_inputs = torch.cat([inputs, torch.zeros_like(inputs)], dim=1)
    padded_targets = torch.cat([targets, torch.full_like(targets, -100)], dim=1)
    models = [make_tiny(dropout=0.0) for _ in range(2)]
    for model, batch in zip(models, [(inputs, targets), (padded_inputs, padded_targets)], strict=True):
        train(model, lambda step, batch=batch: batch, TrainingConfig(steps=2), show_progress=False)
    assert torch.allclose(weights(models[0]), weights(models[1]), atol=1e-6)


def test_a_batch_without_a_target_changes_nothing():
    inputs, targets = BATCHES(0)
    model = make_tiny(dropout=0.0)
    before = weights(model)
    batch = (inputs, torch.full_like(targets, -100))
    train(model, lambda step: batch, TrainingConfig(steps=1, weight_decay=0.0), show_progress=False)
    assert torch.equal(weights(model), before)


def test_history_has_a_record_at_every_evaluation_and_at_the_end():
    config = TrainingConfig(steps=10, evaluate_every=4)
    result = train(make_tiny(), BATCHES, config, evaluate=lambda model: 1.5, show_progress=False)
    assert [record.step for record in result.history] == [4, 8, 10]
    assert [record.targets for record in result.history] == [4 * 128, 8 * 128, 10 * 128]
    assert result.validation_loss == 1.5
    assert len(result.losses) == 10
    assert result.history[1].training_loss == pytest.approx(sum(result.losses[4:8]) / 4)


def test_stop_when_ends_the_run_early():
    config = TrainingConfig(steps=100, evaluate_every=5)
    stop = lambda record: record.step >= 10  # noqa: E731
    assert len(train(make_tiny(), BATCHES, config, stop_when=stop, show_progress=False).losses) == 10


def test_a_diverging_run_says_so():
    config = TrainingConfig(steps=5, evaluate_every=1)

    def loss(model, inputs, targets):
        return model(inputs).sum() * float("nan"), torch.tensor(1)

    with pytest.raises(TrainingDivergedError, match="between step 0 and step 1"):
        train(make_tiny(), BATCHES, config, loss=loss, show_progress=False)


def test_a_model_whose_output_carries_its_logits_trains_too():
    class Output:
        def __init__(self, logits):
            self.logits = logits

    class Wrapped(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = make_tiny()

        def forward(self, ids):
            return Output(self.inner(ids))

    wrapped, plain = Wrapped(), make_tiny()
    for model in (wrapped, plain):
        train(model, BATCHES, TrainingConfig(steps=3), show_progress=False)
    assert torch.equal(weights(wrapped), weights(plain))


def test_bfloat16_autocast_trains_nearly_as_float32_does():
    config = TrainingConfig(steps=150, lr=0.03)
    losses = []
    for precision in ("float32", "bfloat16"):
        result = train(make_tiny(), BATCHES, replace(config, precision=precision), show_progress=False)
        losses.append(sum(result.losses[-20:]) / 20)
    assert losses[0] != losses[1]
    assert losses[1] == pytest.approx(losses[0], abs=0.05)


def test_training_leaves_the_models_mode_as_it_was():
    for mode in (True, False):
        model = make_tiny().train(mode)
        train(model, BATCHES, TrainingConfig(steps=1), show_progress=False)
        assert model.training is mode
