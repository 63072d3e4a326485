"""Which logits are the largest, without sorting a whole vocabulary.

Two facts make this fast. The k largest numbers of a row lie in the k blocks with the largest maxima, so that only
those blocks need a closer look. And the smallest set of tokens that reaches a probability is a small one, or else it
ends in one narrow bucket of logits, and only that bucket has to be sorted.
"""

from __future__ import annotations

import torch
from torch import Tensor

from utils.decoding.arguments import shown

# Numbers in a block. Rows of up to SORTED numbers are sorted as they are: more steps would only cost time.
BLOCK = 128
SORTED = 4096
# The likeliest tokens that are tried as a nucleus before the whole row is.
SHORTLIST = 128
# Buckets of logits, counted down from the largest: 1/400 nat wide, 41 nats deep, the last one open.
BUCKETS = 16384
BUCKETS_PER_NAT = 400
# Float32 probabilities are known to about this much: a sum that misses its goal by less has reached it.
ROUNDING = 1e-6


def check_logits(logits: Tensor) -> None:
    """Raise ValueError for logits that are no tensor of floating-point numbers, or have no vocabulary."""
    if not isinstance(logits, Tensor):
        raise ValueError(f"logits must be a tensor, not {shown(logits)}")
    if not logits.is_floating_point():
        raise ValueError(f"logits must be floating-point numbers, not {logits.dtype}")
    if not logits.ndim or not logits.shape[-1]:
        raise ValueError(f"logits must have a last dimension of at least one token, not the shape {list(logits.shape)}")


def check_maximum(top: Tensor) -> None:
    """Raise ValueError for the largest logits of some rows when these rows are no distributions."""
    if not torch.isfinite(top).all():
        if torch.isnan(top).any():
            raise ValueError("logits hold NaN")
        if torch.isposinf(top).any():
            raise ValueError("logits hold +inf")
        raise ValueError("logits hold a row in which every token is -inf")


def row_maximum(logits: Tensor) -> Tensor:
    """Return the largest logit of each row, (..., 1) from (..., V).

    Raises:
        ValueError: the logits are no floating-point numbers or have no vocabulary, hold NaN or +inf, or a row in
            which every token is -inf.
    """
    check_logits(logits)
    top = logits.amax(-1, keepdim=True)
    check_maximum(top)
    return top


