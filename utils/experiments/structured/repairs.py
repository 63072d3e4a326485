"""What a repair gains: records broken on purpose, mended, and compared with what they were."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from json_repair import repair_json as package_repair

from utils.evaluation.intervals import Interval
from utils.evaluation.repair import repair_json
from utils.experiments.structured.broken_records import break_records
from utils.experiments.structured.structured_outputs import share


def by_rules(text: str) -> str:
    """Return a text mended by the course's rules, or as it is where they refuse it."""
    try:
        return repair_json(text)
    except ValueError:
        return text


def by_package(text: str) -> str:
    """Return a text mended by the package json-repair, which refuses nothing."""
    return str(package_repair(text))


def parsed(text: str) -> Any:
    """Return a text's JSON value, or None where it is no JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return None


SURE = 0.999
"""The share of broken records to mend, so that of all records, one in ten of them broken, 99.99% are right."""


def repair_rates(
    originals: Sequence[str],
    repairs: Mapping[str, Callable[[str], str]],
    unforeseen_shares: Sequence[float],
    seed: int = 0,
) -> dict[tuple[str, float], tuple[float, Interval]]:
    """Break every record, mend it, and count.

    Args:
        originals: records as JSON.
        repairs: ways to mend a text, by name.
        unforeseen_shares: of the broken records, the share that breaks in a way that no rule foresees.
        seed: of what breaks.

    Returns:
        For each repair and share: the part of broken records that parses, and the part that is the original again, with
        an interval over broken records.
    """
    wanted = [json.loads(original) for original in originals]
    rates = {}
    for unforeseen in unforeseen_shares:
        broken = [text for _, text in break_records(originals, 1.0, unforeseen, seed)]
        for name, repair in repairs.items():
            found = [parsed(repair(text)) for text in broken]
            right = [float(value == want) for value, want in zip(found, wanted, strict=True)]
            rates[name, unforeseen] = float(np.mean([value is not None for value in found])), share(right)
    return rates


def repair_outcome(foreseen: Interval, mixed: Interval) -> str:
    """Return the verdict: do rules mend 999 of 1,000 broken records, as 90% to 99.99% asks?

    Args:
        foreseen: share mended where all break in ways that the rules know.
        mixed: the same where one in ten does not.
    """
    if mixed.low >= SURE:
        return "holds"
    if foreseen.low >= SURE:
        return "holds in part" if mixed.high < SURE else "undecided"
    return "does not hold" if foreseen.high < SURE else "undecided"
