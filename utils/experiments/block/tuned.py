"""Comparisons in which each gets the learning rate that suits it: chosen on some seeds, measured on others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from utils.experiments.recording.design import Run

Key = TypeVar("Key", bound=Hashable)

TUNING_SEEDS = (100, 101)
"""Seeds that learning rates are chosen on; measurements take others."""


def best_rates(runs: Iterable[Run], key: Sequence[str]) -> dict[tuple[Any, ...], float]:
    """Return the learning rate of the lowest mean loss over seeds, for each combination of the jobs' fields in `key`.

    Args:
        runs: of jobs with a field `lr`, whose results have a `loss`.
        key: names of the fields that a rate is chosen for.

    Raises:
        ValueError: there are no runs.
    """
    losses: dict[tuple[Any, ...], dict[float, list[float]]] = defaultdict(lambda: defaultdict(list))
    for run in runs:
        losses[tuple(getattr(run.job, name) for name in key)][run.job.lr].append(run.result["loss"])
    if not losses:
        raise ValueError("runs must hold at least one run to choose a rate from")
    return {one: min(rates, key=lambda lr: float(np.mean(rates[lr]))) for one, rates in losses.items()}


def by_condition(runs: Iterable[Run], key: Sequence[str], value: str) -> dict[tuple[Any, ...], list[float]]:
    """Return a number of each run's result by the fields in `key`, in the order of the seeds."""
    found: dict[tuple[Any, ...], list[tuple[int, float]]] = defaultdict(list)
    for run in runs:
        found[tuple(getattr(run.job, name) for name in key)].append((run.job.seed, run.result[value]))
    return {one: [number for _, number in sorted(values)] for one, values in found.items()}


def as_text(values: Mapping[tuple[Any, ...], Any]) -> dict[str, Any]:
    """Return a table by condition with its keys written out, as a record holds it: ("a", "b") becomes "a, b"."""
    return {", ".join(map(str, key)): value for key, value in values.items()}
