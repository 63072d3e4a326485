"""Notebooks as files: which there are, and the exercises in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from utils.course.errors import CourseError
from utils.paths import repository_root

if TYPE_CHECKING:
    import nbformat

EXPERIMENT_TAG = "experiment"
VISIBLE_TEST_TAG = "visible-test"
SETUP_TAG = "setup"
_ROW_TAG = re.compile(r"row-(\d+)$")
_TOPIC = re.compile(r"(\d\d)_[a-z_]+$")


@dataclass(frozen=True)
class Cell:
    """One code cell: its place in the notebook, its source, and the metadata that tools rely on."""

    index: int
    source: str
    metadata: dict[str, Any]

    @property
    def tags(self) -> tuple[str, ...]:
        """The cell's tags, in order."""
        return tuple(self.metadata.get("tags", ()))

    @property
    def grade_id(self) -> str | None:
        """nbgrader's name of the cell, None for an ordinary one."""
        return self.metadata.get("nbgrader", {}).get("grade_id")

    @property
    def is_experiment(self) -> bool:
        """Whether grading skips the cell."""
        return EXPERIMENT_TAG in self.tags

    @property
    def is_solution(self) -> bool:
        """Whether the learner writes here."""
        return bool(self.metadata.get("nbgrader", {}).get("solution"))

    @property
    def is_graded(self) -> bool:
        """Whether the cell gives points."""
        nbgrader = self.metadata.get("nbgrader", {})
        return bool(nbgrader.get("grade")) and not nbgrader.get("solution")

    @property
    def is_visible_test(self) -> bool:
        """Whether the cell is a formative test."""
        return VISIBLE_TEST_TAG in self.tags

    @property
    def points(self) -> float:
        """Points of a graded cell."""
        return float(self.metadata.get("nbgrader", {}).get("points", 0))

    @property
    def rows(self) -> tuple[int, ...]:
        """Rows of coverage.csv that the cell makes executable."""
        return tuple(int(found[1]) for tag in self.tags if (found := _ROW_TAG.match(tag)))


@dataclass(frozen=True)
class Exercise:
    """A solution cell and the tests that follow it up to the next one."""

    solution: Cell
    visible: tuple[Cell, ...]
    graded: tuple[Cell, ...]

    @property
    def name(self) -> str:
        """The exercise's first name, which is also its grade_id."""
        return self.solution.grade_id or ""

    @property
    def names(self) -> tuple[str, ...]:
        """All names that the solution cell defines."""
        return tuple(self.solution.metadata.get("course", {}).get("names", (self.name,)))

    @property
    def points(self) -> float:
        """Points of all its graded cells."""
        return sum(cell.points for cell in self.graded)


@dataclass(frozen=True)
class Notebook:
    """A notebook that was read from a file."""

    path: Path
    node: nbformat.NotebookNode

    @cached_property
    def code_cells(self) -> tuple[Cell, ...]:
        """The code cells, in order."""
        return tuple(
            Cell(index, cell.source, dict(cell.metadata))
            for index, cell in enumerate(self.node.cells)
            if cell.cell_type == "code"
        )

    @cached_property
    def exercises(self) -> tuple[Exercise, ...]:
        """The exercises, in order."""
        found = []
        starts = [cell for cell in self.code_cells if cell.is_solution]
        for number, solution in enumerate(starts):
            end = starts[number + 1].index if number + 1 < len(starts) else len(self.node.cells)
            between = [cell for cell in self.code_cells if solution.index < cell.index < end]
            found.append(
                Exercise(
                    solution,
                    visible=tuple(cell for cell in between if cell.is_visible_test),
                    graded=tuple(cell for cell in between if cell.is_graded),
                )
            )
        return tuple(found)


@dataclass(frozen=True)
class Topic:
    """One of the course's notebooks, by its files."""

    root: Path
    name: str

    @property
    def number(self) -> str:
        """Two digits, "01" for 01_data_distribution."""
        return self.name[:2]

    @property
    def script(self) -> Path:
        """What authors edit."""
        return self.root / "solutions" / self.name / f"{self.name}.py"

    @property
    def exercises(self) -> Path:
        """The folder of exercises' files, which the script names."""
        return self.script.parent / "exercises"

    @property
    def answers(self) -> Path:
        """The folder of right and wrong answers, NAME.py each."""
        return self.exercises / "answers"

    @property
    def source(self) -> Path:
        """The notebook with answers that the script and its exercises give, nbgrader's source."""
        return self.script.with_suffix(".ipynb")

    @property
    def release(self) -> Path:
        """What learners open."""
        return self.root / "notebooks" / self.name / f"{self.name}.ipynb"


def course_root() -> Path:
    """Return the checkout's root.

    Raises:
        CourseError: the course is installed without its notebooks.
    """
    root = repository_root()
    if root is None:
        raise CourseError("this command needs a checkout of the course; the installed package has no notebooks in it")
    return root


def topics(root: Path) -> tuple[Topic, ...]:
    """Return the course's notebooks in order: the folders of solutions/ that hold a script of their name."""
    return tuple(
        Topic(root, folder.name)
        for folder in sorted((root / "solutions").iterdir())
        if _TOPIC.match(folder.name) and (folder / f"{folder.name}.py").is_file()
    )


def find_topic(root: Path, number: str) -> Topic:
    """Return the notebook with this number ("1", "01" or its whole name).

    Raises:
        CourseError: there is none.
    """
    known = topics(root)
    for topic in known:
        if number in (topic.name, topic.number) or (number.isdigit() and int(number) == int(topic.number)):
            return topic
    there = ", ".join(topic.number for topic in known) or "none"
    raise CourseError(f"notebook {number!r} is unknown; there are: {there}")


def read_notebook(path: Path) -> Notebook:
    """Read a notebook of any version of the format as version 4.

    Raises:
        CourseError: the file is missing, no JSON, or no notebook.
    """
    import nbformat  # here, since it takes a second to import and most commands read no notebook

    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise CourseError(f"{path} does not exist") from None
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"{path} cannot be read: {error}") from None
    try:
        json.loads(text)
    except ValueError as error:
        raise CourseError(
            f"{path} is no JSON ({error}): it was cut or edited by hand; restore it or download it again"
        ) from None
    try:
        node = nbformat.reads(text, as_version=4)
        nbformat.validate(node)
    except Exception as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CourseError(f"{path} is JSON but no valid notebook: {first}") from None
    return Notebook(path, node)


def cells_before(notebook: Notebook, exercise: Exercise) -> Iterator[Cell]:
    """Yield the cells that an exercise may rely on: those above it that are no experiments and no tests."""
    for cell in notebook.code_cells:
        if cell.index >= exercise.solution.index:
            return
        if not (cell.is_experiment or cell.is_graded or cell.is_visible_test):
            yield cell
