"""Asking again: what a pool of outputs says about any number of attempts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def share_after(valid: np.ndarray, attempts: Sequence[int]) -> np.ndarray:
    """Return the share of runs with a valid output after so many attempts.

    Args:
        valid: truth values (notes, outputs), outputs drawn independently.
        attempts: numbers of attempts; outputs are cut into runs of that length.
    """
    n = valid.shape[1]
    return np.array([valid[:, : n // k * k].reshape(len(valid), -1, k).any(2).mean() for k in attempts])
