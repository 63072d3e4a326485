"""Scaled dot-product attention and its multi-head module, with grouped queries (Vaswani et al., 2017)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utils.arguments import called, shapes_that_fit, tensor, whole_number


def causal_mask(
    query_len: int, key_len: int | None = None, device: torch.device | None = None, window: int | None = None
) -> Tensor:
    """Return a boolean mask (query_len, key_len): True where a query may look, its own position included.

    Query i stands at position key_len - query_len + i, so a short query is the end of a longer text. With a
    `window` it sees that many positions at most, the last of them its own (Beltagy et al., 2020).

    Raises:
        ValueError: a length is no whole number, the window is not positive, or there are fewer keys than queries.
    """
    query_len = whole_number("query_len", query_len, least=0)
    key_len = query_len if key_len is None else whole_number("key_len", key_len, least=0)
    if key_len < query_len:
        raise ValueError(f"key_len {key_len} must be at least query_len {query_len}")
    mask = torch.ones(query_len, key_len, dtype=torch.bool, device=device).tril(key_len - query_len)
    if window is None:
        return mask
    return mask.triu(key_len - query_len - whole_number("window", window, least=1) + 1)


def attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Return output (..., T, e) and weights (..., T, S) of softmax(q k' / sqrt(d)) v, written out.

    Args:
        q: queries (..., T, d).
        k: keys (..., S, d).
        v: values (..., S, e).
        mask: boolean (..., T, S), True = may be used. A query that may use no key gets output 0.

    Raises:
        ValueError: the shapes do not fit together, or the mask is not boolean.
    """
    tensor("q", q, least_dims=2)
    tensor("k", k, least_dims=2, last=q.shape[-1])
    tensor("v", v, least_dims=2)
    if v.shape[-2] != k.shape[-2]:
        raise ValueError(f"v must have as many positions as k, not the shape {tuple(v.shape)} for {tuple(k.shape)}")
    if mask is not None:
        tensor("mask", mask, least_dims=1, kind="bool")
    try:
        return _attention(q, k, v, mask)
    except RuntimeError:
        scores = torch.empty(*q.shape[:-1], k.shape[-2], device="meta")
        shapes_that_fit(scores=scores, mask=scores if mask is None else mask)
        shapes_that_fit(q=q[..., 0, 0], k=k[..., 0, 0], v=v[..., 0, 0])
        raise


def _attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
    scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    if mask is None:
        weights = scores.softmax(-1)
    else:
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        weights = torch.where(mask.any(-1, keepdim=True), weights, torch.zeros_like(weights))
    return weights @ v, weights


def attention_entropy(weights: Tensor) -> Tensor:
    """Return the entropy in nats of attention weights over the last dimension, with 0 log 0 = 0.

    Raises:
        ValueError: the weights are no tensor of at least one dimension.
    """
    tensor("weights", weights, least_dims=1, kind="float")
    # torch.special.entr has an infinite gradient at 0, which a softmax behind a mask turns into NaN.
    logs = torch.where(weights > 0, weights, torch.ones_like(weights)).log()
    return -(weights * logs).sum(-1)


