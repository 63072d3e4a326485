"""The linear recurrence h_t = a_t h_{t-1} + b_t over all positions at once.

It is associative: (a, b) then (a', b') is (a' a, a' b + b'). So it can be computed in log2(T) steps, each over
all positions, instead of T steps one after the other (Blelloch, 1990).
"""

from __future__ import annotations

import torch
from torch import Tensor


def linear_scan(a: Tensor, b: Tensor) -> Tensor:
    """Return h (B, T, ...) with h_t = a_t h_{t-1} + b_t and h_{-1} = 0, in log2(T) parallel steps.

    Pairs of neighbours are merged, the half as long sequence is scanned, and the positions between are filled
    in: the work is proportional to T and products of a never divide, so small a cannot overflow.

    Args:
        a: factors (B, T, ...), of the shape of b or broadcasting to it.
        b: inputs (B, T, ...).
    """
    T = b.shape[1]
    if T == 1:
        return b
    even = T - T % 2
    a_first, a_second = a[:, :even:2], a[:, 1:even:2]
    b_first, b_second = b[:, :even:2], b[:, 1:even:2]
    # States at the odd positions 1, 3, 5 ...
    odd = linear_scan(a_first * a_second, a_second * b_first + b_second)
    # An even position 2, 4 ... follows the odd one before it; position 0 is its own input.
    count = (T + 1) // 2 - 1
    later = a[:, 2::2] * odd[:, :count] + b[:, 2::2]
    even_states = torch.cat((b[:, :1], later), 1)
    h = torch.stack((even_states[:, : odd.shape[1]], odd), 2).flatten(1, 2)
    return h if T % 2 == 0 else torch.cat((h, even_states[:, -1:]), 1)


def linear_scan_sequential(a: Tensor, b: Tensor) -> Tensor:
    """Return the same as `linear_scan` by its definition, one position after the other."""
    a = a.expand_as(b)
    states = [b[:, 0]]
    for t in range(1, b.shape[1]):
        states.append(a[:, t] * states[-1] + b[:, t])
    return torch.stack(states, 1)
