"""Small language models that differ in one thing each, with the same seeds and the same text for all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from utils.evaluation.intervals import Interval, mean_interval
from utils.experiments.block.sequence_tasks import ARCHITECTURES, memory_after, of_equal_size
from utils.experiments.block.world_runs import WorldResult, WorldRun, train_on_world
from utils.models.config import ModelConfig
from utils.training.sweep import run_sweep


def run_conditions(
    conditions: Mapping[str, Mapping[str, Any]],
    common: Mapping[str, Any],
    seeds: Iterable[int],
    workers: int = 1,
    description: str = "runs",
) -> list[WorldResult]:
    """Train one model for each condition and seed.

    Args:
        conditions: for each label the fields of `WorldRun` in which it differs.
        common: the fields that all share, the text among them; a condition's own field comes first.
        seeds: initial weights and order of the data.
        workers: processes.
        description: stands beside the progress bar.
    """
    numbers = list(seeds)
    runs = [
        WorldRun(label, seed=seed, **{**common, **change}) for label, change in conditions.items() for seed in numbers
    ]
    return run_sweep(train_on_world, runs, workers=workers, description=description)


def of_label(results: Sequence[WorldResult], label: str) -> list[WorldResult]:
    """Return the results of one condition, in the order of the seeds.

    Raises:
        ValueError: there is none.
    """
    found = [result for result in results if result.label == label]
    if not found:
        raise ValueError(f"label {label!r} has no results: there are {sorted({one.label for one in results})}")
    return found


def losses_of(results: Sequence[WorldResult], label: str) -> np.ndarray:
    """Return the held-out losses of one condition in nats per token, in the order of the seeds."""
    return np.array([result.loss for result in of_label(results, label)])


def relabelled(results: Sequence[WorldResult], label: str, new_label: str) -> list[WorldResult]:
    """Return the results of one condition under another name, for a comparison that uses them again."""
    return [replace(result, label=new_label) for result in of_label(results, label)]


def rise_beyond(results: Sequence[WorldResult], inside: slice, beyond: slice) -> Interval:
    """Return the loss at later positions of a window less that at earlier ones, with its interval over the seeds.

    Args:
        results: runs with losses by position.
        inside, beyond: positions in the window.
    """
    curves = np.array([result.losses_by_position for result in results])
    return mean_interval(curves[:, beyond].mean(1) - curves[:, inside].mean(1))


def memory_of_architectures(config: ModelConfig, n_tokens: int) -> dict[str, float]:
    """Return the KiB that each architecture of equal size keeps after so many tokens: a cache, or a state.

    Args:
        config: the transformer's dimensions; the others get its number of parameters.
        n_tokens: read one after the other.
    """
    kept = {}
    for name, build in ARCHITECTURES.items():
        model = build(of_equal_size(name, config))
        short, long = memory_after(model, 16), memory_after(model, 32)
        # Memory is constant or grows in proportion to the tokens: two lengths give the line.
        kept[name] = (long + (long - short) / 16 * (n_tokens - 32)) / 1024
    return kept
