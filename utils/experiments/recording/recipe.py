"""How an experiment is made: stages of jobs, the function that runs one, and the design that judges the results."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache
from typing import Any

import utils.experiments
from utils.experiments.recording.design import Design, Results

SIZES = ("recorded", "live")
SAMPLE = "sample"
"""Name of a stage of one small job, recorded beside large ones so that a test can make a part of the record again."""


@dataclass(frozen=True)
class Stage:
    """Jobs that may run side by side; a later stage may depend on the results of earlier ones.

    Attributes:
        name: unique in its recipe.
        job_type: the dataclass of the jobs; its fields are numbers, strings, None, or tuples of these.
        run: job -> plain data (what JSON can hold); defined at the top level of a module.
        jobs: results of the stages before -> the jobs of this one, different from each other.
    """

    name: str
    job_type: type
    run: Callable[[Any], Mapping[str, Any]] = field(repr=False)
    jobs: Callable[[Results], Sequence[Any]] = field(repr=False)


def with_sample(stage: Stage, small: Sequence[Any]) -> list[Stage]:
    """Return a recorded stage and, beside it, one of a few small jobs of the same code, which judges nothing."""
    return [stage, replace(stage, name=SAMPLE, jobs=lambda _: small)]


@dataclass(frozen=True)
class Recipe:
    """An experiment of one notebook about one row of coverage.csv.

    Attributes:
        notebook: its number, such as "04".
        row: the row of coverage.csv.
        title: what is done, in a few words.
        stages: size ("recorded" or "live") -> stages in their order.
        design: what would count as what.
        findings: results -> the numbers that the notebook shows, as plain data.
        sources: names of the modules whose code makes the results; the record keeps their hash.
        config: constants that the results depend on, for the record.
        tolerance: relative difference between a remade number and the recorded one that is let pass.
        unstable: keys of results that are not compared, such as times.
        cached: names of stages whose runs load what an earlier run has trained. Their seconds leave the training out,
            and on another machine it would be done again: a check draws none of these. One stage at least is no such.
    """

    notebook: str
    row: int
    title: str
    stages: Callable[[str], Sequence[Stage]] = field(repr=False)
    design: Design
    findings: Callable[[Results], Mapping[str, Any]] = field(repr=False)
    sources: tuple[str, ...]
    config: Mapping[str, Any] = field(default_factory=dict)
    tolerance: float = 0.01
    unstable: frozenset[str] = frozenset({"seconds"})
    cached: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not self.sources:
            raise ValueError(f"sources of the recipe for row {self.row} are empty: a record must name its code")

    def stages_of(self, size: str) -> list[Stage]:
        """Return the stages of a size; ValueError for an unknown size or two stages of one name."""
        if size not in SIZES:
            raise ValueError(f"size must be one of {', '.join(SIZES)}, not {size!r}")
        stages = list(self.stages(size))
        names = [stage.name for stage in stages]
        if len(set(names)) != len(names):
            raise ValueError(f"stages of the recipe for row {self.row} share a name: {', '.join(names)}")
        return stages


def job_to_dict(job: Any) -> dict[str, Any]:
    """Return a job as JSON holds it: fields in order, tuples as lists."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(job).items()}


def job_from_dict(job_type: type, values: Mapping[str, Any]) -> Any:
    """Return the job of what `job_to_dict` gave.

    Raises:
        ValueError: a field is missing, unknown or refused by the job itself.
    """
    names = {one.name for one in fields(job_type)}
    if set(values) != names:
        missing, unknown = sorted(names - set(values)), sorted(set(values) - names)
        raise ValueError(f"a {job_type.__name__} has missing fields {missing} and unknown fields {unknown}")
    return job_type(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})


@cache
def all_recipes() -> tuple[Recipe, ...]:
    """Return the recipes of all topics, by notebook and row.

    Raises:
        ValueError: two recipes are about one row of one notebook.
    """
    found: dict[tuple[str, int], Recipe] = {}
    for package in pkgutil.iter_modules(utils.experiments.__path__, "utils.experiments."):
        if not package.ispkg or importlib.util.find_spec(f"{package.name}.recipes") is None:
            continue
        for recipe in importlib.import_module(f"{package.name}.recipes").RECIPES:
            key = recipe.notebook, recipe.row
            if key in found:
                raise ValueError(f"two recipes are about row {recipe.row} of notebook {recipe.notebook}")
            found[key] = recipe
    return tuple(found[key] for key in sorted(found))


def find_recipe(notebook: str, row: int) -> Recipe:
    """Return a recipe; ValueError names those that there are."""
    for recipe in all_recipes():
        if (recipe.notebook, recipe.row) == (notebook, row):
            return recipe
    known = ", ".join(f"{recipe.notebook} {recipe.row}" for recipe in all_recipes()) or "none"
    raise ValueError(f"notebook {notebook} has no recorded experiment for row {row}; there are: {known}")
