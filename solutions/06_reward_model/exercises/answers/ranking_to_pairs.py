"""Answers to `ranking_to_pairs`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: two loops
def ranking_to_pairs(ranking):
    pairs = []
    for i in range(len(ranking)):
        for j in range(i + 1, len(ranking)):
            pairs.append((ranking[i], ranking[j]))
    return pairs


# %% right: from the last to the first, each pair a list
def ranking_to_pairs(ranking):
    pairs, behind = [], []
    for answer in reversed(list(ranking)):
        pairs += [[answer, other] for other in behind]
        behind.append(answer)
    return pairs


# %% right: by recursion
def ranking_to_pairs(ranking):
    if len(ranking) < 2:
        return []
    return [(ranking[0], other) for other in ranking[1:]] + ranking_to_pairs(ranking[1:])


# %% wrong: losers first | expects: winner comes first
def ranking_to_pairs(ranking):
    return [(b, a) for i, a in enumerate(ranking) for b in ranking[i + 1 :]]


# %% wrong: neighbours only | expects: neighbours
def ranking_to_pairs(ranking):
    return list(zip(ranking, ranking[1:]))


# %% wrong: the best against the others | expects: only the best
def ranking_to_pairs(ranking):
    return [(ranking[0], other) for other in ranking[1:]]


# %% wrong: the others against the last | expects: only the last
def ranking_to_pairs(ranking):
    return [(other, ranking[-1]) for other in ranking[:-1]]


# %% wrong: best and last | expects: best and last
def ranking_to_pairs(ranking):
    return [(ranking[0], ranking[-1])]


# %% wrong: permutations | expects: twice
from itertools import permutations


def ranking_to_pairs(ranking):
    return list(permutations(ranking, 2))


# %% wrong: with itself | expects: itself
from itertools import combinations_with_replacement


def ranking_to_pairs(ranking):
    return list(combinations_with_replacement(ranking, 2))


# %% wrong: every with every | expects: itself
def ranking_to_pairs(ranking):
    return [(a, b) for a in ranking for b in ranking]


# %% wrong: places | expects: places
from itertools import combinations


def ranking_to_pairs(ranking):
    return list(combinations(range(len(ranking)), 2))


# %% wrong: places from one | expects: places
def ranking_to_pairs(ranking):
    k = len(ranking)
    return [(i, j) for i in range(1, k + 1) for j in range(i + 1, k + 1)]


# %% wrong: sorted pairs | expects: sorted
from itertools import combinations


def ranking_to_pairs(ranking):
    return [tuple(sorted(pair)) for pair in combinations(ranking, 2)]


# %% wrong: the ranking is sorted first | expects: sorted
from itertools import combinations


def ranking_to_pairs(ranking):
    return list(combinations(sorted(ranking), 2))


# %% wrong: halves | expects: half
def ranking_to_pairs(ranking):
    middle = len(ranking) // 2
    return [(a, b) for a in ranking[:middle] for b in ranking[middle:]]


# %% wrong: one pair too few | expects: missing
from itertools import combinations


def ranking_to_pairs(ranking):
    return list(combinations(ranking, 2))[:-1]


# %% wrong: the first pair lost | expects: missing
from itertools import combinations


def ranking_to_pairs(ranking):
    return list(combinations(ranking, 2))[1:]


# %% wrong: an iterator | expects: list
from itertools import combinations


def ranking_to_pairs(ranking):
    return combinations(ranking, 2)


# %% wrong: the number of pairs | expects: list of pairs
def ranking_to_pairs(ranking):
    return len(ranking) * (len(ranking) - 1) // 2


# %% wrong: stops at ten answers | expects: every answer
def ranking_to_pairs(ranking):
    return [(a, b) for i, a in enumerate(ranking[:10]) for b in ranking[:10][i + 1 :]]


# %% wrong: needs two answers | expects: one answer
def ranking_to_pairs(ranking):
    if len(ranking) < 2:
        raise IndexError("too short")
    return [(a, b) for i, a in enumerate(ranking) for b in ranking[i + 1 :]]


# %% wrong: one answer alone | expects: one answer
def ranking_to_pairs(ranking):
    if len(ranking) == 1:
        return [(ranking[0], None)]
    return [(a, b) for i, a in enumerate(ranking) for b in ranking[i + 1 :]]


# %% wrong: empties the ranking | expects: in place / chang / modif
def ranking_to_pairs(ranking):
    pairs = []
    while ranking:
        winner = ranking.pop(0)
        pairs += [(winner, loser) for loser in ranking]
    return pairs


# %% wrong: the next two only | expects: each answer behind it
def ranking_to_pairs(ranking):
    return [(a, b) for i, a in enumerate(ranking) for b in ranking[i + 1 : i + 3]]


# %% wrong: equal pairs fall together in a set | expects: go by places
from itertools import combinations


def ranking_to_pairs(ranking):
    return list(set(combinations(ranking, 2)))


# %% wrong: places looked up by answer | expects: go by places
def ranking_to_pairs(ranking):
    return [(a, b) for a in ranking for b in ranking if ranking.index(a) < ranking.index(b)]


# %% wrong: 0 and an empty answer are left out | expects: or empty
from itertools import combinations


def ranking_to_pairs(ranking):
    return list(combinations(filter(None, ranking), 2))


# %% right: places of the upper triangle
import numpy as np


def ranking_to_pairs(ranking):
    above, below = np.triu_indices(len(ranking), k=1)
    return [(ranking[i], ranking[j]) for i, j in zip(above.tolist(), below.tolist())]


# %% wrong: an array of answers | expects: may be a list
import numpy as np


def ranking_to_pairs(ranking):
    answers = np.array(ranking)
    winners, losers = np.triu_indices(len(answers), 1)
    return list(zip(answers[winners].tolist(), answers[losers].tolist()))
