"""Rotary position embedding: a position turns each pair of features by an angle (Su et al., 2021)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from utils.arguments import shapes_that_fit, shown, tensor, torch_device, whole_number
from utils.models.rope_scaling import RopeScaling, rotary_frequencies

if TYPE_CHECKING:
    from utils.models.config import ModelConfig


@lru_cache(maxsize=16)
def rotary_table(
    length: int, head_dim: int, base: float, device: torch.device, scaling: RopeScaling | None = None
) -> tuple[Tensor, Tensor]:
    """Return cosines and sines (length, head_dim / 2) of position * base**(-2i / head_dim), in float32.

    With `scaling` the angles are scaled, and both tables multiplied by its amplitude. All layers of a model share one
    table: at 8,192 positions it takes 2 MB, thirty of them would take 60.

    Raises:
        ValueError: no positive length, or as `rotary_frequencies`.
    """
    length = whole_number("length", length, least=1)
    # Without this, a table first made while decoding would be an inference tensor, unusable in training.
    with torch.inference_mode(False), torch.no_grad():
        frequencies = rotary_frequencies(head_dim, base, scaling, device)
        angles = torch.outer(torch.arange(length, dtype=torch.float64, device=device), frequencies)
        amplitude = 1.0 if scaling is None else scaling.amplitude
        return (angles.cos() * amplitude).float(), (angles.sin() * amplitude).float()


def rotate_by(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn the half-split pairs (i, i + d/2) of x (..., d) by angles given as cosines and sines (..., d/2).

    Raises:
        ValueError: d is odd, or the shapes do not fit together.
    """
    tensor("x", x, least_dims=1)
    if x.shape[-1] % 2:
        raise ValueError(f"x must have an even last dimension to rotate, not {x.shape[-1]}")
    first, second = x.chunk(2, dim=-1)
    cos, sin = cos.to(x.dtype), sin.to(x.dtype)
    try:
        return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)
    except RuntimeError:
        shapes_that_fit(pairs=first, cos=cos, sin=sin)
        raise


def rotate(x: Tensor, positions: Tensor, base: float = 10000.0) -> Tensor:
    """Rotate x (..., T, d) by its positions (T,), half-split pairs (i, i + d/2).

    Raises:
        ValueError: d is odd, or there are not T positions.
    """
    tensor("x", x, least_dims=2)
    tensor("positions", positions, dims=1, last=x.shape[-2])
    if x.shape[-1] % 2:
        raise ValueError(f"x must have an even last dimension to rotate, not {x.shape[-1]}")
    angles = positions.to(torch.float64)[:, None] * rotary_frequencies(x.shape[-1], base, device=x.device)
    return rotate_by(x, angles.cos(), angles.sin())


@dataclass(frozen=True)
class Rotary:
    """The rotation of one model's heads: `rotary(x)` turns x (..., T, head_dim) at positions 0 to T - 1."""

    head_dim: int
    context_length: int
    base: float = 10000.0
    scaling: RopeScaling | None = None

    def __post_init__(self) -> None:
        whole_number("context_length", self.context_length, least=1)
        rotary_frequencies(self.head_dim, self.base, self.scaling)  # raises what is wrong with the others

    @classmethod
    def of(cls, config: ModelConfig) -> Rotary:
        """Return the rotation that a model's config describes; anything else raises ValueError."""
        if not hasattr(config, "rope_scaling"):
            raise ValueError(f"config must be a ModelConfig, not {shown(config)}")
        return cls(config.head_dim, config.context_length, config.rope_base, config.rope_scaling)

    def table(self, device: torch.device) -> tuple[Tensor, Tensor]:
        """Return the cosines and sines (context_length, head_dim / 2) of all positions; ValueError for no device."""
        place = torch_device("device", device)
        return rotary_table(self.context_length, self.head_dim, self.base, place, self.scaling)

    def __call__(self, x: Tensor) -> Tensor:
        """Return x turned by its positions, counted from 0; more than `context_length` raise ValueError."""
        length = tensor("x", x, least_dims=2).shape[-2]
        if length > self.context_length or x.shape[-1] != self.head_dim:
            raise ValueError(
                f"x must have at most {self.context_length} positions of {self.head_dim} features,"
                f" not the shape {tuple(x.shape)}"
            )
        cos, sin = self.table(x.device)
        return rotate_by(x, cos[:length], sin[:length])
