"""Direct preference optimisation (Rafailov et al., 2023): preferences without a reward model and without sampling.

A policy's implicit reward is beta log(policy / reference); its Bradley-Terry loss is minimised directly. The
reference's log-probabilities never change, so they are computed once, before the first step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utils.posttraining.finetuning import pad_pairs
from utils.posttraining.logprobs import frozen_copy_check, target_logprobs
from utils.posttraining.preferences import PreferencePair, check_pairs
from utils.posttraining.reward import pair_orders
from utils.posttraining.sft import posttraining_config
from utils.training.loop import TrainingResult, train


def check_beta(beta: float) -> None:
    """Raise ValueError unless beta is positive."""
    if not beta > 0:
        raise ValueError(f"beta must be positive, not {beta}: at 0 nothing holds the policy to the reference")


def dpo_loss(
    policy_chosen: Tensor, policy_rejected: Tensor, reference_chosen: Tensor, reference_rejected: Tensor, beta: float
) -> Tensor:
    """Return the mean DPO loss in nats over pairs, from log-probabilities (B,) of whole answers."""
    check_beta(beta)
    margins = (policy_chosen - reference_chosen) - (policy_rejected - reference_rejected)
    return -F.logsigmoid(beta * margins).mean()


def pair_tensors(pairs: Sequence[PreferencePair]) -> tuple[Tensor, Tensor]:
    """Return inputs and targets (B, 2, T) of pairs, the chosen answer first; only answers are counted."""
    sides = [(pair.prompt, answer) for pair in pairs for answer in (pair.chosen, pair.rejected)]
    inputs, targets = pad_pairs(sides)
    return inputs.view(len(pairs), 2, -1), targets.view(len(pairs), 2, -1)


def pair_logprobs(model: nn.Module, inputs: Tensor, targets: Tensor) -> Tensor:
    """Return log p(answer | prompt) in nats (B, 2) of pairs (B, 2, T)."""
    return target_logprobs(model, inputs.flatten(0, 1), targets.flatten(0, 1)).sum(-1).view(-1, 2)


@torch.no_grad()
def reference_logprobs(model: nn.Module, pairs: Sequence[PreferencePair], batch_size: int = 32) -> Tensor:
    """Return the log-probabilities (N, 2) of all pairs under a model in evaluation mode."""
    was_training, device = model.training, next(model.parameters()).device
    model.eval()
    parts = []
    for first in range(0, len(pairs), batch_size):
        inputs, targets = pair_tensors(pairs[first : first + batch_size])
        parts.append(pair_logprobs(model, inputs.to(device), targets.to(device)).cpu())
    model.train(was_training)
    return torch.cat(parts)


def train_dpo(
    policy: nn.Module,
    pairs: Sequence[PreferencePair],
    *,
    beta: float = 0.1,
    steps: int,
    reference: nn.Module | None = None,
    batch_size: int = 16,
    lr: float = 1e-4,
    seed: int = 0,
    evaluate: Callable[[nn.Module], float] | None = None,
    evaluate_every: int = 0,
    show_progress: bool | None = None,
) -> TrainingResult:
    """Train `policy` in place on preferences.

    Args:
        policy: maps ids (B, T) to logits (B, T, V), or to an object that holds them as `.logits`.
        pairs: see `tokenise_preferences`.
        beta: how firmly the reference holds the policy.
        steps, batch_size: optimiser steps, and pairs per step.
        reference: None is the policy as it is before the first step.
        lr: peak learning rate of AdamW.
        seed: order of the pairs.
        evaluate, evaluate_every, show_progress: as in `utils.training.loop.train`.

    Raises:
        ValueError: beta is not positive, there are no pairs or pairs of equal answers (counted and named), or the
            reference shares trained parameters with the policy.
    """
    check_beta(beta)
    check_pairs(pairs)
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, not {batch_size}")
    if reference is not None:
        frozen_copy_check(policy, reference)
    fixed = reference_logprobs(policy if reference is None else reference, pairs)

    def batches(step: int) -> tuple[Tensor, Tensor, Tensor]:
        places = pair_orders(len(pairs), batch_size, seed, step)
        return *pair_tensors([pairs[place] for place in places]), fixed[places]

    def loss(model: nn.Module, inputs: Tensor, targets: Tensor, reference: Tensor) -> tuple[Tensor, Tensor]:
        own = pair_logprobs(model, inputs, targets)
        mean = dpo_loss(own[:, 0], own[:, 1], reference[:, 0], reference[:, 1], beta)
        return mean * len(own), torch.tensor(len(own))

    config = posttraining_config(steps, lr, evaluate_every, seed)
    return train(policy, batches, config, loss=loss, evaluate=evaluate, show_progress=show_progress, description="DPO")


def implicit_rewards(policy: nn.Module, pairs: Sequence[PreferencePair], reference: Tensor, beta: float) -> Tensor:
    """Return beta log(policy / reference) (N, 2) of pairs; `reference` is what `reference_logprobs` gave."""
    check_beta(beta)
    return beta * (reference_logprobs(policy, pairs) - reference)
