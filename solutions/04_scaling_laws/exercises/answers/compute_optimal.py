"""Answers to `compute_optimal`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: Hoffmann's closed form
def compute_optimal(flops, law):
    g = (law.alpha * law.A / (law.beta * law.B)) ** (1 / (law.alpha + law.beta))
    a = law.beta / (law.alpha + law.beta)
    return g * (flops / 6) ** a, (flops / 6) ** (1 - a) / g


# %% right: a search by scipy
import math

from scipy.optimize import minimize_scalar


def compute_optimal(flops, law):
    def loss(x):
        n = math.exp(x)
        return law.A * n**-law.alpha + law.B * (flops / (6 * n)) ** -law.beta

    middle = math.log(flops / 6) / 2
    n = math.exp(
        minimize_scalar(
            loss, bounds=(middle - 30, middle + 30), method="bounded", options={"xatol": 1e-10}
        ).x
    )
    return n, flops / 6 / n


# %% right: a fine grid, as a list
import numpy as np


def compute_optimal(flops, law):
    n = np.exp(np.linspace(0, np.log(flops / 6), 400_001))
    loss = law.E + law.A / n**law.alpha + law.B / (flops / (6 * n)) ** law.beta
    best = float(n[loss.argmin()])
    return [best, flops / (6 * best)]


# %% right: the derivative halved to its root
import math


def compute_optimal(flops, law):
    low, high = 0.0, math.log(flops / 6)
    for _ in range(200):
        x = (low + high) / 2
        model = law.alpha * law.A * math.exp(-law.alpha * x)
        text = law.beta * law.B * math.exp(-law.beta * (math.log(flops / 6) - x))
        low, high = (x, high) if model > text else (low, x)
    return math.exp(low), flops / 6 / math.exp(low)


# %% wrong: twenty tokens per parameter | expects: 20 tokens
def compute_optimal(flops, law):
    n = (flops / 120) ** 0.5
    return n, 20 * n


# %% wrong: as many parameters as tokens | expects: equal parts
def compute_optimal(flops, law):
    n = (flops / 6) ** 0.5
    return n, n


# %% wrong: exponents swapped | expects: exponent
def compute_optimal(flops, law):
    g = (law.alpha * law.A / (law.beta * law.B)) ** (1 / (law.alpha + law.beta))
    a = law.alpha / (law.alpha + law.beta)
    return g * (flops / 6) ** a, (flops / 6) ** (1 - a) / g


# %% wrong: the two terms made equal | expects: slope / derivative
def compute_optimal(flops, law):
    g = (law.A / law.B) ** (1 / (law.alpha + law.beta))
    a = law.beta / (law.alpha + law.beta)
    return g * (flops / 6) ** a, (flops / 6) ** (1 - a) / g


# %% wrong: the six forgotten | expects: 6
def compute_optimal(flops, law):
    g = (law.alpha * law.A / (law.beta * law.B)) ** (1 / (law.alpha + law.beta))
    a = law.beta / (law.alpha + law.beta)
    return g * flops**a, flops ** (1 - a) / g


# %% wrong: tokens first | expects: order
def compute_optimal(flops, law):
    g = (law.alpha * law.A / (law.beta * law.B)) ** (1 / (law.alpha + law.beta))
    a = law.beta / (law.alpha + law.beta)
    return (flops / 6) ** (1 - a) / g, g * (flops / 6) ** a


# %% wrong: no factor in front | expects: A and B / factor
def compute_optimal(flops, law):
    a = law.beta / (law.alpha + law.beta)
    return (flops / 6) ** a, (flops / 6) ** (1 - a)


# %% wrong: only the parameters | expects: both / two
def compute_optimal(flops, law):
    g = (law.alpha * law.A / (law.beta * law.B)) ** (1 / (law.alpha + law.beta))
    return g * (flops / 6) ** (law.beta / (law.alpha + law.beta))


# %% wrong: the factor upside down | expects: upside down
def compute_optimal(flops, law):
    g = (law.beta * law.B / (law.alpha * law.A)) ** (1 / (law.alpha + law.beta))
    a = law.beta / (law.alpha + law.beta)
    return g * (flops / 6) ** a, (flops / 6) ** (1 - a) / g


# %% wrong: six times too many tokens | expects: 6 N D
def compute_optimal(flops, law):
    g = (law.alpha * law.A / (law.beta * law.B)) ** (1 / (law.alpha + law.beta))
    a = law.beta / (law.alpha + law.beta)
    return g * (flops / 6) ** a, flops / (g * (flops / 6) ** a)


# %% wrong: Chinchilla's law always | expects: law
def compute_optimal(flops, law):
    law = type("L", (), dict(A=406.4, B=410.7, alpha=0.34, beta=0.28))
    g = (law.alpha * law.A / (law.beta * law.B)) ** (1 / (law.alpha + law.beta))
    a = law.beta / (law.alpha + law.beta)
    return g * (flops / 6) ** a, (flops / 6) ** (1 - a) / g


# %% wrong: a coarse grid | expects: coarse
import numpy as np


def compute_optimal(flops, law):
    n = 10 ** np.arange(0, 14, 0.5)
    d = flops / (6 * n)
    best = float(n[(law.A / n**law.alpha + law.B / d**law.beta).argmin()])
    return best, flops / (6 * best)


# %% wrong: two operations instead of six | expects: 6 N D
def compute_optimal(flops, law):
    total = law.alpha + law.beta
    scale = (law.alpha * law.A / (law.beta * law.B)) ** (1 / total)
    n = scale * (flops / 2) ** (law.beta / total)
    return n, flops / (2 * n)


# %% wrong: kept by the budget alone | expects: earlier call
_kept = {}


def compute_optimal(flops, law):
    if flops not in _kept:
        total = law.alpha + law.beta
        balance = law.alpha * law.A / (law.beta * law.B)
        n = (balance * (flops / 6) ** law.beta) ** (1 / total)
        _kept[flops] = n, flops / (6 * n)
    return _kept[flops]


# %% right: bisection of the slope
import math


def compute_optimal(flops, law):
    low, high = 0.0, math.log(flops / 6)
    for _ in range(200):
        middle = (low + high) / 2
        n = math.exp(middle)
        d = flops / 6 / n
        if law.alpha * law.A / n**law.alpha > law.beta * law.B / d**law.beta:
            low = middle
        else:
            high = middle
    return [n, d]


# %% wrong: alpha and beta on the wrong side | expects: alpha stands with A
def compute_optimal(flops, law):
    total = law.alpha + law.beta
    n_params = (law.beta * law.A / (law.alpha * law.B)) ** (1 / total) * (flops / 6) ** (law.beta / total)
    return n_params, flops / (6 * n_params)


# %% wrong: the factor without its root | expects: exponent 1 / (alpha + beta)
def compute_optimal(flops, law):
    total = law.alpha + law.beta
    n_params = law.alpha * law.A / (law.beta * law.B) * (flops / 6) ** (law.beta / total)
    return n_params, flops / (6 * n_params)


# %% wrong: the law takes up its exponents | expects: in place
def compute_optimal(flops, law):
    law.A, law.B = law.alpha * law.A, law.beta * law.B
    n_params = (law.A / law.B * (flops / 6) ** law.beta) ** (1 / (law.alpha + law.beta))
    return n_params, flops / (6 * n_params)


# %% wrong: the six forgotten in the first size | expects: 6 is missing
def compute_optimal(flops, law):
    total = law.alpha + law.beta
    factor = (law.alpha * law.A / (law.beta * law.B)) ** (1 / total)
    n_params = factor * (flops) ** (law.beta / total)
    return n_params, flops / (6 * n_params)


# %% wrong: no parentheses around 6 N | expects: does not keep the budget
def compute_optimal(flops, law):
    total = law.alpha + law.beta
    factor = (law.alpha * law.A / (law.beta * law.B)) ** (1 / total)
    n_params = factor * (flops / 6) ** (law.beta / total)
    return n_params, flops / 6 * n_params


# %% wrong: alpha alone as the exponent | expects: at the optimum
def compute_optimal(flops, law):
    factor = (law.alpha * law.A / (law.beta * law.B)) ** (1 / (law.alpha + law.beta))
    n_params = factor * (flops / 6) ** law.alpha
    return n_params, flops / (6 * n_params)
