from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.training import checkpoints
from utils.training.batches import TokenBatches
from utils.training.checkpoints import CheckpointError, load_gpt, load_weights, read_metadata, save_model
from utils.training.config import TrainingConfig
from utils.training.loop import train

from .tiny_model import make_ids, make_tiny

BATCHES = TokenBatches(make_ids(), 8, 16)
CONFIG = TrainingConfig(steps=24, optimiser="muon", warmup_steps=4, evaluate_every=6, checkpoint_every=5)
GPT_CONFIG = ModelConfig(n_layers=2, d_model=16, n_heads=2, vocab_size=30, context_length=12)


def weights(model: nn.Module) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in model.parameters()])


def interrupted_at(step: int):
    """Return batches that stop the run as a user's interrupt would."""

    def batches(asked: int):
        if asked == step:
            raise KeyboardInterrupt
        return BATCHES(asked)

    return batches


def test_a_resumed_run_ends_in_the_bits_of_an_undisturbed_one(tmp_path):
    whole = make_tiny()
    expected = train(whole, BATCHES, CONFIG, evaluate=lambda model: 0.0, show_progress=False)
    path = tmp_path / "run.safetensors"
    with pytest.raises(KeyboardInterrupt):
        train(make_tiny(), interrupted_at(13), CONFIG, evaluate=lambda model: 0.0, checkpoint=path)
    resumed = make_tiny(seed=99)  # other weights: everything must come from the file
    result = train(resumed, BATCHES, CONFIG, evaluate=lambda model: 0.0, checkpoint=path)
    assert result.resumed_from == 10
    assert torch.equal(weights(resumed), weights(whole))
    assert result.losses == expected.losses
    assert [(r.step, r.targets, r.training_loss) for r in result.history] == [
        (r.step, r.targets, r.training_loss) for r in expected.history
    ]


def test_a_finished_run_is_not_repeated(tmp_path):
    path = tmp_path / "run.safetensors"
    first, again = make_tiny(), make_tiny(seed=1)
    train(first, BATCHES, CONFIG, checkpoint=path)
    result = train(again, interrupted_at(0), CONFIG, checkpoint=path)
    assert result.resumed_from == CONFIG.steps
    assert torch.equal(weights(first), weights(again))


