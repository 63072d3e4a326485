"""A transformer block rearranged for decoding: few products, few calls, the same numbers.

Four things change and none of them the result, but for rounding:

- query, key and value matrices become one, gate and up become one;
- the gain of each norm and the scale 1 / sqrt(d) of the scores move into the matrices behind them (gains
  stay outside of coarse formats, see `projections`);
- rotary pairs become neighbours, so that a rotation is one product with complex numbers (queries and keys
  are reordered alike, which scores do not notice);
- the constant inside the root of a norm becomes one more, fixed feature of the stream: the length of
  (x, sqrt(D eps)) is sqrt(D) times the root that RMSNorm divides by.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utils.decoding.projections import BiasedProjection, Projection, Weights, projection
from utils.models.attention import MultiHeadAttention
from utils.models.block import TransformerBlock
from utils.models.mlp import MLP, GatedMLP
from utils.models.norms import RMSNorm


def linear_parts(layer: nn.Module) -> tuple[Tensor, Tensor | None] | None:
    """Return matrix and bias of a linear layer, adapters merged; None for any other module."""
    merge = getattr(layer, "merge", None)
    if callable(merge):
        layer = merge()
    if isinstance(layer, nn.Linear):
        return layer.weight.detach(), None if layer.bias is None else layer.bias.detach()
    return None


def linear_weight(layer: nn.Module) -> Tensor | None:
    """Return the matrix of a linear layer without bias, adapters merged; None for any other module."""
    parts = linear_parts(layer)
    return None if parts is None or parts[1] is not None else parts[0]


def can_fuse(block: nn.Module) -> bool:
    """Return whether a block is a transformer block of plain parts, that decoding may rearrange."""
    if type(block) is not TransformerBlock or type(block.attention) is not MultiHeadAttention:
        return False
    if not (type(block.norm1) is type(block.norm2) is RMSNorm):
        return False
    attention = block.attention
    inner = (attention.q_proj, attention.k_proj, attention.v_proj)
    return linear_weight(attention.o_proj) is not None and all(linear_parts(layer) is not None for layer in inner)


def folded_gain(norm: RMSNorm) -> Tensor:
    """Return what a direction x / |x| has to be multiplied by for RMSNorm: its gain times sqrt(D)."""
    return norm.weight.detach() * norm.weight.numel() ** 0.5


def _neighbours(weight: Tensor, n_heads: int) -> Tensor:
    """Reorder the rows of each head from half-split rotary pairs (i, i + d/2) to (2i, 2i + 1)."""
    rows, columns = weight.shape
    return weight.view(n_heads, 2, rows // n_heads // 2, columns).transpose(1, 2).reshape(rows, columns)


class FusedMLP:
    """The MLP of a block behind its norm; `add` takes the direction x / |x| and adds to the stream."""

    def __init__(self, norm: RMSNorm, mlp: nn.Module, weights: Weights) -> None:
        self.up: Projection | None = None
        self.gain = folded_gain(norm)
        self.module = mlp
        self.gated = type(mlp) is GatedMLP
        if isinstance(mlp, GatedMLP | MLP) and type(mlp) in (GatedMLP, MLP):
            down, up = linear_weight(mlp.down_proj), linear_weight(mlp.up_proj)
            gate = linear_weight(mlp.gate_proj) if isinstance(mlp, GatedMLP) else up
            if down is None or up is None or gate is None:
                return
            first = torch.cat((gate, up)) if self.gated else up
            self.up = projection(first, weights, self.gain)
            self.down = projection(down, weights)
            self.activation = F.silu if isinstance(mlp, GatedMLP) else mlp.activation

    def add(self, direction: Tensor, x: Tensor) -> None:
        """Add the MLP's output (N, D) to x, from the direction (N, D) of x."""
        if self.up is None:
            x.add_(self.module(direction * self.gain))
            return
        hidden = self.up(direction)
        if self.gated:
            gate, up = hidden.chunk(2, dim=-1)
            hidden = F.silu(gate).mul_(up)
        else:
            hidden = self.activation(hidden)
        self.down.add(hidden, x)


class FusedBlock:
    """The products of one block: `qkv` and `output` around the attention, and the MLP."""

    def __init__(self, block: TransformerBlock, weights: Weights) -> None:
        attention = block.attention
        layers = [linear_parts(m) for m in (attention.q_proj, attention.k_proj, attention.v_proj)]
        output = linear_weight(attention.o_proj)
        if output is None or any(layer is None for layer in layers):
            raise ValueError("an attention layer has projections that are not linear, and cannot be fused")
        (q, q_bias), (k, k_bias), (v, v_bias) = (layer for layer in layers if layer is not None)
        biases = [q.new_zeros(len(m)) if b is None else b for m, b in ((q, q_bias), (k, k_bias), (v, v_bias))]
        self.n_heads, self.n_kv_heads = attention.n_heads, attention.n_kv_heads
        self.head_dim = q.shape[0] // self.n_heads
        self.rotary = attention.rotary is not None
        if self.rotary:
            q, k = _neighbours(q, self.n_heads), _neighbours(k, self.n_kv_heads)
            for place, heads in ((0, self.n_heads), (1, self.n_kv_heads)):
                biases[place] = _neighbours(biases[place][:, None], heads)[:, 0]
        stacked = torch.cat((q * self.head_dim**-0.5, k, v))
        self.qkv: Projection = projection(stacked, weights, folded_gain(block.norm1))
        if any(bias is not None for bias in (q_bias, k_bias, v_bias)):
            self.qkv = BiasedProjection(self.qkv, torch.cat((biases[0] * self.head_dim**-0.5, *biases[1:])))
        self.output = projection(output, weights)
        self.mlp = FusedMLP(block.norm2, block.mlp, weights)
