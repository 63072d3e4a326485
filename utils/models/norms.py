"""Normalisation over the features of one position."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def rms_norm(x: Tensor, weight: Tensor, eps: float = 1e-5) -> Tensor:
    """Return x / sqrt(mean(x**2) + eps) * weight over the last dimension (Zhang and Sennrich, 2019)."""
    return F.rms_norm(x, (x.shape[-1],), weight, eps)


def layer_norm(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    """Return the centred and scaled x over the last dimension, with biased variance (Ba et al., 2016)."""
    return F.layer_norm(x, (x.shape[-1],), weight, bias, eps)


class RMSNorm(nn.Module):
    """Root mean square norm with one learned gain per feature and no bias."""

    def __init__(self, d_model: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d_model))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """Return the normalised x, of the same shape (..., D)."""
        return rms_norm(x, self.weight, self.eps)
