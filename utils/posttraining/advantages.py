"""The arithmetic of PPO (Schulman et al., 2017): rewards per token, advantages, and the two clipped losses.

All tensors are (B, T), one column for each token of the answers, padded on the right; mask: True = a token of the
answer. A padded position must count nowhere: not in the rewards, not in the mean and variance of the advantages, not
in a loss.
"""

from __future__ import annotations

import torch
from torch import Tensor

from utils.posttraining.kl import kl_k1


def _full(mask: Tensor | None, like: Tensor) -> Tensor:
    found = torch.ones_like(like, dtype=torch.bool) if mask is None else mask.bool()
    if found.shape != like.shape:
        raise ValueError(f"mask must have the shape {tuple(like.shape)}, not {tuple(found.shape)}")
    if not bool(found.any(-1).all()):
        raise ValueError("mask: a row has no token of an answer, the batch is without a target")
    return found


def masked_mean(x: Tensor, mask: Tensor) -> Tensor:
    """Return the mean over the real positions of all rows together."""
    return (x * mask).sum() / mask.sum()


def penalised_rewards(
    score: Tensor, logprobs: Tensor, reference_logprobs: Tensor, beta: float, mask: Tensor | None = None
) -> Tensor:
    """Return rewards per token: -beta log(policy / reference), with the score (B,) added at the last real token.

    beta of 0 is PPO without a penalty; a negative one, which would reward distance, raises ValueError.
    """
    if not beta >= 0:
        raise ValueError(f"beta must not be negative, not {beta}")
    real = _full(mask, logprobs)
    rewards = -beta * kl_k1(logprobs, reference_logprobs) * real
    last = real.sum(-1, keepdim=True) - 1
    return rewards.scatter_add(-1, last, score[:, None].to(rewards.dtype))


def advantages(rewards: Tensor, values: Tensor, gamma: float, lam: float, mask: Tensor | None = None) -> Tensor:
    """Return generalised advantage estimates (Schulman et al., 2016), 0 at padding; the value after the end is 0."""
    if not (0 <= gamma <= 1 and 0 <= lam <= 1):
        raise ValueError(f"gamma and lam must lie in [0, 1], not {gamma} and {lam}")
    real = _full(mask, rewards).to(rewards.dtype)
    found = torch.zeros_like(rewards)
    following, next_value = torch.zeros_like(rewards[:, 0]), torch.zeros_like(values[:, 0])
    for t in reversed(range(rewards.shape[1])):
        delta = rewards[:, t] + gamma * next_value - values[:, t]
        following = (delta + gamma * lam * following) * real[:, t]
        next_value = values[:, t] * real[:, t]
        found[:, t] = following
    return found


def whiten(x: Tensor, mask: Tensor | None = None) -> Tensor:
    """Return x with mean 0 and variance 1 over the real positions, and 0 at padding."""
    real = _full(mask, x)
    mean = masked_mean(x, real)
    variance = masked_mean((x - mean) ** 2, real)
    return (x - mean) * (variance + 1e-8).rsqrt() * real


def ppo_loss(
    logprobs: Tensor, old_logprobs: Tensor, advantages: Tensor, clip: float = 0.2, mask: Tensor | None = None
) -> Tensor:
    """Return the mean over real tokens of -min(ratio A, clipped ratio A), with ratio = policy / old policy."""
    if not clip > 0:
        raise ValueError(f"clip must be positive, not {clip}")
    real = _full(mask, logprobs)
    ratio = (logprobs - old_logprobs).exp()
    clipped = ratio.clamp(1 - clip, 1 + clip)
    return masked_mean(-torch.minimum(ratio * advantages, clipped * advantages), real)


def value_loss(
    values: Tensor, old_values: Tensor, returns: Tensor, clip: float = 0.2, mask: Tensor | None = None
) -> Tensor:
    """Return half the mean squared error over real tokens, where a value gains nothing by moving more than `clip`."""
    if not clip > 0:
        raise ValueError(f"clip must be positive, not {clip}")
    real = _full(mask, values)
    clipped = old_values + (values - old_values).clamp(-clip, clip)
    return 0.5 * masked_mean(torch.maximum((values - returns) ** 2, (clipped - returns) ** 2), real)
