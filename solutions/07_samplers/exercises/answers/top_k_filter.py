"""Answers to `top_k_filter`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: a stable sort, and a mask scattered back
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    keep = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order[..., :k], True)
    return logits.masked_fill(~keep, float("-inf"))


# %% right: ranks by sorting twice
import torch


def top_k_filter(logits, k):
    if k <= 0:
        raise ValueError(f"k = {k} is below 1")
    ranks = torch.sort(torch.sort(-logits, dim=-1, stable=True).indices, dim=-1).indices
    return torch.where(ranks < k, logits, torch.tensor(float("-inf"), dtype=logits.dtype))


# %% right: numpy, row by row
import numpy as np
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError(f"k is {k}, and must be 1 or more")
    rows = logits.detach().numpy().reshape(-1, logits.shape[-1])
    result = np.full_like(rows, -np.inf)
    for row, values in enumerate(rows):
        best = np.argsort(-values, kind="stable")[:k]
        result[row, best] = values[best]
    return torch.from_numpy(result).reshape(logits.shape)


# %% right: how many are ahead of each token
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError(f"k must be positive, got {k}")
    index = torch.arange(logits.shape[-1])
    larger = logits.unsqueeze(-2) > logits.unsqueeze(-1)
    equal_before = (logits.unsqueeze(-2) == logits.unsqueeze(-1)) & (index.unsqueeze(0) < index.unsqueeze(1))
    ahead = (larger | equal_before).sum(-1)
    out = logits.clone()
    out[ahead >= k] = float("-inf")
    return out


# %% right: the k-th value, ties counted from the left
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError(f"k={k}")
    k = min(k, logits.shape[-1])
    kth = logits.topk(k, dim=-1).values[..., -1:]
    above = logits > kth
    room = k - above.sum(-1, keepdim=True)
    tied = logits == kth
    keep = above | (tied & (tied.cumsum(-1) <= room))
    return torch.where(keep, logits, torch.full_like(logits, -torch.inf))


# %% right: plain Python over nested lists
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError(f"k must be 1 or more, not {k}")

    def row(values):
        if isinstance(values[0], list):
            return [row(part) for part in values]
        best = set(sorted(range(len(values)), key=lambda i: (-values[i], i))[:k])
        return [value if i in best else float("-inf") for i, value in enumerate(values)]

    return torch.tensor(row(logits.tolist()))


# %% wrong: ties with the k-th all stay | expects: tie / exactly k
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    k = min(k, logits.shape[-1])
    kth = logits.topk(k, dim=-1).values[..., -1:]
    return logits.masked_fill(logits < kth, float("-inf"))


# %% wrong: ties with the k-th all go | expects: tie / exactly k
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    if k >= logits.shape[-1]:
        return logits.clone()
    next_value = logits.topk(k + 1, dim=-1).values[..., -1:]
    return logits.masked_fill(logits <= next_value, float("-inf"))


# %% wrong: of equal logits the later ones stay | expects: lower index / tie
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    order = logits.argsort(dim=-1, stable=True).flip(-1)[..., :k]
    keep = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, True)
    return logits.masked_fill(~keep, float("-inf"))


# %% wrong: the tokens come back sorted | expects: place / order / sorted
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    values = logits.sort(dim=-1, descending=True, stable=True).values
    values[..., k:] = float("-inf")
    return values


# %% wrong: only the k logits come back | expects: shape / vocabulary
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    return logits.topk(min(k, logits.shape[-1]), dim=-1).values


# %% wrong: the others become zero | expects: -inf
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    order = logits.argsort(dim=-1, descending=True, stable=True)[..., :k]
    keep = torch.zeros_like(logits).scatter(-1, order, 1.0)
    return logits * keep


# %% wrong: a large negative number instead of -inf | expects: -inf
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    order = logits.argsort(dim=-1, descending=True, stable=True)[..., :k]
    keep = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, True)
    return logits.masked_fill(~keep, -1e9)


# %% wrong: k over the vocabulary raises | expects: keeps all / vocabulary
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    indices = logits.topk(k, dim=-1).indices
    order = logits.argsort(dim=-1, descending=True, stable=True)[..., : indices.shape[-1]]
    keep = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, True)
    return logits.masked_fill(~keep, float("-inf"))


# %% wrong: k = 0 goes through | expects: refused
import torch


def top_k_filter(logits, k):
    order = logits.argsort(dim=-1, descending=True, stable=True)[..., : max(k, 0)]
    keep = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, True)
    return logits.masked_fill(~keep, float("-inf"))


# %% wrong: k = 0 switches the filter off | expects: refused
import torch


def top_k_filter(logits, k):
    if k < 0:
        raise ValueError("k must not be negative")
    if k == 0:
        return logits.clone()
    order = logits.argsort(dim=-1, descending=True, stable=True)[..., :k]
    keep = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, True)
    return logits.masked_fill(~keep, float("-inf"))


# %% wrong: the logits are changed in place | expects: in place
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    order = logits.argsort(dim=-1, descending=True, stable=True)[..., :k]
    keep = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, True)
    logits[~keep] = float("-inf")
    return logits


# %% wrong: one more than k stays | expects: one too many / k + 1
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    order = logits.argsort(dim=-1, descending=True, stable=True)[..., : k + 1]
    keep = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, True)
    return logits.masked_fill(~keep, float("-inf"))


# %% wrong: the k smallest stay | expects: smallest / largest
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    order = logits.argsort(dim=-1, stable=True)[..., :k]
    keep = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, True)
    return logits.masked_fill(~keep, float("-inf"))


# %% wrong: the first row's tokens for all rows | expects: row
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    first = logits.reshape(-1, logits.shape[-1])[0]
    keep = torch.zeros(logits.shape[-1], dtype=torch.bool)
    keep[first.argsort(descending=True, stable=True)[:k]] = True
    return logits.masked_fill(~keep, float("-inf"))


# %% wrong: the k largest of the whole batch | expects: whole / row
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    flat = logits.reshape(-1)
    keep = torch.zeros(flat.shape, dtype=torch.bool)
    keep[flat.argsort(descending=True, stable=True)[:k]] = True
    return logits.masked_fill(~keep.reshape(logits.shape), float("-inf"))


# %% wrong: probabilities come back | expects: probabilities / logits
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    order = logits.argsort(dim=-1, descending=True, stable=True)[..., :k]
    keep = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, True)
    return logits.masked_fill(~keep, float("-inf")).softmax(-1)


# %% wrong: ranks by absolute value | expects: absolute / sign
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    order = logits.abs().argsort(dim=-1, descending=True, stable=True)[..., :k]
    keep = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, True)
    return logits.masked_fill(~keep, float("-inf"))


# %% wrong: top-k with a batch that must be two-dimensional | expects: dimension / shape / batch
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    result = torch.full_like(logits, float("-inf"))
    for b in range(logits.shape[0]):
        for i in logits[b].argsort(descending=True, stable=True)[:k].tolist():
            result[b, i] = logits[b, i]
    return result


# %% wrong: a TypeError for k = 0 | expects: ValueError
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise TypeError("k must be at least 1")
    order = logits.argsort(dim=-1, descending=True, stable=True)[..., :k]
    keep = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, True)
    return logits.masked_fill(~keep, float("-inf"))


# %% right: k times the first largest of what is left
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError(f"k = {k} leaves nothing")
    rows = logits.reshape(-1, logits.shape[-1])
    kept = torch.full_like(rows, -torch.inf)
    for row, out in zip(rows.tolist(), kept):
        for place in sorted(range(len(row)), key=lambda i: (-row[i], i))[:k]:
            out[place] = row[place]
    return kept.reshape(logits.shape)


# %% right: numpy's stable sort
import numpy as np
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError(f"k must be positive, not {k}")
    array = logits.numpy()
    ranks = np.argsort(np.argsort(-array, axis=-1, kind="stable"), axis=-1, kind="stable")
    return torch.from_numpy(np.where(ranks < k, array, -np.inf).astype(array.dtype))


# %% wrong: nothing is taken away | expects: taken away
def top_k_filter(logits, k):
    if k < 1:
        raise ValueError(f"k = {k}")
    return logits.clone()


# %% wrong: one too few stays | expects: too few
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError(f"k = {k}")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    keep = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order[..., : max(1, k - 1)], True)
    return logits.masked_fill(~keep, float("-inf"))


# %% wrong: in a tie any of the equal ones | expects: lower index
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError(f"k = {k}")
    shuffled = torch.randperm(logits.shape[-1], generator=torch.Generator().manual_seed(3))
    order = shuffled[logits[..., shuffled].argsort(dim=-1, descending=True, stable=True)]
    keep = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order[..., :k], True)
    return logits.masked_fill(~keep, float("-inf"))


# %% wrong: never more than 64 | expects: largest
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError(f"k = {k}")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    keep = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order[..., : min(k, 64)], True)
    return logits.masked_fill(~keep, float("-inf"))


# %% wrong: k is cut down to one less than the vocabulary | expects: keeps all
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    gone = order[..., min(k, logits.shape[-1] - 1) :]
    return logits.scatter(-1, gone, float("-inf"))


# %% wrong: the mask comes back | expects: the mask (True and False)
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    return torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order[..., :k], True)


# %% wrong: the mask of those that stay is filled | expects: wrong way round
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    keep = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order[..., :k], True)
    return logits.masked_fill(keep, float("-inf"))


# %% wrong: sorted along the first dimension | expects: each column
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    order = logits.argsort(dim=0, descending=True, stable=True)
    keep = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order[..., :k], True)
    return logits.masked_fill(~keep, float("-inf"))


# %% wrong: a bar for each column | expects: each column
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    bar = logits.sort(dim=0, descending=True).values[:k][-1]
    return logits.masked_fill(logits < bar, float("-inf"))


# %% wrong: k = 1 is refused | expects: from 1 on is allowed
import torch


def top_k_filter(logits, k):
    if k <= 1:
        raise ValueError("k must be at least 1")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    keep = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order[..., :k], True)
    return logits.masked_fill(~keep, float("-inf"))


# %% wrong: half precision inside makes ties | expects: no tie
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError("k")
    ranks = logits.half().argsort(dim=-1, descending=True, stable=True).argsort(-1)
    return logits.masked_fill(ranks >= k, -torch.inf)


# %% wrong: argsort once instead of twice | expects: taken for ranks
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError("k")
    order = logits.argsort(dim=-1, descending=True, stable=True)
    return logits.masked_fill(order >= k, -torch.inf)


# %% wrong: log-probabilities come back | expects: log-probabilities
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError("k")
    ranks = logits.argsort(dim=-1, descending=True, stable=True).argsort(-1)
    return logits.masked_fill(ranks >= k, -torch.inf).log_softmax(-1)


# %% wrong: ties by a small noise | expects: add no number
import torch


def top_k_filter(logits, k):
    if k < 1:
        raise ValueError("k")
    noisy = logits - 1e-6 * torch.arange(logits.shape[-1])
    ranks = noisy.argsort(dim=-1, descending=True, stable=True).argsort(-1)
    return logits.masked_fill(ranks >= k, -torch.inf)
