"""A recipe whose jobs take no time, in a module that worker processes can import."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from utils.experiments.recording.design import CANNOT_BE_TOLD, DOES_NOT_HOLD, HOLDS, HOLDS_IN_PART, Design, Results, Run
from utils.experiments.recording.recipe import Recipe, Stage


@dataclass(frozen=True)
class SquareJob:
    """Square a number; write down that it was done, so that a test can count."""

    x: int
    notes: str = ""
    weights: tuple[int, ...] = (1, 2)


def square(job: SquareJob) -> dict[str, Any]:
    if job.notes:
        with Path(job.notes).open("a") as file:
            file.write(f"{job.x}\n")
    if os.environ.get("SQUARES_FAIL_AT") == str(job.x):
        raise ZeroDivisionError("refused")
    if os.environ.get("SQUARES_SLOW"):
        time.sleep(float(os.environ["SQUARES_SLOW"]))
    return {"square": job.x**2, "seconds": time.process_time()}


def rule(results: Results) -> str:
    mean = sum(run.result["square"] for run in results["first"]) / len(results["first"])
    return HOLDS if mean > 10 else HOLDS_IN_PART if mean > 5 else DOES_NOT_HOLD if mean > 0 else CANNOT_BE_TOLD


def simulate(outcome: str, seed: int) -> Mapping[str, Sequence[Run]]:
    value = {HOLDS: 20, HOLDS_IN_PART: 7, DOES_NOT_HOLD: 1, CANNOT_BE_TOLD: 0}[outcome]
    return {"first": [Run(SquareJob(0), {"square": value})]}


DESIGN = Design("claim", "measure", "control", "unit", "rule", {"high": 10}, "effect", rule, simulate)


def make_recipe(notes: Path | str = "", n: int = 6, **changes: Any) -> Recipe:
    def stages(size: str) -> list[Stage]:
        count = n if size == "recorded" else 2
        return [
            Stage("first", SquareJob, square, lambda _: [SquareJob(x, str(notes)) for x in range(count)]),
            Stage(
                "second",
                SquareJob,
                square,
                lambda done: [SquareJob(100 + done["first"][-1].result["square"], str(notes))],
            ),
        ]

    recipe = Recipe(
        notebook="99",
        row=1,
        title="squares",
        stages=stages,
        design=DESIGN,
        findings=lambda results: {"last": results["second"][0].result["square"]},
        sources=("utils.experiments.recording.recipe",),
    )
    return replace(recipe, **changes)
