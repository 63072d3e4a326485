"""An attention layer and a cache made of plain parts, to hand to a function that decodes one token at a time.

Both are records: trusted grading rebuilds a record inside the sandbox from its fields, so that a function written by
a learner gets a real module and a real cache there, whose content stays with the test that made it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from utils.decoding.arguments import whole_number
from utils.decoding.checked import checked
from utils.models.attention import attention, causal_mask, merge_heads, split_heads


@dataclass(eq=False, repr=False)
class AttentionParts(nn.Module):
    """Causal multi-head attention put together from its four projections.

    Attributes:
        n_heads, n_kv_heads: query heads, and key and value heads; query head h uses kv head h // group.
        q_proj, o_proj: linear maps from D to D without bias.
        k_proj, v_proj: linear maps from D to n_kv_heads * head_dim without bias.
    """

    n_heads: int
    n_kv_heads: int
    q_proj: nn.Linear
    k_proj: nn.Linear
    v_proj: nn.Linear
    o_proj: nn.Linear

    def __new__(cls, *args: object, **kwargs: object) -> AttentionParts:
        # A module takes submodules only after its own initialisation, and a record's __init__ assigns at once.
        layer = super().__new__(cls)
        nn.Module.__init__(layer)
        return layer

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return (B, T, D) from x (B, T, D); the mask (T, T) is True where a key may be used, causal when None."""
        group = self.n_heads // self.n_kv_heads
        q = split_heads(self.q_proj(x), self.n_heads)
        k = split_heads(self.k_proj(x), self.n_kv_heads).repeat_interleave(group, dim=1)
        v = split_heads(self.v_proj(x), self.n_kv_heads).repeat_interleave(group, dim=1)
        output, _ = attention(q, k, v, causal_mask(x.shape[1], device=x.device) if mask is None else mask)
        return self.o_proj(merge_heads(output))


@checked
def attention_parts(d_model: int, n_heads: int, n_kv_heads: int | None = None, seed: int = 0) -> AttentionParts:
    """Return a layer with random weights, large enough that its attention is far from uniform.

    Raises:
        ValueError: heads do not divide.
    """
    whole_number(d_model, "d_model", 1)
    n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
    if n_heads < 1 or d_model % n_heads:
        raise ValueError(f"d_model {d_model} does not divide into n_heads {n_heads}")
    if n_kv_heads < 1 or n_heads % n_kv_heads:
        raise ValueError(f"n_heads {n_heads} does not divide into n_kv_heads {n_kv_heads}")
    generator = torch.Generator().manual_seed(seed)

    def linear(width: int) -> nn.Linear:
        layer = nn.Linear(d_model, width, bias=False)
        with torch.no_grad():
            layer.weight.normal_(std=1.5 * d_model**-0.5, generator=generator)
        return layer

    kv_width = d_model // n_heads * n_kv_heads
    return AttentionParts(n_heads, n_kv_heads, linear(d_model), linear(kv_width), linear(kv_width), linear(d_model))


@dataclass(frozen=True, eq=False)
class CacheParts:
    """A key/value cache as three functions; `len(cache)` counts positions.

    Attributes:
        append: from new keys and values (..., n, d) to all so far, joined along the dimension -2.
        length: number of positions held.
        reset: forgets everything.
    """

    append: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
    length: Callable[[], int]
    reset: Callable[[], None]

    def __len__(self) -> int:
        return self.length()


def cache_parts() -> CacheParts:
    """Return an empty cache."""
    held: list[tuple[Tensor, Tensor]] = []

    def append(k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        if held:
            k, v = torch.cat([held[0][0], k], dim=-2), torch.cat([held[0][1], v], dim=-2)
        held[:] = [(k, v)]
        return k, v

    return CacheParts(append, lambda: held[0][0].shape[-2] if held else 0, held.clear)
