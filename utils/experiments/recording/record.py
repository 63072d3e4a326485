"""The record of an experiment: a small JSON file in datasets/runs/NN/row-RRR.json, and what must be in it."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from utils.experiments.recording.design import OUTCOMES, Results, Run
from utils.experiments.recording.recipe import Recipe, find_recipe, job_from_dict, job_to_dict
from utils.paths import datasets_dir

FORMAT = 1
LARGEST_BYTES = 500_000  # all records together travel in the wheel

# Every key of a record and its type; `stages` is looked into further.
_SHAPE: dict[str, type | tuple[type, ...]] = {
    "format": int,
    "notebook": str,
    "row": int,
    "title": str,
    "design": dict,
    "config": dict,
    "stages": list,
    "outcome": str,
    "findings": dict,
    "seconds": (int, float),
    "finished": str,
    "machine": dict,
    "version": dict,
}


class RecordError(ValueError):
    """A record that is missing or not in order; the message names the file and what is wrong."""


@dataclass(frozen=True)
class Record:
    """An experiment that was run.

    Attributes:
        notebook, row, title: which one.
        design: the plan as plain data, as it stood when the run was made.
        config: constants that the results depend on.
        results: the finished runs by stage.
        outcome: what the design's rule made of them.
        findings: the numbers that the notebook shows.
        seconds: processor time of all jobs together.
        finished: date and time (UTC) of the last job.
        machine, version: what it was made by.
    """

    notebook: str
    row: int
    title: str
    design: Mapping[str, Any]
    config: Mapping[str, Any]
    results: Results = field(repr=False)
    outcome: str
    findings: Mapping[str, Any]
    seconds: float
    finished: str
    machine: Mapping[str, Any]
    version: Mapping[str, Any]

    @property
    def n_runs(self) -> int:
        """How many jobs it holds."""
        return sum(len(runs) for runs in self.results.values())


def record_path(notebook: str, row: int, folder: Path | None = None) -> Path:
    """Return where a record lies; `folder` defaults to the course's datasets/runs."""
    return (folder or datasets_dir() / "runs") / notebook / f"row-{row:03d}.json"


def read_record(notebook: str, row: int, folder: Path | None = None, recipe: Recipe | None = None) -> Record:
    """Read a record and check its shape.

    Args:
        notebook, row: which one.
        folder: where records lie; None: where the course ships them.
        recipe: what made it; None: the course's own recipe for that row.

    Raises:
        RecordError: the file is missing, or something in it is; the message says what.
        ValueError: there is no such recipe.
    """
    recipe = recipe or find_recipe(notebook, row)
    path = record_path(notebook, row, folder)
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecordError(f"{path} does not exist: `course record {notebook} {row}` makes it") from None
    except (OSError, ValueError) as error:
        raise RecordError(f"{path} cannot be read: {error}") from None
    return _checked(path, values, recipe)


def write_record(record: Record, recipe: Recipe, folder: Path | None = None) -> Path:
    """Write a record as a whole or not at all; return its path.

    Raises:
        RecordError: it is too large to travel with the course.
    """
    path = record_path(record.notebook, record.row, folder)
    text = _to_text(record)
    if len(text.encode()) > LARGEST_BYTES:
        raise RecordError(f"{path} would have {len(text.encode())} bytes, more than {LARGEST_BYTES}")
    _checked(path, json.loads(text), recipe)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", newline="\n", dir=path.parent, prefix=".", suffix=".part", delete=False
    ) as part:
        part.write(text)
        part.flush()
        os.fsync(part.fileno())
    Path(part.name).chmod(0o644)
    Path(part.name).replace(path)
    return path


def _to_text(record: Record) -> str:
    values = {name: getattr(record, name) for name in _SHAPE if name not in ("format", "stages")}
    values = {"format": FORMAT, **values}
    head = json.dumps(values, indent=1, ensure_ascii=False, allow_nan=False)
    # One line a run: small, and readable in a comparison of two versions.
    stages = []
    for name, runs in record.results.items():
        lines = [
            json.dumps(
                {"job": job_to_dict(run.job), "result": dict(run.result), "seconds": run.seconds},
                ensure_ascii=False,
                allow_nan=False,
            )
            for run in runs
        ]
        body = ",\n   ".join(lines)
        stages.append(f'  {{"name": {json.dumps(name)}, "runs": [\n   {body}\n  ]}}')
    return head[: head.rindex("\n}")] + ',\n "stages": [\n' + ",\n".join(stages) + "\n ]\n}\n"


def _checked(path: Path, values: Any, recipe: Recipe) -> Record:
    if not isinstance(values, dict):
        raise RecordError(f"{path} holds no JSON object")
    for name, kind in _SHAPE.items():
        if name not in values:
            raise RecordError(f"{path} has no {name!r}")
        if not isinstance(values[name], kind) or isinstance(values[name], bool):
            raise RecordError(f"{path} has {name!r} of type {type(values[name]).__name__}")
    unknown = sorted(set(values) - set(_SHAPE))
    if unknown:
        raise RecordError(f"{path} has unknown keys: {', '.join(unknown)}")
    if values["format"] != FORMAT:
        raise RecordError(f"{path} is of format {values['format']}, and this version reads format {FORMAT}")
    if (values["notebook"], values["row"]) != (recipe.notebook, recipe.row):
        wanted = f"notebook {recipe.notebook} row {recipe.row}"
        raise RecordError(f"{path} is about notebook {values['notebook']} row {values['row']}, not {wanted}")
    if values["outcome"] not in OUTCOMES:
        raise RecordError(f"{path} has the outcome {values['outcome']!r}, which is none of: {', '.join(OUTCOMES)}")
    return Record(
        results=_results(path, values["stages"], recipe),
        **{name: values[name] for name in _SHAPE if name not in ("format", "stages")},
    )


def _results(path: Path, stages: list[Any], recipe: Recipe) -> dict[str, list[Run]]:
    wanted = recipe.stages_of("recorded")
    names = [stage.get("name") if isinstance(stage, dict) else None for stage in stages]
    if names != [stage.name for stage in wanted]:
        raise RecordError(f"{path} has the stages {names}, and the recipe {[stage.name for stage in wanted]}")
    results: dict[str, list[Run]] = {}
    for stage, found in zip(wanted, stages, strict=True):
        runs = found.get("runs")
        if not isinstance(runs, list) or not runs:
            raise RecordError(f"{path} has no runs in its stage {stage.name!r}")
        results[stage.name] = []
        for number, run in enumerate(runs):
            where = f"{path}, run {number} of its stage {stage.name!r}"
            if not isinstance(run, dict) or set(run) != {"job", "result", "seconds"}:
                raise RecordError(f"{where}, must have exactly: job, result, seconds")
            if not isinstance(run["result"], dict) or not run["result"]:
                raise RecordError(f"{where}, has no result")
            try:
                job = job_from_dict(stage.job_type, run["job"])
            except (TypeError, ValueError, AttributeError) as error:
                raise RecordError(f"{where}, has a job that is not in order: {error}") from None
            results[stage.name].append(Run(job, run["result"], float(run["seconds"])))
    return results
