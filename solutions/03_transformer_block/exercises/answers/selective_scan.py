"""Answers to `selective_scan`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: a loop over time
import torch


def selective_scan(x, delta, A, B, C):
    h = torch.zeros(x.shape[0], x.shape[2], A.shape[1], dtype=x.dtype)
    outputs = []
    for t in range(x.shape[1]):
        decay = torch.exp(delta[:, t, :, None] * A)
        h = decay * h + delta[:, t, :, None] * B[:, t, None, :] * x[:, t, :, None]
        outputs.append((h * C[:, t, None, :]).sum(dim=-1))
    return torch.stack(outputs, dim=1)


# %% right: einsum, everything but the recurrence computed at once
import torch


def selective_scan(x, delta, A, B, C):
    decay = torch.einsum("btd,dn->btdn", delta, A).exp()
    drive = torch.einsum("btd,btd,btn->btdn", delta, x, B)
    state = torch.zeros_like(drive[:, 0])
    states = []
    for step in range(x.size(1)):
        state = torch.addcmul(drive[:, step], decay[:, step], state)
        states.append(state)
    return torch.einsum("btdn,btn->btd", torch.stack(states, dim=1), C)


# %% right: a parallel scan that doubles its reach
import torch


def selective_scan(x, delta, A, B, C):
    decay = torch.exp(delta.unsqueeze(-1) * A)
    state = (delta * x).unsqueeze(-1) * B.unsqueeze(2)
    reach = 1
    while reach < x.shape[1]:
        # Steps compose as (a1, b1) then (a2, b2) = (a2 a1, a2 b1 + b2), whatever their grouping.
        earlier_state = torch.cat([torch.zeros_like(state[:, :reach]), state[:, :-reach]], dim=1)
        earlier_decay = torch.cat([torch.ones_like(decay[:, :reach]), decay[:, :-reach]], dim=1)
        state = decay * earlier_state + state
        decay = decay * earlier_decay
        reach *= 2
    return torch.matmul(state, C.unsqueeze(-1)).squeeze(-1)


# %% right: numpy, one channel after the other
import numpy as np
import torch


def selective_scan(x, delta, A, B, C):
    xs, deltas, a, b, c = (value.detach().double().numpy() for value in (x, delta, A, B, C))
    y = np.zeros(xs.shape)
    for batch in range(xs.shape[0]):
        for channel in range(xs.shape[2]):
            h = np.zeros(a.shape[1])
            for t in range(xs.shape[1]):
                step = deltas[batch, t, channel]
                h = np.exp(step * a[channel]) * h + step * b[batch, t] * xs[batch, t, channel]
                y[batch, t, channel] = c[batch, t] @ h
    return torch.from_numpy(y)


# %% wrong: the decay without delta | of: a loop over time | expects: delta
# -         decay = torch.exp(delta[:, t, :, None] * A)
# +         decay = torch.exp(A)


# %% wrong: the decay without the exponential | of: a loop over time | expects: exponential / exp( / `exp
# -         decay = torch.exp(delta[:, t, :, None] * A)
# +         decay = delta[:, t, :, None] * A


# %% wrong: the input without delta | of: a loop over time | expects: delta
# -         h = decay * h + delta[:, t, :, None] * B[:, t, None, :] * x[:, t, :, None]
# +         h = decay * h + B[:, t, None, :] * x[:, t, :, None]


# %% wrong: the output is read before the state is updated | expects: before / updated / current / one step / late / h_{t-1}
import torch


def selective_scan(x, delta, A, B, C):
    h = torch.zeros(x.shape[0], x.shape[2], A.shape[1], dtype=x.dtype)
    outputs = []
    for t in range(x.shape[1]):
        decay = torch.exp(delta[:, t, :, None] * A)
        outputs.append((h * C[:, t, None, :]).sum(dim=-1))
        h = decay * h + delta[:, t, :, None] * B[:, t, None, :] * x[:, t, :, None]
    return torch.stack(outputs, dim=1)


# %% wrong: B and C swapped | expects: swapped / exchanged / B and C
import torch


def selective_scan(x, delta, A, B, C):
    h = torch.zeros(x.shape[0], x.shape[2], A.shape[1], dtype=x.dtype)
    outputs = []
    for t in range(x.shape[1]):
        decay = torch.exp(delta[:, t, :, None] * A)
        h = decay * h + delta[:, t, :, None] * C[:, t, None, :] * x[:, t, :, None]
        outputs.append((h * B[:, t, None, :]).sum(dim=-1))
    return torch.stack(outputs, dim=1)


# %% wrong: the exponent with the wrong sign | of: a loop over time | expects: sign / exp(- / negative / minus / grow
# -         decay = torch.exp(delta[:, t, :, None] * A)
# +         decay = torch.exp(-delta[:, t, :, None] * A)


# %% wrong: A taken for the logarithm of its negative | of: a loop over time | expects: logarithm / -exp / A itself / exp(A) / sign
# -         decay = torch.exp(delta[:, t, :, None] * A)
# +         decay = torch.exp(-delta[:, t, :, None] * torch.exp(A))


# %% wrong: the Euler step 1 + delta A | of: a loop over time | expects: Euler / 1 + / exp( / approximat / linear
# -         decay = torch.exp(delta[:, t, :, None] * A)
# +         decay = 1 + delta[:, t, :, None] * A


# %% wrong: the exact integral of the input | of: a loop over time | expects: zero-order / (exp / exact / delta B / delta_t B / ZOH / simpl / integral
# -         h = decay * h + delta[:, t, :, None] * B[:, t, None, :] * x[:, t, :, None]
# +         drive = torch.where(A == 0, delta[:, t, :, None], (decay - 1) / torch.where(A == 0, 1.0, A))
# +         h = decay * h + drive * B[:, t, None, :] * x[:, t, :, None]


# %% wrong: a skip connection added | of: a loop over time | expects: skip / residual / added / adds / D x / + x
# -         outputs.append((h * C[:, t, None, :]).sum(dim=-1))
# +         outputs.append((h * C[:, t, None, :]).sum(dim=-1) + x[:, t])


# %% wrong: the state starts at one | of: a loop over time | expects: h_0 / start / initial
# -     h = torch.zeros(x.shape[0], x.shape[2], A.shape[1], dtype=x.dtype)
# +     h = torch.ones(x.shape[0], x.shape[2], A.shape[1], dtype=x.dtype)


# %% wrong: the softplus of delta | expects: softplus / delta
import torch


def selective_scan(x, delta, A, B, C):
    h = torch.zeros(x.shape[0], x.shape[2], A.shape[1], dtype=x.dtype)
    outputs = []
    for t in range(x.shape[1]):
        delta_t = torch.nn.functional.softplus(delta[:, t, :, None])
        decay = torch.exp(delta_t * A)
        h = decay * h + delta_t * B[:, t, None, :] * x[:, t, :, None]
        outputs.append((h * C[:, t, None, :]).sum(dim=-1))
    return torch.stack(outputs, dim=1)


# %% wrong: B and C of the first step for all | expects: selective / each step / every step / first step / B_t / own B / varies
import torch


def selective_scan(x, delta, A, B, C):
    h = torch.zeros(x.shape[0], x.shape[2], A.shape[1], dtype=x.dtype)
    outputs = []
    for t in range(x.shape[1]):
        decay = torch.exp(delta[:, t, :, None] * A)
        h = decay * h + delta[:, t, :, None] * B[:, 0, None, :] * x[:, t, :, None]
        outputs.append((h * C[:, 0, None, :]).sum(dim=-1))
    return torch.stack(outputs, dim=1)


# %% wrong: the last state only | of: a loop over time | expects: every step / last state / last step / shape / all steps / each step / every position / every time
# -     return torch.stack(outputs, dim=1)
# +     return outputs[-1]


# %% wrong: the state is not carried on | of: a loop over time | expects: state / carr / earlier / memory / h_{t-1}
# -         h = decay * h + delta[:, t, :, None] * B[:, t, None, :] * x[:, t, :, None]
# +         h = decay * 0 + delta[:, t, :, None] * B[:, t, None, :] * x[:, t, :, None]


# %% wrong: averaged over the state | of: a loop over time | expects: mean / average / dot product
# -         outputs.append((h * C[:, t, None, :]).sum(dim=-1))
# +         outputs.append((h * C[:, t, None, :]).mean(dim=-1))


# %% wrong: time before the batch | of: a loop over time | expects: shape / (B, T, D) / dimension / stack / transpos
# -     return torch.stack(outputs, dim=1)
# +     return torch.stack(outputs, dim=0)


# %% wrong: the decay of the step before | of: a loop over time | expects: step before / previous / delta_t / its own delta / decay
# -         decay = torch.exp(delta[:, t, :, None] * A)
# +         decay = torch.exp(delta[:, max(t - 1, 0), :, None] * A)


# %% wrong: the decay applied to the input too | of: a loop over time | expects: input / decay / only / h_{t-1}
# -         h = decay * h + delta[:, t, :, None] * B[:, t, None, :] * x[:, t, :, None]
# +         h = decay * (h + delta[:, t, :, None] * B[:, t, None, :] * x[:, t, :, None])


# %% wrong: divided by cumulative products of the decay | expects: overflow / underflow / stable / long / cumul
import torch


def selective_scan(x, delta, A, B, C):
    logs = torch.cumsum(delta[..., None] * A, dim=1)
    drive = (delta * x)[..., None] * B[:, :, None, :]
    states = torch.exp(logs) * torch.cumsum(drive * torch.exp(-logs), dim=1)
    return (states * C[:, :, None, :]).sum(dim=-1)


# %% wrong: multiplies x by delta in place | expects: in place / modified
import torch


def selective_scan(x, delta, A, B, C):
    x *= delta
    h = torch.zeros(x.shape[0], x.shape[2], A.shape[1], dtype=x.dtype)
    outputs = []
    for t in range(x.shape[1]):
        decay = torch.exp(delta[:, t, :, None] * A)
        h = decay * h + B[:, t, None, :] * x[:, t, :, None]
        outputs.append((h * C[:, t, None, :]).sum(dim=-1))
    return torch.stack(outputs, dim=1)


# %% right: float32 inside, states in a buffer
import torch


def selective_scan(x, delta, A, B, C):
    dtype = x.dtype
    x, delta, A, B, C = (value.float() for value in (x, delta, A, B, C))
    states = torch.zeros(x.shape[1] + 1, x.shape[0], x.shape[2], A.shape[1])
    for t in range(x.shape[1]):
        drive = (delta[:, t] * x[:, t])[..., None] * B[:, t, None]
        states[t + 1] = states[t] * (delta[:, t, :, None] * A).exp() + drive
    return torch.einsum("tbdn,btn->btd", states[1:], C).to(dtype)


# %% wrong: the input without B | expects: without B
import torch


def selective_scan(x, delta, A, B, C):
    h, rows = 0.0, []
    for t in range(x.shape[1]):
        h = (
            torch.exp(delta[:, t, :, None] * A) * h
            + delta[:, t, :, None] * x[:, t, :, None]
            + 0 * B[:, t, None, :]
        )
        rows.append((h * C[:, t, None, :]).sum(-1))
    return torch.stack(rows, 1)


# %% wrong: no decay | expects: decay
import torch


def selective_scan(x, delta, A, B, C):
    h, rows = 0.0, []
    for t in range(x.shape[1]):
        h = 1 * h + delta[:, t, :, None] * x[:, t, :, None] * B[:, t, None, :]
        rows.append((h * C[:, t, None, :]).sum(-1))
    return torch.stack(rows, 1)


# %% wrong: delta of the first step for all | expects: every step
import torch


def selective_scan(x, delta, A, B, C):
    delta = delta[:, :1].expand_as(delta)
    h, rows = 0.0, []
    for t in range(x.shape[1]):
        h = (
            torch.exp(delta[:, t, :, None] * A) * h
            + delta[:, t, :, None] * x[:, t, :, None] * B[:, t, None, :]
        )
        rows.append((h * C[:, t, None, :]).sum(-1))
    return torch.stack(rows, 1)


# %% wrong: the state squashed by tanh | expects: h = exp
import torch


def selective_scan(x, delta, A, B, C):
    h, rows = 0.0, []
    for t in range(x.shape[1]):
        h = (
            torch.exp(delta[:, t, :, None] * A) * h
            + delta[:, t, :, None] * x[:, t, :, None] * B[:, t, None, :]
        )
        rows.append((torch.tanh(h) * C[:, t, None, :]).sum(-1))
    return torch.stack(rows, 1)


# %% wrong: one sequence without its batch | of: delta of the first step for all | expects: (B, T, D)
# -     delta = delta[:, :1].expand_as(delta)
# +     T, D = x.shape


# %% wrong: a window of 64 steps | of: delta of the first step for all | expects: h = exp / long sequences
# -     delta = delta[:, :1].expand_as(delta)
# +     x = torch.cat((x[:, :64], 0 * x[:, 64:]), 1)


# %% wrong: a step of size zero forgets | expects: step of size 0
import torch


def selective_scan(x, delta, A, B, C):
    h, rows = 0.0, []
    for t in range(x.shape[1]):
        h = (
            torch.exp(delta[:, t, :, None] * A) * (delta[:, t, :, None] > 0) * h
            + delta[:, t, :, None] * x[:, t, :, None] * B[:, t, None, :]
        )
        rows.append((h * C[:, t, None, :]).sum(-1))
    return torch.stack(rows, 1)


# %% wrong: decays kept for a shape | expects: earlier call
import torch

decays = {}


def selective_scan(x, delta, A, B, C):
    if x.shape not in decays:
        decays[x.shape] = torch.exp(delta[..., None] * A)
    decay, h, rows = decays[x.shape], 0, []
    for t in range(x.shape[1]):
        h = decay[:, t] * h + (delta * x)[:, t, :, None] * B[:, t, None, :]
        rows.append((h * C[:, t, None, :]).sum(-1))
    return torch.stack(rows, 1)


# %% wrong: the state goes on from the last call of the same shape | expects: starts at 0 / earlier call
import torch

states = {}


def selective_scan(x, delta, A, B, C):
    shape = (x.shape[0], *A.shape)
    h, rows = states.get(shape, torch.zeros(shape, dtype=x.dtype)), []
    for t in range(x.shape[1]):
        d = delta[:, t, :, None]
        h = torch.exp(d * A) * h + d * x[:, t, :, None] * B[:, t, None, :]
        rows.append((h * C[:, t, None, :]).sum(-1))
    states[shape] = h
    return torch.stack(rows, 1)


# %% wrong: B and C by time where batch and time agree | expects: step / h =
import torch


def selective_scan(x, delta, A, B, C):
    if x.shape[0] == x.shape[1]:
        B, C = B.transpose(0, 1), C.transpose(0, 1)
    h, rows = 0, []
    for t in range(x.shape[1]):
        d = delta[:, t, :, None]
        h = torch.exp(d * A) * h + d * x[:, t, :, None] * B[:, t, None, :]
        rows.append((h * C[:, t, None, :]).sum(-1))
    return torch.stack(rows, 1)


# %% wrong: A transposed where it is square | expects: decay / step / h =
import torch


def selective_scan(x, delta, A, B, C):
    A = A.T if A.shape[0] == A.shape[1] else A
    h, rows = 0, []
    for t in range(x.shape[1]):
        d = delta[:, t, :, None]
        h = torch.exp(d * A) * h + d * x[:, t, :, None] * B[:, t, None, :]
        rows.append((h * C[:, t, None, :]).sum(-1))
    return torch.stack(rows, 1)


# %% right: one masked matrix over all pairs of steps, as in attention
import torch


def selective_scan(x, delta, A, B, C):
    logs = (delta[..., None] * A).cumsum(1)  # (B, T, D, N)
    outputs = []
    for t in range(x.shape[1]):
        kept = (logs[:, t : t + 1] - logs[:, : t + 1]).exp()
        weights = (kept * (C[:, t, None] * B[:, : t + 1])[:, :, None]).sum(-1)
        outputs.append((weights * (delta * x)[:, : t + 1]).sum(1))
    return torch.stack(outputs, dim=1)


# %% wrong: A is made negative | expects: as it comes
import torch


def selective_scan(x, delta, A, B, C):
    state = torch.zeros(x.shape[0], x.shape[2], A.shape[1], dtype=x.dtype)
    outputs = []
    for t in range(x.shape[1]):
        step = delta[:, t, :, None]
        state = torch.exp(-step * A.abs()) * state + step * x[:, t, :, None] * B[:, t, None, :]
        outputs.append((state * C[:, t, None, :]).sum(-1))
    return torch.stack(outputs, dim=1)


# %% wrong: no state may grow | of: A is made negative | expects: as it comes
# -         state = torch.exp(-step * A.abs()) * state + step * x[:, t, :, None] * B[:, t, None, :]
# +         state = (
# +             torch.exp(step * A.clamp(max=0)) * state + step * x[:, t, :, None] * B[:, t, None, :]
# +         )


# %% wrong: a factor of at most 1.1 | of: A is made negative | expects: whatever the sign
# -         state = torch.exp(-step * A.abs()) * state + step * x[:, t, :, None] * B[:, t, None, :]
# +         state = (
# +             torch.exp((step * A).clamp(max=0.1)) * state
# +             + step * x[:, t, :, None] * B[:, t, None, :]
# +         )


# %% wrong: C is not used | expects: C has no effect
import torch


def selective_scan(x, delta, A, B, C):
    state, rows = 0.0, []
    for t in range(x.shape[1]):
        step = delta[:, t, :, None]
        state = torch.exp(step * A) * state + step * x[:, t, :, None] * B[:, t, None, :]
        rows.append(state.sum(-1))
    return torch.stack(rows, 1)


# %% wrong: B for C | expects: used twice
import torch


def selective_scan(x, delta, A, B, C):
    state, rows = 0.0, []
    for t in range(x.shape[1]):
        step = delta[:, t, :, None]
        state = torch.exp(step * A) * state + step * x[:, t, :, None] * B[:, t, None, :]
        rows.append((state * B[:, t, None, :]).sum(-1))
    return torch.stack(rows, 1)


# %% wrong: x is not used | expects: x has no effect
import torch


def selective_scan(x, delta, A, B, C):
    state, rows = 0.0, []
    for t in range(x.shape[1]):
        step = delta[:, t, :, None]
        state = torch.exp(step * A) * state + step * 1.0 * B[:, t, None, :]
        rows.append((state * C[:, t, None, :]).sum(-1))
    return torch.stack(rows, 1)


# %% wrong: the input taken off | expects: sign is wrong: h takes up +
import torch


def selective_scan(x, delta, A, B, C):
    state, rows = 0.0, []
    for t in range(x.shape[1]):
        step = delta[:, t, :, None]
        state = torch.exp(step * A) * state - step * x[:, t, :, None] * B[:, t, None, :]
        rows.append((state * C[:, t, None, :]).sum(-1))
    return torch.stack(rows, 1)


# %% wrong: summed over the channels | expects: over the channels
import torch


def selective_scan(x, delta, A, B, C):
    state, rows = 0.0, []
    for t in range(x.shape[1]):
        step = delta[:, t, :, None]
        state = torch.exp(step * A) * state + step * x[:, t, :, None] * B[:, t, None, :]
        rows.append((state * C[:, t, None, :]).sum(1))
    return torch.stack(rows, 1)


# %% wrong: the loop begins at 1 | expects: step is missing
import torch


def selective_scan(x, delta, A, B, C):
    state, rows = 0.0, []
    for t in range(1, x.shape[1]):
        step = delta[:, t, :, None]
        state = torch.exp(step * A) * state + step * x[:, t, :, None] * B[:, t, None, :]
        rows.append((state * C[:, t, None, :]).sum(-1))
    return torch.stack(rows, 1)


# %% wrong: time behind the channels | expects: stacked along another
import torch


def selective_scan(x, delta, A, B, C):
    state, rows = 0.0, []
    for t in range(x.shape[1]):
        step = delta[:, t, :, None]
        state = torch.exp(step * A) * state + step * x[:, t, :, None] * B[:, t, None, :]
        rows.append((state * C[:, t, None, :]).sum(-1))
    return torch.stack(rows, 2)


# %% wrong: steps have a least size | of: the notebook's own | expects: takes up nothing
# -         step = delta[:, t, :, None]
# +         step = delta[:, t, :, None].clamp(min=1e-4)


# %% wrong: a single channel loses its dimension | of: the notebook's own | expects: size 1
# -     return torch.stack(outputs, dim=1)
# +     return torch.stack(outputs, dim=1).squeeze(-1)


# %% wrong: a single step loses its dimension | of: the notebook's own | expects: size 1
# -     return torch.stack(outputs, dim=1)
# +     return torch.stack(outputs, dim=1).squeeze(1)
