"""Which logits are the largest, without sorting a whole vocabulary.

Two facts make this fast. The k largest numbers of a row lie in the k blocks with the largest maxima, so that only
those blocks need a closer look. And the smallest set of tokens that reaches a probability ends in one narrow bucket of
logits, so that only that bucket has to be sorted.
"""

from __future__ import annotations

import torch
from torch import Tensor

# Numbers in a block. Rows of up to SORTED numbers are sorted as they are: more steps would only cost time.
BLOCK = 128
SORTED = 4096
# Buckets of logits, counted down from the largest: 1/400 nat wide, 41 nats deep, the last one open.
BUCKETS = 16384
BUCKETS_PER_NAT = 400
# Float32 probabilities are known to about this much: a sum that misses its goal by less has reached it.
ROUNDING = 1e-6


def row_maximum(logits: Tensor) -> Tensor:
    """Return the largest logit of each row, (..., 1) from (..., V).

    Raises:
        ValueError: the logits are no floating-point numbers or have no vocabulary, hold NaN or +inf, or a row in
            which every token is -inf.
    """
    if not logits.is_floating_point():
        raise ValueError(f"logits must be floating-point numbers, not {logits.dtype}")
    if not logits.ndim or not logits.shape[-1]:
        raise ValueError(f"logits must have a last dimension of at least one token, not the shape {list(logits.shape)}")
    top = logits.amax(-1, keepdim=True)
    if not torch.isfinite(top).all():
        if torch.isnan(top).any():
            raise ValueError("logits hold NaN")
        if torch.isposinf(top).any():
            raise ValueError("logits hold +inf")
        raise ValueError("logits hold a row in which every token is -inf")
    return top


def largest(values: Tensor, k: int) -> Tensor:
    """Return the k largest numbers of each row in descending order, (N, k) from (N, V)."""
    N, V = values.shape
    # Blocks pay while they leave out most of the row.
    if V <= SORTED or 4 * k * BLOCK > V:
        return values.topk(k, dim=-1).values
    whole = V // BLOCK * BLOCK
    blocks = values[:, :whole].unflatten(-1, (-1, BLOCK))
    promising = blocks.amax(-1).topk(k, dim=-1).indices
    rows = torch.arange(N, device=values.device)[:, None]
    candidates = torch.cat((blocks[rows, promising].flatten(1), values[:, whole:]), -1)
    return candidates.topk(k, dim=-1).values


def keep_largest(logits: Tensor, ordered: Tensor, count: Tensor) -> Tensor:
    """Return logits (N, V) with all but the `count` largest of each row at -inf; of equal ones the first stay.

    Args:
        logits: (N, V).
        ordered: (N, M), the row's numbers around the border in descending order: from some rank on, or all of them.
        count: (N, 1), how many of `ordered` stay, at least one; larger numbers that `ordered` leaves out stay too.
    """
    border = ordered.gather(-1, count - 1)
    kept = torch.where(logits >= border, logits, float("-inf"))
    tied = ordered == border
    inside = tied & (torch.arange(ordered.shape[1], device=logits.device) < count)
    crowded = ((tied.sum(-1) > inside.sum(-1)) & torch.isfinite(border[:, 0])).nonzero()[:, 0]
    if len(crowded):
        equal = logits[crowded] == border[crowded]
        late = equal.cumsum(-1) > inside[crowded].sum(-1, keepdim=True)
        kept[crowded] = kept[crowded].masked_fill(equal & late, float("-inf"))
    return kept


def keep_mass(logits: Tensor, top: Tensor, p: float) -> Tensor:
    """Return logits (N, V) with all but the smallest set of most likely tokens that reaches p at -inf.

    Args:
        logits: (N, V).
        top: (N, 1), the largest logit of each row.
        p: a probability in (0, 1).
    """
    # Half precision knows thousands of tokens of one probability, and sums of them are useless.
    exact = logits if logits.dtype == torch.float64 else logits.float()
    if logits.shape[1] <= SORTED:
        ordered = exact.sort(dim=-1, descending=True).values
        weights = (ordered - top).exp().double()
        goal = (p - ROUNDING) * weights.sum(-1, keepdim=True)
        before = torch.zeros_like(goal)
    else:
        ordered, before, goal = _border_bucket(exact, top, p)
        weights = (ordered - top).exp().double()
    # A token stays while those before it have not reached the goal.
    reached = before + weights.cumsum(-1) - weights
    count = (reached < goal).sum(-1, keepdim=True).clamp_min(1)
    return keep_largest(logits, ordered.to(logits.dtype), count)


def _border_bucket(logits: Tensor, top: Tensor, p: float) -> tuple[Tensor, Tensor, Tensor]:
    """Return the bucket in which the mass of the likeliest tokens reaches p, sorted, the mass before it, and the goal.

    Masses are relative to the likeliest token, (N, 1); the bucket (N, M) is filled up with -inf.
    """
    depth = logits - top
    # In double precision: a bucket may hold the whole vocabulary.
    weights = depth.exp().double()
    bucket = depth.mul_(-BUCKETS_PER_NAT).clamp_(max=BUCKETS - 1).long()
    mass = weights.new_zeros(len(logits), BUCKETS).scatter_add_(1, bucket, weights)
    upto = mass.cumsum(-1)
    goal = (p - ROUNDING) * upto[:, -1:]
    edge = torch.searchsorted(upto, goal)
    before = upto.gather(-1, edge) - mass.gather(-1, edge)
    members = bucket == edge
    size = int(members.sum(-1).max().clamp_min(1))
    return largest(torch.where(members, logits, float("-inf")), size), before, goal
