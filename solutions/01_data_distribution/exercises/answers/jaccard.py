"""Answers to `jaccard` and `shingles`: right ones that must pass, wrong ones that must fail with the words given."""


# %% right: set operators
def jaccard(a, b):
    union = a | b
    return len(a & b) / len(union) if union else 1.0


def shingles(text, n):
    words = text.lower().split()
    if len(words) < n:
        return {tuple(words)}
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


# %% right: counting by hand, shifted lists zipped
def jaccard(a, b):
    if len(a) == 0 and len(b) == 0:
        return 1
    shared = sum(1 for item in a if item in b)
    return shared / (len(a) + len(b) - shared)


def shingles(text, n):
    words = [word.lower() for word in text.split()]
    grams = set(zip(*(words[start:] for start in range(n))))
    if not grams:
        grams.add(tuple(words))
    return grams


# %% right: a sliding window, numpy float, frozenset
import re
from collections import deque

import numpy as np


def jaccard(a, b):
    a, b = frozenset(a), frozenset(b)
    sizes = np.array([len(a.intersection(b)), len(a.union(b))], dtype=np.float64)
    return sizes[0] / sizes[1] if sizes[1] > 0 else np.float64(1)


def shingles(text, n):
    words = re.findall(r"\S+", text.lower())
    window, found = deque(maxlen=n), []
    for word in words:
        window.append(word)
        if len(window) == n:
            found.append(tuple(window))
    return frozenset(found or [tuple(words)])


# %% right: recursion over the words, distance turned round
def jaccard(a, b):
    if not a and not b:
        return 1.0
    return 1.0 - len(a.symmetric_difference(b)) / len(a.union(b))


def shingles(text, n):
    def of(words):
        if len(words) <= n:
            return {tuple(words)}
        return {tuple(words[:n])} | of(words[1:])

    return of(text.lower().split())


# %% wrong: two empty sets divide by zero | expects: empty
def jaccard(a, b):
    return len(a & b) / len(a | b)


def shingles(text, n):
    words = text.lower().split()
    if len(words) < n:
        return {tuple(words)}
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


# %% wrong: two empty sets have similarity 0 | expects: empty
def jaccard(a, b):
    union = a | b
    return len(a & b) / len(union) if union else 0.0


def shingles(text, n):
    words = text.lower().split()
    if len(words) < n:
        return {tuple(words)}
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


# %% wrong: the last shingle is missed | expects: last shingle / last one / one too few / last n words / + 1
def jaccard(a, b):
    union = a | b
    return len(a & b) / len(union) if union else 1.0


def shingles(text, n):
    words = text.lower().split()
    if len(words) <= n:
        return {tuple(words)}
    return {tuple(words[i : i + n]) for i in range(len(words) - n)}


# %% wrong: character n-grams | expects: word / character
def jaccard(a, b):
    union = a | b
    return len(a & b) / len(union) if union else 1.0


def shingles(text, n):
    characters = tuple(text.lower())
    if len(characters) < n:
        return {characters}
    return {characters[i : i + n] for i in range(len(characters) - n + 1)}


# %% wrong: not lower-cased | expects: lower / case / capital
def jaccard(a, b):
    union = a | b
    return len(a & b) / len(union) if union else 1.0


def shingles(text, n):
    words = text.split()
    if len(words) < n:
        return {tuple(words)}
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


# %% wrong: a short text has no shingle | expects: short / fewer
def jaccard(a, b):
    union = a | b
    return len(a & b) / len(union) if union else 1.0


def shingles(text, n):
    words = text.lower().split()
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


# %% wrong: split at single spaces | expects: white space / whitespace / space
def jaccard(a, b):
    union = a | b
    return len(a & b) / len(union) if union else 1.0


def shingles(text, n):
    words = text.lower().split(" ")
    if len(words) < n:
        return {tuple(words)}
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


# %% wrong: joined strings instead of tuples | expects: tuple / string
def jaccard(a, b):
    union = a | b
    return len(a & b) / len(union) if union else 1.0


def shingles(text, n):
    words = text.lower().split()
    if len(words) < n:
        return {" ".join(words)}
    return {" ".join(words[i : i + n]) for i in range(len(words) - n + 1)}


# %% wrong: over the sum of the sizes | expects: union / twice / sum
def jaccard(a, b):
    total = len(a) + len(b)
    return len(a & b) / total if total else 1.0


def shingles(text, n):
    words = text.lower().split()
    if len(words) < n:
        return {tuple(words)}
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


# %% wrong: the Dice coefficient | expects: Dice / union
def jaccard(a, b):
    total = len(a) + len(b)
    return 2 * len(a & b) / total if total else 1.0


def shingles(text, n):
    words = text.lower().split()
    if len(words) < n:
        return {tuple(words)}
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


# %% wrong: over the smaller set | expects: smaller / overlap / union / contain
def jaccard(a, b):
    if not a and not b:
        return 1.0
    smaller = min(len(a), len(b))
    return len(a & b) / smaller if smaller else 0.0


def shingles(text, n):
    words = text.lower().split()
    if len(words) < n:
        return {tuple(words)}
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


