"""Answers to `exhaustion_year`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: growth of the ratio
import math


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    ratio = used_growth / stock_growth
    if ratio <= 1:
        return math.inf
    return start_year + math.log(stock / used, ratio)


# %% right: difference of logarithms, numpy
import numpy as np


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    gain = np.log(used_growth) - np.log(stock_growth)
    if gain <= 0:
        return float("inf")
    return start_year + (np.log(stock) - np.log(used)) / gain


# %% right: by halving
import math


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    if used_growth <= stock_growth:
        return math.inf

    def left(years):
        return math.log(stock / used) + years * (math.log(stock_growth) - math.log(used_growth))

    low, high = 0.0, 1.0
    while left(high) > 0:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if left(middle) > 0 else (low, middle)
    return start_year + high


# %% wrong: years from now | expects: start_year
import math


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    if used_growth <= stock_growth:
        return math.inf
    return math.log(stock / used) / math.log(used_growth / stock_growth)


# %% wrong: the stock stands still | expects: stock grows
import math


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    if used_growth <= stock_growth:
        return math.inf
    return (
        start_year + math.log(stock / used) / math.log(used_growth)
        if used_growth > 1
        else start_year + 1.0
    )


# %% wrong: linear growth | expects: compound / every year
import math


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    gain = used * (used_growth - 1) - stock * (stock_growth - 1)
    if used_growth <= stock_growth:
        return math.inf
    return start_year + (stock - used) / gain if gain > 0 else math.inf


# %% wrong: factors taken for shares | expects: factor
import math


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    if used_growth <= stock_growth:
        return math.inf
    return start_year + math.log(stock / used) / math.log((1 + used_growth) / (1 + stock_growth))


# %% wrong: whole years | expects: part of a year / round
import math


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    if used_growth <= stock_growth:
        return math.inf
    return start_year + math.ceil(math.log(stock / used) / math.log(used_growth / stock_growth))


# %% wrong: year by year | expects: part of a year / round
import math


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    if used_growth <= stock_growth:
        return math.inf
    year = start_year
    while used < stock:
        stock, used, year = stock * stock_growth, used * used_growth, year + 1
    return year


# %% wrong: never is not seen | expects: never / inf
import math


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    return start_year + math.log(stock / used) / math.log(used_growth / stock_growth)


# %% wrong: equal growth ends somewhere | expects: equal / same
import math


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    if used_growth < stock_growth:
        return math.inf
    return start_year + math.log(stock / used) / math.log(used_growth / stock_growth)


# %% wrong: never is None | expects: inf
import math


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    if used_growth <= stock_growth:
        return None
    return start_year + math.log(stock / used) / math.log(used_growth / stock_growth)


# %% wrong: never is -1 | expects: inf
import math


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    if used_growth <= stock_growth:
        return -1
    return start_year + math.log(stock / used) / math.log(used_growth / stock_growth)


# %% wrong: only a growing use overtakes | expects: shrink
import math


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    if used_growth <= stock_growth or used_growth <= 1:
        return math.inf
    return start_year + math.log(stock / used) / math.log(used_growth / stock_growth)


# %% wrong: growths added | expects: divid / ratio
import math


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    if used_growth <= stock_growth:
        return math.inf
    return start_year + math.log(stock / used) / math.log(1 + used_growth - stock_growth)


# %% wrong: upside down | expects: stock / used
import math


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    if used_growth <= stock_growth:
        return math.inf
    return start_year + math.log(used / stock) / math.log(used_growth / stock_growth)


# %% wrong: what is left over what is used a year | expects: grow
import math


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    if used_growth <= stock_growth:
        return math.inf
    return start_year + stock / used


# %% wrong: two bases of logarithms | expects: two bases
import math


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    if used_growth <= stock_growth:
        return math.inf
    return start_year + math.log2(stock / used) / math.log(used_growth / stock_growth)


# %% wrong: kept by stock and use alone | expects: earlier call
import math

_kept = {}


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    if used_growth <= stock_growth:
        return math.inf
    if (stock, used) not in _kept:
        years = math.log(stock / used) / math.log(used_growth / stock_growth)
        _kept[stock, used] = start_year + years
    return _kept[stock, used]


# %% wrong: looked for in the next 1,000 years only | expects: centuries
import math


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    for year in range(1_000):
        if used * used_growth**year >= stock * stock_growth**year:
            years = math.log(stock / used) / math.log(used_growth / stock_growth)
            return start_year + years
    return math.inf


# %% wrong: what lies after 2100 never comes | expects: centuries
import math


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    if used_growth <= stock_growth:
        return math.inf
    year = start_year + math.log(stock / used) / math.log(used_growth / stock_growth)
    return year if year < 2100 else math.inf


# %% right: bisection of the difference of logarithms
import math


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    faster = math.log(used_growth) - math.log(stock_growth)
    if faster <= 0:
        return math.inf
    low, high = 0.0, 1.0
    while high * faster < math.log(stock / used):
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if middle * faster < math.log(stock / used) else (low, middle)
    return start_year + high


# %% right: single precision
import torch


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    if used_growth <= stock_growth:
        return float("inf")
    ratio, growth = torch.tensor([stock / used, used_growth / stock_growth])
    return float(start_year + ratio.log() / growth.log())


# %% wrong: None for never | expects: return math.inf
import math


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    if used_growth <= stock_growth:
        return None
    return start_year + math.log(stock / used) / math.log(used_growth / stock_growth)


# %% wrong: month by month | expects: a part of a year
import math


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    if used_growth <= stock_growth:
        return math.inf
    months = 0
    while used * used_growth ** (months / 12) < stock * stock_growth ** (months / 12):
        months += 1
    return start_year + months / 12


# %% wrong: the test for never the wrong way round | expects: does overtake
import math


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    if used_growth >= stock_growth:
        return math.inf
    return start_year + math.log(stock / used) / math.log(used_growth / stock_growth)


# %% wrong: the division upside down | expects: stands above
import math


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    if used_growth <= stock_growth:
        return math.inf
    return start_year + math.log(used_growth / stock_growth) / math.log(stock / used)


# %% wrong: no logarithm of the growth | expects: logarithm of both
import math


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    if used_growth <= stock_growth:
        return math.inf
    return start_year + math.log(stock / used) / (used_growth / stock_growth)


# %% wrong: the stock doubles first | expects: solve
import math


def exhaustion_year(stock, used, stock_growth, used_growth, start_year):
    if used_growth <= stock_growth:
        return math.inf
    return start_year + math.log(2 * stock / used) / math.log(used_growth / stock_growth)


# %% wrong: rounded to tenths | of: growth of the ratio | expects: do not round
# -     return start_year + math.log(stock / used, ratio)
# +     return round(start_year + math.log(stock / used, ratio), 1)


# %% wrong: the start without its part of a year | of: growth of the ratio | expects: keep its part
# -     return start_year + math.log(stock / used, ratio)
# +     return int(start_year) + math.log(stock / used, ratio)
