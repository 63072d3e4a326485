"""Answers to `inference_optimal`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: a search over log N
import math

from scipy.optimize import minimize_scalar


def inference_optimal(target_loss, inference_tokens, law):
    if target_loss <= law.E:
        raise ValueError(f"target_loss {target_loss} is not above E = {law.E}")
    excess = target_loss - law.E
    low = math.log(law.A / excess) / law.alpha

    def tokens(x):
        left = excess - law.A * math.exp(-law.alpha * x)
        return (law.B / left) ** (1 / law.beta) if left > 0 else math.inf

    def cost(x):
        return x + math.log(6 * tokens(x) + 2 * inference_tokens) if tokens(x) < 1e300 else 1e9

    x = minimize_scalar(
        cost, bounds=(low + 1e-6, low + 30), method="bounded", options=dict(xatol=1e-11)
    ).x
    n, d = math.exp(x), tokens(x)
    return n, d


# %% right: the course's own, as a list
from utils.training.scaling_laws import inference_optimal as optimal


def inference_optimal(target_loss, inference_tokens, law):
    return list(optimal(target_loss, inference_tokens, law))


# %% right: a fine grid over the share of the excess
import numpy as np


def inference_optimal(target_loss, inference_tokens, law):
    excess = target_loss - law.E
    if not excess > 0:
        raise ValueError(f"target_loss must be above {law.E}, not {target_loss}")
    share = 1 / (1 + np.exp(-np.linspace(-30, 30, 600_001)))
    n = (law.A / (share * excess)) ** (1 / law.alpha)
    d = (law.B / ((1 - share) * excess)) ** (1 / law.beta)
    best = (np.log(n) + np.log(6 * d + 2 * inference_tokens)).argmin()
    return float(n[best]), float(d[best])


# %% right: golden section
import math


def inference_optimal(target_loss, inference_tokens, law):
    excess = target_loss - law.E
    if excess <= 0:
        raise ValueError("target_loss cannot be reached: " + str(target_loss))

    def sizes(u):
        share = 1 / (1 + math.exp(-u))
        return (law.A / (share * excess)) ** (1 / law.alpha), (law.B / ((1 - share) * excess)) ** (
            1 / law.beta
        )

    def cost(u):
        n, d = sizes(u)
        return math.log(n) + math.log(6 * d + 2 * inference_tokens)

    low, high, ratio = -25.0, 25.0, (math.sqrt(5) - 1) / 2
    for _ in range(120):
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, b) if cost(a) < cost(b) else (a, high)
    return sizes((low + high) / 2)


# %% wrong: inference left out | of: a search over log N | expects: served / inference
# -         return x + math.log(6 * tokens(x) + 2 * inference_tokens) if tokens(x) < 1e300 else 1e9
# +         return x + math.log(6 * tokens(x)) if tokens(x) < 1e300 else 1e9


# %% wrong: inference at the price of training | of: a search over log N | expects: 2 N
# -         return x + math.log(6 * tokens(x) + 2 * inference_tokens) if tokens(x) < 1e300 else 1e9
# +         return x + math.log(6 * tokens(x) + 6 * inference_tokens) if tokens(x) < 1e300 else 1e9


# %% wrong: inference tokens at one operation | of: a search over log N | expects: 2 N
# -         return x + math.log(6 * tokens(x) + 2 * inference_tokens) if tokens(x) < 1e300 else 1e9
# +         return x + math.log(6 * tokens(x) + inference_tokens) if tokens(x) < 1e300 else 1e9


# %% wrong: inference only | of: a search over log N | expects: training
# -         return x + math.log(6 * tokens(x) + 2 * inference_tokens) if tokens(x) < 1e300 else 1e9
# +         return (
# +             x + math.log(6 * tokens(x) * 1e-6 + 2 * inference_tokens + 1e-9)
# +             if tokens(x) < 1e300
# +             else 1e9
# +         )


# %% wrong: tokens first | of: a search over log N | expects: order
# -     return n, d
# +     return d, n


# %% wrong: tokens of training and inference together | of: a search over log N | expects: trained on
# -     return n, d
# +     return n, d + inference_tokens


# %% wrong: total operations | of: a search over log N | expects: both sizes / n_params, n_tokens
# -     return n, d
# +     return 6 * n * d + 2 * n * inference_tokens


# %% wrong: training at 2 N | of: a search over log N | expects: 6 N
# -         return x + math.log(6 * tokens(x) + 2 * inference_tokens) if tokens(x) < 1e300 else 1e9
# +         return x + math.log(2 * tokens(x) + 2 * inference_tokens) if tokens(x) < 1e300 else 1e9


# %% wrong: no check of the target | of: a search over log N | expects: E
# -         raise ValueError(f"target_loss {target_loss} is not above E = {law.E}")
# +         return 1e30, 1e30


# %% wrong: a target at E is let through | of: a search over log N | expects: E
# -     if target_loss <= law.E:
# -         raise ValueError(f"target_loss {target_loss} is not above E = {law.E}")
# +     if target_loss < law.E:
# +         raise ValueError("too low")
# +     if target_loss == law.E:
# +         return float("inf"), float("inf")


# %% wrong: twenty tokens per parameter | expects: 20 tokens
import math


def inference_optimal(target_loss, inference_tokens, law):
    if target_loss <= law.E:
        raise ValueError("too low")
    low, high = 0.0, 80.0
    for _ in range(200):
        x = (low + high) / 2
        loss = law.E + law.A * math.exp(-law.alpha * x) + law.B * (20 * math.exp(x)) ** -law.beta
        low, high = (x, high) if loss > target_loss else (low, x)
    return math.exp(x), 20 * math.exp(x)


# %% wrong: the terms share the excess equally | expects: target
def inference_optimal(target_loss, inference_tokens, law):
    if target_loss <= law.E:
        raise ValueError("too low")
    half = (target_loss - law.E) / 2
    return (law.A / half) ** (1 / law.alpha), (law.B / half) ** (1 / law.beta)


# %% wrong: E is forgotten | expects: reach
import math


def inference_optimal(target_loss, inference_tokens, law):
    if target_loss <= law.E:
        raise ValueError("too low")
    half = target_loss / 2
    return (law.A / half) ** (1 / law.alpha), (law.B / half) ** (1 / law.beta)


# %% wrong: targets near E are refused too | expects: every target above E
import math

from scipy.optimize import minimize_scalar


def inference_optimal(target_loss, inference_tokens, law):
    gap = target_loss - law.E
    if gap <= 0.2:
        raise ValueError(f"target_loss is {target_loss}, and E {law.E}")

    def at(share):
        n = (law.A / (share * gap)) ** (1 / law.alpha)
        return n, (law.B / ((1 - share) * gap)) ** (1 / law.beta)

    def cost(share):
        n, d = at(share)
        return math.log(n) + math.log(6 * d + 2 * inference_tokens)

    options = {"xatol": 1e-12}
    found = minimize_scalar(cost, bounds=(1e-9, 1 - 1e-9), method="bounded", options=options)
    return at(found.x)


# %% wrong: kept by the target alone | expects: earlier call
import math

from scipy.optimize import minimize_scalar

_kept = {}


def inference_optimal(target_loss, inference_tokens, law):
    if target_loss in _kept and target_loss > law.E:
        return _kept[target_loss]
    gap = target_loss - law.E
    if gap <= 0:
        raise ValueError(f"target_loss is {target_loss}, and E {law.E}")

    def at(share):
        n = (law.A / (share * gap)) ** (1 / law.alpha)
        return n, (law.B / ((1 - share) * gap)) ** (1 / law.beta)

    def cost(share):
        n, d = at(share)
        return math.log(n) + math.log(6 * d + 2 * inference_tokens)

    options = {"xatol": 1e-12}
    found = minimize_scalar(cost, bounds=(1e-9, 1 - 1e-9), method="bounded", options=options)
    _kept[target_loss] = at(found.x)
    return _kept[target_loss]


# %% right: both sizes at once under a constraint
import numpy as np
from scipy.optimize import minimize


def inference_optimal(target_loss, inference_tokens, law):
    gap = target_loss - law.E
    if gap <= 0:
        raise ValueError(f"target_loss is {target_loss}, and E {law.E}")

    def cost(x):
        return x[0] + np.log(6 * np.exp(x[1]) + 2 * inference_tokens)

    def excess(x):
        model, text = np.log(law.A) - law.alpha * x[0], np.log(law.B) - law.beta * x[1]
        return np.logaddexp(model, text) - np.log(gap)

    start = np.log(2 * np.array([law.A, law.B]) / gap) / [law.alpha, law.beta]
    constraints = [{"type": "eq", "fun": excess}]
    options = {"ftol": 1e-15, "maxiter": 1_000}
    return tuple(np.exp(minimize(cost, start, constraints=constraints, options=options).x))


# %% right: the root of the condition for the best share
import math

from scipy.optimize import brentq


def inference_optimal(target_loss, inference_tokens, law):
    excess = target_loss - law.E
    if not excess > 0:
        raise ValueError("the target cannot be reached")

    def sizes(share):
        n = (law.A / (share * excess)) ** (1 / law.alpha)
        return n, (law.B / ((1 - share) * excess)) ** (1 / law.beta)

    def slope(logit):
        """Of log N + log(6 D + 2 T) in the logit of the model's share."""
        share = 1 / (1 + math.exp(-logit))
        _, d = sizes(share)
        return -(1 - share) / law.alpha + share / law.beta * 6 * d / (6 * d + 2 * inference_tokens)

    logit = brentq(slope, -30, 30, xtol=1e-12)
    return sizes(1 / (1 + math.exp(-logit)))


