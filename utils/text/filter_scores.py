"""How good a filter is: precision and recall of what it keeps, with their counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class FilterScores:
    """Counts of a filter's decisions, and the shares that follow. "Positive" is a clean text that is kept."""

    clean_kept: int
    clean_dropped: int
    dirty_kept: int
    dirty_dropped: int

    @property
    def n(self) -> int:
        """Number of texts judged."""
        return self.clean_kept + self.clean_dropped + self.dirty_kept + self.dirty_dropped

    @property
    def kept(self) -> int:
        """Number of texts kept."""
        return self.clean_kept + self.dirty_kept

    @property
    def precision(self) -> float:
        """Share of the kept texts that are clean; NaN when nothing is kept."""
        return _share(self.clean_kept, self.kept)

    @property
    def recall(self) -> float:
        """Share of the clean texts that are kept; NaN when none is clean."""
        return _share(self.clean_kept, self.clean_kept + self.clean_dropped)

    @property
    def dirty_recall(self) -> float:
        """Share of the dirty texts that are dropped; NaN when none is dirty."""
        return _share(self.dirty_dropped, self.dirty_kept + self.dirty_dropped)

    def __str__(self) -> str:
        return f"precision {self.precision:.3f}, recall {self.recall:.3f}, kept {self.kept} of {self.n}"


def filter_scores(is_clean: Sequence[bool], is_kept: Sequence[bool]) -> FilterScores:
    """Return the scores of a filter that kept texts whose true quality is known.

    Raises:
        ValueError: the two differ in length.
    """
    if len(is_clean) != len(is_kept):
        raise ValueError(f"is_kept has {len(is_kept)} entries and is_clean has {len(is_clean)}: they must be as many.")
    pairs = [(bool(clean), bool(kept)) for clean, kept in zip(is_clean, is_kept, strict=True)]
    return FilterScores(*(pairs.count(pair) for pair in ((True, True), (True, False), (False, True), (False, False))))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else math.nan
