"""Asking again: what a pool of outputs says about any number of attempts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from utils.evaluation.intervals import Interval, mean_interval

NEAR, FAR = 0.5, 0.2
"""A model is nearly there when an output in two is valid, and far off when at most one in five is."""
ENOUGH, TOO_FEW = 0.85, 0.6
"""Of notes with a valid output after three attempts: the share that makes asking again work, and one that does not."""


def share_after(valid: np.ndarray, attempts: Sequence[int]) -> np.ndarray:
    """Return the share of runs with a valid output after so many attempts.

    Args:
        valid: truth values (notes, outputs), outputs drawn independently.
        attempts: numbers of attempts; outputs are cut into runs of that length.
    """
    return np.array([by_note(valid, k).mean() for k in attempts])


def by_note(valid: np.ndarray, attempts: int) -> np.ndarray:
    """Return for each note the share of its runs of so many attempts that have a valid output, (notes,)."""
    n = valid.shape[1]
    return valid[:, : n // attempts * attempts].reshape(len(valid), -1, attempts).any(2).mean(1)


def after_three(pools: Mapping[float, np.ndarray]) -> dict[float, tuple[float, Interval]]:
    """Return for each pool of outputs the share of valid ones, and of notes with one after three attempts."""
    return {name: (float(valid.mean()), mean_interval(by_note(valid, 3).tolist())) for name, valid in pools.items()}


def retry_outcome(found: Mapping[float, tuple[float, Interval]]) -> str:
    """Return the verdict: does asking again work for models that are nearly there, and for these only?

    Args:
        found: of models at several distances, from `after_three`.
    """
    near = [after for p, after in found.values() if p >= NEAR]
    far = [after for p, after in found.values() if p <= FAR]
    if not near or not far:
        return "undecided"
    if any(one.high < ENOUGH for one in near):
        return "does not hold"
    if not all(one.low > ENOUGH for one in near):
        return "undecided"
    if all(one.high < TOO_FEW for one in far):
        return "holds"
    return "holds in part" if any(one.low > TOO_FEW for one in far) else "undecided"
