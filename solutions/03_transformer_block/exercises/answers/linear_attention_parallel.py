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
    return torch.einsum("...td,...tde->...te", q, state) / torch.einsum("...td,...td->...t", q, total)[..., None]


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


# %% wrong: the parallel form is not normalised | expects: normalis / normaliz / divide
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    q, k = F.elu(q) + 1, F.elu(k) + 1
    scores = (q @ k.transpose(-2, -1)).tril()
    return scores @ v


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


# %% wrong: the recurrent form is not normalised | expects: normalis / normaliz / divide
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
        outputs.append(numerator)
    return torch.stack(outputs, dim=-2)


# %% wrong: elu without 1 | expects: + 1 / plus 1 / feature map / adds 1 / without 1
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    q, k = F.elu(q), F.elu(k)
    scores = (q @ k.transpose(-2, -1)).tril()
    return scores @ v / scores.sum(dim=-1, keepdim=True)


def linear_attention_recurrent(q, k, v):
    q, k = F.elu(q), F.elu(k)
    state = torch.zeros(*k.shape[:-2], k.shape[-1], v.shape[-1], dtype=v.dtype)
    total = torch.zeros(*k.shape[:-2], k.shape[-1], dtype=k.dtype)
    outputs = []
    for t in range(q.shape[-2]):
        state = state + k[..., t, :, None] * v[..., t, None, :]
        total = total + k[..., t, :]
        numerator = (q[..., t, :, None] * state).sum(dim=-2)
        outputs.append(numerator / (q[..., t, :] * total).sum(dim=-1, keepdim=True))
    return torch.stack(outputs, dim=-2)


# %% wrong: relu for elu + 1 | expects: relu / feature map
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    q, k = F.relu(q), F.relu(k)
    scores = (q @ k.transpose(-2, -1)).tril()
    return scores @ v / scores.sum(dim=-1, keepdim=True)


def linear_attention_recurrent(q, k, v):
    q, k = F.relu(q), F.relu(k)
    state = torch.zeros(*k.shape[:-2], k.shape[-1], v.shape[-1], dtype=v.dtype)
    total = torch.zeros(*k.shape[:-2], k.shape[-1], dtype=k.dtype)
    outputs = []
    for t in range(q.shape[-2]):
        state = state + k[..., t, :, None] * v[..., t, None, :]
        total = total + k[..., t, :]
        numerator = (q[..., t, :, None] * state).sum(dim=-2)
        outputs.append(numerator / (q[..., t, :] * total).sum(dim=-1, keepdim=True))
    return torch.stack(outputs, dim=-2)


# %% wrong: softmax attention | expects: softmax / feature map / elu(
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    later = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
    return torch.softmax(scores.masked_fill(later, -torch.inf), dim=-1) @ v


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


# %% wrong: no feature map | expects: feature map / elu(
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    scores = (q @ k.transpose(-2, -1)).tril()
    return scores @ v / scores.sum(dim=-1, keepdim=True)


def linear_attention_recurrent(q, k, v):
    state = torch.zeros(*k.shape[:-2], k.shape[-1], v.shape[-1], dtype=v.dtype)
    total = torch.zeros(*k.shape[:-2], k.shape[-1], dtype=k.dtype)
    outputs = []
    for t in range(q.shape[-2]):
        state = state + k[..., t, :, None] * v[..., t, None, :]
        total = total + k[..., t, :]
        numerator = (q[..., t, :, None] * state).sum(dim=-2)
        outputs.append(numerator / (q[..., t, :] * total).sum(dim=-1, keepdim=True))
    return torch.stack(outputs, dim=-2)


# %% wrong: the feature map on the queries only | expects: keys / feature map / to both
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    q = F.elu(q) + 1
    scores = (q @ k.transpose(-2, -1)).tril()
    return scores @ v / scores.sum(dim=-1, keepdim=True)


def linear_attention_recurrent(q, k, v):
    q = F.elu(q) + 1
    state = torch.zeros(*k.shape[:-2], k.shape[-1], v.shape[-1], dtype=v.dtype)
    total = torch.zeros(*k.shape[:-2], k.shape[-1], dtype=k.dtype)
    outputs = []
    for t in range(q.shape[-2]):
        state = state + k[..., t, :, None] * v[..., t, None, :]
        total = total + k[..., t, :]
        numerator = (q[..., t, :, None] * state).sum(dim=-2)
        outputs.append(numerator / (q[..., t, :] * total).sum(dim=-1, keepdim=True))
    return torch.stack(outputs, dim=-2)


