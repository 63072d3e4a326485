"""Answers to `top_p_filter`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: what stands before a token in the order has not reached p
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p must be in (0, 1], not {p}")
    if p == 1:
        return logits.clone()
    ordered, order = logits.softmax(-1).sort(dim=-1, descending=True)
    before = ordered.cumsum(-1) - ordered
    drop = torch.zeros_like(before, dtype=torch.bool).scatter(-1, order, before >= p)
    return logits.masked_fill(drop, float("-inf"))


# %% right: the mask shifted by one
import torch


def top_p_filter(logits, p):
    if p <= 0 or p > 1:
        raise ValueError(f"p = {p} lies outside (0, 1]")
    if p >= 1.0:
        return logits
    ordered, order = torch.sort(logits, descending=True, dim=-1)
    total = torch.cumsum(torch.softmax(ordered, dim=-1), dim=-1)
    remove = total >= p
    remove[..., 1:] = remove[..., :-1].clone()
    remove[..., 0] = False
    ordered = ordered.masked_fill(remove, -torch.inf)
    return torch.empty_like(ordered).scatter_(-1, order, ordered)


# %% right: numpy with searchsorted
import numpy as np
import torch


def top_p_filter(logits, p):
    if not (p > 0 and p <= 1):
        raise ValueError(f"p must lie in (0, 1], got {p}")
    if p == 1:
        return logits.clone()
    rows = logits.detach().double().numpy().reshape(-1, logits.shape[-1])
    result = np.full_like(rows, -np.inf)
    for i, row in enumerate(rows):
        powers = np.exp(row - row.max())
        probabilities = powers / powers.sum()
        order = np.argsort(-probabilities)
        count = int(np.searchsorted(np.cumsum(probabilities[order]), p)) + 1
        result[i, order[:count]] = row[order[:count]]
    return torch.from_numpy(result).reshape(logits.shape)


# %% right: token by token in plain Python
import math

import torch


def top_p_filter(logits, p):
    if p <= 0:
        raise ValueError(f"p must be positive, not {p}")
    if p > 1:
        raise ValueError(f"p must be at most 1, not {p}")

    def row(values):
        if isinstance(values[0], list):
            return [row(part) for part in values]
        if p == 1:
            return values
        largest = max(values)
        powers = [math.exp(value - largest) for value in values]
        total, reached, kept = sum(powers), 0.0, set()
        for index in sorted(range(len(values)), key=lambda i: -values[i]):
            kept.add(index)
            reached += powers[index] / total
            if reached >= p:
                break
        return [value if i in kept else -math.inf for i, value in enumerate(values)]

    return torch.tensor(row(logits.tolist()))


# %% right: from the small end, what may go
import torch


def top_p_filter(logits, p):
    if not 0.0 < p <= 1.0:
        raise ValueError(f"p={p} not in (0, 1]")
    ordered, order = torch.sort(logits, descending=False)
    tail = ordered.double().softmax(dim=-1).cumsum(dim=-1)
    remove = tail <= 1 - p
    remove[..., -1] = False
    if p == 1:
        remove[:] = False
    return logits.masked_fill(remove.scatter(-1, order, remove), float("-inf"))


# %% wrong: the token that crosses p is dropped | expects: crosses
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p must be in (0, 1], not {p}")
    if p == 1:
        return logits.clone()
    ordered, order = logits.softmax(-1).sort(dim=-1, descending=True)
    remove = ordered.cumsum(-1) > p
    remove[..., 0] = False
    remove = torch.zeros_like(remove).scatter(-1, order, remove)
    return logits.masked_fill(remove, float("-inf"))


# %% wrong: nothing may be left | expects: at least one / crosses
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p must be in (0, 1], not {p}")
    if p == 1:
        return logits.clone()
    ordered, order = logits.softmax(-1).sort(dim=-1, descending=True)
    remove = torch.zeros_like(ordered, dtype=torch.bool).scatter(-1, order, ordered.cumsum(-1) > p)
    return logits.masked_fill(remove, float("-inf"))


# %% wrong: one token too many when p is reached exactly | of: nothing may be left | expects: reaches / exactly
# -     remove = torch.zeros_like(ordered, dtype=torch.bool).scatter(-1, order, ordered.cumsum(-1) > p)
# +     before = ordered.cumsum(-1) - ordered
# +     remove = torch.zeros_like(ordered, dtype=torch.bool).scatter(-1, order, before > p)


# %% wrong: one more after the crossing one | of: the token that crosses p is dropped | expects: too many / one more
# -     remove = ordered.cumsum(-1) > p
# -     remove[..., 0] = False
# +     remove = ordered.cumsum(-1) >= p
# +     remove[..., 2:] = remove[..., :-2].clone()
# +     remove[..., :2] = False


# %% wrong: the mask is not put back into the order of the vocabulary | expects: order / sorted / place
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p must be in (0, 1], not {p}")
    if p == 1:
        return logits.clone()
    ordered = logits.softmax(-1).sort(dim=-1, descending=True).values
    return logits.masked_fill(ordered.cumsum(-1) - ordered >= p, float("-inf"))


# %% wrong: the logits come back sorted | expects: order / sorted / place
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p must be in (0, 1], not {p}")
    if p == 1:
        return logits.clone()
    values = logits.sort(dim=-1, descending=True).values
    probabilities = values.softmax(-1)
    return values.masked_fill(probabilities.cumsum(-1) - probabilities >= p, float("-inf"))


# %% wrong: the mask is gathered instead of scattered | of: nothing may be left | expects: order / scatter / place
# -     remove = torch.zeros_like(ordered, dtype=torch.bool).scatter(-1, order, ordered.cumsum(-1) > p)
# +     remove = (ordered.cumsum(-1) - ordered >= p).gather(-1, order)


# %% wrong: the sum runs in the order of the vocabulary | expects: most likely / sort
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p must be in (0, 1], not {p}")
    if p == 1:
        return logits.clone()
    probabilities = logits.softmax(-1)
    return logits.masked_fill(probabilities.cumsum(-1) - probabilities >= p, float("-inf"))


# %% wrong: each token's own probability is compared with p | expects: own / threshold / sum
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p must be in (0, 1], not {p}")
    if p == 1:
        return logits.clone()
    probabilities = logits.softmax(-1)
    keep = probabilities >= p
    keep.scatter_(-1, logits.argmax(-1, keepdim=True), True)
    return logits.masked_fill(~keep, float("-inf"))


# %% wrong: from the least likely up | expects: least likely / most likely
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p must be in (0, 1], not {p}")
    if p == 1:
        return logits.clone()
    ordered, order = logits.softmax(-1).sort(dim=-1)
    remove = torch.zeros_like(ordered, dtype=torch.bool).scatter(-1, order, ordered.cumsum(-1) - ordered >= p)
    return logits.masked_fill(remove, float("-inf"))


# %% wrong: p = 1 loses tokens to rounding | expects: p = 1
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p must be in (0, 1], not {p}")
    ordered, order = logits.softmax(-1).sort(dim=-1, descending=True)
    before = ordered.cumsum(-1) - ordered
    remove = torch.zeros_like(ordered, dtype=torch.bool).scatter(-1, order, before >= p)
    return logits.masked_fill(remove, float("-inf"))


# %% wrong: p = 1 is refused | expects: p = 1
import torch


def top_p_filter(logits, p):
    if not 0 < p < 1:
        raise ValueError(f"p must be between 0 and 1, not {p}")
    ordered, order = logits.softmax(-1).sort(dim=-1, descending=True)
    remove = torch.zeros_like(ordered, dtype=torch.bool).scatter(-1, order, ordered.cumsum(-1) - ordered >= p)
    return logits.masked_fill(remove, float("-inf"))


# %% wrong: p = 0 goes through as greedy | expects: refused
import torch


def top_p_filter(logits, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in (0, 1], not {p}")
    if p == 1:
        return logits.clone()
    ordered, order = logits.softmax(-1).sort(dim=-1, descending=True)
    before = ordered.cumsum(-1) - ordered
    remove = before >= p
    remove[..., 0] = False
    return logits.masked_fill(torch.zeros_like(remove).scatter(-1, order, remove), float("-inf"))


# %% wrong: p above 1 switches the filter off | expects: refused
import torch


def top_p_filter(logits, p):
    if p <= 0:
        raise ValueError(f"p must be in (0, 1], not {p}")
    if p >= 1:
        return logits.clone()
    ordered, order = logits.softmax(-1).sort(dim=-1, descending=True)
    remove = torch.zeros_like(ordered, dtype=torch.bool).scatter(-1, order, ordered.cumsum(-1) - ordered >= p)
    return logits.masked_fill(remove, float("-inf"))


# %% wrong: probabilities come back, normalised again | expects: probabilities / logits
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p must be in (0, 1], not {p}")
    if p == 1:
        return logits.clone()
    probabilities = logits.softmax(-1)
    ordered, order = probabilities.sort(dim=-1, descending=True)
    remove = torch.zeros_like(ordered, dtype=torch.bool).scatter(-1, order, ordered.cumsum(-1) - ordered >= p)
    kept = probabilities.masked_fill(remove, 0.0)
    return kept / kept.sum(-1, keepdim=True)


# %% wrong: in place | expects: in place
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p must be in (0, 1], not {p}")
    if p == 1:
        return logits
    ordered, order = logits.softmax(-1).sort(dim=-1, descending=True)
    remove = torch.zeros_like(ordered, dtype=torch.bool).scatter(-1, order, ordered.cumsum(-1) - ordered >= p)
    logits[remove] = float("-inf")
    return logits


# %% wrong: all tokens as likely as the last one stay | expects: tie / smallest set
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p must be in (0, 1], not {p}")
    if p == 1:
        return logits.clone()
    ordered = logits.sort(dim=-1, descending=True).values
    probabilities = ordered.softmax(-1)
    count = (probabilities.cumsum(-1) - probabilities < p).sum(-1, keepdim=True)
    cutoff = ordered.gather(-1, count - 1)
    return logits.masked_fill(logits < cutoff, float("-inf"))


# %% wrong: the first row's set for all rows | expects: row
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p must be in (0, 1], not {p}")
    if p == 1:
        return logits.clone()
    first = logits.reshape(-1, logits.shape[-1])[0]
    ordered, order = first.softmax(-1).sort(descending=True)
    keep = torch.zeros(first.shape, dtype=torch.bool)
    keep[order[ordered.cumsum(-1) - ordered < p]] = True
    return logits.masked_fill(~keep, float("-inf"))


# %% wrong: cumulates raw logits | expects: softmax / probabilities
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p must be in (0, 1], not {p}")
    if p == 1:
        return logits.clone()
    ordered, order = logits.sort(dim=-1, descending=True)
    remove = ordered.cumsum(-1) - ordered >= p
    remove[..., 0] = False
    return logits.masked_fill(torch.zeros_like(remove).scatter(-1, order, remove), float("-inf"))


# %% wrong: zeros instead of -inf | expects: -inf
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p must be in (0, 1], not {p}")
    if p == 1:
        return logits.clone()
    ordered, order = logits.softmax(-1).sort(dim=-1, descending=True)
    remove = torch.zeros_like(ordered, dtype=torch.bool).scatter(-1, order, ordered.cumsum(-1) - ordered >= p)
    return logits.masked_fill(remove, 0.0)

# %% right: helpers with everyday names
import math as inf_of

import torch


def rows(logits):
    return logits.reshape(-1, logits.shape[-1])


def chances_of(row):
    return torch.softmax(row.double(), dim=-1)


def check(p):
    if not 0 < p <= 1:
        raise ValueError(f"p must lie in (0, 1], got {p}")


def wanted(row, p):
    left, stay = p, []
    for token in chances_of(row).argsort(descending=True).tolist():
        stay.append(token)
        left -= chances_of(row)[token].item()
        if left <= 0:
            break
    return stay


def top_p_filter(logits, p):
    check(p)
    if p == 1:
        return logits.clone()
    table = torch.full_like(rows(logits), -inf_of.inf)
    for place, row in enumerate(rows(logits)):
        some = wanted(row, p)
        table[place, some] = row[some]
    return table.reshape(logits.shape)


# %% right: row by row in plain Python, sums of fractions
import torch
from fractions import Fraction


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p is {p}, outside (0, 1]")
    if p == 1:
        return logits.clone()
    rows = logits.reshape(-1, logits.shape[-1])
    kept = torch.full_like(rows, float("-inf"))
    for row, shares, out in zip(rows, rows.double().softmax(-1).tolist(), kept):
        total = Fraction(0)
        for place in sorted(range(len(shares)), key=lambda i: -shares[i]):
            out[place] = row[place]
            total += Fraction(shares[place])
            if total >= Fraction(p) - Fraction(1, 10**6):
                break
    return kept.reshape(logits.shape)


# %% right: how many are needed, then the rank of each token
import torch


def top_p_filter(logits, p):
    if p <= 0 or p > 1:
        raise ValueError(f"p must lie in (0, 1]: {p}")
    sums = logits.double().softmax(-1).sort(dim=-1, descending=True).values.cumsum(-1)
    needed = logits.shape[-1] if p == 1 else (sums < p - 1e-6).sum(-1, keepdim=True) + 1
    ranks = logits.argsort(dim=-1, descending=True, stable=True).argsort(dim=-1)
    return logits.where(ranks < needed, torch.tensor(float("-inf")))


# %% wrong: nothing is taken away | expects: taken away
def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p = {p}")
    return logits.clone()


# %% wrong: the most likely one alone | expects: crosses / own
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p = {p}")
    if p == 1:
        return logits.clone()
    best = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, logits.argmax(-1, keepdim=True), True)
    return logits.masked_fill(~best, float("-inf"))


# %% wrong: those below 1 - p go | expects: 1 - p
def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p = {p}")
    return logits.masked_fill(logits.softmax(-1) < 1 - p, float("-inf"))


# %% wrong: a large negative number instead of -inf | expects: -inf
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p = {p}")
    if p == 1:
        return logits.clone()
    probabilities, order = logits.softmax(-1).sort(dim=-1, descending=True)
    before = probabilities.cumsum(-1) - probabilities
    outside = torch.zeros_like(before, dtype=torch.bool).scatter(-1, order, before >= p)
    return logits.masked_fill(outside, -1e9)


# %% wrong: powers of two | expects: powers of e
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p = {p}")
    if p == 1:
        return logits.clone()
    powers, order = (2 ** (logits - logits.amax(-1, keepdim=True))).sort(dim=-1, descending=True)
    shares = powers / powers.sum(-1, keepdim=True)
    gone = torch.zeros_like(powers, dtype=torch.bool).scatter(-1, order, shares.cumsum(-1) - shares >= p)
    return logits.masked_fill(gone, float("-inf"))


# %% wrong: always a batch of rows | expects: any number of dimensions
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p = {p}")
    if p == 1:
        return logits.clone()
    B, V = logits.shape
    shares, order = logits.softmax(1).sort(dim=1, descending=True)
    needed = (shares.cumsum(1) < p).sum(1) + 1
    kept = torch.full((B, V), float("-inf"))
    for row in range(B):
        some = order[row, : needed[row]]
        kept[row, some] = logits[row, some]
    return kept


# %% wrong: the bar is the last logit before the sum reaches p | expects: crosses / at least one
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p = {p}")
    if p == 1:
        return logits.clone()
    ranked = logits.sort(dim=-1, descending=True).values
    last = (ranked.softmax(-1).cumsum(-1) < p).sum(-1, keepdim=True) - 1
    return logits.masked_fill(logits < ranked.gather(-1, last), float("-inf"))


# %% right: the mass ahead of each token, by comparing all pairs
import torch


def top_p_filter(logits, p):
    if p <= 0 or p > 1:
        raise ValueError(f"p = {p} is no share")
    if p == 1:
        return logits
    shares = logits.double().softmax(-1)
    mine, other = shares.unsqueeze(-1), shares.unsqueeze(-2)
    place = torch.arange(logits.shape[-1])
    ahead = (other > mine) | ((other == mine) & (place < place[:, None]))
    mass = (ahead * other).sum(-1)
    needed = (mass < p - 1e-9) | ~ahead.any(-1)
    return torch.where(needed, logits, torch.tensor(float("-inf")))


# %% wrong: each probability is compared with p, and none reaches it | expects: No token stays
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p = {p}")
    if p == 1:
        return logits.clone()
    return logits.masked_fill(logits.softmax(-1) < p, float("-inf"))


# %% wrong: the mask of those that stay is filled | expects: wrong way round
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p = {p}")
    if p == 1:
        return logits.clone()
    probabilities, order = logits.softmax(-1).sort(dim=-1, descending=True)
    inside = probabilities.cumsum(-1) - probabilities < p
    keep = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, inside)
    return logits.masked_fill(keep, float("-inf"))


# %% wrong: the softmax over the first dimension | expects: another dimension
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p = {p}")
    if p == 1:
        return logits.clone()
    probabilities, order = logits.softmax(0).sort(dim=-1, descending=True)
    outside = probabilities.cumsum(-1) - probabilities >= p
    drop = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, outside)
    return logits.masked_fill(drop, float("-inf"))


# %% wrong: the mask comes back | expects: the mask (True and False)
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p = {p}")
    if p == 1:
        return logits.clone()
    probabilities, order = logits.softmax(-1).sort(dim=-1, descending=True)
    outside = probabilities.cumsum(-1) - probabilities >= p
    return torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, outside)


# %% wrong: exp without a shift | expects: stable softmax
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p")
    if p == 1:
        return logits.clone()
    order = logits.argsort(dim=-1, descending=True, stable=True)
    q = logits.exp() / logits.exp().sum(-1, keepdim=True)
    q = q.gather(-1, order)
    drop = q.cumsum(-1) - q >= p - 1e-6
    drop[..., 0] = False
    return logits.masked_fill(torch.empty_like(drop).scatter_(-1, order, drop), -torch.inf)


# %% wrong: near 1 keeps all | expects: is not 1
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p")
    if p >= 0.99:
        return logits.clone()
    order = logits.argsort(dim=-1, descending=True, stable=True)
    q = logits.double().softmax(-1).gather(-1, order)
    drop = q.cumsum(-1) - q >= p - 1e-6
    drop[..., 0] = False
    return logits.masked_fill(torch.empty_like(drop).scatter_(-1, order, drop), -torch.inf)


# %% wrong: p is a share of the vocabulary | expects: of the vocabulary
import math
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p")
    ranks = logits.argsort(dim=-1, descending=True, stable=True).argsort(-1)
    return logits.masked_fill(ranks >= math.ceil(p * logits.shape[-1]), -torch.inf)


# %% wrong: log-probabilities come back, normalised again | expects: log-probabilities
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p")
    if p == 1:
        return logits.clone()
    order = logits.argsort(dim=-1, descending=True, stable=True)
    q = logits.double().softmax(-1).gather(-1, order)
    drop = q.cumsum(-1) - q >= p - 1e-6
    drop[..., 0] = False
    new = logits.masked_fill(torch.empty_like(drop).scatter_(-1, order, drop), -torch.inf)
    return new.log_softmax(-1)


# %% wrong: the least likely token stays as well | expects: up to and with
import torch


def top_p_filter(logits, p):
    if not 0 < p <= 1:
        raise ValueError(f"p = {p}")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    shares = logits.softmax(-1).gather(-1, order)
    drop = shares.cumsum(-1) - shares >= p
    drop[..., -1] = False
    return logits.masked_fill(torch.zeros_like(drop).scatter(-1, order, drop), float("-inf"))
