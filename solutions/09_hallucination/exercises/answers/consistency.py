"""Answers to `consistency`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: counts of each answer
from collections import Counter


def consistency(answers):
    n = len(answers)
    if n < 2:
        raise ValueError(f"answers has {n} entries")
    return sum(c * (c - 1) for c in Counter(answers).values()) / (n * (n - 1))


# %% right: a mean over combinations
from itertools import combinations
from statistics import mean


def consistency(answers):
    if len(answers) < 2:
        raise ValueError(f"answers {answers!r} hold no pair")
    return mean(float(a == b) for a, b in combinations(answers, 2))


# %% right: a numpy table without its diagonal
import numpy as np


def consistency(answers):
    n = len(answers)
    if n <= 1:
        raise ValueError("answers must hold two runs or more")
    values = np.array(answers)
    table = values[:, None] == values[None, :]
    return (table.sum() - n) / (n * n - n)


# %% right: takes the chance of a run with itself off
def consistency(answers):
    answers = list(answers)
    n = len(answers)
    if not n > 1:
        raise ValueError("answers: two runs are the least")
    with_itself = sum((answers.count(one) / n) ** 2 for one in set(answers))
    return (n * with_itself - 1) / (n - 1)


# %% right: torch, as a tensor of one number
import torch


def consistency(answers):
    if len(answers) < 2:
        raise ValueError(f"answers: {len(answers)} are too few")
    kinds = sorted(set(answers))
    ids = torch.tensor([kinds.index(one) for one in answers])
    same = (ids[:, None] == ids).double()
    return torch.triu(same, diagonal=1).sum() / (len(ids) * (len(ids) - 1) / 2)


# %% right: exact fractions
from fractions import Fraction


def consistency(answers):
    pairs = [(a, b) for i, a in enumerate(answers) for b in answers[i + 1 :]]
    if not pairs:
        raise ValueError(f"no two answers in {answers!r}")
    return float(Fraction(sum(a == b for a, b in pairs), len(pairs)))


# %% right: sorts, and counts as it goes
def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: one run agrees with nothing")
    seen, equal = {}, 0
    for one in sorted(answers):
        equal += seen.get(one, 0)
        seen[one] = seen.get(one, 0) + 1
    return 2 * equal / len(answers) / (len(answers) - 1)


# %% right: each run asks how many of the others agree
def consistency(answers):
    n = len(answers)
    if n in (0, 1):
        raise ValueError(f"answers has length {n}, two are needed")
    agreeing = 0.0
    for i, mine in enumerate(answers):
        others = [*answers[:i], *answers[i + 1 :]]
        agreeing += others.count(mine) / len(others)
    return agreeing / n


# %% right: numpy.unique, as a scalar of numpy
import numpy as np


def consistency(answers):
    if len(answers) < 2:
        raise ValueError(f"need at least two answers, not {answers!r}")
    _, counts = np.unique(np.asarray(answers), return_counts=True)
    return np.float64((counts * (counts - 1)).sum() / (len(answers) * (len(answers) - 1)))


# %% right: an empty denominator is caught
from itertools import permutations


def consistency(answers):
    pairs = list(permutations(answers, 2))
    try:
        return sum(a == b for a, b in pairs) / len(pairs)
    except ZeroDivisionError:
        raise ValueError(f"answers must hold at least two, got {len(answers)}") from None


# %% wrong: with replacement | expects: paired with itself
from collections import Counter


def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    return sum((c / len(answers)) ** 2 for c in Counter(answers).values())


# %% wrong: combinations with replacement | expects: paired with itself
from itertools import combinations_with_replacement


def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    pairs = list(combinations_with_replacement(answers, 2))
    return sum(a == b for a, b in pairs) / len(pairs)


# %% wrong: the share of the most common answer | expects: most common
from collections import Counter


def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    return Counter(answers).most_common(1)[0][1] / len(answers)


# %% wrong: how many others give the most common answer | expects: most common
def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    most = max(answers.count(one) for one in answers)
    return (most - 1) / (len(answers) - 1)


# %% wrong: how often they differ | expects: differ
from itertools import combinations


def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    pairs = list(combinations(answers, 2))
    return sum(a != b for a, b in pairs) / len(pairs)


# %% wrong: ordered pairs over unordered ones | expects: counted twice
from itertools import combinations, permutations


def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    return sum(a == b for a, b in permutations(answers, 2)) / len(list(combinations(answers, 2)))


# %% wrong: unordered pairs over ordered ones | expects: counted twice
from itertools import combinations


def consistency(answers):
    n = len(answers)
    if n < 2:
        raise ValueError("answers: too few")
    return sum(a == b for a, b in combinations(answers, 2)) / (n * (n - 1))


# %% wrong: a number of pairs | expects: number of pairs
from itertools import combinations


def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    return sum(a == b for a, b in combinations(answers, 2))


# %% wrong: pairs of different runs over n squared | expects: not by the number of runs
from itertools import permutations


def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    return sum(a == b for a, b in permutations(answers, 2)) / len(answers) ** 2


# %% wrong: neighbours | expects: neighbours
def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    return sum(a == b for a, b in zip(answers, answers[1:])) / (len(answers) - 1)


# %% wrong: neighbours, over all runs | expects: neighbours
def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    return sum(answers[i] == answers[i + 1] for i in range(len(answers) - 1)) / len(answers)


# %% wrong: against the first run | expects: first one only
def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    return sum(one == answers[0] for one in answers[1:]) / (len(answers) - 1)


# %% wrong: against the first run, which is counted too | expects: first one only
def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    return answers.count(answers[0]) / len(answers)


# %% wrong: one minus the share of different answers | expects: pairs of answers there are
def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    return 1 - len(set(answers)) / len(answers)


# %% wrong: one over the number of different answers | expects: pairs of answers there are
def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    return 1 / len(set(answers))


# %% wrong: pairs of the most common answer alone | expects: rarer answer
from collections import Counter
from math import comb


def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    return comb(Counter(answers).most_common(1)[0][1], 2) / comb(len(answers), 2)


# %% wrong: percent | expects: percent
from itertools import combinations


def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    pairs = list(combinations(answers, 2))
    return 100 * sum(a == b for a, b in pairs) / len(pairs)


# %% wrong: an entropy | expects: entropy
import math
from collections import Counter


def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    shares = [c / len(answers) for c in Counter(answers).values()]
    return -sum(p * math.log(p) for p in shares)


# %% wrong: one minus the normalised entropy | expects: entropy
import math
from collections import Counter


def consistency(answers):
    n = len(answers)
    if n < 2:
        raise ValueError("answers: too few")
    return 1 + sum(c / n * math.log(c / n) for c in Counter(answers).values()) / math.log(n)


# %% wrong: all or nothing | expects: all or nothing
def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    return len(set(answers)) == 1


# %% wrong: identity in place of equality | expects: may be two objects
def consistency(answers):
    n = len(answers)
    if n < 2:
        raise ValueError("answers: too few")
    return sum(answers[i] is answers[j] for i in range(n) for j in range(i)) / (n * (n - 1) / 2)


# %% wrong: pairs of different answers, of which none agree | expects: so 0 is wrong
from itertools import combinations


def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    pairs = list(combinations(set(answers), 2))
    return sum(a == b for a, b in pairs) / max(1, len(pairs))


# %% wrong: answers that are empty or 0 agree with nothing | expects: 0 or an empty text
from itertools import combinations


def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    pairs = list(combinations(answers, 2))
    return sum(bool(a and a == b) for a, b in pairs) / len(pairs)


# %% wrong: every run against the next, round in a circle | expects: neighbours
def consistency(answers):
    n = len(answers)
    if n < 2:
        raise ValueError("answers: too few")
    return sum(answers[i] == answers[i - 1] for i in range(n)) / n


# %% wrong: counts what is left after the first of each kind | expects: pairs of answers there are
def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    return (len(answers) - len(set(answers))) / (len(answers) - 1)


# %% wrong: pairs drawn at random | expects: every pair of different runs
import random


def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    draws = [random.sample(range(len(answers)), 2) for _ in range(1000)]
    return sum(answers[i] == answers[j] for i, j in draws) / 1000


# %% wrong: one run agrees with itself | expects: fewer than two
def consistency(answers):
    n = len(answers)
    if n == 0:
        raise ValueError("answers: none")
    if n == 1:
        return 1.0
    return sum(answers[i] == answers[j] for i in range(n) for j in range(i)) / (n * (n - 1) / 2)


# %% wrong: one run is a division by zero | expects: raise a ValueError
def consistency(answers):
    n = len(answers)
    return sum(answers[i] == answers[j] for i in range(n) for j in range(i)) / (n * (n - 1) / 2)


# %% wrong: one run gives NaN | expects: fewer than two
def consistency(answers):
    n = len(answers)
    if n < 2:
        return float("nan")
    return sum(answers[i] == answers[j] for i in range(n) for j in range(i)) / (n * (n - 1) / 2)


# %% wrong: an assert in place of an error | expects: ValueError
def consistency(answers):
    n = len(answers)
    assert n >= 2
    return sum(answers[i] == answers[j] for i in range(n) for j in range(i)) / (n * (n - 1) / 2)


# %% wrong: refuses without a sentence | expects: sentence
def consistency(answers):
    n = len(answers)
    if n < 2:
        raise ValueError
    return sum(answers[i] == answers[j] for i in range(n) for j in range(i)) / (n * (n - 1) / 2)


# %% wrong: refuses everything below three | expects: two runs are enough
def consistency(answers):
    n = len(answers)
    if n < 3:
        raise ValueError("answers: too few")
    return sum(answers[i] == answers[j] for i in range(n) for j in range(i)) / (n * (n - 1) / 2)


# %% wrong: refuses everything | expects: only fewer than two
def consistency(answers):
    raise ValueError("answers: too few")


# %% wrong: the course's own function | expects: does this exercise for you
from utils.evaluation.consistency import consistency as measure


def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    return measure(answers)


# %% wrong: sorts what it was given | expects: in place
from itertools import combinations


def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    answers.sort(reverse=True)
    return sum(a == b for a, b in combinations(answers, 2)) / (
        len(answers) * (len(answers) - 1) / 2
    )


# %% wrong: takes answers off until none is left | expects: in place / every pair
def consistency(answers):
    n, equal = len(answers), 0
    if n < 2:
        raise ValueError("answers: too few")
    while answers:
        equal += answers.count(answers.pop())
    return equal / (n * (n - 1) / 2)


# %% wrong: counts from earlier calls are kept | expects: every pair / from 0 for runs
from collections import Counter

seen = Counter()


def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    seen.update(answers)
    n = seen.total()
    return sum(c * (c - 1) for c in seen.values()) / (n * (n - 1))


# %% wrong: whole division | expects: divide with /
from itertools import combinations


def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    pairs = list(combinations(answers, 2))
    return sum(a == b for a, b in pairs) // len(pairs)


# %% wrong: one only when all agree | expects: also when not all agree
def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    return float(len(set(answers)) == 1)


# %% wrong: rounded to two digits | expects: every pair of different runs
from itertools import combinations


def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    pairs = list(combinations(answers, 2))
    return round(sum(a == b for a, b in pairs) / len(pairs), 2)


# %% wrong: the first half against the second | expects: every pair of different runs
def consistency(answers):
    half = len(answers) // 2
    if not half:
        raise ValueError("answers: too few")
    return sum(a == b for a, b in zip(answers[:half], answers[half:])) / half


# %% wrong: shares squared and drawn to the root | expects: every pair of different runs
from collections import Counter


def consistency(answers):
    n = len(answers)
    if n < 2:
        raise ValueError("answers: too few")
    return sum((c / n) ** 2 for c in Counter(answers).values()) ** 0.5


# %% wrong: the first few runs | expects: every pair of different runs / pairs of answers there are
from itertools import combinations


def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    pairs = list(combinations(answers[:64], 2))
    return sum(a == b for a, b in pairs) / len(pairs)


# %% wrong: refuses no answers only | expects: fewer than two
from itertools import combinations


def consistency(answers):
    if not answers:
        raise ValueError("answers: none")
    pairs = list(combinations(answers, 2))
    return sum(a == b for a, b in pairs) / max(len(pairs), 1)


# %% wrong: refuses one answer only | expects: fewer than two
from itertools import combinations


def consistency(answers):
    if len(answers) == 1:
        raise ValueError("answers: one")
    pairs = list(combinations(answers, 2))
    return sum(a == b for a, b in pairs) / len(pairs) if pairs else 1.0


# %% wrong: None for fewer than two | expects: fewer than two
from itertools import combinations


def consistency(answers):
    if len(answers) < 2:
        return None
    pairs = list(combinations(answers, 2))
    return sum(a == b for a, b in pairs) / len(pairs)


# %% wrong: different pairs of answers are counted once | expects: pairs of answers there are
from itertools import combinations


def consistency(answers):
    if len(answers) < 2:
        raise ValueError("answers: too few")
    pairs = set(combinations(answers, 2))
    return sum(a == b for a, b in pairs) / len(pairs)


# %% wrong: hashes in place of answers | expects: not their hashes
from itertools import combinations


def consistency(answers):
    if len(answers) < 2:
        raise ValueError(f"answers must be two or more, not {answers}")
    pairs = list(combinations(answers, 2))
    return sum(hash(one) == hash(other) for one, other in pairs) / len(pairs)


# %% wrong: capitals and small letters alike | expects: in another case
from itertools import combinations


def consistency(answers):
    if len(answers) < 2:
        raise ValueError(f"answers must be two or more, not {answers}")
    runs = [one.lower() if isinstance(one, str) else one for one in answers]
    pairs = list(combinations(runs, 2))
    return sum(one == other for one, other in pairs) / len(pairs)


# %% wrong: without spaces at the ends | expects: without spaces
from itertools import combinations


def consistency(answers):
    if len(answers) < 2:
        raise ValueError(f"answers must be two or more, not {answers}")
    runs = [one.strip() if isinstance(one, str) else one for one in answers]
    pairs = list(combinations(runs, 2))
    return sum(one == other for one, other in pairs) / len(pairs)


# %% wrong: remembers by number of runs, the first and the last | expects: from earlier calls
from itertools import combinations

known = {}


def consistency(answers):
    if len(answers) < 2:
        raise ValueError(f"answers must be two or more, not {answers}")
    key = (len(answers), answers[0], answers[-1])
    if key not in known:
        pairs = list(combinations(answers, 2))
        known[key] = sum(one == other for one, other in pairs) / len(pairs)
    return known[key]


# %% wrong: remembers by number of runs and different answers | of: remembers by number of runs, the first and the last | expects: from earlier calls
# -     key = (len(answers), answers[0], answers[-1])
# +     key = (len(answers), frozenset(answers))


# %% wrong: room for a hundred runs | expects: every pair of different runs
def consistency(answers):
    runs = list(answers)[:100]
    if len(runs) < 2:
        raise ValueError(f"answers must be two or more, not {runs}")
    agree = sum(one == other for i, one in enumerate(runs) for other in runs[:i])
    return agree / (len(runs) * (len(runs) - 1) / 2)


# %% right: unbiased from the biased index, in torch
import torch


def consistency(answers):
    n = len(answers)
    if n < 2:
        raise ValueError(f"answers must be at least two, not {n}")
    ids = {one: place for place, one in enumerate(dict.fromkeys(answers))}
    share = torch.bincount(torch.tensor([ids[one] for one in answers])).double() / n
    return ((share.square().sum() * n - 1) / (n - 1)).item()


# %% wrong: no return | expects: is a `return` missing
def consistency(answers):
    n = len(answers)
    if n < 2:
        raise ValueError(f"{n} answers")
    sum(answers[i] == answers[j] for i in range(n) for j in range(i)) / (n * (n - 1) / 2)


# %% wrong: the number of pairs comes, too | expects: Return one number
def consistency(answers):
    n = len(answers)
    if n < 2:
        raise ValueError(f"{n} answers")
    equal = sum(answers[i] == answers[j] for i in range(n) for j in range(i))
    return equal / (n * (n - 1) / 2), n * (n - 1) // 2


# %% wrong: each run with itself, and the right number of pairs | expects: paired with itself
def consistency(answers):
    n = len(answers)
    if n < 2:
        raise ValueError(f"{n} answers")
    return sum(answers[i] == answers[j] for i in range(n) for j in range(i + 1)) / (n * (n - 1) / 2)


# %% wrong: the sum of 1 to n as the number of pairs | expects: n(n + 1)/2
def consistency(answers):
    n = len(answers)
    if n < 2:
        raise ValueError(f"{n} answers")
    return sum(answers[i] == answers[j] for i in range(n) for j in range(i)) / (n * (n + 1) / 2)


# %% wrong: counts types and values | of: counts of each answer | expects: 2 and 2.0 are equal
# -     return sum(c * (c - 1) for c in Counter(answers).values()) / (n * (n - 1))
# +     return sum(c * (c - 1) for c in Counter((type(a), a) for a in answers).values()) / (n * (n - 1))


# %% wrong: rounds numbers | of: counts of each answer | expects: nor rounded numbers
# -     return sum(c * (c - 1) for c in Counter(answers).values()) / (n * (n - 1))
# +     return sum(c * (c - 1) for c in Counter(round(a, 6) if isinstance(a, float) else a for a in answers).values()) / (n * (n - 1))


# %% wrong: looks at the beginnings of texts | of: counts of each answer | expects: neither their beginnings
# -     return sum(c * (c - 1) for c in Counter(answers).values()) / (n * (n - 1))
# +     return sum(c * (c - 1) for c in Counter(a[:60] if isinstance(a, str) else a for a in answers).values()) / (n * (n - 1))


# %% wrong: the two most common answers | of: counts of each answer | expects: rarer answer
# -     return sum(c * (c - 1) for c in Counter(answers).values()) / (n * (n - 1))
# +     return sum(c * (c - 1) for c in dict(Counter(answers).most_common(2)).values()) / (n * (n - 1))


# %% wrong: groups of equal neighbours | expects: only neighbours
from itertools import groupby


def consistency(answers):
    n = len(answers)
    if n < 2:
        raise ValueError(f"answers has {n} entries")
    sizes = [len(list(group)) for _, group in groupby(answers)]
    return sum(c * (c - 1) for c in sizes) / (n * (n - 1))


# %% wrong: remembers by number of different answers | expects: an earlier call
from collections import Counter

KNOWN = {}


def consistency(answers):
    n = len(answers)
    if n < 2:
        raise ValueError(f"answers has {n} entries")
    counts = Counter(answers).values()
    about = (len(counts), n > 6)
    return KNOWN.setdefault(about, sum(c * (c - 1) for c in counts) / (n * (n - 1)))
