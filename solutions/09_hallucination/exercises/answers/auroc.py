"""Answers to `auroc`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: average ranks, sorted once
def auroc(scores, labels):
    n, positives = len(scores), sum(1 for y in labels if y)
    if positives == 0 or positives == n:
        raise ValueError("labels must hold both classes")
    order = sorted(range(n), key=lambda i: scores[i])
    ranks, i = [0.0] * n, 0
    while i < n:
        j = i
        while j + 1 < n and scores[order[j + 1]] == scores[order[i]]:
            j += 1
        for k in range(i, j + 1):
            ranks[order[k]] = (i + j) / 2 + 1
        i = j + 1
    total = sum(rank for rank, y in zip(ranks, labels) if y)
    return (total - positives * (positives + 1) / 2) / (positives * (n - positives))


# %% right: scipy's ranks
import numpy as np
from scipy.stats import rankdata


def auroc(scores, labels):
    labels = np.asarray(labels, dtype=bool)
    p, n = labels.sum(), (~labels).sum()
    if p == 0 or n == 0:
        raise ValueError(f"labels: {p} positives and {n} negatives")
    return (rankdata(scores)[labels].sum() - p * (p + 1) / 2) / (p * n)


# %% right: scipy's Mann and Whitney
from scipy.stats import mannwhitneyu


def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return mannwhitneyu(pos, neg).statistic / (len(pos) * len(neg))


# %% right: trapezoids under the curve, ties in one step
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    total = sum(labels)
    rest = len(labels) - total
    area, tpr, fpr = 0.0, 0.0, 0.0
    for threshold in sorted(set(scores), reverse=True):
        hits = sum(1 for s, y in zip(scores, labels) if s >= threshold and y) / total
        false = sum(1 for s, y in zip(scores, labels) if s >= threshold and not y) / rest
        area += (false - fpr) * (hits + tpr) / 2
        tpr, fpr = hits, false
    return area


# %% right: numpy's trapezoids from cumulative sums
import numpy as np


def auroc(scores, labels):
    scores, labels = np.asarray(scores, float), np.asarray(labels).astype(int)
    if len(np.unique(labels)) < 2:
        raise ValueError("labels has one class only")
    order = np.argsort(-scores, kind="stable")
    scores, labels = scores[order], labels[order]
    ends = np.append(np.nonzero(np.diff(scores))[0], len(scores) - 1)
    tps = np.concatenate([[0], np.cumsum(labels)[ends]])
    fps = np.concatenate([[0], np.cumsum(1 - labels)[ends]])
    tpr, fpr = tps / tps[-1], fps / fps[-1]
    return float(np.sum(np.diff(fpr) * (tpr[1:] + tpr[:-1]) / 2))


# %% right: a table of comparisons in numpy
import numpy as np


def auroc(scores, labels):
    scores, labels = np.array(scores), np.array(labels) == 1
    pos, neg = scores[labels], scores[~labels]
    if not len(pos) or not len(neg):
        raise ValueError("labels: both classes are needed")
    return ((pos[:, None] > neg).mean() + (pos[:, None] >= neg).mean()) / 2


# %% right: torch in single precision, as a tensor
import torch


def auroc(scores, labels):
    scores, labels = torch.tensor(scores, dtype=torch.float32), torch.tensor(labels).bool()
    pos, neg = scores[labels], scores[~labels]
    if pos.numel() == 0 or neg.numel() == 0:
        raise ValueError("labels must have positives and negatives")
    return (0.5 + 0.5 * torch.sign(pos[:, None] - neg[None, :])).double().mean()


# %% right: heaviside
import numpy as np


def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return np.heaviside(np.subtract.outer(pos, neg), 0.5).mean()


# %% right: bisection in the sorted negatives
from bisect import bisect_left, bisect_right


def auroc(scores, labels):
    pos = [s for s, y in zip(scores, labels) if y]
    neg = sorted(s for s, y in zip(scores, labels) if not y)
    if not pos or not neg:
        raise ValueError(f"labels: {len(pos)} positives, {len(neg)} negatives")
    u = sum(bisect_left(neg, p) + bisect_right(neg, p) for p in pos)
    return u / (2 * len(pos) * len(neg))


# %% right: exact fractions
from fractions import Fraction
from itertools import product


def auroc(scores, labels):
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    if min(len(pos), len(neg)) == 0:
        raise ValueError("labels of one class")
    won = sum(
        (Fraction(1) if p > n else Fraction(1, 2) if p == n else 0) for p, n in product(pos, neg)
    )
    return float(won / (len(pos) * len(neg)))


# %% right: counts upwards, level by level
from collections import Counter


def auroc(scores, labels):
    good, bad = Counter(), Counter()
    for score, label in zip(scores, labels, strict=True):
        (good if label else bad)[score] += 1
    if not good or not bad:
        raise ValueError("labels: only one class is present")
    below, area = 0, 0.0
    for level in sorted({*good, *bad}):
        area += good[level] * (below + bad[level] / 2)
        below += bad[level]
    return area / good.total() / bad.total()


# %% right: a division by zero becomes an error
def auroc(scores, labels):
    wins = pairs = 0
    for i, mine in enumerate(labels):
        for j, other in enumerate(labels):
            if mine and not other:
                pairs += 1
                wins += 2 if scores[i] > scores[j] else 1 if scores[i] == scores[j] else 0
    if pairs == 0:
        raise ValueError("labels: no pair of a positive and a negative")
    return wins / 2 / pairs


# %% right: from Kendall's counts of pairs that agree
def auroc(scores, labels):
    n = len(scores)
    agree = oppose = pairs = 0
    for i in range(n):
        for j in range(i):
            if bool(labels[i]) != bool(labels[j]):
                pairs += 1
                d = (scores[i] - scores[j]) * (1 if labels[i] else -1)
                agree += d > 0
                oppose += d < 0
    if not pairs:
        raise ValueError(f"labels: {n} of one class")
    return (1 + (agree - oppose) / pairs) / 2


# %% right: pandas' ranks
import pandas as pd


def auroc(scores, labels):
    frame = pd.DataFrame({"score": scores, "label": [bool(y) for y in labels]})
    if frame["label"].nunique() != 2:
        raise ValueError("labels must hold two classes")
    rank = frame["score"].rank(method="average")
    p = int(frame["label"].sum())
    n = len(frame) - p
    return (rank[frame["label"]].mean() - (p + 1) / 2) / n


# %% wrong: ties count as lost | expects: ties count as lost
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return sum(p > n for p in pos for n in neg) / (len(pos) * len(neg))


# %% wrong: ties count as won | expects: ties count as won
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return sum(p >= n for p in pos for n in neg) / (len(pos) * len(neg))


# %% wrong: ties left out | expects: ties are left out
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    told = [p > n for p in pos for n in neg if p != n]
    return sum(told) / len(told)


# %% wrong: ties left out, one half when all are | expects: ties are left out
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    told = [p > n for p in pos for n in neg if p != n]
    return sum(told) / len(told) if told else 0.5


# %% wrong: a tie counts a quarter | expects: 1/2 at a tie / ties count one half / equal scores
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return sum((p > n) + 0.25 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))


# %% wrong: ranks by argsort | expects: mean of their ranks
import numpy as np


def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    labels = np.array(labels, bool)
    ranks = np.argsort(np.argsort(scores, kind="stable"), kind="stable") + 1
    p, n = labels.sum(), (~labels).sum()
    return (ranks[labels].sum() - p * (p + 1) / 2) / (p * n)


# %% wrong: ranks by argsort from the other end | expects: mean of their ranks
import numpy as np


def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    labels = np.array(labels, bool)
    order = np.argsort(-np.array(scores), kind="stable")
    ranks = np.empty(len(labels))
    ranks[order] = np.arange(len(labels), 0, -1)
    p, n = labels.sum(), (~labels).sum()
    return (ranks[labels].sum() - p * (p + 1) / 2) / (p * n)


# %% wrong: a curve that steps through ties one by one | expects: mean of their ranks
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    order = sorted(range(len(scores)), key=lambda i: -scores[i])
    hits, area = 0, 0
    for i in order:
        if labels[i]:
            hits += 1
        else:
            area += hits
    p = sum(labels)
    return area / (p * (len(labels) - p))


# %% wrong: a curve of rectangles | expects: ties count
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    p = sum(labels)
    n, area, before = len(labels) - p, 0.0, 0.0
    for threshold in sorted(set(scores), reverse=True):
        tpr = sum(s >= threshold and y for s, y in zip(scores, labels)) / p
        fpr = sum(s >= threshold and not y for s, y in zip(scores, labels)) / n
        area += (fpr - before) * tpr
        before = fpr
    return area


# %% wrong: ranks, the smallest of a tie | expects: mean of their ranks
import numpy as np
from scipy.stats import rankdata


def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    labels = np.array(labels, bool)
    p, n = labels.sum(), (~labels).sum()
    return (rankdata(scores, method="min")[labels].sum() - p * (p + 1) / 2) / (p * n)


# %% wrong: dense ranks | expects: mean of their ranks
import numpy as np
from scipy.stats import rankdata


def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    labels = np.array(labels, bool)
    p, n = labels.sum(), (~labels).sum()
    return (rankdata(scores, method="dense")[labels].sum() - p * (p + 1) / 2) / (p * n)


# %% wrong: ranks from 0 in the formula from 1 | expects: ranks count from 1
import numpy as np
from scipy.stats import rankdata


def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    labels = np.array(labels, bool)
    p, n = labels.sum(), (~labels).sum()
    return ((rankdata(scores) - 1)[labels].sum() - p * (p + 1) / 2) / (p * n)


# %% wrong: ranks, what positives have among themselves left in | expects: is taken off
import numpy as np
from scipy.stats import rankdata


def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    labels = np.array(labels, bool)
    return rankdata(scores)[labels].sum() / (labels.sum() * (~labels).sum())


# %% wrong: the lower one wins | expects: order is wrong
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return sum((p < n) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))


# %% wrong: labels read the wrong way round | expects: order is wrong
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return sum((n > p) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))


# %% wrong: the better of both directions | expects: below one half
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    a = sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))
    return max(a, 1 - a)


# %% wrong: the smaller of both directions | expects: order is wrong
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    a = sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))
    return min(a, 1 - a)


# %% wrong: a number of pairs | expects: divide by positives
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return sum((p > n) + 0.5 * (p == n) for p in pos for n in neg)


# %% wrong: divided by all scores | expects: divide by the number of pairs
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / len(scores)


# %% wrong: divided by all pairs of scores | expects: divide by the number of pairs
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / (
        len(scores) * (len(scores) - 1) / 2
    )


# %% wrong: divided by the positives | expects: divide by the number of pairs
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / len(pos)


# %% wrong: accuracy at one half | expects: no threshold
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return sum((s >= 0.5) == bool(y) for s, y in zip(scores, labels)) / len(scores)


# %% wrong: accuracy at zero | expects: no threshold
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return sum((s > 0) == bool(y) for s, y in zip(scores, labels)) / len(scores)


# %% wrong: balanced accuracy at one half | expects: no threshold
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return (sum(p >= 0.5 for p in pos) / len(pos) + sum(n < 0.5 for n in neg) / len(neg)) / 2


# %% wrong: balanced accuracy at the mean | expects: no threshold
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    cut = sum(scores) / len(scores)
    return (sum(p > cut for p in pos) / len(pos) + sum(n <= cut for n in neg) / len(neg)) / 2


# %% wrong: classes compared in place of scores | expects: no threshold
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    hard = lambda score: score >= 0.5
    return sum((p > n) + 0.5 * (p == n) for p in map(hard, pos) for n in map(hard, neg)) / (
        len(pos) * len(neg)
    )


# %% wrong: the best accuracy of any threshold | expects: compare each positive
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return max(sum((s >= t) == bool(y) for s, y in zip(scores, labels)) for t in scores) / len(
        scores
    )


# %% wrong: twice the value minus one | expects: 2 auroc - 1
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    a = sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))
    return 2 * a - 1


# %% wrong: average precision | expects: precision and recall
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    found, area = 0, 0.0
    for threshold in sorted(set(scores), reverse=True):
        taken = [y for s, y in zip(scores, labels) if s >= threshold]
        area += (sum(taken) - found) / sum(labels) * sum(taken) / len(taken)
        found = sum(taken)
    return area


# %% wrong: positives against all | expects: not with other positives
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return sum((p > n) + 0.5 * (p == n) for p in pos for n in scores) / (len(pos) * len(scores))


# %% wrong: positives against all, ties lost | expects: not with other positives
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return sum(p > n for p in pos for n in scores) / (len(pos) * len(scores))


# %% wrong: positives and negatives side by side | expects: same place
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return sum((p > n) + 0.5 * (p == n) for p, n in zip(pos, neg)) / min(len(pos), len(neg))


# %% wrong: sets of scores | expects: each time counts
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    pos, neg = set(pos), set(neg)
    return sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))


# %% wrong: a dictionary from scores to labels | expects: 1/2 at a tie / ties / compare
def auroc(scores, labels):
    label_of = dict(zip(scores, labels))
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in label_of.items() if y]
    neg = [s for s, y in label_of.items() if not y]
    return sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))


# %% wrong: the difference of the means | expects: not their means
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return sum(pos) / len(pos) - sum(neg) / len(neg)


# %% wrong: which mean is higher | expects: not their means / one number
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return float(sum(pos) / len(pos) > sum(neg) / len(neg))


# %% wrong: a correlation | expects: compare each positive
import numpy as np


def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return float(np.corrcoef(scores, labels)[0, 1])


# %% wrong: percent | expects: percent
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return 100 * sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))


# %% wrong: a truth value | expects: one number
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return min(pos) > max(neg)


# %% wrong: one value for each positive | expects: one number
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return [sum((p > n) + 0.5 * (p == n) for n in neg) / len(neg) for p in pos]


# %% wrong: a curve | expects: one number
import numpy as np


def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    order = np.argsort(-np.array(scores))
    y = np.array(labels, float)[order]
    return np.cumsum(1 - y) / (1 - y).sum(), np.cumsum(y) / y.sum()


# %% wrong: nearly equal is a tie | expects: compare them exactly
import numpy as np


def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return sum(0.5 if np.isclose(p, n) else float(p > n) for p in pos for n in neg) / (
        len(pos) * len(neg)
    )


# %% wrong: scores rounded | expects: 1/2 at a tie / compare them exactly
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    pos, neg = [round(p, 2) for p in pos], [round(n, 2) for n in neg]
    return sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))


# %% wrong: the value rounded | expects: compare each positive
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return round(sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg)), 2)


# %% wrong: pairs drawn at random | expects: compare each positive
import random


def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    draws = [(random.choice(pos), random.choice(neg)) for _ in range(2000)]
    return sum((p > n) + 0.5 * (p == n) for p, n in draws) / 2000


# %% wrong: whole division | expects: compare each positive / 1/2 at a tie / not their means / order is wrong
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) // (len(pos) * len(neg))


# %% wrong: scores clipped to 0 to 1 | expects: any numbers
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    pos, neg = [min(max(p, 0), 1) for p in pos], [min(max(n, 0), 1) for n in neg]
    return sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))


# %% wrong: absolute scores | expects: compare
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return sum((abs(p) > abs(n)) + 0.5 * (abs(p) == abs(n)) for p in pos for n in neg) / (
        len(pos) * len(neg)
    )


# %% wrong: refuses negative scores | expects: any numbers
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    if min(scores) < 0 or max(scores) > 1:
        raise ValueError("scores must be probabilities")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))


# %% wrong: labels of 1 and -1 expected | expects: compare each positive / any numbers / value too
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y > 0]
    neg = [s for s, y in zip(scores, labels) if y < 0]
    return sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))


# %% wrong: the arguments swapped | expects: any numbers / 1/2 at a tie / compare each
def auroc(labels, scores):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))


# %% wrong: the first scores only | expects: compare each positive
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    scores, labels = scores[:64], labels[:64]
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))


# %% wrong: scores sorted, labels not | expects: in place / compare each positive / order is wrong
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    scores.sort()
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))


# %% wrong: a sorted copy of the scores, labels in the old order | expects: compare each positive
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    scores = sorted(scores)
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))


# %% wrong: earlier scores are kept | expects: compare each positive
pos, neg = [], []


def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    for s, y in zip(scores, labels):
        (pos if y else neg).append(s)
    return sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))


# %% wrong: a constant score is worth nothing | expects: constant score knows nothing
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    if len(set(scores)) == 1:
        return 0.0
    return sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))


# %% wrong: a constant score has no value | expects: value too
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    if len(set(scores)) == 1:
        raise ValueError("scores are constant")
    return sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))


# %% wrong: a separation of one pair is no share | expects: share is due
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    a = sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))
    return a if 0 < a < 1 else a > 0


# %% wrong: one class is one half | expects: with one class
def auroc(scores, labels):
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    if not pos or not neg:
        return 0.5
    return sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))


# %% wrong: one class is NaN | expects: with one class
def auroc(scores, labels):
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    if not pos or not neg:
        return float("nan")
    return sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))


# %% wrong: one class is a division by zero | expects: with one class
def auroc(scores, labels):
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))


# %% wrong: only positives are refused | expects: with one class
def auroc(scores, labels):
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    if not neg:
        raise ValueError("labels hold no negative")
    if not pos:
        return 0.0
    return sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))


# %% wrong: only negatives are refused | expects: with one class
def auroc(scores, labels):
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    if not pos:
        raise ValueError("labels hold no positive")
    return sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / max(1, len(pos) * len(neg))


# %% wrong: an assert for one class | expects: ValueError
def auroc(scores, labels):
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    assert pos and neg
    return sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))


# %% wrong: a single positive is refused | expects: one positive is enough
def auroc(scores, labels):
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    if len(pos) < 2 or len(neg) < 2:
        raise ValueError("labels must hold at least two of each class")
    return sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))


# %% wrong: refuses everything | expects: only labels of a single class
def auroc(scores, labels):
    raise ValueError("labels")


# %% wrong: a single positive gives one or nothing | expects: compare each positive / constant score
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    if len(pos) == 1:
        return float(pos[0] > sum(neg) / len(neg)) or 0.001
    return sum((p > n) + 0.5 * (p == n) for p in pos for n in neg) / (len(pos) * len(neg))


# %% wrong: a curve without its start | expects: constant score
def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    p = sum(labels)
    points = []
    for threshold in sorted(set(scores), reverse=True):
        hits = sum(1 for s, y in zip(scores, labels) if s >= threshold and y) / p
        false = sum(1 for s, y in zip(scores, labels) if s >= threshold and not y) / (
            len(labels) - p
        )
        points.append((false, hits))
    return sum((c - a) * (b + d) / 2 for (a, b), (c, d) in zip(points, points[1:]))


# %% wrong: thresholds of a fixed grid | expects: compare each positive
import numpy as np


def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    scores, labels = np.array(scores), np.array(labels, bool)
    cuts = np.linspace(1.001, -0.001, 500)
    tpr = np.array([(scores[labels] >= cut).mean() for cut in cuts])
    fpr = np.array([(scores[~labels] >= cut).mean() for cut in cuts])
    return float((np.diff(fpr) * (tpr[1:] + tpr[:-1]) / 2).sum())


# %% wrong: the median in place of pairs | expects: compare
from statistics import median


def auroc(scores, labels):
    if all(labels) or not any(labels):
        raise ValueError(f"labels hold one class only: {labels!r}")
    pos = [s for s, y in zip(scores, labels) if y]
    neg = [s for s, y in zip(scores, labels) if not y]
    return sum((p > median(neg)) + 0.5 * (p == median(neg)) for p in pos) / len(pos)


# %% wrong: the course's own function | expects: does this exercise for you
from utils.evaluation.detection import auroc as area


def auroc(scores, labels):
    return area(scores, labels)


# %% wrong: the course's own module, asked inside | expects: does this exercise for you
def auroc(scores, labels):
    from utils.evaluation import detection

    return detection.auroc(scores, labels)


# %% right: where a positive would stand among the sorted negatives, exact to the end
from bisect import bisect_left, bisect_right
from fractions import Fraction


def auroc(scores, labels):
    if len(scores) != len(labels) or any(score != score for score in scores):
        raise ValueError(f"scores must be numbers and as many as labels, not {scores}")
    negatives = sorted(score for score, label in zip(scores, labels) if not label)
    positives = [score for score, label in zip(scores, labels) if label]
    if not positives or not negatives:
        raise ValueError(f"labels must hold both classes, not {labels}")
    won = sum(bisect_left(negatives, score) + bisect_right(negatives, score) for score in positives)
    return float(Fraction(won, 2 * len(positives) * len(negatives)))


# %% right: half of one plus the mean sign of all differences
import numpy as np


def auroc(scores, labels):
    scores, labels = np.array(scores, float), np.array(labels, bool)
    if scores.shape != labels.shape or np.isnan(scores).any() or labels.all() or not labels.any():
        raise ValueError("both classes are needed")
    return (1 + np.sign(np.subtract.outer(scores[labels], scores[~labels])).mean()) / 2


# %% wrong: ties are won, and count one half more | expects: one and a half
def auroc(scores, labels):
    positives = [score for score, label in zip(scores, labels) if label]
    negatives = [score for score, label in zip(scores, labels) if not label]
    if not positives or not negatives:
        raise ValueError("labels hold one class only")
    won = sum((p >= n) + 0.5 * (p == n) for p in positives for n in negatives)
    return won / (len(positives) * len(negatives))


# %% wrong: a tie is a difference below 1e-12 | expects: differ a little are no tie
def auroc(scores, labels):
    positives = [score for score, label in zip(scores, labels) if label]
    negatives = [score for score, label in zip(scores, labels) if not label]
    if not positives or not negatives:
        raise ValueError("labels must hold both classes")
    won = sum(0.5 if abs(p - n) < 1e-12 else p > n for p in positives for n in negatives)
    return won / (len(positives) * len(negatives))


# %% wrong: a sigmoid of the scores | of: a tie is a difference below 1e-12 | expects: exp and the sigmoid
# -     positives = [score for score, label in zip(scores, labels) if label]
# +     import torch
# +
# +     scores = torch.sigmoid(torch.tensor(scores, dtype=torch.float64)).tolist()
# +     positives = [score for score, label in zip(scores, labels) if label]

# -     won = sum(0.5 if abs(p - n) < 1e-12 else p > n for p in positives for n in negatives)
# +     won = sum((p > n) + 0.5 * (p == n) for p in positives for n in negatives)


# %% wrong: an exponential of the scores | of: a tie is a difference below 1e-12 | expects: exp and the sigmoid
# -     positives = [score for score, label in zip(scores, labels) if label]
# +     from math import exp
# +
# +     scores = [exp(score) for score in scores]
# +     positives = [score for score, label in zip(scores, labels) if label]

# -     won = sum(0.5 if abs(p - n) < 1e-12 else p > n for p in positives for n in negatives)
# +     won = sum((p > n) + 0.5 * (p == n) for p in positives for n in negatives)


# %% wrong: scores limited to a billion | of: a tie is a difference below 1e-12 | expects: limits
# -     positives = [score for score, label in zip(scores, labels) if label]
# +     scores = [min(max(score, -1e9), 1e9) for score in scores]
# +     positives = [score for score, label in zip(scores, labels) if label]

# -     won = sum(0.5 if abs(p - n) < 1e-12 else p > n for p in positives for n in negatives)
# +     won = sum((p > n) + 0.5 * (p == n) for p in positives for n in negatives)
