"""Matrices as decoding wants them: laid out for one product per token, in full precision or in 8 bits."""

from __future__ import annotations

from typing import Literal, Protocol

import torch
from torch import Tensor

Weights = Literal["float32", "int8"]


class Projection(Protocol):
    """A linear map that writes into memory that exists already."""

    def __call__(self, x: Tensor) -> Tensor:
        """Return (N, out) from x (N, in)."""

    def write(self, x: Tensor, out: Tensor) -> None:
        """Write the image of x (N, in) to out (N, out)."""

    def add(self, x: Tensor, out: Tensor) -> None:
        """Add the image of x (N, in) to out (N, out)."""


class DenseProjection:
    """Weights (out, in), kept transposed: reading along the rows is the faster way for a single token."""

    def __init__(self, weight: Tensor) -> None:
        self.matrix = weight.t().contiguous()

    def __call__(self, x: Tensor) -> Tensor:
        return torch.mm(x, self.matrix)

    def write(self, x: Tensor, out: Tensor) -> None:
        torch.mm(x, self.matrix, out=out)

    def add(self, x: Tensor, out: Tensor) -> None:
        out.addmm_(x, self.matrix)


class Int8Projection:
    """Weights in 8 bits with one scale per output, inputs quantised to 8 bits for each product.

    A token then reads a quarter of the bytes. The result differs from full precision by about a percent, so
    greedy text departs now and then where two tokens are nearly as likely.
    """

    def __init__(self, weight: Tensor) -> None:
        weight = weight.float()
        scales = weight.abs().amax(1).clamp_min(1e-8).double() / 127
        zeros = torch.zeros(len(weight), dtype=torch.int64)
        quantised = torch.quantize_per_channel(weight, scales, zeros, 0, torch.qint8)
        self.packed = torch.ops.quantized.linear_prepack(quantised, None)

    def __call__(self, x: Tensor) -> Tensor:
        # The last argument keeps inputs to 7 bits where the processor would overflow its 16-bit sums.
        return torch.ops.quantized.linear_dynamic(x, self.packed, True)

    def write(self, x: Tensor, out: Tensor) -> None:
        out.copy_(self(x))

    def add(self, x: Tensor, out: Tensor) -> None:
        out.add_(self(x))


def projection(weight: Tensor, weights: Weights) -> Projection:
    """Return the projection of a matrix (out, in) in the format asked for.

    Raises:
        ValueError: the format is unknown, or is not offered for the device.
    """
    if weights == "float32":
        return DenseProjection(weight)
    if weights == "int8":
        if weight.device.type != "cpu":
            raise ValueError(f"weights 'int8' decode on the CPU only, the model is on {weight.device}")
        return Int8Projection(weight)
    raise ValueError(f"weights must be 'float32' or 'int8', not {weights!r}")
