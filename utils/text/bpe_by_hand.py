"""Byte-pair encoding in the open: count pairs, merge the most common one, repeat (Sennrich et al., 2016).

`most_common_pair` and `merge_pair` are the idea in plain Python. `train_bpe` does the same on one array per corpus:
thousands of merges on a megabyte take seconds, and a test holds it to the plain functions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from heapq import heapify, heappop, heappush
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

N_BYTES = 256
_BOUNDARY = -1
_MERGED = -1
# Up to this many ids a table of all pairs is small (32 MB) and counting needs no sort.
_DENSE_IDS = 2048


def most_common_pair(sequences: Iterable[Sequence[int]]) -> tuple[int, int] | None:
    """Return the most frequent pair of neighbours over all sequences, or None when there is none.

    Pairs never span two sequences; overlapping pairs each count, so [1, 1, 1] has (1, 1) twice. Equally
    frequent pairs: the smallest.
    """
    counts: Counter[tuple[int, int]] = Counter()
    for sequence in sequences:
        counts.update(pairwise(sequence))
    if not counts:
        return None
    return min(counts, key=lambda pair: (-counts[pair], pair))


def merge_pair(ids: Sequence[int], pair: tuple[int, int], new_id: int) -> list[int]:
    """Return ids with each occurrence of the pair replaced by the new id, left to right, without overlap.

    >>> merge_pair([98, 97, 110, 97, 110, 97], (97, 110), 256)
    [98, 256, 256, 97]
    """
    merged: list[int] = []
    i = 0
    while i < len(ids):
        if i + 1 < len(ids) and ids[i] == pair[0] and ids[i + 1] == pair[1]:
            merged.append(new_id)
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    return merged


def train_bpe(texts: Iterable[str], n_merges: int) -> list[tuple[int, int]]:
    """Return the merges learned from the texts' UTF-8 bytes, in order; merge number i creates the id 256 + i.

    Texts are not cut into words first, so a merge may span a space. Training stops early when no pair occurs twice.

    >>> train_bpe(["red", "rare rare", "arena reread"], 3)
    [(114, 101), (97, 256), (114, 257)]

    Raises:
        ValueError: a negative number of merges.
    """
    if n_merges < 0:
        raise ValueError(f"n_merges is {n_merges}, and must be at least 0.")
    parts = [part for text in texts for part in (np.frombuffer(text.encode("utf-8"), np.uint8), [_BOUNDARY])]
    ids = np.concatenate(parts).astype(np.int64) if parts else np.empty(0, np.int64)
    merges: list[tuple[int, int]] = []
    for new_id in range(N_BYTES, N_BYTES + n_merges):
        pair, count = _count_pairs(ids, n_ids=new_id)
        if count < 2:
            break
        merges.append(pair)
        ids = _merge(ids, pair, new_id)
    return merges


def encode(text: str, merges: Sequence[tuple[int, int]]) -> list[int]:
    """Return the ids of a text: its bytes, with the merges applied in the order in which they were learned."""
    ranks = {pair: rank for rank, pair in enumerate(merges)}
    ids = list(text.encode("utf-8"))
    n = len(ids)
    # A linked list of the ids that are left, and a queue of the pairs in it, by rank and then from the left. A merge
    # creates pairs of higher rank only, so this is the order of training without a pass over the text for each merge.
    before, after = list(range(-1, n - 1)), list(range(1, n + 1))
    queue = [(ranks[pair], i) for i, pair in enumerate(pairwise(ids)) if pair in ranks]
    heapify(queue)
    while queue:
        rank, i = heappop(queue)
        j = after[i]
        if j == n or ranks.get((ids[i], ids[j])) != rank:
            continue  # one of the two has been merged since
        ids[i], ids[j], after[i] = N_BYTES + rank, _MERGED, after[j]
        if after[i] < n:
            before[after[i]] = i
        for left in (before[i], i):
            if left >= 0 and after[left] < n and (ids[left], ids[after[left]]) in ranks:
                heappush(queue, (ranks[ids[left], ids[after[left]]], left))
    return [token_id for token_id in ids if token_id != _MERGED]


def token_bytes(merges: Sequence[tuple[int, int]]) -> list[bytes]:
    """Return the bytes of every token, index = id."""
    tokens = [bytes([byte]) for byte in range(N_BYTES)]
    for left, right in merges:
        tokens.append(tokens[left] + tokens[right])
    return tokens


def decode(ids: Iterable[int], merges: Sequence[tuple[int, int]]) -> str:
    """Return the text of ids; bytes that are no UTF-8 (a token may end inside a character) become U+FFFD.

    Raises:
        ValueError: an id that these merges do not define.
    """
    tokens = token_bytes(merges)
    ids = list(ids)
    for token_id in ids:
        if not 0 <= token_id < len(tokens):
            raise ValueError(f"ids holds {token_id}, and {len(merges)} merges define the ids 0 to {len(tokens) - 1}.")
    return b"".join(tokens[token_id] for token_id in ids).decode("utf-8", errors="replace")


def _count_pairs(ids: NDArray[np.int64], n_ids: int) -> tuple[tuple[int, int], int]:
    """Return the most frequent pair, the smallest of equals, and its count; count 0 when there is no pair."""
    left, right = ids[:-1], ids[1:]
    inside = (left != _BOUNDARY) & (right != _BOUNDARY)
    codes = left[inside] * n_ids + right[inside]
    if codes.size == 0:
        return (0, 0), 0
    # Both ways count in the order of the codes, which is the order of the pairs, and argmax takes the first maximum.
    if n_ids <= _DENSE_IDS:
        counts = np.bincount(codes)
        code = best = int(counts.argmax())
    else:
        distinct, counts = np.unique(codes, return_counts=True)
        best = int(counts.argmax())
        code = int(distinct[best])
    return (code // n_ids, code % n_ids), int(counts[best])


def _merge(ids: NDArray[np.int64], pair: tuple[int, int], new_id: int) -> NDArray[np.int64]:
    starts = np.flatnonzero((ids[:-1] == pair[0]) & (ids[1:] == pair[1]))
    if pair[0] == pair[1]:
        # In a run such as a a a the pairs overlap: keep the first, third, ... of each run of neighbouring starts.
        run_begins = np.concatenate(([True], np.diff(starts) != 1))
        position_in_run = np.arange(starts.size) - np.flatnonzero(run_begins)[np.cumsum(run_begins) - 1]
        starts = starts[position_in_run % 2 == 0]
    merged = ids.copy()
    merged[starts] = new_id
    return np.delete(merged, starts + 1)
