"""Answers to `weight_bytes` and `nonzero_parameters`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: products
def weight_bytes(n_params, bits=16):
    return n_params * bits / 8


def nonzero_parameters(n_params, sparsity):
    return n_params * (1 - sparsity)


# %% right: fractions
from fractions import Fraction


def weight_bytes(n_params, bits=16):
    return float(Fraction(n_params) * Fraction(bits, 8))


def nonzero_parameters(n_params, sparsity):
    return float(n_params - Fraction(n_params) * Fraction(sparsity))


# %% right: numpy floats
import numpy as np


def weight_bytes(n_params, bits=16):
    bytes_per_weight = np.divide(bits, 8)
    return np.multiply(np.float64(n_params), bytes_per_weight)


def nonzero_parameters(n_params, sparsity):
    n_zero = np.float64(n_params) * sparsity
    return np.float64(n_params) - n_zero


# %% right: as integers where they come out whole
def weight_bytes(n_params, bits=16):
    n_bits = n_params * bits
    return n_bits // 8 if n_bits % 8 == 0 else n_bits / 8.0


def nonzero_parameters(n_params, sparsity):
    kept = (1.0 - sparsity) * n_params
    return round(kept) if abs(kept - round(kept)) < 1e-6 else kept


# %% wrong: bits instead of bytes | expects: bits / divide by 8 / 8 bits / divided by 8
def weight_bytes(n_params, bits=16):
    return n_params * bits


def nonzero_parameters(n_params, sparsity):
    return n_params * (1 - sparsity)


# %% wrong: whole bytes per weight | expects: 4 bit / integer / whole / // / fewer than 8 / half / 8 bits
def weight_bytes(n_params, bits=16):
    return n_params * (bits // 8)


def nonzero_parameters(n_params, sparsity):
    return n_params * (1 - sparsity)


# %% wrong: the zeros instead of what is left | expects: left / zero / sparsity / 1 -
def weight_bytes(n_params, bits=16):
    return n_params * bits / 8


def nonzero_parameters(n_params, sparsity):
    return n_params * sparsity


# %% wrong: two bytes, whatever bits are | expects: bits
def weight_bytes(n_params, bits=16):
    return n_params * 2


def nonzero_parameters(n_params, sparsity):
    return n_params * (1 - sparsity)


# %% wrong: 32 bits by default | expects: default / 16 bits
def weight_bytes(n_params, bits=32):
    return n_params * bits / 8


def nonzero_parameters(n_params, sparsity):
    return n_params * (1 - sparsity)


# %% wrong: sparsity in percent | expects: percent / fraction / share
def weight_bytes(n_params, bits=16):
    return n_params * bits / 8


def nonzero_parameters(n_params, sparsity):
    return n_params * (1 - sparsity / 100)


# %% wrong: gigabytes | expects: GB / gigabyte / unit / 1e9
def weight_bytes(n_params, bits=16):
    return n_params * bits / 8 / 1e9


def nonzero_parameters(n_params, sparsity):
    return n_params * (1 - sparsity)


# %% wrong: divided by the bits | expects: multipl / divide / more bits
def weight_bytes(n_params, bits=16):
    return n_params * 8 / bits


def nonzero_parameters(n_params, sparsity):
    return n_params * (1 - sparsity)


# %% wrong: the bytes of what is left | expects: parameters / bytes / count
def weight_bytes(n_params, bits=16):
    return n_params * bits / 8


def nonzero_parameters(n_params, sparsity):
    return 2 * n_params * (1 - sparsity)


# %% wrong: rounded to billions | expects: billion / round / unit
def weight_bytes(n_params, bits=16):
    return n_params * bits / 8


def nonzero_parameters(n_params, sparsity):
    return round(n_params * (1 - sparsity) / 1e9, 1)


# %% wrong: divided by one minus the sparsity | expects: multipl / divide / fewer / more / sparsity
def weight_bytes(n_params, bits=16):
    return n_params * bits / 8


def nonzero_parameters(n_params, sparsity):
    return n_params / (1 - sparsity) if sparsity < 1 else 0.0


# %% wrong: printed instead of returned | expects: return
def weight_bytes(n_params, bits=16):
    print(n_params * bits / 8)


def nonzero_parameters(n_params, sparsity):
    return n_params * (1 - sparsity)


# %% wrong: a bit more for the sign, and the square of what is left | expects: bits / 8
def weight_bytes(n_params, bits=16):
    return n_params * (bits + 1) / 8


def nonzero_parameters(n_params, sparsity):
    return n_params * (1 - sparsity) ** 2


# %% wrong: the sparsity is not used | expects: fewer
def weight_bytes(n_params, bits=16):
    return n_params * bits / 8


def nonzero_parameters(n_params, sparsity):
    return n_params


# %% wrong: the total of bytes rounded down | expects: part of one / rounded
def weight_bytes(n_params, bits=16):
    return n_params * bits // 8


def nonzero_parameters(n_params, sparsity):
    return n_params * (1 - sparsity)


# %% wrong: what is left is cut to whole numbers | expects: part of one / rounded
def weight_bytes(n_params, bits=16):
    return n_params * bits / 8


def nonzero_parameters(n_params, sparsity):
    return int(n_params * (1 - sparsity))


# %% wrong: results kept for a number of parameters | expects: earlier call
sizes, counts = {}, {}


def weight_bytes(n_params, bits=16):
    return sizes.setdefault(n_params, n_params * bits / 8)


def nonzero_parameters(n_params, sparsity):
    return counts.setdefault(n_params, n_params * (1 - sparsity))


# %% wrong: counts kept for a number of parameters | expects: earlier call
counts = {}


def weight_bytes(n_params, bits=16):
    return n_params * bits / 8


def nonzero_parameters(n_params, sparsity):
    return counts.setdefault(n_params, n_params * (1 - sparsity))


# %% right: exact fractions
from fractions import Fraction


def weight_bytes(n_params, bits=16):
    return float(Fraction(n_params) * bits / 8)


def nonzero_parameters(n_params, sparsity):
    return float(n_params - Fraction(n_params) * Fraction(sparsity))


# %% wrong: one plus the sparsity | expects: sparsity is added
def weight_bytes(n_params, bits=16):
    return n_params * bits / 8


def nonzero_parameters(n_params, sparsity):
    return n_params * (1 + sparsity)


# %% wrong: in single precision | of: the notebook's own | expects: some digits only
# -     return n_params * bits / 8
# +     return torch.tensor([n_params, bits, 1 / 8]).prod().item()

# - def weight_bytes(n_params: float, bits: int = 16) -> float:
# + import torch
# +
# +
# + def weight_bytes(n_params: float, bits: int = 16) -> float:


# %% wrong: never more than 32 bits | of: the notebook's own | expects: bits / 8
# -     return n_params * bits / 8
# +     return n_params * min(bits, 32) / 8


# %% wrong: the share that is left, rounded | of: the notebook's own | expects: some digits only
# -     return n_params * (1 - sparsity)
# +     return n_params * round(1 - sparsity, 4)
