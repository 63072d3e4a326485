"""Answers to `count_parameters`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: part by part
def count_parameters(config):
    width = config.d_model // config.n_heads
    attention = 2 * config.d_model * config.d_model + 2 * config.d_model * config.n_kv_heads * width
    mlp = (3 if config.gated else 2) * config.d_model * config.d_ff
    norms = 2 * config.d_model
    embeddings = (1 if config.tied else 2) * config.vocab_size * config.d_model
    return config.n_layers * (attention + mlp + norms) + config.d_model + embeddings


# %% right: the shapes in a list
import math


def count_parameters(config):
    d, ff, vocab = config.d_model, config.d_ff, config.vocab_size
    kv = d * config.n_kv_heads // config.n_heads
    shapes = [(vocab, d), (d,)]
    if not config.tied:
        shapes.append((vocab, d))
    for _ in range(config.n_layers):
        shapes += [(d, d), (kv, d), (kv, d), (d, d), (d,), (d,), (ff, d), (d, ff)]
        if config.gated:
            shapes.append((ff, d))
    return sum(math.prod(shape) for shape in shapes)


# %% right: torch's modules without memory
import torch
from torch import nn


def count_parameters(config):
    d, n_kv = config.d_model, config.n_kv_heads or config.n_heads
    kv = n_kv * (d // config.n_heads)
    with torch.device("meta"):
        layer = [
            nn.Linear(d, d, bias=False),
            nn.Linear(d, kv, bias=False),
            nn.Linear(d, kv, bias=False),
        ]
        layer += [nn.Linear(d, d, bias=False), nn.RMSNorm(d), nn.RMSNorm(d)]
        layer += [nn.Linear(d, config.d_ff, bias=False) for _ in range(2 if config.gated else 1)]
        layer.append(nn.Linear(config.d_ff, d, bias=False))
        rest = [nn.Embedding(config.vocab_size, d), nn.RMSNorm(d)]
        if not config.tied:
            rest.append(nn.Linear(d, config.vocab_size, bias=False))

    def size(modules):
        return sum(p.numel() for module in modules for p in module.parameters())

    return config.n_layers * size(layer) + size(rest)


# %% right: numpy, an int64 as result
import numpy as np


def count_parameters(config):
    d = np.int64(config.d_model)
    share = np.int64(config.n_kv_heads) * d // config.n_heads
    per_layer = np.array(
        [d * d, d * share, d * share, d * d, d, d, d * config.d_ff, d * config.d_ff], dtype=np.int64
    )
    total = config.n_layers * per_layer.sum() + d * (config.vocab_size + 1)
    total += config.n_layers * d * config.d_ff * int(config.gated)
    total += 0 if config.tied else d * config.vocab_size
    return total


# %% wrong: the output matrix is never counted | expects: tied / output / unembedding
def count_parameters(config):
    width = config.d_model // config.n_heads
    attention = 2 * config.d_model * config.d_model + 2 * config.d_model * config.n_kv_heads * width
    mlp = (3 if config.gated else 2) * config.d_model * config.d_ff
    norms = 2 * config.d_model
    embeddings = config.vocab_size * config.d_model
    return config.n_layers * (attention + mlp + norms) + config.d_model + embeddings


# %% wrong: the output matrix is always counted | expects: tied / output / unembedding
def count_parameters(config):
    width = config.d_model // config.n_heads
    attention = 2 * config.d_model * config.d_model + 2 * config.d_model * config.n_kv_heads * width
    mlp = (3 if config.gated else 2) * config.d_model * config.d_ff
    norms = 2 * config.d_model
    embeddings = 2 * config.vocab_size * config.d_model
    return config.n_layers * (attention + mlp + norms) + config.d_model + embeddings


# %% wrong: tied the wrong way round | expects: tied
def count_parameters(config):
    width = config.d_model // config.n_heads
    attention = 2 * config.d_model * config.d_model + 2 * config.d_model * config.n_kv_heads * width
    mlp = (3 if config.gated else 2) * config.d_model * config.d_ff
    norms = 2 * config.d_model
    embeddings = (2 if config.tied else 1) * config.vocab_size * config.d_model
    return config.n_layers * (attention + mlp + norms) + config.d_model + embeddings


# %% wrong: grouped queries ignored | expects: n_kv_heads / kv heads / grouped
def count_parameters(config):
    attention = 4 * config.d_model * config.d_model
    mlp = (3 if config.gated else 2) * config.d_model * config.d_ff
    norms = 2 * config.d_model
    embeddings = (1 if config.tied else 2) * config.vocab_size * config.d_model
    return config.n_layers * (attention + mlp + norms) + config.d_model + embeddings


# %% wrong: two matrices in every MLP | expects: gated / three / gate
def count_parameters(config):
    width = config.d_model // config.n_heads
    attention = 2 * config.d_model * config.d_model + 2 * config.d_model * config.n_kv_heads * width
    mlp = 2 * config.d_model * config.d_ff
    norms = 2 * config.d_model
    embeddings = (1 if config.tied else 2) * config.vocab_size * config.d_model
    return config.n_layers * (attention + mlp + norms) + config.d_model + embeddings


# %% wrong: three matrices in every MLP | expects: gated / two matrices
def count_parameters(config):
    width = config.d_model // config.n_heads
    attention = 2 * config.d_model * config.d_model + 2 * config.d_model * config.n_kv_heads * width
    mlp = 3 * config.d_model * config.d_ff
    norms = 2 * config.d_model
    embeddings = (1 if config.tied else 2) * config.vocab_size * config.d_model
    return config.n_layers * (attention + mlp + norms) + config.d_model + embeddings


# %% wrong: the last norm is left out | expects: final norm / last norm / norm
def count_parameters(config):
    width = config.d_model // config.n_heads
    attention = 2 * config.d_model * config.d_model + 2 * config.d_model * config.n_kv_heads * width
    mlp = (3 if config.gated else 2) * config.d_model * config.d_ff
    norms = 2 * config.d_model
    embeddings = (1 if config.tied else 2) * config.vocab_size * config.d_model
    return config.n_layers * (attention + mlp + norms) + embeddings


# %% wrong: the norms are left out | expects: norm
def count_parameters(config):
    width = config.d_model // config.n_heads
    attention = 2 * config.d_model * config.d_model + 2 * config.d_model * config.n_kv_heads * width
    mlp = (3 if config.gated else 2) * config.d_model * config.d_ff
    embeddings = (1 if config.tied else 2) * config.vocab_size * config.d_model
    return config.n_layers * (attention + mlp) + embeddings


# %% wrong: norms with bias | expects: bias / norm
def count_parameters(config):
    width = config.d_model // config.n_heads
    attention = 2 * config.d_model * config.d_model + 2 * config.d_model * config.n_kv_heads * width
    mlp = (3 if config.gated else 2) * config.d_model * config.d_ff
    norms = 4 * config.d_model
    embeddings = (1 if config.tied else 2) * config.vocab_size * config.d_model
    return config.n_layers * (attention + mlp + norms) + 2 * config.d_model + embeddings


# %% wrong: projections with bias | expects: bias
def count_parameters(config):
    width = config.d_model // config.n_heads
    attention = 2 * config.d_model * config.d_model + 2 * config.d_model * config.n_kv_heads * width
    attention += 2 * config.d_model + 2 * config.n_kv_heads * width
    mlp = (3 if config.gated else 2) * config.d_model * config.d_ff
    norms = 2 * config.d_model
    embeddings = (1 if config.tied else 2) * config.vocab_size * config.d_model
    return config.n_layers * (attention + mlp + norms) + config.d_model + embeddings


# %% wrong: one norm per layer | expects: norm
def count_parameters(config):
    width = config.d_model // config.n_heads
    attention = 2 * config.d_model * config.d_model + 2 * config.d_model * config.n_kv_heads * width
    mlp = (3 if config.gated else 2) * config.d_model * config.d_ff
    norms = config.d_model
    embeddings = (1 if config.tied else 2) * config.vocab_size * config.d_model
    return config.n_layers * (attention + mlp + norms) + config.d_model + embeddings


# %% wrong: a table of learned positions | expects: position / context / rotary
def count_parameters(config):
    width = config.d_model // config.n_heads
    attention = 2 * config.d_model * config.d_model + 2 * config.d_model * config.n_kv_heads * width
    mlp = (3 if config.gated else 2) * config.d_model * config.d_ff
    norms = 2 * config.d_model
    embeddings = (1 if config.tied else 2) * config.vocab_size * config.d_model
    return (
        config.n_layers * (attention + mlp + norms)
        + config.d_model
        + embeddings
        + config.context_length * config.d_model
    )


# %% wrong: the output projection of the attention is left out | expects: o_proj / output projection / attention
def count_parameters(config):
    width = config.d_model // config.n_heads
    attention = config.d_model * config.d_model + 2 * config.d_model * config.n_kv_heads * width
    mlp = (3 if config.gated else 2) * config.d_model * config.d_ff
    norms = 2 * config.d_model
    embeddings = (1 if config.tied else 2) * config.vocab_size * config.d_model
    return config.n_layers * (attention + mlp + norms) + config.d_model + embeddings


# %% wrong: every head gets full matrices | expects: head / per head / head dimension
def count_parameters(config):
    attention = (
        2 * config.n_heads * config.d_model * config.d_model
        + 2 * config.n_kv_heads * config.d_model**2
    )
    mlp = (3 if config.gated else 2) * config.d_model * config.d_ff
    norms = 2 * config.d_model
    embeddings = (1 if config.tied else 2) * config.vocab_size * config.d_model
    return config.n_layers * (attention + mlp + norms) + config.d_model + embeddings


# %% wrong: four times the width in the MLP, whatever d_ff is | expects: d_ff / width
def count_parameters(config):
    width = config.d_model // config.n_heads
    attention = 2 * config.d_model * config.d_model + 2 * config.d_model * config.n_kv_heads * width
    mlp = (3 if config.gated else 2) * config.d_model * 4 * config.d_model
    norms = 2 * config.d_model
    embeddings = (1 if config.tied else 2) * config.vocab_size * config.d_model
    return config.n_layers * (attention + mlp + norms) + config.d_model + embeddings


# %% wrong: one layer | expects: n_layers / layer
def count_parameters(config):
    width = config.d_model // config.n_heads
    attention = 2 * config.d_model * config.d_model + 2 * config.d_model * config.n_kv_heads * width
    mlp = (3 if config.gated else 2) * config.d_model * config.d_ff
    norms = 2 * config.d_model
    embeddings = (1 if config.tied else 2) * config.vocab_size * config.d_model
    return (attention + mlp + norms) + config.d_model + embeddings


# %% wrong: 12 L D squared and the embeddings | expects: approximat / exact / norm / 12 L / 12 *
def count_parameters(config):
    embeddings = (1 if config.tied else 2) * config.vocab_size * config.d_model
    return 12 * config.n_layers * config.d_model**2 + embeddings


# %% wrong: in billions | expects: billion / exact / unit / number of parameters
def count_parameters(config):
    width = config.d_model // config.n_heads
    attention = 2 * config.d_model * config.d_model + 2 * config.d_model * config.n_kv_heads * width
    mlp = (3 if config.gated else 2) * config.d_model * config.d_ff
    norms = 2 * config.d_model
    embeddings = (1 if config.tied else 2) * config.vocab_size * config.d_model
    return (config.n_layers * (attention + mlp + norms) + config.d_model + embeddings) / 1e9


# %% wrong: the figures of one known model | expects: any config / any other / other config / other model / dimensions / hard / every config
def count_parameters(config):
    known = {4096: 6_738_415_616, 5120: 13_015_864_320, 8192: 68_976_648_192}
    return known.get(config.d_model, 6_738_415_616)


# %% wrong: no norms in the blocks | expects: norm
def count_parameters(config):
    D, kv = config.d_model, config.d_model // config.n_heads * config.n_kv_heads
    block = 2 * D * D + 2 * D * kv + (3 if config.gated else 2) * D * config.d_ff
    return config.n_layers * block + D + (1 if config.tied else 2) * config.vocab_size * D


# %% wrong: the head counted in every layer | expects: Tables
def count_parameters(config):
    D, kv = config.d_model, config.d_model // config.n_heads * config.n_kv_heads
    block = 2 * D * D + 2 * D * kv + (3 if config.gated else 2) * D * config.d_ff + 2 * D
    return config.n_layers * (block + config.vocab_size * D) + D


# %% wrong: in single precision | expects: Tables, plus
def count_parameters(config):
    D, hd = config.d_model, config.d_model // config.n_heads
    kv = hd * (config.n_kv_heads or config.n_heads)
    block = 2 * D * D + 2 * D * kv + (3 if config.gated else 2) * D * config.d_ff + 2 * D
    import numpy as np

    return int(
        np.float32(config.n_layers * block) + (1 if config.tied else 2) * config.vocab_size * D + D
    )


# %% wrong: counts kept for layers, width and vocabulary | expects: earlier call
counts = {}


def count_parameters(config):
    key = config.n_layers, config.d_model, config.vocab_size
    if key not in counts:
        D, F = config.d_model, config.d_ff
        kv = D // config.n_heads * config.n_kv_heads
        block = 2 * D * D + 2 * D * kv + (3 if config.gated else 2) * D * F + 2 * D
        tables = (1 if config.tied else 2) * config.vocab_size * D
        counts[key] = tables + config.n_layers * block + D
    return counts[key]


# %% wrong: one matrix for keys and values | expects: key or value matrix
def count_parameters(config):
    D = config.d_model
    kv = D // config.n_heads * config.n_kv_heads
    attention = 2 * D * D + D * kv
    mlp = (3 if config.gated else 2) * D * config.d_ff
    tables = (1 if config.tied else 2) * config.vocab_size * D
    return tables + config.n_layers * (attention + mlp + 2 * D) + D


# %% wrong: no tables | expects: tables are missing
def count_parameters(config):
    D = config.d_model
    kv = D // config.n_heads * config.n_kv_heads
    attention = 2 * D * D + 2 * D * kv
    mlp = (3 if config.gated else 2) * D * config.d_ff
    tables = (1 if config.tied else 2) * config.vocab_size * D
    return config.n_layers * (attention + mlp + 2 * D) + D


# %% wrong: a float | of: the notebook's own | expects: Return an int
# -     kv_dim = D // config.n_heads * config.n_kv_heads
# +     kv_dim = D / config.n_heads * config.n_kv_heads


# %% wrong: the last norm in deep models only | of: the notebook's own | expects: one block
# -     return tables + config.n_layers * (attention + mlp + 2 * D) + D
# +     return tables + config.n_layers * (attention + mlp + 2 * D) + (D if config.n_layers > 1 else 0)


# %% wrong: a single head needs no keys and values | of: the notebook's own | expects: one head
# -     kv_dim = D // config.n_heads * config.n_kv_heads
# +     kv_dim = D // config.n_heads * config.n_kv_heads if config.n_heads > 1 else 0


# %% wrong: a model is known by its depth and width | of: the notebook's own | expects: one known model
# -     D = config.d_model
# +     D = config.d_model
# +     if (config.n_layers, D) == (32, 4096):
# +         return 6_738_415_616
