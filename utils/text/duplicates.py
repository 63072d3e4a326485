"""Near-duplicates: texts that share most of their word n-grams (Broder, 1997)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any


def shingles(text: str, n: int) -> set[tuple[str, ...]]:
    """Return the set of word n-grams of a text, words split at white space and lower-cased.

    A text of fewer than n words is one shingle of all its words; a text without words has none.

    Raises:
        ValueError: n is below 1.
    """
    if n < 1:
        raise ValueError(f"n is {n}, and a shingle needs at least 1 word.")
    words = text.lower().split()
    if not words:
        return set()
    return {tuple(words[i : i + n]) for i in range(max(len(words) - n, 0) + 1)}


def jaccard(a: AbstractSet[Any], b: AbstractSet[Any]) -> float:
    """Return `|a and b| / |a or b|`, the similarity of two sets; 1.0 for two empty ones."""
    shared = len(a & b)
    union = len(a) + len(b) - shared
    return shared / union if union else 1.0


def near_duplicates(texts: Sequence[str], n: int = 3, threshold: float = 0.8) -> list[tuple[int, int]]:
    """Return the pairs (i, j), i < j, of texts whose shingles have at least the threshold's similarity, sorted.

    Only pairs that share a shingle are compared, so a corpus of different texts costs little more than reading it.

    Raises:
        ValueError: n is below 1.
    """
    sets = [shingles(text, n) for text in texts]
    if threshold <= 0:  # every pair is near enough, also one that shares nothing
        return [(i, j) for i in range(len(sets)) for j in range(i + 1, len(sets))]
    holders: dict[tuple[str, ...], list[int]] = {}
    empty: list[int] = []
    pairs: list[tuple[int, int]] = []
    for j, own in enumerate(sets):
        shared: Counter[int] = Counter()
        for shingle in own:
            earlier = holders.setdefault(shingle, [])
            shared.update(earlier)
            earlier.append(j)
        # The same division as in `jaccard`, so that both agree to the last bit at the threshold.
        pairs += [(i, j) for i, k in shared.items() if k / (len(sets[i]) + len(own) - k) >= threshold]
        if not own:
            pairs += [(i, j) for i in empty if threshold <= 1.0]
            empty.append(j)
    return sorted(pairs)
