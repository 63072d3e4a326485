"""Remake a part of a record and compare: does today's code still give what the notebook shows?"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from utils.experiments.recording.design import Run
from utils.experiments.recording.elsewhere import Difference, Remade, beyond_chance, every_difference, other_arithmetic
from utils.experiments.recording.executors import SerialExecutor
from utils.experiments.recording.recipe import SAMPLE, Recipe, Stage, job_to_dict
from utils.experiments.recording.record import Record
from utils.experiments.recording.running import run_job
from utils.experiments.recording.version import code_files


@dataclass(frozen=True)
class CheckReport:
    """What a check found.

    Attributes:
        remade: jobs that were run again.
        problems: one sentence each for what differs; empty when the record is confirmed.
        changed_files: modules whose code is another one than when the record was made; no problem in itself.
        arithmetic: what rounds otherwise here than where the record was made; "" where nothing is known to.
        explained: one sentence each for what differs no more than another seed would; empty without other arithmetic.
    """

    remade: int
    problems: tuple[str, ...]
    changed_files: tuple[str, ...]
    arithmetic: str = ""
    explained: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing differs."""
        return not self.problems


def check_record(
    recipe: Recipe,
    record: Record,
    sample: int = 3,
    seed: int = 0,
    executor: Executor | None = None,
    most_seconds: float = 60.0,
) -> CheckReport:
    """Remake some jobs of a record, its outcome and its findings, and compare.

    Where the record was made, numbers must agree; on another processor or with other libraries they may differ as two
    seeds do (see `elsewhere`).

    Args:
        recipe: what made the record.
        record: as `read_record` gives it.
        sample: jobs to run again, drawn from those that took at most `most_seconds`.
        seed: which ones.
        executor: where they run; None: here.
        most_seconds: jobs that took longer are not drawn; where all did, those of the stage `SAMPLE` are made again,
            without one the shortest of all.

    Raises:
        ValueError: `sample` is below 1.
    """
    if sample < 1:
        raise ValueError(f"sample must be at least 1, not {sample}")
    problems = [*_plan_problems(recipe, record), *_verdict_problems(recipe, record)]
    chosen = _draw(recipe, record, sample, seed, most_seconds)
    executor = executor or SerialExecutor()
    futures = [executor.submit(run_job, stage.run, run.job) for stage, _, run in chosen]
    remade = []
    for (stage, number, run), future in zip(chosen, futures, strict=True):
        result, _ = future.result()
        found = list(_differences(run.result, result, recipe.tolerance, recipe.unstable, ()))
        remade.append(Remade(stage.name, record.results[stage.name], number, result, found))
    arithmetic = other_arithmetic(record)
    faults, explained = beyond_chance(remade) if arithmetic else (every_difference(remade), [])
    recorded = record.version.get("files", {})
    changed = [name for name, digest in code_files(recipe.sources).items() if recorded.get(name) != digest]
    return CheckReport(len(chosen), (*problems, *faults), tuple(changed), arithmetic, tuple(explained))


def differences(recorded: Any, remade: Any, tolerance: float, unstable: frozenset[str] = frozenset()) -> list[str]:
    """Return a sentence for each place where two results differ by more than `tolerance` (relative)."""
    return [found.text for found in _differences(recorded, remade, tolerance, unstable, ())]


def _differences(
    recorded: Any, remade: Any, tolerance: float, unstable: frozenset[str], path: tuple[str | int, ...]
) -> Iterator[Difference]:
    name = _spelled(path)
    if isinstance(recorded, Mapping) and isinstance(remade, Mapping):
        for key in sorted({*recorded, *remade} - unstable):
            inner = (*path, str(key))
            if key not in recorded or key not in remade:
                text = f"{_spelled(inner)} is only in the {'remade' if key not in recorded else 'recorded'} result"
                yield Difference(inner, recorded.get(key), remade.get(key), text, comparable=False)
            else:
                yield from _differences(recorded[key], remade[key], tolerance, unstable, inner)
    elif isinstance(recorded, list | tuple) and isinstance(remade, list | tuple):
        if len(recorded) != len(remade):
            text = f"{name} has {len(recorded)} entries recorded and {len(remade)} remade"
            yield Difference(path, recorded, remade, text, comparable=False)
            return
        for i, (a, b) in enumerate(zip(recorded, remade, strict=True)):
            yield from _differences(a, b, tolerance, unstable, (*path, i))
    elif _is_number(recorded) and _is_number(remade):
        if not math.isclose(recorded, remade, rel_tol=tolerance, abs_tol=1e-9):
            yield Difference(path, recorded, remade, f"{name} is {recorded} recorded and {remade} remade")
    elif recorded != remade:
        text = f"{name} is {recorded!r} recorded and {remade!r} remade"
        yield Difference(path, recorded, remade, text, comparable=type(recorded) is type(remade))


def _spelled(path: tuple[str | int, ...]) -> str:
    """A path as a reader writes it, such as "people.home[3]"."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).removeprefix(".")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _plan_problems(recipe: Recipe, record: Record) -> list[str]:
    """The first stage depends on nothing: its jobs must be those that the recipe asks for today."""
    first = recipe.stages_of("recorded")[0]
    wanted = [job_to_dict(job) for job in first.jobs({})]
    found = [job_to_dict(run.job) for run in record.results[first.name]]
    if wanted == found:
        return []
    return [f"stage {first.name!r} has {len(found)} jobs that are not the {len(wanted)} that the recipe asks for"]


def _verdict_problems(recipe: Recipe, record: Record) -> list[str]:
    problems = []
    outcome = recipe.design.outcome(record.results)
    if outcome != record.outcome:
        problems.append(f"the outcome is recorded as {record.outcome!r}, and the rule gives {outcome!r}")
    if recipe.design.to_dict() != record.design:
        problems.append("the design is not the one that stood before the run")
    found = differences(record.findings, recipe.findings(record.results), recipe.tolerance)
    return problems + [f"findings: {text}" for text in found]


def _draw(recipe: Recipe, record: Record, sample: int, seed: int, most_seconds: float) -> list[tuple[Stage, int, Run]]:
    everything = [
        (stage, number, run)
        for stage in recipe.stages_of("recorded")
        if stage.name not in recipe.cached
        for number, run in enumerate(record.results[stage.name])
    ]
    short = [one for one in everything if one[2].seconds <= most_seconds]
    if not short:
        small = [one for one in everything if one[0].name == SAMPLE]
        return small[:sample] or [min(everything, key=lambda one: one[2].seconds)]
    return random.Random(seed).sample(short, min(sample, len(short)))
