"""How well a score tells wrong answers from right ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from utils.decoding.arguments import a_sequence, real_number, same_length
from utils.decoding.checked import checked


@checked
def auroc(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """Return the area under the ROC curve: how often a positive outranks a negative, ties one half.

    It is Mann and Whitney's U over the number of pairs, from the ranks of the positives.

    Args:
        scores: higher ones speak for a positive; infinite ones are allowed.
        labels: True for a positive.

    >>> auroc([0.9, 0.4, 0.4, 0.1], [True, True, False, False])
    0.875

    Raises:
        ValueError: labels of one class only, unequal lengths, or a score that is NaN.
    """
    # Here, not above: the exercise's tests import this module only to forbid it, and scipy takes long.
    from scipy.stats import rankdata

    values = a_sequence(scores, "scores", real_number)
    given: list[Any] = a_sequence(labels, "labels")
    same_length(values, "scores", given, "labels")
    truths = np.asarray(given, dtype=bool)
    positives = int(truths.sum())
    negatives = len(truths) - positives
    if not positives or not negatives:
        raise ValueError(f"labels must hold both classes, not {positives} positives and {negatives} negatives")
    if any(map(math.isnan, values)):
        raise ValueError("scores must not hold NaN: it ranks nowhere")
    above = rankdata(values)[truths].sum() - positives * (positives + 1) / 2
    return float(above / (positives * negatives))
