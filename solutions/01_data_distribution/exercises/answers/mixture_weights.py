"""Answers to `mixture_weights`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: powers over their sum
def mixture_weights(sizes, alpha):
    powers = {name: size**alpha if size > 0 else 0.0 for name, size in sizes.items()}
    total = sum(powers.values())
    return {name: power / total for name, power in powers.items()}


# %% right: a softmax of alpha times the logarithms in numpy, numpy floats as values
import numpy as np


def mixture_weights(sizes, alpha):
    values = np.array(list(sizes.values()), dtype=np.float64)
    logits = np.full(len(values), -np.inf)
    filled = values > 0
    logits[filled] = alpha * np.log(values[filled])
    weights = np.exp(logits - logits.max())
    return dict(zip(sizes, weights / weights.sum()))


# %% right: a softmax in torch over the sources that are not empty
import math

import torch


def mixture_weights(sizes, alpha):
    filled = [name for name in sizes if sizes[name]]
    logs = torch.tensor([math.log(sizes[name]) for name in filled], dtype=torch.float64)
    weights = dict.fromkeys(sizes, 0.0)
    weights.update(zip(filled, torch.softmax(alpha * logs, dim=0).tolist()))
    return weights


# %% right: relative to the largest source, so that no power overflows
def mixture_weights(sizes, alpha):
    largest = max(sizes.values())
    result = {}
    for name in sorted(sizes):
        result[name] = (sizes[name] / largest) ** alpha if sizes[name] else 0
    total = sum(result.values())
    for name in result:
        result[name] /= total
    return result


# %% wrong: an empty source gets weight at alpha 0 | expects: empty / size 0 / 0**0 / non-empty
def mixture_weights(sizes, alpha):
    powers = {name: size**alpha for name, size in sizes.items()}
    total = sum(powers.values())
    return {name: power / total for name, power in powers.items()}


# %% wrong: not normalised | expects: sum to 1 / normalis / normaliz / divide
def mixture_weights(sizes, alpha):
    return {name: size**alpha if size > 0 else 0.0 for name, size in sizes.items()}


# %% wrong: the power of the shares, not normalised again | expects: sum to 1 / normalis / normaliz / again
def mixture_weights(sizes, alpha):
    total = sum(sizes.values())
    return {name: (size / total) ** alpha if size > 0 else 0.0 for name, size in sizes.items()}


# %% wrong: alpha as a factor, which cancels | expects: power / exponent / factor / multipl / cancel
def mixture_weights(sizes, alpha):
    if alpha == 0:
        filled = sum(size > 0 for size in sizes.values())
        return {name: 1 / filled if size > 0 else 0.0 for name, size in sizes.items()}
    scaled = {name: alpha * size for name, size in sizes.items()}
    total = sum(scaled.values())
    return {name: value / total for name, value in scaled.items()}


# %% wrong: alpha mixes natural and uniform weights | expects: power / exponent / interpolat / between / blend
def mixture_weights(sizes, alpha):
    total = sum(sizes.values())
    filled = sum(size > 0 for size in sizes.values())
    return {name: alpha * size / total + (1 - alpha) / filled if size > 0 else 0.0 for name, size in sizes.items()}


# %% wrong: 1 / alpha as exponent, as with a temperature | expects: 1/alpha / temperature / inverse / exponent
def mixture_weights(sizes, alpha):
    if alpha == 0:
        filled = sum(size > 0 for size in sizes.values())
        return {name: 1 / filled if size > 0 else 0.0 for name, size in sizes.items()}
    powers = {name: size ** (1 / alpha) if size > 0 else 0.0 for name, size in sizes.items()}
    total = sum(powers.values())
    return {name: power / total for name, power in powers.items()}


# %% wrong: 1 - alpha as exponent | expects: 1 - alpha / alpha 1 / natural / swapped / reversed / wrong way
def mixture_weights(sizes, alpha):
    powers = {name: size ** (1 - alpha) if size > 0 else 0.0 for name, size in sizes.items()}
    total = sum(powers.values())
    return {name: power / total for name, power in powers.items()}


# %% wrong: an empty source is left out | expects: empty / size 0 / listed
def mixture_weights(sizes, alpha):
    powers = {name: size**alpha for name, size in sizes.items() if size > 0}
    total = sum(powers.values())
    return {name: power / total for name, power in powers.items()}


# %% wrong: alpha is ignored | expects: alpha
def mixture_weights(sizes, alpha):
    total = sum(sizes.values())
    return {name: size / total for name, size in sizes.items()}


# %% wrong: softmax of alpha times the size | expects: softmax / exponential / exp( / power
import math


def mixture_weights(sizes, alpha):
    largest = max(sizes.values())
    powers = {name: math.exp(alpha * (size - largest)) if size > 0 else 0.0 for name, size in sizes.items()}
    total = sum(powers.values())
    return {name: power / total for name, power in powers.items()}


# %% wrong: percent | expects: percent / sum to 1
def mixture_weights(sizes, alpha):
    powers = {name: size**alpha if size > 0 else 0.0 for name, size in sizes.items()}
    total = sum(powers.values())
    return {name: 100 * power / total for name, power in powers.items()}


# %% wrong: every size gets one more, so that none is empty | expects: empty / size 0 / smooth / one more / + 1
def mixture_weights(sizes, alpha):
    powers = {name: (size + 1) ** alpha for name, size in sizes.items()}
    total = sum(powers.values())
    return {name: power / total for name, power in powers.items()}


# %% wrong: over the sum of the sizes | expects: sum to 1 / normalis / normaliz / sum of the powers
def mixture_weights(sizes, alpha):
    total = sum(sizes.values())
    return {name: size**alpha / total if size > 0 else 0.0 for name, size in sizes.items()}


# %% wrong: over the largest | expects: sum to 1 / normalis / normaliz / largest
def mixture_weights(sizes, alpha):
    powers = {name: size**alpha if size > 0 else 0.0 for name, size in sizes.items()}
    largest = max(powers.values())
    return {name: power / largest for name, power in powers.items()}


# %% wrong: empty sources are removed from the input | expects: in place / modified
def mixture_weights(sizes, alpha):
    weights = dict.fromkeys(sizes, 0.0)
    for name in list(sizes):
        if sizes[name] == 0:
            del sizes[name]
    total = sum(size**alpha for size in sizes.values())
    for name, size in sizes.items():
        weights[name] = size**alpha / total
    return weights


# %% wrong: rounded | expects: round
def mixture_weights(sizes, alpha):
    powers = {name: size**alpha if size > 0 else 0.0 for name, size in sizes.items()}
    total = sum(powers.values())
    return {name: round(power / total, 2) for name, power in powers.items()}


# %% right: a numpy array and where
import numpy as np


def mixture_weights(sizes, alpha):
    values = np.array(list(sizes.values()), dtype=np.float64)
    powers = np.where(values > 0, values**alpha, 0.0)
    return dict(zip(sizes, powers / powers.sum()))


# %% wrong: a negative exponent | expects: sign
def mixture_weights(sizes, alpha):
    powers = {key: size**-alpha if size else 0.0 for key, size in sizes.items()}
    total = sum(powers.values())
    return {key: power / total for key, power in powers.items()}


# %% wrong: always uniform | expects: uniform
def mixture_weights(sizes, alpha):
    n_full = sum(size > 0 for size in sizes.values())
    return {key: 1 / n_full if size else 0.0 for key, size in sizes.items()}


# %% wrong: the uniform share counts empty sources | expects: non-empty
def mixture_weights(sizes, alpha):
    if alpha == 0:
        return {key: 1 / len(sizes) if size else 0.0 for key, size in sizes.items()}
    total = sum(size**alpha for size in sizes.values())
    return {key: size**alpha / total for key, size in sizes.items()}


# %% wrong: the logarithm of an empty size | expects: size of 0 is allowed
import math


def mixture_weights(sizes, alpha):
    powers = {key: math.exp(alpha * math.log(size)) for key, size in sizes.items()}
    total = sum(powers.values())
    return {key: power / total for key, power in powers.items()}


# %% wrong: alpha 0 is replaced by 1 | expects: falsy
def mixture_weights(sizes, alpha):
    alpha = alpha or 1
    total = sum(size**alpha for size in sizes.values())
    return {key: size**alpha / total for key, size in sizes.items()}


# %% wrong: logarithms in place of powers | expects: power of alpha
import math


def mixture_weights(sizes, alpha):
    logs = {key: math.log1p(size) for key, size in sizes.items()}
    total = sum(logs.values())
    return {key: value / total for key, value in logs.items()}


# %% right: torch in double precision, empty sources kept out by a mask
import torch


def mixture_weights(sizes, alpha):
    held = torch.tensor(list(sizes.values()), dtype=torch.float64)
    powers = torch.where(held > 0, held.pow(alpha), torch.zeros_like(held))
    return dict(zip(sizes, torch.nn.functional.normalize(powers, p=1, dim=0).tolist()))


# %% wrong: empty sources get nothing at alpha 0 only | expects: empty / size of 0 / 0 ** 0
def mixture_weights(sizes, alpha):
    powers = {source: (size or 1) ** alpha if alpha else float(size > 0) for source, size in sizes.items()}
    return {source: power / sum(powers.values()) for source, power in powers.items()}


# %% wrong: a small number is added to the sum | expects: any unit
def mixture_weights(sizes, alpha):
    powers = {k: v**alpha if v else 0.0 for k, v in sizes.items()}
    total = sum(powers.values()) + 1e-6
    return {k: p / total for k, p in powers.items()}


# %% wrong: the sum kept by names and alpha | expects: earlier call is used again
_totals = {}


def mixture_weights(sizes, alpha):
    powers = {k: v**alpha if v else 0.0 for k, v in sizes.items()}
    total = _totals.setdefault((tuple(sizes), alpha), sum(powers.values()))
    return {k: p / total for k, p in powers.items()}


# %% wrong: a size of 1 is taken for empty, as its logarithm is 0 | expects: size of 1 / size 1
import math


def mixture_weights(sizes, alpha):
    logs = {k: math.log(v) if v else 0 for k, v in sizes.items()}
    powers = {k: math.exp(alpha * logs[k]) if logs[k] else 0.0 for k, v in sizes.items()}
    total = sum(powers.values())
    return {k: p / total for k, p in powers.items()}


# %% wrong: sorted names meet weights in another order | expects: stand at other sources
def mixture_weights(sizes, alpha):
    powers = {k: v**alpha if v else 0.0 for k, v in sizes.items()}
    total = sum(powers.values())
    return dict(zip(sorted(sizes), (p / total for p in powers.values())))