def largest(values: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Return the k largest numbers of each row in descending order and their places, both (N, k) from (N, V)."""
    N, V = values.shape
    # Blocks pay while they leave out most of the row.
    if V <= SORTED or 4 * k * BLOCK > V:
        found = values.topk(k, dim=-1)
        return found.values, found.indices
    whole = V // BLOCK * BLOCK
    blocks = values[:, :whole].unflatten(-1, (-1, BLOCK))
    promising = blocks.amax(-1).topk(k, dim=-1).indices
    rows = torch.arange(N, device=values.device)[:, None]
    # What does not fill a block is looked at in any case.
    candidates = torch.cat((blocks[rows, promising].flatten(1), values[:, whole:]), -1)
    found = candidates.topk(k, dim=-1)
    blocked = found.indices < k * BLOCK
    block = promising.gather(-1, found.indices.div(BLOCK, rounding_mode="floor").clamp_max(k - 1))
    inside = block * BLOCK + found.indices % BLOCK
    return found.values, torch.where(blocked, inside, found.indices - k * BLOCK + whole)


def keep_first(logits: Tensor, values: Tensor, places: Tensor, count: Tensor) -> Tensor:
    """Return logits (N, V) with all but the `count` (N, 1) largest of each row at -inf; of equal ones the first stay.

    Args:
        logits: (N, V).
        values: (N, M), the largest numbers of each row in descending order, one more than stay where V allows.
        places: (N, M), where they stand.
        count: (N, 1), from 1 to M.
    """
    stays = torch.arange(values.shape[1], device=logits.device) < count
    kept = torch.full_like(logits, float("-inf")).scatter_(-1, places, values.masked_fill(~stays, float("-inf")))
    return _first_of_equals(kept, logits, values, count)


def keep_above(logits: Tensor, ordered: Tensor, count: Tensor) -> Tensor:
    """Return logits (N, V) without those below the `count`-th of `ordered`; of equal ones the first stay.

    Args:
        logits: (N, V).
        ordered: (N, M), all numbers of the row within a range, in descending order; what is larger stays.
        count: (N, 1), from 1 to M.
    """
    kept = torch.where(logits >= ordered.gather(-1, count - 1), logits, float("-inf"))
    return _first_of_equals(kept, logits, ordered, count)


def _first_of_equals(kept: Tensor, logits: Tensor, ordered: Tensor, count: Tensor) -> Tensor:
    """Correct the rows of `kept` in which numbers equal to the last that stays are among those that do not."""
    border = ordered.gather(-1, count - 1)
    tied = ordered == border
    inside = tied & (torch.arange(ordered.shape[1], device=logits.device) < count)
    rows = ((tied.sum(-1) > inside.sum(-1)) & torch.isfinite(border[:, 0])).nonzero()[:, 0]
    if len(rows):
        equal = logits[rows] == border[rows]
        early = equal & (equal.cumsum(-1) <= inside[rows].sum(-1, keepdim=True))
        kept[rows] = torch.where(early | (logits[rows] > border[rows]), logits[rows], float("-inf"))
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
    probabilities = exact.softmax(-1)
    # Of what they sum to: a softmax over many tokens misses 1 by more than a sum does.
    goal = (p - ROUNDING) * probabilities.sum(-1, keepdim=True).double()
    if logits.shape[1] <= SORTED:
        ordered, places = exact.sort(dim=-1, descending=True)
        shares = probabilities.gather(-1, places).double()
        return keep_first(logits, ordered.to(logits.dtype), places, _count(shares, goal))
    highest = probabilities.amax(-1, keepdim=True).double()
    ordered, places = largest(exact, SHORTLIST)
    shares = (ordered - top).exp() * highest
    # The last of the list only shows whether the one before it has an equal.
    if (shares[:, :-1].sum(-1, keepdim=True) >= goal).all():
        return keep_first(logits, ordered.to(logits.dtype), places, _count(shares, goal))
    ordered, before = _border_bucket(exact, top, probabilities, goal)
    shares = (ordered - top).exp() * highest
    return keep_above(logits, ordered.to(logits.dtype), _count(shares, goal - before))


def _count(shares: Tensor, goal: Tensor) -> Tensor:
    """Return how many stay (N, 1), at least one: those before which the shares (N, M) are below the goal (N, 1)."""
    return (shares.cumsum(-1) - shares < goal).sum(-1, keepdim=True).clamp_min(1)


def _border_bucket(logits: Tensor, top: Tensor, probabilities: Tensor, goal: Tensor) -> tuple[Tensor, Tensor]:
    """Return the bucket of logits (N, M) in which the likeliest tokens reach the goal (N, 1), and what is before it.

    The bucket is in descending order, short ones are filled up with -inf.
    """
    bucket = torch.sub(top, logits).mul_(BUCKETS_PER_NAT).clamp_(max=BUCKETS - 1).long()
    # In double precision: a bucket may hold the whole vocabulary.
    shares = goal.new_zeros(len(logits), BUCKETS).scatter_add_(1, bucket, probabilities.double())
    upto = shares.cumsum(-1)
    # Rounding may leave the sum of everything below a goal near 1: the last bucket that holds a token ends it.
    edge = torch.searchsorted(upto, torch.minimum(goal, upto[:, -1:]))
    members = bucket == edge
    ordered, _ = largest(torch.where(members, logits, float("-inf")), int(members.sum(-1).max()))
    return ordered, upto.gather(-1, edge) - shares.gather(-1, edge)
