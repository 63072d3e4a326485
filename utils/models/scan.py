"""The linear recurrence h_t = a_t h_{t-1} + b_t over all positions at once.

It is associative: (a, b) then (a', b') is (a' a, a' b + b'). So it can be computed in about log2(T) steps, each over
all positions, instead of T steps one after the other (Blelloch, 1990).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from utils.arguments import shapes_that_fit, tensor

SHORT = 16
"""Sequences up to this length are read position by position: there the parallel steps cost more than they save."""


def linear_scan(a: Tensor, b: Tensor) -> Tensor:
    """Return h (B, T, ...) with h_t = a_t h_{t-1} + b_t and h_{-1} = 0, in about log2(T) parallel steps.

    The work is proportional to T, and products of a never divide, so small a cannot overflow.

    Args:
        a: factors (B, T, ...), of the shape of b or broadcasting to it.
        b: inputs (B, T, ...).

    Raises:
        ValueError: b has no dimension of time, or a does not broadcast to it.
    """
    _check(a, b)
    return _LinearScan.apply(a.expand_as(b), b)


def linear_scan_sequential(a: Tensor, b: Tensor) -> Tensor:
    """Return the same as `linear_scan` by its definition, one position after the other."""
    _check(a, b)
    a = a.expand_as(b)
    states = [b[:, 0]]
    for t in range(1, b.shape[1]):
        states.append(a[:, t] * states[-1] + b[:, t])
    return torch.stack(states, 1)


def _check(a: Tensor, b: Tensor) -> None:
    tensor("b", b, least_dims=2)
    if not b.shape[1]:
        raise ValueError(f"b must have at least one position, not the shape {tuple(b.shape)}")
    if shapes_that_fit(a=tensor("a", a), b=b) != tuple(b.shape):
        raise ValueError(f"a must broadcast to the shape {tuple(b.shape)} of b, not have {tuple(a.shape)}")


class _LinearScan(torch.autograd.Function):
    """The recurrence with its gradient written out: only a and h are kept for it, not every step on the way."""

    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor) -> Tensor:
        h = _scan(a, b)
        ctx.save_for_backward(a, h)
        return h

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:
        a, h = ctx.saved_tensors
        # What reaches h_t is its own gradient and a_{t+1} times what reaches h_{t+1}: the same recurrence, backwards.
        later = torch.cat((a[:, 1:], torch.zeros_like(a[:, :1])), 1)
        reaching = linear_scan(later.flip(1), gradient.flip(1)).flip(1)
        before = torch.cat((torch.zeros_like(h[:, :1]), h[:, :-1]), 1)
        return reaching * before, reaching


def _scan(a: Tensor, b: Tensor) -> Tensor:
    """Merge neighbours, scan the half as long sequence, and fill in the positions between."""
    T = b.shape[1]
    if T <= SHORT:
        h = b.clone()
        for t in range(1, T):
            h[:, t].addcmul_(a[:, t], h[:, t - 1])
        return h
    even = T - T % 2
    a_first, a_second = a[:, :even:2], a[:, 1:even:2]
    b_first, b_second = b[:, :even:2], b[:, 1:even:2]
    # States at the odd positions 1, 3, 5 ...
    odd = _scan(a_first * a_second, torch.addcmul(b_second, a_second, b_first))
    h = torch.empty_like(b)
    h[:, 1:even:2] = odd
    # An even position 2, 4 ... follows the odd one before it; position 0 is its own input.
    h[:, 0] = b[:, 0]
    h[:, 2::2] = torch.addcmul(b[:, 2::2], a[:, 2::2], odd[:, : (T - 1) // 2])
    return h
