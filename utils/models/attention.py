"""Scaled dot-product attention and its multi-head module, with grouped queries (Vaswani et al., 2017)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def causal_mask(query_len: int, key_len: int | None = None, device: torch.device | None = None) -> Tensor:
    """Return a boolean mask (query_len, key_len): True where a query may look, its own position included.

    Query i stands at position key_len - query_len + i, so a short query is the end of a longer text.

    Raises:
        ValueError: there are fewer keys than queries.
    """
    key_len = query_len if key_len is None else key_len
    if key_len < query_len:
        raise ValueError(f"key_len {key_len} must be at least query_len {query_len}")
    ones = torch.ones(query_len, key_len, dtype=torch.bool, device=device)
    return ones.tril(key_len - query_len)


def attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Return output (..., T, e) and weights (..., T, S) of softmax(q k' / sqrt(d)) v, written out.

    Args:
        q: queries (..., T, d).
        k: keys (..., S, d).
        v: values (..., S, e).
        mask: boolean (..., T, S), True = may be used. A query that may use no key gets output 0.
    """
    scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    if mask is None:
        weights = scores.softmax(-1)
    else:
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        weights = torch.where(mask.any(-1, keepdim=True), weights, torch.zeros_like(weights))
    return weights @ v, weights


def attention_entropy(weights: Tensor) -> Tensor:
    """Return the entropy in nats of attention weights over the last dimension, with 0 log 0 = 0."""
    return torch.special.entr(weights).sum(-1)


def split_heads(x: Tensor, n_heads: int) -> Tensor:
    """Turn x (B, T, D) into (B, H, T, D / H); head h holds the features h D/H to (h + 1) D/H.

    Raises:
        ValueError: D does not divide into n_heads.
    """
    B, T, D = x.shape
    if n_heads < 1 or D % n_heads:
        raise ValueError(f"the last dimension {D} does not divide into n_heads {n_heads}")
    return x.view(B, T, n_heads, D // n_heads).transpose(1, 2)


def merge_heads(x: Tensor) -> Tensor:
    """Turn x (B, H, T, d) back into (B, T, H d)."""
    B, H, T, d = x.shape
    return x.transpose(1, 2).reshape(B, T, H * d)


class MultiHeadAttention(nn.Module):
    """Multi-head self-attention without biases; query head h uses key/value head h // group.

    Args:
        d_model: width D.
        n_heads: query heads H.
        n_kv_heads: key and value heads; None means H (Ainslie et al., 2023, for fewer).
        rotary: what turns queries and keys (B, H, T, d) by their positions; None leaves them as they are.

    Raises:
        ValueError: heads do not divide.
    """

    def __init__(
        self,
        d_model: int,
        n_heads: int,
        n_kv_heads: int | None = None,
        rotary: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        super().__init__()
        n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
        if n_heads < 1 or d_model % n_heads:
            raise ValueError(f"d_model {d_model} does not divide into n_heads {n_heads}")
        if n_kv_heads < 1 or n_heads % n_kv_heads:
            raise ValueError(f"n_heads {n_heads} does not divide into n_kv_heads {n_kv_heads}")
        self.n_heads, self.n_kv_heads, self.rotary = n_heads, n_kv_heads, rotary
        kv_dim = d_model // n_heads * n_kv_heads
        self.q_proj = nn.Linear(d_model, d_model, bias=False)
        self.k_proj = nn.Linear(d_model, kv_dim, bias=False)
        self.v_proj = nn.Linear(d_model, kv_dim, bias=False)
        self.o_proj = nn.Linear(d_model, d_model, bias=False)

    def _queries_keys_values(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        q = split_heads(self.q_proj(x), self.n_heads)
        k = split_heads(self.k_proj(x), self.n_kv_heads)
        v = split_heads(self.v_proj(x), self.n_kv_heads)
        if self.rotary is not None:
            q, k = self.rotary(q), self.rotary(k)
        return q, k, v

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return (B, T, D) from x (B, T, D).

        The mask is boolean, (T, T) or (B, T, T), True = may be used, and causal when None.
        """
        q, k, v = self._queries_keys_values(x)
        if self.n_kv_heads < self.n_heads:
            group = self.n_heads // self.n_kv_heads
            k, v = k.repeat_interleave(group, dim=1), v.repeat_interleave(group, dim=1)
        if mask is not None and mask.dim() == 3:
            mask = mask[:, None]
        out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None)
        return self.o_proj(merge_heads(out))

    def weights(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the attention weights (B, H, T, T) that `forward` uses, for pictures and entropies."""
        q, k, v = self._queries_keys_values(x)
        group = self.n_heads // self.n_kv_heads
        if mask is None:
            mask = causal_mask(x.shape[1], device=x.device)
        elif mask.dim() == 3:
            mask = mask[:, None]
        return attention(q, k.repeat_interleave(group, 1), v.repeat_interleave(group, 1), mask)[1]
