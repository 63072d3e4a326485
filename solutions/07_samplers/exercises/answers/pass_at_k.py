"""Answers to `pass_at_k`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: whole numbers
import math


def pass_at_k(n, correct, k):
    return 1 - math.comb(n - correct, k) / math.comb(n, k)


# %% right: a product of factors
import numpy as np


def pass_at_k(n, correct, k):
    if n - correct < k:
        return 1.0
    return float(1.0 - np.prod(1.0 - k / np.arange(n - correct + 1, n + 1)))


# %% right: log-gamma
from math import exp, lgamma


def pass_at_k(n, correct, k):
    wrong = n - correct
    if k > wrong:
        return 1.0
    logarithm = lgamma(wrong + 1) - lgamma(wrong - k + 1) - lgamma(n + 1) + lgamma(n - k + 1)
    return 1.0 - exp(logarithm)


# %% right: draw after draw
def pass_at_k(n, correct, k):
    none_so_far = 1.0
    for drawn in range(k):
        none_so_far *= max(n - correct - drawn, 0) / (n - drawn)
    return 1.0 - none_so_far


# %% right: fractions
from fractions import Fraction
from math import comb


def pass_at_k(n, correct, k):
    return float(1 - Fraction(comb(n - correct, k), comb(n, k)))


# %% right: scipy's hypergeometric distribution
from scipy.stats import hypergeom


def pass_at_k(n, correct, k):
    return float(hypergeom.sf(0, n, correct, k))


# %% right: torch in float64
import torch


def pass_at_k(n, correct, k):
    drawn = torch.arange(k, dtype=torch.float64)
    return (1 - ((n - correct - drawn).clamp_min(0) / (n - drawn)).prod()).item()


# %% right: the product without a guard: one of its factors is 0 where one is needed
import numpy as np


def pass_at_k(n, correct, k):
    return float(1.0 - np.prod(1.0 - k / np.arange(n - correct + 1, n + 1)))


# %% wrong: as if drawn with replacement | expects: replacement / biased
def pass_at_k(n, correct, k):
    return 1 - (1 - correct / n) ** k


# %% wrong: the share of right answers | expects: share / k
def pass_at_k(n, correct, k):
    return correct / n


# %% wrong: k times the share | expects: k times / times the share
def pass_at_k(n, correct, k):
    return min(1.0, k * correct / n)


# %% wrong: the probability that none is right | expects: complement / none is right / 1 minus
import math


def pass_at_k(n, correct, k):
    return math.comb(n - correct, k) / math.comb(n, k)


# %% wrong: all k are right | expects: all k / at least one
import math


def pass_at_k(n, correct, k):
    return math.comb(correct, k) / math.comb(n, k)


# %% wrong: exactly one is right | expects: exactly one / at least one
import math


def pass_at_k(n, correct, k):
    return correct * math.comb(n - correct, k - 1) / math.comb(n, k)


# %% wrong: binomials as floats | expects: overflow / NaN / 10,000
import scipy.special


def pass_at_k(n, correct, k):
    return float(1 - scipy.special.comb(n - correct, k) / scipy.special.comb(n, k))


# %% wrong: factorials as floats | expects: overflow / raised / 10,000
import math


def pass_at_k(n, correct, k):
    def choose(a, b):
        if b > a:
            return 0.0
        return float(math.factorial(a)) / (float(math.factorial(b)) * float(math.factorial(a - b)))

    return 1 - choose(n - correct, k) / choose(n, k)


# %% wrong: math.comb made floats before the division | expects: overflow / raised / 10,000
import math


def pass_at_k(n, correct, k):
    return 1 - float(math.comb(n - correct, k)) / float(math.comb(n, k))


# %% wrong: log-gamma of a negative number | expects: fewer / raised
from math import exp, lgamma


def pass_at_k(n, correct, k):
    wrong = n - correct
    return 1.0 - exp(lgamma(wrong + 1) - lgamma(wrong - k + 1) - lgamma(n + 1) + lgamma(n - k + 1))


# %% wrong: fewer wrong answers than k gives 0 | expects: fewer
import math


def pass_at_k(n, correct, k):
    if n - correct < k:
        return 0.0
    return 1 - math.comb(n - correct, k) / math.comb(n, k)


# %% wrong: fewer or as many wrong ones as k gives 1 | expects: exactly k / as many
import math


def pass_at_k(n, correct, k):
    if n - correct <= k:
        return 1.0
    return 1 - math.comb(n - correct, k) / math.comb(n, k)


# %% wrong: wrong and right mixed up | expects: wrong ones / mixed / correct
import math


def pass_at_k(n, correct, k):
    return 1 - math.comb(correct, k) / math.comb(n, k)


# %% wrong: the product starts one too early | expects: factor / product / off by one / value
import numpy as np


def pass_at_k(n, correct, k):
    if n - correct < k:
        return 1.0
    return float(1.0 - np.prod(1.0 - k / np.arange(n - correct, n)))


# %% wrong: percent | expects: percent
import math


def pass_at_k(n, correct, k):
    return 100 * (1 - math.comb(n - correct, k) / math.comb(n, k))


# %% wrong: a simulation | expects: exact / simulat / estimate
import random


def pass_at_k(n, correct, k):
    rng = random.Random(0)
    pool = range(n)
    hits = sum(any(one < correct for one in rng.sample(pool, k)) for _ in range(300))
    return hits / 300


# %% wrong: 1 whenever any is right | expects: any / k
def pass_at_k(n, correct, k):
    return 1.0 if correct else 0.0


# %% wrong: Laplace's smoothing | expects: share / value / replacement / smooth
def pass_at_k(n, correct, k):
    return 1 - (1 - (correct + 1) / (n + 2)) ** k


# %% right: exact fractions
from fractions import Fraction
from math import comb


def pass_at_k(n, correct, k):
    return float(1 - Fraction(comb(n - correct, k), comb(n, k)))


# %% right: numpy's product, as in the paper
import numpy as np


def pass_at_k(n, correct, k):
    if n - correct < k:
        return 1.0
    return float(1.0 - np.prod(1.0 - k / np.arange(n - correct + 1, n + 1)))


# %% wrong: the last factor is missing | expects: off by one / all k
import numpy as np


def pass_at_k(n, correct, k):
    if n - correct < k:
        return 1.0
    return float(1.0 - np.prod(1.0 - k / np.arange(n - correct + 1, n)))


# %% wrong: nothing right is one half | expects: none of k
from math import comb


def pass_at_k(n, correct, k):
    return 1 - comb(n - correct, k) / comb(n, k) if correct else 0.5


# %% wrong: percent, in whole numbers | expects: percent
from math import comb


def pass_at_k(n, correct, k):
    return 100 * (comb(n, k) - comb(n - correct, k)) / comb(n, k)


# %% right: the right ones all lie outside of the k
def pass_at_k(n, correct, k):
    missed = 1.0
    for placed in range(correct):
        missed *= max(0, n - k - placed) / (n - placed)
    return 1 - missed


# %% wrong: one draw too few | expects: off by one
def pass_at_k(n, correct, k):
    missed = 1.0
    for drawn in range(k - 1):
        missed *= max(0, n - correct - drawn) / (n - drawn)
    return 1 - missed


# %% wrong: one draw too many | expects: off by one
def pass_at_k(n, correct, k):
    missed = 1.0
    for drawn in range(k + 1):
        if drawn < n:
            missed *= max(0, n - correct - drawn) / (n - drawn)
    return 1 - missed


# %% wrong: all of them are there for each draw | expects: takes one answer away
def pass_at_k(n, correct, k):
    missed = 1.0
    for drawn in range(k):
        missed *= max(0, n - correct - drawn) / n
    return 1 - missed
