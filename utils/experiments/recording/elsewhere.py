"""A run made again by another arithmetic: is it further from the recorded one than another seed would be?

Another kind of processor, or another torch, adds the same numbers in another order. A training, or a text that a model
writes, carries the last digit on until the two runs differ as two seeds do. So a difference that the same machine would
not show is no fault of the record while chance explains it, and one that chance does not explain still is.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from utils.experiments.recording.design import Run
from utils.experiments.recording.recipe import job_to_dict
from utils.experiments.recording.record import Record
from utils.experiments.recording.version import LIBRARIES, machine, version

FALSE_ALARMS = 0.001
"""How often one check of a whole record calls rounding a fault, where it acts like another seed."""
REPLICATES = frozenset({"seed", "part", "first"})
"""Fields of jobs that name a repetition: the seed, or the first of the questions that are asked."""
SHORTEST_SERIES = 8
LEAST_SPREAD = 0.02


@dataclass(frozen=True)
class Difference:
    """One place where a remade result is not the recorded one.

    Attributes:
        path: keys and indices that lead to it.
        recorded, remade: what stands there.
        text: a sentence.
        comparable: whether both are numbers, or both are words.
    """

    path: tuple[str | int, ...]
    recorded: Any
    remade: Any
    text: str
    comparable: bool = True


@dataclass(frozen=True)
class Remade:
    """A run that was made again: its stage's recorded runs, which of them it is, and where its result differs."""

    stage: str
    runs: Sequence[Run]
    number: int
    result: Mapping[str, Any]
    differences: Sequence[Difference]

    @property
    def where(self) -> str:
        """The beginning of a sentence about it."""
        return f"run {self.number} of stage {self.stage!r}: "


def other_arithmetic(record: Record) -> str:
    """Return what rounds otherwise here than where a record was made, in words; "" where nothing is known to."""
    here = {"processor": machine()["processor"], **{name: version(name) for name in LIBRARIES}}
    there = {"processor": record.machine.get("processor"), **record.version}
    return ", ".join(
        f"{name if name != 'processor' else ''} {here[name]}".strip() + f" (recorded with {there.get(name)})"
        for name in here
        if here[name] != there.get(name)
    )


def every_difference(remade: Sequence[Remade]) -> list[str]:
    """Return a sentence for each difference."""
    return [one.where + found.text for one in remade for found in one.differences]


def beyond_chance(remade: Sequence[Remade]) -> tuple[list[str], list[str]]:
    """Return a sentence for each difference that chance does not explain, and one for each of the others.

    A list of eight numbers or more is compared as a whole: the mean of its differences against their own scatter, and
    its mean against that of other seeds; either may explain it. Any other number is compared with the scatter of that
    number over runs that differ by seed. A number without repetitions, and a text, cannot be judged, and pass. All
    comparisons together call chance a fault once in `1 / FALSE_ALARMS` checks.
    """
    judged = [(one, place, text, _chance_of(one, place)) for one in remade for place, text in _places(one)]
    limit = FALSE_ALARMS / max(1, len(judged))
    faults = [one.where + found.text for one in remade for found in one.differences if not found.comparable]
    faults += [one.where + text for one, _, text, chance in judged if chance < limit]
    return faults, [one.where + text for one, _, text, chance in judged if chance >= limit]


def _places(one: Remade) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The places to judge: a number, or the list it stands in where that is long enough, each once."""
    seen = set()
    for found in one.differences:
        if not found.comparable:
            continue
        around = found.path[:-1]
        place, text = found.path, found.text
        if isinstance(found.path[-1], int) and _series(one.result, around) is not None:
            place, text = around, f"{found.text}, and perhaps more of that list"
        if place not in seen:
            seen.add(place)
            yield place, text


def _chance_of(one: Remade, place: tuple[str | int, ...]) -> float:
    """The probability of a difference as large, were the remade run another seed; 1 where nothing can be said."""
    before, after = one.runs[one.number].result, one.result
    first, second = _series(before, place), _series(after, place)
    alone = 0.0 if first is None or second is None else _chance_of_series(first, second)
    return max(alone, _chance_of_number(one, place))


def _chance_of_series(before: np.ndarray, after: np.ndarray) -> float:
    if len(before) != len(after):
        return 0.0
    gaps = after - before
    error = gaps.std(ddof=1) / math.sqrt(len(gaps))
    return float(2 * stats.t.sf(abs(gaps.mean()) / error, len(gaps) - 1)) if error > 0 else 0.0


def _chance_of_number(one: Remade, place: tuple[str | int, ...]) -> float:
    before, after = _number(one.runs[one.number].result, place), _number(one.result, place)
    if before is None or after is None:
        return 1.0
    groups: dict[str, list[float]] = defaultdict(list)
    for run in one.runs:
        value = _number(run.result, place)
        if value is not None:
            groups[_condition(run)].append(value)
    repeated = [np.array(values) for values in groups.values() if len(values) > 1]
    if not repeated:
        return 1.0
    freedom = sum(len(values) - 1 for values in repeated)
    spread = math.sqrt(sum(((values - values.mean()) ** 2).sum() for values in repeated) / freedom)
    own = groups[_condition(one.runs[one.number])]
    if len(own) > 1 and np.std(own, ddof=1) > spread:
        spread, freedom = float(np.std(own, ddof=1)), len(own) - 1
    everything = np.concatenate([np.array(values) for values in groups.values()])
    spread = max(spread, LEAST_SPREAD * float(np.ptp(everything)))
    return float(2 * stats.t.sf(abs(after - before) / (math.sqrt(2) * spread), freedom)) if spread > 0 else 0.0


def _condition(run: Run) -> str:
    """A job without what names the repetition."""
    return json.dumps({name: value for name, value in job_to_dict(run.job).items() if name not in REPLICATES})


def _number(result: Any, place: tuple[str | int, ...]) -> float | None:
    """The number at a place, or the mean of the list there; None where there is none."""
    series = _series(result, place)
    if series is not None:
        return float(series.mean())
    value = _at(result, place)
    return float(value) if isinstance(value, int | float) else None


def _series(result: Any, place: tuple[str | int, ...]) -> np.ndarray | None:
    """The numbers of the list at a place; None where there is none, or too short a one."""
    value = _at(result, place)
    if not isinstance(value, list | tuple) or len(value) < SHORTEST_SERIES:
        return None
    if not all(isinstance(one, int | float) for one in value):
        return None
    return np.array(value, dtype=float)


def _at(result: Any, place: tuple[str | int, ...]) -> Any:
    for key in place:
        try:
            result = result[key]
        except (KeyError, IndexError, TypeError):
            return None
    return result
