"""Answers to `min_p_filter`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: probabilities
import torch


def min_p_filter(logits, min_p):
    probabilities = logits.softmax(-1)
    return logits.masked_fill(probabilities < min_p * probabilities.amax(-1, keepdim=True), float("-inf"))


# %% right: differences of logits
import math

import torch


def min_p_filter(logits, min_p):
    distance = logits - logits.max(dim=-1, keepdim=True).values
    return torch.where(distance >= math.log(min_p), logits, torch.full_like(logits, -torch.inf))


# %% right: numpy, row by row
import numpy as np
import torch


def min_p_filter(logits, min_p):
    rows = logits.detach().numpy().reshape(-1, logits.shape[-1])
    kept = []
    for row in rows:
        relative = np.exp(row.astype(np.float64) - row.max())
        kept.append(np.where(relative >= min_p, row, -np.inf))
    return torch.from_numpy(np.stack(kept)).reshape(logits.shape)


# %% right: a copy with its small ones overwritten
import torch


def min_p_filter(logits, min_p):
    result = logits.clone()
    powers = (logits - logits.amax(dim=-1, keepdim=True)).exp()
    result[powers < min_p] = -float("inf")
    return result


# %% right: nested lists
import math


def min_p_filter(logits, min_p):
    def row(values):
        if isinstance(values[0], list):
            return [row(part) for part in values]
        largest = max(values)
        return [value if math.exp(value - largest) >= min_p else -math.inf for value in values]

    return row(logits.tolist())


# %% wrong: an absolute threshold | expects: absolute / times the largest
import torch


def min_p_filter(logits, min_p):
    probabilities = logits.softmax(-1)
    keep = probabilities >= min_p
    keep.scatter_(-1, logits.argmax(-1, keepdim=True), True)
    return logits.masked_fill(~keep, float("-inf"))


# %% wrong: an absolute threshold that may drop all | expects: absolute / times the largest
import torch


def min_p_filter(logits, min_p):
    return logits.masked_fill(logits.softmax(-1) < min_p, float("-inf"))


# %% wrong: a share of the largest logit | expects: logit / probabilities
import torch


def min_p_filter(logits, min_p):
    return logits.masked_fill(logits < min_p * logits.amax(-1, keepdim=True), float("-inf"))


# %% wrong: strictly more than the threshold | expects: at least
import torch


def min_p_filter(logits, min_p):
    probabilities = logits.softmax(-1)
    return logits.masked_fill(probabilities <= min_p * probabilities.amax(-1, keepdim=True), float("-inf"))


# %% wrong: the largest of the whole batch | expects: row / whole
import torch


def min_p_filter(logits, min_p):
    probabilities = logits.softmax(-1)
    return logits.masked_fill(probabilities < min_p * probabilities.max(), float("-inf"))


# %% wrong: the largest along the first dimension | expects: row / dimension
import torch


def min_p_filter(logits, min_p):
    probabilities = logits.softmax(-1)
    return logits.masked_fill(probabilities < min_p * probabilities.amax(0, keepdim=True), float("-inf"))


# %% wrong: the others become 0 | expects: -inf
import torch


def min_p_filter(logits, min_p):
    probabilities = logits.softmax(-1)
    return logits.masked_fill(probabilities < min_p * probabilities.amax(-1, keepdim=True), 0.0)


# %% wrong: in place | expects: in place
import torch


def min_p_filter(logits, min_p):
    probabilities = logits.softmax(-1)
    return logits.masked_fill_(probabilities < min_p * probabilities.amax(-1, keepdim=True), float("-inf"))


# %% wrong: probabilities come back | expects: probabilities / logits
import torch


def min_p_filter(logits, min_p):
    probabilities = logits.softmax(-1)
    return probabilities.masked_fill(probabilities < min_p * probabilities.amax(-1, keepdim=True), 0.0)


# %% wrong: top-p under another name | expects: top-p
import torch


def min_p_filter(logits, min_p):
    ordered, order = logits.softmax(-1).sort(dim=-1, descending=True)
    drop = torch.zeros_like(ordered, dtype=torch.bool).scatter(-1, order, ordered.cumsum(-1) - ordered >= min_p)
    return logits.masked_fill(drop, float("-inf"))


# %% wrong: within min_p of the largest probability | expects: difference / times
import torch


def min_p_filter(logits, min_p):
    probabilities = logits.softmax(-1)
    return logits.masked_fill(probabilities < probabilities.amax(-1, keepdim=True) - min_p, float("-inf"))


# %% wrong: a share of the mean probability | expects: mean / largest
import torch


def min_p_filter(logits, min_p):
    probabilities = logits.softmax(-1)
    return logits.masked_fill(probabilities < min_p * probabilities.mean(-1, keepdim=True), float("-inf"))


# %% wrong: keeps the unlikely ones | expects: unlikely / opposite / inverted / at least
import torch


def min_p_filter(logits, min_p):
    probabilities = logits.softmax(-1)
    return logits.masked_fill(probabilities >= min_p * probabilities.amax(-1, keepdim=True), float("-inf"))


# %% wrong: base 10 logarithm | expects: natural / log
import math

import torch


def min_p_filter(logits, min_p):
    return logits.masked_fill(logits - logits.amax(-1, keepdim=True) < math.log10(min_p), float("-inf"))


# %% wrong: exponentials that overflow | expects: overflow / stable
import torch


def min_p_filter(logits, min_p):
    powers = logits.exp()
    return logits.masked_fill(powers < min_p * powers.amax(-1, keepdim=True), float("-inf"))


# %% wrong: probabilities relative to one minus the largest | expects: times the largest
import torch


def min_p_filter(logits, min_p):
    probabilities = logits.softmax(-1)
    return logits.masked_fill(probabilities < min_p * (1 - probabilities.amax(-1, keepdim=True)), float("-inf"))


# %% wrong: divided instead of multiplied | expects: times the largest
import torch


def min_p_filter(logits, min_p):
    probabilities = logits.softmax(-1)
    drop = probabilities < min_p / probabilities.amax(-1, keepdim=True)
    return logits.masked_fill(drop, float("-inf"))


# %% wrong: the threshold is squared by scaling twice | expects: times the largest
import torch


def min_p_filter(logits, min_p):
    probabilities = logits.softmax(-1)
    relative = probabilities / probabilities.amax(-1, keepdim=True)
    return logits.masked_fill(relative < min_p * probabilities.amax(-1, keepdim=True), float("-inf"))


# %% right: in log space, a difference of logits, row by row
import math

import torch


def min_p_filter(logits, min_p):
    rows = logits.reshape(-1, logits.shape[-1])
    bar = math.log(min_p) if min_p > 0 else -math.inf
    kept = [[v if v - max(row) >= bar else -math.inf for v in row] for row in rows.tolist()]
    return torch.tensor(kept, dtype=logits.dtype).reshape(logits.shape)


# %% wrong: nothing is taken away | expects: taken away
def min_p_filter(logits, min_p):
    return logits.clone()


# %% wrong: the difference of logits | expects: ratio
def min_p_filter(logits, min_p):
    return logits.masked_fill(logits.amax(-1, keepdim=True) - logits > min_p, float("-inf"))


# %% wrong: logarithm to the base 2 | expects: natural
import math


def min_p_filter(logits, min_p):
    return logits.masked_fill(logits - logits.amax(-1, keepdim=True) < math.log2(min_p), float("-inf"))


# %% wrong: a large negative number instead of -inf | expects: -inf
def min_p_filter(logits, min_p):
    shares = logits.softmax(-1)
    return logits.masked_fill(shares < min_p * shares.amax(-1, keepdim=True), -1e9)


# %% wrong: powers that overflow, and nothing is left | expects: overflow
def min_p_filter(logits, min_p):
    powers = logits.exp()
    keep = powers / powers.sum(-1, keepdim=True) >= min_p * (powers / powers.sum(-1, keepdim=True)).amax(-1, keepdim=True)
    return logits.masked_fill(~keep, float("-inf"))


# %% wrong: two tokens stay at least | expects: At least two
import torch


def min_p_filter(logits, min_p):
    shares = logits.softmax(-1)
    gone = shares < min_p * shares.amax(-1, keepdim=True)
    return logits.masked_fill(gone.scatter(-1, logits.topk(2, dim=-1).indices, False), float("-inf"))


# %% wrong: always a batch of rows | expects: any number of dimensions
def min_p_filter(logits, min_p):
    B, V = logits.shape
    shares = logits.softmax(1)
    return logits.masked_fill(shares < min_p * shares.amax(1).reshape(B, 1), float("-inf"))


# %% wrong: the bar without min_p | expects: min_p is missing
def min_p_filter(logits, min_p):
    probabilities = logits.softmax(-1)
    return logits.masked_fill(probabilities < probabilities.amax(-1, keepdim=True), float("-inf"))


# %% wrong: the softmax over the first dimension | expects: another dimension
def min_p_filter(logits, min_p):
    probabilities = logits.softmax(0)
    bar = min_p * probabilities.amax(-1, keepdim=True)
    return logits.masked_fill(probabilities < bar, float("-inf"))


# %% wrong: the mask comes back | expects: the mask (True and False)
def min_p_filter(logits, min_p):
    probabilities = logits.softmax(-1)
    return probabilities >= min_p * probabilities.amax(-1, keepdim=True)


# %% wrong: probabilities rounded to three places | expects: rounded
import torch


def min_p_filter(logits, min_p):
    q = logits.softmax(-1).round(decimals=3)
    return logits.masked_fill(q < min_p * q.amax(-1, keepdim=True), -torch.inf)


# %% wrong: min_p is at most a half | expects: as it is given
import torch


def min_p_filter(logits, min_p):
    q = logits.softmax(-1)
    min_p = min(min_p, 0.5)
    return logits.masked_fill(q < min_p * q.amax(-1, keepdim=True), -torch.inf)


# %% wrong: 1 - min_p | expects: 1 - min_p
import torch


def min_p_filter(logits, min_p):
    q = logits.softmax(-1)
    return logits.masked_fill(q < (1 - min_p) * q.amax(-1, keepdim=True), -torch.inf)


# %% wrong: the first row's bar | expects: first row
import torch


def min_p_filter(logits, min_p):
    q = logits.softmax(-1)
    bar = q.reshape(-1, q.shape[-1])[0].max() * min_p
    return logits.masked_fill(q < bar, -torch.inf)


# %% wrong: log-probabilities come back | expects: log-probabilities
import torch


def min_p_filter(logits, min_p):
    z = logits.log_softmax(-1)
    q = z.exp()
    return z.masked_fill(q < min_p * q.amax(-1, keepdim=True), -torch.inf)


# %% wrong: sorted | expects: sorted
import torch


def min_p_filter(logits, min_p):
    logits = logits.sort(-1, descending=True).values
    q = logits.softmax(-1)
    return logits.masked_fill(q < min_p * q.amax(-1, keepdim=True), -torch.inf)


# %% wrong: max over axis 1 | expects: at least min_p times the largest of its row
import torch


def min_p_filter(logits, min_p):
    q = logits.softmax(-1)
    axis = min(1, q.dim() - 1)
    return logits.masked_fill(q < min_p * q.amax(axis, keepdim=True), -torch.inf)
