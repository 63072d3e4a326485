"""Answers to `expected_attempts` and `attempts_for`: right ones that must pass, wrong ones that must fail."""

# %% right: logarithms, rounded up
import math


def expected_attempts(p_valid):
    return 1 / p_valid


def attempts_for(p_valid, confidence):
    if p_valid == 1:
        return 1
    return math.ceil(math.log(1 - confidence) / math.log(1 - p_valid))


# %% right: counting up
def expected_attempts(p_valid: float) -> float:
    return 1.0 / p_valid


def attempts_for(p_valid: float, confidence: float) -> int:
    n = 1
    while 1 - (1 - p_valid) ** n < confidence:
        n += 1
    return n


# %% right: log1p, then a look at the neighbours
from math import floor, log1p


def expected_attempts(p_valid):
    return p_valid**-1


def attempts_for(p_valid, confidence):
    if p_valid >= 1:
        return 1
    guess = max(1, floor(log1p(-confidence) / log1p(-p_valid)) - 1)
    return next(n for n in range(guess, guess + 5) if 1 - (1 - p_valid) ** n >= confidence)


# %% right: numpy
import numpy as np


def expected_attempts(p_valid):
    return np.reciprocal(np.float64(p_valid))


def attempts_for(p_valid, confidence):
    with np.errstate(divide="ignore"):
        return max(1, int(np.ceil(np.log1p(-confidence) / np.log1p(-p_valid))))


# %% right: halving an interval
def expected_attempts(p_valid):
    return 1 / p_valid


def attempts_for(p_valid, confidence):
    def enough(n):
        return 1 - (1 - p_valid) ** n >= confidence

    high = 1
    while not enough(high):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


# %% right: the chance of no success, multiplied up
def expected_attempts(p_valid):
    return 1 / p_valid


def attempts_for(p_valid, confidence):
    none_valid, n = 1.0, 0
    while True:
        none_valid *= 1 - p_valid
        n += 1
        if none_valid <= 1 - confidence:
            return n


# %% wrong: rounded down | of: logarithms, rounded up | expects: round / down / floor
# -     return math.ceil(math.log(1 - confidence) / math.log(1 - p_valid))
# +     return max(1, math.floor(math.log(1 - confidence) / math.log(1 - p_valid)))


# %% wrong: rounded to the nearest | of: logarithms, rounded up | expects: round / nearest
# -     return math.ceil(math.log(1 - confidence) / math.log(1 - p_valid))
# +     return max(1, round(math.log(1 - confidence) / math.log(1 - p_valid)))


# %% wrong: one more than is needed where it fits exactly | of: logarithms, rounded up | expects: at least / exactly / more than
# -     return math.ceil(math.log(1 - confidence) / math.log(1 - p_valid))
# +     return int(math.log(1 - confidence) / math.log(1 - p_valid)) + 1


# %% wrong: strictly more than the confidence | expects: at least / exactly
def expected_attempts(p_valid):
    return 1 / p_valid


def attempts_for(p_valid, confidence):
    n = 1
    while 1 - (1 - p_valid) ** n <= confidence:
        n += 1
        if n > 10_000_000:
            break
    return n


# %% wrong: attempts add up linearly | expects: add / linear / confidence / p
import math


def expected_attempts(p_valid):
    return 1 / p_valid


def attempts_for(p_valid, confidence):
    return math.ceil(confidence / p_valid)


# %% wrong: all must be valid | of: logarithms, rounded up | expects: all / every / at least one
# -     return math.ceil(math.log(1 - confidence) / math.log(1 - p_valid))
# +     return math.ceil(math.log(1 - confidence) / math.log(p_valid))


# %% wrong: confidence times the expected number | expects: expected / add / linear
import math


def expected_attempts(p_valid):
    return 1 / p_valid


def attempts_for(p_valid, confidence):
    return math.ceil(confidence * expected_attempts(p_valid))


# %% wrong: the expected number is enough | expects: expected
import math


def expected_attempts(p_valid):
    return 1 / p_valid


def attempts_for(p_valid, confidence):
    return math.ceil(1 / p_valid)


# %% wrong: the failures before the first success | of: logarithms, rounded up | expects: fail / last / success
# -     return 1 / p_valid
# +     return (1 - p_valid) / p_valid


# %% wrong: one over the chance of failing | of: logarithms, rounded up | expects: invalid / fail / p_valid
# -     return 1 / p_valid
# +     return 1 / (1 - p_valid)


# %% wrong: the expectation is a whole number | of: logarithms, rounded up | expects: round / whole / average
# -     return 1 / p_valid
# +     return math.ceil(1 / p_valid)


# %% wrong: the median instead of the mean | of: logarithms, rounded up | expects: half / median / mean / average
# -     return 1 / p_valid
# +     return math.log(0.5) / math.log(1 - p_valid)


# %% wrong: a certain success divides by zero | expects: p_valid / 1 / certain / always
import math


def expected_attempts(p_valid):
    return 1 / p_valid


def attempts_for(p_valid, confidence):
    return math.ceil(math.log(1 - confidence) / math.log(1 - p_valid))


