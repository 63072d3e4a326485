"""Transformer blocks with a part left out, moved or replaced, for experiments that ask what each part is good for."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utils.decoding.arguments import instance_of, whole_number
from utils.models.attention import MultiHeadAttention
from utils.models.config import ModelConfig
from utils.models.mlp import MLP, GatedMLP
from utils.models.norms import RMSNorm
from utils.models.rotary import Rotary

NORMS = ("before", "after", "none")


def identity(x: Tensor) -> Tensor:
    """Return x: the activation of an MLP that is a product of two matrices and nothing else."""
    return x


ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"gelu": F.gelu, "relu": F.relu, "none": identity}


class VariantBlock(nn.Module):
    """A block as in `utils.models.block`, with a switch for each of its parts.

    Args:
        config: the dimensions.
        attention, mlp: whether the block has this sublayer.
        norms: "before" each sublayer (pre-norm), "after" each residual sum (post-norm), or "none".
        residual: whether a sublayer's result is added to its input, or replaces it.
        activation: "swiglu", or the activation of a plain MLP: "gelu", "relu", "none".
        rotary: whether queries and keys are turned by their positions.

    Raises:
        ValueError: `norms` or `activation` is unknown.
    """

    def __init__(
        self,
        config: ModelConfig,
        attention: bool = True,
        mlp: bool = True,
        norms: str = "before",
        residual: bool = True,
        activation: str = "swiglu",
        rotary: bool = True,
    ) -> None:
        super().__init__()
        instance_of(config, "config", ModelConfig)
        if norms not in NORMS:
            raise ValueError(f"norms is {norms!r}, and must be one of {', '.join(NORMS)}")
        if activation != "swiglu" and activation not in ACTIVATIONS:
            raise ValueError(f"activation is {activation!r}, and must be swiglu or one of {', '.join(ACTIVATIONS)}")
        turn = Rotary(config.head_dim, config.context_length, config.rope_base) if rotary else None
        self.norms, self.residual = norms, residual
        self.norm1 = RMSNorm(config.d_model, config.norm_eps) if attention and norms != "none" else nn.Identity()
        self.norm2 = RMSNorm(config.d_model, config.norm_eps) if mlp and norms != "none" else nn.Identity()
        self.attention = (
            MultiHeadAttention(config.d_model, config.n_heads, config.n_kv_heads, turn) if attention else None
        )
        self.mlp: nn.Module | None = None
        if mlp and activation == "swiglu":
            self.mlp = GatedMLP(config.d_model, config.ff_dim)
        elif mlp:
            # Two matrices of one and a half times the width have the parameters of three.
            self.mlp = MLP(config.d_model, 3 * config.ff_dim // 2, ACTIVATIONS[activation])

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return (B, T, D) from x (B, T, D); mask as in `MultiHeadAttention.forward`."""
        if self.attention is not None:
            attention = self.attention
            x = self._sublayer(x, lambda h: attention(h, mask), self.norm1)
        if self.mlp is not None:
            x = self._sublayer(x, self.mlp, self.norm2)
        return x

    def _sublayer(self, x: Tensor, sublayer: Callable[[Tensor], Tensor], norm: nn.Module) -> Tensor:
        result = sublayer(norm(x) if self.norms == "before" else x)
        if self.residual:
            result = x + result
        return norm(result) if self.norms == "after" else result


class LearnedPositions(nn.Module):
    """One learned vector per position, added to the embeddings, as in GPT-2."""

    def __init__(self, length: int, d_model: int) -> None:
        super().__init__()
        length, d_model = whole_number(length, "length", 1), whole_number(d_model, "d_model", 1)
        self.table = nn.Parameter(0.02 * torch.randn(length, d_model))

    def forward(self, length: int) -> Tensor:
        """Return the vectors (T, D) of the first T positions; ValueError where the table is shorter."""
        return self.table[: whole_number(length, "length", 0, len(self.table))]
