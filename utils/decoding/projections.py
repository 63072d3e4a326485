"""Matrices as decoding wants them: laid out for one product per token, in full precision, 8 or 4 bits."""

from __future__ import annotations

import warnings
from typing import Literal, Protocol, get_args

import torch
from torch import Tensor

Weights = Literal["float32", "int8", "int4"]
BLOCK = 32
# Logits of this many likeliest tokens are computed again in full precision behind an approximate output layer.
CANDIDATES = 32


class Projection(Protocol):
    """A linear map that can write into memory that exists already."""

    def __call__(self, x: Tensor) -> Tensor:
        """Return (N, out) from x (N, in)."""

    def write(self, x: Tensor, out: Tensor) -> None:
        """Write the image of x (N, in) to out (N, out)."""

    def add(self, x: Tensor, out: Tensor) -> None:
        """Add the image of x (N, in) to out (N, out)."""


class DenseProjection:
    """Weights (out, in), kept transposed: reading along the rows is the faster way for a single token.

    The gain of a norm before it is multiplied into the matrix once and for all.
    """

    def __init__(self, weight: Tensor, gain: Tensor | None = None) -> None:
        self.matrix = (weight if gain is None else weight * gain).t().contiguous()

    def __call__(self, x: Tensor) -> Tensor:
        return torch.mm(x, self.matrix)

    def write(self, x: Tensor, out: Tensor) -> None:
        torch.mm(x, self.matrix, out=out)

    def add(self, x: Tensor, out: Tensor) -> None:
        out.addmm_(x, self.matrix)


class BiasedProjection:
    """A projection in any format, and a bias (out,) in full precision."""

    def __init__(self, matrix: Projection, bias: Tensor) -> None:
        self.matrix, self.bias = matrix, bias

    def __call__(self, x: Tensor) -> Tensor:
        return self.matrix(x) + self.bias.to(x.dtype)

    def write(self, x: Tensor, out: Tensor) -> None:
        self.matrix.write(x, out)
        out.add_(self.bias)

    def add(self, x: Tensor, out: Tensor) -> None:
        self.matrix.add(x, out)
        out.add_(self.bias)


class _QuantisedProjection:
    """What the coarse formats share. Gains stay outside: they even out the inputs, and would unsettle the rows."""

    gain: Tensor | None

    def __call__(self, x: Tensor) -> Tensor:
        raise NotImplementedError

    def write(self, x: Tensor, out: Tensor) -> None:
        out.copy_(self(x))

    def add(self, x: Tensor, out: Tensor) -> None:
        out.add_(self(x))


class Int8Projection(_QuantisedProjection):
    """Weights in 8 bits with one scale per output; inputs are rounded to 8 bits for each product."""

    def __init__(self, weight: Tensor, gain: Tensor | None = None) -> None:
        self.gain = gain
        weight = weight.float()
        scales = weight.abs().amax(1).clamp_min(1e-8).double() / 127
        zeros = torch.zeros(len(weight), dtype=torch.int64)
        with warnings.catch_warnings():
            # torch announces another way to make these tensors; there is none yet that its product takes.
            warnings.simplefilter("ignore", UserWarning)
            quantised = torch.quantize_per_channel(weight, scales, zeros, 0, torch.qint8)
            self.packed = torch.ops.quantized.linear_prepack(quantised, None)
        # Without these instructions sums of 8-bit products overflow 16 bits, and inputs keep 7 bits only.
        self.reduce_range = not getattr(torch.cpu, "_is_vnni_supported", lambda: False)()

    def __call__(self, x: Tensor) -> Tensor:
        x = x.contiguous() if self.gain is None else x * self.gain
        if len(x) == 1:
            return torch.ops.quantized.linear_dynamic(x, self.packed, self.reduce_range)
        # The product has one range for all rows; without this, one row of large numbers would blur the others.
        size = x.abs().amax(-1, keepdim=True).clamp_min(1e-12)
        return torch.ops.quantized.linear_dynamic(x / size, self.packed, self.reduce_range) * size


class Int4Projection(_QuantisedProjection):
    """Weights in blocks of 32 four-bit numbers with a scale and a minimum each; inputs in bfloat16.

    That is the scheme in which SmolLM2's file stores its matrices (Q4_1), so for that model the numbers are
    the file's own, but for the rounding of the scales to bfloat16.
    """

    def __init__(self, weight: Tensor, gain: Tensor | None = None) -> None:
        self.gain = gain
        blocks = weight.float().unflatten(1, (-1, BLOCK))
        low, high = blocks.aminmax(dim=-1)
        scale = ((high - low) / 15).clamp_min(1e-12)
        numbers = ((blocks - low[..., None]) / scale[..., None]).round().clamp(0, 15).int().flatten(1)
        # The kernel reads a number q as (q - 8) * scale + centre.
        scale_centre = torch.stack((scale, low + 8 * scale), -1).transpose(0, 1).contiguous()
        self.scale_centre = scale_centre.bfloat16()
        self.packed = torch.ops.aten._convert_weight_to_int4pack_for_cpu(numbers, 1)

    def __call__(self, x: Tensor) -> Tensor:
        x = (x if self.gain is None else x * self.gain).bfloat16()
        return torch.ops.aten._weight_int4pack_mm_for_cpu(x, self.packed, BLOCK, self.scale_centre)


class ShortlistHead:
    """An output layer in 8 bits whose likeliest tokens get their exact logits.

    The coarse product finds the `CANDIDATES` likeliest tokens of each row, then only their rows of the matrix
    are read in full precision: the order of the leaders is not left to rounding.
    """

    def __init__(self, weight: Tensor, gain: Tensor) -> None:
        self.coarse, self.weight, self.gain = Int8Projection(weight, gain), weight, gain

    def __call__(self, x: Tensor) -> Tensor:
        """Return logits (N, V) from x (N, D)."""
        logits = self.coarse(x)
        ids = logits.topk(min(CANDIDATES, logits.shape[-1]), dim=-1).indices
        exact = torch.bmm(self.weight[ids], (x * self.gain)[:, :, None])[:, :, 0]
        return logits.scatter_(1, ids, exact)


def check_format(weights: Weights, device: torch.device) -> None:
    """Raise ValueError for an unknown format, or one that is not offered on the device or by this torch."""
    if weights not in get_args(Weights):
        raise ValueError(f"weights must be one of {', '.join(get_args(Weights))}, not {weights!r}")
    if weights != "float32" and device.type != "cpu":
        raise ValueError(f"weights {weights!r} decode on the CPU only, the model is on {device}")
    if weights == "int4" and not hasattr(torch.ops.aten, "_weight_int4pack_mm_for_cpu"):
        raise ValueError(f"weights 'int4' need a newer torch than {torch.__version__}")


def projection(weight: Tensor, weights: Weights, gain: Tensor | None = None) -> Projection:
    """Return the projection of a matrix (out, in) behind an optional gain (in,), in the format asked for.

    Matrices that 4-bit blocks do not fit (in not a multiple of 32, out not of 16) take 8 bits instead.
    """
    if weights == "float32":
        return DenseProjection(weight, gain)
    if weights == "int4" and weight.shape[1] % BLOCK == 0 and weight.shape[0] % 16 == 0:
        return Int4Projection(weight, gain)
    return Int8Projection(weight, gain)
