"""One dataclass that fixes the shape of a language model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any


def default_d_ff(d_model: int, gated: bool) -> int:
    """Return the usual hidden width of an MLP, so that gated and plain MLPs have about equal parameters.

    A plain MLP has two matrices of width 4 D; a gated one has three, so it takes two thirds of that,
    8/3 D, rounded up to a multiple of 32 (Shazeer, 2020, "GLU variants improve transformer").
    """
    if not gated:
        return 4 * d_model
    return -(-8 * d_model // 96) * 32


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """Dimensions of a decoder-only transformer, dense or with experts, and of its relatives.

    Args:
        n_layers: number of blocks.
        d_model: width D of the residual stream.
        n_heads: query heads H; the head dimension is D / H and must be even (rotary pairs).
        n_kv_heads: key and value heads; None means n_heads, fewer means grouped-query attention.
        d_ff: hidden width of the MLP; None means `default_d_ff`.
        vocab_size: number of token ids V.
        context_length: most positions the model accepts.
        tied: input and output embeddings share one matrix.
        gated: SwiGLU MLP with three matrices; otherwise GELU with two.
        n_experts: MLPs per block to route between; 0 means one dense MLP.
        experts_per_token: how many of them each token uses.
        rope_base: base of the rotary angles.
        norm_eps: constant inside the root of RMSNorm.

    Raises:
        ValueError: a dimension is not positive, heads do not divide, or the experts do not fit together.
    """

    n_layers: int
    d_model: int
    n_heads: int
    n_kv_heads: int | None = None
    d_ff: int | None = None
    vocab_size: int
    context_length: int
    tied: bool = True
    gated: bool = True
    n_experts: int = 0
    experts_per_token: int = 0
    rope_base: float = 10000.0
    norm_eps: float = 1e-5

    def __post_init__(self) -> None:
        for name in ("n_layers", "d_model", "n_heads", "vocab_size", "context_length"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")
        if self.d_model % self.n_heads:
            raise ValueError(f"d_model {self.d_model} does not divide into n_heads {self.n_heads}")
        if self.head_dim % 2:
            raise ValueError(
                f"d_model {self.d_model} / n_heads {self.n_heads} = head dimension {self.head_dim} must be even"
            )
        if self.n_kv_heads is None:
            object.__setattr__(self, "n_kv_heads", self.n_heads)
        if self.kv_heads < 1 or self.n_heads % self.kv_heads:
            raise ValueError(f"n_heads {self.n_heads} does not divide into n_kv_heads {self.n_kv_heads}")
        if self.d_ff is None:
            object.__setattr__(self, "d_ff", default_d_ff(self.d_model, self.gated))
        if self.ff_dim < 1:
            raise ValueError(f"d_ff must be at least 1, not {self.d_ff}")
        if self.n_experts < 0:
            raise ValueError(f"n_experts must not be negative, not {self.n_experts}")
        if not (1 <= self.experts_per_token <= self.n_experts or self.n_experts == self.experts_per_token == 0):
            raise ValueError(
                f"experts_per_token {self.experts_per_token} does not fit n_experts {self.n_experts}:"
                " it lies between 1 and n_experts, or both are 0"
            )
        if self.rope_base <= 0 or self.norm_eps < 0:
            raise ValueError(f"rope_base {self.rope_base} must be positive and norm_eps {self.norm_eps} not negative")

    @property
    def head_dim(self) -> int:
        """Width of one attention head."""
        return self.d_model // self.n_heads

    @property
    def kv_heads(self) -> int:
        """Number of key and value heads, never None."""
        return self.n_heads if self.n_kv_heads is None else self.n_kv_heads

    @property
    def ff_dim(self) -> int:
        """Hidden width of the MLP, never None."""
        return default_d_ff(self.d_model, self.gated) if self.d_ff is None else self.d_ff

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data, for a JSON file beside a checkpoint."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ModelConfig:
        """Build a config from plain data; an unknown field raises ValueError."""
        unknown = sorted(set(values) - {field.name for field in fields(cls)})
        if unknown:
            raise ValueError(f"unknown fields in a model config: {', '.join(unknown)}")
        return cls(**values)