# %% wrong: queries and keys scaled by the root of d first | expects: scale / sqrt / feature map
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    q, k = F.elu(q / q.shape[-1] ** 0.5) + 1, F.elu(k) + 1
    scores = (q @ k.transpose(-2, -1)).tril()
    return scores @ v / scores.sum(dim=-1, keepdim=True)


def linear_attention_recurrent(q, k, v):
    q, k = F.elu(q / q.shape[-1] ** 0.5) + 1, F.elu(k) + 1
    state = torch.zeros(*k.shape[:-2], k.shape[-1], v.shape[-1], dtype=v.dtype)
    total = torch.zeros(*k.shape[:-2], k.shape[-1], dtype=k.dtype)
    outputs = []
    for t in range(q.shape[-2]):
        state = state + k[..., t, :, None] * v[..., t, None, :]
        total = total + k[..., t, :]
        numerator = (q[..., t, :, None] * state).sum(dim=-2)
        outputs.append(numerator / (q[..., t, :] * total).sum(dim=-1, keepdim=True))
    return torch.stack(outputs, dim=-2)


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


# %% wrong: the parallel form leaves the own position out | expects: own position / itself / diagonal / current / own key
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    q, k = F.elu(q) + 1, F.elu(k) + 1
    scores = (q @ k.transpose(-2, -1)).tril(-1)
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


# %% wrong: normalised by the number of positions | expects: number of positions / normalis / normaliz / t + 1 / average
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    q, k = F.elu(q) + 1, F.elu(k) + 1
    scores = (q @ k.transpose(-2, -1)).tril()
    counts = torch.arange(1, q.shape[-2] + 1, dtype=v.dtype)[:, None]
    return scores @ v / counts


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


# %% wrong: only the last state is given back | expects: every position / last position / last step / last output / shape / each position / every step / all positions
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
    return outputs[-1]


# %% wrong: the state forgets by half at each step | expects: forget / decay / state / accumul
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
        state = 0.5 * state + k[..., t, :, None] * v[..., t, None, :]
        total = total + k[..., t, :]
        numerator = (q[..., t, :, None] * state).sum(dim=-2)
        outputs.append(numerator / (q[..., t, :] * total).sum(dim=-1, keepdim=True))
    return torch.stack(outputs, dim=-2)


# %% wrong: the normaliser is that of the current key only | expects: normalis / normaliz / denominator / all keys / so far
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
        total = k[..., t, :]
        numerator = (q[..., t, :, None] * state).sum(dim=-2)
        outputs.append(numerator / (q[..., t, :] * total).sum(dim=-1, keepdim=True))
    return torch.stack(outputs, dim=-2)


# %% wrong: the state replaced instead of added to | expects: state / adds / added / accumul / replace
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
        state = k[..., t, :, None] * v[..., t, None, :]
        total = total + k[..., t, :]
        numerator = (q[..., t, :, None] * state).sum(dim=-2)
        outputs.append(numerator / (q[..., t, :] * total).sum(dim=-1, keepdim=True))
    return torch.stack(outputs, dim=-2)


# %% wrong: normalised over all keys, later ones too | expects: causal / later / future / normalis / normaliz
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    q, k = F.elu(q) + 1, F.elu(k) + 1
    scores = q @ k.transpose(-2, -1)
    return scores.tril() @ v / scores.sum(dim=-1, keepdim=True)


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


# %% wrong: one state for the whole batch | expects: batch / leading / shared / of its own / each sequence
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    q, k = F.elu(q) + 1, F.elu(k) + 1
    scores = (q @ k.transpose(-2, -1)).tril()
    return scores @ v / scores.sum(dim=-1, keepdim=True)


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


# %% wrong: normalised over the queries | expects: queries / axis / dimension / over the keys / last dim / normalis / normaliz
import torch
import torch.nn.functional as F


def linear_attention_parallel(q, k, v):
    q, k = F.elu(q) + 1, F.elu(k) + 1
    scores = (q @ k.transpose(-2, -1)).tril()
    return scores @ v / scores.sum(dim=-2, keepdim=True)


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


# %% wrong: outputs stacked along the first dimension | expects: dimension / shape / stack / (..., T
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
    return torch.stack(outputs, dim=0)