# %% wrong: over the first set | expects: union / first set / symmetric
def jaccard(a, b):
    if not a:
        return 0.0 if b else 1.0
    return len(a & b) / len(a)


def shingles(text, n):
    words = text.lower().split()
    if len(words) < n:
        return {tuple(words)}
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


# %% wrong: the distance instead of the similarity | expects: distance / similarity
def jaccard(a, b):
    union = a | b
    return 1 - len(a & b) / len(union) if union else 1.0


def shingles(text, n):
    words = text.lower().split()
    if len(words) < n:
        return {tuple(words)}
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


# %% wrong: shingles side by side, without overlap | expects: overlap / every / step / slid
def jaccard(a, b):
    union = a | b
    return len(a & b) / len(union) if union else 1.0


def shingles(text, n):
    words = text.lower().split()
    if len(words) < n:
        return {tuple(words)}
    return {tuple(words[i : i + n]) for i in range(0, len(words) - n + 1, n)}


# %% wrong: shorter tails at the end count too | expects: tail / at the end / exactly n / shorter / n words
def jaccard(a, b):
    union = a | b
    return len(a & b) / len(union) if union else 1.0


def shingles(text, n):
    words = text.lower().split()
    if len(words) < n:
        return {tuple(words)}
    return {tuple(words[i : i + n]) for i in range(len(words))}


# %% wrong: the words of a shingle are sorted | expects: order / sort
def jaccard(a, b):
    union = a | b
    return len(a & b) / len(union) if union else 1.0


def shingles(text, n):
    words = text.lower().split()
    if len(words) < n:
        return {tuple(words)}
    return {tuple(sorted(words[i : i + n])) for i in range(len(words) - n + 1)}


# %% wrong: punctuation is stripped | expects: punctuation / white space / whitespace
import re


def jaccard(a, b):
    union = a | b
    return len(a & b) / len(union) if union else 1.0


def shingles(text, n):
    words = re.findall(r"\w+", text.lower())
    if len(words) < n:
        return {tuple(words)}
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


# %% wrong: the first set is emptied of what is shared | expects: in place / modified
def jaccard(a, b):
    union = len(a | b)
    a &= b
    return len(a) / union if union else 1.0


def shingles(text, n):
    words = text.lower().split()
    if len(words) < n:
        return {tuple(words)}
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


# %% wrong: rounded | expects: round
def jaccard(a, b):
    if not a and not b:
        return 1.0
    return round(len(a & b) / len(a | b), 2)


def shingles(text, n):
    words = text.lower().split()
    return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}


# %% wrong: percent | expects: percent
def jaccard(a, b):
    if not a and not b:
        return 1.0
    return 100 * len(a & b) / len(a | b)


def shingles(text, n):
    words = text.lower().split()
    return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}


# %% wrong: the number of common elements | expects: size of the union
def jaccard(a, b):
    if not a and not b:
        return 1.0
    return float(len(a & b))


def shingles(text, n):
    words = text.lower().split()
    return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}


# %% wrong: over the elements of one set only | expects: one set only
def jaccard(a, b):
    if not a and not b:
        return 1.0
    return len(a & b) / max(1, len(a ^ b))


def shingles(text, n):
    words = text.lower().split()
    return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}


# %% wrong: the cosine | expects: either set
def jaccard(a, b):
    if not a and not b:
        return 1.0
    return len(a & b) / max(1, len(a) * len(b)) ** 0.5


def shingles(text, n):
    words = text.lower().split()
    return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}


# %% wrong: through the odds, which divide by the common elements | expects: nothing in common
def jaccard(a, b):
    if not a and not b:
        return 1.0
    return 1 / (1 + len(a ^ b) / len(a & b))


def shingles(text, n):
    words = text.lower().split()
    return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}


# %% wrong: a set without elements is like any other | expects: nothing in common
def jaccard(a, b):
    return len(a & b) / len(a | b) if a and b else 1.0


def shingles(text, n):
    words = text.lower().split()
    return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}


# %% wrong: a list of tuples | expects: set of tuples
def jaccard(a, b):
    union = len(a | b)
    return len(a & b) / union if union else 1.0


def shingles(text, n):
    words = text.lower().split()
    return [tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))]


# %% wrong: the first shingle alone | expects: only one
def jaccard(a, b):
    union = len(a | b)
    return len(a & b) / union if union else 1.0


def shingles(text, n):
    return {tuple(text.lower().split()[:n])}


# %% wrong: empty words at the ends | expects: empty words
import re


def jaccard(a, b):
    union = len(a | b)
    return len(a & b) / union if union else 1.0


def shingles(text, n):
    words = re.split(r"\s+", text.lower())
    return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}


# %% wrong: one word too many in each | expects: n words each
def jaccard(a, b):
    union = len(a | b)
    return len(a & b) / union if union else 1.0


def shingles(text, n):
    words = text.lower().split()
    return {tuple(words[i : i + n + 1]) for i in range(max(1, len(words) - n))}


