"""Answers to `rms_norm` and `layer_norm`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: as the formulas say
import torch


def rms_norm(x, weight, eps=1e-5):
    return x / torch.sqrt(x.pow(2).mean(dim=-1, keepdim=True) + eps) * weight


def layer_norm(x, weight, bias, eps=1e-5):
    centred = x - x.mean(dim=-1, keepdim=True)
    variance = centred.pow(2).mean(dim=-1, keepdim=True)
    return centred / torch.sqrt(variance + eps) * weight + bias


# %% right: torch's own norms
import torch.nn.functional as F


def rms_norm(x, weight, eps=1e-5):
    return F.rms_norm(x, weight.shape, weight, eps)


def layer_norm(x, weight, bias, eps=1e-5):
    return F.layer_norm(x, (x.size(-1),), weight, bias, eps)


# %% right: rsqrt in float64 and var_mean
import torch


def rms_norm(x, weight, eps=1e-5):
    values = x.double()
    scale = torch.rsqrt(values.square().mean(-1, keepdim=True).add(eps))
    return (values * scale).to(x.dtype).mul(weight)


def layer_norm(x, weight, bias, eps=1e-5):
    variance, mean = torch.var_mean(x, dim=-1, correction=0, keepdim=True)
    return torch.addcmul(bias, (x - mean) * torch.rsqrt(variance + eps), weight)


# %% right: einsum and row by row
import math

import torch


def rms_norm(x, weight, eps=1e-5):
    mean_square = torch.einsum("...d,...d->...", x, x) / x.shape[-1]
    return torch.einsum("...d,...,d->...d", x, (mean_square + eps) ** -0.5, weight)


def layer_norm(x, weight, bias, eps=1e-5):
    rows = []
    for row in x.reshape(-1, x.shape[-1]):
        mean = row.sum().item() / len(row)
        variance = ((row - mean) ** 2).sum().item() / len(row)
        rows.append((row - mean) / math.sqrt(variance + eps))
    return torch.stack(rows).reshape(x.shape) * weight + bias


# %% wrong: layer_norm with the unbiased variance | of: as the formulas say | expects: biased / n - 1 / correction
# -     variance = centred.pow(2).mean(dim=-1, keepdim=True)
# +     variance = x.var(dim=-1, keepdim=True)


# %% wrong: rms_norm subtracts the mean | of: as the formulas say | expects: mean
# - def rms_norm(x, weight, eps=1e-5):
# + def rms_norm(x, weight, eps=1e-5):
# +     x = x - x.mean(dim=-1, keepdim=True)


# %% wrong: layer_norm does not subtract the mean | expects: mean / centre / center
import torch


def rms_norm(x, weight, eps=1e-5):
    return x / torch.sqrt(x.pow(2).mean(dim=-1, keepdim=True) + eps) * weight


def layer_norm(x, weight, bias, eps=1e-5):
    variance = x.var(dim=-1, keepdim=True, correction=0)
    return x / torch.sqrt(variance + eps) * weight + bias


# %% wrong: rms_norm with eps outside the root | of: as the formulas say | expects: eps
# -     return x / torch.sqrt(x.pow(2).mean(dim=-1, keepdim=True) + eps) * weight
# +     return x / (torch.sqrt(x.pow(2).mean(dim=-1, keepdim=True)) + eps) * weight


# %% wrong: layer_norm with eps outside the root | of: as the formulas say | expects: eps
# -     return centred / torch.sqrt(variance + eps) * weight + bias
# +     return centred / (torch.sqrt(variance) + eps) * weight + bias


# %% wrong: rms_norm without eps | of: as the formulas say | expects: eps
# -     return x / torch.sqrt(x.pow(2).mean(dim=-1, keepdim=True) + eps) * weight
# +     return x / torch.sqrt(x.pow(2).mean(dim=-1, keepdim=True)) * weight


# %% wrong: the sum of squares instead of their mean | of: as the formulas say | expects: mean / number of features / root mean square
# -     return x / torch.sqrt(x.pow(2).mean(dim=-1, keepdim=True) + eps) * weight
# +     return x / torch.sqrt(x.pow(2).sum(dim=-1, keepdim=True) + eps) * weight


# %% wrong: the weight is left out of rms_norm | of: as the formulas say | expects: weight / gain
# -     return x / torch.sqrt(x.pow(2).mean(dim=-1, keepdim=True) + eps) * weight
# +     return x / torch.sqrt(x.pow(2).mean(dim=-1, keepdim=True) + eps)


# %% wrong: the bias is left out of layer_norm | of: as the formulas say | expects: bias
# -     return centred / torch.sqrt(variance + eps) * weight + bias
# +     return centred / torch.sqrt(variance + eps) * weight


# %% wrong: the root is left out of layer_norm | of: as the formulas say | expects: root / sqrt / standard deviation / variance
# -     return centred / torch.sqrt(variance + eps) * weight + bias
# +     return centred / (variance + eps) * weight + bias


# %% wrong: the root is left out of rms_norm | of: as the formulas say | expects: root / sqrt / mean square
# -     return x / torch.sqrt(x.pow(2).mean(dim=-1, keepdim=True) + eps) * weight
# +     return x / (x.pow(2).mean(dim=-1, keepdim=True) + eps) * weight


# %% wrong: rms_norm over the positions | of: as the formulas say | expects: last dimension / positions / features / axis
# -     return x / torch.sqrt(x.pow(2).mean(dim=-1, keepdim=True) + eps) * weight
# +     return x / torch.sqrt(x.pow(2).mean(dim=-2, keepdim=True) + eps) * weight


# %% wrong: layer_norm over the positions and the features | expects: last dimension / positions / each position / axis
import torch


def rms_norm(x, weight, eps=1e-5):
    return x / torch.sqrt(x.pow(2).mean(dim=-1, keepdim=True) + eps) * weight


def layer_norm(x, weight, bias, eps=1e-5):
    centred = x - x.mean(dim=(-2, -1), keepdim=True)
    variance = centred.pow(2).mean(dim=(-2, -1), keepdim=True)
    return centred / torch.sqrt(variance + eps) * weight + bias


# %% wrong: the bias added before the weight | of: as the formulas say | expects: bias / order
# -     return centred / torch.sqrt(variance + eps) * weight + bias
# +     return (centred / torch.sqrt(variance + eps) + bias) * weight


# %% wrong: 1 + weight | of: as the formulas say | expects: 1 + weight / one plus / weight
# -     return x / torch.sqrt(x.pow(2).mean(dim=-1, keepdim=True) + eps) * weight
# +     return x / torch.sqrt(x.pow(2).mean(dim=-1, keepdim=True) + eps) * (1 + weight)


# %% wrong: divides by the mean absolute value | of: as the formulas say | expects: absolute / square / root mean square
# -     return x / torch.sqrt(x.pow(2).mean(dim=-1, keepdim=True) + eps) * weight
# +     return x / (x.abs().mean(dim=-1, keepdim=True) + eps) * weight


# %% wrong: rms_norm with eps 1e-6 by default | of: as the formulas say | expects: default / eps
# - def rms_norm(x, weight, eps=1e-5):
# + def rms_norm(x, weight, eps=1e-6):


# %% wrong: the given eps is not used in layer_norm | of: as the formulas say | expects: eps
# -     return centred / torch.sqrt(variance + eps) * weight + bias
# +     return centred / torch.sqrt(variance + 1e-5) * weight + bias


# %% wrong: rms_norm modifies its input | of: as the formulas say | expects: in place / modified
# -     return x / torch.sqrt(x.pow(2).mean(dim=-1, keepdim=True) + eps) * weight
# +     x /= torch.sqrt(x.pow(2).mean(dim=-1, keepdim=True) + eps)
# +     return x * weight


# %% right: float32 inside, whatever comes
import torch
import torch.nn.functional as F


def rms_norm(x, weight, eps=1e-5):
    wide = x.float()
    return (wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + eps)).to(x.dtype) * weight


def layer_norm(x, weight, bias, eps=1e-5):
    variance, mean = torch.var_mean(x.float(), -1, correction=0, keepdim=True)
    return ((x - mean) / torch.sqrt(variance + eps)).to(x.dtype).mul(weight).add(bias)


# %% wrong: for two dimensions only | expects: last one
import torch
import torch.nn.functional as F


def rms_norm(x, weight, eps=1e-5):
    B, D = x.shape
    return x / (x.square().mean(1, keepdim=True) + eps).sqrt() * weight


def layer_norm(x, weight, bias, eps=1e-5):
    B, D = x.shape
    centred = x - x.mean(1, keepdim=True)
    return centred / (centred.square().mean(1, keepdim=True) + eps).sqrt() * weight + bias


# %% wrong: divided by the largest entry | expects: root
import torch
import torch.nn.functional as F


def rms_norm(x, weight, eps=1e-5):
    return x / (x.abs().amax(-1, keepdim=True) + eps) * weight


def layer_norm(x, weight, bias, eps=1e-5):
    centred = x - x.mean(-1, keepdim=True)
    return centred / (centred.abs().amax(-1, keepdim=True) + eps) * weight + bias


# %% wrong: the given eps is not used in rms_norm | expects: eps
import torch
import torch.nn.functional as F


def rms_norm(x, weight, eps=1e-5):
    return F.rms_norm(x, x.shape[-1:], weight, 1e-5)


def layer_norm(x, weight, bias, eps=1e-5):
    return F.layer_norm(x, x.shape[-1:], weight, bias, eps)


# %% wrong: rms_norm over everything | expects: last dimension
import torch
import torch.nn.functional as F


def rms_norm(x, weight, eps=1e-5):
    return x / (x.square().mean() + eps).sqrt() * weight


def layer_norm(x, weight, bias, eps=1e-5):
    return F.layer_norm(x, x.shape[-1:], weight, bias, eps)


# %% wrong: divided by the weight | expects: gain
import torch
import torch.nn.functional as F


def rms_norm(x, weight, eps=1e-5):
    return x / (x.square().mean(-1, keepdim=True) + eps).sqrt() / weight


def layer_norm(x, weight, bias, eps=1e-5):
    return F.layer_norm(x, x.shape[-1:], weight, bias, eps)


# %% wrong: the standard deviation for the root mean square | expects: LayerNorm / mean
import torch
import torch.nn.functional as F


def rms_norm(x, weight, eps=1e-5):
    return x / (x.var(-1, correction=0, keepdim=True) + eps).sqrt() * weight


def layer_norm(x, weight, bias, eps=1e-5):
    return F.layer_norm(x, x.shape[-1:], weight, bias, eps)


# %% wrong: the weight is left out of layer_norm | expects: weight
import torch
import torch.nn.functional as F


def rms_norm(x, weight, eps=1e-5):
    return F.rms_norm(x, x.shape[-1:], weight, eps)


def layer_norm(x, weight, bias, eps=1e-5):
    return F.layer_norm(x, x.shape[-1:], None, bias, eps)


# %% wrong: centred, then divided by the root mean square | expects: standard deviation
import torch
import torch.nn.functional as F


def rms_norm(x, weight, eps=1e-5):
    return F.rms_norm(x, x.shape[-1:], weight, eps)


def layer_norm(x, weight, bias, eps=1e-5):
    return (x - x.mean(-1, keepdim=True)) / (
        x.square().mean(-1, keepdim=True) + eps
    ).sqrt() * weight + bias


# %% wrong: RMSNorm with a bias | expects: mean
import torch
import torch.nn.functional as F


def rms_norm(x, weight, eps=1e-5):
    return F.rms_norm(x, x.shape[-1:], weight, eps)


def layer_norm(x, weight, bias, eps=1e-5):
    return F.rms_norm(x, x.shape[-1:], weight, eps) + bias


# %% wrong: no eps in layer_norm | expects: eps
import torch
import torch.nn.functional as F


def rms_norm(x, weight, eps=1e-5):
    return F.rms_norm(x, x.shape[-1:], weight, eps)


def layer_norm(x, weight, bias, eps=1e-5):
    centred = x - x.mean(-1, keepdim=True)
    return centred / centred.square().mean(-1, keepdim=True).sqrt() * weight + bias


# %% wrong: layer_norm over the positions | expects: last dimension
import torch
import torch.nn.functional as F


def rms_norm(x, weight, eps=1e-5):
    return F.rms_norm(x, x.shape[-1:], weight, eps)


def layer_norm(x, weight, bias, eps=1e-5):
    dim = -min(2, x.dim())
    centred = x - x.mean(dim, keepdim=True)
    return centred / (centred.square().mean(dim, keepdim=True) + eps).sqrt() * weight + bias


# %% wrong: the gains along the first dimension where it has their size | expects: own gain / last dimension
def rms_norm(x, weight, eps=1e-5):
    return (
        (x / (x.pow(2).mean(-1, keepdim=True) + eps).sqrt())
        .transpose(-1, -2)
        .mul(weight)
        .transpose(-1, -2)
        if x.dim() > 1 and x.shape[-1] == x.shape[-2]
        else x / (x.pow(2).mean(-1, keepdim=True) + eps).sqrt() * weight
    )


def layer_norm(x, weight, bias, eps=1e-5):
    c = x - x.mean(-1, keepdim=True)
    return c / (c.pow(2).mean(-1, keepdim=True) + eps).sqrt() * weight + bias


# %% wrong: a running mean for each shape | expects: earlier call / state
_m = {}


def rms_norm(x, weight, eps=1e-5):
    return x / (x.pow(2).mean(-1, keepdim=True) + eps).sqrt() * weight


def layer_norm(x, weight, bias, eps=1e-5):
    key = tuple(x.shape)
    _m[key] = _m.get(key, x.mean(-1, keepdim=True)) * 0.9 + 0.1 * x.mean(-1, keepdim=True)
    c = x - _m[key]
    return c / (c.pow(2).mean(-1, keepdim=True) + eps).sqrt() * weight + bias


# %% wrong: gains and offsets along the first dimension where it has their size | expects: own gain / last dimension
import torch
import torch.nn.functional as F


def rms_norm(x, weight, eps=1e-5):
    return F.rms_norm(x, x.shape[-1:], weight, eps)


def layer_norm(x, weight, bias, eps=1e-5):
    scaled = F.layer_norm(x, x.shape[-1:], eps=eps)
    if x.dim() > 1 and x.shape[0] == len(weight):
        sizes = [-1] + [1] * (x.dim() - 1)
        return scaled * weight.reshape(sizes) + bias.reshape(sizes)
    return scaled * weight + bias


# %% wrong: the root mean square of an earlier call of the same shape | expects: earlier call / state
import torch
import torch.nn.functional as F

roots = {}


def rms_norm(x, weight, eps=1e-5):
    if (x.shape, eps) not in roots:
        roots[x.shape, eps] = (x.square().mean(-1, keepdim=True) + eps).sqrt()
    return x / roots[x.shape, eps] * weight


def layer_norm(x, weight, bias, eps=1e-5):
    return F.layer_norm(x, x.shape[-1:], weight, bias, eps)


# %% right: lengths of vectors, and a projection that takes the mean away
import torch


def rms_norm(x, weight, eps=1e-5):
    D = x.shape[-1]
    length = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
    return x * weight * D**0.5 / torch.hypot(length, x.new_tensor((D * eps) ** 0.5))


def layer_norm(x, weight, bias, eps=1e-5):
    D = x.shape[-1]
    away = torch.eye(D, dtype=x.dtype) - 1 / D
    return rms_norm(x @ away, weight, eps) + bias


# %% wrong: eps as the least root mean square | expects: eps
import torch


def rms_norm(x, weight, eps=1e-5):
    return x / x.pow(2).mean(-1, keepdim=True).sqrt().clamp(min=eps) * weight


def layer_norm(x, weight, bias, eps=1e-5):
    centred = x - x.mean(-1, keepdim=True)
    return rms_norm(centred, weight, eps) + bias


# %% wrong: weight and bias of layer_norm swapped | expects: bias are swapped
import torch


def rms_norm(x, weight, eps=1e-5):
    return x / (x.pow(2).mean(-1, keepdim=True) + eps).sqrt() * weight


def layer_norm(x, weight, bias, eps=1e-5):
    centred = x - x.mean(-1, keepdim=True)
    deviation = (centred.pow(2).mean(-1, keepdim=True) + eps).sqrt()
    return centred / deviation * bias + weight


# %% wrong: the bias taken off | of: weight and bias of layer_norm swapped | expects: bias is taken off
# -     return centred / deviation * bias + weight
# +     return centred / deviation * weight - bias


# %% wrong: the sum of squares in layer_norm | expects: variance is their mean
import torch


def rms_norm(x, weight, eps=1e-5):
    return x / (x.pow(2).mean(-1, keepdim=True) + eps).sqrt() * weight


def layer_norm(x, weight, bias, eps=1e-5):
    centred = x - x.mean(-1, keepdim=True)
    deviation = (centred.pow(2).sum(-1, keepdim=True) + eps).sqrt()
    return centred / deviation * weight + bias


# %% wrong: layer_norm multiplies by the deviation | of: weight and bias of layer_norm swapped | expects: by the standard deviation
# -     return centred / deviation * bias + weight
# +     return centred * deviation * weight + bias


# %% wrong: layer_norm divides by the weight | of: weight and bias of layer_norm swapped | expects: nor divide
# -     return centred / deviation * bias + weight
# +     return centred / deviation / weight + bias


# %% wrong: the mean of layer_norm over the positions | expects: or both are over other
import torch


def rms_norm(x, weight, eps=1e-5):
    return x / (x.pow(2).mean(-1, keepdim=True) + eps).sqrt() * weight


def layer_norm(x, weight, bias, eps=1e-5):
    centred = x - x.mean(-2, keepdim=True)
    deviation = (centred.pow(2).mean(-1, keepdim=True) + eps).sqrt()
    return centred / deviation * weight + bias


# %% wrong: rms_norm multiplies by the root | expects: multiplied by the root
import torch


def rms_norm(x, weight, eps=1e-5):
    return x * (x.pow(2).mean(-1, keepdim=True) + eps).sqrt() * weight


def layer_norm(x, weight, bias, eps=1e-5):
    centred = x - x.mean(-1, keepdim=True)
    return centred / (centred.pow(2).mean(-1, keepdim=True) + eps).sqrt() * weight + bias


# %% wrong: rms_norm over the first dimension | expects: mean is over other
import torch


def rms_norm(x, weight, eps=1e-5):
    return x / (x.pow(2).mean(0, keepdim=True) + eps).sqrt() * weight


def layer_norm(x, weight, bias, eps=1e-5):
    centred = x - x.mean(-1, keepdim=True)
    return centred / (centred.pow(2).mean(-1, keepdim=True) + eps).sqrt() * weight + bias


# %% wrong: an eps of 0 is taken for none | of: the notebook's own | expects: as it is given
# -     root = (wide.pow(2).mean(-1, keepdim=True) + eps).sqrt()
# +     root = (wide.pow(2).mean(-1, keepdim=True) + (eps or 1e-5)).sqrt()

# -     deviation = (centred.pow(2).mean(-1, keepdim=True) + eps).sqrt()
# +     deviation = (centred.pow(2).mean(-1, keepdim=True) + (eps or 1e-5)).sqrt()


# %% wrong: a single feature stays as it is | of: the notebook's own | expects: single feature
# -     root = (wide.pow(2).mean(-1, keepdim=True) + eps).sqrt()
# +     root = (wide.pow(2).mean(-1, keepdim=True) + eps).sqrt() if x.shape[-1] > 1 else 1.0

# -     return (centred / deviation).to(x.dtype) * weight + bias
# +     return (centred / deviation if x.shape[-1] > 1 else wide).to(x.dtype) * weight + bias


# %% wrong: the unbiased variance made biased, which has none for one feature | of: the notebook's own | expects: single feature
# -     deviation = (centred.pow(2).mean(-1, keepdim=True) + eps).sqrt()
# +     D = x.shape[-1]
# +     deviation = (wide.var(-1, keepdim=True) * (D - 1) / D + eps).sqrt()


# %% wrong: a mean of squares less the square of the mean | of: the notebook's own | expects: no digits left
# -     deviation = (centred.pow(2).mean(-1, keepdim=True) + eps).sqrt()
# +     square = wide.mean(-1, keepdim=True).pow(2)
# +     deviation = (wide.pow(2).mean(-1, keepdim=True) - square + eps).sqrt()


# %% wrong: dimensions of size 1 are lost | of: the notebook's own | expects: size 1
# -     return (wide / root).to(x.dtype) * weight
# +     return ((wide / root).to(x.dtype) * weight).squeeze(0)

# -     return (centred / deviation).to(x.dtype) * weight + bias
# +     return ((centred / deviation).to(x.dtype) * weight + bias).squeeze(0)


# %% wrong: views of the positions in a row | of: the notebook's own | expects: transposed view
# -     wide = x.to(torch.promote_types(x.dtype, torch.float32))  # 300 squared is too much for float16
# +     wide = x.view(-1, x.shape[-1])

# -     return (wide / root).to(x.dtype) * weight
# +     return ((wide / root).to(x.dtype) * weight).view(x.shape)

# -     wide = x.to(torch.promote_types(x.dtype, torch.float32))
# -     centred = wide - wide.mean(-1, keepdim=True)
# +     wide = x.view(-1, x.shape[-1])
# +     centred = wide - wide.mean(-1, keepdim=True)

# -     return (centred / deviation).to(x.dtype) * weight + bias
# +     return ((centred / deviation).to(x.dtype) * weight + bias).view(x.shape)
