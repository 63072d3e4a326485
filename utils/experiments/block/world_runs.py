"""Train small models on the world's text, each with one thing changed, and measure them on held-out text.

jobs = [WorldRun("no norms", ids, held_out, seed, block=partial(VariantBlock, norms="none")) for seed in range(5)]
results = run_sweep(train_on_world, jobs)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utils.decoding.arguments import an_array, finite_number, whole_number
from utils.decoding.checked import check_fields, checked
from utils.experiments.block.block_variants import LearnedPositions
from utils.models.block import TransformerBlock
from utils.models.config import ModelConfig
from utils.models.experts import MixtureOfExperts
from utils.models.gpt import GPT
from utils.training.batches import TokenBatches, consecutive_batches
from utils.training.loop import TrainingDivergedError, train
from utils.training.losses import mean_loss, next_token_loss
from utils.training.tiny import tiny_training_config


@dataclass(frozen=True)
class WorldRun:
    """One run.

    Attributes:
        label: what the notebook calls this condition.
        ids: token ids to train on (N,).
        held_out: token ids to measure on.
        seed: initial weights and order of the data.
        block: from a config to a block; must be importable, so that the run can go to another process.
        learned_positions: add a learned vector for each position (for blocks without rotary positions).
        vocab_size, n_layers, d_model, n_heads, d_ff, n_experts, experts_per_token: shape of the model.
        context: tokens per training window.
        test_context: tokens per window in `losses_by_position`; longer than `context` to look beyond it.
        steps, batch_size: optimiser steps, and windows in each.
        balance: factor of the load balancing loss of experts.
        lr, muon_lr: peak learning rates.
        device: where the model trains.
    """

    label: str
    ids: np.ndarray = field(repr=False)
    held_out: np.ndarray = field(repr=False)
    seed: int
    block: Callable[[ModelConfig], nn.Module] = TransformerBlock
    learned_positions: bool = False
    vocab_size: int = 0
    n_layers: int = 3
    d_model: int = 32
    n_heads: int = 4
    d_ff: int = 96
    n_experts: int = 0
    experts_per_token: int = 0
    context: int = 32
    test_context: int = 0
    steps: int = 100
    batch_size: int = 16
    balance: float = 0.0
    lr: float = 0.02
    muon_lr: float = 0.04
    device: str = "cpu"

    def __post_init__(self) -> None:
        least = {"n_layers": 1, "d_model": 1, "n_heads": 1, "d_ff": 1, "context": 1, "steps": 1, "batch_size": 1}
        check_fields(self, seed=0, vocab_size=0, n_experts=0, experts_per_token=0, test_context=0, **least)
        for name in ("balance", "lr", "muon_lr"):
            finite_number(getattr(self, name), name, 0.0)
        for name in ("ids", "held_out"):
            if an_array(getattr(self, name), name).ndim != 1 or not len(getattr(self, name)):
                raise ValueError(f"{name} must be one row of token ids that is not empty")


@dataclass(frozen=True)
class WorldResult:
    """What a run reached.

    Attributes:
        label, seed: of the run.
        loss: on held-out text, in nats per token; log V, the loss of guessing, where training diverged.
        diverged: whether it did.
        parameters: size of the model.
        losses_by_position: mean loss at each position of a window of `test_context` tokens; empty when not asked for.
        loads: for each layer with experts, the share of tokens that each expert got on held-out text.
    """

    label: str
    seed: int
    loss: float
    diverged: bool
    parameters: int
    losses_by_position: list[float]
    loads: list[list[float]]


@checked
def build_model(run: WorldRun) -> GPT:
    """Return the untrained model of a run; its weights depend on the seed alone."""
    length = max(run.context, run.test_context)
    config = ModelConfig(
        n_layers=run.n_layers,
        d_model=run.d_model,
        n_heads=run.n_heads,
        d_ff=run.d_ff,
        vocab_size=run.vocab_size or int(run.ids.max()) + 1,
        context_length=length,
        n_experts=run.n_experts,
        experts_per_token=run.experts_per_token,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(run.seed)
        positions = LearnedPositions(length, run.d_model) if run.learned_positions else None
        return GPT(config, run.block, positions).to(run.device)


@checked
def train_on_world(run: WorldRun) -> WorldResult:
    """Train the model of a run and measure it."""
    model = build_model(run)
    batches = TokenBatches(torch.as_tensor(run.ids), run.batch_size, run.context, seed=run.seed)

    def loss(trained: nn.Module, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        total, count = next_token_loss(trained, inputs, targets)
        if run.balance:
            total = total + run.balance * count * model.auxiliary_loss()
        return total, count

    config = tiny_training_config(run.steps, run.lr, run.muon_lr)
    try:
        train(model, batches, config, loss=loss, show_progress=False)
        held_out = mean_loss(model, consecutive_batches(torch.as_tensor(run.held_out), 64, run.context))
        diverged = not math.isfinite(held_out)
    except TrainingDivergedError:
        held_out, diverged = math.nan, True
    return WorldResult(
        label=run.label,
        seed=run.seed,
        loss=math.log(model.config.vocab_size) if diverged else held_out,
        diverged=diverged,
        parameters=sum(p.numel() for p in model.parameters()),
        losses_by_position=losses_by_position(model, run.held_out, run.test_context) if run.test_context else [],
        loads=expert_loads(model, run.held_out, run.context) if run.n_experts else [],
    )


@checked
@torch.no_grad()
def losses_by_position(model: GPT, ids: np.ndarray, context: int) -> list[float]:
    """Return the mean loss in nats at each position of windows of `context` tokens, over all whole windows."""
    _check_windows(ids, context, 1)
    windows = torch.as_tensor(ids[: (len(ids) - 1) // context * context + 1])
    inputs, targets = windows[:-1].view(-1, context), windows[1:].view(-1, context)
    device = model.embedding.weight.device
    model.eval()
    total = torch.zeros(context)
    for part, wanted in zip(inputs.split(64), targets.split(64), strict=True):
        logits = model(part.to(device)).flatten(0, 1).float()
        losses = F.cross_entropy(logits, wanted.to(device).flatten(), reduction="none")
        total += losses.view(wanted.shape).sum(0).cpu()
    return (total / len(inputs)).tolist()


@checked
@torch.no_grad()
def expert_loads(model: GPT, ids: np.ndarray, context: int) -> list[list[float]]:
    """Return, for each layer with experts, the share of routed tokens that each expert gets; a layer sums to 1."""
    _check_windows(ids, context, 0)
    layers = [module for module in model.modules() if isinstance(module, MixtureOfExperts)]
    windows = torch.as_tensor(ids[: len(ids) // context * context]).view(-1, context)
    model.eval()
    model(windows.to(model.embedding.weight.device))
    return [layer.load.tolist() for layer in layers]


def _check_windows(ids: np.ndarray, context: int, more: int) -> None:
    """Raise ValueError when ids hold no whole window of `context` tokens and `more`."""
    whole_number(context, "context", 1)
    if len(ids) < context + more:
        raise ValueError(f"ids holds {len(ids)} tokens, and a window takes {context + more}")
