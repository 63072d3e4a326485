"""A text that needs positions: half of its symbols are copies of the one a few places before."""

from __future__ import annotations

import math

import numpy as np

from utils.decoding.arguments import whole_number

SYMBOLS, PLACES_BACK = 8, 3


def copied_text(length: int, seed: int) -> np.ndarray:
    """Return symbols (length,) from 0 to 7: with probability one half that of three places before, else drawn.

    Raises:
        ValueError: the length or the seed is negative.
    """
    generator = np.random.default_rng(whole_number(seed, "seed", 0))
    text = generator.integers(SYMBOLS, size=whole_number(length, "length", 0))
    for place in np.flatnonzero(generator.random(length) < 0.5):
        if place >= PLACES_BACK:
            text[place] = text[place - PLACES_BACK]
    return text


def copying_entropy() -> float:
    """Return the entropy of the text in nats per symbol, for whoever sees the symbol three places before."""
    right = 0.5 + 0.5 / SYMBOLS  # a draw at random hits the same symbol, too
    return -right * math.log(right) - (1 - right) * math.log(0.5 / SYMBOLS)
