"""Answers to `snowball_rate`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: four counts in a loop
def snowball_rate(first_wrong, later_wrong):
    wrong = wrong_both = right = right_then_wrong = 0
    for first, later in zip(first_wrong, later_wrong):
        if first:
            wrong += 1
            if later:
                wrong_both += 1
        else:
            right += 1
            if later:
                right_then_wrong += 1
    after_wrong = wrong_both / wrong if wrong > 0 else float("nan")
    after_right = right_then_wrong / right if right > 0 else float("nan")
    return after_wrong, after_right


# %% right: numpy masks, means of nothing are NaN
import warnings

import numpy as np


def snowball_rate(first_wrong, later_wrong):
    first, later = np.asarray(first_wrong, dtype=bool), np.asarray(later_wrong, dtype=bool)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return later[first].mean(), later[~first].mean()


# %% right: numpy, with its warnings on stderr, as an array
import numpy as np


def snowball_rate(first_wrong, later_wrong):
    first, later = np.array(first_wrong) == 1, np.array(later_wrong).astype(float)
    return np.array([np.mean(later[first]), np.mean(later[~first])])


# %% right: torch, as a tensor
import torch


def snowball_rate(first_wrong, later_wrong):
    first = torch.tensor(first_wrong, dtype=torch.bool)
    later = torch.tensor(later_wrong, dtype=torch.float64)
    return torch.stack([later[first].mean(), later[~first].mean()])


# %% right: a table of counts, as a list
from collections import Counter
from math import nan


def snowball_rate(first_wrong, later_wrong):
    table = Counter(zip(map(bool, first_wrong), map(bool, later_wrong), strict=True))
    rates = []
    for start in (True, False):
        total = table[start, True] + table[start, False]
        rates.append(table[start, True] / total if total else nan)
    return rates


# %% right: a division by zero is caught
def snowball_rate(first_wrong, later_wrong):
    def rate(condition):
        hits = [bool(l) for f, l in zip(first_wrong, later_wrong) if bool(f) is condition]
        try:
            return sum(hits) / len(hits)
        except ZeroDivisionError:
            return float("nan")

    return rate(True), rate(False)


# %% right: a named tuple, statistics, refuses unequal lengths
import statistics
from typing import NamedTuple


class Rates(NamedTuple):
    after_wrong: float
    after_right: float


def snowball_rate(first_wrong, later_wrong):
    if len(first_wrong) != len(later_wrong):
        raise ValueError(f"later_wrong has {len(later_wrong)} entries, not {len(first_wrong)}")
    groups = {True: [], False: []}
    for place in range(len(first_wrong)):
        groups[first_wrong[place]].append(int(later_wrong[place]))
    mean = lambda values: statistics.fmean(values) if values else float("nan")
    return Rates(mean(groups[True]), mean(groups[False]))


# %% right: sums of products, numpy's division of zero by zero
import numpy as np


def snowball_rate(first_wrong, later_wrong):
    first, later = np.array(first_wrong, float), np.array(later_wrong, float)
    with np.errstate(invalid="ignore"):
        return (first @ later / first.sum(), (1 - first) @ later / (1 - first).sum())


# %% right: Bayes' rule
import math


def snowball_rate(first_wrong, later_wrong):
    n = len(first_wrong)
    p_first = sum(first_wrong) / n
    p_later = sum(later_wrong) / n
    p_both = sum(1 for a, b in zip(first_wrong, later_wrong) if a and b) / n
    after_wrong = p_both / p_first if p_first else math.nan
    after_right = (p_later - p_both) / (1 - p_first) if p_first < 1 else math.nan
    return after_wrong, after_right


# %% right: pandas' groups
import numpy as np
import pandas as pd


def snowball_rate(first_wrong, later_wrong):
    groups = pd.Series(list(later_wrong), dtype=float).groupby(list(first_wrong)).mean()
    return float(groups.get(True, np.nan)), float(groups.get(False, np.nan))


# %% wrong: divided by all | expects: not by all of them
import math


def snowball_rate(first_wrong, later_wrong):
    n = len(first_wrong)
    if not n:
        return math.nan, math.nan
    both = sum(a and b for a, b in zip(first_wrong, later_wrong))
    only_later = sum(b and not a for a, b in zip(first_wrong, later_wrong))
    return both / n, only_later / n


# %% wrong: zero where there is none | expects: there is no rate
def snowball_rate(first_wrong, later_wrong):
    def rate(hits):
        return sum(hits) / len(hits) if hits else 0.0

    pairs = list(zip(first_wrong, later_wrong))
    return rate([b for a, b in pairs if a]), rate([b for a, b in pairs if not a])


# %% wrong: zero where there is none, by a denominator of at least one | expects: there is no rate
def snowball_rate(first_wrong, later_wrong):
    both = sum(a and b for a, b in zip(first_wrong, later_wrong))
    wrong = sum(first_wrong)
    only_later = sum(later_wrong) - both
    return both / max(wrong, 1), only_later / max(len(first_wrong) - wrong, 1)


# %% wrong: None where there is none | expects: there is no rate
def snowball_rate(first_wrong, later_wrong):
    def rate(hits):
        return sum(hits) / len(hits) if hits else None

    pairs = list(zip(first_wrong, later_wrong))
    return rate([b for a, b in pairs if a]), rate([b for a, b in pairs if not a])


# %% wrong: the word nan | expects: there is no rate
def snowball_rate(first_wrong, later_wrong):
    def rate(hits):
        return sum(hits) / len(hits) if hits else "nan"

    pairs = list(zip(first_wrong, later_wrong))
    return rate([b for a, b in pairs if a]), rate([b for a, b in pairs if not a])


# %% wrong: infinite where there is none | expects: there is no rate
def snowball_rate(first_wrong, later_wrong):
    def rate(hits):
        return sum(hits) / len(hits) if hits else float("inf")

    pairs = list(zip(first_wrong, later_wrong))
    return rate([b for a, b in pairs if a]), rate([b for a, b in pairs if not a])


# %% wrong: one half where there is none | expects: there is no rate
def snowball_rate(first_wrong, later_wrong):
    def rate(hits):
        return sum(hits) / len(hits) if hits else 0.5

    pairs = list(zip(first_wrong, later_wrong))
    return rate([b for a, b in pairs if a]), rate([b for a, b in pairs if not a])


# %% wrong: a division by zero | expects: there is no rate
def snowball_rate(first_wrong, later_wrong):
    after_wrong = [b for a, b in zip(first_wrong, later_wrong) if a]
    after_right = [b for a, b in zip(first_wrong, later_wrong) if not a]
    return sum(after_wrong) / len(after_wrong), sum(after_right) / len(after_right)


# %% wrong: refuses where there is none | expects: there is no rate
def snowball_rate(first_wrong, later_wrong):
    if all(first_wrong) or not any(first_wrong):
        raise ValueError("first_wrong holds one kind only")
    pairs = list(zip(first_wrong, later_wrong))
    after_wrong, after_right = [b for a, b in pairs if a], [b for a, b in pairs if not a]
    return sum(after_wrong) / len(after_wrong), sum(after_right) / len(after_right)


# %% wrong: both are NaN where one is | expects: missing one only
import math


def snowball_rate(first_wrong, later_wrong):
    pairs = list(zip(first_wrong, later_wrong))
    after_wrong, after_right = [b for a, b in pairs if a], [b for a, b in pairs if not a]
    if not after_wrong or not after_right:
        return math.nan, math.nan
    return sum(after_wrong) / len(after_wrong), sum(after_right) / len(after_right)


# %% wrong: a rate of zero becomes NaN | expects: a rate of 0 is a rate
import math


def snowball_rate(first_wrong, later_wrong):
    def rate(hits):
        return sum(hits) / len(hits) if sum(hits) else math.nan

    pairs = list(zip(first_wrong, later_wrong))
    return rate([b for a, b in pairs if a]), rate([b for a, b in pairs if not a])


# %% wrong: the order swapped | expects: order is wrong
import math


def snowball_rate(first_wrong, later_wrong):
    def rate(hits):
        return sum(hits) / len(hits) if hits else math.nan

    pairs = list(zip(first_wrong, later_wrong))
    return rate([b for a, b in pairs if not a]), rate([b for a, b in pairs if a])


# %% wrong: conditioned on the follow-up | expects: condition on the first statement
import math


def snowball_rate(first_wrong, later_wrong):
    def rate(hits):
        return sum(hits) / len(hits) if hits else math.nan

    pairs = list(zip(first_wrong, later_wrong))
    return rate([a for a, b in pairs if b]), rate([a for a, b in pairs if not b])


# %% wrong: both divided by the wrong follow-ups | expects: condition on the first statement
import math


def snowball_rate(first_wrong, later_wrong):
    ends = sum(later_wrong)
    if not ends:
        return math.nan, math.nan
    both = sum(a and b for a, b in zip(first_wrong, later_wrong))
    return both / ends, (ends - both) / ends


# %% wrong: arguments taken in the other order | expects: condition on the first statement
import math


def snowball_rate(later_wrong, first_wrong):
    def rate(hits):
        return sum(hits) / len(hits) if hits else math.nan

    pairs = list(zip(first_wrong, later_wrong))
    return rate([b for a, b in pairs if a]), rate([b for a, b in pairs if not a])


# %% wrong: right follow-ups | expects: right follow-ups
import math


def snowball_rate(first_wrong, later_wrong):
    def rate(hits):
        return sum(not hit for hit in hits) / len(hits) if hits else math.nan

    pairs = list(zip(first_wrong, later_wrong))
    return rate([b for a, b in pairs if a]), rate([b for a, b in pairs if not a])


# %% wrong: the second as one minus the first | expects: not one minus the first
import math


def snowball_rate(first_wrong, later_wrong):
    hits = [b for a, b in zip(first_wrong, later_wrong) if a]
    rate = sum(hits) / len(hits) if hits else math.nan
    return rate, 1 - rate


# %% wrong: the second of right follow-ups | expects: not one minus the first
import math


def snowball_rate(first_wrong, later_wrong):
    def rate(hits):
        return sum(hits) / len(hits) if hits else math.nan

    pairs = list(zip(first_wrong, later_wrong))
    return rate([b for a, b in pairs if a]), rate([not b for a, b in pairs if not a])


# %% wrong: numbers of dialogues | expects: numbers of dialogues
def snowball_rate(first_wrong, later_wrong):
    pairs = list(zip(first_wrong, later_wrong))
    return sum(a and b for a, b in pairs), sum(b and not a for a, b in pairs)


# %% wrong: the second is the rate of all follow-ups | expects: second number is a rate
import math


def snowball_rate(first_wrong, later_wrong):
    hits = [b for a, b in zip(first_wrong, later_wrong) if a]
    return sum(hits) / len(hits) if hits else math.nan, sum(later_wrong) / len(later_wrong)


# %% wrong: the second is the difference | expects: second number is a rate
import math


def snowball_rate(first_wrong, later_wrong):
    def rate(hits):
        return sum(hits) / len(hits) if hits else math.nan

    pairs = list(zip(first_wrong, later_wrong))
    one = rate([b for a, b in pairs if a])
    return one, one - rate([b for a, b in pairs if not a])


# %% wrong: the first rate alone | expects: return two numbers
import math


def snowball_rate(first_wrong, later_wrong):
    hits = [b for a, b in zip(first_wrong, later_wrong) if a]
    return sum(hits) / len(hits) if hits else math.nan


# %% wrong: a dictionary | expects: return two numbers
import math


def snowball_rate(first_wrong, later_wrong):
    def rate(hits):
        return sum(hits) / len(hits) if hits else math.nan

    pairs = list(zip(first_wrong, later_wrong))
    return {
        "after_wrong": rate([b for a, b in pairs if a]),
        "after_right": rate([b for a, b in pairs if not a]),
    }


# %% wrong: percent | expects: not percent
import math


def snowball_rate(first_wrong, later_wrong):
    def rate(hits):
        return 100 * sum(hits) / len(hits) if hits else math.nan

    pairs = list(zip(first_wrong, later_wrong))
    return rate([b for a, b in pairs if a]), rate([b for a, b in pairs if not a])


# %% wrong: the next dialogue's follow-up | expects: same dialogue
import math


def snowball_rate(first_wrong, later_wrong):
    def rate(hits):
        return sum(hits) / len(hits) if hits else math.nan

    pairs = list(zip(first_wrong, later_wrong[1:]))
    return rate([b for a, b in pairs if a]), rate([b for a, b in pairs if not a])


# %% wrong: smoothed | expects: without a start of 1
def snowball_rate(first_wrong, later_wrong):
    def rate(hits):
        return (sum(hits) + 1) / (len(hits) + 2)

    pairs = list(zip(first_wrong, later_wrong))
    return rate([b for a, b in pairs if a]), rate([b for a, b in pairs if not a])


# %% wrong: whole division | expects: divide with /
import math


def snowball_rate(first_wrong, later_wrong):
    def rate(hits):
        return sum(hits) // len(hits) if hits else math.nan

    pairs = list(zip(first_wrong, later_wrong))
    return rate([b for a, b in pairs if a]), rate([b for a, b in pairs if not a])


# %% wrong: all or nothing | expects: all-or-nothing
import math


def snowball_rate(first_wrong, later_wrong):
    def rate(hits):
        return float(any(hits)) if hits else math.nan

    pairs = list(zip(first_wrong, later_wrong))
    return rate([b for a, b in pairs if a]), rate([b for a, b in pairs if not a])


# %% wrong: rounded to one digit | expects: of the dialogues that begin wrong
import math


def snowball_rate(first_wrong, later_wrong):
    def rate(hits):
        return round(sum(hits) / len(hits), 1) if hits else math.nan

    pairs = list(zip(first_wrong, later_wrong))
    return rate([b for a, b in pairs if a]), rate([b for a, b in pairs if not a])


# %% wrong: the first dialogues only | expects: of the dialogues that begin wrong
import math


def snowball_rate(first_wrong, later_wrong):
    def rate(hits):
        return sum(hits) / len(hits) if hits else math.nan

    pairs = list(zip(first_wrong, later_wrong))[:64]
    return rate([b for a, b in pairs if a]), rate([b for a, b in pairs if not a])


# %% wrong: odds in place of shares | expects: these are odds
def snowball_rate(first_wrong, later_wrong):
    def odds(hits):
        right = sum(not hit for hit in hits)
        return sum(hits) / right if right else float("nan")

    pairs = list(zip(first_wrong, later_wrong))
    return odds([b for a, b in pairs if a]), odds([b for a, b in pairs if not a])


# %% wrong: lists are emptied | expects: in place
import math


def snowball_rate(first_wrong, later_wrong):
    wrong, right = [], []
    while first_wrong:
        (wrong if first_wrong.pop() else right).append(later_wrong.pop())
    rate = lambda hits: sum(hits) / len(hits) if hits else math.nan
    return rate(wrong), rate(right)


# %% wrong: earlier dialogues are kept | expects: of the dialogues that begin wrong
import math


def snowball_rate(first_wrong, later_wrong, kept=[]):
    kept += zip(first_wrong, later_wrong)
    rate = lambda hits: sum(hits) / len(hits) if hits else math.nan
    return rate([b for a, b in kept if a]), rate([b for a, b in kept if not a])


# %% wrong: divides by a rate that may be 0 | expects: rates like others
import math


def snowball_rate(first_wrong, later_wrong):
    pairs = list(zip(first_wrong, later_wrong))
    rate = lambda hits: sum(hits) / len(hits) if hits else math.nan
    one, two = rate([b for a, b in pairs if a]), rate([b for a, b in pairs if not a])
    risk = one / two
    return one, one / risk


# %% wrong: looks at the word in place of the truth value | expects: one for each dialogue
def snowball_rate(first_wrong, later_wrong):
    wrong = [b for a, b in zip(first_wrong, later_wrong) if a == "wrong"]
    return sum(wrong) / len(wrong), 0.0


# %% wrong: one minus the first when the second is one | expects: may be 0 and 1
import math


def snowball_rate(first_wrong, later_wrong):
    pairs = list(zip(first_wrong, later_wrong))
    rate = lambda hits: sum(hits) / len(hits) if hits else math.nan
    one, two = rate([b for a, b in pairs if a]), rate([b for a, b in pairs if not a])
    return (1 - one, two) if two == 1 else (one, two)


# %% wrong: the course's own function | expects: does this exercise for you
import utils.evaluation.hallucination as course


def snowball_rate(first_wrong, later_wrong):
    return course.snowball_rate(first_wrong, later_wrong)


# %% right: no dialogues are refused
import math


def snowball_rate(first_wrong, later_wrong):
    if not first_wrong or len(first_wrong) != len(later_wrong):
        raise ValueError(
            f"first_wrong {first_wrong} and later_wrong {later_wrong} must be as many, and not none"
        )
    table = [[0, 0], [0, 0]]
    for first, later in zip(first_wrong, later_wrong):
        table[bool(first)][bool(later)] += 1
    right, wrong = (row[1] / sum(row) if sum(row) else math.nan for row in table)
    return wrong, right


# %% right: numpy, whose mean of nothing is NaN
import numpy as np


def snowball_rate(first_wrong, later_wrong):
    first, later = np.array(first_wrong, dtype=bool), np.array(later_wrong, dtype=bool)
    if first.shape != later.shape:
        raise ValueError(
            f"first_wrong and later_wrong must be as many, not {first.shape} and {later.shape}"
        )
    return float(later[first].mean()), float(later[~first].mean())


# %% wrong: zeros for no dialogues | expects: without dialogues
def snowball_rate(first_wrong, later_wrong):
    if not first_wrong:
        return 0.0, 0.0
    heaps = [
        [later for first, later in zip(first_wrong, later_wrong) if first == kind]
        for kind in (True, False)
    ]
    return tuple(sum(heap) / len(heap) if heap else float("nan") for heap in heaps)


# %% wrong: both rates after a wrong statement | expects: of the same dialogues
import math


def snowball_rate(first_wrong, later_wrong):
    pairs = list(zip(first_wrong, later_wrong))
    after_wrong = [later for first, later in pairs if first]
    after_right = [later for first, later in pairs if first]
    return tuple(sum(one) / len(one) if one else math.nan for one in (after_wrong, after_right))


# %% wrong: the first rate is over all dialogues | expects: begin wrong, not of all
import math


def snowball_rate(first_wrong, later_wrong):
    pairs = list(zip(first_wrong, later_wrong))
    after_wrong = [later for first, later in pairs]
    after_right = [later for first, later in pairs if not first]
    return tuple(sum(one) / len(one) if one else math.nan for one in (after_wrong, after_right))


# %% wrong: the first statements twice | expects: compared with itself
import math


def snowball_rate(first_wrong, later_wrong):
    pairs = list(zip(first_wrong, first_wrong))
    after_wrong = [later for first, later in pairs if first]
    after_right = [later for first, later in pairs if not first]
    return tuple(sum(one) / len(one) if one else math.nan for one in (after_wrong, after_right))
