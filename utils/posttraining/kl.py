"""How far a policy has moved: estimators of KL(policy || reference) from the policy's own samples.

With r = reference(x) / policy(x) and x drawn from the policy (Schulman, 2020, "Approximating KL divergence"):
k1 = -log r is unbiased and may be negative; k2 = (log r)^2 / 2 is biased and varies less; k3 = (r - 1) - log r is
unbiased and never negative.
"""

from __future__ import annotations

import torch
from torch import Tensor


def kl_k1(logprobs: Tensor, reference_logprobs: Tensor) -> Tensor:
    """Return log(policy / reference) of samples, in nats, of the arguments' shape."""
    return logprobs - reference_logprobs


def kl_k2(logprobs: Tensor, reference_logprobs: Tensor) -> Tensor:
    """Return half the square of log(policy / reference)."""
    return 0.5 * (logprobs - reference_logprobs) ** 2


def kl_k3(logprobs: Tensor, reference_logprobs: Tensor) -> Tensor:
    """Return r - 1 - log r with r = reference / policy; expm1 keeps the digits where the two are close."""
    log_ratio = reference_logprobs - logprobs
    return torch.expm1(log_ratio) - log_ratio


def exact_kl(logits: Tensor, reference_logits: Tensor) -> Tensor:
    """Return KL(policy || reference) in nats (...) of next-token distributions given by logits (..., V)."""
    own, other = logits.float().log_softmax(-1), reference_logits.float().log_softmax(-1)
    # A token that the policy never writes adds nothing, whatever the reference says of it.
    return torch.where(own == -torch.inf, 0.0, own.exp() * (own - other)).sum(-1)


def sequence_kl(logprobs: Tensor, reference_logprobs: Tensor, mask: Tensor) -> Tensor:
    """Return the mean over answers (B, T) of log(policy / reference) of the whole answer, in nats.

    mask (B, T): True = a token of the answer. A whole answer's divergence is the sum over its tokens, not their mean.
    """
    if not bool(mask.any(-1).all()):
        raise ValueError("mask: a row has no token of an answer")
    return (kl_k1(logprobs, reference_logprobs) * mask).sum(-1).mean()
