"""Answers to `softmax`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: the largest logit subtracted first
import torch


def softmax(x, dim=-1):
    shifted = x - x.max(dim=dim, keepdim=True).values
    powers = shifted.exp()
    return powers / powers.sum(dim=dim, keepdim=True)


# %% right: through logsumexp
import torch


def softmax(x, dim=-1):
    # In float32 the difference of two numbers near 1e4 keeps only three decimals.
    logits = x.double()
    return torch.exp(logits - torch.logsumexp(logits, dim=dim, keepdim=True)).to(x.dtype)


# %% right: in numpy, with float64 as result
import numpy as np
import torch


def softmax(x, dim=-1):
    values = x.detach().double().numpy()
    powers = np.exp(values - np.max(values, axis=dim, keepdims=True))
    return torch.from_numpy(powers / np.sum(powers, axis=dim, keepdims=True))


# %% right: one row after the other
import math

import torch


def softmax(x, dim=-1):
    rows = x.movedim(dim, -1)
    result = torch.empty(rows.shape, dtype=torch.float64)
    flat, out = rows.reshape(-1, rows.shape[-1]), result.view(-1, rows.shape[-1])
    for index, row in enumerate(flat.tolist()):
        largest = max(row)
        powers = [math.exp(value - largest) for value in row]
        total = math.fsum(powers)
        out[index] = torch.tensor([power / total for power in powers], dtype=torch.float64)
    return result.movedim(-1, dim).to(x.dtype)


# %% wrong: the largest logit is not subtracted | expects: overflow / largest / subtract / stable / max
import torch


def softmax(x, dim=-1):
    shifted = x
    powers = shifted.exp()
    return powers / powers.sum(dim=dim, keepdim=True)


# %% wrong: torch.softmax | expects: torch.softmax / softmax` does this
import torch


def softmax(x, dim=-1):
    return torch.softmax(x, dim=dim)


# %% wrong: the tensor's own method | expects: softmax` does this
import torch


def softmax(x, dim=-1):
    return x.softmax(dim)


# %% wrong: nn.functional's softmax | expects: softmax` does this
import torch
import torch.nn.functional as F


def softmax(x, dim=-1):
    return F.softmax(x, dim=dim)


# %% wrong: always over the last dimension | expects: dim=0 / dim=1 / `dim` / dimension / argument dim
import torch


def softmax(x, dim=-1):
    shifted = x - x.max(dim=-1, keepdim=True).values
    powers = shifted.exp()
    return powers / powers.sum(dim=-1, keepdim=True)


# %% wrong: over the first dimension by default | expects: default / last dimension / dim=-1
import torch


def softmax(x, dim=0):
    shifted = x - x.max(dim=dim, keepdim=True).values
    powers = shifted.exp()
    return powers / powers.sum(dim=dim, keepdim=True)


# %% wrong: the sum over the whole tensor | expects: whole / each row / all entries / every row / along / over the
import torch


def softmax(x, dim=-1):
    shifted = x - x.max(dim=dim, keepdim=True).values
    powers = shifted.exp()
    return powers / powers.sum()


# %% wrong: the dimension of the sum is dropped | expects: keepdim / broadcast / dimension
import torch


def softmax(x, dim=-1):
    shifted = x - x.max(dim=dim, keepdim=True).values
    powers = shifted.exp()
    return powers / powers.sum(dim=dim)


# %% wrong: the largest logit of the whole tensor is subtracted | expects: each row / its own / whole / per row / own largest
import torch


def softmax(x, dim=-1):
    shifted = x - x.max()
    powers = shifted.exp()
    return powers / powers.sum(dim=dim, keepdim=True)


# %% wrong: the mean is subtracted | expects: mean / largest / overflow / stable
import torch


def softmax(x, dim=-1):
    shifted = x - torch.where(x.isinf(), 0.0, x).mean(dim=dim, keepdim=True)
    powers = shifted.exp()
    return powers / powers.sum(dim=dim, keepdim=True)


# %% wrong: the largest absolute value is subtracted | expects: absolute / negative / largest / underflow
import torch


def softmax(x, dim=-1):
    finite = torch.where(x.isinf(), 0.0, x)
    shifted = x - finite.abs().amax(dim=dim, keepdim=True)
    powers = shifted.exp()
    return powers / powers.sum(dim=dim, keepdim=True)


# %% wrong: logits clamped to 50 | expects: clamp / clip / large / stable
import torch


def softmax(x, dim=-1):
    shifted = x.clamp(-50, 50)
    powers = shifted.exp()
    return powers / powers.sum(dim=dim, keepdim=True)


# %% wrong: powers of two | expects: natural / base 2 / base / 2** / power of two / powers of two
import torch


def softmax(x, dim=-1):
    shifted = x - x.max(dim=dim, keepdim=True).values
    powers = torch.exp2(shifted)
    return powers / powers.sum(dim=dim, keepdim=True)


# %% wrong: no exponential | expects: exponential / exp( / `exp
import torch


def softmax(x, dim=-1):
    shifted = x - x.max(dim=dim, keepdim=True).values
    powers = torch.where(x.isinf(), 0.0, x)
    return powers / powers.sum(dim=dim, keepdim=True)


# %% wrong: the logarithm of the softmax | expects: logarithm / log-softmax / log_softmax / log softmax / log-prob / `log
import torch


def softmax(x, dim=-1):
    shifted = x - x.max(dim=dim, keepdim=True).values
    powers = shifted.exp()
    return shifted - powers.sum(dim=dim, keepdim=True).log()


# %% wrong: the sigmoid of each logit | expects: sigmoid / sum to 1 / independent / normalis / normaliz
import torch


def softmax(x, dim=-1):
    return torch.sigmoid(x)


# %% wrong: -inf counts as 0 | expects: -inf / masked
import torch


def softmax(x, dim=-1):
    x = torch.where(x == -torch.inf, 0.0, x)
    shifted = x - x.max(dim=dim, keepdim=True).values
    powers = shifted.exp()
    return powers / powers.sum(dim=dim, keepdim=True)


# %% wrong: modifies its input | expects: in place / modified
import torch


def softmax(x, dim=-1):
    x -= x.max(dim=dim, keepdim=True).values.clone()
    powers = x.exp()
    return powers / powers.sum(dim=dim, keepdim=True)


# %% wrong: a temperature of sqrt(n) | expects: scale / scaled / temperature / divide / sqrt
import torch


def softmax(x, dim=-1):
    shifted = (x - x.max(dim=dim, keepdim=True).values) / x.shape[dim] ** 0.5
    powers = shifted.exp()
    return powers / powers.sum(dim=dim, keepdim=True)


# %% right: in place on a copy of its own
import torch


def softmax(x, dim=-1):
    powers = x.clone()
    powers -= powers.amax(dim=dim, keepdim=True)
    powers.exp_()
    powers /= powers.sum(dim=dim, keepdim=True)
    return powers


# %% right: exp of the log-softmax by hand in float64, the result in float32
import torch


def softmax(x, dim=-1):
    z = x.to(torch.float64)
    top = torch.max(z, dim=dim, keepdim=True)[0]
    return torch.exp(z - top - torch.log(torch.sum(torch.exp(z - top), dim=dim, keepdim=True))).float()


# %% wrong: torch._softmax | expects: softmax` does this
import torch


def softmax(x, dim=-1):
    return torch._softmax(x, dim, False)


# %% wrong: the operator of torch.ops | expects: softmax` does this
import torch


def softmax(x, dim=-1):
    return torch.ops.aten._softmax(x, dim, False)


# %% wrong: attention over an identity | expects: scaled_dot_product_attention` does this
import torch
import torch.nn.functional as F


def softmax(x, dim=-1):
    rows = x.movedim(dim, -1)
    flat = rows.reshape(-1, 1, rows.shape[-1])
    identity = torch.eye(rows.shape[-1]).expand(flat.shape[0], -1, -1)
    return F.scaled_dot_product_attention(flat, identity, identity, scale=1.0).reshape(rows.shape).movedim(-1, dim)


# %% wrong: softmin of the negative | expects: softmin` does this
import torch.nn.functional as F


def softmax(x, dim=-1):
    return F.softmin(-x, dim=dim)


# %% wrong: the module nn.Softmax | expects: softmax` does this
from torch import nn


def softmax(x, dim=-1):
    return nn.Softmax(dim)(x)


# %% wrong: the powers, not divided | expects: do not sum to 1
def softmax(x, dim=-1):
    return (x - x.amax(dim, keepdim=True)).exp()


# %% wrong: the sign is wrong | expects: sign is wrong
def softmax(x, dim=-1):
    powers = (x.amin(dim, keepdim=True) - x).exp()
    return powers / powers.sum(dim, keepdim=True)


# %% wrong: the probability of the largest logit only | expects: shape of the logits
def softmax(x, dim=-1):
    powers = (x - x.amax(dim, keepdim=True)).exp()
    return powers.amax(dim) / powers.sum(dim)


# %% wrong: one too many in the sum | expects: add nothing to it
def softmax(x, dim=-1):
    powers = (x - x.amax(dim, keepdim=True)).exp()
    return powers / (1 + powers.sum(dim, keepdim=True))


# %% wrong: nothing but the largest is kept when logits are far apart | expects: as good for large logits
import torch


def softmax(x, dim=-1):
    powers = (x - x.amax(dim, keepdim=True)).exp()
    powers = torch.where(x.abs() > 1000, powers.round(), powers)
    return powers / powers.sum(dim, keepdim=True)


# %% wrong: a buffer of 64 logits | expects: your code raised / divided by the sum
import torch


def softmax(x, dim=-1):
    rows = x.movedim(dim, -1)
    powers = torch.zeros(*rows.shape[:-1], 64)
    powers[..., : rows.shape[-1]] = (rows - rows.amax(-1, keepdim=True)).exp()
    powers = powers[..., : rows.shape[-1]]
    return (powers / powers.sum(-1, keepdim=True)).movedim(-1, dim)


# %% wrong: the weight of -inf is shared out evenly | expects: gets the weight 0
import torch


def softmax(x, dim=-1):
    powers = (x - x.amax(dim, keepdim=True)).exp()
    powers = powers.clamp(min=1e-2)
    return torch.where(x.isinf().any(dim, keepdim=True), powers, (x - x.amax(dim, keepdim=True)).exp()) / torch.where(
        x.isinf().any(dim, keepdim=True), powers, (x - x.amax(dim, keepdim=True)).exp()
    ).sum(dim, keepdim=True)


# %% wrong: the largest logit of the last dimension, whatever dim is | expects: each column its own
def softmax(x, dim=-1):
    powers = (x - x.amax(-1, keepdim=True)).exp()
    return powers / powers.sum(dim, keepdim=True)


# %% right: the gradient of logsumexp
import torch


def softmax(x, dim=-1):
    with torch.enable_grad():
        leaf = x.detach().double().requires_grad_()
        (gradient,) = torch.autograd.grad(torch.logsumexp(leaf, dim=dim).sum(), leaf)
    return gradient


# %% wrong: a distribution's probabilities | expects: softmax` does this
import torch


def softmax(x, dim=-1):
    return torch.distributions.Categorical(logits=x.movedim(dim, -1)).probs.movedim(-1, dim)


# %% wrong: shifted, then clamped at -20 | expects: exactly 0
import torch


def softmax(x, dim=-1):
    e = (x - x.amax(dim, keepdim=True)).clamp(min=-20).exp()
    return e / e.sum(dim, keepdim=True)


# %% wrong: -inf replaced by -1e4 | expects: finite number stands in
import torch


def softmax(x, dim=-1):
    x = x.masked_fill(torch.isneginf(x), -1e4)
    e = (x - x.amax(dim, keepdim=True)).exp()
    return e / e.sum(dim, keepdim=True)


# %% wrong: torch.softmax held by a default argument | expects: does this exercise for you
import torch


def softmax(x, dim=-1, _f=torch.softmax):
    return _f(x, dim)


# %% wrong: cross entropy of each class | expects: does this exercise for you
import torch
import torch.nn.functional as F


def softmax(x, dim=-1):
    y = x.movedim(dim, -1)
    rows = y.reshape(-1, y.shape[-1])
    cols = [(-F.cross_entropy(rows, torch.full((len(rows),), c), reduction="none")).exp() for c in range(rows.shape[1])]
    return torch.stack(cols, -1).reshape(y.shape).movedim(-1, dim)


# %% wrong: no weight below 1e-9 | expects: exactly 0
import torch


def softmax(x, dim=-1):
    e = (x - x.amax(dim, keepdim=True)).exp().clamp(min=1e-9)
    return e / e.sum(dim, keepdim=True)


# %% wrong: 0 in the place of -inf for the maximum | expects: underflowed to 0
import torch


def softmax(x, dim=-1):
    m = torch.where(torch.isinf(x), torch.zeros_like(x), x).amax(dim, keepdim=True)
    e = (x - m).exp()
    return e / e.sum(dim, keepdim=True)


# %% wrong: the maximum of the first 64 logits | expects: wherever it stands
import torch


def softmax(x, dim=-1):
    buffer = torch.zeros(64, dtype=x.dtype)
    y = x.movedim(dim, -1)
    n = y.shape[-1]
    m = y[..., :64].amax(-1, keepdim=True)
    e = (y - m).exp()
    return (e / e.sum(-1, keepdim=True)).movedim(-1, dim)


# %% right: online softmax, one column after the other
import torch


def softmax(x, dim=-1):
    cols = x.unbind(dim)
    m = torch.full_like(cols[0], float("-inf"))
    s = torch.zeros_like(cols[0])
    for c in cols:
        new = torch.maximum(m, c)
        safe = torch.where(torch.isneginf(new), torch.zeros_like(new), new)
        s = s * (m - safe).exp() + (c - safe).exp()
        m = new
    return torch.stack([(c - m).exp() / s for c in cols], dim=dim)


# %% right: one over the sum of the exponentials of differences
import torch


def softmax(x, dim=-1):
    rows = x.movedim(dim, -1)
    differences = rows.unsqueeze(-2) - rows.unsqueeze(-1)  # how far each logit is above this one
    sums = differences.exp().sum(-1)
    return torch.where(rows == float("-inf"), torch.zeros_like(rows), 1 / sums).movedim(-1, dim)


# %% wrong: the largest logits without keepdim | expects: largest logits lost
import torch


def softmax(x, dim=-1):
    powers = (x - x.max(dim=dim).values).exp()
    return powers / powers.sum(dim=dim, keepdim=True)


# %% wrong: divided by the mean | expects: not by their mean
import torch


def softmax(x, dim=-1):
    powers = (x - x.amax(dim=dim, keepdim=True)).exp()
    return powers / powers.mean(dim=dim, keepdim=True)


# %% wrong: the smallest logit subtracted | expects: smallest one
import torch


def softmax(x, dim=-1):
    powers = (x - x.amin(dim=dim, keepdim=True)).exp()
    return powers / powers.sum(dim=dim, keepdim=True)


# %% wrong: a thousandth added to the sum | expects: add nothing to it
import torch


def softmax(x, dim=-1):
    powers = (x - x.amax(dim=dim, keepdim=True)).exp()
    return powers / (powers.sum(dim=dim, keepdim=True) + 1e-3)


# %% wrong: in half precision | expects: half precision
import torch


def softmax(x, dim=-1):
    powers = (x - x.amax(dim=dim, keepdim=True)).half().exp()
    return (powers / powers.sum(dim=dim, keepdim=True)).to(x.dtype)


# %% wrong: the size of dim without its sign | expects: last dimension sums to 1
import torch


def softmax(x, dim=-1):
    dim = min(abs(dim), x.dim() - 1)
    powers = (x - x.amax(dim=dim, keepdim=True)).exp()
    return powers / powers.sum(dim=dim, keepdim=True)


# %% wrong: rows by a reshape, whatever the dimension | expects: order of memory
import torch


def softmax(x, dim=-1):
    rows = x.reshape(-1, x.shape[dim])
    powers = (rows - rows.amax(dim=-1, keepdim=True)).exp()
    return (powers / powers.sum(dim=-1, keepdim=True)).reshape(x.shape)


# %% wrong: -10,000 as the smallest logit | expects: clamped / A finite number stands in
import torch


def softmax(x, dim=-1):
    x = x.clamp(min=-1e4)
    powers = (x - x.amax(dim=dim, keepdim=True)).exp()
    return powers / powers.sum(dim=dim, keepdim=True)


# %% wrong: dimensions of size 1 squeezed away | expects: shape of the logits
import torch


def softmax(x, dim=-1):
    powers = (x - x.amax(dim=dim, keepdim=True)).exp()
    return (powers / powers.sum(dim=dim, keepdim=True)).squeeze()

# %% wrong: differences cut at -5 | of: the notebook's own | expects: some digits only / divided by the sum
# -     powers = (x - x.amax(dim=dim, keepdim=True)).exp()
# +     d = x - x.amax(dim=dim, keepdim=True)
# +     powers = torch.where(x > -torch.inf, d.clamp(min=-5), d).exp()

# %% wrong: logits below -10,000 are masked | of: the notebook's own | expects: as good for large logits / underflowed
# -     powers = (x - x.amax(dim=dim, keepdim=True)).exp()
# +     x = x.masked_fill(x < -1e4 + 1, float("-inf"))
# +     powers = (x - x.amax(dim=dim, keepdim=True)).exp().nan_to_num(0.0)

# %% wrong: moved to the end, and swapped back | of: the notebook's own | expects: shape of the logits
# -     powers = (x - x.amax(dim=dim, keepdim=True)).exp()
# -     return powers / powers.sum(dim=dim, keepdim=True)
# +     x = x.movedim(dim, -1)
# +     powers = (x - x.amax(dim=-1, keepdim=True)).exp()
# +     return (powers / powers.sum(dim=-1, keepdim=True)).transpose(dim, -1)

# %% wrong: the largest logit of all calls | of: the notebook's own | expects: divided by the sum
# -     powers = (x - x.amax(dim=dim, keepdim=True)).exp()
# +     softmax.top = max(getattr(softmax, "top", -float("inf")), float(x.max()))
# +     powers = (x - softmax.top).exp()

# %% right: plain Python along an axis of numpy
import math

import numpy as np
import torch


def softmax(x, dim=-1):
    def row(values):
        top = max(values)
        powers = [math.exp(v - top) for v in values]
        return np.array([p / math.fsum(powers) for p in powers])

    return torch.as_tensor(np.apply_along_axis(row, dim, x.detach().numpy().astype(float)), dtype=x.dtype)

# %% right: the sigmoid of log odds
import torch


def softmax(x, dim=-1):
    y = x.movedim(dim, -1)
    n = y.shape[-1]
    out = []
    for i in range(n):
        others = torch.cat((y[..., :i], y[..., i + 1 :]), -1)
        rest = torch.logsumexp(others, -1) if n > 1 else torch.full_like(y[..., 0], -torch.inf)
        odds = torch.where(y[..., i] > -torch.inf, y[..., i] - rest, -torch.inf)
        out.append(torch.sigmoid(odds))
    return torch.stack(out, -1).movedim(-1, dim)
