"""Answers to `first_valid_latency`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: by the order statistics of the valid samples
def first_valid_latency(latencies, valid, n):
    m = len(latencies)
    times = sorted(time for time, good in zip(latencies, valid) if good)
    if not times:
        return float("inf")
    total = sum(time * ((1 - i / m) ** n - (1 - (i + 1) / m) ** n) for i, time in enumerate(times))
    return total / (1 - (1 - len(times) / m) ** n)


# %% right: the survival function, integrated
import math


def first_valid_latency(latencies, valid, n):
    good = sorted(latency for latency, ok in zip(latencies, valid) if ok)
    if len(good) == 0:
        return math.inf
    m, none = len(latencies), (1 - len(good) / len(latencies)) ** n
    expected, before = 0.0, 0.0
    for rank, latency in enumerate(good):
        still_waiting = ((1 - rank / m) ** n - none) / (1 - none)
        expected += (latency - before) * still_waiting
        before = latency
    return expected


# %% right: numpy, from differences of powers
import numpy as np


def first_valid_latency(latencies, valid, n):
    latencies, valid = np.asarray(latencies, dtype=float), np.asarray(valid, dtype=bool)
    if not valid.any():
        return np.inf
    times = np.sort(latencies[valid])
    survival = (1 - np.arange(len(times) + 1) / len(latencies)) ** n
    weights = survival[:-1] - survival[1:]
    return float(np.average(times, weights=weights))


# %% right: over the number of valid ones drawn
from math import comb, inf


def first_valid_latency(latencies, valid, n):
    times = sorted(l for l, v in zip(latencies, valid) if v)
    if not times:
        return inf
    share, v = len(times) / len(latencies), len(times)
    expected = at_least_one = 0.0
    for drawn in range(1, n + 1):
        chance = comb(n, drawn) * share**drawn * (1 - share) ** (n - drawn)
        minimum = sum(t * (((v - i) / v) ** drawn - ((v - i - 1) / v) ** drawn) for i, t in enumerate(times))
        expected += chance * minimum
        at_least_one += chance
    return expected / at_least_one


# %% right: torch, the invalid as infinitely late
import torch


def first_valid_latency(latencies, valid, n):
    times = torch.tensor([float(t) if v else float("inf") for t, v in zip(latencies, valid)], dtype=torch.float64)
    times = times.sort().values
    m = len(times)
    later = ((m - torch.arange(m + 1, dtype=torch.float64)) / m) ** n
    chances = later[:-1] - later[1:]
    finite = times.isfinite()
    if not finite.any():
        return float("inf")
    return ((times[finite] * chances[finite]).sum() / chances[finite].sum()).item()


# %% right: all draws, one by one
import itertools
import math


def first_valid_latency(latencies, valid, n):
    samples = list(zip(latencies, valid))
    found = []
    for draw in itertools.product(samples, repeat=n):
        first = min((latency for latency, good in draw if good), default=None)
        if first is not None:
            found.append(first)
    return math.fsum(found) / len(found) if found else math.inf


# %% wrong: the mean of the valid latencies | expects: mean
def first_valid_latency(latencies, valid, n):
    times = [time for time, good in zip(latencies, valid) if good]
    return sum(times) / len(times) if times else float("inf")


# %% wrong: one after the other | expects: one after / side by side
def first_valid_latency(latencies, valid, n):
    m, v = len(latencies), sum(valid)
    if not v:
        return float("inf")
    share = v / m
    good = sum(t for t, ok in zip(latencies, valid) if ok) / v
    bad = sum(t for t, ok in zip(latencies, valid) if not ok) / (m - v) if v < m else 0.0
    some = 1 - (1 - share) ** n
    return sum((1 - share) ** j * share * (j * bad + good) for j in range(n)) / some


# %% wrong: the shortest valid latency | expects: smallest / minimum / shortest
def first_valid_latency(latencies, valid, n):
    return min((time for time, good in zip(latencies, valid) if good), default=float("inf"))


# %% wrong: the mean latency over n | expects: divided / n
def first_valid_latency(latencies, valid, n):
    times = [time for time, good in zip(latencies, valid) if good]
    return sum(times) / len(times) / n if times else float("inf")


# %% wrong: not conditioned on there being a valid one | expects: given / condition
def first_valid_latency(latencies, valid, n):
    m = len(latencies)
    times = sorted(time for time, good in zip(latencies, valid) if good)
    if not times:
        return float("inf")
    return sum(time * ((1 - i / m) ** n - (1 - (i + 1) / m) ** n) for i, time in enumerate(times))


# %% wrong: the valid samples only are drawn from | expects: invalid / all samples
def first_valid_latency(latencies, valid, n):
    times = sorted(time for time, good in zip(latencies, valid) if good)
    m = len(times)
    if not m:
        return float("inf")
    return sum(time * ((1 - i / m) ** n - (1 - (i + 1) / m) ** n) for i, time in enumerate(times))


# %% wrong: without replacement | expects: replacement
from itertools import combinations


def first_valid_latency(latencies, valid, n):
    found = []
    for draw in combinations(list(zip(latencies, valid)), min(n, len(latencies))):
        good = [time for time, ok in draw if ok]
        if good:
            found.append(min(good))
    return sum(found) / len(found) if found else float("inf")


# %% wrong: the first n samples as they stand | expects: first n / expect
def first_valid_latency(latencies, valid, n):
    return min((time for time, good in zip(latencies[:n], valid[:n]) if good), default=float("inf"))


# %% wrong: the slowest of the n | expects: slowest / last / longest
def first_valid_latency(latencies, valid, n):
    m = len(latencies)
    times = sorted((time for time, good in zip(latencies, valid) if good), reverse=True)
    if not times:
        return float("inf")
    total = sum(time * ((1 - i / m) ** n - (1 - (i + 1) / m) ** n) for i, time in enumerate(times))
    return total / (1 - (1 - len(times) / m) ** n)


# %% wrong: validity has no effect | expects: valid
def first_valid_latency(latencies, valid, n):
    m = len(latencies)
    if not any(valid):
        return float("inf")
    return sum(t * ((1 - i / m) ** n - (1 - (i + 1) / m) ** n) for i, t in enumerate(sorted(latencies)))


# %% wrong: no valid sample gives 0 | expects: inf
def first_valid_latency(latencies, valid, n):
    m = len(latencies)
    times = sorted(time for time, good in zip(latencies, valid) if good)
    if not times:
        return 0.0
    total = sum(time * ((1 - i / m) ** n - (1 - (i + 1) / m) ** n) for i, time in enumerate(times))
    return total / (1 - (1 - len(times) / m) ** n)


# %% wrong: no valid sample divides by zero | expects: inf
def first_valid_latency(latencies, valid, n):
    m = len(latencies)
    times = sorted(time for time, good in zip(latencies, valid) if good)
    total = sum(time * ((1 - i / m) ** n - (1 - (i + 1) / m) ** n) for i, time in enumerate(times))
    return total / (1 - (1 - len(times) / m) ** n)


# %% wrong: the latencies are not sorted | expects: sort
def first_valid_latency(latencies, valid, n):
    m = len(latencies)
    times = [time for time, good in zip(latencies, valid) if good]
    if not times:
        return float("inf")
    total = sum(time * ((1 - i / m) ** n - (1 - (i + 1) / m) ** n) for i, time in enumerate(times))
    return total / (1 - (1 - len(times) / m) ** n)


# %% wrong: a simulation | expects: exact / simulat
import random


def first_valid_latency(latencies, valid, n):
    if not any(valid):
        return float("inf")
    rng, found = random.Random(0), []
    samples = list(zip(latencies, valid))
    for _ in range(20_000):
        good = [time for time, ok in rng.choices(samples, k=n) if ok]
        if good:
            found.append(min(good))
    return sum(found) / len(found)


# %% wrong: the mean over the share of valid ones | expects: share / retries / one after
def first_valid_latency(latencies, valid, n):
    if not any(valid):
        return float("inf")
    share = sum(valid) / len(valid)
    return sum(latencies) / len(latencies) / share


# %% wrong: the fastest of n, whether valid or not, when it is valid | expects: first answer / valid
from itertools import product


def first_valid_latency(latencies, valid, n):
    if not any(valid):
        return float("inf")
    found = []
    for draw in product(list(zip(latencies, valid)), repeat=n):
        time, ok = min(draw)
        if ok:
            found.append(time)
    return sum(found) / len(found) if found else float("inf")


# %% wrong: the invalid ones take no time | expects: invalid
from itertools import product


def first_valid_latency(latencies, valid, n):
    if not any(valid):
        return float("inf")
    found = []
    for draw in product([time if ok else 0.0 for time, ok in zip(latencies, valid)], repeat=n):
        found.append(min(draw))
    return sum(found) / len(found)


# %% wrong: the inputs are sorted in place | expects: in place
def first_valid_latency(latencies, valid, n):
    m = len(latencies)
    times = [time for time, good in zip(latencies, valid) if good]
    latencies.sort()
    times.sort()
    if not times:
        return float("inf")
    total = sum(time * ((1 - i / m) ** n - (1 - (i + 1) / m) ** n) for i, time in enumerate(times))
    return total / (1 - (1 - len(times) / m) ** n)

# %% wrong: equal latencies are one sample | expects: same latency
def first_valid_latency(latencies, valid, n):
    m = len(latencies)
    v = sorted({l for l, ok in zip(latencies, valid) if ok})
    if not v: return float("inf")
    s = [(1 - j / m) ** n for j in range(len(v) + 1)]
    return sum(t * (a - b) for t, a, b in zip(v, s, s[1:])) / (1 - s[-1])

# %% right: fractions
from fractions import Fraction
def first_valid_latency(latencies, valid, n):
    m = len(latencies)
    v = sorted(l for l, ok in zip(latencies, valid) if ok)
    if not v:
        return float("inf")
    def s(j): return Fraction(m - j, m) ** n
    num = sum(Fraction(float(t)) * (s(j) - s(j + 1)) for j, t in enumerate(v))
    return float(num / (1 - s(len(v))))

# %% right: helpers and constants with everyday names
def check(samples):
    return [arrival for arrival, good in samples if good]


def later(share, n):
    return (1 - share) ** n


def mean_of(times, chances):
    return sum(t * p for t, p in zip(times, chances)) / sum(chances)


share = later


def first_valid_latency(latencies, valid, n):
    times = sorted(check(zip(latencies, valid)))
    if not times:
        return float("inf")
    m = len(latencies)
    survival = [share(j / m, n) for j in range(len(times) + 1)]
    return mean_of(times, [a - b for a, b in zip(survival, survival[1:])])


# %% right: numpy, survival of the sorted valid latencies
import numpy as np


def first_valid_latency(latencies, valid, n):
    times = np.sort(np.asarray(latencies, dtype=float)[np.asarray(valid, dtype=bool)])
    if times.size == 0:
        return float("inf")
    survival = (1 - np.arange(times.size + 1) / len(latencies)) ** n
    weights = -np.diff(survival)
    return float(times @ weights / weights.sum())


# %% wrong: one draw too few | expects: too few / exact / mean
def first_valid_latency(latencies, valid, n):
    m = len(latencies)
    times = sorted(t for t, v in zip(latencies, valid) if v)
    if not times:
        return float("inf")
    later = [(1 - j / m) ** max(1, n - 1) for j in range(len(times) + 1)]
    return sum(t * (a - b) for t, a, b in zip(times, later, later[1:])) / (1 - later[-1])


# %% wrong: the mean over all samples | expects: over all samples
def first_valid_latency(latencies, valid, n):
    return sum(latencies) / len(latencies) if any(valid) else float("inf")


# %% wrong: the sum until the first valid one | expects: one after the other / side by side
import itertools


def first_valid_latency(latencies, valid, n):
    if not any(valid):
        return float("inf")
    waits = []
    for draw in itertools.product(list(zip(latencies, valid)), repeat=n):
        total = 0.0
        for t, v in draw:
            total += t
            if v:
                waits.append(total)
                break
    return sum(waits) / len(waits)


# %% wrong: the slowest of the valid samples | expects: average
def first_valid_latency(latencies, valid, n):
    return max((t for t, is_valid in zip(latencies, valid, strict=True) if is_valid), default=float("inf"))


# %% wrong: logarithms of the chances, one of which is 0 | expects: where all are valid
import math


def first_valid_latency(latencies, valid, n):
    times = sorted(t for t, is_valid in zip(latencies, valid, strict=True) if is_valid)
    if not times:
        return math.inf
    m = len(latencies)
    later = [math.exp(n * math.log((m - j) / m)) for j in range(len(times) + 1)]
    chances = [before - after for before, after in zip(later, later[1:])]
    return sum(t * chance for t, chance in zip(times, chances, strict=True)) / sum(chances)


# %% wrong: equal latencies are refused | expects: ties / same latency
def first_valid_latency(latencies, valid, n):
    if len(set(latencies)) < len(latencies):
        raise ValueError("latencies must differ from one another")
    m = len(latencies)
    times = sorted(t for t, is_valid in zip(latencies, valid, strict=True) if is_valid)
    if not times:
        return float("inf")
    chances = [(1 - j / m) ** n - (1 - (j + 1) / m) ** n for j in range(len(times))]
    return sum(t * chance for t, chance in zip(times, chances, strict=True)) / sum(chances)


# %% right: the distribution of the first valid one, one draw after the other
def first_valid_latency(latencies, valid, n):
    never = float("inf")
    one = [t if good else never for t, good in zip(latencies, valid)]
    chances = {never: 1.0}
    for _ in range(n):
        following = {}
        for first, chance in chances.items():
            for arrival in one:
                sooner = min(first, arrival)
                following[sooner] = following.get(sooner, 0.0) + chance / len(one)
        chances = following
    failed = chances.pop(never, 0.0)
    if not chances:
        return never
    return sum(t * chance for t, chance in chances.items()) / (1 - failed)


# %% wrong: a zero latency is taken for missing | expects: falsy
import math


def first_valid_latency(latencies, valid, n):
    m = len(latencies)
    times = sorted(t for t, v in zip(latencies, valid) if v and t)
    if not times:
        return math.inf
    w = [(1 - j / m) ** n - (1 - (j + 1) / m) ** n for j in range(len(times))]
    return sum(a * b for a, b in zip(w, times)) / sum(w)


# %% wrong: the flags are not sorted along | expects: own flag
import math


def first_valid_latency(latencies, valid, n):
    m = len(latencies)
    times = [t for t, v in zip(sorted(latencies), valid) if v]
    if not times:
        return math.inf
    w = [(1 - j / m) ** n - (1 - (j + 1) / m) ** n for j in range(len(times))]
    return sum(a * b for a, b in zip(w, times)) / sum(w)


# %% wrong: the conditional of one draw | expects: at least one of the n
import math


def first_valid_latency(latencies, valid, n):
    m = len(latencies)
    times = sorted(t for t, v in zip(latencies, valid) if v)
    if not times:
        return math.inf
    w = [(1 - j / m) ** n - (1 - (j + 1) / m) ** n for j in range(len(times))]
    return sum(a * b for a, b in zip(w, times)) / (len(times) / m)


# %% wrong: at most as many as there are samples | expects: more draws than samples
import math


def first_valid_latency(latencies, valid, n):
    m = len(latencies)
    n = min(n, m)
    times = sorted(t for t, v in zip(latencies, valid) if v)
    if not times:
        return math.inf
    w = [(1 - j / m) ** n - (1 - (j + 1) / m) ** n for j in range(len(times))]
    return sum(a * b for a, b in zip(w, times)) / sum(w)


# %% wrong: off by one j | expects: wrong j
import math


def first_valid_latency(latencies, valid, n):
    m = len(latencies)
    times = sorted(t for t, v in zip(latencies, valid) if v)
    if not times:
        return math.inf
    w = [(1 - (j + 1) / m) ** n - max(0, 1 - (j + 2) / m) ** n for j in range(len(times))]
    return sum(a * b for a, b in zip(w, times)) / (sum(w) or 1)
