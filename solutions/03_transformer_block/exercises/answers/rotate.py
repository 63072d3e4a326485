"""Answers to `rotate`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: two halves
import torch


def rotate(x, positions, base=10000.0):
    half = x.shape[-1] // 2
    frequencies = base ** (-2 * torch.arange(half, dtype=torch.float64) / x.shape[-1])
    angles = positions[:, None] * frequencies
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * cos - second * sin, first * sin + second * cos], dim=-1)


# %% right: as complex numbers
import torch


def rotate(x, positions, base=10000.0):
    d = x.size(-1)
    exponents = torch.arange(0, d, 2).double() / d
    angles = torch.outer(positions.double(), base**-exponents)
    first, second = x.double().chunk(2, dim=-1)
    turned = torch.complex(first, second) * torch.polar(torch.ones_like(angles), angles)
    return torch.cat([turned.real, turned.imag], dim=-1).to(x.dtype)


# %% right: x cos + rotate_half(x) sin, in float32
import torch


def rotate(x, positions, base=10000.0):
    inverse = 1.0 / (base ** (torch.arange(0, x.shape[-1], 2).float() / x.shape[-1]))
    angles = torch.einsum("t,f->tf", positions.float(), inverse)
    angles = torch.cat((angles, angles), dim=-1)
    first, second = x.chunk(2, dim=-1)
    half_turned = torch.cat((-second, first), dim=-1)
    return x * angles.cos() + half_turned * angles.sin()


# %% right: one 2 x 2 matrix after the other
import math

import torch


def rotate(x, positions, base=10000.0):
    d = x.shape[-1]
    result = x.clone()
    for t, position in enumerate(positions.tolist()):
        for i in range(d // 2):
            angle = position * base ** (-2 * i / d)
            pair = x[..., t, [i, i + d // 2]]
            turn = torch.tensor(
                [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]],
                dtype=x.dtype,
            )
            result[..., t, [i, i + d // 2]] = pair @ turn.T
    return result


# %% wrong: neighbouring pairs | expects: interleav / neighbo / half / i + d/2
import torch


def rotate(x, positions, base=10000.0):
    half = x.shape[-1] // 2
    frequencies = base ** (-2 * torch.arange(half, dtype=torch.float64) / x.shape[-1])
    angles = positions[:, None] * frequencies
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x[..., 0::2], x[..., 1::2]
    return torch.stack([first * cos - second * sin, first * sin + second * cos], dim=-1).flatten(-2)


# %% wrong: turned the other way | expects: sign / direction / other way / backward / opposite
import torch


def rotate(x, positions, base=10000.0):
    half = x.shape[-1] // 2
    frequencies = base ** (-2 * torch.arange(half, dtype=torch.float64) / x.shape[-1])
    angles = positions[:, None] * frequencies
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * cos + second * sin, second * cos - first * sin], dim=-1)


# %% wrong: the 2 in the exponent left out | expects: exponent / 2i / frequenc
import torch


def rotate(x, positions, base=10000.0):
    half = x.shape[-1] // 2
    frequencies = base ** (-torch.arange(half, dtype=torch.float64) / x.shape[-1])
    angles = positions[:, None] * frequencies
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * cos - second * sin, first * sin + second * cos], dim=-1)


# %% wrong: always positions from 0 | expects: positions
import torch


def rotate(x, positions, base=10000.0):
    half = x.shape[-1] // 2
    frequencies = base ** (-2 * torch.arange(half, dtype=torch.float64) / x.shape[-1])
    angles = torch.arange(x.shape[-2])[:, None] * frequencies
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * cos - second * sin, first * sin + second * cos], dim=-1)


# %% wrong: base is always 10000 | expects: base
import torch


def rotate(x, positions, base=10000.0):
    half = x.shape[-1] // 2
    frequencies = 10000.0 ** (-2 * torch.arange(half, dtype=torch.float64) / x.shape[-1])
    angles = positions[:, None] * frequencies
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * cos - second * sin, first * sin + second * cos], dim=-1)


# %% wrong: positions counted from 1 | expects: position 0 / from 1 / first position / positions / unchanged
import torch


def rotate(x, positions, base=10000.0):
    half = x.shape[-1] // 2
    frequencies = base ** (-2 * torch.arange(half, dtype=torch.float64) / x.shape[-1])
    angles = (positions[:, None] + 1) * frequencies
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * cos - second * sin, first * sin + second * cos], dim=-1)


# %% wrong: sine and cosine swapped | expects: cosine / cos and sin / swapped / position 0 / unchanged
import torch


def rotate(x, positions, base=10000.0):
    half = x.shape[-1] // 2
    frequencies = base ** (-2 * torch.arange(half, dtype=torch.float64) / x.shape[-1])
    angles = positions[:, None] * frequencies
    sin, cos = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * cos - second * sin, first * sin + second * cos], dim=-1)


# %% wrong: the minus is missing | expects: minus / sign / length / norm
import torch


def rotate(x, positions, base=10000.0):
    half = x.shape[-1] // 2
    frequencies = base ** (-2 * torch.arange(half, dtype=torch.float64) / x.shape[-1])
    angles = positions[:, None] * frequencies
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * cos + second * sin, first * sin + second * cos], dim=-1)


# %% wrong: half the width in the exponent twice | expects: exponent / 2i / frequenc / d/2
import torch


def rotate(x, positions, base=10000.0):
    half = x.shape[-1] // 2
    frequencies = base ** (-2 * torch.arange(half, dtype=torch.float64) / half)
    angles = positions[:, None] * frequencies
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * cos - second * sin, first * sin + second * cos], dim=-1)


# %% wrong: one frequency for all pairs | expects: frequenc / each pair / pair
import torch


def rotate(x, positions, base=10000.0):
    half = x.shape[-1] // 2
    frequencies = torch.ones(half, dtype=torch.float64)
    angles = positions[:, None] * frequencies
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * cos - second * sin, first * sin + second * cos], dim=-1)


# %% wrong: frequencies that grow | expects: frequenc / exponent / sign / slow / negative / minus
import torch


def rotate(x, positions, base=10000.0):
    half = x.shape[-1] // 2
    frequencies = base ** (2 * torch.arange(half, dtype=torch.float64) / x.shape[-1])
    angles = positions[:, None] * frequencies
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * cos - second * sin, first * sin + second * cos], dim=-1)


# %% wrong: the last frequency is 1 / base | expects: frequenc / exponent / linspace
import torch


def rotate(x, positions, base=10000.0):
    half = x.shape[-1] // 2
    frequencies = base ** -torch.linspace(0, 1, half, dtype=torch.float64)
    angles = positions[:, None] * frequencies
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * cos - second * sin, first * sin + second * cos], dim=-1)


# %% wrong: only the first half of each vector turned | expects: both halves / second half / half / length
import torch


def rotate(x, positions, base=10000.0):
    half = x.shape[-1] // 2
    frequencies = base ** (-2 * torch.arange(half, dtype=torch.float64) / x.shape[-1])
    angles = positions[:, None] * frequencies
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * cos - second * sin, second], dim=-1)


# %% wrong: added instead of turned | expects: added / adding / adds / sinusoid / multipl
import torch


def rotate(x, positions, base=10000.0):
    half = x.shape[-1] // 2
    frequencies = base ** (-2 * torch.arange(half, dtype=torch.float64) / x.shape[-1])
    angles = positions[:, None] * frequencies
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x[..., :half], x[..., half:]
    return x + torch.cat([sin, cos], dim=-1)


# %% wrong: pairs taken side by side, given back in halves | expects: interleav / half / order / i + d/2 / neighbo
import torch


def rotate(x, positions, base=10000.0):
    half = x.shape[-1] // 2
    frequencies = base ** (-2 * torch.arange(half, dtype=torch.float64) / x.shape[-1])
    angles = positions[:, None] * frequencies
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x[..., 0::2], x[..., 1::2]
    return torch.cat([first * cos - second * sin, first * sin + second * cos], dim=-1)


# %% wrong: the halves given back in the other order | expects: order / half / halves / swapped / position 0 / unchanged
import torch


def rotate(x, positions, base=10000.0):
    half = x.shape[-1] // 2
    frequencies = base ** (-2 * torch.arange(half, dtype=torch.float64) / x.shape[-1])
    angles = positions[:, None] * frequencies
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * sin + second * cos, first * cos - second * sin], dim=-1)


# %% wrong: along the dimension before the sequence | expects: dimension / sequence / heads / -2 / axis / (..., T, d)
import torch


def rotate(x, positions, base=10000.0):
    half = x.shape[-1] // 2
    frequencies = base ** (-2 * torch.arange(half, dtype=torch.float64) / x.shape[-1])
    angles = positions[:, None] * frequencies
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if x.dim() > 3:
        cos, sin = cos[:, None, :], sin[:, None, :]
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * cos - second * sin, first * sin + second * cos], dim=-1)


# %% wrong: turns its input in place | expects: in place / modified
import torch


def rotate(x, positions, base=10000.0):
    half = x.shape[-1] // 2
    frequencies = base ** (-2 * torch.arange(half, dtype=torch.float64) / x.shape[-1])
    angles = positions[:, None] * frequencies
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x[..., :half], x[..., half:]
    old = first.clone()
    x[..., :half] = first * cos - second * sin
    x[..., half:] = old * sin + second * cos
    return x


# %% wrong: frequencies counted from 1 | expects: exponent
import torch


def rotate(x, positions, base=10000.0):
    d = x.shape[-1]
    powers = (2 * (torch.arange(d // 2) + 1) / d).double()
    angles = positions[:, None] * base**-powers
    cos, sin = angles.cos(), angles.sin()
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, a * sin + b * cos), -1)


# %% wrong: right halves given back as neighbours | expects: neighbours
import torch


def rotate(x, positions, base=10000.0):
    d = x.shape[-1]
    powers = (2 * torch.arange(d // 2) / d).double()
    angles = positions[:, None] * base**-powers
    cos, sin = angles.cos(), angles.sin()
    a, b = x.chunk(2, -1)
    return torch.stack((a * cos - b * sin, a * sin + b * cos), -1).flatten(-2)


# %% wrong: pair i turned by the square of its angle | expects: base**
import torch


def rotate(x, positions, base=10000.0):
    d = x.shape[-1]
    powers = (2 * torch.arange(d // 2) / d).double()
    angles = (positions[:, None] * base**-powers) ** 2
    cos, sin = angles.cos(), angles.sin()
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, a * sin + b * cos), -1)


# %% wrong: one sequence only | expects: (..., T, d)
import torch


def rotate(x, positions, base=10000.0):
    d = x.shape[-1]
    powers = (2 * torch.arange(d // 2) / d).double()
    angles = positions[:, None] * base**-powers + 0 * x[:, 0, 0]
    cos, sin = angles.cos(), angles.sin()
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, a * sin + b * cos), -1)


# %% wrong: positions beyond 10 shifted by two | expects: base**
import torch


def rotate(x, positions, base=10000.0):
    d = x.shape[-1]
    powers = (2 * torch.arange(d // 2) / d).double()
    angles = (positions + 2 * (positions > 10))[:, None] * base**-powers
    cos, sin = angles.cos(), angles.sin()
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, a * sin + b * cos), -1)


# %% right: a block-diagonal view, batched over everything before
import torch


def rotate(x, positions, base=10000.0):
    d = x.shape[-1]
    powers = (2 * torch.arange(d // 2) / d).double()
    angles = positions[:, None] * base**-powers
    cos, sin = angles.cos(), angles.sin()
    a, b = x.reshape(*x.shape[:-1], 2, d // 2).unbind(-2)
    return torch.stack((a * cos - b * sin, a * sin + b * cos), -2).flatten(-2)


# %% wrong: a table that ends at 4,096 positions | expects: no end
import torch

steps = torch.arange(4096, dtype=torch.float64)


def rotate(x, positions, base=10000.0):
    d = x.shape[-1]
    angles = steps[positions][:, None] * base ** (-torch.arange(0, d, 2, dtype=torch.float64) / d)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


# %% wrong: positions beyond 100,000 are cut | expects: far positions
import torch


def rotate(x, positions, base=10000.0):
    d = x.shape[-1]
    speeds = base ** (-torch.arange(0, d, 2, dtype=torch.float64) / d)
    angles = positions.clamp(max=100_000).double()[:, None] * speeds
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


# %% right: a table in single precision that grows, made again for another base
import torch

tables = {}


def rotate(x, positions, base=10000.0):
    d, needed = x.shape[-1], int(positions.max()) + 1
    if (base, d) not in tables or len(tables[base, d]) < needed:
        speeds = base ** (-torch.arange(0, d, 2).float() / d)
        angles = torch.arange(needed).float()[:, None] * speeds
        tables[base, d] = torch.polar(torch.ones_like(angles), angles)
    turns = tables[base, d][positions]
    a, b = x.chunk(2, -1)
    turned = torch.complex(a.float(), b.float()) * turns
    return torch.cat([turned.real, turned.imag], -1).to(x.dtype)


# %% wrong: positions modulo 2,048 | expects: far positions
import torch


def rotate(x, positions, base=10000.0):
    d = x.shape[-1]
    i = torch.arange(d // 2, dtype=torch.float64)
    ang = torch.arange(2048.0, dtype=torch.float64)[positions % 2048][:, None] * base ** (
        -2 * i / d
    )
    c, s = ang.cos().to(x.dtype), ang.sin().to(x.dtype)
    a, b = x[..., : d // 2], x[..., d // 2 :]
    return torch.cat([a * c - b * s, b * c + a * s], -1)


# %% wrong: angles kept for positions, whatever the base | expects: earlier call
import torch


_c = {}


def rotate(x, positions, base=10000.0):
    d = x.shape[-1]
    i = torch.arange(d // 2, dtype=torch.float64)
    ang = positions.double()[:, None] * base ** (-2 * i / d)
    ang = _c.setdefault((tuple(positions.tolist()), d), ang)
    c, s = ang.cos().to(x.dtype), ang.sin().to(x.dtype)
    a, b = x[..., : d // 2], x[..., d // 2 :]
    return torch.cat([a * c - b * s, b * c + a * s], -1)


# %% wrong: angles kept for a length | of: angles kept for positions, whatever the base | expects: positions / earlier call / angle
# -     ang = _c.setdefault((tuple(positions.tolist()), d), ang)
# +     ang = _c.setdefault((len(positions), d), ang)


# %% right: the exponential of each position's generator
import torch


def rotate(x, positions, base=10000.0):
    half = x.shape[-1] // 2
    speeds = torch.diag(base ** -(torch.arange(half, dtype=torch.float64) / half))
    generator = torch.zeros(2 * half, 2 * half, dtype=torch.float64)
    generator[:half, half:], generator[half:, :half] = -speeds, speeds
    turns = torch.linalg.matrix_exp(positions.double()[:, None, None] * generator)
    return (turns @ x.double()[..., None]).squeeze(-1).to(x.dtype)


# %% wrong: halves paired, with the angles of neighbours | expects: same angle
import torch


def rotate(x, positions, base=10000.0):
    d = x.shape[-1]
    speeds = base ** -(torch.arange(0, d, 2, dtype=torch.float64) / d)
    angles = (positions.double()[:, None] * speeds).repeat_interleave(2, dim=-1)
    first, second = x.chunk(2, dim=-1)
    return x * angles.cos() + torch.cat((-second, first), dim=-1) * angles.sin()


# %% wrong: another base by default | expects: default of base
import torch


def rotate(x, positions, base=500000.0):
    half = x.shape[-1] // 2
    frequencies = base ** -(torch.arange(half, dtype=torch.float64) / half)
    angles = positions[:, None] * frequencies
    a, b = x[..., :half], x[..., half:]
    cos, sin = angles.cos(), angles.sin()
    return torch.cat((a * cos - b * sin, a * sin + b * cos), dim=-1)


# %% wrong: a minus for the plus | expects: plus became a minus
import torch


def rotate(x, positions, base=10000.0):
    half = x.shape[-1] // 2
    frequencies = base ** -(torch.arange(half, dtype=torch.float64) / half)
    angles = positions[:, None] * frequencies
    a, b = x[..., :half], x[..., half:]
    cos, sin = angles.cos(), angles.sin()
    return torch.cat((a * cos - b * sin, a * sin - b * cos), dim=-1)


# %% wrong: nothing is turned | expects: comes back as it was
import torch


def rotate(x, positions, base=10000.0):
    half = x.shape[-1] // 2
    frequencies = base ** -(torch.arange(half, dtype=torch.float64) / half)
    angles = positions[:, None] * frequencies
    a, b = x[..., :half], x[..., half:]
    cos, sin = angles.cos(), angles.sin()
    return x.clone()


# %% wrong: positions count from the least | of: the notebook's own | expects: the least of them
# -     angles = positions.double()[:, None] * base**-exponents
# +     angles = (positions - positions.min()).double()[:, None] * base**-exponents


# %% wrong: angles in degrees | of: the notebook's own | expects: radians
# -     angles = positions.double()[:, None] * base**-exponents
# +     angles = torch.deg2rad(positions.double()[:, None] * base**-exponents)


# %% wrong: the first dimension of three taken for the sequence | of: the notebook's own | expects: another dimension
# -     cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
# +     if x.dim() == 3 and len(x) == len(positions):
# +         angles = angles[:, None]
# +     cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)


# %% wrong: a single vector is not turned | of: the notebook's own | expects: as it was
# -     first, second = x.chunk(2, dim=-1)
# +     if len(positions) == 1:
# +         return x.clone()
# +     first, second = x.chunk(2, dim=-1)


# %% wrong: dimensions of size 1 are lost | of: the notebook's own | expects: size 1
# -     return torch.cat((first * cos - second * sin, first * sin + second * cos), dim=-1)
# +     return torch.cat((first * cos - second * sin, first * sin + second * cos), dim=-1).squeeze()


# %% wrong: a view of all heads in a row | of: the notebook's own | expects: transposed view
# -     first, second = x.chunk(2, dim=-1)
# +     first, second = x.view(-1, *x.shape[-2:]).chunk(2, dim=-1)

# -     return torch.cat((first * cos - second * sin, first * sin + second * cos), dim=-1)
# +     turned = torch.cat((first * cos - second * sin, first * sin + second * cos), dim=-1)
# +     return turned.view(x.shape)
