"""Answers to `predicted_loss`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: with negative powers
def predicted_loss(n_params, n_tokens, law):
    return law.E + law.A * n_params**-law.alpha + law.B * n_tokens**-law.beta


# %% right: through exponentials
import math


def predicted_loss(n_params, n_tokens, law):
    size = math.exp(math.log(law.A) - law.alpha * math.log(n_params))
    text = math.exp(math.log(law.B) - law.beta * math.log(n_tokens))
    return size + text + law.E


# %% right: numpy
import numpy as np


def predicted_loss(n_params, n_tokens, law):
    terms = [
        law.E,
        law.A / np.power(float(n_params), law.alpha),
        law.B / np.power(float(n_tokens), law.beta),
    ]
    return np.sum(terms)


# %% right: torch in double precision
import torch


def predicted_loss(n_params, n_tokens, law):
    n, d = torch.tensor([n_params, n_tokens], dtype=torch.float64)
    return float(law.E + law.A / n**law.alpha + law.B / d**law.beta)


# %% wrong: no irreducible loss | expects: E
def predicted_loss(n_params, n_tokens, law):
    return law.A / n_params**law.alpha + law.B / n_tokens**law.beta


# %% wrong: exponents swapped | expects: alpha
def predicted_loss(n_params, n_tokens, law):
    return law.E + law.A / n_params**law.beta + law.B / n_tokens**law.alpha


# %% wrong: factors swapped | expects: A belongs
def predicted_loss(n_params, n_tokens, law):
    return law.E + law.B / n_params**law.alpha + law.A / n_tokens**law.beta


# %% wrong: sizes swapped | expects: n_params
def predicted_loss(n_params, n_tokens, law):
    return law.E + law.A / n_tokens**law.alpha + law.B / n_params**law.beta


# %% wrong: growing with the model | expects: falls / divide
def predicted_loss(n_params, n_tokens, law):
    return law.E + law.A * n_params**law.alpha + law.B * n_tokens**law.beta


# %% wrong: the factor inside of the power | expects: outside
def predicted_loss(n_params, n_tokens, law):
    return law.E + (law.A / n_params) ** law.alpha + (law.B / n_tokens) ** law.beta


# %% wrong: a product of the terms | expects: added
def predicted_loss(n_params, n_tokens, law):
    return law.E + law.A / n_params**law.alpha * law.B / n_tokens**law.beta


# %% wrong: the terms subtracted | expects: subtract
def predicted_loss(n_params, n_tokens, law):
    return law.E - law.A / n_params**law.alpha - law.B / n_tokens**law.beta


# %% wrong: the model's term only | expects: tokens / text
def predicted_loss(n_params, n_tokens, law):
    return law.E + law.A / n_params**law.alpha


# %% wrong: the text's term only | expects: model
def predicted_loss(n_params, n_tokens, law):
    return law.E + law.B / n_tokens**law.beta


# %% wrong: Chinchilla's numbers | expects: law
def predicted_loss(n_params, n_tokens, law):
    return 1.69 + 406.4 / n_params**0.34 + 410.7 / n_tokens**0.28


# %% wrong: exponentials instead of powers | expects: power
import math


def predicted_loss(n_params, n_tokens, law):
    return (
        law.E
        + law.A * math.exp(-law.alpha * math.log10(n_params))
        + law.B * math.exp(-law.beta * math.log10(n_tokens))
    )


# %% wrong: in bits | expects: nats
import math


def predicted_loss(n_params, n_tokens, law):
    return (law.E + law.A / n_params**law.alpha + law.B / n_tokens**law.beta) / math.log(2)


# %% wrong: the logarithm of the loss | expects: logarithm
import math


def predicted_loss(n_params, n_tokens, law):
    return math.log(law.E + law.A / n_params**law.alpha + law.B / n_tokens**law.beta)


# %% wrong: the perplexity | expects: perplexity
import math


def predicted_loss(n_params, n_tokens, law):
    return math.exp(min(law.E + law.A / n_params**law.alpha + law.B / n_tokens**law.beta, 700))


# %% wrong: fractions of billions | expects: unit / billion
def predicted_loss(n_params, n_tokens, law):
    return law.E + law.A / (n_params / 1e9) ** law.alpha + law.B / (n_tokens / 1e9) ** law.beta


# %% wrong: one exponent for both | expects: beta
def predicted_loss(n_params, n_tokens, law):
    return law.E + law.A / n_params**law.alpha + law.B / n_tokens**law.alpha


# %% wrong: the terms joined as sides of a triangle | expects: three terms, added
def predicted_loss(n_params, n_tokens, law):
    size, text = law.A / n_params**law.alpha, law.B / n_tokens**law.beta
    return law.E + (size**2 + text**2) ** 0.5


# %% wrong: kept by n_params, n_tokens alone | expects: earlier call
_kept = {}


def predicted_loss(n_params, n_tokens, law):
    if (n_params, n_tokens) not in _kept:
        _kept[n_params, n_tokens] = law.E + law.A / n_params**law.alpha + law.B / n_tokens**law.beta
    return _kept[n_params, n_tokens]


# %% wrong: powers of the sizes kept whatever the exponents | expects: earlier call
_powers = {}


def predicted_loss(n_params, n_tokens, law):
    first = _powers.setdefault(("N", n_params), n_params**law.alpha)
    second = _powers.setdefault(("D", n_tokens), n_tokens**law.beta)
    return law.E + law.A / first + law.B / second


# %% wrong: rounded to two digits | expects: not round
def predicted_loss(n_params, n_tokens, law):
    return round(law.E + law.A / n_params**law.alpha + law.B / n_tokens**law.beta, 2)


# %% right: factors inside of the powers
def predicted_loss(n_params, n_tokens, law):
    model = (law.A ** (1 / law.alpha) / n_params) ** law.alpha
    return law.E + model + (law.B ** (1 / law.beta) / n_tokens) ** law.beta


# %% wrong: adds up in the law itself | expects: in place
def predicted_loss(n_params, n_tokens, law):
    law.E += law.A / n_params**law.alpha
    law.E += law.B / n_tokens**law.beta
    return law.E


# %% wrong: one term subtracted | expects: do not subtract
def predicted_loss(n_params, n_tokens, law):
    return law.E + law.A / n_params**law.alpha - law.B / n_tokens**law.beta


# %% wrong: n_params in both terms | expects: a number of its own
def predicted_loss(n_params, n_tokens, law):
    return law.E + law.A / n_params**law.alpha + law.B / n_params**law.beta


# %% wrong: no exponents | expects: exponents are missing
def predicted_loss(n_params, n_tokens, law):
    return law.E + law.A / n_params + law.B / n_tokens


# %% wrong: beta as a factor | expects: nearly 0
def predicted_loss(n_params, n_tokens, law):
    return law.E + law.A / n_params**law.alpha + law.B / (n_tokens * law.beta)
