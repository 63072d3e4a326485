"""Answers to `training_flops`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: two on the way forward, four on the way back
def training_flops(n_params, n_tokens):
    return n_params * n_tokens * 2 + n_params * n_tokens * 4


# %% right: a float at once
def training_flops(n_params, n_tokens):
    return 6.0 * n_params * n_tokens


# %% right: whole numbers of Python
def training_flops(n_params, n_tokens):
    return int(6 * n_params * n_tokens)


# %% right: numpy in double precision
import numpy as np


def training_flops(n_params, n_tokens):
    return np.prod(np.array([6, n_params, n_tokens], dtype=np.float64))


# %% right: through logarithms
import math


def training_flops(n_params, n_tokens):
    return math.exp(math.log(6) + math.log(n_params) + math.log(n_tokens))


# %% wrong: the way forward only | expects: forward
def training_flops(n_params, n_tokens):
    return 2 * n_params * n_tokens


# %% wrong: the way back only | expects: back
def training_flops(n_params, n_tokens):
    return 4 * n_params * n_tokens


# %% wrong: a multiplication and an addition as one | expects: addition
def training_flops(n_params, n_tokens):
    return 3 * n_params * n_tokens


# %% wrong: one operation for each | expects: factor
def training_flops(n_params, n_tokens):
    return n_params * n_tokens


# %% wrong: activations computed again | expects: again / recomput
def training_flops(n_params, n_tokens):
    return 8 * n_params * n_tokens


# %% wrong: the sum of both | expects: product / times
def training_flops(n_params, n_tokens):
    return 6 * (n_params + n_tokens)


# %% wrong: per token | expects: per token / every token
def training_flops(n_params, n_tokens):
    return 6 * n_params


# %% wrong: per parameter | expects: every parameter
def training_flops(n_params, n_tokens):
    return 6 * n_tokens


# %% wrong: in PFLOP | expects: unit
def training_flops(n_params, n_tokens):
    return 6 * n_params * n_tokens / 1e15


# %% wrong: in PFLOP/s-days | expects: unit
def training_flops(n_params, n_tokens):
    return 6 * n_params * n_tokens / 1e15 / 86_400


# %% wrong: GPT-3, whatever the question | expects: other / any
def training_flops(n_params, n_tokens):
    return 3.15e23


# %% wrong: 64-bit integers overflow | expects: overflow / 64 bits
import numpy as np


def training_flops(n_params, n_tokens):
    with np.errstate(over="ignore"):
        return 6 * np.int64(n_params) * np.int64(n_tokens)


# %% wrong: 20 tokens per parameter, whatever is given | expects: n_tokens
def training_flops(n_params, n_tokens):
    return 120 * n_params**2


# %% wrong: the data seen once forward and the model updated once | expects: 6 N D
def training_flops(n_params, n_tokens):
    return 2 * n_params * n_tokens + 4 * n_params


# %% wrong: the update of the weights counted for every token | expects: 6 N D
def training_flops(n_params, n_tokens):
    return 7 * n_params * n_tokens


# %% wrong: kept by n_params alone | expects: earlier call
_kept = {}


def training_flops(n_params, n_tokens):
    if (n_params) not in _kept:
        _kept[n_params] = 6 * n_params * n_tokens
    return _kept[n_params]


# %% right: exact fractions
from fractions import Fraction


def training_flops(n_params, n_tokens):
    return float(Fraction(6) * Fraction(n_params) * Fraction(n_tokens))
