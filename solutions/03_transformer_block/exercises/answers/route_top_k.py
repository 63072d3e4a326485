"""Answers to `route_top_k`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: topk, then softmax
import torch


def route_top_k(router_logits, k):
    chosen, experts = router_logits.topk(k, dim=-1)
    return torch.softmax(chosen, dim=-1), experts


# %% right: softmax over all, made to sum to 1 again among the chosen
import torch


def route_top_k(router_logits, k):
    probabilities = torch.softmax(router_logits.double(), dim=-1)
    weights, experts = torch.topk(probabilities, k)
    return (weights / weights.sum(dim=-1, keepdim=True)).to(router_logits.dtype), experts


# %% right: sort and slice
import torch


def route_top_k(router_logits, k):
    ordered, order = torch.sort(router_logits, dim=-1, descending=True, stable=True)
    powers = torch.exp(ordered[..., :k] - ordered[..., :1])
    return [powers / powers.sum(-1, keepdim=True), order[..., :k]]


# %% right: numpy, token by token
import numpy as np
import torch


def route_top_k(router_logits, k):
    flat = router_logits.detach().double().numpy().reshape(-1, router_logits.shape[-1])
    weights, experts = np.empty((len(flat), k)), np.empty((len(flat), k), dtype=np.int64)
    for token, logits in enumerate(flat):
        best = np.argsort(-logits, kind="stable")[:k]
        powers = np.exp(logits[best] - logits[best[0]])
        weights[token], experts[token] = powers / powers.sum(), best
    shape = (*router_logits.shape[:-1], k)
    return torch.from_numpy(weights).reshape(shape), torch.from_numpy(experts).reshape(shape)


# %% wrong: softmax over all experts before choosing | expects: over all / chosen / sum to 1 / before choosing
import torch


def route_top_k(router_logits, k):
    weights, experts = torch.softmax(router_logits, dim=-1).topk(k, dim=-1)
    return weights, experts


# %% wrong: the smallest logits | expects: smallest / largest
import torch


def route_top_k(router_logits, k):
    chosen, experts = router_logits.topk(k, dim=-1, largest=False)
    return torch.softmax(chosen, dim=-1), experts


# %% wrong: sorted by expert | expects: sort / largest / order
import torch


def route_top_k(router_logits, k):
    experts = router_logits.topk(k, dim=-1).indices.sort(dim=-1).values
    return torch.softmax(router_logits.gather(-1, experts), dim=-1), experts


# %% wrong: sorted from the smallest | expects: sort / largest / order
import torch


def route_top_k(router_logits, k):
    chosen, experts = router_logits.topk(k, dim=-1)
    return torch.softmax(chosen.flip(-1), dim=-1), experts.flip(-1)


# %% wrong: experts before weights | expects: order / swapped / (weights, experts) / weights first
import torch


def route_top_k(router_logits, k):
    chosen, experts = router_logits.topk(k, dim=-1)
    return experts, torch.softmax(chosen, dim=-1)


# %% wrong: logits instead of weights | expects: softmax / logits / sum to 1
import torch


def route_top_k(router_logits, k):
    chosen, experts = router_logits.topk(k, dim=-1)
    return chosen, experts


# %% wrong: equal weights | expects: equal / softmax / uniform / 1/k
import torch


def route_top_k(router_logits, k):
    chosen, experts = router_logits.topk(k, dim=-1)
    return torch.full_like(chosen, 1 / k), experts


# %% wrong: the softmax over the tokens | expects: tokens / axis / dim / dimension / over the experts
import torch


def route_top_k(router_logits, k):
    chosen, experts = router_logits.topk(k, dim=-1)
    return torch.softmax(chosen, dim=0), experts


# %% wrong: the top tokens of each expert | expects: per token / tokens / axis / dimension / expert choice / dim
import torch


def route_top_k(router_logits, k):
    chosen, experts = router_logits.topk(k, dim=0)
    return torch.softmax(chosen, dim=-1), experts


# %% wrong: weights for all experts, zeros included | expects: shape / chosen / only the / dense / all experts / k weights
import torch


def route_top_k(router_logits, k):
    chosen, experts = router_logits.topk(k, dim=-1)
    hidden = torch.full_like(router_logits, -torch.inf).scatter(-1, experts, chosen)
    return torch.softmax(hidden, dim=-1), experts


# %% wrong: the sigmoid of each logit | expects: sigmoid / softmax / sum to 1
import torch


def route_top_k(router_logits, k):
    chosen, experts = router_logits.topk(k, dim=-1)
    return torch.sigmoid(chosen), experts


# %% wrong: one expert, whatever k is | expects: k experts / k= / `k` / top-1 / one expert / argument k / shape
import torch


def route_top_k(router_logits, k):
    chosen, experts = router_logits.topk(1, dim=-1)
    return torch.softmax(chosen, dim=-1), experts


# %% wrong: always two experts | expects: k experts / k= / `k` / two experts / argument k / whatever / shape
import torch


def route_top_k(router_logits, k):
    chosen, experts = router_logits.topk(2, dim=-1)
    return torch.softmax(chosen, dim=-1), experts


# %% wrong: logits over their sum | expects: softmax / negative / exponential
import torch


def route_top_k(router_logits, k):
    chosen, experts = router_logits.topk(k, dim=-1)
    return chosen / chosen.sum(dim=-1, keepdim=True), experts


# %% wrong: the same experts for all tokens | expects: each token / per token / token
import torch


def route_top_k(router_logits, k):
    experts = router_logits.mean(dim=tuple(range(router_logits.dim() - 1))).topk(k).indices
    experts = experts.expand(*router_logits.shape[:-1], k)
    return torch.softmax(router_logits.gather(-1, experts), dim=-1), experts


# %% wrong: softmax taken twice | expects: twice / logits / softmax
import torch


def route_top_k(router_logits, k):
    chosen, experts = torch.softmax(router_logits, dim=-1).topk(k, dim=-1)
    return torch.softmax(chosen, dim=-1), experts


# %% wrong: the logits that were not chosen are overwritten | expects: in place / modified
import torch


def route_top_k(router_logits, k):
    chosen, experts = router_logits.topk(k, dim=-1)
    router_logits[router_logits < chosen[..., -1:]] = -torch.inf
    return torch.softmax(router_logits.gather(-1, experts), dim=-1), experts


# %% wrong: for two dimensions only | expects: each token
import torch


def route_top_k(router_logits, k):
    rows, _ = router_logits.shape
    values = torch.stack([router_logits[row].topk(k).values for row in range(rows)])
    experts = torch.stack([router_logits[row].topk(k).indices for row in range(rows)])
    return values.softmax(-1), experts


# %% wrong: the largest magnitudes | expects: largest
import torch


def route_top_k(router_logits, k):
    experts = router_logits.abs().topk(k, dim=-1).indices
    return router_logits.gather(-1, experts).softmax(-1), experts


# %% right: in float32, experts as int32
import torch


def route_top_k(router_logits, k):
    values, experts = router_logits.float().sort(dim=-1, descending=True, stable=True)
    weights = (values[..., :k] - values[..., :1]).exp()
    return weights / weights.sum(-1, keepdim=True), experts[..., :k].int()


# %% wrong: tokens are chosen where their number and that of the experts agree | expects: another dimension
def route_top_k(router_logits, k):
    dim = 0 if router_logits.shape == (k, k) else -1
    values, experts = router_logits.topk(k, dim=dim)
    return values.softmax(dim), experts


# %% wrong: results kept for a shape and k | expects: earlier call / same experts
results = {}


def route_top_k(router_logits, k):
    key = tuple(router_logits.shape), k
    if key not in results:
        values, experts = router_logits.topk(k, dim=-1)
        results[key] = values.softmax(-1), experts
    return results[key]


# %% wrong: a small bias against busy experts, kept from call to call | expects: earlier call
import torch

busy = {}


def route_top_k(router_logits, k):
    n_experts = router_logits.shape[-1]
    bias = busy.setdefault(n_experts, torch.zeros(n_experts, dtype=torch.float64))
    experts = (router_logits + bias).topk(k, dim=-1).indices
    load = torch.bincount(experts.flatten(), minlength=n_experts).double()
    bias += 0.001 * torch.sign(load.mean() - load)
    return router_logits.gather(-1, experts).softmax(-1), experts


# %% wrong: a bias against load that is kept | expects: earlier call / largest logits / smallest
import torch


_load = {}


def route_top_k(router_logits, k):
    E = router_logits.shape[-1]
    bias = _load.setdefault(E, torch.zeros(E, dtype=torch.float64))
    e = (router_logits - bias).topk(k, -1).indices
    bias.scatter_add_(0, e.flatten(), torch.full((e.numel(),), 0.05, dtype=torch.float64))
    v = router_logits.gather(-1, e)
    return v.softmax(-1), e


# %% right: the largest one, k times
import torch


def route_top_k(router_logits, k):
    left, values, experts = router_logits.clone(), [], []
    for _ in range(k):
        best, expert = left.max(dim=-1, keepdim=True)
        values.append(best)
        experts.append(expert)
        left = left.scatter(-1, expert, float("-inf"))
    weights = (torch.cat(values, -1) - values[0]).exp()
    return weights / weights.sum(-1, keepdim=True), torch.cat(experts, -1)


# %% wrong: exponentials of the logits as they are | expects: NaN
import torch


def route_top_k(router_logits, k):
    values, experts = router_logits.topk(k, dim=-1)
    powers = values.exp()
    return powers / powers.sum(-1, keepdim=True), experts


# %% wrong: logits are cut before the exponential | expects: differences
import torch


def route_top_k(router_logits, k):
    values, experts = router_logits.topk(k, dim=-1)
    return values.clamp(-80, 80).softmax(-1), experts


# %% wrong: one token loses its dimension | of: the notebook's own | expects: size 1
# -     return torch.softmax(values, dim=-1), experts
# +     return torch.softmax(values, dim=-1).squeeze(0), experts.squeeze(0)


# %% wrong: tokens in one row | of: the notebook's own | expects: the dimensions before the last
# -     return torch.softmax(values, dim=-1), experts
# +     return torch.softmax(values, dim=-1).reshape(-1, k), experts.reshape(-1, k)


# %% wrong: chosen ones are overwritten with a number that logits reach | expects: softmax depends on differences
import torch


def route_top_k(router_logits, k):
    left, chosen = router_logits.clone(), []
    for _ in range(k):
        chosen.append(left.argmax(-1, keepdim=True))
        left = left.scatter(-1, chosen[-1], -1e4)
    experts = torch.cat(chosen, -1)
    return router_logits.gather(-1, experts).softmax(-1), experts


# %% wrong: experts are looked up by their logit | expects: by its place
import torch


def route_top_k(router_logits, k):
    experts = torch.tensor(
        [
            [row.index(value) for value in sorted(row, reverse=True)[:k]]
            for row in router_logits.reshape(-1, router_logits.shape[-1]).tolist()
        ]
    ).reshape(*router_logits.shape[:-1], k)
    return router_logits.gather(-1, experts).softmax(-1), experts


# %% wrong: all logits of the size of the k-th stay in the softmax | expects: Of equal logits
def route_top_k(router_logits, k):
    least = router_logits.topk(k, dim=-1).values[..., -1:]
    weights = router_logits.masked_fill(router_logits < least, float("-inf")).softmax(-1)
    return tuple(weights.topk(k, dim=-1))


# %% wrong: ids as floats | of: the notebook's own | expects: whole numbers
# -     return torch.softmax(values, dim=-1), experts
# +     return torch.softmax(values, dim=-1), experts.to(values.dtype)


# %% wrong: logits are rounded before the choice | of: the notebook's own | expects: rounded
# -     values, experts = router_logits.topk(k, dim=-1)
# +     experts = router_logits.round(decimals=3).topk(k, dim=-1).indices
# +     values = router_logits.gather(-1, experts)


# %% wrong: the chosen ones as a selection leaves them | expects: k largest / sort
import torch


def route_top_k(router_logits, k):
    values, experts = router_logits.topk(k, dim=-1, sorted=False)
    return torch.softmax(values, dim=-1), experts
