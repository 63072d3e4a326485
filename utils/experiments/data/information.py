"""What one observation tells about another, in bits."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence


def entropy_bits(items: Sequence[Hashable]) -> float:
    """Return the entropy of the observed shares, in bits.

    >>> entropy_bits(["Thou", "You", "Thou", "You"])
    1.0

    Raises:
        ValueError: no items.
    """
    if not len(items):
        raise ValueError("items is empty: there is nothing to count")
    return sum(count / len(items) * math.log2(len(items) / count) for count in Counter(items).values())


def mutual_information_bits(first: Sequence[Hashable], second: Sequence[Hashable]) -> float:
    """Return the mutual information of paired observations, in bits.

    Raises:
        ValueError: the two have different numbers of items, or none.
    """
    if len(first) != len(second):
        raise ValueError(f"first has {len(first)} items and second {len(second)}: they are observed in pairs")
    return entropy_bits(first) + entropy_bits(second) - entropy_bits(list(zip(first, second, strict=True)))
