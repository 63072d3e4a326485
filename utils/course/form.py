"""What a notebook of the course must look like, beyond being a notebook: one sentence for each breach."""

from __future__ import annotations

from collections.abc import Iterator

import nbformat

from utils.course.cell_names import bound_names, parsed, read_names
from utils.course.contract import load_contract
from utils.course.expand import LONGEST_LINE
from utils.course.notebooks import EXPERIMENT_TAG, Cell, Topic

LONGEST_MEASURING_CELL = 30
_FOLDED = {"draw", "judge"}


def _own_cells(node: nbformat.NotebookNode) -> Iterator[tuple[int, Cell]]:
    """Yield the code cells that belong to no exercise, with their place."""
    for place, cell in enumerate(node.cells, start=1):
        if cell.cell_type == "code" and not cell.metadata.get("nbgrader"):
            yield place, Cell(place, cell.source, dict(cell.metadata))


def form_faults(topic: Topic, node: nbformat.NotebookNode) -> list[str]:
    """Return what is wrong with an expanded notebook, in a sentence each.

    Args:
        topic: whose notebook it is; its contract and answers are looked up.
        node: the notebook with its exercises' cells.
    """
    faults: list[str] = []
    exercises = {
        cell.metadata["nbgrader"]["grade_id"]: cell.metadata.get("course", {}).get("names")
        for cell in node.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }
    contract = {row.exercise for row in load_contract(topic.root) if row.notebook == topic.number}
    for name in exercises:
        if name not in contract:
            faults.append(f"exercise {name} has no row in docs/exercises.md under notebook {topic.number}")
        if not (topic.answers / f"{name}.py").is_file():
            faults.append(f"exercise {name} has no answers: write {topic.answers.relative_to(topic.root)}/{name}.py")
    defined = {one for name, names in exercises.items() for one in (names or [name])}
    for place, cell in _own_cells(node):
        if stolen := sorted(bound_names(parsed(cell.source)) & defined):
            faults.append(
                f"cell {place} binds {stolen[0]!r}, the name of an exercise: run after it, it would replace "
                "a learner's answer; import it under another name"
            )
    for place, cell in enumerate(node.cells, start=1):
        shown = cell.source.split("### BEGIN HIDDEN TESTS")[0]
        for line in shown.split("\n"):
            if len(line) > LONGEST_LINE and not line.lstrip().startswith(("|", "[![", "<")) and "](" not in line:
                faults.append(f"cell {place} has a line of {len(line)} characters: {line.strip()[:50]!r} ...")
    return faults + long_measuring_cells(node) + names_from_experiments(node)


def names_from_experiments(node: nbformat.NotebookNode) -> list[str]:
    """Return a sentence for each other cell that uses what only an experiment's cell binds.

    Grading and `course answers` run no experiment: such a cell would stop them, and with it every graded cell below.
    """
    faults, bound, by_experiments = [], set(), set()
    for place, cell in enumerate(node.cells, start=1):
        if cell.cell_type != "code":
            continue
        code = parsed(cell.source)
        if EXPERIMENT_TAG in cell.metadata.get("tags", ()):
            by_experiments |= bound_names(code)
            continue
        bound |= bound_names(code)
        if borrowed := sorted((read_names(code) & by_experiments) - bound):
            faults.append(
                f"cell {place} uses {borrowed[0]!r}, which only an experiment above binds: import it there too"
            )
    return faults


def long_measuring_cells(node: nbformat.NotebookNode) -> list[str]:
    """Return a sentence for each measuring cell of an experiment that is longer than a learner reads at once."""
    faults = []
    for place, cell in _own_cells(node):
        lines = [line for line in cell.source.split("\n") if line.strip()]
        if cell.is_experiment and not _FOLDED & set(cell.tags) and len(lines) > LONGEST_MEASURING_CELL:
            faults.append(
                f"cell {place} measures in {len(lines)} lines, more than {LONGEST_MEASURING_CELL}: split it, or move "
                "what is not the idea to utils/experiments"
            )
    return faults
