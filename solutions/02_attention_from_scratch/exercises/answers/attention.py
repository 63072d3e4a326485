"""Answers to `attention`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: matmul, -inf where masked, and the rows without a key set to 0
import math

import torch


def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
        blind = ~mask.any(dim=-1, keepdim=True)
        scores = scores.masked_fill(blind, 0.0)
    weights = torch.softmax(scores, dim=-1)
    if mask is not None:
        weights = weights.masked_fill(~mask, 0.0)
    return weights @ v, weights


# %% right: einsum and nan_to_num
import torch


def attention(q, k, v, mask=None):
    scores = torch.einsum("...td,...sd->...ts", q, k) * k.shape[-1] ** -0.5
    if mask is not None:
        scores = torch.where(mask, scores, float("-inf"))
    weights = scores.softmax(-1).nan_to_num(0.0)
    return torch.einsum("...ts,...se->...te", weights, v), weights


# %% right: the softmax by hand over the allowed scores
import torch


def attention(q, k, v, mask=None):
    scores = (q / q.size(-1) ** 0.5).matmul(k.mT)
    if mask is not None:
        scores = torch.where(mask, scores, torch.full_like(scores, -torch.inf))
    largest = scores.amax(dim=-1, keepdim=True).clamp(min=torch.finfo(scores.dtype).min)
    powers = torch.exp(scores - largest)
    total = powers.sum(dim=-1, keepdim=True)
    weights = powers / torch.where(total > 0, total, torch.ones_like(total))
    return [weights.matmul(v), weights]


# %% right: one query after the other
import torch


def attention(q, k, v, mask=None):
    n_queries, n_keys = q.shape[-2], k.shape[-2]
    lead = torch.broadcast_shapes(q.shape[:-2], k.shape[:-2], v.shape[:-2])
    if mask is None:
        mask = torch.ones(n_queries, n_keys, dtype=torch.bool)
    mask = mask.expand(*lead, n_queries, n_keys)
    rows, outputs = [], []
    for t in range(n_queries):
        scores = (k * q[..., t : t + 1, :]).sum(-1) / q.shape[-1] ** 0.5
        may = mask[..., t, :]
        row = torch.softmax(scores.masked_fill(~may, torch.finfo(scores.dtype).min), dim=-1) * may
        rows.append(row)
        outputs.append((row[..., None] * v).sum(-2))
    return torch.stack(outputs, dim=-2), torch.stack(rows, dim=-2)


# %% wrong: no scale | of: matmul, -inf where masked, and the rows without a key set to 0 | expects: scale / sqrt(d) / sqrt
# -     scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
# +     scores = q @ k.transpose(-2, -1)


# %% wrong: divided by d | of: matmul, -inf where masked, and the rows without a key set to 0 | expects: sqrt / square root / scale
# -     scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
# +     scores = q @ k.transpose(-2, -1) / q.shape[-1]


# %% wrong: multiplied by sqrt(d) | of: matmul, -inf where masked, and the rows without a key set to 0 | expects: multipl / divide / scale / sqrt
# -     scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
# +     scores = q @ k.transpose(-2, -1) * math.sqrt(q.shape[-1])


# %% wrong: the softmax over the queries | of: matmul, -inf where masked, and the rows without a key set to 0 | expects: queries / keys / axis / dimension / dim
# -     weights = torch.softmax(scores, dim=-1)
# +     weights = torch.softmax(scores.clamp(min=-1e30), dim=-2)


# %% wrong: a query without a key gives NaN | expects: no key / any key / without a key
import math

import torch


def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    weights = torch.softmax(scores, dim=-1)
    return weights @ v, weights


# %% wrong: -1e9 where masked, so a query without a key averages all | of: a query without a key gives NaN | expects: no key / average / uniform / -1e9
# -         scores = scores.masked_fill(~mask, -torch.inf)
# +         scores = scores.masked_fill(~mask, -1e9)


# %% wrong: the mask the wrong way round | of: matmul, -inf where masked, and the rows without a key set to 0 | expects: True / inver / reversed / wrong way / may be used
# - def attention(q, k, v, mask=None):
# + def attention(q, k, v, mask=None):
# +     mask = None if mask is None else ~mask


# %% wrong: masked scores set to 0 before the softmax | expects: -inf / before the softmax / score 0 / exactly 0 / zero
import math

import torch


def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores * mask
    weights = torch.softmax(scores, dim=-1)
    if mask is not None:
        weights = weights * mask.any(dim=-1, keepdim=True)
    return weights @ v, weights


# %% wrong: masked after the softmax, not normalised again | expects: normalis / normaliz / sum to 1 / after the softmax / before the softmax
import math

import torch


def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    weights = torch.softmax(scores, dim=-1)
    if mask is not None:
        weights = weights * mask
    return weights @ v, weights


# %% wrong: the mask is added to the scores | of: masked scores set to 0 before the softmax | expects: add / -inf / exactly 0
# -         scores = scores * mask
# +         scores = scores + mask


# %% wrong: the output alone | of: matmul, -inf where masked, and the rows without a key set to 0 | expects: weights / tuple / pair
# -     return weights @ v, weights
# +     return weights @ v


# %% wrong: weights and output swapped | of: matmul, -inf where masked, and the rows without a key set to 0 | expects: order / swapped / (output, weights) / output first
# -     return weights @ v, weights
# +     return weights, weights @ v


# %% wrong: the scores instead of the weights | of: matmul, -inf where masked, and the rows without a key set to 0 | expects: scores / softmax / weights
# -     return weights @ v, weights
# +     return weights @ v, scores


# %% wrong: the scale from the width of v | of: matmul, -inf where masked, and the rows without a key set to 0 | expects: width of v / v.shape / scale / q.shape / dimension of v / values
# -     scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
# +     scores = q @ k.transpose(-2, -1) / math.sqrt(v.shape[-1])


# %% wrong: the scale from the number of keys | of: matmul, -inf where masked, and the rows without a key set to 0 | expects: number of keys / length / scale / sqrt(d)
# -     scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
# +     scores = q @ k.transpose(-2, -1) / math.sqrt(k.shape[-2])


# %% wrong: one batch dimension only | of: matmul, -inf where masked, and the rows without a key set to 0 | expects: leading / batch / dimensions / heads
# -     scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
# +     scores = q @ k.transpose(1, 2) / math.sqrt(q.shape[-1])


# %% wrong: causal when no mask is given | of: matmul, -inf where masked, and the rows without a key set to 0 | expects: causal / mask=None / no mask / every key / without a mask
# -     scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
# +     scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
# +     if mask is None:
# +         mask = torch.ones(q.shape[-2], k.shape[-2], dtype=torch.bool).tril(k.shape[-2] - q.shape[-2])


# %% wrong: NaN mended in the output, left in the weights | of: a query without a key gives NaN | expects: weights
# -     return weights @ v, weights
# +     return torch.nan_to_num(weights @ v), weights


# %% wrong: 0 for every query with a masked key | of: matmul, -inf where masked, and the rows without a key set to 0 | expects: no key / all keys / every key / partly / some keys / any key
# -         weights = weights.masked_fill(~mask, 0.0)
# +         weights = weights.masked_fill(~mask, 0.0)
# +     if mask is not None:
# +         weights = weights * mask.all(dim=-1, keepdim=True)


# %% wrong: scales q in place | of: matmul, -inf where masked, and the rows without a key set to 0 | expects: in place / modified
# -     scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
# +     q /= math.sqrt(q.shape[-1])
# +     scores = q @ k.transpose(-2, -1)


# %% wrong: scaled after the softmax | of: matmul, -inf where masked, and the rows without a key set to 0 | expects: before the softmax / after the softmax / scale / scores
# -     scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
# +     scores = q @ k.transpose(-2, -1)

# -         weights = weights.masked_fill(~mask, 0.0)
# +         weights = weights.masked_fill(~mask, 0.0)
# +     weights = weights / math.sqrt(q.shape[-1])


# %% wrong: torch's own attention | expects: scaled_dot_product_attention
import torch
import torch.nn.functional as F


def attention(q, k, v, mask=None):
    output = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    identity = torch.eye(k.shape[-2], dtype=q.dtype).expand(*k.shape[:-1], k.shape[-2])
    weights = F.scaled_dot_product_attention(q, k, identity, attn_mask=mask)
    return output.nan_to_num(0.0), weights.nan_to_num(0.0)


# %% right: in float64, the additive mask made from the boolean one
import torch


def attention(q, k, v, mask=None):
    scores = (q.double() @ k.double().transpose(-1, -2)) / q.size(-1) ** 0.5
    if mask is not None:
        scores = scores + torch.zeros(mask.shape, dtype=torch.float64).masked_fill(~mask, float("-inf"))
    weights = torch.nan_to_num(torch.softmax(scores, -1))
    return (weights @ v.double()).to(v.dtype), weights.to(q.dtype)


# %% right: both factors scaled by the fourth root of d, weights multiplied by the mask
import torch


def attention(q, k, v, mask=None):
    root = q.shape[-1] ** 0.25
    scores = torch.matmul(q / root, (k / root).transpose(-2, -1))
    if mask is None:
        weights = scores.softmax(-1)
    else:
        weights = scores.masked_fill(mask == 0, torch.finfo(scores.dtype).min).softmax(-1) * mask
    return torch.matmul(weights, v), weights


# %% wrong: the row maximum taken over masked keys too | expects: masked keys too
import torch


def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    powers = (scores - scores.amax(-1, keepdim=True)).exp()
    if mask is not None:
        powers = powers * mask
    total = powers.sum(-1, keepdim=True)
    weights = torch.where(total > 0, powers / total, 0.0)
    return weights @ v, weights


# %% wrong: a softmax that overflows | expects: overflow
import torch


def attention(q, k, v, mask=None):
    powers = (q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5).exp()
    if mask is not None:
        powers = powers * mask
    total = powers.sum(-1, keepdim=True)
    weights = torch.where(total == 0, 0.0, powers / total)
    return weights @ v, weights


# %% wrong: the mask is ignored | expects: no effect
def attention(q, k, v, mask=None):
    weights = (q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5).softmax(-1)
    return weights @ v, weights


# %% wrong: masked scores of -10 | expects: exactly 0 / -inf
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~mask, -10.0)
    weights = scores.softmax(-1)
    return weights @ v, weights


# %% wrong: masked scores of -20, which rounds well | expects: exactly 0
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~mask, -20.0) 
    weights = scores.softmax(-1)
    return weights @ v, weights


# %% wrong: a query without a key looks at the first key | expects: weights 0 and output 0
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    if mask is not None:
        blind = ~mask.any(-1, keepdim=True)
        mask = mask.clone()
        mask[..., :1] |= blind
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = scores.softmax(-1)
    return weights @ v, weights


# %% wrong: zero wherever a key is masked, NaN elsewhere | expects: NaN came out
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    if mask is not None:
        scores = scores + (~mask) * float("-inf")
    weights = scores.softmax(-1)
    return weights @ v, weights


# %% wrong: cosine similarity in place of the scaled product | expects: q k' / sqrt(d)
import torch


def attention(q, k, v, mask=None):
    scores = torch.nn.functional.normalize(q, dim=-1) @ torch.nn.functional.normalize(k, dim=-1).transpose(-2, -1)
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = scores.softmax(-1).nan_to_num(0.0)
    return weights @ v, weights


# %% wrong: scores clipped to 50 | expects: stable softmax over the allowed scores
def attention(q, k, v, mask=None):
    scores = (q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5).clamp(-50, 50)
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = scores.softmax(-1).nan_to_num(0.0)
    return weights @ v, weights


# %% wrong: only masks of shape (T, S) | expects: leading dimensions
def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    if mask is not None:
        rows, columns = mask.shape
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = scores.softmax(-1).nan_to_num(0.0)
    return weights @ v, weights


# %% wrong: torch's attention held by a default argument | expects: does this exercise for you
import torch
import torch.nn.functional as F


def attention(q, k, v, mask=None, _sdpa=F.scaled_dot_product_attention):
    eye = torch.eye(k.shape[-2], dtype=v.dtype).expand(*k.shape[:-2], k.shape[-2], k.shape[-2])
    w = torch.nan_to_num(_sdpa(q, k, eye, attn_mask=mask))
    return w @ v, w


# %% wrong: torch's attention held by a class | expects: does this exercise for you
import torch
import torch.nn.functional as F


class _Attention:
    core = staticmethod(F.scaled_dot_product_attention)

    def __call__(self, q, k, v, mask=None):
        s = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if mask is not None:
            s = s.masked_fill(~mask, float("-inf"))
        w = torch.nan_to_num(torch.softmax(s, -1))
        return torch.nan_to_num(self.core(q, k, v, attn_mask=mask)), w


attention = _Attention()


# %% wrong: a square mask transposed | expects: transposed
import torch


def attention(q, k, v, mask=None):
    s = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    if mask is not None:
        if mask.shape[-1] == mask.shape[-2]:
            mask = mask.mT
        s = s.masked_fill(~mask, float("-inf"))
    w = torch.nan_to_num(torch.softmax(s, -1))
    return w @ v, w


# %% wrong: causal where there are as many queries as keys | expects: this is causal
import torch


def attention(q, k, v, mask=None):
    s = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    if mask is None and s.shape[-1] == s.shape[-2]:
        mask = torch.ones(s.shape[-2:], dtype=torch.bool).tril()
    if mask is not None:
        s = s.masked_fill(~mask, float("-inf"))
    w = torch.nan_to_num(torch.softmax(s, -1))
    return w @ v, w


# %% right: loops over queries, only allowed keys touched
import torch


def attention(q, k, v, mask=None):
    lead = torch.broadcast_shapes(q.shape[:-2], k.shape[:-2], v.shape[:-2], () if mask is None else mask.shape[:-2])
    T, S = q.shape[-2], k.shape[-2]
    q = q.expand(*lead, *q.shape[-2:]).reshape(-1, *q.shape[-2:])
    k = k.expand(*lead, *k.shape[-2:]).reshape(-1, *k.shape[-2:])
    v = v.expand(*lead, *v.shape[-2:]).reshape(-1, *v.shape[-2:])
    m = torch.ones(T, S, dtype=torch.bool) if mask is None else mask
    m = m.expand(*lead, T, S).reshape(-1, T, S)
    w = q.new_zeros(len(q), T, S)
    o = q.new_zeros(len(q), T, v.shape[-1])
    for b in range(len(q)):
        for t in range(T):
            may = m[b, t].nonzero().flatten()
            if len(may):
                p = torch.softmax((k[b, may] @ q[b, t]) / q.shape[-1] ** 0.5, 0)
                w[b, t, may] = p
                o[b, t] = p @ v[b, may]
    return o.reshape(*lead, T, -1), w.reshape(*lead, T, S)


# %% right: key after key, with a running maximum, as in FlashAttention
import torch


def attention(q, k, v, mask=None):
    scores = (q * q.shape[-1] ** -0.5).matmul(k.mT)
    if mask is not None:
        scores = torch.where(mask, scores, float("-inf"))
    top = torch.full_like(scores[..., :1], torch.finfo(q.dtype).min)
    total, output = torch.zeros_like(top), torch.zeros_like(top) * v[..., :1, :]
    for at in range(k.shape[-2]):
        higher = torch.maximum(top, scores[..., at : at + 1])
        keep, new = (top - higher).exp(), (scores[..., at : at + 1] - higher).exp()
        total, output, top = total * keep + new, output * keep + new * v[..., at : at + 1, :], higher
    seen = total > 0
    total = torch.where(seen, total, torch.ones_like(total))
    return output / total, (scores - top).exp() / total


# %% wrong: the scale is the norm of the queries | expects: q k' / sqrt(d)
import torch


def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / q.norm(dim=-1, keepdim=True)
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = scores.softmax(-1).nan_to_num(0.0)
    return weights @ v, weights


# %% wrong: the scale from the size of the batch | expects: size of the batch
import torch


def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / q.shape[0] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    weights = scores.softmax(dim=-1).nan_to_num(0.0)
    return weights @ v, weights


# %% wrong: the softmax over the batch | expects: over the batch
import torch


def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    weights = scores.softmax(dim=0).nan_to_num(0.0)
    return weights @ v, weights


# %% wrong: no softmax | expects: softmax is missing
import torch


def attention(q, k, v, mask=None):
    weights = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    if mask is not None:
        weights = weights.masked_fill(~mask, 0.0)
    return weights @ v, weights


# %% wrong: the weights look up keys | expects: look up keys
import torch


def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    weights = scores.softmax(dim=-1).nan_to_num(0.0)
    return weights @ k, weights


# %% wrong: the mask the wrong way round where weights are set to 0 | expects: one of two places
import torch


def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    if mask is None:
        weights = scores.softmax(dim=-1)
    else:
        weights = scores.masked_fill(~mask, -torch.inf).softmax(dim=-1).masked_fill(mask, 0.0)
    return weights @ v, weights


# %% wrong: the root of the width rounded down | expects: a root rounded down
import math

import torch


def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.isqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = scores.softmax(-1).nan_to_num(0.0)
    return weights @ v, weights


# %% wrong: the root of the width less one | expects: softmax(q k' / sqrt(d)) v
import torch


def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / max(q.shape[-1] - 1, 1) ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = scores.softmax(-1).nan_to_num(0.0)
    return weights @ v, weights


# %% wrong: the output from the unmasked weights | expects: made before the mask
import torch


def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    output = scores.softmax(-1) @ v
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = scores.softmax(-1).nan_to_num(0.0)
    return output, weights


# %% wrong: a batch of one squeezed away | expects: all leading dimensions stay
import torch


def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = scores.softmax(-1).nan_to_num(0.0)
    return (weights @ v).squeeze(0), weights.squeeze(0)


# %% wrong: one query squeezed away | expects: A shape is wrong
import torch


def attention(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = scores.softmax(-1).nan_to_num(0.0)
    return (weights @ v).squeeze(-2), weights.squeeze(-2)

# %% wrong: the weights of all texts averaged | of: the notebook's own | expects: weights are that softmax
# -     return weights @ v, weights
# +     return weights @ v, weights.mean(dim=0, keepdim=True).expand_as(weights)

# %% wrong: a query without a key sees the first one | of: the notebook's own | expects: weights 0 and output 0
# -     if mask is not None:
# -         scores = scores.masked_fill(~mask, float("-inf"))
# +     if mask is not None:
# +         mask = mask.clone()
# +         mask[..., 0] |= ~mask.any(-1)
# +         scores = scores.masked_fill(~mask, float("-inf"))

# %% right: key by key, with a running maximum
import torch


def attention(q, k, v, mask=None):
    d, S = q.shape[-1], k.shape[-2]
    top = q.new_full(q.shape[:-1], -torch.inf)
    scores = []
    for s in range(S):
        one = (q * k[..., s : s + 1, :]).sum(-1) / d**0.5
        if mask is not None:
            one = torch.where(mask[..., s], one, -torch.inf)
        scores.append(one)
        top = torch.maximum(top, one)
    top = top.where(top.isfinite(), 0)
    total = sum((one - top).exp() for one in scores)
    weights = torch.stack([(one - top).exp() / total.where(total > 0, 1) for one in scores], -1)
    out = 0
    for s in range(S):
        out = out + weights[..., s, None] * v[..., s : s + 1, :]
    return out, weights
