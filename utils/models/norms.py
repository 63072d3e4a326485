"""Normalisation over the features of one position."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utils.arguments import real_number, tensor, whole_number


def rms_norm(x: Tensor, weight: Tensor, eps: float = 1e-5) -> Tensor:
    """Return x / sqrt(mean(x**2) + eps) * weight over the last dimension (Zhang and Sennrich, 2019).

    Raises:
        ValueError: the weight has not one gain for each feature.
    """
    _check(x, eps, weight=weight)
    if x.dtype in (torch.float16, torch.bfloat16):  # older torch squares in half precision, which overflows
        return F.rms_norm(x.float(), (x.shape[-1],), weight.float(), eps).to(x.dtype)
    return F.rms_norm(x, (x.shape[-1],), weight, eps)


def layer_norm(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    """Return the centred and scaled x over the last dimension, with biased variance (Ba et al., 2016).

    Raises:
        ValueError: weight or bias has not one number for each feature.
    """
    _check(x, eps, weight=weight, bias=bias)
    return F.layer_norm(x, (x.shape[-1],), weight, bias, eps)


def _check(x: Tensor, eps: float, **parameters: Tensor) -> None:
    tensor("x", x, least_dims=1, kind="float")
    real_number("eps", eps, least=0)
    for name, parameter in parameters.items():
        tensor(name, parameter, dims=1, last=x.shape[-1])


class RMSNorm(nn.Module):
    """Root mean square norm with one learned gain per feature and no bias."""

    def __init__(self, d_model: int, eps: float = 1e-5) -> None:
        super().__init__()
        d_model = whole_number("d_model", d_model, least=1)
        self.weight = nn.Parameter(torch.ones(d_model))
        self.eps = real_number("eps", eps, least=0)

    def forward(self, x: Tensor) -> Tensor:
        """Return the normalised x, of the same shape (..., D)."""
        return rms_norm(x, self.weight, self.eps)
