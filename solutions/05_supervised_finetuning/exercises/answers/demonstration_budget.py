"""Answers to `demonstration_budget`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: two products
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = n_pairs * dollars_per_pair
    hours = n_pairs * minutes_per_pair / 60
    return dollars, hours


# %% right: a list, minutes first
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    minutes = n_pairs * minutes_per_pair
    return [float(dollars_per_pair) * n_pairs, minutes / 60.0]


# %% right: hours of one pair first
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    each = minutes_per_pair / 60
    return (n_pairs * dollars_per_pair, n_pairs * each)


# %% right: an array
import numpy as np


def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    return np.array([dollars_per_pair, minutes_per_pair / 60]) * n_pairs


# %% right: a named tuple, negative numbers refused
from collections import namedtuple

Budget = namedtuple("Budget", "dollars hours")


def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    if min(n_pairs, dollars_per_pair, minutes_per_pair) < 0:
        raise ValueError("n_pairs and the others must not be negative")
    return Budget(n_pairs * dollars_per_pair, n_pairs * minutes_per_pair / 60)


# %% wrong: the order | expects: order is
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = n_pairs * dollars_per_pair
    hours = n_pairs * minutes_per_pair / 60
    return hours, dollars


# %% wrong: minutes | expects: these are minutes
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = n_pairs * dollars_per_pair
    hours = n_pairs * minutes_per_pair
    return dollars, hours


# %% wrong: days | expects: days
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = n_pairs * dollars_per_pair
    hours = n_pairs * minutes_per_pair / 60 / 24
    return dollars, hours


# %% wrong: days of eight hours | expects: days
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = n_pairs * dollars_per_pair
    hours = n_pairs * minutes_per_pair / 60 / 8
    return dollars, hours


# %% wrong: times 60 | expects: 60 where a division
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = n_pairs * dollars_per_pair
    hours = n_pairs * minutes_per_pair * 60
    return dollars, hours


# %% wrong: over 3600 | expects: 3600
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = n_pairs * dollars_per_pair
    hours = n_pairs * minutes_per_pair / 60 / 60
    return dollars, hours


# %% wrong: over 100 | expects: Divided by 100
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = n_pairs * dollars_per_pair
    hours = n_pairs * minutes_per_pair / 100
    return dollars, hours


# %% wrong: cents | expects: Divided by 100
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = n_pairs * dollars_per_pair * 100
    hours = n_pairs * minutes_per_pair / 60
    return dollars, hours


# %% wrong: hours of one pair | expects: those of one pair
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = n_pairs * dollars_per_pair
    hours = minutes_per_pair / 60
    return dollars, hours


# %% wrong: dollars of one pair | expects: those of one pair
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = dollars_per_pair
    hours = n_pairs * minutes_per_pair / 60
    return dollars, hours


# %% wrong: a price per hour | expects: per hour
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = n_pairs * minutes_per_pair / 60 * dollars_per_pair
    hours = n_pairs * minutes_per_pair / 60
    return dollars, hours


# %% wrong: a price per minute | expects: per minute
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = n_pairs * minutes_per_pair * dollars_per_pair
    hours = n_pairs * minutes_per_pair / 60
    return dollars, hours


# %% wrong: price and time swapped | expects: swapped
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = n_pairs * minutes_per_pair
    hours = n_pairs * dollars_per_pair / 60
    return dollars, hours


# %% wrong: whole hours | expects: Cut or rounded
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = n_pairs * dollars_per_pair
    hours = n_pairs * minutes_per_pair // 60
    return dollars, hours


# %% wrong: hours rounded | expects: Cut or rounded
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = n_pairs * dollars_per_pair
    hours = round(n_pairs * minutes_per_pair / 60)
    return dollars, hours


# %% wrong: hours rounded up | expects: Cut or rounded
import math


def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = n_pairs * dollars_per_pair
    hours = math.ceil(n_pairs * minutes_per_pair / 60)
    return dollars, hours


# %% wrong: whole dollars | expects: Cut or rounded
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = n_pairs * dollars_per_pair // 1
    hours = n_pairs * minutes_per_pair / 60
    return dollars, hours


# %% wrong: both rounded | expects: Cut or rounded
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = round(n_pairs * dollars_per_pair)
    hours = round(n_pairs * minutes_per_pair / 60)
    return dollars, hours


# %% wrong: thousands | expects: thousands
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = n_pairs * dollars_per_pair / 1000
    hours = n_pairs * minutes_per_pair / 60
    return dollars, hours


# %% wrong: added | expects: added
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = n_pairs + dollars_per_pair
    hours = n_pairs * minutes_per_pair / 60
    return dollars, hours


# %% wrong: one pair more | expects: pairs x dollars
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = (n_pairs + 1) * dollars_per_pair
    hours = (n_pairs + 1) * minutes_per_pair / 60
    return dollars, hours


# %% wrong: a discount for many | expects: discount
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = n_pairs * dollars_per_pair * (0.9 if n_pairs > 100 else 1)
    hours = n_pairs * minutes_per_pair / 60
    return dollars, hours


# %% wrong: a dict | expects: two numbers
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = n_pairs * dollars_per_pair
    hours = n_pairs * minutes_per_pair / 60
    return {"dollars": dollars, "hours": hours}


# %% wrong: dollars alone | expects: two numbers
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = n_pairs * dollars_per_pair
    return dollars


# %% wrong: a text | expects: two numbers
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = n_pairs * dollars_per_pair
    hours = n_pairs * minutes_per_pair / 60
    return f"${dollars} and {hours} hours"


# %% wrong: prices cut to whole dollars | expects: whole numbers
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = n_pairs * int(dollars_per_pair)
    hours = n_pairs * minutes_per_pair / 60
    return dollars, hours


# %% wrong: times cut to whole minutes | expects: whole numbers
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = n_pairs * dollars_per_pair
    hours = n_pairs * int(minutes_per_pair) / 60
    return dollars, hours


# %% wrong: minutes with seconds after the point | expects: whole numbers
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    dollars = n_pairs * dollars_per_pair
    hours = n_pairs * (int(minutes_per_pair) + (minutes_per_pair % 1) / 0.6) / 60
    return dollars, hours


# %% wrong: rounded to cents and hundredths of an hour | expects: Rounded to cents
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    return round(n_pairs * dollars_per_pair, 2), round(n_pairs * minutes_per_pair / 60, 2)


# %% wrong: at least one pair | expects: no pairs
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    n = max(n_pairs, 1)
    return n * dollars_per_pair, n * minutes_per_pair / 60


# %% wrong: an hour at most for each | expects: longer than an hour
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    return n_pairs * dollars_per_pair, n_pairs * min(minutes_per_pair, 60) / 60


# %% wrong: half an hour for each, whatever is given | expects: chapter's example
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    return n_pairs * dollars_per_pair, n_pairs / 2


# %% wrong: a timedelta's seconds, without its days | expects: whole days are missing
from datetime import timedelta


def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    time = timedelta(minutes=n_pairs * minutes_per_pair)
    return n_pairs * dollars_per_pair, time.seconds / 3600


# %% wrong: defaults where a number is 0 | expects: price of 0
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    return n_pairs * (dollars_per_pair or 10), n_pairs * (minutes_per_pair or 30) / 60


# %% wrong: the larger number first | expects: whichever is more
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    a, b = n_pairs * dollars_per_pair, n_pairs * minutes_per_pair / 60
    return max(a, b), min(a, b)


# %% right: fractions
from fractions import Fraction


def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    n = Fraction(n_pairs)
    return float(n * Fraction(dollars_per_pair)), float(n * Fraction(minutes_per_pair) / 60)


# %% right: timedelta
from datetime import timedelta


def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    return dollars_per_pair * n_pairs, n_pairs * minutes_per_pair * timedelta(minutes=1) / timedelta(hours=1)


# %% right: divmod put together
def demonstration_budget(n_pairs, dollars_per_pair, minutes_per_pair):
    hours, minutes = divmod(n_pairs * minutes_per_pair, 60)
    return n_pairs * dollars_per_pair, hours + minutes / 60
