"""What may replace a checkpoint, and what may go on from one."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.models.hub_layout import state_to_hub
from utils.training import checkpoints
from utils.training.batches import TokenBatches
from utils.training.checkpoints import CheckpointError, load_gpt, load_weights, read_metadata, save_model
from utils.training.config import TrainingConfig
from utils.training.loop import TrainingDivergedError, train
from utils.training.losses import next_token_loss

from .tiny_model import make_ids, make_tiny

BATCHES = TokenBatches(make_ids(), 8, 16)
CONFIG = TrainingConfig(steps=12, checkpoint_every=4)
SHAPE = ModelConfig(n_layers=2, d_model=16, n_heads=2, vocab_size=30, context_length=12)


def diverging_at(step: int):
    """Return a loss that is NaN in one step, whose update breaks the weights."""
    taken = []

    def loss(model, inputs, targets):
        taken.append(inputs)
        total, count = next_token_loss(model, inputs, targets)
        return (total * float("nan") if len(taken) == step else total), count

    return loss


@pytest.mark.parametrize("step", [5, 8, 9, 12])
def test_a_run_that_diverges_keeps_its_last_good_checkpoint(tmp_path, step):
    path = tmp_path / "run.safetensors"
    with pytest.raises(TrainingDivergedError, match=f"between step {step - 1} and step {step}"):
        train(make_tiny(dropout=0.0), BATCHES, CONFIG, loss=diverging_at(step), checkpoint=path, show_progress=False)
    good = (step - 1) // 4 * 4
    assert read_metadata(path)["step"] == good
    assert checkpoints.not_finite(checkpoints.read(path)[0]) is None
    # It is worth going on from: the rest of the run ends in the weights of an undisturbed one.
    whole, resumed = make_tiny(dropout=0.0), make_tiny(dropout=0.0)
    train(whole, BATCHES, CONFIG, show_progress=False)
    assert train(resumed, BATCHES, CONFIG, checkpoint=path, show_progress=False).resumed_from == good
    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), resumed.parameters(), strict=True))


@pytest.mark.parametrize("kind", ["weight", "optimiser"])
def test_finite_losses_do_not_hide_a_broken_state(tmp_path, kind):
    """The loss of a step is that of the weights before it: the last update shows in the weights alone."""
    path = tmp_path / "run.safetensors"
    train(make_tiny(), BATCHES, TrainingConfig(steps=4), checkpoint=path, show_progress=False)
    before = path.read_bytes()
    model, config, steps = make_tiny(), replace(CONFIG, steps=4), []

    def broken_gradient(model, inputs, targets):
        steps.append(1)
        total, count = next_token_loss(model, inputs, targets)
        if len(steps) == 4:
            huge = float("inf") if kind == "weight" else 1e25
            model.hidden.weight.register_hook(lambda gradient: torch.full_like(gradient, huge))
        return total, count

    named = r"hidden\.weight" if kind == "weight" else r"optimiser\.0\.\d\.exp_avg_sq"
    config = replace(config, gradient_clip=0.0, checkpoint_every=0)
    path.unlink()
    path.write_bytes(before)
    other = tmp_path / "other.safetensors"
    with pytest.raises(TrainingDivergedError, match=rf"{named} is not finite after step 4"):
        train(model, BATCHES, config, loss=broken_gradient, checkpoint=other, show_progress=False)
    assert not other.exists()
    assert path.read_bytes() == before


def test_a_model_with_nan_does_not_replace_a_file(tmp_path):
    path = tmp_path / "model.safetensors"
    save_model(path, make_tiny())
    before = path.read_bytes()
    broken = make_tiny()
    with torch.no_grad():
        broken.hidden.bias[3] = float("nan")
    with pytest.raises(CheckpointError, match=r"hidden\.bias holds infinite numbers or NaN"):
        save_model(path, broken)
    with torch.no_grad():
        broken.hidden.bias[3] = 1e6
    with pytest.raises(CheckpointError, match=r"NaN in torch\.float16"):
        save_model(path, broken, dtype=torch.float16)
    assert path.read_bytes() == before
    save_model(path, broken)  # large numbers are no reason to refuse


def test_a_mask_of_infinities_is_no_broken_weight(tmp_path):
    model = nn.Linear(2, 2)
    model.register_buffer("mask", torch.tensor([0.0, float("-inf")]))
    save_model(tmp_path / "model.safetensors", model)


def test_a_file_that_was_written_short_does_not_replace_another(tmp_path, monkeypatch):
    path = tmp_path / "model.safetensors"
    save_model(path, make_tiny())
    before = path.read_bytes()

    def short(tensors, partial, metadata):
        save_file(tensors, partial, metadata=metadata)
        Path(partial).write_bytes(Path(partial).read_bytes()[:-8])

    monkeypatch.setattr(checkpoints, "save_file", short)
    with pytest.raises(CheckpointError, match="not written as a whole"):
        save_model(path, make_tiny(seed=1))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture
def begun(tmp_path):
    """A run that was interrupted after its checkpoint of step 4."""
    path = tmp_path / "run.safetensors"

    class Interrupted(TokenBatches):
        def __call__(self, step):
            if step == 6:
                raise KeyboardInterrupt
            return super().__call__(step)

    with pytest.raises(KeyboardInterrupt):
        train(make_tiny(), Interrupted(make_ids(), 8, 16), CONFIG, checkpoint=path, show_progress=False)
    return path


def changed_ids() -> torch.Tensor:
    """One token of 3,000 differs, in no window of the step that the file remembers."""
    ids = make_ids()
    used = {int(start) + i for start in BATCHES._starts(0)[3 * 8 : 4 * 8] for i in range(17)}
    place = next(i for i in range(len(ids)) if i not in used)
    ids[place] = (ids[place] + 1) % 24
    return ids


@pytest.mark.parametrize(
    ("batches", "message"),
    [
        (TokenBatches(make_ids(), 16, 16), "another data set: batch_size is 8 there and 16 here"),
        (TokenBatches(make_ids(), 8, 12), "another data set: context is 16 there and 12 here"),
        (TokenBatches(make_ids(), 8, 16, seed=1), "another data set: seed is 0 there and 1 here"),
        (TokenBatches(make_ids(seed=1), 8, 16), "another data set: sha256"),
        (TokenBatches(make_ids()[:-1], 8, 16), "another data set: .*tokens is 3000 there and 2999 here"),
        (TokenBatches(changed_ids(), 8, 16), "another data set: sha256"),
        # Functions without a fingerprint are told by the batch of the file's last step.
        (lambda step: TokenBatches(make_ids(), 16, 16)(step), r"another batch at step 3: .*shapes is \[\[8, 16\]"),
        (lambda step: TokenBatches(make_ids(seed=1), 8, 16)(step), "another batch at step 3: sha256"),
    ],
)
def test_a_run_goes_on_with_its_own_data_only(begun, batches, message):
    before = begun.read_bytes()
    with pytest.raises(CheckpointError, match=message):
        train(make_tiny(), batches, CONFIG, checkpoint=begun, show_progress=False)
    assert begun.read_bytes() == before


@pytest.mark.parametrize("batches", [BATCHES, lambda step: BATCHES(step)])
def test_the_same_data_go_on(begun, batches):
    assert train(make_tiny(), batches, CONFIG, checkpoint=begun, show_progress=False).resumed_from == 4


def test_a_finished_run_with_other_data_is_noticed_too(tmp_path):
    path = tmp_path / "run.safetensors"
    train(make_tiny(), BATCHES, CONFIG, checkpoint=path, show_progress=False)
    with pytest.raises(CheckpointError, match="another data set"):
        train(make_tiny(), TokenBatches(make_ids(), 4, 16), CONFIG, checkpoint=path, show_progress=False)


def test_a_file_from_before_batches_were_described_goes_on(begun):
    tensors, metadata = checkpoints.read(begun)
    del metadata["batches"]
    checkpoints.write(begun, tensors, metadata)
    assert train(make_tiny(), BATCHES, CONFIG, checkpoint=begun, show_progress=False).resumed_from == 4


def small_gpt(**changes) -> GPT:
    torch.manual_seed(0)
    return GPT(replace(SHAPE, **changes)).eval()


def compiled_whole(model: GPT) -> nn.Module:
    return torch.compile(model, backend="eager")


def compiled_blocks(model: GPT) -> nn.Module:
    for place, block in enumerate(model.blocks):
        model.blocks[place] = torch.compile(block, backend="eager")
    return model


@pytest.mark.parametrize("wrap", [compiled_whole, compiled_blocks, nn.DataParallel])
@pytest.mark.parametrize("tied", [True, False])
def test_a_wrapped_model_saves_what_any_model_loads(tmp_path, wrap, tied):
    ids = torch.randint(0, 30, (2, 12))
    expected = small_gpt(tied=tied)(ids)
    plain, wrapped = tmp_path / "plain", tmp_path / "wrapped"
    save_model(plain, small_gpt(tied=tied))
    save_model(wrapped, wrap(small_gpt(tied=tied)))
    assert plain.read_bytes() == wrapped.read_bytes()
    assert torch.equal(load_gpt(wrapped)(ids), expected)
    other = wrap(GPT(replace(SHAPE, tied=tied)).eval())
    load_weights(plain, other)
    assert torch.equal(other(ids), expected)
    assert state_to_hub(wrap(small_gpt(tied=tied))).keys() == state_to_hub(small_gpt(tied=tied)).keys()


def test_a_file_with_compiled_names_loads(tmp_path):
    path = tmp_path / "old.safetensors"
    save_model(path, small_gpt())
    metadata = {"course": checkpoints.json.dumps(read_metadata(path))}
    save_file({f"_orig_mod.{name}": tensor for name, tensor in load_file(path).items()}, path, metadata=metadata)
    ids = torch.randint(0, 30, (2, 12))
    assert torch.equal(load_gpt(path)(ids), small_gpt()(ids))


def test_a_run_may_be_compiled_on_one_side_only(tmp_path):
    path = tmp_path / "run.safetensors"
    batches = TokenBatches(torch.arange(500) % 30, 4, 12)
    config = TrainingConfig(steps=4, checkpoint_every=2)
    whole, resumed = small_gpt(), small_gpt()
    train(whole, batches, config, show_progress=False)

    def interrupted(step):
        if step == 3:
            raise KeyboardInterrupt
        return batches(step)

    with pytest.raises(KeyboardInterrupt):
        train(compiled_whole(small_gpt()), interrupted, config, checkpoint=path, show_progress=False)
    assert train(resumed, batches, config, checkpoint=path, show_progress=False).resumed_from == 2
    assert torch.allclose(resumed.blocks[1].mlp.up_proj.weight, whole.blocks[1].mlp.up_proj.weight, atol=1e-6)


@pytest.mark.parametrize("again", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_an_expert_model_can_be_copied_after_a_forward_pass(again):
    model = small_gpt(n_experts=3, experts_per_token=1).train()
    ids = torch.randint(0, 30, (2, 12))
    model(ids)
    other = again(model)
    assert other.auxiliary_loss().item() == model.auxiliary_loss().item()
    assert model.auxiliary_loss().requires_grad  # the original still trains its router
    other(ids)
    assert torch.equal(other.auxiliary_loss(), model.auxiliary_loss())
    assert other.auxiliary_loss().requires_grad
