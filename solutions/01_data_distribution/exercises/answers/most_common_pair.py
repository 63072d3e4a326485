"""Answers to `most_common_pair`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: a Counter over zips
from collections import Counter


def most_common_pair(sequences):
    counts = Counter(pair for ids in sequences for pair in zip(ids, ids[1:]))
    if not counts:
        return None
    return min(counts, key=lambda pair: (-counts[pair], pair))


# %% right: index loop and a scan for the best
def most_common_pair(sequences):
    counts = {}
    for ids in sequences:
        for i in range(len(ids) - 1):
            pair = (ids[i], ids[i + 1])
            counts[pair] = counts.get(pair, 0) + 1
    best, best_count = None, 0
    for pair, count in counts.items():
        if count > best_count or (count == best_count and pair < best):
            best, best_count = pair, count
    return best


# %% right: numpy, where unique returns the pairs in order and argmax the first of them
import numpy as np


def most_common_pair(sequences):
    tables = [
        np.stack([np.asarray(ids[:-1]), np.asarray(ids[1:])], axis=1)
        for ids in sequences
        if len(ids) > 1
    ]
    if not tables:
        return None
    pairs, counts = np.unique(np.concatenate(tables), axis=0, return_counts=True)
    return tuple(pairs[np.argmax(counts)])


# %% right: sort all pairs and measure the runs
from itertools import groupby, pairwise


def most_common_pair(sequences):
    ordered = sorted(pair for ids in sequences for pair in pairwise(ids))
    runs = [(pair, len(list(run))) for pair, run in groupby(ordered)]
    return max(runs, key=lambda run: run[1])[0] if runs else None


# %% wrong: ties go to the pair seen first | expects: tie / smallest
from collections import Counter


def most_common_pair(sequences):
    counts = Counter(pair for ids in sequences for pair in zip(ids, ids[1:]))
    return counts.most_common(1)[0][0] if counts else None


# %% wrong: ties go to the largest pair | expects: tie / smallest
from collections import Counter


def most_common_pair(sequences):
    counts = Counter(pair for ids in sequences for pair in zip(ids, ids[1:]))
    return max(counts, key=lambda pair: (counts[pair], pair)) if counts else None


# %% wrong: pairs across sequences | expects: across / boundary / between sequences
from collections import Counter


def most_common_pair(sequences):
    ids = [token for sequence in sequences for token in sequence]
    counts = Counter(zip(ids, ids[1:]))
    return min(counts, key=lambda pair: (-counts[pair], pair)) if counts else None


# %% wrong: no pair left raises | expects: None / no pair
from collections import Counter


def most_common_pair(sequences):
    counts = Counter(pair for ids in sequences for pair in zip(ids, ids[1:]))
    return min(counts, key=lambda pair: (-counts[pair], pair))


# %% wrong: the pair with its count | expects: count
from collections import Counter


def most_common_pair(sequences):
    counts = Counter(pair for ids in sequences for pair in zip(ids, ids[1:]))
    if not counts:
        return None
    best = min(counts, key=lambda pair: (-counts[pair], pair))
    return best, counts[best]


# %% wrong: the last pair is missed | expects: last pair / at the end / last id
from collections import Counter


def most_common_pair(sequences):
    counts = Counter((ids[i], ids[i + 1]) for ids in sequences for i in range(len(ids) - 2))
    return min(counts, key=lambda pair: (-counts[pair], pair)) if counts else None


# %% wrong: pairs counted without overlap | expects: overlap
from collections import Counter


def most_common_pair(sequences):
    counts = Counter()
    for ids in sequences:
        last_start = {}
        for i in range(len(ids) - 1):
            pair = (ids[i], ids[i + 1])
            if last_start.get(pair) != i - 1:
                counts[pair] += 1
                last_start[pair] = i
    return min(counts, key=lambda pair: (-counts[pair], pair)) if counts else None


# %% wrong: steps by two | expects: every / step / overlap / skip
from collections import Counter


def most_common_pair(sequences):
    counts = Counter(pair for ids in sequences for pair in zip(ids[::2], ids[1::2]))
    return min(counts, key=lambda pair: (-counts[pair], pair)) if counts else None


# %% wrong: the order within a pair is ignored | expects: order
from collections import Counter


def most_common_pair(sequences):
    counts = Counter(tuple(sorted(pair)) for ids in sequences for pair in zip(ids, ids[1:]))
    return min(counts, key=lambda pair: (-counts[pair], pair)) if counts else None


# %% wrong: counts the sequences that hold a pair | expects: once / sequences / every occurrence
from collections import Counter


def most_common_pair(sequences):
    counts = Counter(pair for ids in sequences for pair in set(zip(ids, ids[1:])))
    return min(counts, key=lambda pair: (-counts[pair], pair)) if counts else None


# %% wrong: only the first sequence is read | expects: all sequences / first sequence / every sequence / other sequences
from collections import Counter


def most_common_pair(sequences):
    for ids in sequences:
        counts = Counter(zip(ids, ids[1:]))
        return min(counts, key=lambda pair: (-counts[pair], pair)) if counts else None


# %% wrong: best of the sequence with the best count, counts never added up | expects: all sequences / added up / adds up / add up / over the sequences / per sequence / each sequence / sum
from collections import Counter


def most_common_pair(sequences):
    best, best_count = None, 0
    for ids in sequences:
        for pair, count in sorted(Counter(zip(ids, ids[1:])).items()):
            if count > best_count or (count == best_count and pair < best):
                best, best_count = pair, count
    return best


# %% wrong: a pair that occurs once is no pair | expects: once / twice / None
from collections import Counter


def most_common_pair(sequences):
    counts = Counter(pair for ids in sequences for pair in zip(ids, ids[1:]))
    counts = {pair: count for pair, count in counts.items() if count > 1}
    return min(counts, key=lambda pair: (-counts[pair], pair)) if counts else None


# %% wrong: an id next to itself is no pair | expects: same id / itself / equal / repeated / identical
from collections import Counter


def most_common_pair(sequences):
    counts = Counter(pair for ids in sequences for pair in zip(ids, ids[1:]) if pair[0] != pair[1])
    return min(counts, key=lambda pair: (-counts[pair], pair)) if counts else None


# %% wrong: counts kept between calls | expects: between calls / earlier call / second call / state
from collections import Counter

counts = Counter()


def most_common_pair(sequences):
    counts.update(pair for ids in sequences for pair in zip(ids, ids[1:]))
    return min(counts, key=lambda pair: (-counts[pair], pair)) if counts else None


# %% right: a heap of negative counts, a list as pair
import heapq
from collections import defaultdict


def most_common_pair(sequences):
    counts = defaultdict(int)
    for sequence in sequences:
        previous = None
        for one in sequence:
            if previous is not None:
                counts[previous, one] += 1
            previous = one
    heap = [(-count, left, right) for (left, right), count in counts.items()]
    heapq.heapify(heap)
    return heap[0][1:] if heap else None


# %% wrong: the smallest of all pairs that occur twice | expects: the count decides / largest count / most
from collections import Counter


def most_common_pair(sequences):
    counts = Counter(pair for one in sequences for pair in zip(one, one[1:]))
    return min(counts, default=None)


# %% wrong: the least frequent pair | expects: largest count / count
from collections import Counter


def most_common_pair(sequences):
    counts = Counter(pair for one in sequences for pair in zip(one, one[1:]))
    return max(counts, key=lambda pair: (-counts[pair], pair), default=None)


# %% wrong: an empty tuple without a pair | expects: return None
from collections import Counter


def most_common_pair(sequences):
    counts = Counter(pair for one in sequences for pair in zip(one, one[1:]))
    return min(counts, key=lambda pair: (-counts[pair], pair), default=())


# %% wrong: the smallest as text | expects: smallest wins
from collections import Counter


def most_common_pair(sequences):
    counts = Counter(pair for one in sequences for pair in zip(one, one[1:]))
    return min(counts, key=lambda pair: (-counts[pair], str(pair)), default=None)


# %% wrong: the smallest by the sum of its ids | expects: smallest wins
from collections import Counter


def most_common_pair(sequences):
    counts = Counter(pair for one in sequences for pair in zip(one, one[1:]))
    return min(counts, key=lambda pair: (-counts[pair], sum(pair), pair), default=None)


# %% wrong: more than 64 ids of a sequence are not read | expects: count all neighbours
from collections import Counter


def most_common_pair(sequences):
    counts = Counter(pair for one in sequences for pair in zip(one[:64], one[1:64]))
    return min(counts, key=lambda pair: (-counts[pair], pair), default=None)


# %% wrong: two ids packed into one number below 2**20 | expects: any size
def most_common_pair(sequences):
    counts = {}
    for one in sequences:
        for left, right in zip(one, one[1:]):
            counts[left * 1024 + right] = counts.get(left * 1024 + right, 0) + 1
    if not counts:
        return None
    return divmod(min(counts, key=lambda key: (-counts[key], key)), 1024)


# %% wrong: a table of a thousand ids each way | expects: any size
def most_common_pair(sequences):
    import numpy as np

    table = np.zeros((1000, 1000), dtype=int)
    for one in sequences:
        for left, right in zip(one, one[1:]):
            table[left, right] += 1
    if not table.any():
        return None
    left, right = np.unravel_index(table.argmax(), table.shape)
    return int(left), int(right)


# %% wrong: counts in a byte | expects: any size
def most_common_pair(sequences):
    counts = {}
    for one in sequences:
        for pair in zip(one, one[1:]):
            counts[pair] = (counts.get(pair, 0) + 1) % 256
    return min(counts, key=lambda pair: (-counts[pair], pair), default=None)


# %% wrong: the smallest pair, whatever its count | expects: whatever its count
from collections import Counter


def most_common_pair(sequences):
    counts = Counter(pair for one in sequences for pair in zip(one, one[1:]))
    return min(counts, default=None)


# %% wrong: the pair decides before the count | expects: whatever its count
from collections import Counter


def most_common_pair(sequences):
    counts = Counter(pair for one in sequences for pair in zip(one, one[1:]))
    return min(counts, key=lambda pair: (pair, -counts[pair]), default=None)


# %% wrong: the minus before the count is missing | expects: rarest
from collections import Counter


def most_common_pair(sequences):
    counts = Counter(pair for one in sequences for pair in zip(one, one[1:]))
    return min(counts, key=lambda pair: (counts[pair], pair), default=None)


# %% wrong: each id with the next but one | expects: never neighbours
from collections import Counter


def most_common_pair(sequences):
    counts = Counter(pair for one in sequences for pair in zip(one, one[2:]))
    return min(counts, key=lambda pair: (-counts[pair], pair), default=None)


# %% wrong: the smallest of the ten that come first | expects: smallest wins
from collections import Counter


def most_common_pair(sequences):

    counts = Counter(pair for s in sequences for pair in zip(s, s[1:]))
    if not counts:
        return None
    top = counts.most_common(10)
    return min(p for p, n in top if n == top[0][1])


# %% wrong: the last id and the first are neighbours | expects: no ring
from collections import Counter


def most_common_pair(sequences):

    counts = Counter(pair for s in sequences for pair in [(s[i - 1], s[i]) for i in range(len(s))])
    if not counts:
        return None
    return min(counts, key=lambda p: (-counts[p], p))


# %% wrong: a short sequence ends the count | expects: fewer than two ids
from collections import Counter


def most_common_pair(sequences):
    counts = Counter()
    for s in sequences:
        if len(s) < 2:
            break
        counts.update(zip(s, s[1:]))
    return min(counts, key=lambda p: (-counts[p], p)) if counts else None


# %% wrong: an empty sequence gives None | expects: fewer than two ids
from collections import Counter


def most_common_pair(sequences):
    if not all(sequences):
        return None
    counts = Counter(pair for s in sequences for pair in zip(s, s[1:]))
    if not counts:
        return None
    return min(counts, key=lambda p: (-counts[p], p))


# %% wrong: the most common winner of the sequences | expects: winner of each sequence
from collections import Counter


def most_common_pair(sequences):
    winners = Counter()
    for s in sequences:
        counts = Counter(zip(s, s[1:]))
        if counts:
            p = min(counts, key=lambda p: (-counts[p], p))
            winners[p] += 1
    return min(winners, key=lambda p: (-winners[p], p)) if winners else None


# %% wrong: the share of each sequence instead of the count | expects: counts more in your code
from collections import Counter


def most_common_pair(sequences):
    counts = Counter()
    for s in sequences:
        for p in zip(s, s[1:]):
            counts[p] += 1 / (len(s) - 1)
    return min(counts, key=lambda p: (-counts[p], p)) if counts else None


# %% wrong: zero is taken for padding | expects: id 0 is an id
from collections import Counter


def most_common_pair(sequences):
    counts = Counter((a, b) for s in sequences for a, b in zip(s, s[1:]) if a and b)
    return min(counts, key=lambda p: (-counts[p], p)) if counts else None


# %% wrong: a table of 512 by 512 | expects: any size
import numpy as np


def most_common_pair(sequences):
    table = np.zeros((512, 512), dtype=np.int64)
    for s in sequences:
        for a, b in zip(s, s[1:]):
            table[a, b] += 1
    if not table.any():
        return None
    return tuple(int(x) for x in np.unravel_index(table.argmax(), table.shape))
