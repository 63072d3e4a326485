"""How much of each source a model gets to see: sampling weights that soften the natural shares."""

from __future__ import annotations

from collections.abc import Mapping


def mixture_weights(sizes: Mapping[str, float], alpha: float) -> dict[str, float]:
    """Return sampling weights proportional to size**alpha, which sum to 1.

    Alpha 1 keeps the natural shares, 0 is uniform over the sources that are not empty; between them small sources get
    more than their share (Devlin, 2018, multilingual BERT: 0.7; Conneau et al., 2020, XLM-R: 0.3). An empty source
    gets 0.0.

    >>> mixture_weights({"en": 900, "sw": 100}, 0.5)
    {'en': 0.75, 'sw': 0.25}

    Raises:
        ValueError: a negative size, or no source with a size above 0.
    """
    for source, size in sizes.items():
        if not size >= 0:
            raise ValueError(f"sizes[{source!r}] is {size}, and must be at least 0.")
    largest = max(sizes.values(), default=0)
    if largest == 0:
        raise ValueError(f"sizes is {dict(sizes)}, and at least one source must have a size above 0.")
    # Relative to the largest source, so that no power overflows.
    powers = {source: (size / largest) ** alpha if size > 0 else 0.0 for source, size in sizes.items()}
    total = sum(powers.values())
    return {source: power / total for source, power in powers.items()}
