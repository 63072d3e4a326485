"""Supervised finetuning: go on training a model on pairs of prompt and target, with the loss on the target alone.

The loop, the schedules and the optimisers are those of pretraining (`utils.training`); what changes is the batch and
what is counted. Parameters with `requires_grad=False` stay as they are, so freezing is the caller's choice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from utils.models.gpt import GPT
from utils.training.config import TrainingConfig
from utils.training.loop import TrainingResult, train
from utils.training.losses import next_token_loss

Pair = tuple[Sequence[int], Sequence[int]]
NOT_COUNTED = -100


class PairBatches:
    """Batches of pairs as a function of the step, every pair once per epoch, in another order each epoch.

    Args:
        pairs: (prompt ids, target ids); the target includes the id that ends it.
        batch_size: pairs per batch, B; the last batch of an epoch is filled from the next one's order.
        seed: source of the orders.

    Raises:
        ValueError: there are no pairs, a prompt or a target is empty, or batch_size is below 1.
    """

    def __init__(self, pairs: Sequence[Pair], batch_size: int, seed: int = 0) -> None:
        if not pairs:
            raise ValueError("pairs must hold at least one pair, not none")
        for place, (prompt, target) in enumerate(pairs):
            if not len(prompt) or not len(target):
                empty = "target" if len(prompt) else "prompt"
                raise ValueError(f"pairs: the {empty} of pair {place} is empty")
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, not {batch_size}")
        self.pairs = [(list(prompt), list(target)) for prompt, target in pairs]
        self.batch_size, self.seed = batch_size, seed

    @property
    def longest(self) -> int:
        """Positions that the longest pair needs."""
        return max(len(prompt) + len(target) - 1 for prompt, target in self.pairs)

    def __call__(self, step: int) -> tuple[Tensor, Tensor]:
        """Return inputs (B, T) and targets (B, T) of step `step`, as `pad_pairs` lays them out."""
        n = len(self.pairs)
        places = range(step * self.batch_size, (step + 1) * self.batch_size)
        orders = {epoch: np.random.default_rng([self.seed, epoch]).permutation(n) for epoch in {p // n for p in places}}
        return pad_pairs([self.pairs[orders[place // n][place % n]] for place in places])


def pad_pairs(pairs: Sequence[Pair]) -> tuple[Tensor, Tensor]:
    """Return inputs (B, T) and targets (B, T) of pairs, padded on the right; a target of -100 is not counted.

    Causal attention needs no mask for padding that comes after everything.
    """
    T = max(len(prompt) + len(target) - 1 for prompt, target in pairs)
    inputs = torch.zeros(len(pairs), T, dtype=torch.long)
    targets = torch.full((len(pairs), T), NOT_COUNTED, dtype=torch.long)
    for row, (prompt, target) in enumerate(pairs):
        ids = torch.tensor([*prompt, *target])
        inputs[row, : len(ids) - 1] = ids[:-1]
        targets[row, len(prompt) - 1 : len(ids) - 1] = ids[len(prompt) :]
    return inputs, targets


def target_loss(model: nn.Module, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Return the summed negative log-likelihood in nats of the counted targets, and their number.

    Equal to `next_token_loss`; a GPT's output layer is computed at counted positions only, which matters where the
    vocabulary is large and the prompts are long.
    """
    if not isinstance(model, GPT):
        return next_token_loss(model, inputs, targets)
    counted = targets != NOT_COUNTED
    logits = model.head(model.hidden(inputs)[counted])
    return F.cross_entropy(logits.float(), targets[counted], reduction="sum"), counted.sum()


def finetune(
    model: nn.Module,
    pairs: Sequence[Pair],
    *,
    steps: int,
    batch_size: int = 16,
    lr: float = 1e-3,
    seed: int = 0,
    weight_decay: float = 0.0,
    muon_lr: float | None = None,
    evaluate: Callable[[nn.Module], float] | None = None,
    evaluate_every: int = 0,
    show_progress: bool | None = None,
    description: str = "finetuning",
) -> TrainingResult:
    """Finetune `model` in place with AdamW (or Muon), a short warm-up and a linear decay to 0.

    Args:
        model: maps ids (B, T) to logits (B, T, V), with a `config` that has `context_length` and `vocab_size`, or none.
        pairs: (prompt ids, target ids); end each target with the id that ends an answer.
        steps: optimiser steps.
        batch_size: pairs per step.
        lr: peak learning rate.
        seed: order of the pairs.
        weight_decay: decoupled decay of matrices.
        muon_lr: peak learning rate of Muon, which then trains the hidden matrices; None leaves all to AdamW.
        evaluate, evaluate_every: as in `utils.training.loop.train`.
        show_progress, description: of the progress bar; None shows it where somebody would see it.

    Raises:
        ValueError: no pairs, an empty prompt or target, a pair longer than the context, ids outside the vocabulary,
            or a size that is not positive.
        TrainingDivergedError: the loss became infinite or NaN.
    """
    batches = PairBatches(pairs, batch_size, seed)
    config = getattr(model, "config", None)
    context, vocabulary = getattr(config, "context_length", None), getattr(config, "vocab_size", None)
    if context is not None and batches.longest > context:
        raise ValueError(f"pairs: the longest takes {batches.longest} positions, the context holds {context}")
    if vocabulary is not None:
        highest = max(max(*prompt, *target) for prompt, target in batches.pairs)
        lowest = min(min(*prompt, *target) for prompt, target in batches.pairs)
        if lowest < 0 or highest >= vocabulary:
            wrong = lowest if lowest < 0 else highest
            raise ValueError(f"pairs hold the id {wrong}, outside 0 to {vocabulary - 1}")
    if steps < 1:
        raise ValueError(f"steps must be at least 1, not {steps}")
    choices = TrainingConfig(
        steps=steps,
        lr=lr,
        optimiser="adamw" if muon_lr is None else "muon",
        muon_lr=0.02 if muon_lr is None else muon_lr,
        schedule="linear",
        warmup_steps=min(20, steps // 10),
        final_lr_fraction=0.0,
        weight_decay=weight_decay,
        evaluate_every=evaluate_every,
        seed=seed,
    )
    return train(
        model,
        batches,
        choices,
        loss=target_loss,
        evaluate=evaluate,
        show_progress=show_progress,
        description=description,
    )