def split_heads(x: Tensor, n_heads: int) -> Tensor:
    """Turn x (B, T, D) into (B, H, T, D / H); head h holds the features h D/H to (h + 1) D/H.

    Raises:
        ValueError: x has another number of dimensions, or D does not divide into n_heads.
    """
    B, T, D = tensor("x", x, dims=3).shape
    n_heads = whole_number("n_heads", n_heads)
    if n_heads < 1 or D % n_heads:
        raise ValueError(f"the last dimension {D} does not divide into n_heads {n_heads}")
    return x.view(B, T, n_heads, D // n_heads).transpose(1, 2)


def merge_heads(x: Tensor) -> Tensor:
    """Turn x (B, H, T, d) back into (B, T, H d); another number of dimensions raises ValueError."""
    B, H, T, d = tensor("x", x, dims=4).shape
    return x.transpose(1, 2).reshape(B, T, H * d)


class MultiHeadAttention(nn.Module):
    """Multi-head self-attention; query head h uses key/value head h // group.

    Args:
        d_model: width D.
        n_heads: query heads H.
        n_kv_heads: key and value heads; None means H (Ainslie et al., 2023, for fewer).
        rotary: what turns queries and keys (B, H, T, d) by their positions; None leaves them as they are.
        head_dim: width of a head; None means D / H.
        qkv_bias: whether queries, keys and values get biases.
        window: how many positions a position sees, its own included; None means all before it.

    Raises:
        ValueError: heads do not divide, or a dimension is no positive whole number.
    """

    def __init__(
        self,
        d_model: int,
        n_heads: int,
        n_kv_heads: int | None = None,
        rotary: Callable[[Tensor], Tensor] | None = None,
        *,
        head_dim: int | None = None,
        qkv_bias: bool = False,
        window: int | None = None,
    ) -> None:
        super().__init__()
        d_model, n_heads = whole_number("d_model", d_model, least=1), whole_number("n_heads", n_heads)
        n_kv_heads = n_heads if n_kv_heads is None else whole_number("n_kv_heads", n_kv_heads)
        if n_heads < 1 or (head_dim is None and d_model % n_heads):
            raise ValueError(f"d_model {d_model} does not divide into n_heads {n_heads}")
        if n_kv_heads < 1 or n_heads % n_kv_heads:
            raise ValueError(f"n_heads {n_heads} does not divide into n_kv_heads {n_kv_heads}")
        if rotary is not None:
            called("rotary", rotary)
        # The widths are kept, since an adapter may take a layer's place.
        self.d_model, self.n_heads, self.n_kv_heads, self.rotary = d_model, n_heads, n_kv_heads, rotary
        self.window = None if window is None else whole_number("window", window, least=1)
        head_dim = d_model // n_heads if head_dim is None else whole_number("head_dim", head_dim, least=1)
        self.q_proj = nn.Linear(d_model, head_dim * n_heads, bias=qkv_bias)
        self.k_proj = nn.Linear(d_model, head_dim * n_kv_heads, bias=qkv_bias)
        self.v_proj = nn.Linear(d_model, head_dim * n_kv_heads, bias=qkv_bias)
        self.o_proj = nn.Linear(head_dim * n_heads, d_model, bias=False)

    def _queries_keys_values(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        tensor("x", x, dims=3, last=self.d_model)
        q = split_heads(self.q_proj(x), self.n_heads)
        k = split_heads(self.k_proj(x), self.n_kv_heads)
        v = split_heads(self.v_proj(x), self.n_kv_heads)
        if self.rotary is not None:
            q, k = self.rotary(q), self.rotary(k)
        return q, k, v

    def _visible(self, x: Tensor, mask: Tensor | None) -> Tensor | None:
        """Return a mask that broadcasts to (B, H, T, T), the window worked in; None where plain causality is all."""
        if mask is not None:
            T = x.shape[1]
            if tensor("mask", mask, kind="bool").shape not in {(T, T), (len(x), T, T), (1, T, T), (len(x), 1, T, T)}:
                raise ValueError(f"mask must have the shape {(T, T)} or {(len(x), T, T)}, not {tuple(mask.shape)}")
            if mask.dim() == 3:
                mask = mask[:, None]
        T = x.shape[1]
        if self.window is None or self.window >= T:
            return mask
        near = causal_mask(T, device=x.device, window=self.window)
        return near if mask is None else mask & near

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return (B, T, D) from x (B, T, D).

        The mask is boolean, (T, T) or (B, T, T), True = may be used, and causal when None. Other shapes and types
        raise ValueError.
        """
        q, k, v = self._queries_keys_values(x)
        if self.n_kv_heads < self.n_heads:
            group = self.n_heads // self.n_kv_heads
            k, v = k.repeat_interleave(group, dim=1), v.repeat_interleave(group, dim=1)
        mask = self._visible(x, mask)
        out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None)
        return self.o_proj(merge_heads(out))

    def weights(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the attention weights (B, H, T, T) that `forward` uses, for pictures and entropies."""
        q, k, v = self._queries_keys_values(x)
        group = self.n_heads // self.n_kv_heads
        mask = self._visible(x, mask)
        if mask is None:
            mask = causal_mask(x.shape[1], device=x.device)
        return attention(q, k.repeat_interleave(group, 1), v.repeat_interleave(group, 1), mask)[1]
