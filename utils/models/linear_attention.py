"""Linear attention: a feature map instead of the softmax turns attention into a recurrence.

Katharopoulos et al. (2020), "Transformers are RNNs"; RWKV (Peng et al., 2023) rests on the same idea, with a
decay. The parallel form trains on all positions at once, the recurrent one carries a state that does not grow.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utils.arguments import instance, shapes_that_fit, tensor, whole_number
from utils.models.attention import merge_heads, split_heads
from utils.models.config import ModelConfig

CHUNK = 64
LinearState = tuple[Tensor, Tensor]


def feature_map(x: Tensor) -> Tensor:
    """Return elu(x) + 1, which is positive; anything but floating-point numbers raises ValueError."""
    tensor("x", x, kind="float")
    return F.elu(x) + 1


def linear_attention_parallel(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Return causal normalised linear attention (..., T, e) of q, k (..., T, d) and v (..., T, e).

    Within chunks of 64 positions pairs are compared directly, between chunks sums of k v' are carried, so
    that time and memory grow with T and not with its square.

    Raises:
        ValueError: the shapes do not fit together.
    """
    _check_sequences(q, k, v)
    q, k = feature_map(q), feature_map(k)
    T = q.shape[-2]
    chunk = min(CHUNK, T)
    # Features of 0 add nothing to any sum, so padded positions are silent.
    q, k, v = (F.pad(x, (0, 0, 0, -T % chunk)).unflatten(-2, (-1, chunk)) for x in (q, k, v))
    # One more value that is always 1 makes the same sums give the normaliser.
    v = torch.cat((v, torch.ones_like(v[..., :1])), -1)
    sums = k.transpose(-2, -1) @ v
    before = sums.cumsum(-3) - sums
    within = (q @ k.transpose(-2, -1)).tril() @ v
    out = (within + q @ before).flatten(-3, -2)[..., :T, :]
    return out[..., :-1] / out[..., -1:]


def linear_attention_step(q: Tensor, k: Tensor, v: Tensor, state: LinearState) -> tuple[Tensor, LinearState]:
    """Return output (..., e) and the new state for one position's q, k (..., d) and v (..., e).

    The state is the sum of k v' (..., d, e) and of k (..., d) so far.

    Raises:
        ValueError: the shapes do not fit together.
    """
    shapes_that_fit(q=tensor("q", q, least_dims=1), k=tensor("k", k, least_dims=1))
    tensor("v", v, least_dims=1)
    if state[0].shape[-2:] != (k.shape[-1], v.shape[-1]) or state[1].shape[-1] != k.shape[-1]:
        shapes = f"{tuple(state[0].shape)} and {tuple(state[1].shape)}"
        raise ValueError(f"state must hold sums for k {tuple(k.shape)} and v {tuple(v.shape)}, not {shapes}")
    q, k = feature_map(q), feature_map(k)
    sums = state[0] + k[..., :, None] * v[..., None, :]
    norm = state[1] + k
    out = (q[..., None, :] @ sums)[..., 0, :] / (q * norm).sum(-1, keepdim=True)
    return out, (sums, norm)


def linear_attention_recurrent(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Return the same as `linear_attention_parallel`, position by position with a state of fixed size.

    Raises:
        ValueError: the shapes do not fit together.
    """
    _check_sequences(q, k, v)
    sums = torch.zeros(*k.shape[:-2], k.shape[-1], v.shape[-1], dtype=k.dtype, device=k.device)
    state = (sums, torch.zeros_like(k[..., 0, :]))
    outputs = []
    for t in range(q.shape[-2]):
        out, state = linear_attention_step(q[..., t, :], k[..., t, :], v[..., t, :], state)
        outputs.append(out)
    return torch.stack(outputs, -2)


def _check_sequences(q: Tensor, k: Tensor, v: Tensor) -> None:
    for name, value in (("q", q), ("k", k), ("v", v)):
        tensor(name, value, least_dims=2)
    if q.shape != k.shape or v.shape[:-1] != k.shape[:-1] or not k.shape[-2]:
        raise ValueError(
            f"q and k must have one shape (..., T, d) and v (..., T, e), with T at least 1,"
            f" not {tuple(q.shape)}, {tuple(k.shape)} and {tuple(v.shape)}"
        )


class LinearAttention(nn.Module):
    """Multi-head linear attention as a mixer: `forward` in parallel, `step` one position at a time."""

    def __init__(self, config: ModelConfig) -> None:
        instance("config", config, ModelConfig).refuse_variants("linear attention")
        super().__init__()
        self.d_model, self.n_heads, self.head_dim = config.d_model, config.n_heads, config.head_dim
        self.q_proj = nn.Linear(config.d_model, config.d_model, bias=False)
        self.k_proj = nn.Linear(config.d_model, config.d_model, bias=False)
        self.v_proj = nn.Linear(config.d_model, config.d_model, bias=False)
        self.o_proj = nn.Linear(config.d_model, config.d_model, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, T, D) from x (B, T, D)."""
        tensor("x", x, dims=3, last=self.d_model)
        q, k, v = (split_heads(p(x), self.n_heads) for p in (self.q_proj, self.k_proj, self.v_proj))
        return self.o_proj(merge_heads(linear_attention_parallel(q, k, v)))

    def initial_state(self, batch_size: int) -> LinearState:
        """Return the state before the first position: zeros (B, H, d, d) and (B, H, d)."""
        batch_size = whole_number("batch_size", batch_size, least=1)
        norm = self.q_proj.weight.new_zeros(batch_size, self.n_heads, self.head_dim)
        return norm[..., None].repeat(1, 1, 1, self.head_dim), norm

    def step(self, x: Tensor, state: LinearState) -> tuple[Tensor, LinearState]:
        """Return (B, D) and the new state from one position x (B, D)."""
        tensor("x", x, dims=2, last=self.d_model)
        heads = (len(x), self.n_heads, self.head_dim)
        q, k, v = (p(x).view(heads) for p in (self.q_proj, self.k_proj, self.v_proj))
        out, state = linear_attention_step(q, k, v, state)
        return self.o_proj(out.flatten(1)), state
