"""What a table of neighbouring bytes knows of a text: the mark that a language model has to pass."""

from __future__ import annotations

import math

import numpy as np


def table_bits_per_byte(training: str, held_out: str, order: int = 2) -> float:
    """Return the loss of a table of runs of `order` bytes, in bits per byte of a held-out text.

    Each order is mixed with the one below it by the rule of Witten and Bell (1991), down to bytes that are all alike:
    a byte that followed this context often is believed, a context that was seen rarely or with many different bytes
    is not.

    Args:
        training: the text that is counted.
        held_out: the text that is predicted.
        order: 1 for a table of bytes, 2 for a table of byte pairs, 3 for triples.

    Raises:
        ValueError: a text is too short for one run, or the order is below 1.
    """
    if order < 1:
        raise ValueError(f"order is {order}, and must be at least 1")
    seen, due = (np.frombuffer(text.encode(), dtype=np.uint8).astype(np.int64) for text in (training, held_out))
    for name, ids in (("training", seen), ("held_out", due)):
        if len(ids) < order:
            raise ValueError(f"{name} holds {len(ids)} bytes, and a run takes {order}")
    # Predicted are all bytes with a whole context, the same ones at every order below.
    chances = np.full(len(due) - order + 1, 1 / 256)
    for length in range(1, order + 1):
        runs, counts = np.unique(_runs(seen, length), return_counts=True)
        contexts, first = np.unique(runs // 256, return_index=True)
        totals, kinds = np.add.reduceat(counts, first), np.diff([*first, len(runs)])
        asked = _runs(due, length)[order - length :]
        found, total, kind = (
            _looked_up(keys, values, wanted)
            for keys, values, wanted in (
                (runs, counts, asked),
                (contexts, totals, asked // 256),
                (contexts, kinds, asked // 256),
            )
        )
        known = total > 0
        chances[known] = (found + kind * chances)[known] / (total + kind)[known]
    return float(-np.log(chances).mean() / math.log(2))


def _runs(ids: np.ndarray, length: int) -> np.ndarray:
    """Return each run of so many bytes as one number."""
    total = np.zeros(len(ids) - length + 1, dtype=np.int64)
    for place in range(length):
        total = total * 256 + ids[place : len(ids) - length + 1 + place]
    return total


def _looked_up(keys: np.ndarray, values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return the value of each wanted key, 0 for those that are not among the sorted keys."""
    places = np.searchsorted(keys, wanted).clip(max=len(keys) - 1)
    return np.where(keys[places] == wanted, values[places], 0)
