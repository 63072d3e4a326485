"""The position-wise half of a block: plain, gated, or routed between experts."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn import functional as F

from utils.arguments import called, tensor, whole_number


def swiglu(x: Tensor, w_gate: Tensor, w_up: Tensor, w_down: Tensor) -> Tensor:
    """Return down(silu(gate x) * up x), weights stored (out, in) as in nn.Linear (Shazeer, 2020).

    Raises:
        ValueError: the weights are no matrices that fit x and each other.
    """
    tensor("x", x, least_dims=1)
    D, hidden = x.shape[-1], tensor("w_gate", w_gate, dims=2, last=x.shape[-1]).shape[0]
    for name, weight, shape in (("w_up", w_up, (hidden, D)), ("w_down", w_down, (w_down.shape[0], hidden))):
        if tensor(name, weight, dims=2).shape != shape:
            raise ValueError(f"{name} must have the shape {shape}, not {tuple(weight.shape)}")
    return F.linear(F.silu(F.linear(x, w_gate)) * F.linear(x, w_up), w_down)


class MLP(nn.Module):
    """Two matrices with a nonlinearity between them: down(activation(up x)).

    Args:
        d_model: width D.
        d_ff: hidden width.
        activation: elementwise function; exact GELU by default, as in GPT-2 and BERT's papers.

    Raises:
        ValueError: a width is no positive whole number, or the activation no function.
    """

    def __init__(self, d_model: int, d_ff: int, activation: Callable[[Tensor], Tensor] = F.gelu) -> None:
        super().__init__()
        d_model, d_ff = whole_number("d_model", d_model, least=1), whole_number("d_ff", d_ff, least=1)
        self.d_model = d_model
        self.up_proj = nn.Linear(d_model, d_ff, bias=False)
        self.down_proj = nn.Linear(d_ff, d_model, bias=False)
        self.activation = called("activation", activation)

    def forward(self, x: Tensor) -> Tensor:
        """Return (..., D) from x (..., D)."""
        tensor("x", x, least_dims=1, last=self.d_model)
        return self.down_proj(self.activation(self.up_proj(x)))


class GatedMLP(nn.Module):
    """SwiGLU: one matrix decides how much of another one's output passes."""

    def __init__(self, d_model: int, d_ff: int) -> None:
        super().__init__()
        d_model, d_ff = whole_number("d_model", d_model, least=1), whole_number("d_ff", d_ff, least=1)
        self.d_model = d_model
        self.gate_proj = nn.Linear(d_model, d_ff, bias=False)
        self.up_proj = nn.Linear(d_model, d_ff, bias=False)
        self.down_proj = nn.Linear(d_ff, d_model, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return (..., D) from x (..., D)."""
        tensor("x", x, least_dims=1, last=self.d_model)
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))
