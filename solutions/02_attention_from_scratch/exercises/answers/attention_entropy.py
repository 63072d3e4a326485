"""Answers to `attention_entropy`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: the logarithm of 1 where the weight is 0
import torch


def attention_entropy(weights):
    safe = torch.where(weights > 0, weights, torch.ones_like(weights))
    return -(weights * safe.log()).sum(dim=-1)


# %% right: xlogy
import torch


def attention_entropy(weights):
    return torch.special.xlogy(weights, weights).sum(dim=-1).neg()


# %% right: entr
import torch


def attention_entropy(weights):
    return torch.special.entr(weights).sum(-1)


# %% right: row by row in plain Python, float64 as result
import math

import torch


def attention_entropy(weights):
    rows = weights.reshape(-1, weights.shape[-1]).tolist()
    entropies = [sum(-w * math.log(w) for w in row if w > 0) for row in rows]
    return torch.tensor(entropies, dtype=torch.float64).reshape(weights.shape[:-1])


# %% right: in numpy, which warns of log 0
import numpy as np
import torch


def attention_entropy(weights):
    values = weights.detach().numpy()
    terms = np.where(values > 0, values * np.log(values), 0)
    return torch.from_numpy(np.asarray(-terms.sum(axis=-1)))


# %% wrong: 0 log 0 is NaN | expects: 0 log 0 / log 0 / log(0) / log of 0
import torch


def attention_entropy(weights):
    return -(weights * weights.log()).sum(dim=-1)


# %% wrong: the sign is missing | expects: sign / minus / negative
import torch


def attention_entropy(weights):
    safe = torch.where(weights > 0, weights, torch.ones_like(weights))
    return (weights * safe.log()).sum(dim=-1)


# %% wrong: bits instead of nats | expects: bits / log2 / natural / nats
import torch


def attention_entropy(weights):
    safe = torch.where(weights > 0, weights, torch.ones_like(weights))
    return -(weights * safe.log2()).sum(dim=-1)


# %% wrong: the decimal logarithm | expects: log10 / natural / nats / decimal
import torch


def attention_entropy(weights):
    safe = torch.where(weights > 0, weights, torch.ones_like(weights))
    return -(weights * safe.log10()).sum(dim=-1)


# %% wrong: summed over the queries | expects: last dimension / axis / queries / dim
import torch


def attention_entropy(weights):
    safe = torch.where(weights > 0, weights, torch.ones_like(weights))
    return -(weights * safe.log()).sum(dim=-2)


# %% wrong: one number for the whole tensor | expects: last dimension / each query / each row / whole / per query / one number / row
import torch


def attention_entropy(weights):
    safe = torch.where(weights > 0, weights, torch.ones_like(weights))
    return -(weights * safe.log()).sum()


# %% wrong: the mean instead of the sum | expects: mean / average
import torch


def attention_entropy(weights):
    safe = torch.where(weights > 0, weights, torch.ones_like(weights))
    return -(weights * safe.log()).mean(dim=-1)


# %% wrong: the last dimension kept | expects: shape / keepdim / dimension
import torch


def attention_entropy(weights):
    safe = torch.where(weights > 0, weights, torch.ones_like(weights))
    return -(weights * safe.log()).sum(dim=-1, keepdim=True)


# %% wrong: averaged over the heads | expects: heads / average / mean / leading / shape
import torch


def attention_entropy(weights):
    safe = torch.where(weights > 0, weights, torch.ones_like(weights))
    return -(weights * safe.log()).sum(dim=-1).mean(dim=-2)


# %% wrong: the perplexity | expects: perplexity / exponential / exp(
import torch


def attention_entropy(weights):
    safe = torch.where(weights > 0, weights, torch.ones_like(weights))
    return torch.exp(-(weights * safe.log()).sum(dim=-1))


# %% wrong: divided by the largest possible entropy | expects: normalis / normaliz / largest / log n / maximum / divide
import math

import torch


def attention_entropy(weights):
    safe = torch.where(weights > 0, weights, torch.ones_like(weights))
    return -(weights * safe.log()).sum(dim=-1) / math.log(max(2, weights.shape[-1]))


# %% wrong: the logarithms alone | expects: weight / multiplied / average
import torch


def attention_entropy(weights):
    safe = torch.where(weights > 0, weights, torch.ones_like(weights))
    return -safe.log().sum(dim=-1)


# %% wrong: rows with a 0 get entropy 0 | expects: 0 log 0 / a zero / some zero / zeros / masked / whole row / log 0
import torch


def attention_entropy(weights):
    entropy = -(weights * weights.log()).sum(dim=-1)
    return torch.where(torch.isnan(entropy), torch.zeros_like(entropy), entropy)


# %% wrong: a softmax of the weights first | expects: softmax / already / weights / probabilit
import torch


def attention_entropy(weights):
    weights = torch.softmax(weights, dim=-1)
    safe = torch.where(weights > 0, weights, torch.ones_like(weights))
    return -(weights * safe.log()).sum(dim=-1)


# %% wrong: zeros replaced in the input | expects: in place / modified
import torch


def attention_entropy(weights):
    weights[weights == 0] = 1.0
    return -(weights * weights.log()).sum(dim=-1)


# %% wrong: small weights cut off | expects: small / clamp / threshold / cut
import torch


def attention_entropy(weights):
    safe = torch.where(weights > 0.05, weights, torch.ones_like(weights))
    return -(weights * safe.log()).sum(dim=-1)


# %% right: torch's own distribution
import torch


def attention_entropy(weights):
    return torch.distributions.Categorical(probs=weights).entropy()


# %% right: a logarithm of -inf made finite
import torch


def attention_entropy(weights):
    logs = weights.log()
    return -(weights * torch.where(logs.isinf(), torch.zeros_like(logs), logs)).sum(-1)


# %% right: in float64 by einsum, back in the weights' type
import torch


def attention_entropy(weights):
    w = weights.to(torch.float64)
    return -torch.einsum("...s,...s->...", w, torch.log(torch.where(w == 0, 1.0, w))).to(weights.dtype)


# %% wrong: every row but a single one is refused | expects: leading dimensions
def attention_entropy(weights):
    n_heads, n_queries, n_keys = weights.shape[-3:]
    safe = weights.clone()
    safe[safe == 0] = 1
    return -(weights * safe.log()).sum(-1)


# %% wrong: a softmax's logarithm with an epsilon of a hundredth | expects: zeros count / Small weights / sum of -w log w
def attention_entropy(weights):
    return -(weights * (weights + 0.01).log()).sum(-1)


# %% wrong: zeros get a probability of their own | expects: zeros count
import torch


def attention_entropy(weights):
    some = weights.clone()
    some[some == 0] = 0.05
    return -(some * some.log()).sum(-1)


# %% wrong: the Gini index | expects: sum of -w log w
def attention_entropy(weights):
    return 1 - (weights**2).sum(-1)


# %% wrong: the entropy of a row less 1 | expects: a 0 contributes 0 / sum of -w log w
import torch


def attention_entropy(weights):
    entropy = torch.special.entr(weights).sum(-1)
    return torch.where((weights == 0).any(-1), entropy - 0.2, entropy)


# %% wrong: a tenth is taken from the weights | expects: NaN came out
def attention_entropy(weights):
    return -(weights * (weights - 0.1).log()).sum(-1)


# %% right: how far from a measure of one for each key, as torch's divergence
import torch


def attention_entropy(weights):
    ones = torch.zeros_like(weights)  # the logarithm of one
    return -torch.nn.functional.kl_div(ones, weights, reduction="none").sum(-1)


# %% wrong: summed over the first dimension | expects: first dimension
import torch


def attention_entropy(weights):
    return -torch.xlogy(weights, weights).sum(dim=0)


# %% wrong: summed over the queries too | expects: averaged or summed
import torch


def attention_entropy(weights):
    terms = -torch.xlogy(weights, weights)
    return terms.sum(dim=(-2, -1)) if weights.dim() > 2 else terms.sum(dim=-1)


# %% wrong: dimensions of size 1 squeezed away | expects: squeeze
import torch


def attention_entropy(weights):
    return torch.special.entr(weights).sum(-1).squeeze()


# %% wrong: row after row in one list | expects: flattened
import torch


def attention_entropy(weights):
    rows = weights.reshape(-1, weights.shape[-1])
    return torch.stack([torch.special.entr(row).sum() for row in rows])


# %% wrong: weights below one in 10,000 left out | expects: cut off
import torch


def attention_entropy(weights):
    kept = torch.where(weights < 1e-4, 0.0, weights)
    return torch.special.entr(kept).sum(-1)

# %% wrong: one row has a dimension | of: the notebook's own | expects: keepdim
# -     return -(weights * logarithms).sum(dim=-1)
# +     return torch.atleast_1d(-(weights * logarithms).sum(dim=-1))

# %% wrong: how far from uniform | of: the notebook's own | expects: log S minus
# -     return -(weights * logarithms).sum(dim=-1)
# +     return torch.tensor(float(weights.shape[-1])).log() + (weights * logarithms).sum(dim=-1)

# %% wrong: the logarithm of how many keys are seen | of: the notebook's own | expects: -w log w
# -     return -(weights * logarithms).sum(dim=-1)
# +     return (weights > 0).sum(dim=-1).float().log()
