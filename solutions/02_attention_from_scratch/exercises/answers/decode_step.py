"""Answers to `decode_step`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: with the layer's own projections
import math

import torch


def decode_step(layer, x_t, cache):
    B, _, D = x_t.shape
    width = D // layer.n_heads
    q = layer.q_proj(x_t).view(B, 1, layer.n_heads, width).transpose(1, 2)
    k = layer.k_proj(x_t).view(B, 1, layer.n_kv_heads, width).transpose(1, 2)
    v = layer.v_proj(x_t).view(B, 1, layer.n_kv_heads, width).transpose(1, 2)
    k, v = cache.append(k, v)
    group = layer.n_heads // layer.n_kv_heads
    k = k.repeat_interleave(group, dim=1)
    v = v.repeat_interleave(group, dim=1)
    weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(width), dim=-1)
    return layer.o_proj((weights @ v).transpose(1, 2).reshape(B, 1, D))


# %% right: einsum over groups
import torch


def decode_step(layer, x_t, cache):
    n_kv = layer.n_kv_heads
    q = layer.q_proj(x_t).squeeze(1).unflatten(-1, (n_kv, layer.n_heads // n_kv, -1))
    k, v = cache.append(
        layer.k_proj(x_t).unflatten(-1, (n_kv, -1)).movedim(1, 2),
        layer.v_proj(x_t).unflatten(-1, (n_kv, -1)).movedim(1, 2),
    )
    scores = torch.einsum("bkgd,bksd->bkgs", q, k).div(q.shape[-1] ** 0.5)
    mixed = torch.einsum("bkgs,bksd->bkgd", scores.softmax(-1), v)
    return layer.o_proj(mixed.flatten(1)).unsqueeze(1)


# %% right: keys and values cached without heads, one head after the other
import torch


def decode_step(layer, x_t, cache):
    width = x_t.shape[-1] // layer.n_heads
    keys, values = cache.append(layer.k_proj(x_t), layer.v_proj(x_t))
    query = layer.q_proj(x_t)
    outputs = []
    for h in range(layer.n_heads):
        kv = h * layer.n_kv_heads // layer.n_heads
        mine, theirs = slice(h * width, (h + 1) * width), slice(kv * width, (kv + 1) * width)
        scores = (query[..., mine] * keys[..., theirs]).sum(dim=-1) * width**-0.5
        powers = torch.exp(scores - scores.max(dim=-1, keepdim=True).values)
        weights = powers / powers.sum(dim=-1, keepdim=True)
        outputs.append((weights.unsqueeze(-1) * values[..., theirs]).sum(dim=1))
    return layer.o_proj(torch.cat(outputs, dim=-1)).reshape(x_t.shape)


# %% right: heads repeated before they are cached, a mask that allows everything
import math

import torch


def decode_step(layer, x_t, cache):
    B, T, D = x_t.shape
    H, G = layer.n_heads, layer.n_heads // layer.n_kv_heads

    def heads(projected, repeats):
        split = projected.reshape(B, T, H // repeats, D // H).permute(0, 2, 1, 3)
        return torch.repeat_interleave(split, repeats, dim=1)

    k, v = cache.append(heads(layer.k_proj(x_t), G), heads(layer.v_proj(x_t), G))
    scores = torch.matmul(heads(layer.q_proj(x_t), 1), k.mT) / math.sqrt(D // H)
    mask = torch.ones(1, len(cache), dtype=torch.bool)
    weights = torch.softmax(scores.masked_fill(~mask, float("-inf")), dim=-1)
    return layer.o_proj(torch.matmul(weights, v).permute(0, 2, 1, 3).reshape(B, T, D))


# %% wrong: the layer alone, without the cache | expects: cache / earlier
def decode_step(layer, x_t, cache):
    return layer(x_t)


# %% wrong: attends to what is new only | of: with the layer's own projections | expects: earlier / cached / so far / cache
# -     k, v = cache.append(k, v)
# +     cache.append(k, v)


# %% wrong: a causal mask whose first row sees the first key only | of: with the layer's own projections | expects: causal / mask / first key / sees
# -     weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(width), dim=-1)
# +     mask = torch.ones(1, k.shape[-2], dtype=torch.bool).tril()
# +     scores = q @ k.transpose(-2, -1) / math.sqrt(width)
# +     weights = torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1)


# %% wrong: no scale | of: with the layer's own projections | expects: scale / sqrt
# -     weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(width), dim=-1)
# +     weights = torch.softmax(q @ k.transpose(-2, -1), dim=-1)


# %% wrong: the output projection left out | of: with the layer's own projections | expects: o_proj / output projection
# -     return layer.o_proj((weights @ v).transpose(1, 2).reshape(B, 1, D))
# +     return (weights @ v).transpose(1, 2).reshape(B, 1, D)


# %% wrong: kv heads repeated in the wrong order | of: with the layer's own projections | expects: h // group / repeat_interleave / group / kv head
# -     k = k.repeat_interleave(group, dim=1)
# -     v = v.repeat_interleave(group, dim=1)
# +     k = k.repeat(1, group, 1, 1)
# +     v = v.repeat(1, group, 1, 1)


# %% wrong: appended twice | of: with the layer's own projections | expects: twice / once / cache
# -     v = layer.v_proj(x_t).view(B, 1, layer.n_kv_heads, width).transpose(1, 2)
# +     v = layer.v_proj(x_t).view(B, 1, layer.n_kv_heads, width).transpose(1, 2)
# +     cache.append(k, v)


# %% wrong: the token does not see itself | of: with the layer's own projections | expects: itself / its own / current / new key / own key
# -     k, v = cache.append(k, v)
# +     k, v = cache.append(k, v)
# +     if len(cache) > 1:
# +         k, v = k[:, :, :-1], v[:, :, :-1]


# %% wrong: scaled by the width of the model | of: with the layer's own projections | expects: head_dim / head dimension / width of a head / d_model / scale
# -     weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(width), dim=-1)
# +     weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(D), dim=-1)


# %% wrong: one head of the full width | expects: heads
import math

import torch


def decode_step(layer, x_t, cache):
    B, _, D = x_t.shape
    width = D // layer.n_heads
    group = layer.n_heads // layer.n_kv_heads

    def widened(projected):
        heads = projected.view(B, 1, layer.n_kv_heads, width).repeat_interleave(group, dim=2)
        return heads.reshape(B, 1, D)

    k, v = cache.append(widened(layer.k_proj(x_t)), widened(layer.v_proj(x_t)))
    weights = torch.softmax(layer.q_proj(x_t) @ k.transpose(-2, -1) / math.sqrt(width), dim=-1)
    return layer.o_proj(weights @ v)


# %% wrong: the token's dimension dropped | of: with the layer's own projections | expects: shape / (B, 1, D) / dimension
# -     return layer.o_proj((weights @ v).transpose(1, 2).reshape(B, 1, D))
# +     return layer.o_proj((weights @ v).transpose(1, 2).reshape(B, D))


# %% wrong: the cache is emptied at each step | of: with the layer's own projections | expects: reset / cache / earlier / empt
# -     v = layer.v_proj(x_t).view(B, 1, layer.n_kv_heads, width).transpose(1, 2)
# +     v = layer.v_proj(x_t).view(B, 1, layer.n_kv_heads, width).transpose(1, 2)
# +     cache.reset()


# %% wrong: the mean of all values | of: with the layer's own projections | expects: mean / weights / softmax / average
# -     weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(width), dim=-1)
# +     weights = torch.ones(B, layer.n_heads, 1, k.shape[2]) / k.shape[2]


# %% wrong: a residual connection | of: with the layer's own projections | expects: residual / added / adds / x_t
# -     return layer.o_proj((weights @ v).transpose(1, 2).reshape(B, 1, D))
# +     return x_t + layer.o_proj((weights @ v).transpose(1, 2).reshape(B, 1, D))


# %% wrong: output and cache | of: with the layer's own projections | expects: tuple / only / y_t / pair / alone
# -     return layer.o_proj((weights @ v).transpose(1, 2).reshape(B, 1, D))
# +     return layer.o_proj((weights @ v).transpose(1, 2).reshape(B, 1, D)), cache


# %% wrong: the input is cached as key and value | of: with the layer's own projections | expects: k_proj / v_proj / project / input
# -     k, v = cache.append(k, v)
# +     heads = x_t.view(B, 1, layer.n_heads, width).transpose(1, 2)[:, : layer.n_kv_heads]
# +     k, v = cache.append(heads, heads)


# %% right: the cache holds float64 | of: with the layer's own projections
# -     k, v = cache.append(k, v)
# +     k, v = cache.append(k.double(), v.double())

# -     weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(width), dim=-1)
# -     return layer.o_proj((weights @ v).transpose(1, 2).reshape(B, 1, D))
# +     weights = torch.softmax(q.double() @ k.transpose(-2, -1) / math.sqrt(width), dim=-1)
# +     return layer.o_proj((weights @ v).transpose(1, 2).reshape(B, 1, D).to(x_t.dtype))


# %% right: keys and values in one cached tensor each, positions in the last but one dimension | of: with the layer's own projections
# -     k = layer.k_proj(x_t).view(B, 1, layer.n_kv_heads, width).transpose(1, 2)
# +     k = layer.k_proj(x_t).view(B, 1, layer.n_kv_heads, width).transpose(1, 2)
# +     assert x_t.dim() == 3


# %% wrong: the inputs are cached, and the whole layer runs again | expects: computed again
def decode_step(layer, x_t, cache):
    xs, _ = cache.append(x_t, x_t)
    return layer(xs)[:, -1:]


# %% wrong: the inputs are cached, keys and values projected again | expects: computed again
def decode_step(layer, x_t, cache):
    B, _, D = x_t.shape
    width, group = D // layer.n_heads, layer.n_heads // layer.n_kv_heads
    xs, _ = cache.append(x_t, x_t)
    q = layer.q_proj(x_t).view(B, 1, layer.n_heads, width).transpose(1, 2)
    k, v = (p(xs).view(B, -1, layer.n_kv_heads, width).transpose(1, 2) for p in (layer.k_proj, layer.v_proj))
    k, v = k.repeat_interleave(group, dim=1), v.repeat_interleave(group, dim=1)
    weights = (q @ k.transpose(-2, -1) / width**0.5).softmax(-1)
    return layer.o_proj((weights @ v).transpose(1, 2).reshape(B, 1, D))


# %% wrong: inputs kept in a list beside the cache | expects: in its cache and nowhere else / Nothing was appended / last row
import torch

seen = []


def decode_step(layer, x_t, cache):
    if seen and seen[-1].shape != x_t.shape:
        seen.clear()
    seen.append(x_t)
    return layer(torch.cat(seen, dim=1))[:, -1:]


# %% wrong: returns nothing | of: with the layer's own projections | expects: nothing came back
# -     return layer.o_proj((weights @ v).transpose(1, 2).reshape(B, 1, D))
# +     layer.o_proj((weights @ v).transpose(1, 2).reshape(B, 1, D))


# %% wrong: every head uses the first kv head | of: with the layer's own projections | expects: first kv head
# -     k = k.repeat_interleave(group, dim=1)
# -     v = v.repeat_interleave(group, dim=1)
# +     k = k[:, :1].expand(-1, layer.n_heads, -1, -1)
# +     v = v[:, :1].expand(-1, layer.n_heads, -1, -1)


# %% wrong: as many kv heads as heads assumed | of: with the layer's own projections | expects: n_kv_heads kv heads
# -     k = layer.k_proj(x_t).view(B, 1, layer.n_kv_heads, width).transpose(1, 2)
# -     v = layer.v_proj(x_t).view(B, 1, layer.n_kv_heads, width).transpose(1, 2)
# +     k = layer.k_proj(x_t).view(B, 1, layer.n_heads, width).transpose(1, 2)
# +     v = layer.v_proj(x_t).view(B, 1, layer.n_heads, width).transpose(1, 2)


# %% wrong: appended twice at the first step only | of: with the layer's own projections | expects: once
# -     v = layer.v_proj(x_t).view(B, 1, layer.n_kv_heads, width).transpose(1, 2)
# +     v = layer.v_proj(x_t).view(B, 1, layer.n_kv_heads, width).transpose(1, 2)
# +     if len(cache) == 0:
# +         cache.append(k, v)


# %% wrong: a window of the last 64 positions | of: with the layer's own projections | expects: last row
# -     k, v = cache.append(k, v)
# +     k, v = cache.append(k, v)
# +     k, v = k[..., -64:, :], v[..., -64:, :]


# %% wrong: the sigmoid of the scores | of: with the layer's own projections | expects: last row
# -     weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(width), dim=-1)
# +     weights = torch.sigmoid(q @ k.transpose(-2, -1) / math.sqrt(width))


# %% wrong: an empty cache is asked for its keys first | of: with the layer's own projections | expects: begins empty
# -     v = layer.v_proj(x_t).view(B, 1, layer.n_kv_heads, width).transpose(1, 2)
# +     v = layer.v_proj(x_t).view(B, 1, layer.n_kv_heads, width).transpose(1, 2)
# +     if len(cache) == 0:
# +         raise RuntimeError("the cache is empty")


# %% wrong: the token overwritten | of: with the layer's own projections | expects: in place / modified
# -     weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(width), dim=-1)
# +     weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(width), dim=-1)
# +     x_t.mul_(0)


# %% wrong: keys and values kept beside the cache | expects: in its cache and nowhere else / raised
import math

import torch


kept = {}


def decode_step(layer, x_t, cache):
    B, _, D = x_t.shape
    width = D // layer.n_heads
    q = layer.q_proj(x_t).view(B, 1, layer.n_heads, width).transpose(1, 2)
    k = layer.k_proj(x_t).view(B, 1, layer.n_kv_heads, width).transpose(1, 2)
    v = layer.v_proj(x_t).view(B, 1, layer.n_kv_heads, width).transpose(1, 2)
    if len(cache) == 0:
        kept.clear()
    cache.append(k, v)
    kept[len(cache)] = (k, v)
    k, v = (torch.cat(one, dim=2) for one in zip(*kept.values()))
    group = layer.n_heads // layer.n_kv_heads
    k = k.repeat_interleave(group, dim=1)
    v = v.repeat_interleave(group, dim=1)
    weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(width), dim=-1)
    return layer.o_proj((weights @ v).transpose(1, 2).reshape(B, 1, D))


# %% right: what is cached of a value has gone through o_proj
import math

import torch


def decode_step(layer, x_t, cache):
    B, _, D = x_t.shape
    width = D // layer.n_heads
    q = layer.q_proj(x_t).view(B, 1, layer.n_heads, width).transpose(1, 2)
    k = layer.k_proj(x_t).view(B, 1, layer.n_kv_heads, width).transpose(1, 2)
    v = layer.v_proj(x_t).view(B, 1, layer.n_kv_heads, width).transpose(1, 2)
    group = layer.n_heads // layer.n_kv_heads
    k, v = k.repeat_interleave(group, dim=1), v.repeat_interleave(group, dim=1)
    pieces = layer.o_proj.weight.view(D, layer.n_heads, width).permute(1, 2, 0)  # each head's part of o_proj
    k, v = cache.append(k, v @ pieces)
    weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(width), dim=-1)
    return (weights @ v).sum(dim=1)


# %% right: torch's attention, of which this exercise asks nothing
import torch


def decode_step(layer, x_t, cache):
    def heads(projected, n):
        return projected.unflatten(-1, (n, -1)).transpose(1, 2)

    k, v = cache.append(heads(layer.k_proj(x_t), layer.n_kv_heads), heads(layer.v_proj(x_t), layer.n_kv_heads))
    q = heads(layer.q_proj(x_t), layer.n_heads)
    k, v = (one.repeat_interleave(layer.n_heads // layer.n_kv_heads, 1) for one in (k, v))
    mixed = torch.nn.functional.scaled_dot_product_attention(q, k, v)
    return layer.o_proj(mixed.transpose(1, 2).flatten(2))


# %% wrong: torch's attention told to be causal | of: torch's attention, of which this exercise asks nothing | expects: first key
# -     mixed = torch.nn.functional.scaled_dot_product_attention(q, k, v)
# +     mixed = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)


# %% wrong: divided by the width of a head, not by its root | of: einsum over groups | expects: last row / scale
# -     scores = torch.einsum("bkgd,bksd->bkgs", q, k).div(q.shape[-1] ** 0.5)
# +     scores = torch.einsum("bkgd,bksd->bkgs", q, k).div(q.shape[-1])


# %% wrong: keys and values swapped | expects: keys and values are swapped
import torch


def decode_step(layer, x_t, cache):
    B, _, D = x_t.shape
    width, group = D // layer.n_heads, layer.n_heads // layer.n_kv_heads
    q = layer.q_proj(x_t).view(B, 1, layer.n_heads, width).transpose(1, 2)
    k = layer.k_proj(x_t).view(B, 1, layer.n_kv_heads, width).transpose(1, 2)
    v = layer.v_proj(x_t).view(B, 1, layer.n_kv_heads, width).transpose(1, 2)
    k, v = cache.append(v, k)
    k, v = (one.repeat_interleave(group, dim=1) for one in (k, v))
    scores = q @ k.transpose(-2, -1) / width**0.5
    return layer.o_proj((scores.softmax(dim=-1) @ v).transpose(1, 2).reshape(B, 1, D))


# %% wrong: multiplied by the scale | expects: are multiplied by
import torch


def decode_step(layer, x_t, cache):
    B, _, D = x_t.shape
    width, group = D // layer.n_heads, layer.n_heads // layer.n_kv_heads
    q = layer.q_proj(x_t).view(B, 1, layer.n_heads, width).transpose(1, 2)
    k = layer.k_proj(x_t).view(B, 1, layer.n_kv_heads, width).transpose(1, 2)
    v = layer.v_proj(x_t).view(B, 1, layer.n_kv_heads, width).transpose(1, 2)
    k, v = cache.append(k, v)
    k, v = (one.repeat_interleave(group, dim=1) for one in (k, v))
    scores = q @ k.transpose(-2, -1) * width**0.5
    return layer.o_proj((scores.softmax(dim=-1) @ v).transpose(1, 2).reshape(B, 1, D))


# %% wrong: divided by the width of a head | of: multiplied by the scale | expects: its square root
# -     scores = q @ k.transpose(-2, -1) * width**0.5
# +     scores = q @ k.transpose(-2, -1) / width


# %% wrong: the softmax over the queries | of: multiplied by the scale | expects: over the queries
# -     scores = q @ k.transpose(-2, -1) * width**0.5
# -     return layer.o_proj((scores.softmax(dim=-1) @ v).transpose(1, 2).reshape(B, 1, D))
# +     scores = q @ k.transpose(-2, -1) / width**0.5
# +     return layer.o_proj((scores.softmax(dim=-2) @ v).transpose(1, 2).reshape(B, 1, D))


# %% wrong: heads where the positions are joined | expects: along dimension -2
import torch


def decode_step(layer, x_t, cache):
    B, _, D = x_t.shape
    H, G = layer.n_heads, layer.n_kv_heads
    q = layer.q_proj(x_t).view(B, 1, H, D // H).transpose(1, 2)
    k, v = layer.k_proj(x_t).view(B, 1, G, D // H), layer.v_proj(x_t).view(B, 1, G, D // H)
    k, v = (held.transpose(1, 2).repeat_interleave(H // G, dim=1) for held in cache.append(k, v))
    scores = q @ k.transpose(-2, -1) / (D // H) ** 0.5
    return layer.o_proj((scores.softmax(-1) @ v).transpose(1, 2).reshape(B, 1, D))


# %% wrong: a softmax that overflows | expects: stable softmax
import torch


def decode_step(layer, x_t, cache):
    B, _, D = x_t.shape
    H, G = layer.n_heads, layer.n_kv_heads
    q = layer.q_proj(x_t).view(B, 1, H, D // H).transpose(1, 2)
    k = layer.k_proj(x_t).view(B, 1, G, D // H).transpose(1, 2)
    v = layer.v_proj(x_t).view(B, 1, G, D // H).transpose(1, 2)
    k, v = (held.repeat_interleave(H // G, dim=1) for held in cache.append(k, v))
    scores = q @ k.transpose(-2, -1) / (D // H) ** 0.5
    powers = scores.exp()
    return layer.o_proj((powers / powers.sum(-1, keepdim=True) @ v).transpose(1, 2).reshape(B, 1, D))

# %% wrong: a cache of its own beside the given one | of: the notebook's own | expects: come from the cache
# -     k, v = cache.append(k, v)
# +     if not hasattr(decode_step, "held") or decode_step.held[0].shape[0] != B or decode_step.held[0].shape[1] != k.shape[1]:
# +         decode_step.held = (k, v)
# +     else:
# +         decode_step.held = tuple(torch.cat((a, b), -2) for a, b in zip(decode_step.held, (k, v)))
# +     cache.append(k, v)
# +     k, v = decode_step.held

# %% wrong: the mean of all texts as keys | of: the notebook's own | expects: last row
# -     k, v = cache.append(k, v)
# +     k, v = cache.append(k.mean(0, keepdim=True).expand_as(k), v)

# %% wrong: a penalty for distance | of: the notebook's own | expects: last row
# -     weights = (q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5).softmax(dim=-1)
# +     scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
# +     weights = (scores - 0.01 * torch.arange(k.shape[-2]).flip(0)).softmax(dim=-1)

# %% right: a loop over texts and heads
import torch


def decode_step(layer, x_t, cache):
    B, _, D = x_t.shape
    H, K = layer.n_heads, layer.n_kv_heads
    d = D // H
    q = layer.q_proj(x_t)[:, 0].split(d, -1)
    k = torch.stack(layer.k_proj(x_t).split(d, -1), 1)
    v = torch.stack(layer.v_proj(x_t).split(d, -1), 1)
    keys, values = cache.append(k, v)
    rows = []
    for b in range(B):
        out = []
        for h in range(H):
            s = keys[b, h // (H // K)] @ q[h][b] / d**0.5
            w = torch.softmax(s.double(), 0).to(s.dtype)
            out.append(w @ values[b, h // (H // K)])
        rows.append(layer.o_proj(torch.cat(out)))
    return torch.stack(rows)[:, None]
