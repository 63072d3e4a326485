"""Answers to `agreement`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: a loop
def agreement(labels_a, labels_b):
    if len(labels_a) != len(labels_b):
        raise ValueError(f"labels_a has {len(labels_a)} labels, labels_b {len(labels_b)}")
    if len(labels_a) == 0:
        raise ValueError("labels_a is empty")
    equal = 0
    for i in range(len(labels_a)):
        if labels_a[i] == labels_b[i]:
            equal += 1
    return equal / len(labels_a)


# %% right: a strict zip
from statistics import mean


def agreement(labels_a, labels_b):
    if not labels_a:
        raise ValueError("labels_a must not be empty")
    return mean(float(a == b) for a, b in zip(labels_a, labels_b, strict=True))


# %% right: numpy
import numpy as np


def agreement(labels_a, labels_b):
    if len(labels_a) != len(labels_b) or len(labels_a) < 1:
        raise ValueError(f"labels_a and labels_b: {len(labels_a)} and {len(labels_b)} labels")
    return np.mean(np.array(labels_a) == np.array(labels_b))


# %% wrong: how often they differ | expects: differ
def agreement(labels_a, labels_b):
    return sum(a != b for a, b in zip(labels_a, labels_b)) / len(labels_a)


# %% wrong: a count | expects: divide
def agreement(labels_a, labels_b):
    return float(sum(a == b for a, b in zip(labels_a, labels_b)))


# %% wrong: percent | expects: percent
def agreement(labels_a, labels_b):
    return 100 * sum(a == b for a, b in zip(labels_a, labels_b)) / len(labels_a)


# %% wrong: kappa | expects: kappa
def agreement(labels_a, labels_b):
    n = len(labels_a)
    same = sum(a == b for a, b in zip(labels_a, labels_b)) / n
    chance = sum(
        labels_a.count(kind) * labels_b.count(kind) for kind in {*labels_a, *labels_b}
    ) / n**2
    return (same - chance) / (1 - chance)


# %% wrong: counts of labels | expects: place by place
from collections import Counter


def agreement(labels_a, labels_b):
    return (Counter(labels_a) & Counter(labels_b)).total() / len(labels_a)


# %% wrong: sets of labels | expects: place by place
def agreement(labels_a, labels_b):
    return len({*labels_a} & {*labels_b}) / len({*labels_a} | {*labels_b})


# %% wrong: only true labels | expects: whichever label
def agreement(labels_a, labels_b):
    if not labels_a or len(labels_a) != len(labels_b):
        raise ValueError("unequal")
    return sum(bool(a and b and a == b) or (bool(a) and a == b) for a, b in zip(labels_a, labels_b)) / len(labels_a)


# %% wrong: all or nothing | expects: all or nothing
def agreement(labels_a, labels_b):
    return labels_a == labels_b


# %% wrong: all or nothing as a number | expects: all have to be equal / place by place
def agreement(labels_a, labels_b):
    return float(list(labels_a) == list(labels_b))


# %% wrong: sorted first | expects: sorted / place by place
def agreement(labels_a, labels_b):
    return sum(a == b for a, b in zip(sorted(labels_a), sorted(labels_b))) / len(labels_a)


# %% wrong: the same object | expects: share of places / differ / kappa
def agreement(labels_a, labels_b):
    if not labels_a or len(labels_a) != len(labels_b):
        raise ValueError("unequal")
    return sum(a is b for a, b in zip(labels_a, labels_b)) / len(labels_a)


# %% wrong: zip without a check | expects: zip
def agreement(labels_a, labels_b):
    if not labels_a:
        raise ValueError("labels_a is empty")
    return sum(a == b for a, b in zip(labels_a, labels_b)) / len(labels_a)


# %% wrong: over the longer list | expects: zip
def agreement(labels_a, labels_b):
    return sum(a == b for a, b in zip(labels_a, labels_b)) / max(len(labels_a), len(labels_b))


# %% wrong: nothing is agreement | expects: without labels
def agreement(labels_a, labels_b):
    if len(labels_a) != len(labels_b):
        raise ValueError("labels_a and labels_b differ in length")
    if not labels_a:
        return 1.0
    return sum(a == b for a, b in zip(labels_a, labels_b)) / len(labels_a)


# %% wrong: an assert | expects: ValueError / assert
def agreement(labels_a, labels_b):
    assert len(labels_a) == len(labels_b) > 0
    return sum(a == b for a, b in zip(labels_a, labels_b)) / len(labels_a)


# %% wrong: rounded | expects: share of places
def agreement(labels_a, labels_b):
    if not labels_a or len(labels_a) != len(labels_b):
        raise ValueError("unequal")
    return round(sum(a == b for a, b in zip(labels_a, labels_b)) / len(labels_a), 2)


# %% wrong: fails when they agree on everything | expects: one label only
def agreement(labels_a, labels_b):
    if not labels_a or len(labels_a) != len(labels_b):
        raise ValueError("unequal")
    differ = sum(a != b for a, b in zip(labels_a, labels_b))
    return (len(labels_a) - differ) / len(labels_a) * (differ / differ)


# %% wrong: one label is too few | expects: one label
def agreement(labels_a, labels_b):
    if not labels_a or len(labels_a) != len(labels_b):
        raise ValueError("unequal")
    if len(labels_a) == 1:
        return 0.0
    return sum(a == b for a, b in zip(labels_a, labels_b)) / len(labels_a)


# %% wrong: compared as texts | expects: go by ==
def agreement(labels_a, labels_b):
    if not labels_a or len(labels_a) != len(labels_b):
        raise ValueError(f"labels_a and labels_b have {len(labels_a)} and {len(labels_b)} labels")
    return sum(str(a) == str(b) for a, b in zip(labels_a, labels_b)) / len(labels_a)


# %% wrong: capitals do not count | expects: go by ==
def agreement(labels_a, labels_b):
    def plain(label):
        return label.strip().lower() if isinstance(label, str) else label

    if not labels_a or len(labels_a) != len(labels_b):
        raise ValueError(f"labels_a and labels_b have {len(labels_a)} and {len(labels_b)} labels")
    return sum(plain(a) == plain(b) for a, b in zip(labels_a, labels_b)) / len(labels_a)


# %% right: numpy arrays compared at once
import numpy as np


def agreement(labels_a, labels_b):
    if len(labels_a) == 0 or len(labels_a) != len(labels_b):
        raise ValueError(f"labels_a and labels_b have {len(labels_a)} and {len(labels_b)} labels")
    return float((np.asarray(labels_a) == np.asarray(labels_b)).mean())


# %% wrong: None is taken for a label that is missing | expects: None or an empty text
def agreement(labels_a, labels_b):
    if len(labels_a) != len(labels_b) or not labels_a:
        raise ValueError(f"labels_a and labels_b have {len(labels_a)} and {len(labels_b)} labels")
    given = [a == b for a, b in zip(labels_a, labels_b) if a is not None and b is not None]
    return sum(given) / max(1, len(given))


# %% wrong: arrays compared at once, which stretch a single label | expects: stretches it
import numpy as np


def agreement(labels_a, labels_b):
    if len(labels_a) == 0 or len(labels_b) == 0:
        raise ValueError("no labels")
    return float((np.asarray(labels_a) == np.asarray(labels_b)).mean())


# %% wrong: a list compared with itself | expects: compared with itself
def agreement(labels_a, labels_b):
    if len(labels_a) != len(labels_b) or not labels_a:
        raise ValueError("as many labels of both, and not none")
    return sum(x == y for x, y in zip(labels_a, labels_a)) / len(labels_a)


# %% wrong: the first place is left out | expects: first or the last place
def agreement(labels_a, labels_b):
    if len(labels_a) != len(labels_b) or not labels_a:
        raise ValueError("as many labels of both, and not none")
    return sum(labels_a[i] == labels_b[i] for i in range(1, len(labels_a))) / len(labels_a)


# %% wrong: hashes | expects: not hashes
def agreement(labels_a, labels_b):
    if len(labels_a) != len(labels_b) or not labels_a:
        raise ValueError("labels")
    return sum(hash(a) == hash(b) for a, b in zip(labels_a, labels_b)) / len(labels_a)


# %% wrong: the first letter | of: hashes | expects: first letters
# -     return sum(hash(a) == hash(b) for a, b in zip(labels_a, labels_b)) / len(labels_a)
# +     head = lambda x: x[:1] if isinstance(x, str) else x
# +     return sum(head(a) == head(b) for a, b in zip(labels_a, labels_b)) / len(labels_a)


# %% wrong: stripped | of: hashes | expects: the labels themselves
# -     return sum(hash(a) == hash(b) for a, b in zip(labels_a, labels_b)) / len(labels_a)
# +     bare = lambda x: x.strip() if isinstance(x, str) else x
# +     return sum(bare(a) == bare(b) for a, b in zip(labels_a, labels_b)) / len(labels_a)


# %% wrong: nearly equal numbers | expects: rounded numbers
import math


def agreement(labels_a, labels_b):
    if len(labels_a) != len(labels_b) or not labels_a:
        raise ValueError("labels")
    near = lambda a, b: math.isclose(a, b) if float is type(a) is type(b) else a == b
    return sum(map(near, labels_a, labels_b)) / len(labels_a)
