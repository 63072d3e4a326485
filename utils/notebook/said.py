"""What a judging cell hands to `Verdicts.add`: the measurement in words, its interval, and the outcome."""

from __future__ import annotations

from typing import TypedDict


class Said(TypedDict):
    """The part of a verdict that depends on what was measured.

    Attributes:
        measured: what was found, in words.
        interval: the 95% interval and its unit, or "exact".
        outcome: one of `utils.notebook.verdicts.OUTCOMES`.
    """

    measured: str
    interval: str
    outcome: str