# %% wrong: writes into the law | expects: in place
from scipy.optimize import brentq


def inference_optimal(target_loss, inference_tokens, law):
    if target_loss <= law.E:
        raise ValueError(f"target_loss must be above E = {law.E}, not {target_loss}")
    law.E = target_loss - law.E

    def sizes(share):
        n_params = (law.A / (share * law.E)) ** (1 / law.alpha)
        return n_params, (law.B / ((1 - share) * law.E)) ** (1 / law.beta)

    def slope(share):
        trained = 3 * sizes(share)[1]
        return trained / (trained + inference_tokens) / (law.beta * (1 - share)) - 1 / (law.alpha * share)

    return sizes(brentq(slope, 1e-9, 1 - 1e-9))


# %% wrong: the cost of the tokens without the size | expects: in proportion to N
import math

from scipy.optimize import minimize_scalar


def inference_optimal(target_loss, inference_tokens, law):
    excess = target_loss - law.E
    if excess <= 0:
        raise ValueError(f"target_loss must be above E = {law.E}, not {target_loss}")

    def sizes(logit):
        share = 1 / (1 + math.exp(-logit))
        n_params = (law.A / (share * excess)) ** (1 / law.alpha)
        return n_params, (law.B / ((1 - share) * excess)) ** (1 / law.beta)

    def cost(logit):
        return math.log(6 * sizes(logit)[1] + 2 * inference_tokens)

    found = minimize_scalar(cost, bounds=(-25, 25), method="bounded", options={"xatol": 1e-10})
    return sizes(found.x)


# %% wrong: activations computed again, 8 N for a token of training | of: the cost of the tokens without the size | expects: minimise 6 N D
# -         return math.log(6 * sizes(logit)[1] + 2 * inference_tokens)
# +         n_params, n_tokens = sizes(logit)
# +         return math.log(n_params) + math.log(8 * n_tokens + 2 * inference_tokens)
