"""Answers to `moe_parameters`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: total and active from the same parts
def moe_parameters(config):
    d = config.d_model
    attention = 2 * d * d + 2 * d * config.n_kv_heads * (d // config.n_heads)
    expert = (3 if config.gated else 2) * d * config.d_ff
    router = d * config.n_experts
    shared = config.n_layers * (attention + router + 2 * d) + d
    shared += (1 if config.tied else 2) * config.vocab_size * d
    total = shared + config.n_layers * config.n_experts * expert
    active = shared + config.n_layers * config.experts_per_token * expert
    return total, active


# %% right: one function of the number of experts used, numpy integers
import numpy as np


def moe_parameters(config):
    d, layers = np.int64(config.d_model), config.n_layers

    def with_experts(n):
        kv = d * config.n_kv_heads // config.n_heads
        matrices = (
            d * (2 * d + 2 * kv) + n * d * config.d_ff * (2 + config.gated) + d * config.n_experts
        )
        return layers * (matrices + 2 * d) + d + d * config.vocab_size * (2 - config.tied)

    return with_experts(config.n_experts), with_experts(config.experts_per_token)


# %% right: the idle experts taken off
import math


def moe_parameters(config):
    d, ff = config.d_model, config.d_ff
    kv = config.n_kv_heads * d // config.n_heads
    expert = [(ff, d), (d, ff)] + ([(ff, d)] if config.gated else [])
    layer = [
        (d, d),
        (kv, d),
        (kv, d),
        (d, d),
        (d,),
        (d,),
        (config.n_experts, d),
    ] + expert * config.n_experts
    outside = [(config.vocab_size, d), (d,)] + ([] if config.tied else [(config.vocab_size, d)])

    def size(shapes):
        return sum(math.prod(shape) for shape in shapes)

    total = size(outside) + config.n_layers * size(layer)
    idle = config.n_experts - config.experts_per_token
    return [total, total - config.n_layers * idle * size(expert)]


# %% right: layer by layer
def moe_parameters(config):
    d = config.d_model
    width = d // config.n_heads
    n_kv = config.n_kv_heads if config.n_kv_heads is not None else config.n_heads
    total = active = config.vocab_size * d * (1 if config.tied else 2) + d
    for _ in range(config.n_layers):
        always = (
            d * config.n_heads * width * 2 + d * n_kv * width * 2 + 2 * d + d * config.n_experts
        )
        total, active = total + always, active + always
        for index in range(config.n_experts):
            size = d * config.d_ff * (3 if config.gated else 2)
            total += size
            active += size if index < config.experts_per_token else 0
    return (total, active)


# %% wrong: the router is left out | expects: router
def moe_parameters(config):
    d = config.d_model
    attention = 2 * d * d + 2 * d * config.n_kv_heads * (d // config.n_heads)
    expert = (3 if config.gated else 2) * d * config.d_ff
    shared = config.n_layers * (attention + 2 * d) + d
    shared += (1 if config.tied else 2) * config.vocab_size * d
    total = shared + config.n_layers * config.n_experts * expert
    active = shared + config.n_layers * config.experts_per_token * expert
    return total, active


# %% wrong: eight whole models | expects: share / attention / once / only the MLP / experts
def moe_parameters(config):
    d = config.d_model
    attention = 2 * d * d + 2 * d * config.n_kv_heads * (d // config.n_heads)
    expert = (3 if config.gated else 2) * d * config.d_ff
    router = d * config.n_experts
    shared = config.n_layers * (attention + router + 2 * d) + d
    shared += (1 if config.tied else 2) * config.vocab_size * d
    total = config.n_experts * (shared + config.n_layers * expert)
    active = shared + config.n_layers * config.experts_per_token * expert
    return total, active


# %% wrong: active is the active share of all | expects: share / attention / embedding / always / proportion
def moe_parameters(config):
    d = config.d_model
    attention = 2 * d * d + 2 * d * config.n_kv_heads * (d // config.n_heads)
    expert = (3 if config.gated else 2) * d * config.d_ff
    router = d * config.n_experts
    shared = config.n_layers * (attention + router + 2 * d) + d
    shared += (1 if config.tied else 2) * config.vocab_size * d
    total = shared + config.n_layers * config.n_experts * expert
    active = total * config.experts_per_token // config.n_experts
    return total, active


# %% wrong: one active expert | expects: experts_per_token / per token / one expert
def moe_parameters(config):
    d = config.d_model
    attention = 2 * d * d + 2 * d * config.n_kv_heads * (d // config.n_heads)
    expert = (3 if config.gated else 2) * d * config.d_ff
    router = d * config.n_experts
    shared = config.n_layers * (attention + router + 2 * d) + d
    shared += (1 if config.tied else 2) * config.vocab_size * d
    total = shared + config.n_layers * config.n_experts * expert
    active = shared + config.n_layers * expert
    return total, active


# %% wrong: active before total | expects: order / swapped / (total, active) / total first
def moe_parameters(config):
    d = config.d_model
    attention = 2 * d * d + 2 * d * config.n_kv_heads * (d // config.n_heads)
    expert = (3 if config.gated else 2) * d * config.d_ff
    router = d * config.n_experts
    shared = config.n_layers * (attention + router + 2 * d) + d
    shared += (1 if config.tied else 2) * config.vocab_size * d
    total = shared + config.n_layers * config.n_experts * expert
    active = shared + config.n_layers * config.experts_per_token * expert
    return active, total


# %% wrong: active counts the experts only | expects: attention / shared / embedding / always
def moe_parameters(config):
    d = config.d_model
    attention = 2 * d * d + 2 * d * config.n_kv_heads * (d // config.n_heads)
    expert = (3 if config.gated else 2) * d * config.d_ff
    router = d * config.n_experts
    shared = config.n_layers * (attention + router + 2 * d) + d
    shared += (1 if config.tied else 2) * config.vocab_size * d
    total = shared + config.n_layers * config.n_experts * expert
    active = config.n_layers * config.experts_per_token * expert
    return total, active


# %% wrong: only the active part of the router is active | expects: router
def moe_parameters(config):
    d = config.d_model
    attention = 2 * d * d + 2 * d * config.n_kv_heads * (d // config.n_heads)
    expert = (3 if config.gated else 2) * d * config.d_ff
    router = d * config.n_experts
    shared = config.n_layers * (attention + router + 2 * d) + d
    shared += (1 if config.tied else 2) * config.vocab_size * d
    total = shared + config.n_layers * config.n_experts * expert
    idle = config.n_experts - config.experts_per_token
    active = shared + config.n_layers * (config.experts_per_token * expert - idle * d)
    return total, active


# %% wrong: grouped queries ignored | expects: n_kv_heads / kv heads / grouped
def moe_parameters(config):
    d = config.d_model
    attention = 4 * d * d
    expert = (3 if config.gated else 2) * d * config.d_ff
    router = d * config.n_experts
    shared = config.n_layers * (attention + router + 2 * d) + d
    shared += (1 if config.tied else 2) * config.vocab_size * d
    total = shared + config.n_layers * config.n_experts * expert
    active = shared + config.n_layers * config.experts_per_token * expert
    return total, active


# %% wrong: the output matrix is never counted | expects: tied / output / unembedding
def moe_parameters(config):
    d = config.d_model
    attention = 2 * d * d + 2 * d * config.n_kv_heads * (d // config.n_heads)
    expert = (3 if config.gated else 2) * d * config.d_ff
    router = d * config.n_experts
    shared = config.n_layers * (attention + router + 2 * d) + d
    shared += config.vocab_size * d
    total = shared + config.n_layers * config.n_experts * expert
    active = shared + config.n_layers * config.experts_per_token * expert
    return total, active


# %% wrong: the output matrix is always counted | expects: tied
def moe_parameters(config):
    d = config.d_model
    attention = 2 * d * d + 2 * d * config.n_kv_heads * (d // config.n_heads)
    expert = (3 if config.gated else 2) * d * config.d_ff
    router = d * config.n_experts
    shared = config.n_layers * (attention + router + 2 * d) + d
    shared += 2 * config.vocab_size * d
    total = shared + config.n_layers * config.n_experts * expert
    active = shared + config.n_layers * config.experts_per_token * expert
    return total, active


# %% wrong: two matrices in every expert | expects: gated / three / gate
def moe_parameters(config):
    d = config.d_model
    attention = 2 * d * d + 2 * d * config.n_kv_heads * (d // config.n_heads)
    expert = 2 * d * config.d_ff
    router = d * config.n_experts
    shared = config.n_layers * (attention + router + 2 * d) + d
    shared += (1 if config.tied else 2) * config.vocab_size * d
    total = shared + config.n_layers * config.n_experts * expert
    active = shared + config.n_layers * config.experts_per_token * expert
    return total, active


# %% wrong: three matrices in every expert | expects: gated / two matrices
def moe_parameters(config):
    d = config.d_model
    attention = 2 * d * d + 2 * d * config.n_kv_heads * (d // config.n_heads)
    expert = 3 * d * config.d_ff
    router = d * config.n_experts
    shared = config.n_layers * (attention + router + 2 * d) + d
    shared += (1 if config.tied else 2) * config.vocab_size * d
    total = shared + config.n_layers * config.n_experts * expert
    active = shared + config.n_layers * config.experts_per_token * expert
    return total, active


# %% wrong: a router with bias | expects: router / bias
def moe_parameters(config):
    d = config.d_model
    attention = 2 * d * d + 2 * d * config.n_kv_heads * (d // config.n_heads)
    expert = (3 if config.gated else 2) * d * config.d_ff
    router = (d + 1) * config.n_experts
    shared = config.n_layers * (attention + router + 2 * d) + d
    shared += (1 if config.tied else 2) * config.vocab_size * d
    total = shared + config.n_layers * config.n_experts * expert
    active = shared + config.n_layers * config.experts_per_token * expert
    return total, active


# %% wrong: the experts of one layer | expects: n_layers / layer
def moe_parameters(config):
    d = config.d_model
    attention = 2 * d * d + 2 * d * config.n_kv_heads * (d // config.n_heads)
    expert = (3 if config.gated else 2) * d * config.d_ff
    router = d * config.n_experts
    shared = config.n_layers * (attention + router + 2 * d) + d
    shared += (1 if config.tied else 2) * config.vocab_size * d
    total = shared + config.n_experts * expert
    active = shared + config.experts_per_token * expert
    return total, active


# %% wrong: a router for the whole model | expects: router / layer
def moe_parameters(config):
    d = config.d_model
    attention = 2 * d * d + 2 * d * config.n_kv_heads * (d // config.n_heads)
    expert = (3 if config.gated else 2) * d * config.d_ff
    router = d * config.n_experts
    shared = config.n_layers * (attention + 2 * d) + d + router
    shared += (1 if config.tied else 2) * config.vocab_size * d
    total = shared + config.n_layers * config.n_experts * expert
    active = shared + config.n_layers * config.experts_per_token * expert
    return total, active


# %% wrong: the norms are left out | expects: norm
def moe_parameters(config):
    d = config.d_model
    attention = 2 * d * d + 2 * d * config.n_kv_heads * (d // config.n_heads)
    expert = (3 if config.gated else 2) * d * config.d_ff
    router = d * config.n_experts
    shared = config.n_layers * (attention + router)
    shared += (1 if config.tied else 2) * config.vocab_size * d
    total = shared + config.n_layers * config.n_experts * expert
    active = shared + config.n_layers * config.experts_per_token * expert
    return total, active


# %% wrong: the last norm is left out | expects: norm
def moe_parameters(config):
    d = config.d_model
    attention = 2 * d * d + 2 * d * config.n_kv_heads * (d // config.n_heads)
    expert = (3 if config.gated else 2) * d * config.d_ff
    router = d * config.n_experts
    shared = config.n_layers * (attention + router + 2 * d)
    shared += (1 if config.tied else 2) * config.vocab_size * d
    total = shared + config.n_layers * config.n_experts * expert
    active = shared + config.n_layers * config.experts_per_token * expert
    return total, active


# %% wrong: norms for every expert | expects: norm / expert
def moe_parameters(config):
    d = config.d_model
    attention = 2 * d * d + 2 * d * config.n_kv_heads * (d // config.n_heads)
    expert = (3 if config.gated else 2) * d * config.d_ff + d
    router = d * config.n_experts
    shared = config.n_layers * (attention + router + 2 * d) + d
    shared += (1 if config.tied else 2) * config.vocab_size * d
    total = shared + config.n_layers * config.n_experts * expert
    active = shared + config.n_layers * config.experts_per_token * expert
    return total, active


# %% wrong: active without the embeddings | expects: embedding / active / always
def moe_parameters(config):
    d = config.d_model
    attention = 2 * d * d + 2 * d * config.n_kv_heads * (d // config.n_heads)
    expert = (3 if config.gated else 2) * d * config.d_ff
    router = d * config.n_experts
    shared = config.n_layers * (attention + router + 2 * d) + d
    shared += (1 if config.tied else 2) * config.vocab_size * d
    total = shared + config.n_layers * config.n_experts * expert
    active = shared + config.n_layers * config.experts_per_token * expert
    active -= config.vocab_size * d
    return total, active


# %% wrong: in billions | expects: billion / exact / unit
def moe_parameters(config):
    d = config.d_model
    attention = 2 * d * d + 2 * d * config.n_kv_heads * (d // config.n_heads)
    expert = (3 if config.gated else 2) * d * config.d_ff
    router = d * config.n_experts
    shared = config.n_layers * (attention + router + 2 * d) + d
    shared += (1 if config.tied else 2) * config.vocab_size * d
    total = shared + config.n_layers * config.n_experts * expert
    active = shared + config.n_layers * config.experts_per_token * expert
    return total / 1e9, active / 1e9


# %% wrong: the known figures | expects: any config / any other / other config / other model / dimensions / hard / every config
def moe_parameters(config):
    return 46_702_792_704, 12_879_925_248


# %% wrong: two routers in every block | expects: Shared
def moe_parameters(config):
    D, kv = config.d_model, config.d_model // config.n_heads * config.n_kv_heads
    expert = (3 if config.gated else 2) * D * config.d_ff
    shared = 2 * D * D + 2 * D * kv + 2 * config.n_experts * D + 2 * D
    outside = (1 if config.tied else 2) * config.vocab_size * D + D
    return tuple(
        outside + config.n_layers * (shared + n * expert)
        for n in (config.n_experts, config.experts_per_token)
    )


# %% wrong: all experts active | expects: experts_per_token
def moe_parameters(config):
    D, kv = config.d_model, config.d_model // config.n_heads * config.n_kv_heads
    expert = (3 if config.gated else 2) * D * config.d_ff
    shared = 2 * D * D + 2 * D * kv + config.n_experts * D + 2 * D
    total = (1 if config.tied else 2) * config.vocab_size * D + D
    total += config.n_layers * (shared + config.n_experts * expert)
    return total, total


# %% wrong: no norms in the blocks | expects: norm
def moe_parameters(config):
    D, kv = config.d_model, config.d_model // config.n_heads * config.n_kv_heads
    expert = (3 if config.gated else 2) * D * config.d_ff
    shared = 2 * D * D + 2 * D * kv + config.n_experts * D
    outside = (1 if config.tied else 2) * config.vocab_size * D + D
    return tuple(
        outside + config.n_layers * (shared + n * expert)
        for n in (config.n_experts, config.experts_per_token)
    )


# %% wrong: counts kept for everything but the heads | expects: earlier call
counts = {}


def moe_parameters(config):
    D, L, E = config.d_model, config.n_layers, config.n_experts
    key = L, D, E, config.experts_per_token, config.d_ff, config.vocab_size, config.tied
    if (key, config.gated) not in counts:
        kv = D // config.n_heads * config.n_kv_heads
        expert = (3 if config.gated else 2) * D * config.d_ff
        shared = (1 if config.tied else 2) * config.vocab_size * D + D
        shared += L * (2 * D * D + 2 * D * kv + E * D + 2 * D)
        active = shared + L * config.experts_per_token * expert
        counts[key, config.gated] = shared + L * E * expert, active
    return counts[key, config.gated]


# %% wrong: in single precision | expects: shared parts once
import numpy as np


def moe_parameters(config):
    D, L, E = (np.float32(n) for n in (config.d_model, config.n_layers, config.n_experts))
    kv = config.d_model // config.n_heads * config.n_kv_heads
    expert = (3 if config.gated else 2) * D * config.d_ff
    shared = (1 if config.tied else 2) * config.vocab_size * D + D
    shared += L * (2 * D * D + 2 * D * kv + E * D + 2 * D)
    return int(shared + L * E * expert), int(shared + L * config.experts_per_token * expert)


# %% wrong: one norm in a block | expects: two norms, one for
def moe_parameters(config):
    D = config.d_model
    kv = D // config.n_heads * config.n_kv_heads
    expert = (3 if config.gated else 2) * D * config.d_ff
    shared = 2 * D * D + 2 * D * kv + config.n_experts * D + D
    tables = (1 if config.tied else 2) * config.vocab_size * D
    total = tables + D + config.n_layers * (shared + config.n_experts * expert)
    active = tables + D + config.n_layers * (shared + config.experts_per_token * expert)
    return total, active


# %% wrong: no output projection | expects: output projection
def moe_parameters(config):
    D = config.d_model
    kv = D // config.n_heads * config.n_kv_heads
    expert = (3 if config.gated else 2) * D * config.d_ff
    shared = D * D + 2 * D * kv + config.n_experts * D + 2 * D
    tables = (1 if config.tied else 2) * config.vocab_size * D
    total = tables + D + config.n_layers * (shared + config.n_experts * expert)
    active = tables + D + config.n_layers * (shared + config.experts_per_token * expert)
    return total, active


# %% wrong: one matrix for keys and values | expects: key or value matrix
def moe_parameters(config):
    D = config.d_model
    kv = D // config.n_heads * config.n_kv_heads
    expert = (3 if config.gated else 2) * D * config.d_ff
    shared = 2 * D * D + D * kv + config.n_experts * D + 2 * D
    tables = (1 if config.tied else 2) * config.vocab_size * D
    total = tables + D + config.n_layers * (shared + config.n_experts * expert)
    active = tables + D + config.n_layers * (shared + config.experts_per_token * expert)
    return total, active


# %% wrong: no tables | expects: tables are missing
def moe_parameters(config):
    D = config.d_model
    kv = D // config.n_heads * config.n_kv_heads
    expert = (3 if config.gated else 2) * D * config.d_ff
    shared = 2 * D * D + 2 * D * kv + config.n_experts * D + 2 * D
    tables = 0
    total = tables + D + config.n_layers * (shared + config.n_experts * expert)
    active = tables + D + config.n_layers * (shared + config.experts_per_token * expert)
    return total, active


# %% wrong: one layer | expects: One layer is counted
def moe_parameters(config):
    D = config.d_model
    kv = D // config.n_heads * config.n_kv_heads
    expert = (3 if config.gated else 2) * D * config.d_ff
    shared = 2 * D * D + 2 * D * kv + config.n_experts * D + 2 * D
    tables = (1 if config.tied else 2) * config.vocab_size * D
    total = tables + D + (shared + config.n_experts * expert)
    active = tables + D + (shared + config.experts_per_token * expert)
    return total, active


# %% wrong: floats | of: the notebook's own | expects: two ints
# -     kv_dim = D // config.n_heads * config.n_kv_heads
# +     kv_dim = D / config.n_heads * config.n_kv_heads


# %% wrong: no router for one expert | of: the notebook's own | expects: router is missing
# -     always = 2 * D * D + 2 * D * kv_dim + config.n_experts * D + 2 * D
# +     router = config.n_experts * D if config.n_experts > 1 else 0
# +     always = 2 * D * D + 2 * D * kv_dim + router + 2 * D


# %% wrong: no router where all experts work | of: the notebook's own | expects: router is missing
# -     always = 2 * D * D + 2 * D * kv_dim + config.n_experts * D + 2 * D
# +     router = config.n_experts * D if config.n_experts > config.experts_per_token else 0
# +     always = 2 * D * D + 2 * D * kv_dim + router + 2 * D


# %% wrong: at least two experts work | of: the notebook's own | expects: one expert or two
# -     active = outside + config.n_layers * (always + config.experts_per_token * expert)
# +     active = outside + config.n_layers * (always + max(2, config.experts_per_token) * expert)


# %% wrong: the share of the experts in floats, cut off | of: the notebook's own | expects: not exact
# -     active = outside + config.n_layers * (always + config.experts_per_token * expert)
# +     share = config.experts_per_token / config.n_experts
# +     active = outside + config.n_layers * (always + int(config.n_experts * expert * share))
