"""Answers to `semantic_clusters`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: each first member gathers its own
def semantic_clusters(answers, same):
    left, clusters = list(range(len(answers))), []
    while left:
        first = left[0]
        cluster = [
            i
            for i in left
            if i == first or (same(answers[first], answers[i]) and same(answers[i], answers[first]))
        ]
        clusters.append(cluster)
        left = [i for i in left if i not in cluster]
    return clusters


def _entropy(answers, clusters):
    from math import log

    return -sum(len(c) / len(answers) * log(len(c) / len(answers)) for c in clusters)


def semantic_entropy(answers, same):
    return _entropy(answers, semantic_clusters(answers, same))


# %% right: labels first, then lists
import numpy as np


def semantic_clusters(answers, same):
    labels, heads = [], []
    for i, text in enumerate(answers):
        for label, head in enumerate(heads):
            if bool(same(text, answers[head])) and bool(same(answers[head], text)):
                labels.append(label)
                break
        else:
            labels.append(len(heads))
            heads.append(i)
    labels = np.array(labels)
    return [np.flatnonzero(labels == label).tolist() for label in range(len(heads))]


def semantic_entropy(answers, same):
    sizes = np.array([len(c) for c in semantic_clusters(answers, same)])
    p = sizes / sizes.sum()
    return -(p * np.log(p)).sum()


# %% right: a dictionary by first member, tuples
from math import fsum, log


def semantic_clusters(answers, same):
    groups = {}
    for i, text in enumerate(answers):
        agree = (h for h in groups if same(answers[h], text) and same(text, answers[h]))
        groups.setdefault(next(agree, i), []).append(i)
    return [tuple(group) for group in groups.values()]


def semantic_entropy(answers, same):
    n = len(answers)
    return fsum(len(c) * (log(n) - log(len(c))) for c in semantic_clusters(answers, same)) / n


# %% right: a table of agreement
import numpy as np


def semantic_clusters(answers, same):
    n = len(answers)
    table = np.array([[bool(same(a, b)) for b in answers] for a in answers]).reshape(n, n)
    table = table & table.T | np.eye(n, dtype=bool)
    free, clusters = np.ones(n, dtype=bool), []
    while free.any():
        head = int(np.argmax(free))
        members = np.flatnonzero(table[head] & free)
        clusters.append([int(i) for i in members])
        free[members] = False
    return clusters


def semantic_entropy(answers, same):
    from scipy.stats import entropy

    return entropy([len(c) for c in semantic_clusters(answers, same)])


# %% right: torch: the mean surprise of an answer, in float32
import torch


def semantic_clusters(answers, same):
    clusters = []
    for i in range(len(answers)):
        for cluster in clusters:
            if all((same(answers[cluster[0]], answers[i]), same(answers[i], answers[cluster[0]]))):
                cluster += [i]
                break
        else:
            clusters += [[i]]
    return clusters


def semantic_entropy(answers, same):
    sizes = torch.tensor([len(c) for c in semantic_clusters(answers, same) for _ in c]).float()
    return (len(answers) / sizes).log().mean()


# %% right: torch's categorical distribution, and recursion
import torch


def semantic_clusters(answers, same, places=None):
    places = range(len(answers)) if places is None else places
    if not places:
        return []
    first = places[0]
    mine = [first] + [
        i
        for i in places[1:]
        if same(answers[i], answers[first]) and same(answers[first], answers[i])
    ]
    return [mine] + semantic_clusters(answers, same, [i for i in places if i not in mine])


def semantic_entropy(answers, same):
    sizes = [float(len(c)) for c in semantic_clusters(answers, same)]
    return (
        torch.distributions.Categorical(probs=torch.tensor(sizes, dtype=torch.float64))
        .entropy()
        .item()
    )


# %% right: each pair of texts is asked once, and remembered
import math
from collections import Counter


def _labels(answers, same):
    asked, heads, labels = {}, [], []
    for i, text in enumerate(answers):
        found = i
        for head in heads:
            key = (answers[head], text)
            if key not in asked:
                asked[key] = same(*key) and same(*key[::-1])
            if asked[key]:
                found = head
                break
        if found == i:
            heads.append(i)
        labels.append(found)
    return labels


def semantic_clusters(answers, same):
    labels = _labels(answers, same)
    return [
        [i for i, label in enumerate(labels) if label == head] for head in dict.fromkeys(labels)
    ]


def semantic_entropy(answers, same):
    n = len(answers)
    return sum(-c / n * math.log(c / n) for c in Counter(_labels(answers, same)).values())


# %% right: refuses what the row leaves open, and subtracts from log n
import math


def semantic_clusters(answers, same):
    if not answers:
        raise ValueError("answers is empty")
    clusters = [[0]]
    for i in range(1, len(answers)):
        where = None
        for c in clusters:
            if (
                where is None
                and same(answers[c[0]], answers[i])
                and same(answers[i], answers[c[0]])
            ):
                where = c
        if where is None:
            clusters.append([i])
        else:
            where.append(i)
    return clusters


def semantic_entropy(answers, same):
    n = len(answers)
    return abs(
        math.log(n) - sum(len(c) * math.log(len(c)) for c in semantic_clusters(answers, same)) / n
    )


# %% wrong: the first member says it | expects: mutual
def semantic_clusters(answers, same):
    clusters = []
    for i, text in enumerate(answers):
        for cluster in clusters:
            first = answers[cluster[0]]
            if same(first, text):
                cluster.append(i)
                break
        else:
            clusters.append([i])
    return clusters


def _entropy(answers, clusters):
    from math import log

    return -sum(len(c) / len(answers) * log(len(c) / len(answers)) for c in clusters)


def semantic_entropy(answers, same):
    return _entropy(answers, semantic_clusters(answers, same))


# %% wrong: the answer says it | of: the first member says it | expects: mutual
# -             if same(first, text):
# +             if same(text, first):


# %% wrong: either of them | of: the first member says it | expects: mutual
# -             if same(first, text):
# +             if same(first, text) or same(text, first):


# %% wrong: any member | of: the first member says it | expects: first member, not with any
# -             first = answers[cluster[0]]
# -             if same(first, text):
# +             if any(same(answers[j], text) and same(text, answers[j]) for j in cluster):


# %% wrong: all members | of: the first member says it | expects: first member, not with any
# -             first = answers[cluster[0]]
# -             if same(first, text):
# +             if all(same(answers[j], text) and same(text, answers[j]) for j in cluster):


# %% wrong: the last member | of: the first member says it | expects: or the last
# -             first = answers[cluster[0]]
# -             if same(first, text):
# +             last = answers[cluster[-1]]
# +             if same(last, text) and same(text, last):


# %% wrong: connected components | expects: first member, not with any
def semantic_clusters(answers, same):
    parent = list(range(len(answers)))

    def root(i):
        while parent[i] != i:
            i = parent[i]
        return i

    for i in range(len(answers)):
        for j in range(i):
            if same(answers[i], answers[j]) and same(answers[j], answers[i]):
                a, b = sorted((root(i), root(j)))
                parent[b] = a
    groups = {}
    for i in range(len(answers)):
        groups.setdefault(root(i), []).append(i)
    return list(groups.values())


def _entropy(answers, clusters):
    from math import log

    return -sum(len(c) / len(answers) * log(len(c) / len(answers)) for c in clusters)


def semantic_entropy(answers, same):
    return _entropy(answers, semantic_clusters(answers, same))


# %% wrong: some member one way, some member the other way | of: the first member says it | expects: first member / mutual / in order
# -             first = answers[cluster[0]]
# -             if same(first, text):
# +             if any(same(answers[j], text) for j in cluster) and any(
# +                 same(text, answers[j]) for j in cluster
# +             ):


# %% wrong: the break is missing | expects: two clusters
def semantic_clusters(answers, same):
    clusters = []
    for i, text in enumerate(answers):
        found = False
        for cluster in clusters:
            first = answers[cluster[0]]
            if same(first, text) and same(text, first):
                cluster.append(i)
                found = True
        if not found:
            clusters.append([i])
    return clusters


def _entropy(answers, clusters):
    from math import log

    return -sum(len(c) / len(answers) * log(len(c) / len(answers)) for c in clusters)


def semantic_entropy(answers, same):
    return _entropy(answers, semantic_clusters(answers, same))


# %% wrong: for each answer those that agree with it | expects: two clusters
def semantic_clusters(answers, same):
    return [[j for j, b in enumerate(answers) if same(a, b) and same(b, a)] for a in answers]


def _entropy(answers, clusters):
    from math import log

    return -sum(len(c) / len(answers) * log(len(c) / len(answers)) for c in clusters)


def semantic_entropy(answers, same):
    return _entropy(answers, semantic_clusters(answers, same))


# %% wrong: those that agree with the first answer, and the rest | expects: begins a new one
def semantic_clusters(answers, same):
    agree = [same(answers[0], text) and same(text, answers[0]) for text in answers]
    places = range(len(answers))
    return [c for c in ([i for i in places if agree[i]], [i for i in places if not agree[i]]) if c]


def semantic_entropy(answers, same):
    from math import log

    n = len(answers)
    return -sum(len(c) / n * log(len(c) / n) for c in semantic_clusters(answers, same))


# %% wrong: the last cluster that fits | of: the first member says it | expects: tried in order
# -         for cluster in clusters:
# +         for cluster in reversed(clusters):

# -             if same(first, text):
# +             if same(first, text) and same(text, first):


# %% wrong: the answer before | of: for each answer those that agree with it | expects: answer before it
# -     return [[j for j, b in enumerate(answers) if same(a, b) and same(b, a)] for a in answers]
# +     clusters = [[0]]
# +     for i in range(1, len(answers)):
# +         if same(answers[i - 1], answers[i]) and same(answers[i], answers[i - 1]):
# +             clusters[-1].append(i)
# +         else:
# +             clusters.append([i])
# +     return clusters


# %% wrong: equal texts | of: for each answer those that agree with it | expects: ask `same`
# -     return [[j for j, b in enumerate(answers) if same(a, b) and same(b, a)] for a in answers]
# +     groups = {}
# +     for i, text in enumerate(answers):
# +         groups.setdefault(text, []).append(i)
# +     return list(groups.values())


# %% wrong: each answer alone | of: for each answer those that agree with it | expects: ask `same`
# -     return [[j for j, b in enumerate(answers) if same(a, b) and same(b, a)] for a in answers]
# +     return [[i] for i in range(len(answers))]


# %% wrong: clusters of one are dropped | of: the first member says it | expects: agrees with no other
# -             if same(first, text):
# +             if same(first, text) and same(text, first):

# -     return clusters
# +     return [c for c in clusters if len(c) > 1]


# %% wrong: a label for each answer | of: the first member says it | expects: list of clusters
# -             if same(first, text):
# +             if same(first, text) and same(text, first):

# -     return clusters
# +     return [next(k for k, c in enumerate(clusters) if i in c) for i in range(len(answers))]


# %% wrong: a dictionary | of: the first member says it | expects: list of clusters
# -             if same(first, text):
# +             if same(first, text) and same(text, first):

# -     return clusters
# +     return dict(enumerate(clusters))


# %% wrong: sizes | expects: list of clusters
def semantic_clusters(answers, same):
    clusters = []
    for i, text in enumerate(answers):
        for cluster in clusters:
            first = answers[cluster[0]]
            if same(first, text) and same(text, first):
                cluster.append(i)
                break
        else:
            clusters.append([i])
    return [len(c) for c in clusters]


def semantic_entropy(answers, same):
    from math import log

    n = len(answers)
    return -sum(c / n * log(c / n) for c in semantic_clusters(answers, same))


# %% wrong: sets of places | of: the first member says it | expects: each a list of places
# -             if same(first, text):
# +             if same(first, text) and same(text, first):

# -     return clusters
# +     return [set(c) for c in clusters]


# %% wrong: texts in place of places | expects: not the answers
def semantic_clusters(answers, same):
    clusters = []
    for text in answers:
        for cluster in clusters:
            if same(cluster[0], text) and same(text, cluster[0]):
                cluster.append(text)
                break
        else:
            clusters.append([text])
    return clusters


def _entropy(answers, clusters):
    from math import log

    return -sum(len(c) / len(answers) * log(len(c) / len(answers)) for c in clusters)


def semantic_entropy(answers, same):
    return _entropy(answers, semantic_clusters(answers, same))


# %% wrong: places from 1 | of: the first member says it | expects: from 0
# -             if same(first, text):
# +             if same(first, text) and same(text, first):

# -     return clusters
# +     return [[i + 1 for i in c] for c in clusters]


# %% wrong: places by index | of: the first member says it | expects: `index`
# -             if same(first, text):
# +             if same(first, text) and same(text, first):

# -     return clusters
# +     return [[answers.index(answers[i]) for i in c] for c in clusters]


# %% wrong: equal answers only once | of: the first member says it | expects: `index`
# -     for i, text in enumerate(answers):
# +     for text in dict.fromkeys(answers):
# +         i = answers.index(text)

# -             if same(first, text):
# +             if same(first, text) and same(text, first):


# %% wrong: the largest first | of: the first member says it | expects: order of appearance
# -             if same(first, text):
# +             if same(first, text) and same(text, first):

# -     return clusters
# +     return sorted(clusters, key=len, reverse=True)


# %% wrong: backwards in each | of: the first member says it | expects: order of appearance
# -             if same(first, text):
# +             if same(first, text) and same(text, first):

# -     return clusters
# +     return [c[::-1] for c in clusters]


# %% wrong: sorted by their texts | of: the first member says it | expects: order of appearance
# -             if same(first, text):
# +             if same(first, text) and same(text, first):

# -     return clusters
# +     return sorted(clusters, key=lambda c: str(answers[c[0]]))


# %% wrong: from the last answer to the first | expects: in order / first member
def semantic_clusters(answers, same):
    clusters = []
    for i in reversed(range(len(answers))):
        for cluster in clusters:
            first = answers[cluster[0]]
            if same(first, answers[i]) and same(answers[i], first):
                cluster.insert(0, i)
                break
        else:
            clusters.insert(0, [i])
    return clusters


def _entropy(answers, clusters):
    from math import log

    return -sum(len(c) / len(answers) * log(len(c) / len(answers)) for c in clusters)


def semantic_entropy(answers, same):
    return _entropy(answers, semantic_clusters(answers, same))


# %% wrong: compares places | of: the first member says it | expects: not their places
# -     for i, text in enumerate(answers):
# +     for i in range(len(answers)):

# -             first = answers[cluster[0]]
# -             if same(first, text):
# +             if same(cluster[0], i) and same(i, cluster[0]):


# %% wrong: asks with one argument | of: the first member says it | expects: takes two answers
# -             first = answers[cluster[0]]
# -             if same(first, text):
# +             if same((answers[cluster[0]], text)):


# %% wrong: the newest member takes the place of the first | of: the first member says it | expects: first member / order of appearance / in order
# -             if same(first, text):
# -                 cluster.append(i)
# +             if same(first, text) and same(text, first):
# +                 cluster.insert(0, i)


# %% wrong: appends to what it was given | of: the first member says it | expects: modified its input
# - def semantic_clusters(answers, same):
# + def semantic_clusters(answers, same):
# +     answers.append(answers[-1])

# -             if same(first, text):
# +             if same(first, text) and same(text, first):

# -     return clusters
# +     return [[i for i in c if i < len(answers) - 1] for c in clusters if c != [len(answers) - 1]]


# %% wrong: one answer has nothing to agree with | of: the first member says it | expects: stands in one cluster
# - def semantic_clusters(answers, same):
# + def semantic_clusters(answers, same):
# +     if len(answers) < 2:
# +         return []

# -             if same(first, text):
# +             if same(first, text) and same(text, first):


# %% wrong: one answer is refused | of: the first member says it | expects: one answer is enough
# - def semantic_clusters(answers, same):
# + def semantic_clusters(answers, same):
# +     if len(answers) < 2:
# +         raise ValueError("answers: too few")

# -             if same(first, text):
# +             if same(first, text) and same(text, first):


# %% wrong: the course's own functions | expects: does this exercise for you
from utils.evaluation.consistency import semantic_clusters as cluster


def semantic_clusters(answers, same):
    return cluster(answers, same)


def _entropy(answers, clusters):
    from math import log

    return -sum(len(c) / len(answers) * log(len(c) / len(answers)) for c in clusters)


def semantic_entropy(answers, same):
    return _entropy(answers, semantic_clusters(answers, same))


# %% wrong: bits | expects: nats, not bits
def semantic_clusters(answers, same):
    clusters = []
    for i, text in enumerate(answers):
        for cluster in clusters:
            first = answers[cluster[0]]
            if same(first, text) and same(text, first):
                cluster.append(i)
                break
        else:
            clusters.append([i])
    return clusters


def semantic_entropy(answers, same):
    from math import exp, log, log2, log10

    n = len(answers)
    sizes = [len(c) for c in semantic_clusters(answers, same)]
    return -sum(c / n * log2(c / n) for c in sizes)


# %% wrong: the logarithm to 10 | of: bits | expects: nats, not bits
# -     return -sum(c / n * log2(c / n) for c in sizes)
# +     return -sum(c / n * log10(c / n) for c in sizes)


# %% wrong: the entropy of the texts | of: bits | expects: entropy of the words
# -     from math import exp, log, log2, log10
# +     from collections import Counter
# +     from math import log

# -     sizes = [len(c) for c in semantic_clusters(answers, same)]
# -     return -sum(c / n * log2(c / n) for c in sizes)
# +     return -sum(c / n * log(c / n) for c in Counter(answers).values())


# %% wrong: divided by log n | of: bits | expects: not divided by its largest
# -     return -sum(c / n * log2(c / n) for c in sizes)
# +     return -sum(c / n * log(c / n) for c in sizes) / log(n) if n > 1 else 0.0


# %% wrong: divided by log k | of: bits | expects: not divided by its largest
# -     return -sum(c / n * log2(c / n) for c in sizes)
# +     return -sum(c / n * log(c / n) for c in sizes) / log(len(sizes)) if len(sizes) > 1 else 0.0


# %% wrong: one minus the normalised entropy | of: bits | expects: not divided by its largest
# -     return -sum(c / n * log2(c / n) for c in sizes)
# +     return 1 - sum(c / n * log(c / n) for c in sizes) / log(n) * -1 if n > 1 else 1.0


# %% wrong: the logarithm of the number of clusters | of: bits | expects: how many clusters
# -     return -sum(c / n * log2(c / n) for c in sizes)
# +     return log(len(sizes))


# %% wrong: the number of clusters | of: bits | expects: how many clusters
# -     return -sum(c / n * log2(c / n) for c in sizes)
# +     return len(sizes)


# %% wrong: no minus sign | of: bits | expects: sign is wrong
# -     return -sum(c / n * log2(c / n) for c in sizes)
# +     return sum(c / n * log(c / n) for c in sizes)


# %% wrong: logarithms of counts | of: bits | expects: shares of all answers
# -     return -sum(c / n * log2(c / n) for c in sizes)
# +     return sum(c / n * log(c) for c in sizes)


# %% wrong: counts in place of shares | of: bits | expects: shares of all answers
# -     return -sum(c / n * log2(c / n) for c in sizes)
# +     return -sum(c * log(c) for c in sizes)


# %% wrong: perplexity | of: bits | expects: exponential
# -     return -sum(c / n * log2(c / n) for c in sizes)
# +     return exp(-sum(c / n * log(c / n) for c in sizes))


# %% wrong: Gini | of: bits | expects: not squares
# -     return -sum(c / n * log2(c / n) for c in sizes)
# +     return 1 - sum((c / n) ** 2 for c in sizes)


# %% wrong: unweighted logarithms | of: bits | expects: counts by its cluster's share
# -     return -sum(c / n * log2(c / n) for c in sizes)
# +     return -sum(log(c / n) for c in sizes)


# %% wrong: a mean of logarithms over clusters | of: bits | expects: counts by its cluster's share
# -     return -sum(c / n * log2(c / n) for c in sizes)
# +     return -sum(log(c / n) for c in sizes) / len(sizes)


# %% wrong: times n | of: bits | expects: each once
# -     return -sum(c / n * log2(c / n) for c in sizes)
# +     return -sum(c * log(c / n) for c in sizes)


# %% wrong: the mean over clusters | of: bits | expects: each once
# -     return -sum(c / n * log2(c / n) for c in sizes)
# +     return -sum(c / n * log(c / n) for c in sizes) / len(sizes)


# %% wrong: a term for each answer | of: bits | expects: each once
# -     return -sum(c / n * log2(c / n) for c in sizes)
# +     return -sum(c / n * log(c / n) for c in sizes for _ in range(c))


# %% wrong: clusters of one are left out | of: bits | expects: one answer counts
# -     return -sum(c / n * log2(c / n) for c in sizes)
# +     return -sum(c / n * log(c / n) for c in sizes if c > 1)


# %% wrong: one minus the largest share | of: bits | expects: not only the largest
# -     return -sum(c / n * log2(c / n) for c in sizes)
# +     return 1 - max(sizes) / n


# %% wrong: the largest cluster only | of: bits | expects: not only the largest
# -     return -sum(c / n * log2(c / n) for c in sizes)
# +     return -log(max(sizes) / n)


# %% wrong: rounded to two decimals | of: bits | expects: add up
# -     return -sum(c / n * log2(c / n) for c in sizes)
# +     return round(-sum(c / n * log(c / n) for c in sizes), 2)


# %% wrong: over one answer fewer | of: bits | expects: add up
# -     return -sum(c / n * log2(c / n) for c in sizes)
# +     return -sum(c / n * log(c / (n - 1)) for c in sizes) if n > 1 else 0.0


# %% wrong: a single cluster has no entropy | of: bits | expects: one meaning has an entropy of 0
# -     return -sum(c / n * log2(c / n) for c in sizes)
# +     return -sum(c / n * log(c / n) for c in sizes) if len(sizes) > 1 else float("nan")


# %% wrong: a single cluster divides by zero | of: bits | expects: share 1, whose logarithm is 0
# -     return -sum(c / n * log2(c / n) for c in sizes)
# +     return -sum(c / n * log(c / n) for c in sizes) + 0 / log(len(sizes))


# %% wrong: the entropy of clusters by one direction | expects: mutual
def semantic_clusters(answers, same):
    clusters = []
    for i, text in enumerate(answers):
        for cluster in clusters:
            first = answers[cluster[0]]
            if same(first, text) and same(text, first):
                cluster.append(i)
                break
        else:
            clusters.append([i])
    return clusters


def _clusters(answers, same):
    clusters = []
    for i, text in enumerate(answers):
        for cluster in clusters:
            first = answers[cluster[0]]
            if same(first, text):
                cluster.append(i)
                break
        else:
            clusters.append([i])
    return clusters


def semantic_entropy(answers, same):
    from math import log

    n = len(answers)
    return -sum(len(c) / n * log(len(c) / n) for c in _clusters(answers, same))


# %% wrong: the entropy of clusters by any member | of: the entropy of clusters by one direction | expects: first member, not with any
# -             first = answers[cluster[0]]
# -             if same(first, text):
# +             if any(same(answers[j], text) and same(text, answers[j]) for j in cluster):


# %% wrong: the entropy of clusters of equal texts | of: the entropy of clusters by one direction | expects: ask `same` / entropy of the words
# -             if same(first, text):
# +             if first == text:


# %% wrong: the entropy of runs of answers | expects: answer before it / add up
def semantic_clusters(answers, same):
    clusters = []
    for i, text in enumerate(answers):
        for cluster in clusters:
            first = answers[cluster[0]]
            if same(first, text) and same(text, first):
                cluster.append(i)
                break
        else:
            clusters.append([i])
    return clusters


def semantic_entropy(answers, same):
    from math import log

    sizes = [1]
    for a, b in zip(answers, answers[1:]):
        if same(a, b) and same(b, a):
            sizes[-1] += 1
        else:
            sizes.append(1)
    return -sum(c / len(answers) * log(c / len(answers)) for c in sizes)


# %% wrong: the entropy asks with one argument | of: sizes | expects: takes two answers
# -     return [len(c) for c in clusters]
# +     return clusters

# -     return -sum(c / n * log(c / n) for c in semantic_clusters(answers, same))
# +     sizes = [sum(same((a, b)) for b in answers) for a in answers]
# +     return -sum(log(c / n) / n for c in sizes)


# %% wrong: the entropy of how many agree with each answer | of: sizes | expects: clusters are those of the first function / mutual / first member
# -     return [len(c) for c in clusters]
# +     return clusters

# -     return -sum(c / n * log(c / n) for c in semantic_clusters(answers, same))
# +     counts = [sum(same(a, b) and same(b, a) for b in answers) for a in answers]
# +     return -sum(log(c / n) / n for c in counts)


# %% wrong: the course's own entropy | of: bits | expects: does this exercise for you
# -     from math import exp, log, log2, log10
# +     from utils.evaluation.consistency import semantic_entropy as measure

# -     n = len(answers)
# -     sizes = [len(c) for c in semantic_clusters(answers, same)]
# -     return -sum(c / n * log2(c / n) for c in sizes)
# +     return measure(answers, same)


# %% right: a queue of what is left, split by its head
import math
from collections import deque


def semantic_clusters(answers, same):
    if not len(answers):
        raise ValueError("no answers")
    waiting, clusters = deque(enumerate(answers)), []
    while waiting:
        place, head = waiting.popleft()
        clusters.append([place])
        for _ in range(len(waiting)):
            place, other = waiting.popleft()
            if same(other, head) and same(head, other):
                clusters[-1].append(place)
            else:
                waiting.append((place, other))
    return clusters


def semantic_entropy(answers, same):
    sizes = [len(one) for one in semantic_clusters(answers, same)]
    return math.log(sum(sizes)) - sum(c * math.log(c) for c in sizes) / sum(sizes)

# %% wrong: compares with the last cluster only | expects: before it
import math


def semantic_clusters(answers, same):
    if not answers:
        raise ValueError("answers")
    c = []
    for i, a in enumerate(answers):
        if c and same(a, answers[c[-1][0]]) and same(answers[c[-1][0]], a):
            c[-1].append(i)
        else:
            c.append([i])
    return c


def semantic_entropy(answers, same):
    return -sum(
        len(c) / len(answers) * math.log(len(c) / len(answers))
        for c in semantic_clusters(answers, same)
    )
