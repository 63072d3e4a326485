"""How much of a gradient arrives over a distance: in recurrences, and in attention."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


def _outputs(reader: nn.Module, x: Tensor) -> Tensor:
    found = reader(x)
    return found[0] if isinstance(found, tuple) else found


def gradient_by_distance(reader: nn.Module, width: int, distances: Sequence[int], seed: int) -> list[float]:
    """Return the norm of the last output's gradient by the input at each distance, over that at distance 1.

    Args:
        reader: from (B, T, D) to (B, T, D), or to a tuple that begins with it.
        width: D.
        distances: in tokens, back from the last one.
        seed: of the text, and of the direction in which the output is moved.
    """
    total = max(distances) + 1
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(1, total, width, generator=generator, requires_grad=True)
    direction = torch.randn(width, generator=torch.Generator().manual_seed(seed + 1))
    (gradient,) = torch.autograd.grad(_outputs(reader, x)[0, -1] @ direction, x)
    norms = gradient[0].norm(dim=-1)
    return [(norms[total - 1 - distance] / norms[total - 2]).item() for distance in distances]


def lstm_with_forget_bias(width: int, bias: float, seed: int) -> nn.LSTM:
    """Return an LSTM as it is initialised, but for the bias of its forget gate (Jozefowicz et al., 2015).

    The gate keeps sigmoid(bias) of the cell at each step when its inputs are zero: one half at a bias of 0, which is
    about where torch starts. With one seed, LSTMs differ in this bias alone.
    """
    torch.manual_seed(seed)
    layer = nn.LSTM(width, width, batch_first=True)
    with torch.no_grad():
        weights = dict(layer.named_parameters())
        # torch adds two biases, each for the gates input, forget, cell, output in this order.
        weights["bias_ih_l0"][width : 2 * width] = bias
        weights["bias_hh_l0"][width : 2 * width] = 0.0
    return layer


def rotating_recurrence(width: int, gain: float, seed: int) -> nn.RNN:
    """Return a plain recurrence whose matrix is a rotation times a gain: each step multiplies by it."""
    torch.manual_seed(seed)
    layer = nn.RNN(width, width, batch_first=True)
    with torch.no_grad():
        weights = dict(layer.named_parameters())
        weights["weight_hh_l0"].copy_(gain * torch.linalg.qr(torch.randn(width, width))[0])
        weights["weight_ih_l0"].mul_(0.02)  # small inputs keep tanh near its straight part
        weights["bias_ih_l0"].zero_()
        weights["bias_hh_l0"].zero_()
    return layer
