"""Rotary position embedding: a position turns each pair of features by an angle (Su et al., 2021)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor


@lru_cache(maxsize=16)
def rotary_table(length: int, head_dim: int, base: float, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return cosines and sines (length, head_dim / 2) of position * base**(-2i / head_dim), in float32.

    All layers of a model share one table: at 8,192 positions it takes 2 MB, thirty of them would take 60.
    """
    # Without this, a table first made while decoding would be an inference tensor, unusable in training.
    with torch.inference_mode(False), torch.no_grad():
        exponents = torch.arange(0, head_dim, 2, dtype=torch.float64, device=device) / head_dim
        angles = torch.outer(torch.arange(length, dtype=torch.float64, device=device), base**-exponents)
        return angles.cos().float(), angles.sin().float()


def rotate_by(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn the half-split pairs (i, i + d/2) of x (..., d) by angles given as cosines and sines (..., d/2)."""
    first, second = x.chunk(2, dim=-1)
    cos, sin = cos.to(x.dtype), sin.to(x.dtype)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)


def rotate(x: Tensor, positions: Tensor, base: float = 10000.0) -> Tensor:
    """Rotate x (..., T, d) by its positions (T,), half-split pairs (i, i + d/2).

    Raises:
        ValueError: d is odd.
    """
    if x.shape[-1] % 2:
        raise ValueError(f"x must have an even last dimension to rotate, not {x.shape[-1]}")
    exponents = torch.arange(0, x.shape[-1], 2, dtype=torch.float64, device=x.device) / x.shape[-1]
    angles = positions.to(torch.float64)[:, None] * base**-exponents
    return rotate_by(x, angles.cos(), angles.sin())


@dataclass(frozen=True)
class Rotary:
    """The rotation of one model's heads: `rotary(x)` turns x (..., T, head_dim) at positions 0 to T - 1."""

    head_dim: int
    context_length: int
    base: float = 10000.0

    def __call__(self, x: Tensor) -> Tensor:
        """Return x turned by its positions, counted from 0."""
        cos, sin = rotary_table(self.context_length, self.head_dim, self.base, x.device)
        return rotate_by(x, cos[: x.shape[-2]], sin[: x.shape[-2]])
