"""How far a corpus is from the world: speakers against share of the data (the chapter's Table 2-2)."""

from __future__ import annotations

import math


def representation_ratio(speakers_millions: float, share_percent: float, world_millions: float = 8000.0) -> float:
    """Return a language's share of the world's people over its share of a corpus.

    1 is a fair share of the data, above 1 is too little of it; a share of 0 gives infinity.

    >>> round(representation_ratio(113, 0.0061), 2)  # Punjabi
    231.56

    Raises:
        ValueError: a negative number, or a world without people.
    """
    for name, value in (("speakers_millions", speakers_millions), ("share_percent", share_percent)):
        if not value >= 0:
            raise ValueError(f"{name} is {value}, and must be at least 0.")
    if not world_millions > 0:
        raise ValueError(f"world_millions is {world_millions}, and must be above 0.")
    if share_percent == 0:
        return math.inf
    return (speakers_millions / world_millions) / (share_percent / 100)
