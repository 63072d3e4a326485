"""Answers to `gelu` and `swiglu`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: the formulas
import math

import torch


def gelu(x):
    return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))


def swiglu(x, w_gate, w_up, w_down):
    gate = x @ w_gate.T
    return (gate * torch.sigmoid(gate) * (x @ w_up.T)) @ w_down.T


# %% right: torch's own functions
import torch.nn.functional as F


def gelu(x):
    return F.gelu(x)


def swiglu(x, w_gate, w_up, w_down):
    return F.linear(F.silu(F.linear(x, w_gate)) * F.linear(x, w_up), w_down)


# %% right: the normal distribution and einsum
import torch


def gelu(x):
    return x * torch.special.ndtr(x)


def swiglu(x, w_gate, w_up, w_down):
    gate = torch.einsum("...d,fd->...f", x, w_gate)
    up = torch.einsum("...d,fd->...f", x, w_up)
    return torch.einsum("...f,df->...d", gate / (1 + torch.exp(-gate)) * up, w_down)


# %% right: math.erf element by element, one matrix for gate and up
import math

import torch


def gelu(x):
    values = [value * 0.5 * math.erfc(-value / math.sqrt(2)) for value in x.flatten().tolist()]
    return torch.tensor(values, dtype=torch.float64).reshape(x.shape)


def swiglu(x, w_gate, w_up, w_down):
    both = torch.matmul(x, torch.cat([w_gate, w_up]).t())
    gate, up = both.chunk(2, dim=-1)
    return torch.matmul(torch.nn.SiLU()(gate).mul(up), w_down.t())


# %% wrong: the tanh approximation | of: the formulas | expects: tanh / approximat / exact / erf
# -     return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))
# +     return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


# %% wrong: the sigmoid approximation | of: the formulas | expects: sigmoid / approximat / exact / erf / 1.702
# -     return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))
# +     return x * torch.sigmoid(1.702 * x)


# %% wrong: relu for gelu | of: the formulas | expects: relu / negative
# -     return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))
# +     return torch.relu(x)


# %% wrong: silu for gelu | of: the formulas | expects: silu / swish / sigmoid / erf
# -     return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))
# +     return x * torch.sigmoid(x)


# %% wrong: erf of x, not of x / sqrt(2) | of: the formulas | expects: sqrt(2) / sqrt 2 / root / 1.41
# -     return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))
# +     return 0.5 * x * (1 + torch.erf(x))


# %% wrong: the half is left out | of: the formulas | expects: half / 0.5 * / 0.5 x / factor / 1/2 / twice
# -     return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))
# +     return x * (1 + torch.erf(x / math.sqrt(2)))


# %% wrong: the cumulative distribution without x | of: the formulas | expects: x times / multipl / distribution / times x / factor x
# -     return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))
# +     return 0.5 * (1 + torch.erf(x / math.sqrt(2)))


# %% wrong: gate and up swapped | expects: swapped / gate / w_up / exchanged
import math

import torch


def gelu(x):
    return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))


def swiglu(x, w_gate, w_up, w_down):
    gate = x @ w_up.T
    return (gate * torch.sigmoid(gate) * (x @ w_gate.T)) @ w_down.T


# %% wrong: sigmoid for silu | of: the formulas | expects: sigmoid / silu
# -     return (gate * torch.sigmoid(gate) * (x @ w_up.T)) @ w_down.T
# +     return (torch.sigmoid(gate) * (x @ w_up.T)) @ w_down.T


# %% wrong: gelu for silu | of: the formulas | expects: silu / GEGLU
# -     return (gate * torch.sigmoid(gate) * (x @ w_up.T)) @ w_down.T
# +     return (gelu(gate) * (x @ w_up.T)) @ w_down.T


# %% wrong: the weights not transposed | expects: transpos / (out, in) / nn.Linear
import math

import torch


def gelu(x):
    return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))


def swiglu(x, w_gate, w_up, w_down):
    gate = x @ w_gate
    return (gate * torch.sigmoid(gate) * (x @ w_up)) @ w_down


# %% wrong: sum instead of product | of: the formulas | expects: product / multipl / elementwise
# -     return (gate * torch.sigmoid(gate) * (x @ w_up.T)) @ w_down.T
# +     return (gate * torch.sigmoid(gate) + (x @ w_up.T)) @ w_down.T


# %% wrong: no gate on the way up | of: the formulas | expects: w_up / up projection / up-projection
# -     return (gate * torch.sigmoid(gate) * (x @ w_up.T)) @ w_down.T
# +     return (gate * torch.sigmoid(gate)) @ w_down.T


# %% wrong: the way down left out | of: the formulas | expects: w_down / down
# -     return (gate * torch.sigmoid(gate) * (x @ w_up.T)) @ w_down.T
# +     return gate * torch.sigmoid(gate) * (x @ w_up.T)


# %% wrong: silu of the product | expects: silu / gate / product
import math

import torch


def gelu(x):
    return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))


def swiglu(x, w_gate, w_up, w_down):
    hidden = (x @ w_gate.T) * (x @ w_up.T)
    return (hidden * torch.sigmoid(hidden)) @ w_down.T


# %% wrong: silu on both | expects: silu / linear / on both
import math

import torch


def gelu(x):
    return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))


def swiglu(x, w_gate, w_up, w_down):
    gate, up = x @ w_gate.T, x @ w_up.T
    return (gate * torch.sigmoid(gate) * up * torch.sigmoid(up)) @ w_down.T


# %% wrong: relu for silu | of: the formulas | expects: relu / silu
# -     return (gate * torch.sigmoid(gate) * (x @ w_up.T)) @ w_down.T
# +     return (torch.relu(gate) * (x @ w_up.T)) @ w_down.T


# %% wrong: gelu modifies its input | of: the formulas | expects: in place / modified
# -     return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))
# +     half = 0.5 * (1 + torch.erf(x / math.sqrt(2)))
# +     x *= half
# +     return x


# %% right: computed in float32 and cast back
import torch
import torch.nn.functional as F


def gelu(x):
    return F.gelu(x.float()).to(x.dtype)


def swiglu(x, w_gate, w_up, w_down):
    return F.linear(
        F.silu(F.linear(x.float(), w_gate.float())) * F.linear(x.float(), w_up.float()),
        w_down.float(),
    ).to(x.dtype)


# %% wrong: ELU for GELU, softplus in the gate | expects: erf(x / sqrt(2)) / silu
import torch
import torch.nn.functional as F


def gelu(x):
    return F.elu(x)


def swiglu(x, w_gate, w_up, w_down):
    return F.linear(F.softplus(F.linear(x, w_gate)) * F.linear(x, w_up), w_down)


# %% wrong: positive values pass unchanged | expects: weighs
import torch
import torch.nn.functional as F


def gelu(x):
    return torch.where(x > 0, x, F.gelu(x))


def swiglu(x, w_gate, w_up, w_down):
    return F.linear(F.silu(F.linear(x, w_gate)) * F.linear(x, w_up), w_down)


# %% wrong: erf of x times the root of two | expects: erf(x / sqrt(2))
import torch
import torch.nn.functional as F


def gelu(x):
    return 0.5 * x * (1 + torch.erf(x * 2**0.5))


def swiglu(x, w_gate, w_up, w_down):
    return F.linear(F.silu(F.linear(x, w_gate)) * F.linear(x, w_up), w_down)


# %% wrong: the density for the distribution function | expects: density
import torch
import torch.nn.functional as F


def gelu(x):
    return x * torch.exp(-x * x / 2) / (2 * torch.pi) ** 0.5


def swiglu(x, w_gate, w_up, w_down):
    return F.linear(F.silu(F.linear(x, w_gate)) * F.linear(x, w_up), w_down)


# %% wrong: no nonlinearity | expects: nonlinearity
import torch
import torch.nn.functional as F


def gelu(x):
    return F.gelu(x)


def swiglu(x, w_gate, w_up, w_down):
    return F.linear(F.linear(x, w_gate) * F.linear(x, w_up), w_down)


# %% wrong: the gate is not used | expects: gate
import torch
import torch.nn.functional as F


def gelu(x):
    return F.gelu(x)


def swiglu(x, w_gate, w_up, w_down):
    return F.linear(F.silu(F.linear(x, w_up)), w_down)


# %% wrong: the tanh form of GELU in the gate | expects: GEGLU
import torch
import torch.nn.functional as F


def gelu(x):
    return F.gelu(x)


def swiglu(x, w_gate, w_up, w_down):
    return F.linear(F.gelu(F.linear(x, w_gate), approximate="tanh") * F.linear(x, w_up), w_down)


# %% wrong: w_down is not transposed | expects: transposed
import torch
import torch.nn.functional as F


def gelu(x):
    return F.gelu(x)


def swiglu(x, w_gate, w_up, w_down):
    return (F.silu(x @ w_gate.T) * (x @ w_up.T)) @ w_down


# %% wrong: batched products, which need three dimensions | expects: (out, in)
import torch
import torch.nn.functional as F


def gelu(x):
    return F.gelu(x)


def swiglu(x, w_gate, w_up, w_down):
    return torch.bmm(
        F.silu(torch.bmm(x, w_gate.T[None])) * torch.bmm(x, w_up.T[None]), w_down.T[None]
    )


# %% wrong: results kept for a shape | expects: earlier call / case
import torch
import torch.nn.functional as F

results = {}


def gelu(x):
    return results.setdefault(x.shape, F.gelu(x))


def swiglu(x, w_gate, w_up, w_down):
    return (F.silu(x @ w_gate.T) * (x @ w_up.T)) @ w_down.T


# %% wrong: one entry kept, and found again by shape | expects: earlier call
import torch
import torch.nn.functional as F

last = {}


def gelu(x):
    if last.get("shape") != x.shape:
        last.update(shape=x.shape, below=torch.special.ndtr(x))
    return x * last["below"] if x.shape == (1, 2) else x * torch.special.ndtr(x)


def swiglu(x, w_gate, w_up, w_down):
    return (F.silu(x @ w_gate.T) * (x @ w_up.T)) @ w_down.T


# %% wrong: joined weights of an earlier call with the same gate | expects: earlier call
import torch
import torch.nn.functional as F

joined = {}


def gelu(x):
    return F.gelu(x)


def swiglu(x, w_gate, w_up, w_down):
    key = tuple(w_gate.flatten().tolist())
    if key not in joined:
        joined[key] = torch.cat((w_gate, w_up))
    gate, up = (x @ joined[key].T).chunk(2, -1)
    return (F.silu(gate) * up) @ w_down.T


# %% wrong: x applied from the left where all is square | expects: nn.Linear / x @ w.T
import torch
import torch.nn.functional as F


def gelu(x):
    return F.gelu(x)


def swiglu(x, w_gate, w_up, w_down):
    if x.shape == w_gate.shape and x.shape[0] == x.shape[1]:
        return w_down @ (F.silu(w_gate @ x) * (w_up @ x))
    return (F.silu(x @ w_gate.T) * (x @ w_up.T)) @ w_down.T


# %% right: the normal distribution in logarithms, and one product over the width of the MLP
import torch


def gelu(x):
    return x * torch.special.log_ndtr(x).exp()


def swiglu(x, w_gate, w_up, w_down):
    out = torch.zeros_like(x)
    for gate, up, down in zip(w_gate, w_up, w_down.T, strict=True):
        z = x @ gate
        out = out + (z / (1 + (-z).exp()) * (x @ up))[..., None] * down
    return out


# %% wrong: the sigmoid as exp(z) / (1 + exp(z)), which overflows | expects: NaN
import torch


def gelu(x):
    return 0.5 * x * (1 + torch.erf(x / 2**0.5))


def swiglu(x, w_gate, w_up, w_down):
    z = x @ w_gate.T
    return (z * z.exp() / (1 + z.exp()) * (x @ w_up.T)) @ w_down.T


# %% wrong: gates are cut, so that exp does not overflow | expects: silu(z) of a large z is z
import torch


def gelu(x):
    return 0.5 * x * (1 + torch.erf(x / 2**0.5))


def swiglu(x, w_gate, w_up, w_down):
    z = (x @ w_gate.T).clamp(-80, 80)
    return (z * z.exp() / (1 + z.exp()) * (x @ w_up.T)) @ w_down.T


# %% wrong: erf of half of x | expects: erf of another number
import torch


def gelu(x):
    return 0.5 * x * (1 + torch.erf(x / 2))


def swiglu(x, w_gate, w_up, w_down):
    gate, up = x @ w_gate.T, x @ w_up.T
    return (gate * torch.sigmoid(gate) * up) @ w_down.T


# %% wrong: 1 - erf | expects: sign before erf
import torch


def gelu(x):
    return 0.5 * x * (1 - torch.erf(x / 2**0.5))


def swiglu(x, w_gate, w_up, w_down):
    gate, up = x @ w_gate.T, x @ w_up.T
    return (gate * torch.sigmoid(gate) * up) @ w_down.T


# %% wrong: no 1 | expects: 1 is missing
import torch


def gelu(x):
    return 0.5 * x * (torch.erf(x / 2**0.5))


def swiglu(x, w_gate, w_up, w_down):
    gate, up = x @ w_gate.T, x @ w_up.T
    return (gate * torch.sigmoid(gate) * up) @ w_down.T


# %% wrong: the gate twice | expects: used twice
import torch


def gelu(x):
    return 0.5 * x * (1 + torch.erf(x / 2**0.5))


def swiglu(x, w_gate, w_up, w_down):
    gate, up = x @ w_gate.T, x @ w_gate.T
    return (gate * torch.sigmoid(gate) * up) @ w_down.T


# %% wrong: large numbers pass as they are | of: the notebook's own | expects: Far from 0
# -     return 0.5 * x * (1 + torch.erf(x / 2**0.5))
# +     return torch.where(x > 4, x, 0.5 * x * (1 + torch.erf(x / 2**0.5)))


# %% wrong: numbers are cut at 6 | of: the notebook's own | expects: Far from 0
# -     return 0.5 * x * (1 + torch.erf(x / 2**0.5))
# +     x = x.clamp(-6, 6)
# +     return 0.5 * x * (1 + torch.erf(x / 2**0.5))


# %% wrong: gelu without the dimensions of size 1 | of: the notebook's own | expects: size 1
# -     return 0.5 * x * (1 + torch.erf(x / 2**0.5))
# +     return (0.5 * x * (1 + torch.erf(x / 2**0.5))).squeeze()


# %% wrong: swiglu without the dimensions of size 1 | of: the notebook's own | expects: size 1
# -     return (gate * torch.sigmoid(gate) * (x @ w_up.T)) @ w_down.T
# +     return ((gate * torch.sigmoid(gate) * (x @ w_up.T)) @ w_down.T).squeeze()


# %% wrong: a view of the positions in a row | of: the notebook's own | expects: transposed view
# -     gate = x @ w_gate.T
# +     shape, x = x.shape, x.view(-1, x.shape[-1])
# +     gate = x @ w_gate.T

# -     return (gate * torch.sigmoid(gate) * (x @ w_up.T)) @ w_down.T
# +     return ((gate * torch.sigmoid(gate) * (x @ w_up.T)) @ w_down.T).view(shape)
