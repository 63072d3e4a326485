"""Decoding with a preallocated cache: a prompt is read once, then every step costs one token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from utils.decoding.arguments import shown, token_ids, token_rows, whole_number
from utils.decoding.fused import FusedBlock, can_fuse, folded_gain
from utils.decoding.projections import DenseProjection, ShortlistHead, Weights, check_format
from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.models.rotary import Rotary

# Views of the cache grow in pieces of this many positions, so that most steps make no new ones.
PIECE = 16

# Rows of token ids: lists or tuples, arrays, tensors of one dimension, or one tensor or array (B, T).
Prompts = Sequence[Sequence[int]] | Sequence[Tensor] | Tensor | np.ndarray


def check_prompts(prompts: Prompts, vocab_size: int, context_length: int) -> list[list[int]]:
    """Return prompts as lists of ids, whatever they came in: lists, arrays, one tensor (B, T).

    Raises:
        ValueError: no prompts, an empty one, one longer than the context, ids outside the vocabulary, or what are no
            rows of ids, such as a single prompt that does not stand in a list.
    """
    rows = token_rows(prompts, "prompts", "prompt")
    if not rows:
        raise ValueError("prompts must hold at least one prompt, not none")
    for row, prompt in enumerate(rows):
        if not prompt:
            raise ValueError(f"prompt {row} is empty")
        if len(prompt) > context_length:
            raise ValueError(f"prompt {row} has {len(prompt)} tokens, the context holds {context_length}")
        low, high = min(prompt), max(prompt)
        if low < 0 or high >= vocab_size:
            raise ValueError(f"prompt {row} holds the id {low if low < 0 else high}, outside 0 to {vocab_size - 1}")
    return rows


def check_step(ids: Tensor, rows: int, device: torch.device | None = None) -> Tensor:
    """Return the ids of one step as a tensor, on the device where one is given.

    Raises:
        ValueError: no prompt was read, or the ids are no whole numbers (rows,).
    """
    if not rows:
        raise ValueError("no prompt was read: prefill comes before step")
    if not isinstance(ids, Tensor):
        ids = torch.tensor(token_ids(ids, "ids"), dtype=torch.long)
    if ids.shape != (rows,):
        raise ValueError(f"ids must have the shape {(rows,)}, not {tuple(ids.shape)}")
    if ids.dtype not in (torch.int64, torch.int32):
        raise ValueError(f"ids must be int64 or int32, not {ids.dtype}")
    return ids if device is None else ids.to(device)


def check_selection(rows: Sequence[int], held: int) -> list[int]:
    """Return numbers of rows as a list.

    Raises:
        ValueError: no prompt was read, or a number is none of a row.
    """
    if not held:
        raise ValueError("no prompt was read: prefill comes before select")
    places = token_ids(rows, "rows")
    for place in places:
        if not 0 <= place < held:
            raise ValueError(f"rows holds {place}, and there are the rows 0 to {held - 1}")
    return places


class CachedDecoder:
    """Feeds a GPT token by token, batched, with rows of different lengths.

    Prompts are padded on the left, so that all rows write to the same slot of the cache; padding is masked and
    every row counts its own positions. The matrices are copied, rearranged (see `fused`), when the decoder is
    made: make another one after changing the model. What was read belongs to one decoder; `fresh` gives another
    one on the same matrices, for a second text or thread.

    Args:
        model: a GPT of plain transformer blocks with rotary positions or none.
        weights: "float32" keeps the model's own numbers; "int8" and "int4" are faster on the CPU and approximate
            (greedy text departs now and then where two tokens are nearly as likely).

    Raises:
        ValueError: the model is no GPT or has other blocks, or the format is unknown.
    """

    # What decoders on the same weights have in common, and no call changes.
    _shared: ClassVar[tuple[str, ...]] = ("config", "embedding", "blocks", "head", "turns")

    def __init__(self, model: GPT, weights: Weights = "float32") -> None:
        if not isinstance(model, GPT):
            raise ValueError(f"model must be a GPT, not {shown(model)}")
        if model.positions is not None or not all(can_fuse(block) for block in model.blocks):
            raise ValueError("a cached decoder needs plain transformer blocks without learned positions")
        check_format(weights, model.embedding.weight.device)
        self.config: ModelConfig = model.config
        self.embedding = model.embedding.weight.detach()
        self.blocks = [FusedBlock(block, weights) for block in model.blocks]  # type: ignore[arg-type]
        head, gain = model.head.weight.detach(), folded_gain(model.norm)
        self.head = DenseProjection(head, gain) if weights == "float32" else ShortlistHead(head, gain)
        config, device = model.config, self.embedding.device
        cos, sin = Rotary.of(config).table(device)
        self.turns = torch.complex(cos, sin)
        self.length = 0
        self.padding: list[int] = []

    def fresh(self) -> Self:
        """Return a decoder with the same weights, not copied, that has read nothing."""
        other = object.__new__(type(self))
        for name in self._shared:
            setattr(other, name, getattr(self, name))
        other.length, other.padding = 0, []
        return other

    @property
    def room(self) -> int:
        """Number of further steps before the longest row fills the context."""
        return self.config.context_length - (self.length - min(self.padding, default=0))

    @property
    def capacity(self) -> int:
        """Number of positions that the cache has memory for."""
        return self.keys.shape[-1]

    def _direction(self, stream: Tensor) -> Tensor:
        """Return x / |(x, sqrt(D eps))| for the stream (N, D + 1)."""
        return stream[:, :-1] / torch.linalg.vector_norm(stream, dim=-1, keepdim=True)

    def _stream(self, ids: Tensor) -> Tensor:
        """Return the embeddings (N, D) with the norms' constant as one more feature (N, D + 1)."""
        D = self.config.d_model
        stream = self.embedding.new_full((len(ids), D + 1), (D * self.config.norm_eps) ** 0.5)
        stream[:, :D] = self.embedding[ids]
        return stream

    def _near(self, mask: Tensor | None, queries: Tensor, keys: Tensor) -> Tensor | None:
        """Return a mask with the sliding window worked in; queries (T,) and keys (S,) are slots of the cache."""
        window = self.config.sliding_window
        if window is None or len(keys) <= window:
            return mask
        near = keys > queries[:, None] - window
        return near & (keys <= queries[:, None]) if mask is None else near & mask

    def _turn(self, rows: Tensor, turns: Tensor) -> None:
        """Rotate neighbouring pairs of rows (..., d) in place by complex turns (..., d/2)."""
        pairs = rows.unflatten(-1, (-1, 2))
        if rows.dtype == torch.float32:
            torch.view_as_complex(pairs).mul_(turns)
        else:
            pairs.copy_(torch.view_as_real(torch.view_as_complex(pairs.float()).mul_(turns)))

    @torch.inference_mode()
    def prefill(self, prompts: Prompts, reserve: int = 0) -> Tensor:
        """Forget what was, read prompts of any lengths, and return the logits (B, V) of their next tokens.

        Args:
            prompts: token ids, one list per row.
            reserve: number of steps to make room for at once; more are possible, at the price of a copy.

        Raises:
            ValueError: a prompt is empty, longer than the context, or holds ids outside the vocabulary.
        """
        config = self.config
        prompts = check_prompts(prompts, config.vocab_size, config.context_length)
        reserve = whole_number(reserve, "reserve", 0)
        B, T = len(prompts), max(map(len, prompts))
        self.padding = [T - len(prompt) for prompt in prompts]
        self.length = T
        device = self.embedding.device
        ids = torch.tensor([[0] * pad + list(p) for pad, p in zip(self.padding, prompts, strict=True)], device=device)
        self._pad = torch.tensor(self.padding, device=device)
        capacity = -(-(T + max(reserve, 1)) // PIECE) * PIECE
        shape = (config.n_layers, B, config.kv_heads, config.head_dim, capacity)
        self.keys = torch.zeros(shape, dtype=self.embedding.dtype, device=device)
        self.values = torch.zeros_like(self.keys.transpose(3, 4), memory_format=torch.contiguous_format)
        slots = torch.arange(T, device=device)
        turns = self.turns[(slots - self._pad[:, None]).clamp_min(0)][:, :, None]
        mask = None
        if any(self.padding):
            seen = slots >= self._pad[:, None]
            mask = (seen[:, None, :] & (slots[:, None] >= slots)) | torch.eye(T, dtype=torch.bool, device=device)
            mask = mask[:, None]
        mask = self._near(mask, slots, slots)
        stream = self._stream(ids.flatten())
        x = stream[:, :-1]
        for layer, block in enumerate(self.blocks):
            heads = block.qkv(self._direction(stream)).view(B, T, -1, block.head_dim)
            q, k, v = heads.split((block.n_heads, block.n_kv_heads, block.n_kv_heads), dim=2)
            if block.rotary:
                self._turn(heads[:, :, : block.n_heads + block.n_kv_heads], turns)
            self.keys[layer, :, :, :, :T] = k.permute(0, 2, 3, 1)
            self.values[layer, :, :, :T] = v.transpose(1, 2)
            keys, values = (t.transpose(1, 2).repeat_interleave(block.n_heads // block.n_kv_heads, 1) for t in (k, v))
            mixed = F.scaled_dot_product_attention(
                q.transpose(1, 2), keys, values, attn_mask=mask, is_causal=mask is None, scale=1.0
            )
            block.output.add(mixed.transpose(1, 2).reshape(B * T, -1), x)
            block.mlp.add(self._direction(stream), x)
        last = stream.view(B, T, -1)[:, -1]
        self._prepare(B)
        return self.head(self._direction(last))

    def _prepare(self, B: int) -> None:
        """Make the buffers and views that every step writes to."""
        config = self.config
        device, dtype = self.embedding.device, self.embedding.dtype
        block = self.blocks[0]
        heads = block.n_heads + 2 * block.n_kv_heads
        self._residual = self._stream(torch.zeros(B, dtype=torch.long, device=device))
        self._x = self._residual[:, :-1]
        self._norm = torch.empty(B, 1, dtype=dtype, device=device)
        self._unit = torch.empty(B, config.d_model, dtype=dtype, device=device)
        self._qkv = torch.empty(B, heads * config.head_dim, dtype=dtype, device=device)
        by_head = self._qkv.view(B, heads, config.head_dim)
        self._turned = by_head[:, : block.n_heads + block.n_kv_heads]
        self._turned_pairs = (
            torch.view_as_complex(self._turned.unflatten(-1, (-1, 2))) if dtype == torch.float32 else None
        )
        group = block.n_heads // block.n_kv_heads
        self._new_keys, self._new_values = by_head[:, block.n_heads :].split(block.n_kv_heads, dim=1)
        if B == 1:
            self._q = by_head[:, : block.n_heads].reshape(block.n_kv_heads, group, -1)
            self._queries = None
        else:
            self._q = torch.empty(B * block.n_kv_heads, group, config.head_dim, dtype=dtype, device=device)
            self._queries = by_head[:, : block.n_heads]
        self._mixed = torch.empty(B * block.n_kv_heads, group, config.head_dim, dtype=dtype, device=device)
        self._mixed_rows = self._mixed.view(B, -1)
        slots = torch.arange(self.capacity, device=device)
        hidden = (slots < self._pad[:, None]) | (slots >= self.length)
        if config.sliding_window is not None:
            hidden |= slots < self.length - config.sliding_window
        mask = torch.zeros(hidden.shape, dtype=dtype, device=device).masked_fill_(hidden, float("-inf"))
        self._mask = mask.repeat_interleave(block.n_kv_heads, 0)[:, None]
        self._aligned = len(set(self.padding)) == 1
        self._views_end = 0

    def _grow(self) -> None:
        """Double the cache."""
        more = self.capacity
        self.keys = F.pad(self.keys, (0, more))
        self.values = F.pad(self.values, (0, 0, 0, more))
        self._mask = F.pad(self._mask, (0, more), value=float("-inf"))
        self._views_end = 0

    def _renew_views(self) -> None:
        """Point the views of keys, values, mask and scores at the pieces of the cache that hold positions."""
        end = self._views_end = -(-(self.length + 1) // PIECE) * PIECE
        keys, values = self.keys.flatten(1, 2)[..., :end], self.values.flatten(1, 2)[:, :, :end]
        self._layers = list(zip(keys.unbind(0), values.unbind(0), strict=True))
        self._visible = self._mask[:, :, :end]
        self._scores = self._q.new_empty(len(self._q), self._q.shape[1], end)
        self._shares = torch.empty_like(self._scores)

    @torch.inference_mode()
    def step(self, ids: Tensor) -> Tensor:
        """Append one token per row, ids (B,), and return the logits (B, V) of the next ones.

        Raises:
            ValueError: ids of another shape, outside the vocabulary, or a row whose context is full.
        """
        ids = check_step(ids, len(self.padding))
        if self.room < 1:
            raise ValueError(f"the context of {self.config.context_length} positions is full")
        if self.length == self.capacity:
            self._grow()
        if self.length >= self._views_end:
            self._renew_views()
        slot = self.length
        try:
            torch.index_select(self.embedding, 0, ids, out=self._unit)
        except (IndexError, RuntimeError) as error:
            raise ValueError(f"ids must lie between 0 and {self.config.vocab_size - 1}: {error}") from error
        x, stream, norm, unit, qkv = self._x, self._residual, self._norm, self._unit, self._qkv
        x.copy_(unit)
        self._mask[:, :, slot].zero_()
        window = self.config.sliding_window
        if window is not None and slot >= window:
            self._mask[:, :, slot - window] = float("-inf")
        turns = self.turns[slot - self.padding[0]] if self._aligned else self.turns[slot - self._pad][:, None]
        places = zip(self.keys[..., slot].unbind(0), self.values[..., slot, :].unbind(0), strict=True)
        for block, (keys, values), (key, value) in zip(self.blocks, self._layers, places, strict=True):
            torch.linalg.vector_norm(stream, dim=-1, keepdim=True, out=norm)
            torch.div(x, norm, out=unit)
            block.qkv.write(unit, qkv)
            if block.rotary:
                if self._turned_pairs is not None:
                    self._turned_pairs.mul_(turns)
                else:
                    self._turn(self._turned, turns)
            key.copy_(self._new_keys)
            value.copy_(self._new_values)
            if self._queries is not None:
                self._q.view(self._queries.shape).copy_(self._queries)
            torch.baddbmm(self._visible, self._q, keys, out=self._scores)
            torch.softmax(self._scores, -1, out=self._shares)
            torch.bmm(self._shares, values, out=self._mixed)
            block.output.add(self._mixed_rows, x)
            torch.linalg.vector_norm(stream, dim=-1, keepdim=True, out=norm)
            torch.div(x, norm, out=unit)
            block.mlp.add(unit, x)
        self.length += 1
        torch.linalg.vector_norm(stream, dim=-1, keepdim=True, out=norm)
        torch.div(x, norm, out=unit)
        return self.head(unit)

    @torch.inference_mode()
    def select(self, rows: Sequence[int]) -> None:
        """Continue with these rows of the batch, in this order; a row may be left out or repeated.

        Raises:
            ValueError: there is no such row.
        """
        rows = check_selection(rows, len(self.padding))
        index = torch.tensor(rows, dtype=torch.long, device=self.keys.device)
        self.keys, self.values = self.keys.index_select(1, index), self.values.index_select(1, index)
        self.padding = [self.padding[row] for row in rows]
        self._pad = self._pad[index]
        self._prepare(len(self.padding))
