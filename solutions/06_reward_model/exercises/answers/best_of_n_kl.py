"""Answers to `best_of_n_kl`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: numpy
import numpy as np


def best_of_n_kl(n):
    return np.log(n) + 1 / n - 1


# %% right: torch
import torch


def best_of_n_kl(n):
    n = torch.tensor(float(n), dtype=torch.float64)
    return (n.log() - (n - 1) / n).item()


# %% wrong: the logarithm only | expects: log n only
import math


def best_of_n_kl(n):
    return math.log(n)


# %% wrong: bits | expects: natural
import math


def best_of_n_kl(n):
    return math.log2(n) - (n - 1) / n


# %% wrong: all in bits | expects: natural
import math


def best_of_n_kl(n):
    return (math.log(n) - (n - 1) / n) / math.log(2)


# %% wrong: no brackets | expects: brackets
import math


def best_of_n_kl(n):
    return math.log(n) - n - 1 / n


# %% wrong: the limit | expects: limit / log n - 1
import math


def best_of_n_kl(n):
    return math.log(n) - 1


# %% wrong: one over n | expects: not 1/n
import math


def best_of_n_kl(n):
    return math.log(n) - 1 / n


# %% wrong: added | expects: not added
import math


def best_of_n_kl(n):
    return math.log(n) + (n - 1) / n


# %% wrong: the root | expects: root
import math


def best_of_n_kl(n):
    return math.sqrt(math.log(n) - (n - 1) / n)


# %% wrong: no logarithm | expects: logarithm is missing
def best_of_n_kl(n):
    return (n - 1) / n


# %% wrong: the sign | expects: sign
import math


def best_of_n_kl(n):
    return (n - 1) / n - math.log(n)


# %% wrong: upside down | expects: not n/(n - 1) / n/(n + 1)
import math


def best_of_n_kl(n):
    return math.log(n) - n / (n + 1)


# %% wrong: whole numbers | expects: whole-number
import math


def best_of_n_kl(n):
    return math.log(n) - (n - 1) // n


# %% wrong: the limit for many | expects: exact / limit
import math


def best_of_n_kl(n):
    return math.log(n) - 1 if n > 1000 else math.log(n) - (n - 1) / n


# %% wrong: a table for few | expects: exact
import math


def best_of_n_kl(n):
    return {k: math.log(k) - (k - 1) / k for k in range(1, 2000)}[n]


# %% wrong: a text | expects: number
import math


def best_of_n_kl(n):
    return f"{math.log(n) - (n - 1) / n:.3f}"


# %% wrong: harmonic numbers | expects: log n - (n - 1)/n
def best_of_n_kl(n):
    return sum(1 / k for k in range(1, n + 1)) - 1 if n < 2000 else 0.0


# %% wrong: fails for one | expects: plain draw
import math


def best_of_n_kl(n):
    return math.log(n) - 1 / (1 + 1 / (n - 1))


# %% wrong: one is added to n | expects: not added: (n - 1)/n
import math


def best_of_n_kl(n):
    return math.log(n) - (n + 1) / n if n > 1 else 0.0


# %% wrong: printed instead of returned | expects: `return` missing
import math


def best_of_n_kl(n):
    divergence = math.log(n) - (n - 1) / n
    print(divergence)