# %% wrong: confidence and its complement mixed up | of: logarithms, rounded up | expects: confidence
# -     return math.ceil(math.log(1 - confidence) / math.log(1 - p_valid))
# +     return math.ceil(math.log(confidence) / math.log(1 - p_valid))


# %% wrong: counts the retries, not the first attempt | expects: first / retr / one too few
import math


def expected_attempts(p_valid):
    return 1 / p_valid


def attempts_for(p_valid, confidence):
    if p_valid == 1:
        return 0
    return math.ceil(math.log(1 - confidence) / math.log(1 - p_valid)) - 1


# %% wrong: gives up after 100 | expects: many / small / more than
def expected_attempts(p_valid):
    return 1 / p_valid


def attempts_for(p_valid, confidence):
    for n in range(1, 101):
        if 1 - (1 - p_valid) ** n >= confidence:
            return n
    return 100


# %% wrong: not rounded | of: logarithms, rounded up | expects: whole / round
# -     return math.ceil(math.log(1 - confidence) / math.log(1 - p_valid))
# +     return math.log(1 - confidence) / math.log(1 - p_valid)


# %% wrong: integer division | expects: whole / round / average
def expected_attempts(p_valid):
    return 1 // p_valid


def attempts_for(p_valid, confidence):
    n = 1
    while 1 - (1 - p_valid) ** n < confidence:
        n += 1
    return n


# %% wrong: one attempt more, to be safe | expects: one too many / exactly
import math


def expected_attempts(p_valid):
    return 1 / p_valid


def attempts_for(p_valid, confidence):
    return 2 if p_valid == 1 else 1 + math.ceil(math.log1p(-confidence) / math.log1p(-p_valid))


# %% wrong: the probability instead of the mean | expects: p_valid itself
import math


def expected_attempts(p_valid):
    return p_valid


def attempts_for(p_valid, confidence):
    return 1 if p_valid == 1 else math.ceil(math.log1p(-confidence) / math.log1p(-p_valid))


# %% wrong: twice the mean | expects: 1 / p_valid
import math


def expected_attempts(p_valid):
    return 2 / p_valid


def attempts_for(p_valid, confidence):
    return 1 if p_valid == 1 else math.ceil(math.log1p(-confidence) / math.log1p(-p_valid))


# %% wrong: the mean number for any confidence | expects: expected number
import math


def expected_attempts(p_valid):
    return 1 / p_valid


def attempts_for(p_valid, confidence):
    return math.ceil(1 / p_valid)


# %% wrong: half of the attempts | expects: solve
import math


def expected_attempts(p_valid):
    return 1 / p_valid


def attempts_for(p_valid, confidence):
    return math.ceil(math.log1p(-confidence) / math.log1p(-p_valid) / 2) if p_valid < 1 else 1


# %% wrong: the logarithm of a negative number | expects: between 0 and 1
import math


def expected_attempts(p_valid):
    return 1 / p_valid


def attempts_for(p_valid, confidence):
    return math.ceil(math.log(-confidence) / math.log(p_valid))


# %% wrong: the logarithm of a negative number in the mean | expects: above 0
import math


def expected_attempts(p_valid):
    return math.log(-p_valid)


def attempts_for(p_valid, confidence):
    return 1 if p_valid == 1 else math.ceil(math.log1p(-confidence) / math.log1p(-p_valid))


# %% right: the sum of the series, and counting up
def expected_attempts(p_valid):
    total, term = 0.0, 1.0
    while term > 1e-18:
        total += term
        term *= 1 - p_valid
    return total


def attempts_for(p_valid, confidence):
    n, all_invalid = 0, 1.0
    while 1 - all_invalid < confidence:
        n += 1
        all_invalid = (1 - p_valid) ** n
    return n


# %% wrong: takes a hundredth off before it rounds up | of: logarithms, rounded up | expects: one too few
# -     return math.ceil(math.log(1 - confidence) / math.log(1 - p_valid))
# +     return max(1, math.ceil(math.log(1 - confidence) / math.log(1 - p_valid) - 0.01))


# %% wrong: one attempt for any sampler | expects: one attempt alone
def expected_attempts(p_valid):
    return 1 / p_valid


def attempts_for(p_valid, confidence):
    return 1


# %% wrong: the logarithm of p_valid | of: logarithms, rounded up | expects: you used p_valid where
# -     return math.ceil(math.log(1 - confidence) / math.log(1 - p_valid))
# +     return math.ceil(math.log(1 - confidence) / math.log(p_valid))


# %% wrong: at most ten thousand attempts | of: counting up | expects: many attempts are needed
# -     while 1 - (1 - p_valid) ** n < confidence:
# +     while 1 - (1 - p_valid) ** n < confidence and n < 10_000:


# %% wrong: ten thousand terms of the series | of: counting up | expects: no short sum
# -     return 1.0 / p_valid
# +     return sum(n * p_valid * (1 - p_valid) ** (n - 1) for n in range(1, 10_001))


# %% wrong: a floor under p_valid | of: counting up | expects: no bound
# -     return 1.0 / p_valid
# +     return 1.0 / max(p_valid, 0.01)


# %% wrong: two attempts at least | of: counting up | expects: the least number is asked for
# -     n = 1
# +     n = 2 if p_valid < 1 else 1
