"""Answers to `near_duplicates`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: all pairs with combinations
from itertools import combinations


def near_duplicates(texts, n=3, threshold=0.8):
    def grams(text):
        words = text.lower().split()
        return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}

    sets = [grams(text) for text in texts]
    return [(i, j) for (i, a), (j, b) in combinations(enumerate(sets), 2) if len(a & b) / len(a | b) >= threshold]


# %% right: two loops, lists as pairs
def near_duplicates(texts, n=3, threshold=0.8):
    sets = []
    for text in texts:
        words = text.lower().split()
        if len(words) < n:
            sets.append({tuple(words)})
        else:
            sets.append(set(zip(*[words[k:] for k in range(n)])))
    pairs = []
    for j in range(len(sets)):
        for i in range(j):
            union = sets[i] | sets[j]
            similarity = len(sets[i] & sets[j]) / len(union) if union else 1.0
            if similarity >= threshold:
                pairs.append([i, j])
    pairs.sort()
    return pairs


# %% right: an incidence matrix in numpy
import numpy as np


def near_duplicates(texts, n=3, threshold=0.8):
    sets = []
    for text in texts:
        words = text.lower().split()
        last = max(len(words) - n, 0)
        sets.append({tuple(words[i : i + n]) for i in range(last + 1)})
    if len(sets) < 2:
        return []
    vocabulary = {gram: column for column, gram in enumerate(sorted(set().union(*sets)))}
    table = np.zeros((len(sets), len(vocabulary)), dtype=np.int64)
    for row, grams in enumerate(sets):
        table[row, [vocabulary[gram] for gram in grams]] = 1
    shared = table @ table.T
    sizes = table.sum(axis=1)
    union = sizes[:, None] + sizes[None, :] - shared
    # Compared as a quotient, because 0.8 times 5 is not exactly 4.
    return [tuple(pair) for pair in np.argwhere(np.triu(shared / union >= threshold, k=1))]


# %% right: an inverted index, so that only texts with a common shingle are compared
from collections import Counter, defaultdict


def near_duplicates(texts, n=3, threshold=0.8):
    if threshold <= 0:
        return [(i, j) for i in range(len(texts)) for j in range(i + 1, len(texts))]
    owners = defaultdict(list)
    sizes = []
    for index, text in enumerate(texts):
        words = text.lower().split()
        grams = {tuple(words[i : i + n]) for i in range(len(words) - n + 1)} if len(words) >= n else {tuple(words)}
        sizes.append(len(grams))
        for gram in grams:
            owners[gram].append(index)
    shared = Counter((i, j) for members in owners.values() for i in members for j in members if i < j)
    return sorted((i, j) for (i, j), common in shared.items() if common / (sizes[i] + sizes[j] - common) >= threshold)


# %% wrong: above the threshold only | expects: at least, not more
from itertools import combinations


def near_duplicates(texts, n=3, threshold=0.8):
    def grams(text):
        words = text.lower().split()
        return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}

    sets = [grams(text) for text in texts]
    pairs = combinations(range(len(sets)), 2)
    return [(i, j) for i, j in pairs if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) > threshold]


# %% wrong: each pair in both orders | expects: both orders / i < j / twice / only once
from itertools import permutations


def near_duplicates(texts, n=3, threshold=0.8):
    def grams(text):
        words = text.lower().split()
        return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}

    sets = [grams(text) for text in texts]
    pairs = permutations(range(len(sets)), 2)
    return [(i, j) for i, j in pairs if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) >= threshold]


# %% wrong: every text is a duplicate of itself | expects: itself / i < j
from itertools import combinations_with_replacement


def near_duplicates(texts, n=3, threshold=0.8):
    def grams(text):
        words = text.lower().split()
        return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}

    sets = [grams(text) for text in texts]
    pairs = combinations_with_replacement(range(len(sets)), 2)
    return [(i, j) for i, j in pairs if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) >= threshold]


# %% wrong: neighbours only | expects: neighbo / adjacent / every pair / all pairs / next
def near_duplicates(texts, n=3, threshold=0.8):
    def grams(text):
        words = text.lower().split()
        return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}

    sets = [grams(text) for text in texts]
    pairs = zip(range(len(sets)), range(1, len(sets)))
    return [(i, j) for i, j in pairs if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) >= threshold]


# %% wrong: the threshold is fixed | of: above the threshold only | expects: threshold
# -     return [(i, j) for i, j in pairs if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) > threshold]
# +     return [(i, j) for i, j in pairs if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) >= 0.8]


# %% wrong: always three words | expects: `n` / n= / shingles of n / argument n / n words / n is / shingle
from itertools import combinations


def near_duplicates(texts, n=3, threshold=0.8):
    def grams(text):
        words = text.lower().split()
        return {tuple(words[i : i + 3]) for i in range(max(1, len(words) - 2))}

    sets = [grams(text) for text in texts]
    pairs = combinations(range(len(sets)), 2)
    return [(i, j) for i, j in pairs if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) >= threshold]


# %% wrong: most similar first | expects: sort / order
from itertools import combinations


def near_duplicates(texts, n=3, threshold=0.8):
    def grams(text):
        words = text.lower().split()
        return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}

    sets = [grams(text) for text in texts]
    similarity = {(i, j): len(sets[i] & sets[j]) / len(sets[i] | sets[j]) for i, j in combinations(range(len(sets)), 2)}
    found = [pair for pair, value in similarity.items() if value >= threshold]
    return sorted(found, key=lambda pair: -similarity[pair])


# %% wrong: sorted by the second index | expects: sort / order
def near_duplicates(texts, n=3, threshold=0.8):
    def grams(text):
        words = text.lower().split()
        return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}

    sets = [grams(text) for text in texts]
    pairs = [(i, j) for j in range(len(sets)) for i in range(j)]
    return [(i, j) for i, j in pairs if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) >= threshold]


# %% wrong: a text found to be a duplicate is not compared again | expects: every pair / all pairs / again / each pair / dropped
def near_duplicates(texts, n=3, threshold=0.8):
    def grams(text):
        words = text.lower().split()
        return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}

    sets = [grams(text) for text in texts]
    pairs, removed = [], set()
    for i in range(len(sets)):
        for j in range(i + 1, len(sets)):
            if i in removed or j in removed:
                continue
            if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) >= threshold:
                pairs.append((i, j))
                removed.add(j)
    return pairs


# %% wrong: over the smaller set | of: above the threshold only | expects: smaller / overlap / union / contain
# -     return [(i, j) for i, j in pairs if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) > threshold]
# +     return [(i, j) for i, j in pairs if len(sets[i] & sets[j]) / min(len(sets[i]), len(sets[j])) >= threshold]


# %% wrong: equal texts only | expects: equal / exact / identical / threshold
from itertools import combinations


def near_duplicates(texts, n=3, threshold=0.8):
    words = [text.lower().split() for text in texts]
    return [(i, j) for i, j in combinations(range(len(words)), 2) if words[i] == words[j]]


# %% wrong: the texts instead of their indices | expects: index / indices
from itertools import combinations


def near_duplicates(texts, n=3, threshold=0.8):
    def grams(text):
        words = text.lower().split()
        return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}

    sets = {text: grams(text) for text in texts}
    pairs = combinations(texts, 2)
    return [(a, b) for a, b in pairs if len(sets[a] & sets[b]) / len(sets[a] | sets[b]) >= threshold]


# %% wrong: indices from 1 | of: above the threshold only | expects: from 0 / from 1 / index / indices / zero
# -     return [(i, j) for i, j in pairs if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) > threshold]
# +     return [(i + 1, j + 1) for i, j in pairs if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) >= threshold]


# %% wrong: short texts are passed over | expects: short / fewer
from itertools import combinations


def near_duplicates(texts, n=3, threshold=0.8):
    def grams(text):
        words = text.lower().split()
        return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}

    sets = [grams(text) for text in texts]
    pairs = combinations(range(len(sets)), 2)
    return [
        (i, j) for i, j in pairs if sets[i] and sets[j] and len(sets[i] & sets[j]) / len(sets[i] | sets[j]) >= threshold
    ]


# %% wrong: all short texts are duplicates of each other | expects: short / fewer
from itertools import combinations


def near_duplicates(texts, n=3, threshold=0.8):
    def grams(text):
        words = text.lower().split()
        return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}

    sets = [grams(text) for text in texts]
    found = []
    for i, j in combinations(range(len(sets)), 2):
        union = sets[i] | sets[j]
        if not union or len(sets[i] & sets[j]) / len(union) >= threshold:
            found.append((i, j))
    return found


# %% wrong: single words instead of shingles | expects: shingle / word order / single words / n-gram
from itertools import combinations


def near_duplicates(texts, n=3, threshold=0.8):
    sets = [set(text.lower().split()) for text in texts]
    found = []
    for i, j in combinations(range(len(sets)), 2):
        union = sets[i] | sets[j]
        if not union or len(sets[i] & sets[j]) / len(union) >= threshold:
            found.append((i, j))
    return found


# %% wrong: capitals make texts different | expects: lower / case / capital
from itertools import combinations


def near_duplicates(texts, n=3, threshold=0.8):
    def grams(text):
        words = text.split()
        return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}

    sets = [grams(text) for text in texts]
    pairs = combinations(range(len(sets)), 2)
    return [(i, j) for i, j in pairs if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) >= threshold]


# %% wrong: duplicates of duplicates count as duplicates | expects: transitive / chain / directly / cluster / group
from itertools import combinations


def near_duplicates(texts, n=3, threshold=0.8):
    def grams(text):
        words = text.lower().split()
        return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}

    sets = [grams(text) for text in texts]
    group = list(range(len(sets)))
    for i, j in combinations(range(len(sets)), 2):
        if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) >= threshold:
            group = [group[i] if member == group[j] else member for member in group]
    return [(i, j) for i, j in combinations(range(len(sets)), 2) if group[i] == group[j]]


# %% wrong: the pairs below the threshold | expects: below
def near_duplicates(texts, n=3, threshold=0.8):
    def shingles(text):
        words = text.lower().split()
        return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}

    sets = [shingles(text) for text in texts]
    return [
        (i, j)
        for i in range(len(sets))
        for j in range(i + 1, len(sets))
        if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) < threshold
    ]


# %% wrong: Dice's coefficient | of: the pairs below the threshold | expects: Dice
# -         if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) < threshold
# +         if 2 * len(sets[i] & sets[j]) / (len(sets[i]) + len(sets[j])) >= threshold


# %% wrong: runs of characters | expects: characters
def near_duplicates(texts, n=3, threshold=0.8):
    def shingles(text):
        words = list(text.lower())
        return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}

    sets = [shingles(text) for text in texts]
    return [
        (i, j)
        for i in range(len(sets))
        for j in range(i + 1, len(sets))
        if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) >= threshold
    ]


# %% wrong: a default threshold of 0.5 | expects: default
def near_duplicates(texts, n=3, threshold=0.5):
    def shingles(text):
        words = text.lower().split()
        return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}

    sets = [shingles(text) for text in texts]
    return [
        (i, j)
        for i in range(len(sets))
        for j in range(i + 1, len(sets))
        if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) >= threshold
    ]


# %% wrong: a text is compared with itself | expects: itself
def near_duplicates(texts, n=3, threshold=0.8):
    def shingles(text):
        words = text.lower().split()
        return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}

    sets = [shingles(text) for text in texts]
    return [
        (i, j)
        for i in range(len(sets))
        for j in range(i, len(sets))
        if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) >= threshold
    ]


# %% wrong: no texts raise | expects: without two texts
def near_duplicates(texts, n=3, threshold=0.8):
    def shingles(text):
        words = text.lower().split()
        return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}

    sets = [shingles(text) for text in texts]
    everything = set.union(*sets)
    sets = [one & everything for one in sets]
    return [
        (i, j)
        for i in range(len(sets))
        for j in range(i + 1, len(sets))
        if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) >= threshold
    ]


# %% wrong: only the first 64 texts are compared | of: no texts raise | expects: every later one / paired once
# -     everything = set.union(*sets)
# -     sets = [one & everything for one in sets]
# +     sets = sets[:64]


# %% right: a product in place of the division | of: the pairs below the threshold
# -         if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) < threshold
# +         if len(sets[i] & sets[j]) >= threshold * len(sets[i] | sets[j])


# %% right: shingles as numbers, and intersections by sorted merging
def near_duplicates(texts, n=3, threshold=0.8):
    numbers = {}
    shelves = []
    for text in texts:
        words = text.lower().split() or [""]
        runs = [" ".join(words[at : at + n]) for at in range(max(1, len(words) - n + 1))]
        shelves.append(sorted({numbers.setdefault(run, len(numbers)) for run in runs}))
    found = []
    for j, later in enumerate(shelves):
        for i, earlier in enumerate(shelves[:j]):
            both = sorted(earlier + later)
            common = sum(a == b for a, b in zip(both, both[1:]))
            if common / (len(both) - common) >= threshold:
                found.append((i, j))
    return sorted(found)


# %% wrong: the similarity is rounded first | of: above the threshold only | expects: threshold / at least
# -     return [(i, j) for i, j in pairs if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) > threshold]
# +     return [(i, j) for i, j in pairs if round(len(sets[i] & sets[j]) / len(sets[i] | sets[j]), 1) >= threshold]


# %% wrong: the larger index first | expects: smaller index comes first
def near_duplicates(texts, n=3, threshold=0.8):
    def shingles(text):
        words = text.lower().split()
        return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}

    sets = [shingles(text) for text in texts]
    found = []
    for i in range(len(sets)):
        for j in range(i + 1, len(sets)):
            if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) >= threshold:
                found.append((j, i))
    return found


# %% wrong: the threshold is never used | expects: every pair is in the result
def near_duplicates(texts, n=3, threshold=0.8):
    def shingles(text):
        words = text.lower().split()
        return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}

    sets = [shingles(text) for text in texts]
    found = []
    for i in range(len(sets)):
        for j in range(i + 1, len(sets)):
            if sets[i] or sets[j]:
                found.append((i, j))
    return found


# %% wrong: the last text is never compared | expects: last text
def near_duplicates(texts, n=3, threshold=0.8):
    def shingles(text):
        words = text.lower().split()
        return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}

    sets = [shingles(text) for text in texts]
    found = []
    for i in range(len(sets)):
        for j in range(i + 1, len(sets) - 1):
            if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) >= threshold:
                found.append((i, j))
    return found


# %% right: one minus the distance
def _cut(text, n):
    words = text.lower().split()
    if len(words) < n:
        return {tuple(words)}
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


def _similar(a, b):
    return 1 - len(a ^ b) / len(a | b) if a | b else 1.0


def near_duplicates(texts, n=3, threshold=0.8):
    sets = [_cut(text, n) for text in texts]
    out = []
    for i in range(len(sets)):
        for j in range(i + 1, len(sets)):
            if _similar(sets[i], sets[j]) >= threshold:
                out.append((i, j))
    return out


# %% wrong: rounded to two decimals | of: one minus the distance | expects: equal to the threshold counts
# -     return 1 - len(a ^ b) / len(a | b) if a | b else 1.0
# +     return len(a & b) / len(a | b) if a | b else 1.0

# -             if _similar(sets[i], sets[j]) >= threshold:
# +             if round(_similar(sets[i], sets[j]), 2) >= threshold:


# %% wrong: compared in whole percents | of: one minus the distance | expects: do not round it
# -     return 1 - len(a ^ b) / len(a | b) if a | b else 1.0
# +     return len(a & b) / len(a | b) if a | b else 1.0

# -             if _similar(sets[i], sets[j]) >= threshold:
# +             if int(100 * _similar(sets[i], sets[j])) >= int(100 * threshold):


# %% wrong: a hundredth less is near enough | of: one minus the distance | expects: leave a margin
# -     return 1 - len(a ^ b) / len(a | b) if a | b else 1.0
# +     return len(a & b) / len(a | b) if a | b else 1.0

# -             if _similar(sets[i], sets[j]) >= threshold:
# +             if _similar(sets[i], sets[j]) >= threshold - 0.01:


# %% wrong: a threshold of 0 is replaced by the default | of: one minus the distance | expects: threshold has no effect
# -     return 1 - len(a ^ b) / len(a | b) if a | b else 1.0
# +     return len(a & b) / len(a | b) if a | b else 1.0

# - def near_duplicates(texts, n=3, threshold=0.8):
# + def near_duplicates(texts, n=3, threshold=0.8):
# +     threshold = threshold or 0.8


# %% wrong: exact copies are left out | of: one minus the distance | expects: Exact copies
# -     return 1 - len(a ^ b) / len(a | b) if a | b else 1.0
# +     return len(a & b) / len(a | b) if a | b else 1.0

# -             if _similar(sets[i], sets[j]) >= threshold:
# +             if texts[i] != texts[j] and _similar(sets[i], sets[j]) >= threshold:


# %% wrong: texts without words are left out | of: one minus the distance | expects: Two texts without words
# -     return 1 - len(a ^ b) / len(a | b) if a | b else 1.0
# +     return len(a & b) / len(a | b) if a | b else 1.0

# -             if _similar(sets[i], sets[j]) >= threshold:
# +             if texts[i].strip() and texts[j].strip() and _similar(sets[i], sets[j]) >= threshold:


# %% wrong: words without their punctuation | of: one minus the distance | expects: Punctuation belongs
# - def _cut(text, n):
# -     words = text.lower().split()
# + import re
# +
# +
# + def _cut(text, n):
# +     words = re.findall(r"\w+", text.lower())

# -     return 1 - len(a ^ b) / len(a | b) if a | b else 1.0
# +     return len(a & b) / len(a | b) if a | b else 1.0


# %% wrong: shingles joined to strings | of: one minus the distance | expects: joined to one string
# -         return {tuple(words)}
# -     return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}
# +         return {"".join(words)}
# +     return {"".join(words[i : i + n]) for i in range(len(words) - n + 1)}

# -     return 1 - len(a ^ b) / len(a | b) if a | b else 1.0
# +     return len(a & b) / len(a | b) if a | b else 1.0


# %% wrong: texts of other lengths are passed over | of: one minus the distance | expects: length of a text does not count
# -     return 1 - len(a ^ b) / len(a | b) if a | b else 1.0
# +     return len(a & b) / len(a | b) if a | b else 1.0

# -             if _similar(sets[i], sets[j]) >= threshold:
# +             if (
# +                 min(len(texts[i].split()), len(texts[j].split()))
# +                 >= threshold * max(len(texts[i].split()), len(texts[j].split()))
# +                 and _similar(sets[i], sets[j]) >= threshold
# +             ):


# %% wrong: the texts are sorted first | of: one minus the distance | expects: in place
# -     return 1 - len(a ^ b) / len(a | b) if a | b else 1.0
# +     return len(a & b) / len(a | b) if a | b else 1.0

# - def near_duplicates(texts, n=3, threshold=0.8):
# + def near_duplicates(texts, n=3, threshold=0.8):
# +     texts.sort()
