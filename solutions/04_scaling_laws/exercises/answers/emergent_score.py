"""Answers to `emergent_score`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: a product
import math


def emergent_score(per_token_accuracy, length):
    return math.prod([per_token_accuracy] * length)


# %% right: a loop
def emergent_score(per_token_accuracy, length):
    score = 1.0
    for _ in range(length):
        score *= per_token_accuracy
    return score


# %% right: through the logarithm
import math


def emergent_score(per_token_accuracy, length):
    return math.exp(length * math.log(per_token_accuracy)) if per_token_accuracy else 0.0


# %% right: numpy
import numpy as np


def emergent_score(per_token_accuracy, length):
    return np.power(float(per_token_accuracy), length)


# %% wrong: the accuracy itself | expects: every token / all
def emergent_score(per_token_accuracy, length):
    return per_token_accuracy


# %% wrong: times the length | expects: power / multipl
def emergent_score(per_token_accuracy, length):
    return per_token_accuracy * length


# %% wrong: over the length | expects: power / divid
def emergent_score(per_token_accuracy, length):
    return per_token_accuracy / length


# %% wrong: at least one token | expects: at least one
def emergent_score(per_token_accuracy, length):
    return 1 - (1 - per_token_accuracy) ** length


# %% wrong: one token fewer | expects: length - 1 / first
def emergent_score(per_token_accuracy, length):
    return per_token_accuracy ** (length - 1)


# %% wrong: one token more | expects: length + 1 / end
def emergent_score(per_token_accuracy, length):
    return per_token_accuracy ** (length + 1)


# %% wrong: the root | expects: root
def emergent_score(per_token_accuracy, length):
    return per_token_accuracy ** (1 / length)


# %% wrong: the other way round | expects: base
def emergent_score(per_token_accuracy, length):
    return length**per_token_accuracy


# %% wrong: errors add up | expects: approximat / add
def emergent_score(per_token_accuracy, length):
    return max(0.0, 1 - length * (1 - per_token_accuracy))


# %% wrong: an exponential of the error | expects: approximat
import math


def emergent_score(per_token_accuracy, length):
    return math.exp(-length * (1 - per_token_accuracy))


# %% wrong: a jump | expects: jump / threshold / approximation
def emergent_score(per_token_accuracy, length):
    return 1.0 if per_token_accuracy**length > 0.5 else 0.0


# %% wrong: in percent | expects: percent
def emergent_score(per_token_accuracy, length):
    return 100 * per_token_accuracy**length


# %% wrong: the chance of a mistake | expects: mistake
def emergent_score(per_token_accuracy, length):
    return 1 - per_token_accuracy**length


# %% wrong: rounded to percent | expects: round
def emergent_score(per_token_accuracy, length):
    return round(per_token_accuracy**length, 2)


# %% wrong: every other token only | expects: all tokens
def emergent_score(per_token_accuracy, length):
    return per_token_accuracy ** (length / 2)


# %% wrong: kept by per_token_accuracy alone | expects: earlier call
_kept = {}


def emergent_score(per_token_accuracy, length):
    if (per_token_accuracy) not in _kept:
        _kept[per_token_accuracy] = per_token_accuracy**length
    return _kept[per_token_accuracy]


# %% right: single precision
import torch


def emergent_score(per_token_accuracy, length):
    return torch.full((length,), float(per_token_accuracy)).prod().item()


# %% right: the binomial distribution
from scipy.stats import binom


def emergent_score(per_token_accuracy, length):
    return binom.pmf(length, length, per_token_accuracy)


# %% wrong: rounded to three digits | expects: not round
def emergent_score(per_token_accuracy, length):
    return round(per_token_accuracy**length, 3)


# %% wrong: squared again and again | expects: squares of squares
def emergent_score(per_token_accuracy, length):
    for _ in range(length - 1):
        per_token_accuracy *= per_token_accuracy
    return per_token_accuracy
