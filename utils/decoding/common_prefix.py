"""Many prompts that begin alike: what they share is read once, and only what differs is read for each.

An instruction with a schema and an example is longer than the note under it. Keys and values of a prefix depend on the
prefix alone, so they can be copied into every row's cache; real serving systems do the same ("prompt caching").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from utils.decoding.arguments import token_rows, whole_number
from utils.decoding.cached import PIECE, CachedDecoder, Prompts, check_prompts
from utils.decoding.projections import Weights
from utils.models.gpt import GPT

WORTH_SHARING = 16
KEPT_PREFIXES = 8


def common_prefix_length(prompts: Prompts) -> int:
    """Return the number of leading ids that all prompts share, at least one short of the shortest prompt.

    Raises:
        ValueError: there are no prompts, or they are no rows of ids.
    """
    prompts = token_rows(prompts, "prompts", "prompt")
    if not prompts:
        raise ValueError("prompts must hold at least one prompt, not none")
    shortest = min(map(len, prompts))
    first = prompts[0]
    for place in range(shortest - 1):
        if any(prompt[place] != first[place] for prompt in prompts):
            return place
    return max(shortest - 1, 0)


class CommonPrefixDecoder(CachedDecoder):
    """A cached decoder that reads the common prefix of a batch once, and remembers the last few prefixes.

    It gives what `CachedDecoder` gives, up to rounding; the arguments are the same.
    """

    # A prefix that one decoder has read serves all on the same weights: its keys and values are never written to.
    _shared: ClassVar[tuple[str, ...]] = (*CachedDecoder._shared, "_prefixes")

    def __init__(self, model: GPT, weights: Weights = "float32") -> None:
        super().__init__(model, weights)
        self._prefixes: dict[tuple[int, ...], tuple[Tensor, Tensor]] = {}

    @torch.inference_mode()
    def prefill(self, prompts: Prompts, reserve: int = 0) -> Tensor:
        """Read prompts of any lengths and return the logits (B, V) of their next tokens; raises as `CachedDecoder`."""
        reserve = whole_number(reserve, "reserve", 0)
        prompts = check_prompts(prompts, self.config.vocab_size, self.config.context_length)
        P, T = common_prefix_length(prompts), max(map(len, prompts))
        most_padding = T - min(map(len, prompts))
        # A row's new part is its last T - P slots; padding must not reach into it.
        if P < WORTH_SHARING or most_padding > P:
            return super().prefill(prompts, reserve)
        prefix = self._prefix(tuple(prompts[0][:P]))
        return self._prefill_after(prefix, prompts, T, reserve)

    def _prefix(self, ids: tuple[int, ...]) -> tuple[Tensor, Tensor]:
        """Return keys (layers, kv heads, head dim, P) and values (layers, kv heads, P, head dim) of a prefix."""
        found = self._prefixes.get(ids)
        if found is None:
            super().prefill([ids])
            found = self.keys[:, 0, :, :, : len(ids)].clone(), self.values[:, 0, :, : len(ids)].clone()
            self._prefixes[ids] = found
            # Another thread may have dropped the same one.
            for oldest in list(self._prefixes)[:-KEPT_PREFIXES]:
                self._prefixes.pop(oldest, None)
        return found

    def _prefill_after(
        self, prefix: tuple[Tensor, Tensor], prompts: Sequence[Sequence[int]], T: int, reserve: int
    ) -> Tensor:
        config, device = self.config, self.embedding.device
        B, P = len(prompts), prefix[1].shape[2]
        S = T - P
        self.padding = [T - len(prompt) for prompt in prompts]
        self.length = T
        self._pad = torch.tensor(self.padding, device=device)
        capacity = -(-(T + max(reserve, 1)) // PIECE) * PIECE
        shape = (config.n_layers, B, config.kv_heads, config.head_dim, capacity)
        self.keys = torch.zeros(shape, dtype=self.embedding.dtype, device=device)
        self.values = torch.zeros_like(self.keys.transpose(3, 4), memory_format=torch.contiguous_format)
        for row, pad in enumerate(self.padding):
            self.keys[:, row, :, :, pad : pad + P], self.values[:, row, :, pad : pad + P] = prefix
        # The last S ids of every row, whatever its length: short rows read a little of the prefix again.
        ids = torch.tensor([list(prompt)[-S:] for prompt in prompts], device=device)
        slots = torch.arange(T, device=device)
        turns = self.turns[slots[P:] - self._pad[:, None]][:, :, None]
        mask = ((slots >= self._pad[:, None])[:, None, :] & (slots[P:, None] >= slots))[:, None]  # (B, 1, S, T)
        near = self._near(mask, slots[P:], slots)
        stream = self._stream(ids.flatten())
        x = stream[:, :-1]
        for layer, block in enumerate(self.blocks):
            heads = block.qkv(self._direction(stream)).view(B, S, -1, block.head_dim)
            q, k, v = heads.split((block.n_heads, block.n_kv_heads, block.n_kv_heads), dim=2)
            if block.rotary:
                self._turn(heads[:, :, : block.n_heads + block.n_kv_heads], turns)
            self.keys[layer, :, :, :, P:T] = k.permute(0, 2, 3, 1)
            self.values[layer, :, :, P:T] = v.transpose(1, 2)
            group = block.n_heads // block.n_kv_heads
            keys = self.keys[layer, ..., :T].transpose(-1, -2).repeat_interleave(group, 1)
            values = self.values[layer, :, :, :T].repeat_interleave(group, 1)
            # Some formats compute in bfloat16 and keep the cache in float32.
            queries = q.transpose(1, 2).to(keys.dtype)
            mixed = F.scaled_dot_product_attention(queries, keys, values, attn_mask=near, scale=1.0).to(q.dtype)
            block.output.add(mixed.transpose(1, 2).reshape(B * S, -1), x)
            block.mlp.add(self._direction(stream), x)
        last = stream.view(B, S, -1)[:, -1]
        self._prepare(B)
        return self.head(self._direction(last))
