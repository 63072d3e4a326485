"""Answers to `transfer_learning_rate`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: over the ratio of the widths
def transfer_learning_rate(base_rate, base_width, width):
    return base_rate / (width / base_width)


# %% right: the product is kept
def transfer_learning_rate(base_rate, base_width, width):
    kept = base_rate * base_width
    return kept / width


# %% right: through logarithms
import math


def transfer_learning_rate(base_rate, base_width, width):
    return math.exp(math.log(base_rate) - math.log(width) + math.log(base_width))


# %% right: numpy
import numpy as np


def transfer_learning_rate(base_rate, base_width, width):
    return np.float64(base_rate) * (base_width / width)


# %% wrong: the wider the larger | expects: smaller / upside down
def transfer_learning_rate(base_rate, base_width, width):
    return base_rate * width / base_width


# %% wrong: unchanged | expects: same rate / standard
def transfer_learning_rate(base_rate, base_width, width):
    return base_rate


# %% wrong: by the root of the width | expects: root
def transfer_learning_rate(base_rate, base_width, width):
    return base_rate * (base_width / width) ** 0.5


# %% wrong: by the square of the width | expects: square
def transfer_learning_rate(base_rate, base_width, width):
    return base_rate * (base_width / width) ** 2


# %% wrong: only the factor | expects: base_rate
def transfer_learning_rate(base_rate, base_width, width):
    return base_width / width


# %% wrong: the width alone | expects: base_width
def transfer_learning_rate(base_rate, base_width, width):
    return base_rate / width


# %% wrong: the rate of a small model is a limit | expects: narrower
def transfer_learning_rate(base_rate, base_width, width):
    return min(base_rate, base_rate * base_width / width)


# %% wrong: whole ratios | expects: whole
def transfer_learning_rate(base_rate, base_width, width):
    return base_rate / max(width // base_width, 1)


# %% wrong: by the difference of the widths | expects: ratio
def transfer_learning_rate(base_rate, base_width, width):
    return base_rate / (1 + abs(width - base_width))


# %% wrong: by powers of two | expects: ratio
import math


def transfer_learning_rate(base_rate, base_width, width):
    return (
        base_rate / (1 + math.log2(width / base_width))
        if width >= base_width
        else base_rate * (1 + math.log2(base_width / width))
    )


# %% wrong: rounded | expects: round
def transfer_learning_rate(base_rate, base_width, width):
    return round(base_rate * base_width / width, 4)


# %% wrong: a power of one and a half | expects: product
def transfer_learning_rate(base_rate, base_width, width):
    return base_rate * (base_width / width) ** 1.5


# %% wrong: whole multiples both ways | expects: whole
def transfer_learning_rate(base_rate, base_width, width):
    if width >= base_width:
        return base_rate / (width // base_width)
    return base_rate * (base_width // width)


# %% wrong: kept by base_width, width alone | expects: earlier call
_kept = {}


def transfer_learning_rate(base_rate, base_width, width):
    if (base_width, width) not in _kept:
        _kept[base_width, width] = base_rate * base_width / width
    return _kept[base_width, width]


# %% wrong: by the number of parameters, a power of the ratio | expects: no power
def transfer_learning_rate(base_rate, base_width, width):
    return base_rate * (base_width**2 / width**2) ** 0.34


# %% wrong: rounded to six digits | expects: do not round
def transfer_learning_rate(base_rate, base_width, width):
    return round(base_rate * base_width / width, 6)
