"""State space layers: fixed diagonal (S4's idea), gated by a product (H3's), and selective (Mamba's).

All carry a state of N numbers per channel. A fixed state space treats every token alike; a selective one
lets each token decide how much it writes and how much of the past it keeps.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utils.arguments import instance, tensor, whole_number
from utils.models.config import ModelConfig
from utils.models.scan import linear_scan

STATE_SIZE = 8


def selective_scan(x: Tensor, delta: Tensor, A: Tensor, B: Tensor, C: Tensor) -> Tensor:
    """Return y (B, T, D) of h_t = exp(delta_t A) h_{t-1} + delta_t B_t x_t, y_t = C_t . h_t, in parallel.

    Args:
        x: inputs (B, T, D).
        delta: positive step sizes (B, T, D).
        A: (D, N), negative for a state that fades.
        B: what each position writes, (B, T, N).
        C: what each position reads, (B, T, N).

    Raises:
        ValueError: the shapes do not fit together.
    """
    tensor("x", x, dims=3)
    _check_selection(x, delta, A, B, C)
    decay = torch.exp(delta[..., None] * A)
    written = (delta * x)[..., None] * B[:, :, None, :]
    return (linear_scan(decay, written) * C[:, :, None, :]).sum(-1)


def selective_step(x: Tensor, delta: Tensor, A: Tensor, B: Tensor, C: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
    """Return y (B, D) and the new state (B, D, N) for one position of `selective_scan`.

    Raises:
        ValueError: the shapes do not fit together.
    """
    tensor("x", x, dims=2)
    _check_selection(x, delta, A, B, C)
    if tensor("h", h).shape != (len(x), *A.shape):
        raise ValueError(f"h must have the shape {(len(x), *A.shape)}, not {tuple(h.shape)}")
    h = torch.exp(delta[..., None] * A) * h + (delta * x)[..., None] * B[:, None, :]
    return (h * C[:, None, :]).sum(-1), h


def _check_selection(x: Tensor, delta: Tensor, A: Tensor, B: Tensor, C: Tensor) -> None:
    N = tensor("A", A, dims=2).shape[1]
    shapes = {"delta": tuple(x.shape), "A": (x.shape[-1], N), "B": (*x.shape[:-1], N), "C": (*x.shape[:-1], N)}
    for (name, shape), value in zip(shapes.items(), (delta, A, B, C), strict=True):
        if tensor(name, value).shape != shape:
            raise ValueError(f"{name} must have the shape {shape} for x {tuple(x.shape)}, not {tuple(value.shape)}")


def diagonal_kernel(log_delta: Tensor, log_a: Tensor, B: Tensor, C: Tensor, length: int) -> Tensor:
    """Return the kernel (D, T) whose convolution with the input is the diagonal state space's output.

    K_s = sum_n C_n exp(-s delta exp(log_a)) B_n, discretised by zero-order hold. Args are (D,) and (D, N).

    Raises:
        ValueError: the shapes do not fit together, or the length is no positive whole number.
    """
    length = whole_number("length", length, least=1)
    shape = tensor("log_a", log_a, dims=2).shape
    tensor("log_delta", log_delta, dims=1, last=shape[0])
    for name, value in (("B", B), ("C", C)):
        if tensor(name, value).shape != shape:
            raise ValueError(f"{name} must have the shape {tuple(shape)}, not {tuple(value.shape)}")
    rate = log_delta.exp()[:, None] * log_a.exp()
    held = -torch.expm1(-rate) / log_a.exp() * B * C
    steps = torch.arange(length, device=rate.device, dtype=rate.dtype)
    return torch.einsum("dn,dnt->dt", held, torch.exp(-rate[..., None] * steps))


def causal_convolution(x: Tensor, kernel: Tensor) -> Tensor:
    """Return y (B, T, D) with y_t = sum_s kernel_s x_{t-s} for x (B, T, D) and kernel (D, T), by FFT.

    Raises:
        ValueError: the kernel has another shape.
    """
    wanted = tensor("x", x, dims=3).shape[:0:-1]
    if tensor("kernel", kernel).shape != wanted:
        raise ValueError(f"kernel must have the shape {tuple(wanted)}, not {tuple(kernel.shape)}")
    T = x.shape[1]
    spectrum = torch.fft.rfft(x, n=2 * T, dim=1) * torch.fft.rfft(kernel, n=2 * T).T
    return torch.fft.irfft(spectrum, n=2 * T, dim=1)[:, :T]


class DiagonalStateSpace(nn.Module):
    """A fixed linear filter per channel: a convolution in training, a recurrence in decoding.

    With `gated`, two more projections multiply before and after the filter (H3, Fu et al., 2023): what enters
    the memory and what is read from it then depends on the tokens. S4D: Gu et al. (2022), real-valued.
    """

    def __init__(self, config: ModelConfig, gated: bool = False, state_size: int = STATE_SIZE) -> None:
        super().__init__()
        D = self.d_model = instance("config", config, ModelConfig).d_model
        state_size = whole_number("state_size", state_size, least=1)
        self.in_proj = nn.Linear(D, (3 if gated else 1) * D, bias=False)
        self.out_proj = nn.Linear(D, D, bias=False)
        self.gated = gated
        # Step sizes between 1/1000 and 1/10: channels that remember from ten to a thousand positions.
        self.log_delta = nn.Parameter(torch.linspace(math.log(1e-3), math.log(1e-1), D))
        self.log_a = nn.Parameter(torch.arange(1, state_size + 1).float().log().repeat(D, 1))
        self.B = nn.Parameter(torch.ones(D, state_size))
        self.C = nn.Parameter(torch.randn(D, state_size) * state_size**-0.5)
        self.skip = nn.Parameter(torch.ones(D))

    def _inputs(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        if not self.gated:
            return self.in_proj(x), None
        value, write, read = self.in_proj(x).chunk(3, dim=-1)
        return value * write, read

    def _outputs(self, y: Tensor, u: Tensor, read: Tensor | None) -> Tensor:
        y = y + self.skip * u
        return self.out_proj(F.gelu(y) if read is None else y * read)

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, T, D) from x (B, T, D)."""
        u, read = self._inputs(tensor("x", x, dims=3, last=self.d_model))
        kernel = diagonal_kernel(self.log_delta, self.log_a, self.B, self.C, x.shape[1])
        return self._outputs(causal_convolution(u, kernel), u, read)

    def initial_state(self, batch_size: int) -> Tensor:
        """Return the state before the first position: zeros (B, D, N)."""
        batch_size = whole_number("batch_size", batch_size, least=1)
        return self.B.new_zeros(batch_size, *self.B.shape)

    def step(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Return (B, D) and the new state from one position x (B, D)."""
        u, read = self._inputs(tensor("x", x, dims=2, last=self.d_model))
        rate = self.log_delta.exp()[:, None] * self.log_a.exp()
        held = -torch.expm1(-rate) / self.log_a.exp() * self.B
        state = torch.exp(-rate) * state + held * u[..., None]
        return self._outputs((state * self.C).sum(-1), u, read), state


SelectiveState = tuple[Tensor, Tensor]


class SelectiveStateSpace(nn.Module):
    """Mamba's mixer: a short convolution, a scan whose step, input and output depend on the token, a gate.

    Gu and Dao (2023), "Mamba". The inner width is twice the model's.
    """

    def __init__(self, config: ModelConfig, state_size: int = STATE_SIZE, kernel_size: int = 4) -> None:
        super().__init__()
        D = self.d_model = instance("config", config, ModelConfig).d_model
        inner = 2 * D
        state_size = whole_number("state_size", state_size, least=1)
        kernel_size = whole_number("kernel_size", kernel_size, least=1)
        self.inner, self.state_size, self.kernel_size = inner, state_size, kernel_size
        self.rank = max(1, D // 16)
        self.in_proj = nn.Linear(D, 2 * inner, bias=False)
        self.conv = nn.Conv1d(inner, inner, kernel_size, groups=inner)
        self.select = nn.Linear(inner, self.rank + 2 * state_size, bias=False)
        self.delta_proj = nn.Linear(self.rank, inner, bias=False)
        # Kept apart from the projection, so that drawing fresh matrices leaves the step sizes as they are.
        start = torch.exp(torch.linspace(math.log(1e-3), math.log(1e-1), inner))
        self.delta_bias = nn.Parameter(torch.log(torch.expm1(start)))
        self.log_a = nn.Parameter(torch.arange(1, state_size + 1).float().log().repeat(inner, 1))
        self.skip = nn.Parameter(torch.ones(inner))
        self.out_proj = nn.Linear(inner, D, bias=False)

    def _selection(self, u: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        low, B, C = self.select(u).split((self.rank, self.state_size, self.state_size), dim=-1)
        return F.softplus(self.delta_proj(low) + self.delta_bias), B, C

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, T, D) from x (B, T, D)."""
        u, gate = self.in_proj(tensor("x", x, dims=3, last=self.d_model)).chunk(2, dim=-1)
        u = F.silu(self.conv(F.pad(u.transpose(1, 2), (self.kernel_size - 1, 0))).transpose(1, 2))
        delta, B, C = self._selection(u)
        y = selective_scan(u, delta, -self.log_a.exp(), B, C) + self.skip * u
        return self.out_proj(y * F.silu(gate))

    def initial_state(self, batch_size: int) -> SelectiveState:
        """Return zeros: the last inputs of the convolution (B, inner, K - 1) and the state (B, inner, N)."""
        new, batch_size = self.skip.new_zeros, whole_number("batch_size", batch_size, least=1)
        past = new(batch_size, self.inner, self.kernel_size - 1)
        return past, new(batch_size, self.inner, self.state_size)

    def step(self, x: Tensor, state: SelectiveState) -> tuple[Tensor, SelectiveState]:
        """Return (B, D) and the new state from one position x (B, D)."""
        past, h = state
        u, gate = self.in_proj(tensor("x", x, dims=2, last=self.d_model)).chunk(2, dim=-1)
        window = torch.cat((past, u[..., None]), -1)
        u = F.silu(self.conv(window)[..., 0])
        delta, B, C = self._selection(u)
        y, h = selective_step(u, delta, -self.log_a.exp(), B, C, h)
        return self.out_proj((y + self.skip * u) * F.silu(gate)), (window[..., 1:], h)
