"""Answers to `calibration_error`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: sums of each bin, without means
def calibration_error(confidence, correct, n_bins=10):
    gaps = [0.0] * n_bins
    for c, r in zip(confidence, correct):
        gaps[min(int(c * n_bins), n_bins - 1)] += c - r
    return sum(map(abs, gaps)) / len(confidence)


# %% right: numpy masks
import numpy as np


def calibration_error(confidence, correct, n_bins=10):
    c, r = np.asarray(confidence, float), np.asarray(correct, float)
    edges = np.linspace(0, 1, n_bins + 1)
    total = 0.0
    for i, (low, high) in enumerate(zip(edges[:-1], edges[1:])):
        inside = (c >= low) & ((c <= high) if i == n_bins - 1 else (c < high))
        if inside.any():
            total += inside.mean() * abs(r[inside].mean() - c[inside].mean())
    return total


# %% right: numpy digitize
import numpy as np


def calibration_error(confidence, correct, n_bins=10):
    c, r = np.array(confidence), np.array(correct).astype(float)
    places = np.digitize(c, np.arange(1, n_bins) / n_bins)
    ece = 0
    for place in np.unique(places):
        m = places == place
        ece += m.sum() / len(c) * np.abs(np.mean(c[m]) - np.mean(r[m]))
    return float(ece)


# %% right: histograms with weights
import numpy as np


def calibration_error(confidence, correct, n_bins=10):
    c = np.asarray(confidence)
    sure, _ = np.histogram(c, n_bins, range=(0.0, 1.0), weights=c)
    right, _ = np.histogram(c, n_bins, range=(0.0, 1.0), weights=np.asarray(correct) * 1.0)
    return np.abs(sure - right).sum() / c.size


# %% right: torch in float32, a tensor of one number
import torch


def calibration_error(confidence, correct, n_bins=10):
    c = torch.tensor(confidence, dtype=torch.float32)
    r = torch.tensor(correct, dtype=torch.float32)
    places = torch.bucketize(c, torch.linspace(0, 1, n_bins + 1)[1:-1], right=True)
    gaps = torch.zeros(n_bins)
    for place in range(n_bins):
        inside = places == place
        if inside.any():
            gaps[place] = inside.float().mean() * (c[inside].mean() - r[inside].mean()).abs()
    return gaps.sum()


# %% right: torch index_add
import torch


def calibration_error(confidence, correct, n_bins=10):
    c = torch.as_tensor(confidence, dtype=torch.float64)
    r = torch.as_tensor(correct).double()
    places = (c * n_bins).floor().long().clamp(max=n_bins - 1)
    return torch.zeros(n_bins).double().index_add(0, places, c - r).abs().sum().item() / len(c)


# %% right: exact fractions, sorted and grouped
from fractions import Fraction
from itertools import groupby


def calibration_error(confidence, correct, n_bins=10):
    def place(pair):
        return min(int(pair[0] * n_bins), n_bins - 1)

    pairs = sorted((Fraction(c), bool(r)) for c, r in zip(confidence, correct))
    total = Fraction(0)
    for _, group in groupby(pairs, key=place):
        held = list(group)
        total += abs(sum(c for c, _ in held) - sum(r for _, r in held))
    return float(total / len(pairs))


# %% right: a dictionary and statistics.fmean
from collections import defaultdict
from statistics import fmean


def calibration_error(confidence, correct, n_bins=10):
    if n_bins < 1 or not len(confidence):
        raise ValueError("there must be answers and bins")
    bins = defaultdict(list)
    for i, c in enumerate(confidence):
        bins[n_bins - 1 if c == 1 else int(c // (1 / n_bins))].append(i)
    ece = 0.0
    for members in bins.values():
        gap = fmean(confidence[i] for i in members) - fmean(bool(correct[i]) for i in members)
        ece += len(members) * abs(gap)
    return ece / len(confidence)


# %% right: plain loops over edges
def calibration_error(confidence, correct, n_bins=10):
    error = 0.0
    for b in range(n_bins):
        low, high = b / n_bins, (b + 1) / n_bins
        if b == n_bins - 1:
            high = float("inf")
        conf = [c for c in confidence if low <= c < high]
        if len(conf) == 0:
            continue
        acc = [1 if r else 0 for c, r in zip(confidence, correct) if low <= c < high]
        error += abs(sum(acc) / len(acc) - sum(conf) / len(conf)) * (len(conf) / len(confidence))
    return error


# %% right: a mean over answers of their bin's distance
import numpy as np


def calibration_error(confidence, correct, n_bins=10):
    c, r = np.array(confidence, dtype=np.float64), np.array(correct, dtype=np.float64)
    places = np.minimum((c * n_bins).astype(int), n_bins - 1)
    same = places[:, None] == places[None, :]
    distances = np.abs(same @ (c - r)) / same.sum(1)
    return distances.mean()


# %% wrong: signs cancel | expects: cancel
def calibration_error(confidence, correct, n_bins=10):
    gaps = [0.0] * n_bins
    for c, r in zip(confidence, correct):
        gaps[min(int(c * n_bins), n_bins - 1)] += c - r
    return sum(gaps) / len(confidence)


# %% wrong: accuracy minus confidence, signs cancel | expects: cancel
def calibration_error(confidence, correct, n_bins=10):
    return sum(correct) / len(correct) - sum(confidence) / len(confidence)


# %% wrong: the distance of both means over all answers | expects: cancel
def calibration_error(confidence, correct, n_bins=10):
    return abs(sum(correct) - sum(confidence)) / len(confidence)


# %% wrong: the plain mean over bins that hold answers | expects: share of all answers
import numpy as np


def calibration_error(confidence, correct, n_bins=10):
    c, r = np.array(confidence), np.array(correct)
    places = np.minimum((c * n_bins).astype(int), n_bins - 1)
    return np.mean([abs(c[places == p].mean() - r[places == p].mean()) for p in set(places)])


# %% wrong: the mean over all bins | expects: share of all answers
import numpy as np


def calibration_error(confidence, correct, n_bins=10):
    c, r = np.array(confidence), np.array(correct)
    places = np.minimum((c * n_bins).astype(int), n_bins - 1)
    gaps = [abs(c[places == p].mean() - r[places == p].mean()) for p in set(places)]
    return sum(gaps) / n_bins


# %% wrong: the sum over bins | expects: share of all answers
import numpy as np


def calibration_error(confidence, correct, n_bins=10):
    c, r = np.array(confidence), np.array(correct)
    places = np.minimum((c * n_bins).astype(int), n_bins - 1)
    return sum(abs(c[places == p].mean() - r[places == p].mean()) for p in set(places))


# %% wrong: an empty bin is as wrong as its middle | expects: empty bin is no error
import numpy as np


def calibration_error(confidence, correct, n_bins=10):
    c, r = np.array(confidence), np.array(correct)
    places = np.minimum((c * n_bins).astype(int), n_bins - 1)
    gaps = []
    for p in range(n_bins):
        m = places == p
        gaps.append(abs(c[m].mean() - r[m].mean()) if m.any() else (p + 0.5) / n_bins)
    return np.mean(gaps)


# %% wrong: each empty bin adds an error of 1 over n_bins | expects: empty bin is no error
def calibration_error(confidence, correct, n_bins=10):
    gaps = {}
    for c, r in zip(confidence, correct):
        place = min(int(c * n_bins), n_bins - 1)
        gaps[place] = gaps.get(place, 0.0) + c - r
    error = sum(map(abs, gaps.values())) / len(confidence)
    return error + (n_bins - len(gaps)) / n_bins


# %% wrong: means of empty bins are NaN | expects: has no mean
import warnings

import numpy as np


def calibration_error(confidence, correct, n_bins=10):
    c, r = np.array(confidence), np.array(correct, float)
    places = np.minimum((c * n_bins).astype(int), n_bins - 1)
    total = 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for p in range(n_bins):
            m = places == p
            total += m.mean() * abs(np.mean(c[m]) - np.mean(r[m]))
    return total


# %% wrong: divides by the size of empty bins | expects: may be empty
def calibration_error(confidence, correct, n_bins=10):
    total = 0.0
    for b in range(n_bins):
        held = [
            (c, r) for c, r in zip(confidence, correct) if min(int(c * n_bins), n_bins - 1) == b
        ]
        mean = sum(c for c, _ in held) / len(held)
        accuracy = sum(r for _, r in held) / len(held)
        total += len(held) / len(confidence) * abs(mean - accuracy)
    return total


# %% wrong: squares | expects: not their squares
def calibration_error(confidence, correct, n_bins=10):
    bins = {}
    for c, r in zip(confidence, correct):
        bins.setdefault(min(int(c * n_bins), n_bins - 1), []).append(c - r)
    return sum(len(b) * (sum(b) / len(b)) ** 2 for b in bins.values()) / len(confidence)


# %% wrong: the root of the mean square | expects: not their squares
def calibration_error(confidence, correct, n_bins=10):
    bins = {}
    for c, r in zip(confidence, correct):
        bins.setdefault(min(int(c * n_bins), n_bins - 1), []).append(c - r)
    return (sum(len(b) * (sum(b) / len(b)) ** 2 for b in bins.values()) / len(confidence)) ** 0.5


# %% wrong: the maximum calibration error | expects: largest distance
def calibration_error(confidence, correct, n_bins=10):
    bins = {}
    for c, r in zip(confidence, correct):
        bins.setdefault(min(int(c * n_bins), n_bins - 1), []).append(c - r)
    return max(abs(sum(b) / len(b)) for b in bins.values())


# %% wrong: no bins at all | expects: answer by answer
def calibration_error(confidence, correct, n_bins=10):
    return sum(abs(c - r) for c, r in zip(confidence, correct)) / len(confidence)


# %% wrong: the Brier score | expects: answer by answer
def calibration_error(confidence, correct, n_bins=10):
    return sum((c - r) ** 2 for c, r in zip(confidence, correct)) / len(confidence)


# %% wrong: the middle of a bin for its mean confidence | expects: not its middle
def calibration_error(confidence, correct, n_bins=10):
    bins = {}
    for c, r in zip(confidence, correct):
        bins.setdefault(min(int(c * n_bins), n_bins - 1), []).append(r)
    gaps = (len(b) * abs(sum(b) / len(b) - (p + 0.5) / n_bins) for p, b in bins.items())
    return sum(gaps) / len(confidence)


# %% wrong: the upper edge of a bin for its mean confidence | expects: or an edge
def calibration_error(confidence, correct, n_bins=10):
    bins = {}
    for c, r in zip(confidence, correct):
        bins.setdefault(min(int(c * n_bins), n_bins - 1), []).append(r)
    gaps = (len(b) * abs(sum(b) / len(b) - (p + 1) / n_bins) for p, b in bins.items())
    return sum(gaps) / len(confidence)


# %% wrong: bins with equal numbers of answers | expects: not equal numbers
import numpy as np


def calibration_error(confidence, correct, n_bins=10):
    c, r = np.array(confidence), np.array(correct, float)
    order = np.argsort(c, kind="stable")
    gaps = 0.0
    for part in np.array_split(order, n_bins):
        if len(part):
            gaps += len(part) / len(c) * abs(c[part].mean() - r[part].mean())
    return gaps


# %% wrong: always 10 bins | expects: count the bins
def calibration_error(confidence, correct, n_bins=10):
    gaps = [0.0] * 10
    for c, r in zip(confidence, correct):
        gaps[min(int(c * 10), 9)] += c - r
    return sum(map(abs, gaps)) / len(confidence)


# %% wrong: another default | expects: count the bins
def calibration_error(confidence, correct, n_bins=15):
    gaps = [0.0] * n_bins
    for c, r in zip(confidence, correct):
        gaps[min(int(c * n_bins), n_bins - 1)] += c - r
    return sum(map(abs, gaps)) / len(confidence)


# %% wrong: n_bins edges, one bin too few | expects: count the bins
import numpy as np


def calibration_error(confidence, correct, n_bins=10):
    c, r = np.array(confidence), np.array(correct, float)
    edges = np.linspace(0, 1, n_bins)
    total = 0.0
    for low, high in zip(edges[:-1], edges[1:]):
        m = (c >= low) & ((c < high) | (high == 1))
        if m.any():
            total += m.mean() * abs(c[m].mean() - r[m].mean())
    return total


# %% wrong: bins from the smallest to the largest confidence | expects: from the smallest
import numpy as np


def calibration_error(confidence, correct, n_bins=10):
    c, r = np.array(confidence), np.array(correct, float)
    edges = np.histogram_bin_edges(c, n_bins)
    places = np.digitize(c, edges[1:-1])
    gaps = [abs((c - r)[places == p].sum()) for p in range(n_bins)]
    return sum(gaps) / len(c)


# %% wrong: rounds to the nearest | expects: round down
def calibration_error(confidence, correct, n_bins=10):
    gaps = [0.0] * n_bins
    for c, r in zip(confidence, correct):
        gaps[min(round(c * n_bins), n_bins - 1)] += c - r
    return sum(map(abs, gaps)) / len(confidence)


# %% wrong: one minus the error | expects: left of 1
def calibration_error(confidence, correct, n_bins=10):
    gaps = [0.0] * n_bins
    for c, r in zip(confidence, correct):
        gaps[min(int(c * n_bins), n_bins - 1)] += c - r
    return 1 - sum(map(abs, gaps)) / len(confidence)


# %% wrong: percent | expects: percent
def calibration_error(confidence, correct, n_bins=10):
    gaps = [0.0] * n_bins
    for c, r in zip(confidence, correct):
        gaps[min(int(c * n_bins), n_bins - 1)] += c - r
    return 100 * sum(map(abs, gaps)) / len(confidence)


# %% wrong: a sum, not divided | expects: divide by the number of answers
def calibration_error(confidence, correct, n_bins=10):
    gaps = [0.0] * n_bins
    for c, r in zip(confidence, correct):
        gaps[min(int(c * n_bins), n_bins - 1)] += c - r
    return sum(map(abs, gaps))


# %% wrong: the accuracy of wrong answers | expects: of right ones
def calibration_error(confidence, correct, n_bins=10):
    gaps = [0.0] * n_bins
    for c, r in zip(confidence, correct):
        gaps[min(int(c * n_bins), n_bins - 1)] += c - (not r)
    return sum(map(abs, gaps)) / len(confidence)


# %% wrong: right answers of a bin over all answers | expects: of that bin
def calibration_error(confidence, correct, n_bins=10):
    n, bins = len(confidence), {}
    for c, r in zip(confidence, correct):
        bins.setdefault(min(int(c * n_bins), n_bins - 1), []).append((c, r))
    total = 0.0
    for b in bins.values():
        mean = sum(c for c, _ in b) / len(b)
        total += len(b) / n * abs(mean - sum(r for _, r in b) / n)
    return total


# %% wrong: bins of one answer are left out | expects: with one answer
def calibration_error(confidence, correct, n_bins=10):
    bins = {}
    for c, r in zip(confidence, correct):
        bins.setdefault(min(int(c * n_bins), n_bins - 1), []).append(c - r)
    return sum(abs(sum(b)) for b in bins.values() if len(b) > 1) / len(confidence)


# %% wrong: the accuracy | expects: how often answers are right
def calibration_error(confidence, correct, n_bins=10):
    return sum(correct) / len(correct)


# %% wrong: bins (lo, hi], 0 in the first | expects: the bin above it
import math


def calibration_error(confidence, correct, n_bins=10):
    gaps = [0.0] * n_bins
    for c, r in zip(confidence, correct):
        gaps[max(math.ceil(c * n_bins) - 1, 0)] += c - r
    return sum(map(abs, gaps)) / len(confidence)


# %% wrong: bins (lo, hi] as much code has them, 0 lost | expects: the bin above it
import numpy as np


def calibration_error(confidence, correct, n_bins=10):
    c, r = np.array(confidence), np.array(correct, float)
    edges = np.linspace(0, 1, n_bins + 1)
    total = 0.0
    for low, high in zip(edges[:-1], edges[1:]):
        m = (c > low) & (c <= high)
        if m.any():
            total += m.mean() * abs(c[m].mean() - r[m].mean())
    return total


# %% wrong: 1.0 is in no bin | expects: 1.0 is lost
def calibration_error(confidence, correct, n_bins=10):
    total = 0.0
    for b in range(n_bins):
        held = [c - r for c, r in zip(confidence, correct) if b / n_bins <= c < (b + 1) / n_bins]
        total += abs(sum(held))
    return total / len(confidence)


# %% wrong: a bin more, for 1.0 alone | expects: just below it
def calibration_error(confidence, correct, n_bins=10):
    gaps = [0.0] * (n_bins + 1)
    for c, r in zip(confidence, correct):
        gaps[int(c * n_bins)] += c - r
    return sum(map(abs, gaps)) / len(confidence)


# %% wrong: 1.0 goes round to the first bin | expects: just below it
def calibration_error(confidence, correct, n_bins=10):
    gaps = [0.0] * n_bins
    for c, r in zip(confidence, correct):
        gaps[int(c * n_bins) % n_bins] += c - r
    return sum(map(abs, gaps)) / len(confidence)


# %% wrong: 1.0 is beyond the last bin | expects: one beyond the last bin
def calibration_error(confidence, correct, n_bins=10):
    gaps = [0.0] * n_bins
    for c, r in zip(confidence, correct):
        gaps[int(c * n_bins)] += c - r
    return sum(map(abs, gaps)) / len(confidence)


# %% wrong: edges belong to no bin | expects: every confidence belongs to a bin
def calibration_error(confidence, correct, n_bins=10):
    total = 0.0
    for b in range(n_bins):
        held = [c - r for c, r in zip(confidence, correct) if b / n_bins < c < (b + 1) / n_bins]
        total += abs(sum(held))
    return total / len(confidence)


# %% wrong: a confidence of 0 is taken for a missing one | expects: every confidence belongs to a bin
def calibration_error(confidence, correct, n_bins=10):
    gaps = [0.0] * n_bins
    for c, r in zip(confidence, correct):
        if c:
            gaps[min(int(c * n_bins), n_bins - 1)] += c - r
    return sum(map(abs, gaps)) / len(confidence)


# %% wrong: both edges belong to a bin | expects: one bin only
def calibration_error(confidence, correct, n_bins=10):
    total = 0.0
    for b in range(n_bins):
        held = [c - r for c, r in zip(confidence, correct) if b / n_bins <= c <= (b + 1) / n_bins]
        total += abs(sum(held))
    return total / len(confidence)


# %% wrong: sorts the list that it was given | expects: modified its input
def calibration_error(confidence, correct, n_bins=10):
    confidence.sort()
    gaps = [0.0] * n_bins
    for c, r in zip(confidence, correct):
        gaps[min(int(c * n_bins), n_bins - 1)] += c - r
    return sum(map(abs, gaps)) / len(confidence)


# %% wrong: sorts confidences away from their answers | expects: in each bin
def calibration_error(confidence, correct, n_bins=10):
    gaps = [0.0] * n_bins
    for c, r in zip(sorted(confidence), correct):
        gaps[min(int(c * n_bins), n_bins - 1)] += c - r
    return sum(map(abs, gaps)) / len(confidence)


# %% wrong: rounded to two decimals | expects: in each bin
def calibration_error(confidence, correct, n_bins=10):
    gaps = [0.0] * n_bins
    for c, r in zip(confidence, correct):
        gaps[min(int(c * n_bins), n_bins - 1)] += c - r
    return round(sum(map(abs, gaps)) / len(confidence), 2)


# %% wrong: bins over [0.5, 1] | expects: in each bin
def calibration_error(confidence, correct, n_bins=10):
    gaps = [0.0] * n_bins
    for c, r in zip(confidence, correct):
        gaps[max(0, min(int((c - 0.5) * 2 * n_bins), n_bins - 1))] += c - r
    return sum(map(abs, gaps)) / len(confidence)


# %% wrong: the log loss | expects: in each bin
import math


def calibration_error(confidence, correct, n_bins=10):
    losses = [-math.log(max(c if r else 1 - c, 1e-12)) for c, r in zip(confidence, correct)]
    return sum(losses) / len(losses)


# %% wrong: a single answer is refused | expects: one answer is enough
def calibration_error(confidence, correct, n_bins=10):
    if len(confidence) < 2:
        raise ValueError("confidence holds one answer")
    gaps = [0.0] * n_bins
    for c, r in zip(confidence, correct):
        gaps[min(int(c * n_bins), n_bins - 1)] += c - r
    return sum(map(abs, gaps)) / len(confidence)


# %% wrong: the course's own function | expects: does this exercise for you
from utils.evaluation.calibration import calibration_error as measure


def calibration_error(confidence, correct, n_bins=10):
    return measure(confidence, correct, n_bins)


# %% wrong: the course's own bins | expects: does this exercise for you
from utils.evaluation.calibration import reliability


def calibration_error(confidence, correct, n_bins=10):
    bins = reliability(confidence, correct, n_bins)
    return sum(b.count * abs(b.accuracy - b.confidence) for b in bins) / len(confidence)


# %% right: pandas' intervals, closed on the left
import pandas as pd


def calibration_error(confidence, correct, n_bins=10):
    edges = [i / n_bins for i in range(n_bins)] + [2.0]
    table = pd.DataFrame({"sure": list(confidence), "right": [bool(r) for r in correct]})
    if not ((table.sure >= 0) & (table.sure <= 1)).all() or table.empty or n_bins < 1:
        raise ValueError("confidence must lie between 0 and 1, and hold something")
    means = table.groupby(pd.cut(table.sure, edges, right=False), observed=True).mean()
    sizes = table.groupby(pd.cut(table.sure, edges, right=False), observed=True).size()
    return float(((means.sure - means.right).abs() * sizes).sum() / len(table))

# %% wrong: refuses a confidence of 0 | expects: from 0 to 1 is allowed
def calibration_error(confidence, correct, n_bins=10):
    n = len(confidence)
    if n == 0 or n != len(correct) or n_bins < 1 or any(not 0 < c <= 1 for c in confidence):
        raise ValueError("bad")
    g = {}
    for c, y in zip(confidence, correct):
        g.setdefault(min(int(c * n_bins), n_bins - 1), []).append(c - y)
    return sum(abs(sum(v)) for v in g.values()) / n


# %% wrong: all edges are 0, and all answers in one bin | expects: all of them lie in one bin
def calibration_error(confidence, correct, n_bins=10):
    bins = [[] for _ in range(n_bins)]
    for sure, right in zip(confidence, correct):
        bins[min(int(sure // n_bins), n_bins - 1)].append((sure, right))
    total = 0.0
    for held in filter(None, bins):
        total += abs(sum(sure for sure, _ in held) - sum(right for _, right in held))
    return total / len(confidence)


# %% wrong: the distances keep their sign, confidence less accuracy | expects: cancel
def calibration_error(confidence, correct, n_bins=10):
    bins = [[] for _ in range(n_bins)]
    for sure, right in zip(confidence, correct):
        bins[min(int(sure * n_bins), n_bins - 1)].append((sure, right))
    total = 0.0
    for held in filter(None, bins):
        total += sum(sure for sure, _ in held) - sum(right for _, right in held)
    return total / len(confidence)


# %% wrong: the distances keep their sign, accuracy less confidence | expects: cancel
def calibration_error(confidence, correct, n_bins=10):
    bins = [[] for _ in range(n_bins)]
    for sure, right in zip(confidence, correct):
        bins[min(int(sure * n_bins), n_bins - 1)].append((sure, right))
    total = 0.0
    for held in filter(None, bins):
        total += sum(right for _, right in held) - sum(sure for sure, _ in held)
    return total / len(confidence)
