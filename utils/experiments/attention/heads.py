"""Heads that copy: how much weight each head puts where, and what is missed without some of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from utils.models.gpt import GPT

Head = tuple[int, int]
"""Layer and head."""


@torch.no_grad()
def head_scores(model: GPT, ids: Tensor, period: int) -> dict[str, Tensor]:
    """Return two mean weights of each text, layer and head (B, L, H), over the text's second half.

    Args:
        model: a transformer.
        ids: (B, 1 + 2 period), a first token and two halves.
        period: tokens of a half.

    Returns:
        "previous token": the weight on the token before; "induction": on the token that followed the same place of the
        first half.
    """
    weights = torch.stack(model.attention_weights(ids), dim=1)  # (B, L, H, T, T)
    later = torch.arange(1 + period, ids.shape[1])
    return {
        "previous token": weights[..., later, later - 1].mean(-1),
        "induction": weights[..., later, later - period + 1].mean(-1),
    }


def best_heads(scores: Tensor, count: int) -> list[Head]:
    """Return the heads with the highest mean score (B, L, H) over texts."""
    mean = scores.mean(0)
    return [divmod(int(place), mean.shape[1]) for place in mean.flatten().argsort(descending=True)[:count]]


def as_many_others(chosen: Sequence[Head], n_heads: int, generator: torch.Generator) -> list[Head]:
    """Return as many random heads of the same layers, none of the chosen ones among them."""
    layers = sorted({layer for layer, _ in chosen})
    others = [(layer, head) for layer in layers for head in range(n_heads) if (layer, head) not in chosen]
    return [others[place] for place in torch.randperm(len(others), generator=generator)[: len(chosen)].tolist()]


@contextmanager
def silenced(model: GPT, heads: Sequence[Head]) -> Iterator[None]:
    """Set the outputs of some heads to 0 within this block."""
    width = model.config.head_dim
    weights = dict(model.named_parameters())
    pieces = [
        weights[f"blocks.{layer}.attention.o_proj.weight"].detach()[:, head * width : (head + 1) * width]
        for layer, head in heads
    ]
    held = [piece.clone() for piece in pieces]
    for piece in pieces:
        piece.zero_()
    try:
        yield
    finally:
        for piece, before in zip(pieces, held, strict=True):
            piece.copy_(before)


@torch.no_grad()
def loss_on_second_half(model: GPT, ids: Tensor, period: int) -> Tensor:
    """Return each text's loss (nats per token) on its second half, after that half's first token."""
    logits = model(ids)[:, period + 1 : -1]
    return nn.functional.cross_entropy(logits.transpose(1, 2), ids[:, period + 2 :], reduction="none").mean(-1)