# %% wrong: the words of a shingle are two apart | expects: from each position
def jaccard(a, b):
    union = len(a | b)
    return len(a & b) / union if union else 1.0


def shingles(text, n):
    words = text.lower().split()
    return {tuple(words[i : i + 2 * n : 2]) for i in range(max(1, len(words) - 2 * n + 2))}


# %% wrong: no shingle for exactly n words | expects: exactly n
def jaccard(a, b):
    union = len(a | b)
    return len(a & b) / union if union else 1.0


def shingles(text, n):
    words = text.lower().split()
    if len(words) == n:
        return set()
    return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}


# %% right: through the sizes, and a deque
from collections import deque


def jaccard(a, b):
    common = sum(element in b for element in a)
    return common / (len(a) + len(b) - common) if a or b else 1.0


def shingles(text, n):
    words = text.lower().split()
    if len(words) <= n:
        return frozenset([tuple(words)])
    window, found = deque(maxlen=n), set()
    for word in words:
        window.append(word)
        if len(window) == n:
            found.add(tuple(window))
    return found


# %% wrong: the union over itself | expects: though the sets differ
def jaccard(a, b):
    if not a and not b:
        return 1.0
    return len(a | b) / len(a.union(b))


def shingles(text, n):
    words = text.lower().split()
    return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}


# %% wrong: upside down | expects: upside down
def jaccard(a, b):
    if not a and not b:
        return 1.0
    return len(a | b) / max(1, len(a & b))


def shingles(text, n):
    words = text.lower().split()
    return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}


# %% wrong: a subset counts as equal | expects: inside a larger one
def jaccard(a, b):
    if a <= b or b <= a:
        return 1.0 if a and b or a == b else 0.0
    return len(a & b) / len(a | b)


def shingles(text, n):
    words = text.lower().split()
    if len(words) < n:
        return {tuple(words)}
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


# %% wrong: elements are compared with is | expects: No common element
def jaccard(a, b):
    common = sum(any(x is y for y in b) for x in a)
    return common / (len(a) + len(b) - common) if a or b else 1.0


def shingles(text, n):
    words = text.lower().split()
    if len(words) < n:
        return {tuple(words)}
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


# %% wrong: elements joined to text | expects: look the same as text
def jaccard(a, b):
    a, b = {"".join(map(str, x)) for x in a}, {"".join(map(str, x)) for x in b}
    return len(a & b) / len(a | b) if a or b else 1.0


def shingles(text, n):
    words = text.lower().split()
    if len(words) < n:
        return {tuple(words)}
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


# %% wrong: casefold in place of lower | expects: casefold
def jaccard(a, b):
    return len(a & b) / len(a | b) if a or b else 1.0


def shingles(text, n):
    w = text.casefold().split()
    if len(w) < n:
        return {tuple(w)}
    return {tuple(w[i : i + n]) for i in range(len(w) - n + 1)}


# %% wrong: signs that stand alone are left out | expects: stands alone is a word
def jaccard(a, b):
    return len(a & b) / len(a | b) if a or b else 1.0


def shingles(text, n):
    w = [x for x in text.lower().split() if any(c.isalnum() for c in x)]
    if len(w) < n:
        return {tuple(w)}
    return {tuple(w[i : i + n]) for i in range(len(w) - n + 1)}


# %% wrong: repeated words are left out | expects: occurred before
def jaccard(a, b):
    return len(a & b) / len(a | b) if a or b else 1.0


def shingles(text, n):
    w = list(dict.fromkeys(text.lower().split()))
    if len(w) < n:
        return {tuple(w)}
    return {tuple(w[i : i + n]) for i in range(len(w) - n + 1)}


# %% wrong: split at blanks, empty words left out | expects: any white space
def jaccard(a, b):
    return len(a & b) / len(a | b) if a or b else 1.0


def shingles(text, n):
    w = [x for x in text.lower().split(" ") if x]
    if len(w) < n:
        return {tuple(w)}
    return {tuple(w[i : i + n]) for i in range(len(w) - n + 1)}


# %% wrong: a short text keeps its capitals | expects: lower-cased too
def jaccard(a, b):
    return len(a & b) / len(a | b) if a or b else 1.0


def shingles(text, n):
    w = text.split()
    if len(w) < n:
        return {tuple(w)}
    w = text.lower().split()
    return {tuple(w[i : i + n]) for i in range(len(w) - n + 1)}


# %% wrong: punctuation is stripped off the words | expects: belongs to its word
import string


def jaccard(a, b):
    return len(a & b) / len(a | b) if a or b else 1.0


def shingles(text, n):
    w = [x.strip(string.punctuation) for x in text.lower().split()]
    if len(w) < n:
        return {tuple(w)}
    return {tuple(w[i : i + n]) for i in range(len(w) - n + 1)}


# %% wrong: the set of shingles is kept between calls | expects: state between calls
def jaccard(a, b):
    return len(a & b) / len(a | b) if a or b else 1.0


def shingles(text, n, out=set()):
    w = text.lower().split()
    out |= {tuple(w)} if len(w) < n else {tuple(w[i : i + n]) for i in range(len(w) - n + 1)}
    return out
