"""Answers to `train_bpe`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: count, merge, repeat
from collections import Counter


def train_bpe(texts, n_merges):
    sequences = [list(text.encode("utf-8")) for text in texts]
    merges = []
    while len(merges) < n_merges:
        counts = Counter(pair for ids in sequences for pair in zip(ids, ids[1:]))
        if not counts or max(counts.values()) < 2:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        new_id = 256 + len(merges)
        merges.append(best)
        for index, ids in enumerate(sequences):
            merged, i = [], 0
            while i < len(ids):
                if tuple(ids[i : i + 2]) == best:
                    merged.append(new_id)
                    i += 2
                else:
                    merged.append(ids[i])
                    i += 1
            sequences[index] = merged
    return merges


# %% right: equal sequences counted once with a weight, progress on stderr
import sys
from collections import Counter


def train_bpe(texts, n_merges):
    weights = Counter(tuple(text.encode()) for text in texts)
    merges = []
    for step in range(n_merges):
        counts = Counter()
        for ids, weight in weights.items():
            for first, second in zip(ids, ids[1:]):
                counts[first, second] += weight
        top = max(counts.values(), default=0)
        if top < 2:
            break
        pair = min(pair for pair, count in counts.items() if count == top)
        print(f"merge {step}: {pair}, {top} times", file=sys.stderr)
        merges.append(pair)
        updated = Counter()
        for ids, weight in weights.items():
            merged = []
            held = False
            for token in ids:
                if held and token == pair[1]:
                    merged[-1] = 256 + step
                    held = False
                else:
                    merged.append(token)
                    held = token == pair[0]
            updated[tuple(merged)] += weight
        weights = updated
    return merges


# %% right: one numpy array with separators between the texts
import numpy as np


def train_bpe(texts, n_merges):
    separator = -1
    ids = np.array(
        [b for text in texts for b in [*text.encode("utf-8"), separator]], dtype=np.int64
    )
    merges = []
    for new_id in range(256, 256 + n_merges):
        inside = (ids[:-1] != separator) & (ids[1:] != separator)
        pairs = np.stack([ids[:-1], ids[1:]], axis=1)[inside]
        if len(pairs) == 0:
            break
        distinct, counts = np.unique(pairs, axis=0, return_counts=True)
        if counts.max() < 2:
            break
        first, second = distinct[counts.argmax()]
        merges.append((first, second))
        hits = (ids[:-1] == first) & (ids[1:] == second)
        starts, previous = [], -2
        for start in np.flatnonzero(hits):
            if start > previous + 1:
                starts.append(start)
                previous = start
        ids[starts] = new_id
        ids = np.delete(ids, np.array(starts) + 1)
    return merges


# %% right: as strings with str.replace, and recursion
from collections import Counter


def train_bpe(texts, n_merges, new_id=256):
    if new_id == 256:
        texts = [text.encode("utf-8").decode("latin-1") for text in texts]
    counts = Counter(text[i : i + 2] for text in texts for i in range(len(text) - 1))
    if n_merges == 0 or not counts or max(counts.values()) == 1:
        return []
    best = min(counts, key=lambda pair: (-counts[pair], pair))
    shorter = [text.replace(best, chr(new_id)) for text in texts]
    return [(ord(best[0]), ord(best[1])), *train_bpe(shorter, n_merges - 1, new_id + 1)]


# %% wrong: characters instead of bytes | of: count, merge, repeat | expects: byte / UTF-8
# -     sequences = [list(text.encode("utf-8")) for text in texts]
# +     sequences = [[ord(character) for character in text] for text in texts]


# %% wrong: does not stop while a pair is left | of: count, merge, repeat | expects: twice / stop
# -         if not counts or max(counts.values()) < 2:
# +         if not counts:


# %% wrong: raises when no pair is left | of: count, merge, repeat | expects: stop / no pair / left / early
# -     while len(merges) < n_merges:
# +     for new_id in range(256, 256 + n_merges):

# -         if not counts or max(counts.values()) < 2:
# +         best = min(counts, key=lambda pair: (-counts[pair], pair))
# +         if counts[best] < 2:

# -         best = min(counts, key=lambda pair: (-counts[pair], pair))
# -         new_id = 256 + len(merges)


# %% wrong: the n most common pairs of one count | expects: recount / again / after each merge / after every merge / once
from collections import Counter


def train_bpe(texts, n_merges):
    sequences = [list(text.encode("utf-8")) for text in texts]
    counts = Counter(pair for ids in sequences for pair in zip(ids, ids[1:]))
    ordered = sorted(counts, key=lambda pair: (-counts[pair], pair))
    return [pair for pair in ordered[:n_merges] if counts[pair] >= 2]


# %% wrong: the texts are joined, so pairs cross from one to the next | of: count, merge, repeat | expects: across / boundary / between texts / join
# -     sequences = [list(text.encode("utf-8")) for text in texts]
# +     sequences = [list("".join(texts).encode("utf-8"))]


# %% wrong: new ids start at 257 | expects: from 256 / first new id / start at 256 / 257 / is 256
from collections import Counter


def train_bpe(texts, n_merges):
    sequences = [list(text.encode("utf-8")) for text in texts]
    merges = []
    while len(merges) < n_merges:
        counts = Counter(pair for ids in sequences for pair in zip(ids, ids[1:]))
        if not counts or max(counts.values()) < 2:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        new_id = 256 + len(merges)
        for index, ids in enumerate(sequences):
            merged, i = [], 0
            while i < len(ids):
                if tuple(ids[i : i + 2]) == best:
                    merged.append(new_id)
                    i += 2
                else:
                    merged.append(ids[i])
                    i += 1
            sequences[index] = merged
    return merges


# %% wrong: ids by first appearance, without the 256 bytes | of: count, merge, repeat | expects: byte
# -     sequences = [list(text.encode("utf-8")) for text in texts]
# +     alphabet = sorted({b for text in texts for b in text.encode("utf-8")})
# +     number = {b: index for index, b in enumerate(alphabet)}
# +     sequences = [[number[b] for b in text.encode("utf-8")] for text in texts]

# -         new_id = 256 + len(merges)
# +         new_id = len(alphabet) + len(merges)


# %% wrong: n_merges taken for the vocabulary's size | of: count, merge, repeat | expects: vocabulary / number of merges / n_merges
# -     while len(merges) < n_merges:
# +     while len(merges) < n_merges - 256:


# %% wrong: splits the texts into words first | of: count, merge, repeat | expects: space / word
# -     sequences = [list(text.encode("utf-8")) for text in texts]
# +     sequences = [list(word.encode("utf-8")) for text in texts for word in text.split()]


# %% wrong: the merged pairs as bytes instead of ids | expects: pairs of ids / ids, / as ids / ids of / of ids / bytes
from collections import Counter


def train_bpe(texts, n_merges):
    sequences = [[bytes([b]) for b in text.encode("utf-8")] for text in texts]
    merges = []
    while len(merges) < n_merges:
        counts = Counter(pair for pieces in sequences for pair in zip(pieces, pieces[1:]))
        if not counts or max(counts.values()) < 2:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        for index, pieces in enumerate(sequences):
            merged, i = [], 0
            while i < len(pieces):
                if tuple(pieces[i : i + 2]) == best:
                    merged.append(best[0] + best[1])
                    i += 2
                else:
                    merged.append(pieces[i])
                    i += 1
            sequences[index] = merged
    return merges


# %% wrong: stops at pairs that occur twice | of: count, merge, repeat | expects: twice / stop / early
# -         if not counts or max(counts.values()) < 2:
# +         if not counts or max(counts.values()) <= 2:


# %% wrong: the texts are lower-cased | of: count, merge, repeat | expects: lower / upper / capital / case
# -     sequences = [list(text.encode("utf-8")) for text in texts]
# +     sequences = [list(text.lower().encode("utf-8")) for text in texts]


# %% wrong: one merge too few | of: count, merge, repeat | expects: one merge / n_merges / number of merges / too few
# -     while len(merges) < n_merges:
# +     while len(merges) < n_merges - 1:


# %% wrong: merges in the first text only | expects: every text / all texts / first text / all the texts
from collections import Counter


def train_bpe(texts, n_merges):
    sequences = [list(text.encode("utf-8")) for text in texts]
    merges = []
    while len(merges) < n_merges:
        counts = Counter(pair for ids in sequences for pair in zip(ids, ids[1:]))
        if not counts or max(counts.values()) < 2:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        new_id = 256 + len(merges)
        merges.append(best)
        ids = sequences[0]
        merged, i = [], 0
        while i < len(ids):
            if tuple(ids[i : i + 2]) == best:
                merged.append(new_id)
                i += 2
            else:
                merged.append(ids[i])
                i += 1
        sequences[0] = merged
    return merges


# %% wrong: each text counts once for a pair | of: count, merge, repeat | expects: occur / once / every
# -         counts = Counter(pair for ids in sequences for pair in zip(ids, ids[1:]))
# +         counts = Counter(pair for ids in sequences for pair in set(zip(ids, ids[1:])))


# %% wrong: overlapping pairs are merged twice | expects: overlap
from collections import Counter


def train_bpe(texts, n_merges):
    sequences = [list(text.encode("utf-8")) for text in texts]
    merges = []
    while len(merges) < n_merges:
        counts = Counter(pair for ids in sequences for pair in zip(ids, ids[1:]))
        if not counts or max(counts.values()) < 2:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        new_id = 256 + len(merges)
        merges.append(best)
        for index, ids in enumerate(sequences):
            starts = {i for i, pair in enumerate(zip(ids, ids[1:])) if pair == best}
            sequences[index] = [
                new_id if i in starts else token
                for i, token in enumerate(ids)
                if i in starts or i - 1 not in starts
            ]
    return merges


# %% wrong: nothing is returned | of: count, merge, repeat | expects: return
# -     return merges
# +     print(merges)


# %% wrong: the same new id for every merge | of: count, merge, repeat | expects: same new id
# -         new_id = 256 + len(merges)
# +         new_id = 256


# %% wrong: one merge more | of: count, merge, repeat | expects: not one less or more / more
# -     while len(merges) < n_merges:
# +     while len(merges) < n_merges + 1:


# %% wrong: ASCII only | of: count, merge, repeat | expects: UTF-8
# -     sequences = [list(text.encode("utf-8")) for text in texts]
# +     sequences = [list(text.encode("ascii")) for text in texts]


# %% wrong: repeated texts count once | of: count, merge, repeat | expects: counted once
# -     sequences = [list(text.encode("utf-8")) for text in texts]
# +     sequences = [list(text.encode("utf-8")) for text in dict.fromkeys(texts)]


# %% wrong: at least one merge | of: count, merge, repeat | expects: make no merge
# -     while len(merges) < n_merges:
# +     while len(merges) < max(n_merges, 1):


# %% wrong: only the first two texts are read | of: count, merge, repeat | expects: all texts / every text / not one less
# -     sequences = [list(text.encode("utf-8")) for text in texts]
# +     sequences = [list(text.encode("utf-8")) for text in texts[:2]]


# %% wrong: UTF-16 | of: count, merge, repeat | expects: UTF-8
# -     sequences = [list(text.encode("utf-8")) for text in texts]
# +     sequences = [list(text.encode("utf-16-le")) for text in texts]


# %% wrong: ties go to the largest pair | of: count, merge, repeat | expects: on a tie
# -         best = min(counts, key=lambda pair: (-counts[pair], pair))
# +         best = max(counts, key=lambda pair: (counts[pair], pair))


# %% wrong: ties go to the pair seen first | of: count, merge, repeat | expects: on a tie
# -         best = min(counts, key=lambda pair: (-counts[pair], pair))
# +         best = counts.most_common(1)[0][0]


# %% wrong: runs counted without overlap | expects: overlapping pairs all count
from collections import Counter


def train_bpe(texts, n_merges):
    texts = [text.encode("utf-8").decode("latin-1") for text in texts]
    merges = []
    while len(merges) < n_merges:
        pairs = {text[i : i + 2] for text in texts for i in range(len(text) - 1)}
        counts = Counter({pair: sum(text.count(pair) for text in texts) for pair in pairs})
        if not counts or max(counts.values()) < 2:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(tuple(map(ord, best)))
        texts = [text.replace(best, chr(255 + len(merges))) for text in texts]
    return merges


# %% wrong: merges from right to left | expects: right to left
from collections import Counter


def train_bpe(texts, n_merges):
    texts = [text.encode("utf-8").decode("latin-1")[::-1] for text in texts]
    merges = []
    while len(merges) < n_merges:
        counts = Counter(text[i : i + 2][::-1] for text in texts for i in range(len(text) - 1))
        if not counts or max(counts.values()) < 2:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(tuple(map(ord, best)))
        texts = [text.replace(best[::-1], chr(255 + len(merges))) for text in texts]
    return merges


# %% right: a stack, and tuples throughout
from collections import Counter


def train_bpe(texts, n_merges):
    sequences = tuple(tuple(text.encode("utf-8")) for text in texts)
    merges = ()
    while len(merges) < n_merges:
        counts = Counter()
        for ids in sequences:
            counts.update(zip(ids, ids[1:]))
        if sum(1 for count in counts.values() if count > 1) == 0:
            return merges
        most = max(counts.values())
        pair = sorted(one for one in counts if counts[one] == most)[0]
        updated = []
        for ids in sequences:
            stack = []
            for one in ids:
                stack.append(one)
                if tuple(stack[-2:]) == pair:
                    stack[-2:] = [256 + len(merges)]
            updated.append(tuple(stack))
        sequences = tuple(updated)
        merges += (pair,)
    return merges


# %% wrong: ties by the bytes of the tokens, as in other libraries | expects: smaller ids
def train_bpe(texts, n_merges):
    sequences = [tuple(text.encode()) for text in texts]
    names = {one: bytes([one]) for one in range(256)}
    merges = []
    while len(merges) < n_merges:
        counts = {}
        for one in sequences:
            for pair in zip(one, one[1:]):
                if len(names[pair[0]] + names[pair[1]]) <= 10**9:
                    counts[pair] = counts.get(pair, 0) + 1
        if not counts or max(counts.values()) < 2:
            break
        pair = min(counts, key=lambda pair: (-counts[pair], (names[pair[0]], names[pair[1]])))
        new_id = 256 + len(merges)
        names[new_id] = names[pair[0]] + names[pair[1]]
        merges.append(pair)
        letters = ["".join(map(chr, one)) for one in sequences]
        found = "".join(map(chr, pair))
        sequences = [tuple(map(ord, one.replace(found, chr(new_id)))) for one in letters]
    return merges


# %% wrong: no more than 64 merges | of: ties by the bytes of the tokens, as in other libraries | expects: any number
# -     while len(merges) < n_merges:
# +     while len(merges) < min(n_merges, 64):

# -         pair = min(counts, key=lambda pair: (-counts[pair], (names[pair[0]], names[pair[1]])))
# +         pair = min(counts, key=lambda pair: (-counts[pair], pair))


# %% wrong: no token of more than sixteen bytes | of: ties by the bytes of the tokens, as in other libraries | expects: any number
# -                 if len(names[pair[0]] + names[pair[1]]) <= 10**9:
# +                 if len(names[pair[0]] + names[pair[1]]) <= 16:

# -         pair = min(counts, key=lambda pair: (-counts[pair], (names[pair[0]], names[pair[1]])))
# +         pair = min(counts, key=lambda pair: (-counts[pair], pair))


# %% wrong: texts stripped at the ends | of: ties by the bytes of the tokens, as in other libraries | expects: bytes as they are
# -     sequences = [tuple(text.encode()) for text in texts]
# +     sequences = [tuple(text.strip().encode()) for text in texts]

# -         pair = min(counts, key=lambda pair: (-counts[pair], (names[pair[0]], names[pair[1]])))
# +         pair = min(counts, key=lambda pair: (-counts[pair], pair))


# %% wrong: texts normalised to composed characters | of: ties by the bytes of the tokens, as in other libraries | expects: bytes as they are
# -     sequences = [tuple(text.encode()) for text in texts]
# +     sequences = [
# +         tuple(__import__("unicodedata").normalize("NFKC", text).encode()) for text in texts
# +     ]

# -         pair = min(counts, key=lambda pair: (-counts[pair], (names[pair[0]], names[pair[1]])))
# +         pair = min(counts, key=lambda pair: (-counts[pair], pair))


# %% right: linked places in one list, where a merge takes the right one out
from collections import Counter


def train_bpe(texts, n_merges):
    chains = [dict(enumerate(text.encode())) for text in texts]
    merges = []
    for new_id in range(256, 256 + n_merges):
        counts = Counter()
        for chain in chains:
            ids = list(chain.values())
            counts.update(zip(ids, ids[1:]))
        best = min(counts, key=lambda pair: (-counts[pair], *pair), default=None)
        if counts[best] < 2:
            break
        merges.append(best)
        for chain in chains:
            places = list(chain)
            for left, right in zip(places, places[1:]):
                if left in chain and (chain[left], chain[right]) == best:
                    chain[left] = new_id
                    del chain[right]
    return merges


# %% wrong: an id next to itself is no pair | expects: next to itself
from collections import Counter


def train_bpe(texts, n_merges):
    sequences, merges = [list(text.encode()) for text in texts], []
    while len(merges) < n_merges:
        counts = Counter(pair for one in sequences for pair in zip(one, one[1:]) if pair[0] != pair[1])
        pair = min(counts, key=lambda pair: (-counts[pair], pair), default=None)
        if pair is None or counts[pair] < 2:
            break
        new = []
        for one in sequences:
            merged = []
            for token in one:
                if merged and (merged[-1], token) == pair:
                    merged[-1] = 256 + len(merges)
                else:
                    merged.append(token)
            new.append(merged)
        sequences = new
        merges.append(pair)
    return merges


# %% wrong: the merged texts are thrown away | expects: not applied
from collections import Counter


def train_bpe(texts, n_merges):
    sequences = [list(text.encode("utf-8")) for text in texts]
    merges = []
    while len(merges) < n_merges:
        counts = Counter(pair for ids in sequences for pair in zip(ids, ids[1:]))
        if not counts or max(counts.values()) < 2:
            break
        merges.append(min(counts, key=lambda pair: (-counts[pair], pair)))
    return merges


# %% wrong: ties go by the left id alone | expects: smallest pair wins
from collections import Counter


def _merge(ids, pair, new):
    out, i = [], 0
    while i < len(ids):
        if i + 1 < len(ids) and (ids[i], ids[i + 1]) == pair:
            out.append(new)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out


def train_bpe(texts, n_merges):
    sequences = [list(text.encode("utf-8")) for text in texts]
    merges = []
    while len(merges) < n_merges:
        counts = Counter(pair for s in sequences for pair in zip(s, s[1:]))
        if not counts:
            break
        pair = min(counts, key=lambda p: (-counts[p], p[0]))
        if counts[pair] < 2:
            break
        sequences = [_merge(s, pair, 256 + len(merges)) for s in sequences]
        merges.append(pair)
    return merges


# %% wrong: an empty text ends the training | of: ties go by the left id alone | expects: empty text has no pair
# -         if not counts:
# +         if not counts or not all(sequences):

# -         pair = min(counts, key=lambda p: (-counts[p], p[0]))
# +         pair = min(counts, key=lambda p: (-counts[p], p))


# %% wrong: a mark before each text | of: ties go by the left id alone | expects: no byte of the texts
# -     sequences = [list(text.encode("utf-8")) for text in texts]
# +     sequences = [list(text.encode("utf-8-sig")) for text in texts]

# -         pair = min(counts, key=lambda p: (-counts[p], p[0]))
# +         pair = min(counts, key=lambda p: (-counts[p], p))


# %% wrong: texts joined by line ends | of: ties go by the left id alone | expects: no byte of the texts
# -     sequences = [list(text.encode("utf-8")) for text in texts]
# +     sequences = [list("\n".join(texts).encode("utf-8"))]

# -         pair = min(counts, key=lambda p: (-counts[p], p[0]))
# +         pair = min(counts, key=lambda p: (-counts[p], p))


# %% wrong: new ids behind the largest byte | of: ties go by the left id alone | expects: first merge gets 256
# -         pair = min(counts, key=lambda p: (-counts[p], p[0]))
# +         pair = min(counts, key=lambda p: (-counts[p], p))

# -         sequences = [_merge(s, pair, 256 + len(merges)) for s in sequences]
# +         sequences = [_merge(s, pair, max(map(max, filter(None, sequences))) + 1) for s in sequences]


# %% wrong: new ids are never merged again | of: ties go by the left id alone | expects: part of a later pair
# -         counts = Counter(pair for s in sequences for pair in zip(s, s[1:]))
# +         counts = Counter(pair for s in sequences for pair in zip(s, s[1:]) if max(pair) < 256)

# -         pair = min(counts, key=lambda p: (-counts[p], p[0]))
# +         pair = min(counts, key=lambda p: (-counts[p], p))


# %% wrong: texts of one character are left out | of: ties go by the left id alone | expects: several bytes
# -     sequences = [list(text.encode("utf-8")) for text in texts]
# +     sequences = [list(text.encode("utf-8")) for text in texts if len(text) > 1]

# -         pair = min(counts, key=lambda p: (-counts[p], p[0]))
# +         pair = min(counts, key=lambda p: (-counts[p], p))


# %% wrong: the list of merges is kept between calls | of: ties go by the left id alone | expects: state between calls
# - def train_bpe(texts, n_merges):
# + def train_bpe(texts, n_merges, merges=[]):

# -     merges = []

# -         pair = min(counts, key=lambda p: (-counts[p], p[0]))
# +         pair = min(counts, key=lambda p: (-counts[p], p))
