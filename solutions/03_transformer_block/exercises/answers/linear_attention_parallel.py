"""Answers to `linear_attention_parallel` and `linear_attention_recurrent`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: masked scores, and a state per step
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    q, k = F.elu(q) + 1, F.elu(k) + 1
    scores = (q @ k.transpose(-2, -1)).tril()
    return scores @ v / scores.sum(dim=-1, keepdim=True)


def linear_attention_recurrent(q, k, v):
    q, k = F.elu(q) + 1, F.elu(k) + 1
    state = torch.zeros(*k.shape[:-2], k.shape[-1], v.shape[-1], dtype=v.dtype)
    total = torch.zeros(*k.shape[:-2], k.shape[-1], dtype=k.dtype)
    outputs = []
    for t in range(q.shape[-2]):
        state = state + k[..., t, :, None] * v[..., t, None, :]
        total = total + k[..., t, :]
        numerator = (q[..., t, :, None] * state).sum(dim=-2)
        outputs.append(numerator / (q[..., t, :] * total).sum(dim=-1, keepdim=True))
    return torch.stack(outputs, dim=-2)


# %% right: cumulative sums, and a column of ones beside the values
import torch


def features(x):
    return torch.where(x > 0, x + 1, torch.exp(x.clamp(max=0)))


def linear_attention_parallel(q, k, v):
    q, k = features(q), features(k)
    state = torch.cumsum(torch.einsum("...td,...te->...tde", k, v), dim=-3)
    total = torch.cumsum(k, dim=-2)
    return (
        torch.einsum("...td,...tde->...te", q, state)
        / torch.einsum("...td,...td->...t", q, total)[..., None]
    )


def linear_attention_recurrent(q, k, v):
    q, k = features(q), features(k)
    v = torch.cat([v, torch.ones_like(v[..., :1])], dim=-1)
    state, rows = 0, []
    for q_t, k_t, v_t in zip(q.unbind(-2), k.unbind(-2), v.unbind(-2)):
        state = state + torch.einsum("...d,...e->...de", k_t, v_t)
        row = torch.einsum("...d,...de->...e", q_t, state)
        rows.append(row[..., :-1] / row[..., -1:])
    return torch.stack(rows, dim=-2)


# %% right: weights normalised first, and a state updated in place
import torch
from torch import nn


def linear_attention_parallel(q, k, v):
    phi = nn.ELU()
    weights = torch.einsum("...td,...sd->...ts", phi(q) + 1, phi(k) + 1)
    allowed = torch.ones(q.shape[-2], k.shape[-2], dtype=torch.bool).tril()
    weights = torch.where(allowed, weights, torch.zeros_like(weights))
    weights = weights / weights.sum(-1, keepdim=True)
    return torch.matmul(weights, v)


def linear_attention_recurrent(q, k, v):
    phi = nn.ELU()
    q, k = phi(q) + 1, phi(k) + 1
    state = q.new_zeros(*q.shape[:-2], q.shape[-1], v.shape[-1])
    norm = q.new_zeros(*q.shape[:-2], q.shape[-1], 1)
    result = torch.empty_like(v)
    for t in range(v.shape[-2]):
        now = slice(t, t + 1)
        state += k[..., now, :].mT @ v[..., now, :]
        norm += k[..., now, :].mT
        result[..., now, :] = (q[..., now, :] @ state) / (q[..., now, :] @ norm)
    return result


# %% wrong: the parallel form is not causal | expects: causal / future / later
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    q, k = F.elu(q) + 1, F.elu(k) + 1
    scores = q @ k.transpose(-2, -1)
    return scores @ v / scores.sum(dim=-1, keepdim=True)


def linear_attention_recurrent(q, k, v):
    return linear_attention_parallel(q, k, v)


# %% wrong: the parallel form is not normalised | expects: normalis / normaliz / divide
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    q, k = F.elu(q) + 1, F.elu(k) + 1
    scores = (q @ k.transpose(-2, -1)).tril()
    return scores @ v


def linear_attention_recurrent(q, k, v):
    return linear_attention_parallel(q, k, v)


# %% wrong: the recurrent form is not normalised | of: masked scores, and a state per step | expects: normalis / normaliz / divide
# -         outputs.append(numerator / (q[..., t, :] * total).sum(dim=-1, keepdim=True))
# +         outputs.append(numerator)


# %% wrong: elu without 1 | of: masked scores, and a state per step | expects: + 1 / plus 1 / feature map / adds 1 / without 1
# - def linear_attention_parallel(q, k, v):
# -     q, k = F.elu(q) + 1, F.elu(k) + 1
# + def linear_attention_parallel(q, k, v):
# +     q, k = F.elu(q), F.elu(k)

# - def linear_attention_recurrent(q, k, v):
# -     q, k = F.elu(q) + 1, F.elu(k) + 1
# + def linear_attention_recurrent(q, k, v):
# +     q, k = F.elu(q), F.elu(k)


# %% wrong: relu for elu + 1 | of: masked scores, and a state per step | expects: relu / feature map
# - def linear_attention_parallel(q, k, v):
# -     q, k = F.elu(q) + 1, F.elu(k) + 1
# + def linear_attention_parallel(q, k, v):
# +     q, k = F.relu(q), F.relu(k)

# - def linear_attention_recurrent(q, k, v):
# -     q, k = F.elu(q) + 1, F.elu(k) + 1
# + def linear_attention_recurrent(q, k, v):
# +     q, k = F.relu(q), F.relu(k)


# %% wrong: softmax attention | expects: softmax / feature map / elu(
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    later = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
    return torch.softmax(scores.masked_fill(later, -torch.inf), dim=-1) @ v


def linear_attention_recurrent(q, k, v):
    return linear_attention_parallel(q, k, v)


# %% wrong: no feature map | of: masked scores, and a state per step | expects: feature map / elu(
# - def linear_attention_parallel(q, k, v):
# -     q, k = F.elu(q) + 1, F.elu(k) + 1
# + def linear_attention_parallel(q, k, v):

# - def linear_attention_recurrent(q, k, v):
# -     q, k = F.elu(q) + 1, F.elu(k) + 1
# + def linear_attention_recurrent(q, k, v):


# %% wrong: the feature map on the queries only | of: masked scores, and a state per step | expects: keys / feature map / to both
# - def linear_attention_parallel(q, k, v):
# -     q, k = F.elu(q) + 1, F.elu(k) + 1
# + def linear_attention_parallel(q, k, v):
# +     q = F.elu(q) + 1

# - def linear_attention_recurrent(q, k, v):
# -     q, k = F.elu(q) + 1, F.elu(k) + 1
# + def linear_attention_recurrent(q, k, v):
# +     q = F.elu(q) + 1


# %% wrong: queries and keys scaled by the root of d first | of: masked scores, and a state per step | expects: scale / sqrt / feature map
# - def linear_attention_parallel(q, k, v):
# -     q, k = F.elu(q) + 1, F.elu(k) + 1
# + def linear_attention_parallel(q, k, v):
# +     q, k = F.elu(q / q.shape[-1] ** 0.5) + 1, F.elu(k) + 1

# - def linear_attention_recurrent(q, k, v):
# -     q, k = F.elu(q) + 1, F.elu(k) + 1
# + def linear_attention_recurrent(q, k, v):
# +     q, k = F.elu(q / q.shape[-1] ** 0.5) + 1, F.elu(k) + 1


# %% wrong: the feature map on the values too | expects: value / feature map
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    q, k = F.elu(q) + 1, F.elu(k) + 1
    v = F.elu(v) + 1
    scores = (q @ k.transpose(-2, -1)).tril()
    return scores @ v / scores.sum(dim=-1, keepdim=True)


def linear_attention_recurrent(q, k, v):
    q, k = F.elu(q) + 1, F.elu(k) + 1
    v = F.elu(v) + 1
    state = torch.zeros(*k.shape[:-2], k.shape[-1], v.shape[-1], dtype=v.dtype)
    total = torch.zeros(*k.shape[:-2], k.shape[-1], dtype=k.dtype)
    outputs = []
    for t in range(q.shape[-2]):
        state = state + k[..., t, :, None] * v[..., t, None, :]
        total = total + k[..., t, :]
        numerator = (q[..., t, :, None] * state).sum(dim=-2)
        outputs.append(numerator / (q[..., t, :] * total).sum(dim=-1, keepdim=True))
    return torch.stack(outputs, dim=-2)


# %% wrong: the state is read before it is updated | expects: own position / itself / before / current / updated / own key
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    q, k = F.elu(q) + 1, F.elu(k) + 1
    scores = (q @ k.transpose(-2, -1)).tril()
    return scores @ v / scores.sum(dim=-1, keepdim=True)


def linear_attention_recurrent(q, k, v):
    q, k = F.elu(q) + 1, F.elu(k) + 1
    state = torch.zeros(*k.shape[:-2], k.shape[-1], v.shape[-1], dtype=v.dtype)
    total = torch.zeros(*k.shape[:-2], k.shape[-1], dtype=k.dtype)
    outputs = []
    for t in range(q.shape[-2]):
        numerator = (q[..., t, :, None] * state).sum(dim=-2)
        outputs.append(numerator / (q[..., t, :] * total).sum(dim=-1, keepdim=True))
        state = state + k[..., t, :, None] * v[..., t, None, :]
        total = total + k[..., t, :]
    return torch.stack(outputs, dim=-2)


# %% wrong: the parallel form leaves the own position out | of: the parallel form is not causal | expects: own position / itself / diagonal / current / own key
# -     scores = q @ k.transpose(-2, -1)
# +     scores = (q @ k.transpose(-2, -1)).tril(-1)


# %% wrong: normalised by the number of positions | of: the parallel form is not normalised | expects: number of positions / normalis / normaliz / t + 1 / average
# -     return scores @ v
# +     counts = torch.arange(1, q.shape[-2] + 1, dtype=v.dtype)[:, None]
# +     return scores @ v / counts


# %% wrong: only the last state is given back | of: masked scores, and a state per step | expects: every position / last position / last step / last output / shape / each position / every step / all positions
# -     q, k = F.elu(q) + 1, F.elu(k) + 1
# -     scores = (q @ k.transpose(-2, -1)).tril()
# -     return scores @ v / scores.sum(dim=-1, keepdim=True)
# +     return linear_attention_recurrent(q, k, v)

# -     return torch.stack(outputs, dim=-2)
# +     return outputs[-1]


# %% wrong: the state forgets by half at each step | of: masked scores, and a state per step | expects: forget / decay / state / accumul
# -     q, k = F.elu(q) + 1, F.elu(k) + 1
# -     scores = (q @ k.transpose(-2, -1)).tril()
# -     return scores @ v / scores.sum(dim=-1, keepdim=True)
# +     return linear_attention_recurrent(q, k, v)

# -         state = state + k[..., t, :, None] * v[..., t, None, :]
# +         state = 0.5 * state + k[..., t, :, None] * v[..., t, None, :]


# %% wrong: the normaliser is that of the current key only | of: masked scores, and a state per step | expects: normalis / normaliz / denominator / all keys / so far
# -     q, k = F.elu(q) + 1, F.elu(k) + 1
# -     scores = (q @ k.transpose(-2, -1)).tril()
# -     return scores @ v / scores.sum(dim=-1, keepdim=True)
# +     return linear_attention_recurrent(q, k, v)

# -         total = total + k[..., t, :]
# +         total = k[..., t, :]


# %% wrong: the state replaced instead of added to | of: masked scores, and a state per step | expects: state / adds / added / accumul / replace
# -     q, k = F.elu(q) + 1, F.elu(k) + 1
# -     scores = (q @ k.transpose(-2, -1)).tril()
# -     return scores @ v / scores.sum(dim=-1, keepdim=True)
# +     return linear_attention_recurrent(q, k, v)

# -         state = state + k[..., t, :, None] * v[..., t, None, :]
# +         state = k[..., t, :, None] * v[..., t, None, :]


# %% wrong: normalised over all keys, later ones too | of: the parallel form is not causal | expects: causal / later / future / normalis / normaliz
# -     return scores @ v / scores.sum(dim=-1, keepdim=True)
# +     return scores.tril() @ v / scores.sum(dim=-1, keepdim=True)


# %% wrong: one state for the whole batch | expects: batch / leading / shared / of its own / each sequence
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    return linear_attention_recurrent(q, k, v)


def linear_attention_recurrent(q, k, v):
    q, k = F.elu(q) + 1, F.elu(k) + 1
    state = torch.zeros(k.shape[-1], v.shape[-1], dtype=v.dtype)
    total = torch.zeros(*k.shape[:-2], k.shape[-1], dtype=k.dtype)
    outputs = []
    for t in range(q.shape[-2]):
        state = state + (k[..., t, :, None] * v[..., t, None, :]).flatten(0, -3).sum(dim=0)
        total = total + k[..., t, :]
        numerator = (q[..., t, :, None] * state).sum(dim=-2)
        outputs.append(numerator / (q[..., t, :] * total).sum(dim=-1, keepdim=True))
    return torch.stack(outputs, dim=-2)


# %% wrong: normalised over the queries | of: the parallel form is not normalised | expects: queries / axis / dimension / over the keys / last dim / normalis / normaliz
# -     return scores @ v
# +     return scores @ v / scores.sum(dim=-2, keepdim=True)


# %% wrong: outputs stacked along the first dimension | of: masked scores, and a state per step | expects: dimension / shape / stack / (..., T
# -     q, k = F.elu(q) + 1, F.elu(k) + 1
# -     scores = (q @ k.transpose(-2, -1)).tril()
# -     return scores @ v / scores.sum(dim=-1, keepdim=True)
# +     return linear_attention_recurrent(q, k, v)

# -     return torch.stack(outputs, dim=-2)
# +     return torch.stack(outputs, dim=0)


# %% right: float32 inside, results in blocks of 16 positions between which a state is carried
import torch
import torch.nn.functional as F


def features(x):
    return F.elu(x.float()) + 1


def linear_attention_parallel(q, k, v):
    weights = features(q) @ features(k).mT
    later = torch.arange(q.shape[-2])[:, None] < torch.arange(q.shape[-2])
    weights = weights.masked_fill(later, 0)
    return ((weights / weights.sum(-1, keepdim=True)) @ v.float()).to(v.dtype)


def linear_attention_recurrent(q, k, v):
    q, k, wide = features(q), features(k), F.pad(v.float(), (0, 1), value=1.0)
    state = wide.new_zeros(*k.shape[:-2], k.shape[-1], wide.shape[-1])
    rows = []
    for start in range(0, q.shape[-2], 16):
        part = slice(start, start + 16)
        inside = (q[..., part, :] @ k[..., part, :].mT).tril() @ wide[..., part, :]
        rows.append(inside + q[..., part, :] @ state)
        state = state + k[..., part, :].mT @ wide[..., part, :]
    joined = torch.cat(rows, -2)
    return (joined[..., :-1] / joined[..., -1:]).to(v.dtype)


# %% right: numpy, and all products of keys and values made before the loop
import numpy as np
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    def phi(x):
        return np.where(x > 0, x + 1, np.exp(np.minimum(x, 0)))

    weights = np.tril(phi(q.numpy()) @ np.swapaxes(phi(k.numpy()), -1, -2))
    return torch.from_numpy(weights @ v.numpy() / weights.sum(-1, keepdims=True))


def linear_attention_recurrent(q, k, v):
    q, k = F.elu(q) + 1, F.elu(k) + 1
    products = k.unsqueeze(-1) * v.unsqueeze(-2)
    state, total = torch.zeros_like(products[..., 0, :, :]), torch.zeros_like(k[..., 0, :])
    result = torch.zeros_like(v)
    for t in range(q.shape[-2]):
        state += products[..., t, :, :]
        total += k[..., t, :]
        top = torch.einsum("...d,...de->...e", q[..., t, :], state)
        result[..., t, :] = top / torch.einsum("...d,...d->...", q[..., t, :], total)[..., None]
    return result


# %% wrong: the recurrent form is the parallel one | expects: computed / state
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    q, k = F.elu(q) + 1, F.elu(k) + 1
    scores = (q @ k.transpose(-2, -1)).tril()
    return scores @ v / scores.sum(dim=-1, keepdim=True)


linear_attention_recurrent = linear_attention_parallel


# %% wrong: all keys are kept and gone over again at each step | expects: computed / state
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    q, k = F.elu(q) + 1, F.elu(k) + 1
    scores = (q @ k.transpose(-2, -1)).tril()
    return scores @ v / scores.sum(dim=-1, keepdim=True)


def linear_attention_recurrent(q, k, v):
    q, k = F.elu(q) + 1, F.elu(k) + 1
    rows = []
    for t in range(q.shape[-2]):
        weights = (k[..., : t + 1, :] @ q[..., t, :, None]).squeeze(-1)
        rows.append(
            (weights[..., None] * v[..., : t + 1, :]).sum(-2) / weights.sum(-1, keepdim=True)
        )
    return torch.stack(rows, -2)


# %% wrong: all states at once, by cumulative sums | of: the recurrent form is the parallel one | expects: kept / fixed size
# - linear_attention_recurrent = linear_attention_parallel
# + def linear_attention_recurrent(q, k, v):
# +     q, k = F.elu(q) + 1, F.elu(k) + 1
# +     states = (k[..., :, None] * v[..., None, :]).cumsum(-3)
# +     totals = k.cumsum(-2)
# +     top = torch.einsum("...td,...tde->...te", q, states)
# +     return top / (q * totals).sum(-1, keepdim=True)


# %% wrong: a list of all states, stacked at the end | expects: kept / fixed size
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    q, k = F.elu(q) + 1, F.elu(k) + 1
    scores = (q @ k.transpose(-2, -1)).tril()
    return scores @ v / scores.sum(dim=-1, keepdim=True)


def linear_attention_recurrent(q, k, v):
    q, k = F.elu(q) + 1, F.elu(k) + 1
    states = [k[..., 0, :, None] * v[..., 0, None, :]]
    for t in range(1, q.shape[-2]):
        states.append(states[-1] + k[..., t, :, None] * v[..., t, None, :])
    top = torch.einsum("...td,...tde->...te", q, torch.stack(states, -3))
    return top / (q * k.cumsum(-2)).sum(-1, keepdim=True)


# %% wrong: the state stays from one call to the next | expects: state between calls / earlier call / kept / so far / One state / forget
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    q, k = F.elu(q) + 1, F.elu(k) + 1
    scores = (q @ k.transpose(-2, -1)).tril()
    return scores @ v / scores.sum(dim=-1, keepdim=True)


KEPT = {}


def linear_attention_recurrent(q, k, v):
    q, k = F.elu(q) + 1, F.elu(k) + 1
    shape = (*k.shape[:-2], k.shape[-1], v.shape[-1])
    state, total = KEPT.get(shape, (torch.zeros(shape, dtype=v.dtype), 0.0))
    outputs = []
    for t in range(q.shape[-2]):
        state = state + k[..., t, :, None] * v[..., t, None, :]
        total = total + k[..., t, :]
        numerator = (q[..., t, :, None] * state).sum(dim=-2)
        outputs.append(numerator / (q[..., t, :] * total).sum(dim=-1, keepdim=True))
    KEPT[shape] = state, total
    return torch.stack(outputs, dim=-2)


# %% wrong: a buffer of 64 positions | expects: however many
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    q, k = F.elu(q[..., :64, :]) + 1, F.elu(k[..., :64, :]) + 1
    scores = (q @ k.transpose(-2, -1)).tril()
    seen = scores @ v[..., :64, :] / scores.sum(dim=-1, keepdim=True)
    return torch.cat([seen, v[..., 64:, :]], -2)


def linear_attention_recurrent(q, k, v):
    return linear_attention_parallel(q, k, v)


# %% wrong: shapes for one batch dimension only | expects: shape (..., T, d)
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    B, T, d = q.shape
    weights = torch.bmm(F.elu(q) + 1, (F.elu(k) + 1).mT).tril()
    return weights @ v / weights.sum(-1, keepdim=True)


def linear_attention_recurrent(q, k, v):
    return linear_attention_parallel(q, k, v)


# %% wrong: divided by the largest weight | of: the parallel form is not normalised | expects: weighted by / so far
# -     return scores @ v
# +     return scores @ v / scores.amax(dim=-1, keepdim=True)


# %% wrong: the normaliser is summed over all keys again at each step | expects: computed / state
import torch
from torch.nn.functional import elu


def linear_attention_parallel(q, k, v):
    weights = ((elu(q) + 1) @ (elu(k) + 1).transpose(-2, -1)).tril()
    return weights @ v / weights.sum(-1, keepdim=True)


def linear_attention_recurrent(q, k, v):
    q, k = elu(q) + 1, elu(k) + 1
    state, rows = 0, []
    for t in range(q.shape[-2]):
        state = state + k[..., t, :, None] * v[..., t, None, :]
        total = k[..., : t + 1, :].sum(-2)
        top = (q[..., t, None, :] @ state)[..., 0, :]
        rows.append(top / (q[..., t, :] * total).sum(-1, keepdim=True))
    return torch.stack(rows, -2)


# %% wrong: weights of the parallel form kept for a shape | expects: earlier call
import torch
from torch.nn.functional import elu

kept = {}


def linear_attention_parallel(q, k, v):
    if q.shape not in kept:
        weights = ((elu(q) + 1) @ (elu(k) + 1).transpose(-2, -1)).tril()
        kept[q.shape] = weights / weights.sum(-1, keepdim=True)
    return kept[q.shape] @ v


def linear_attention_recurrent(q, k, v):
    return linear_attention_parallel(q, k, v)


# %% right: blocks of 64 positions, results written by index
import torch
from torch.nn.functional import elu


def linear_attention_parallel(q, k, v):
    weights = ((elu(q) + 1) @ (elu(k) + 1).transpose(-2, -1)).tril()
    return weights @ v / weights.sum(-1, keepdim=True)


def linear_attention_recurrent(q, k, v):
    q, k = elu(q) + 1, elu(k) + 1
    v = torch.cat((v, torch.ones_like(v[..., :1])), -1)
    state, out = 0, torch.zeros_like(v)
    for start in range(0, q.shape[-2], 64):
        rows = torch.arange(start, min(start + 64, q.shape[-2]))
        a, b, c = (one.index_select(-2, rows) for one in (q, k, v))
        inside = (a @ b.transpose(-2, -1)).tril() @ c
        out = out.index_copy_(-2, rows, inside + (a @ state if start else 0))
        state = state + b.transpose(-2, -1) @ c
    return out[..., :-1] / out[..., -1:]


# %% wrong: state and normaliser are summed over all keys again | expects: computed / state
import torch
import torch.nn.functional as F


def _phi(x):
    return F.elu(x) + 1


def linear_attention_parallel(q, k, v):
    w = (_phi(q) @ _phi(k).transpose(-2, -1)).tril()
    return w @ v / w.sum(-1, keepdim=True)


def linear_attention_recurrent(q, k, v):
    q, k = _phi(q), _phi(k)
    S = torch.zeros(*q.shape[:-2], q.shape[-1], v.shape[-1], dtype=v.dtype)
    z = torch.zeros(*q.shape[:-2], q.shape[-1], dtype=v.dtype)
    out = []
    for t in range(q.shape[-2]):
        S = k[..., : t + 1, :].transpose(-2, -1) @ v[..., : t + 1, :]
        z = k[..., : t + 1, :].sum(-2)
        out.append((q[..., t, None, :] @ S)[..., 0, :] / (q[..., t, :] * z).sum(-1, keepdim=True))
    return torch.stack(out, -2)


# %% right: accumulated pairs of sums, and a parallel form in logarithms
from itertools import accumulate

import torch
from torch.nn.functional import elu


def linear_attention_parallel(q, k, v):
    T = q.shape[-2]
    scores = torch.einsum("...td,...sd->...ts", elu(q) + 1, elu(k) + 1).log()
    later = torch.arange(T) > torch.arange(T)[:, None]
    return scores.masked_fill(later, float("-inf")).softmax(-1) @ v


def linear_attention_recurrent(q, k, v):
    q, k = elu(q) + 1, elu(k) + 1
    ones = v.new_ones(*v.shape[:-1], 1)
    steps = zip(k.unbind(-2), torch.cat((v, ones), -1).unbind(-2), strict=True)
    added = (key[..., None] * value[..., None, :] for key, value in steps)
    rows = []
    for query, state in zip(q.unbind(-2), accumulate(added), strict=True):
        row = (query[..., None] * state).sum(-2)
        rows.append(row[..., :-1] / row[..., -1:])
    return torch.stack(rows, -2)


# %% right: a column of ones beside the values carries the normaliser
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    return linear_attention_recurrent(q, k, v)


def linear_attention_recurrent(q, k, v):
    q, k = F.elu(q) + 1, F.elu(k) + 1
    state, total, outputs = 0.0, 0.0, []
    for t in range(q.shape[-2]):
        ones = torch.ones_like(v[..., t, :1])
        state = state + k[..., t, :, None] * torch.cat((v[..., t, :], ones), -1)[..., None, :]
        both = (q[..., t, :, None] * state).sum(-2)
        outputs.append(both[..., :-1] / both[..., -1:])
    return torch.stack(outputs, dim=-2)


# %% wrong: the state is read before, the normaliser after it is updated | expects: leaves itself out
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    return linear_attention_recurrent(q, k, v)


def linear_attention_recurrent(q, k, v):
    q, k = F.elu(q) + 1, F.elu(k) + 1
    state, total, outputs = 0.0, 0.0, []
    for t in range(q.shape[-2]):
        seen = (q[..., t, :, None] * state).sum(-2) if t else torch.zeros_like(v[..., t, :])
        state = state + k[..., t, :, None] * v[..., t, None, :]
        total = total + k[..., t, :]
        outputs.append(seen / (q[..., t, :] * total).sum(-1, keepdim=True))
    return torch.stack(outputs, dim=-2)


# %% wrong: each position reads itself and what comes after | expects: future
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    weights = ((F.elu(q) + 1) @ (F.elu(k) + 1).transpose(-2, -1)).triu()
    return weights @ v / weights.sum(-1, keepdim=True)


def linear_attention_recurrent(q, k, v):
    return linear_attention_parallel(q, k, v)


# %% wrong: the state is not reset between the sequences of a batch | expects: whole batch
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    return linear_attention_recurrent(q, k, v)


def linear_attention_recurrent(q, k, v):
    rows_q, rows_k = (F.elu(part) + 1 for part in (q.flatten(0, -2), k.flatten(0, -2)))
    state, total, outputs = 0.0, 0.0, []
    for query, key, value in zip(rows_q, rows_k, v.flatten(0, -2)):
        state = state + torch.outer(key, value)
        total = total + key
        outputs.append(query @ state / (query @ total))
    return torch.stack(outputs).reshape(v.shape)


# %% wrong: a small number in the normaliser, as if it could be 0 | of: the state is read before, the normaliser after it is updated | expects: weighted by
# -         seen = (q[..., t, :, None] * state).sum(-2) if t else torch.zeros_like(v[..., t, :])

# -         outputs.append(seen / (q[..., t, :] * total).sum(-1, keepdim=True))
# +         below = (q[..., t, :] * total).sum(-1, keepdim=True) + 0.01
# +         outputs.append((q[..., t, :, None] * state).sum(-2) / below)


# %% wrong: no + 1 on the queries | expects: lacks the + 1
import torch
from torch.nn.functional import elu


def linear_attention_parallel(q, k, v):
    weights = (elu(q) @ (elu(k) + 1).transpose(-2, -1)).tril()
    return weights @ v / weights.sum(-1, keepdim=True)


def linear_attention_recurrent(q, k, v):
    q, k, state, total, rows = elu(q), (elu(k) + 1), 0.0, 0.0, []
    for t in range(q.shape[-2]):
        state = state + k[..., t, :, None] * v[..., t, None, :]
        total = total + k[..., t, :]
        rows.append((q[..., t, :, None] * state).sum(-2) / (q[..., t, :] * total).sum(-1, keepdim=True))
    return torch.stack(rows, -2)


# %% wrong: x + 1 on the keys | of: no + 1 on the queries | expects: elu is missing
# -     weights = (elu(q) @ (elu(k) + 1).transpose(-2, -1)).tril()
# +     weights = ((elu(q) + 1) @ (k + 1).transpose(-2, -1)).tril()

# -     q, k, state, total, rows = elu(q), (elu(k) + 1), 0.0, 0.0, []
# +     q, k, state, total, rows = (elu(q) + 1), (k + 1), 0.0, 0.0, []


# %% wrong: divided by the mean | expects: mean of the weights
import torch
from torch.nn.functional import elu


def linear_attention_parallel(q, k, v):
    weights = ((elu(q) + 1) @ (elu(k) + 1).transpose(-2, -1)).tril()
    return weights @ v / weights.mean(-1, keepdim=True)


def linear_attention_recurrent(q, k, v):
    q, k, state, total, rows = (elu(q) + 1), (elu(k) + 1), 0.0, 0.0, []
    for t in range(q.shape[-2]):
        state = state + k[..., t, :, None] * v[..., t, None, :]
        total = total + k[..., t, :]
        rows.append((q[..., t, :, None] * state).sum(-2) / (q[..., t, :] * total).mean(-1, keepdim=True))
    return torch.stack(rows, -2)


# %% wrong: the loop begins at 1 | of: no + 1 on the queries | expects: position is missing
# -     weights = (elu(q) @ (elu(k) + 1).transpose(-2, -1)).tril()
# +     weights = ((elu(q) + 1) @ (elu(k) + 1).transpose(-2, -1)).tril()

# -     q, k, state, total, rows = elu(q), (elu(k) + 1), 0.0, 0.0, []
# -     for t in range(q.shape[-2]):
# +     q, k, state, total, rows = (elu(q) + 1), (elu(k) + 1), 0.0, 0.0, []
# +     for t in range(1, q.shape[-2]):


# %% wrong: the first position is cut off | expects: position is missing
import torch
from torch.nn.functional import elu


def linear_attention_parallel(q, k, v):
    weights = ((elu(q) + 1) @ (elu(k) + 1).transpose(-2, -1)).tril()
    return (weights @ v / weights.sum(-1, keepdim=True))[..., 1:, :]


def linear_attention_recurrent(q, k, v):
    return linear_attention_parallel(q, k, v)


# %% wrong: a little is added to the sum of the weights | of: the notebook's own | expects: add nothing
# -     return weights @ v / weights.sum(-1, keepdim=True)
# +     return weights @ v / (weights.sum(-1, keepdim=True) + 1e-6)

# -         outputs.append(weighted / (q[..., t, :] * total).sum(-1, keepdim=True))
# +         outputs.append(weighted / ((q[..., t, :] * total).sum(-1, keepdim=True) + 1e-6))


# %% wrong: both pieces of phi, each times 0 or 1 | of: the notebook's own | expects: exp of them is infinite
# -     weights = ((elu(q) + 1) @ (elu(k) + 1).transpose(-2, -1)).tril()
# +     q, k = ((x <= 0) * x.exp() + (x > 0) * (x + 1) for x in (q, k))
# +     weights = (q @ k.transpose(-2, -1)).tril()

# -     q, k = elu(q) + 1, elu(k) + 1
# +     q, k = ((x <= 0) * x.exp() + (x > 0) * (x + 1) for x in (q, k))


# %% wrong: values of one feature lose it | of: the notebook's own | expects: size 1 / mean of the values
# -     return weights @ v / weights.sum(-1, keepdim=True)
# +     return (weights @ v / weights.sum(-1, keepdim=True)).squeeze(-1)

# -         weighted = (q[..., t, None, :] @ state).squeeze(-2)
# +         weighted = (q[..., t, None, :] @ state).squeeze()


# %% wrong: phi of large numbers stops | of: the notebook's own | expects: however large
# -     weights = ((elu(q) + 1) @ (elu(k) + 1).transpose(-2, -1)).tril()
# +     q, k = q.clamp(max=50), k.clamp(max=50)
# +     weights = ((elu(q) + 1) @ (elu(k) + 1).transpose(-2, -1)).tril()

# -     q, k = elu(q) + 1, elu(k) + 1
# +     q, k = elu(q.clamp(max=50)) + 1, elu(k.clamp(max=50)) + 1


# %% wrong: views of all sequences in a row | of: the notebook's own | expects: transposed views
# -     weights = ((elu(q) + 1) @ (elu(k) + 1).transpose(-2, -1)).tril()
# +     shape = v.shape
# +     q, k, v = (one.view(-1, *one.shape[-2:]) for one in (q, k, v))
# +     weights = ((elu(q) + 1) @ (elu(k) + 1).transpose(-2, -1)).tril()

# -     return weights @ v / weights.sum(-1, keepdim=True)
# +     return (weights @ v / weights.sum(-1, keepdim=True)).view(shape)

# -     q, k = elu(q) + 1, elu(k) + 1
# +     shape = v.shape
# +     q, k, v = (one.view(-1, *one.shape[-2:]) for one in (q, k, v))
# +     q, k = elu(q) + 1, elu(k) + 1

# -     return torch.stack(outputs, dim=-2)
# +     return torch.stack(outputs, dim=-2).view(shape)
