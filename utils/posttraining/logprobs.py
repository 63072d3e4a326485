"""Log-probabilities of given tokens, with a gradient, from any model that maps ids to logits."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from utils.models.gpt import GPT
from utils.posttraining.finetuning import NOT_COUNTED


def target_logprobs(model: nn.Module, inputs: Tensor, targets: Tensor, temperature: float = 1.0) -> Tensor:
    """Return log p(target) in nats at every position (B, T), 0 where the target is -100.

    Args:
        model: causal; ids (B, T) -> logits (B, T, V), or an object that holds them as `.logits`.
        inputs: (B, T) ids, padded on the right, where a causal model cannot see the padding from a real position.
        targets: (B, T) ids already moved on by one.
        temperature: of the sampler that drew the targets; another one would give the log-probabilities of another
            policy, and ratios that are not 1 before the first step.

    Raises:
        ValueError: no position has a target, or the temperature is not positive.
    """
    if not temperature > 0:
        raise ValueError(f"temperature must be positive, not {temperature}")
    counted = targets != NOT_COUNTED
    if not bool(counted.any()):
        raise ValueError("targets: the batch has no target, every position is ignored")
    if isinstance(model, GPT):  # its output layer is computed where it counts only
        logits = model.head(model.hidden(inputs)[counted])
    else:
        output = model(inputs)
        logits = getattr(output, "logits", output)[counted]
    picked = (logits.float() / temperature).log_softmax(-1).gather(-1, targets[counted][:, None])[:, 0]
    return torch.zeros(targets.shape, device=picked.device).masked_scatter(counted, picked)


def frozen_copy_check(policy: nn.Module, reference: nn.Module) -> None:
    """Raise ValueError when the reference shares parameters with the policy, and would move with it."""
    own = {id(parameter) for parameter in policy.parameters() if parameter.requires_grad}
    if any(id(parameter) in own for parameter in reference.parameters()):
        raise ValueError("reference shares trained parameters with the policy and would move: pass a copy.deepcopy")