KILLED = """
import os, signal, sys
import torch
sys.path[:0] = [{root!r}, {tests!r}]
torch.set_num_threads(1)
from tiny_model import make_ids, make_tiny
from utils.training.batches import TokenBatches
from utils.training.config import TrainingConfig
from utils.training.loop import train

data = TokenBatches(make_ids(), 8, 16)

def batches(step):
    if step == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    return data(step)

train(make_tiny(), batches, TrainingConfig(**{config!r}), checkpoint={path!r})
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills with a POSIX signal")
def test_a_killed_process_loses_nothing_but_time(tmp_path):
    path = tmp_path / "run.safetensors"
    here = Path(__file__).resolve().parent
    script = KILLED.format(root=str(here.parents[1]), tests=str(here), config=CONFIG.to_dict(), path=str(path))
    killed = subprocess.run([sys.executable, "-c", script], env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert killed.returncode == -signal.SIGKILL
    assert read_metadata(path)["step"] == 10
    whole, resumed = make_tiny(), make_tiny(seed=99)
    train(whole, BATCHES, CONFIG, show_progress=False)
    assert train(resumed, BATCHES, CONFIG, checkpoint=path).resumed_from == 10
    assert torch.equal(weights(resumed), weights(whole))
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "model.safetensors"
    save_model(path, make_tiny())
    before = path.read_bytes()

    def full_disk(tensors, partial, metadata):
        Path(partial).write_bytes(b"half a file")
        raise OSError("No space left on device")

    monkeypatch.setattr(checkpoints, "save_file", full_disk)
    with pytest.raises(OSError, match="No space left"):
        save_model(path, make_tiny(seed=1))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_another_training_config_is_refused_and_the_difference_named(tmp_path):
    path = tmp_path / "run.safetensors"
    train(make_tiny(), BATCHES, CONFIG, checkpoint=path)
    with pytest.raises(CheckpointError, match=r"another training_config: lr is 0.003 there and 0.5 here"):
        train(make_tiny(), BATCHES, replace(CONFIG, lr=0.5), checkpoint=path)


def test_another_model_config_is_refused_and_the_difference_named(tmp_path):
    path = tmp_path / "run.safetensors"
    train(make_tiny(), BATCHES, CONFIG, checkpoint=path)
    with pytest.raises(CheckpointError, match="another model_config: width is 16 there and 8 here"):
        train(make_tiny(width=8), BATCHES, CONFIG, checkpoint=path)
    with pytest.raises(CheckpointError, match="another model_config: width is 16 there and 8 here"):
        load_weights(path, make_tiny(width=8))


def test_a_model_without_config_is_told_by_names_and_shapes(tmp_path):
    path = tmp_path / "model.safetensors"
    save_model(path, nn.Linear(3, 4))
    with pytest.raises(CheckpointError, match=r"weight has shape \(4, 3\), the model's has \(4, 5\)"):
        load_weights(path, nn.Linear(5, 4))
    with pytest.raises(CheckpointError, match=r"missing \[\], not expected \['bias'\]"):
        load_weights(path, nn.Linear(3, 4, bias=False))


def test_a_model_file_is_no_run_to_resume(tmp_path):
    path = tmp_path / "model.safetensors"
    save_model(path, make_tiny())
    with pytest.raises(CheckpointError, match="no run to go on with"):
        train(make_tiny(), BATCHES, CONFIG, checkpoint=path)


@pytest.mark.parametrize("keep", [0, 5, 200])
def test_a_cut_file_is_refused_by_name(tmp_path, keep):
    path = tmp_path / "model.safetensors"
    save_model(path, make_tiny())
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(CheckpointError, match=r"model\.safetensors is no readable safetensors file"):
        load_weights(path, make_tiny())


def test_a_missing_file_is_refused_by_name(tmp_path):
    with pytest.raises(CheckpointError, match=r"absent\.safetensors does not exist"):
        load_gpt(tmp_path / "absent.safetensors")


def test_a_gpt_comes_back_from_its_file_alone(tmp_path):
    torch.manual_seed(0)
    model = GPT(GPT_CONFIG).eval()
    save_model(tmp_path / "gpt.safetensors", model, notes={"loss": 1.25})
    loaded = load_gpt(tmp_path / "gpt.safetensors")
    ids = torch.randint(0, 30, (2, 12))
    assert loaded.config == GPT_CONFIG
    assert torch.equal(loaded(ids), model(ids))
    assert load_weights(tmp_path / "gpt.safetensors", GPT(GPT_CONFIG)) == {"loss": 1.25}


def test_half_precision_halves_the_file_and_hardly_moves_the_logits(tmp_path):
    torch.manual_seed(0)
    model = GPT(ModelConfig(n_layers=2, d_model=64, n_heads=2, vocab_size=30, context_length=12)).eval()
    for name, dtype in (("full", None), ("half", torch.float16)):
        save_model(tmp_path / name, model, dtype=dtype)
    assert (tmp_path / "half").stat().st_size < 0.55 * (tmp_path / "full").stat().st_size
    ids = torch.randint(0, 30, (2, 12))
    assert torch.allclose(load_gpt(tmp_path / "half")(ids), model(ids), atol=1e-3)


def test_a_runs_checkpoint_holds_its_model(tmp_path):
    torch.manual_seed(0)
    model = GPT(GPT_CONFIG)
    batches = TokenBatches(torch.arange(500) % 30, 4, 12)
    train(model, batches, TrainingConfig(steps=3), checkpoint=tmp_path / "run")
    ids = torch.randint(0, 30, (2, 12))
    assert torch.equal(load_gpt(tmp_path / "run")(ids), model.eval()(ids))


def test_the_same_model_gives_the_same_file(tmp_path):
    for name in ("a", "b"):
        save_model(tmp_path / name, make_tiny(), notes={"b": 1, "a": 2})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
