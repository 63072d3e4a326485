"""Two gloo processes on the CPU, started as a user starts them: by `torchrun`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from utils.training import distributed
from utils.training.batches import TokenBatches
from utils.training.config import TrainingConfig
from utils.training.loop import train

from .tiny_model import make_ids, make_tiny

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="torch for Windows has no libuv rendezvous")

HERE = Path(__file__).resolve().parent

SCRIPT = """
import sys
import torch
import torch.distributed as dist
sys.path[:0] = [{root!r}, {tests!r}]
torch.set_num_threads(1)
from tiny_model import make_ids, make_tiny
from utils.training.batches import TokenBatches
from utils.training.config import TrainingConfig
from utils.training.distributed import process_group
from utils.training.loop import train

data = TokenBatches(make_ids(), 6, 16)

def batches(step):
    inputs, targets = data(step)
    targets[0, : 10 + step] = -100   # ranks count different numbers of targets
    return inputs, targets

gradients = []
with process_group("gloo"):
    model = make_tiny(dropout=0.0)
    config = TrainingConfig(steps=1, gradient_clip=0.0)
    original = torch.optim.AdamW.step
    def step(self, closure=None):
        gradients.append([p.grad.clone() for g in self.param_groups for p in g["params"]])
        return original(self, closure)
    torch.optim.AdamW.step = step
    train(model, batches, config)
    torch.optim.AdamW.step = original
    stop = lambda record: dist.get_rank() == 0 and record.step >= 8  # only rank 0 wants to stop
    longer = make_tiny(dropout=0.0)
    config = TrainingConfig(steps=12, optimiser="muon", evaluate_every=4)
    result = train(longer, batches, config, checkpoint={out!r} + "/run.safetensors", stop_when=stop)
    torch.save(
        {{"gradients": gradients[0], "weights": list(longer.parameters()), "losses": result.losses}},
        {out!r} + f"/{{dist.get_rank()}}.pt",
    )
"""


@pytest.fixture(scope="module")
def ranks(tmp_path_factory):
    out = tmp_path_factory.mktemp("ranks")
    script = out / "script.py"
    script.write_text(SCRIPT.format(root=str(HERE.parents[1]), tests=str(HERE), out=str(out)))
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", str(script)]
    done = subprocess.run(command, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return [torch.load(out / f"{rank}.pt", weights_only=True) for rank in range(2)], out


def joint_batches(step: int):
    inputs, targets = TokenBatches(make_ids(), 6, 16)(step)
    targets[0, : 10 + step] = -100
    return inputs, targets


def test_two_processes_have_the_gradient_of_one_on_the_joint_batch(ranks):
    model = make_tiny(dropout=0.0)
    inputs, targets = joint_batches(0)
    torch.nn.functional.cross_entropy(model(inputs).flatten(0, 1), targets.flatten()).backward()
    expected = [p.grad for p in model.parameters() if p.ndim >= 2] + [p.grad for p in model.parameters() if p.ndim < 2]
    for rank in ranks[0]:
        for found, wanted in zip(rank["gradients"], expected, strict=True):
            assert torch.allclose(found, wanted, atol=1e-6)


def test_two_processes_end_in_the_weights_of_one(ranks):
    model = make_tiny(dropout=0.0)
    config = TrainingConfig(steps=12, optimiser="muon", evaluate_every=4)
    result = train(model, joint_batches, config, stop_when=lambda record: record.step >= 8)
    for rank in ranks[0]:
        assert rank["losses"] == pytest.approx(result.losses, abs=1e-5)
        for found, wanted in zip(rank["weights"], model.parameters(), strict=True):
            assert torch.allclose(found, wanted, atol=1e-4)


def test_ranks_agree_bit_by_bit_and_stop_together(ranks):
    first, second = ranks[0]
    assert len(first["losses"]) == len(second["losses"]) == 8
    for one, other in zip(first["weights"], second["weights"], strict=True):
        assert torch.equal(one, other)


def test_one_file_is_written_for_all_ranks(ranks):
    assert [path.name for path in ranks[1].glob("run*")] == ["run.safetensors"]


def test_alone_a_process_group_is_the_default_device(monkeypatch):
    monkeypatch.delenv("RANK", raising=False)
    with distributed.process_group() as device:
        assert device.type in ("cpu", "cuda")
        assert distributed.world() == (0, 1)


def test_a_batch_with_fewer_rows_than_processes_is_refused(monkeypatch):
    monkeypatch.setattr(distributed, "world", lambda: (0, 4))
    with pytest.raises(ValueError, match="a batch of 3 rows cannot be shared by 4 processes"):
        distributed.rows_of_rank((torch.zeros(3, 2),))
