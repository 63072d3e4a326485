"""Which of the chapter's ideas are executable: rows of coverage.csv against experiment cells and graded exercises."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from utils.course.notebooks import Notebook, read_notebook, topics


@dataclass(frozen=True)
class Idea:
    """A row of coverage.csv: an idea, table or figure of the chapter."""

    row: int
    idea: str
    notebook: str
    exercises: tuple[str, ...]


@dataclass(frozen=True)
class Covered:
    """An idea with what the notebooks that exist make of it."""

    idea: Idea
    experiments: int
    missing_exercises: tuple[str, ...]

    @property
    def executable(self) -> bool:
        """Whether an experiment runs it and every exercise that it asks for is graded."""
        return self.experiments > 0 and not self.missing_exercises


def load_ideas(root: Path) -> list[Idea]:
    """Read datasets/tables/coverage.csv."""
    with (root / "datasets" / "tables" / "coverage.csv").open(encoding="utf-8", newline="") as stream:
        return [
            Idea(
                int(record["row"]),
                record["idea"],
                record["notebook"],
                tuple(name.strip() for name in record["exercise"].split(";") if name.strip()),
            )
            for record in csv.DictReader(stream)
        ]


def measure(ideas: Sequence[Idea], notebooks: dict[str, Notebook]) -> list[Covered]:
    """Hold the ideas against the notebooks, given by their two digits."""
    experiments: dict[int, int] = {}
    graded: set[str] = set()
    for notebook in notebooks.values():
        for cell in notebook.code_cells:
            for row in cell.rows if cell.is_experiment else ():
                experiments[row] = experiments.get(row, 0) + 1
        graded |= {name for exercise in notebook.exercises if exercise.graded for name in exercise.names}
    return [
        Covered(idea, experiments.get(idea.row, 0), tuple(name for name in idea.exercises if name not in graded))
        for idea in ideas
    ]


def coverage(root: Path) -> tuple[list[Covered], set[str]]:
    """Return every idea with its coverage, and the numbers of the notebooks that exist."""
    notebooks = {topic.number: read_notebook(topic.source) for topic in topics(root)}
    return measure(load_ideas(root), notebooks), set(notebooks)
