"""Answers to `mask_logits`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: a boolean mask
import torch


def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        raise ValueError(f"allowed_ids must hold at least one id, got {allowed_ids!r}")
    allowed = torch.zeros(logits.shape[-1], dtype=torch.bool)
    allowed[list(allowed_ids)] = True
    return logits.masked_fill(~allowed, -torch.inf)


# %% right: copied into a tensor of -inf
import torch


def mask_logits(logits, allowed_ids):
    ids = sorted(allowed_ids)
    if len(ids) == 0:
        raise ValueError("no id is allowed")
    masked = torch.full_like(logits, float("-inf"))
    masked[..., ids] = logits[..., ids]
    return masked


# %% right: an added mask of 0 and -inf
import torch


def mask_logits(logits, allowed_ids):
    if len(allowed_ids) < 1:
        raise ValueError("allowed_ids is empty: nothing could be sampled")
    forbidden = [index for index in range(logits.size(-1)) if index not in allowed_ids]
    addend = torch.zeros(logits.size(-1), dtype=logits.dtype)
    addend[forbidden] = -torch.inf
    return logits + addend


# %% right: torch.where
import torch


def mask_logits(logits, allowed_ids):
    index = torch.tensor(list(allowed_ids))
    if index.numel() == 0:
        raise ValueError("allowed_ids must not be empty")
    keep = torch.isin(torch.arange(logits.shape[-1]), index)
    return torch.where(keep, logits, torch.tensor(-torch.inf, dtype=logits.dtype))


# %% right: a clone, id by id
def mask_logits(logits, allowed_ids):
    if set() == set(allowed_ids):
        raise ValueError(f"allowed_ids {allowed_ids} leaves no token")
    result = logits.clone()
    for token in range(result.shape[-1]):
        if token not in allowed_ids:
            result[..., token] = -float("inf")
    return result


# %% right: scatter and index_fill
import torch


def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        raise ValueError("empty")
    barred = sorted(set(range(logits.shape[-1])) - set(allowed_ids))
    return logits.index_fill(-1, torch.tensor(barred, dtype=torch.long), -torch.inf)


# %% wrong: in place | expects: in place
import torch


def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        raise ValueError("allowed_ids must not be empty")
    allowed = torch.zeros(logits.shape[-1], dtype=torch.bool)
    allowed[list(allowed_ids)] = True
    logits[..., ~allowed] = -torch.inf
    return logits


# %% wrong: others become 0 | expects: 0
import torch


def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        raise ValueError("allowed_ids must not be empty")
    allowed = torch.zeros(logits.shape[-1], dtype=torch.bool)
    allowed[list(allowed_ids)] = True
    return logits.masked_fill(~allowed, 0.0)


# %% wrong: multiplied by the mask | expects: 0
import torch


def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        raise ValueError("allowed_ids must not be empty")
    allowed = torch.zeros(logits.shape[-1])
    allowed[list(allowed_ids)] = 1.0
    return logits * allowed


# %% wrong: a large negative number | expects: -inf / large negative
import torch


def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        raise ValueError("allowed_ids must not be empty")
    allowed = torch.zeros(logits.shape[-1], dtype=torch.bool)
    allowed[list(allowed_ids)] = True
    return logits.masked_fill(~allowed, -1e9)


# %% wrong: the smallest finite number | expects: -inf / finite
import torch


def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        raise ValueError("allowed_ids must not be empty")
    allowed = torch.zeros(logits.shape[-1], dtype=torch.bool)
    allowed[list(allowed_ids)] = True
    return logits.masked_fill(~allowed, torch.finfo(logits.dtype).min)


# %% wrong: -1e9 is added | expects: -inf / large negative
import torch


def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        raise ValueError("allowed_ids must not be empty")
    allowed = torch.zeros(logits.shape[-1])
    allowed[list(allowed_ids)] = 1.0
    return logits + (1 - allowed) * -1e9


# %% wrong: the empty set masks everything | expects: empty
import torch


def mask_logits(logits, allowed_ids):
    allowed = torch.zeros(logits.shape[-1], dtype=torch.bool)
    allowed[list(allowed_ids)] = True
    return logits.masked_fill(~allowed, -torch.inf)


# %% wrong: the empty set means no restriction | expects: empty
import torch


def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        return logits.clone()
    allowed = torch.zeros(logits.shape[-1], dtype=torch.bool)
    allowed[list(allowed_ids)] = True
    return logits.masked_fill(~allowed, -torch.inf)


# %% wrong: the allowed ones are masked | expects: allowed / other / inverted
import torch


def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        raise ValueError("allowed_ids must not be empty")
    masked = logits.clone()
    masked[..., list(allowed_ids)] = -torch.inf
    return masked


# %% wrong: masks along the first dimension | expects: last / row / batch / dimension / vector
import torch


def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        raise ValueError("allowed_ids must not be empty")
    masked = torch.full_like(logits, -torch.inf)
    ids = list(allowed_ids)
    masked[ids] = logits[ids]
    return masked


# %% wrong: one vector only | expects: batch / dimension
import torch


def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        raise ValueError("allowed_ids must not be empty")
    values = [float(logits[i]) if i in allowed_ids else -torch.inf for i in range(len(logits))]
    return torch.tensor(values, dtype=logits.dtype)


# %% wrong: only the allowed logits come back | expects: shape / only / v
def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        raise ValueError("allowed_ids must not be empty")
    return logits[..., sorted(allowed_ids)]


# %% wrong: probabilities instead of logits | expects: probabilit / softmax / logits
import torch


def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        raise ValueError("allowed_ids must not be empty")
    allowed = torch.zeros(logits.shape[-1], dtype=torch.bool)
    allowed[list(allowed_ids)] = True
    return torch.softmax(logits.masked_fill(~allowed, -torch.inf), dim=-1)


# %% wrong: log-probabilities instead of logits | expects: log-prob / softmax / as they were / unchanged
import torch


def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        raise ValueError("allowed_ids must not be empty")
    allowed = torch.zeros(logits.shape[-1], dtype=torch.bool)
    allowed[list(allowed_ids)] = True
    return torch.log_softmax(logits.masked_fill(~allowed, -torch.inf), dim=-1)


# %% wrong: everything else is flattened to 0, allowed too | expects: allowed / as they were / unchanged
import torch


def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        raise ValueError("allowed_ids must not be empty")
    masked = torch.full_like(logits, -torch.inf)
    masked[..., list(allowed_ids)] = 0.0
    return masked


# %% wrong: minus infinity times the mask | expects: nan
import torch


def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        raise ValueError("allowed_ids must not be empty")
    barred = torch.ones(logits.shape[-1])
    barred[list(allowed_ids)] = 0.0
    return logits + barred * -torch.inf


# %% wrong: plus infinity | expects: +inf / minus / sign
import torch


def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        raise ValueError("allowed_ids must not be empty")
    allowed = torch.zeros(logits.shape[-1], dtype=torch.bool)
    allowed[list(allowed_ids)] = True
    return logits.masked_fill(~allowed, torch.inf)


# %% wrong: refused with an assert | expects: valueerror
import torch


def mask_logits(logits, allowed_ids):
    if len(allowed_ids) == 0:
        raise IndexError("allowed_ids must not be empty")
    allowed = torch.zeros(logits.shape[-1], dtype=torch.bool)
    allowed[list(allowed_ids)] = True
    return logits.masked_fill(~allowed, -torch.inf)


# %% wrong: ids counted from 1 | expects: from 0 / index / shifted
import torch


def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        raise ValueError("allowed_ids must not be empty")
    allowed = torch.zeros(logits.shape[-1], dtype=torch.bool)
    allowed[[i - 1 for i in allowed_ids]] = True
    return logits.masked_fill(~allowed, -torch.inf)


# %% wrong: the range from the smallest to the largest id | expects: between / range / only the ids
import torch


def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        raise ValueError("allowed_ids must not be empty")
    masked = torch.full_like(logits, -torch.inf)
    low, high = min(allowed_ids), max(allowed_ids) + 1
    masked[..., low:high] = logits[..., low:high]
    return masked


# %% wrong: a batch in place, one vector not | expects: in place
import torch


def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        raise ValueError("allowed_ids must not be empty")
    barred = [i for i in range(logits.shape[-1]) if i not in allowed_ids]
    flat = logits.view(-1, logits.shape[-1]) if logits.dim() > 1 else logits.clone()
    flat[..., barred] = -torch.inf
    return flat.view(logits.shape)

# %% wrong: id 0 alone is taken for the empty set | expects: {0}
import torch
def mask_logits(logits, allowed_ids):
    if not any(allowed_ids):
        raise ValueError("empty")
    m = torch.ones(logits.shape[-1], dtype=torch.bool); m[sorted(allowed_ids)] = False
    return logits.masked_fill(m, -torch.inf)

# %% right: index_copy
import torch
def mask_logits(logits, allowed_ids):
    idx = torch.as_tensor(list(allowed_ids), dtype=torch.long)
    if not idx.numel():
        raise ValueError(f"allowed_ids = {allowed_ids}")
    out = logits.new_full(logits.shape, float("-inf"))
    return out.index_copy(-1, idx, logits.index_select(-1, idx))


# %% wrong: an allowed logit of exactly 0 is lost | expects: exactly 0
import torch


def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        raise ValueError("allowed_ids must not be empty")
    keep = torch.zeros(logits.shape[-1], dtype=logits.dtype)
    keep[list(allowed_ids)] = 1
    masked = logits * keep
    masked[masked == 0] = -torch.inf
    return masked


# %% wrong: only 64 tokens fit | expects: raised / stay as they were / -inf
import torch


def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        raise ValueError("allowed_ids must not be empty")
    keep = torch.zeros(64, dtype=torch.bool)
    keep[list(allowed_ids)] = True
    return logits.masked_fill(~keep[: logits.shape[-1]], -torch.inf)


# %% right: the logarithm of a mask of 0 and 1
import torch


def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        raise ValueError(f"allowed_ids is empty: {allowed_ids}")
    keep = torch.zeros(logits.shape[-1], dtype=logits.dtype)
    keep[list(allowed_ids)] = 1
    return logits + keep.log()


# %% right: row by row in plain Python
import torch


def mask_logits(logits, allowed_ids):
    if not len(allowed_ids):
        raise ValueError("allowed_ids: at least one id, got none")
    if logits.dim() > 1:
        return torch.stack([mask_logits(row, allowed_ids) for row in logits])
    return torch.tensor([v if i in allowed_ids else float("-inf") for i, v in enumerate(logits.tolist())])


# %% wrong: the allowed logits are divided by a temperature | expects: stay as they were
import torch


def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        raise ValueError("allowed_ids must not be empty")
    masked = torch.full_like(logits, -torch.inf)
    masked[..., list(allowed_ids)] = logits[..., list(allowed_ids)] / 0.7
    return masked


# %% wrong: allowed logits are clamped to a safe range | expects: clamp nothing
def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        raise ValueError("allowed_ids is empty")
    masked = torch.full_like(logits, -torch.inf)
    for token in allowed_ids:
        masked[..., token] = logits[..., token].clamp(-100, 100)
    return masked


# %% wrong: the set of ids is used up | expects: modified
def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        raise ValueError("allowed_ids is empty")
    masked = torch.full_like(logits, -torch.inf)
    while allowed_ids:
        token = allowed_ids.pop()
        masked[..., token] = logits[..., token]
    return masked


# %% wrong: masks are kept by their ids alone | expects: mask of an earlier call
import torch

MASKS = {}


def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        raise ValueError("allowed_ids is empty")
    key = frozenset(allowed_ids)
    if key not in MASKS:
        MASKS[key] = torch.tensor([token in key for token in range(logits.shape[-1])])
    return logits.masked_fill(~MASKS[key], float("-inf"))


# %% wrong: the last id is left out | expects: the last id
import torch


def mask_logits(logits, allowed_ids):
    if not allowed_ids:
        raise ValueError("allowed_ids is empty")
    masked = torch.full_like(logits, float("-inf"))
    for token in range(logits.shape[-1] - 1):
        if token in allowed_ids:
            masked[..., token] = logits[..., token]
    return masked
