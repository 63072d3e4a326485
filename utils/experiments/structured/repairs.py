"""What a repair gains: records broken on purpose, mended, and compared with what they were."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from json_repair import repair_json as package_repair

from utils.evaluation.intervals import Interval, mean_interval
from utils.evaluation.repair import repair_json
from utils.experiments.structured.broken_records import break_records


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


def repair_rates(
    originals: Sequence[str],
    repairs: Mapping[str, Callable[[str], str]],
    unforeseen_shares: Sequence[float],
    seeds: Sequence[int],
    broken: float = 0.1,
) -> dict[tuple[str, float], tuple[Interval, Interval]]:
    """Break a share of records, mend them, and count.

    Args:
        originals: records as JSON.
        repairs: ways to mend a text, by name.
        unforeseen_shares: of the broken records, the share that breaks in a way that no rule foresees.
        seeds: one set of broken records each.
        broken: share of records that is broken.

    Returns:
        For each repair and share: the part that parses, and the part that is the original again; intervals over seeds.
    """
    wanted = [json.loads(original) for original in originals]
    rates = {}
    for unforeseen in unforeseen_shares:
        for name, repair in repairs.items():
            parses, right = [], []
            for seed in seeds:
                found = [parsed(repair(text)) for _, text in break_records(originals, broken, unforeseen, seed)]
                parses.append(float(np.mean([value is not None for value in found])))
                right.append(float(np.mean([value == want for value, want in zip(found, wanted, strict=True)])))
            rates[name, unforeseen] = mean_interval(parses), mean_interval(right)
    return rates
