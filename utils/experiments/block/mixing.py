"""Four ways to mix positions, as calls whose time and memory can be measured at any length."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from utils.models.attention import attention, causal_mask
from utils.models.linear_attention import linear_attention_parallel
from utils.models.state_space import selective_scan

Call = Callable[[], object]


def ways_to_mix(device: str = "cpu", width: int = 32, states: int = 8) -> dict[str, Callable[[int], Call]]:
    """Return, by name, functions from a length to a call that mixes so many positions of one layer, forward.

    Args:
        device: where the inputs lie.
        width: features of each position.
        states: numbers of the selective scan's state for each feature.
    """

    def vectors(count: int, n: int, size: int = width) -> Tensor:
        return torch.randn(count, 1, 1, n, size, device=device)

    def written_out(n: int) -> Call:
        q, k, v = vectors(3, n)
        return lambda: attention(q, k, v, causal_mask(n, device=q.device))

    def fused(n: int) -> Call:
        q, k, v = vectors(3, n)
        return lambda: F.scaled_dot_product_attention(q, k, v, is_causal=True)

    def linear(n: int) -> Call:
        q, k, v = vectors(3, n)
        return lambda: linear_attention_parallel(q, k, v)

    def selective(n: int) -> Call:
        x, steps = vectors(2, n)[:, 0]
        b, c = vectors(2, n, states)[:, 0]
        rates = -torch.rand(width, states, device=device)
        return lambda: selective_scan(x, steps.abs(), rates, b, c)

    return {
        "attention, written out": written_out,
        "attention, fused": fused,
        "linear attention": linear,
        "selective scan": selective,
    }
