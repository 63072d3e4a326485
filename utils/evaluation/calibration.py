"""Whether a model that says 80% is right in 80% of such cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

from utils.decoding.arguments import a_sequence, probability, same_length, whole_number
from utils.decoding.checked import checked


@dataclass(frozen=True)
class ReliabilityBin:
    """Answers given with about the same confidence.

    Attributes:
        low, high: the bin holds confidences from `low` to below `high`; the last one holds 1 too.
        confidence: their mean confidence.
        accuracy: the share of them that is right.
        count: how many there are, at least one.
    """

    low: float
    high: float
    confidence: float
    accuracy: float
    count: int


def _bin_of(confidence: float, n_bins: int) -> int:
    """Return the bin of a confidence; its edges are the numbers i / n_bins as they are written.

    The product alone is off by one now and then: 0.29 * 100 is 28.999999999999996.
    """
    place = min(int(confidence * n_bins), n_bins - 1)
    if place + 1 < n_bins and confidence >= (place + 1) / n_bins:
        return place + 1
    return place - 1 if confidence < place / n_bins else place


@checked
def reliability(confidence: Sequence[float], correct: Sequence[bool], n_bins: int = 10) -> list[ReliabilityBin]:
    """Return the bins of equal width over [0, 1] that hold an answer, for a reliability diagram.

    Raises:
        ValueError: no answers, a confidence outside [0, 1], unequal lengths, or no bins.
    """
    shares = a_sequence(confidence, "confidence", probability)
    right: list[Any] = a_sequence(correct, "correct")
    same_length(shares, "confidence", right, "correct")
    whole_number(n_bins, "n_bins", 1)
    if not shares:
        raise ValueError("confidence has no entries: no answers have no calibration")
    places = [_bin_of(share, n_bins) for share in shares]
    bins = []
    for number in sorted(set(places)):
        inside = [place == number for place in places]
        mean = sum(compress(shares, inside)) / sum(inside)
        accuracy = sum(map(bool, compress(right, inside))) / sum(inside)
        bins.append(ReliabilityBin(number / n_bins, (number + 1) / n_bins, mean, accuracy, sum(inside)))
    return bins


@checked
def calibration_error(confidence: Sequence[float], correct: Sequence[bool], n_bins: int = 10) -> float:
    """Return the expected calibration error (Guo et al., 2017): 0 for a model that knows how sure it may be.

    It is the distance between mean confidence and accuracy in each bin, weighted by how many answers the bin holds.

    >>> calibration_error([0.75, 0.75, 0.25, 0.25], [True, True, False, False])
    0.25

    Raises:
        ValueError: as `reliability`.
    """
    bins = reliability(confidence, correct, n_bins)
    return sum(one.count * abs(one.accuracy - one.confidence) for one in bins) / len(confidence)
