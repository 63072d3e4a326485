"""How well a filter keeps clean pages, with intervals over pages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from utils.evaluation.intervals import Interval, bootstrap_interval
from utils.text.filter_scores import filter_scores


def precision_and_recall(
    is_clean: Sequence[bool], is_kept: Sequence[bool], resamples: int = 300
) -> tuple[Interval, Interval]:
    """Return precision and recall of a filter, each with a bootstrap interval over pages.

    Args:
        is_clean: the truth about each page.
        is_kept: what the filter decided about it.
        resamples: how many resamples each interval is made of.

    Raises:
        ValueError: the two differ in length, or hold fewer than two pages.
    """
    clean, kept = np.asarray(is_clean, dtype=bool), np.asarray(is_kept, dtype=bool)
    if len(clean) != len(kept):
        raise ValueError(f"is_kept has {len(kept)} entries and is_clean has {len(clean)}: they must be as many")

    def interval(measure: str) -> Interval:
        def score(rows: np.ndarray) -> float:
            chosen = np.asarray(rows).astype(int)
            return float(getattr(filter_scores(clean[chosen].tolist(), kept[chosen].tolist()), measure))

        return bootstrap_interval(range(len(clean)), score, resamples=resamples)

    return interval("precision"), interval("recall")
