"""What the build adds to a notebook beside its exercises: a guess before each recorded experiment, and what it takes.

Authors write neither: a recorded run that lies in datasets/runs is asked about, and what `course doctor --measure`
wrote there stands at the end of the notebook's first cell.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell

from utils.course.expand import LONGEST_LINE
from utils.course.notebooks import EXPERIMENT_TAG, Cell

GUESS_TAG = "guess"
GUESS_CELL = """\
# Predict first: what will the measurement say? Your guess stays on this machine.
from utils.notebook import guess

guess({rows})"""


def recorded_rows(root: Path, number: str) -> set[int]:
    """Return the rows of which a notebook has a recorded run."""
    return {int(path.stem.removeprefix("row-")) for path in (root / "datasets" / "runs" / number).glob("row-*.json")}


def insert_guesses(node: nbformat.NotebookNode, rows: set[int]) -> None:
    """Put a folded cell before each recorded row's experiment, in place.

    Grading skips it like an experiment; it makes no row executable and binds no name but `guess`.
    """
    asked: dict[int, list[int]] = {}
    for row in sorted(rows):
        place = place_of_guess(node.cells, row)
        if place is not None:
            asked.setdefault(place, []).append(row)
    cells = []
    for place, cell in enumerate(node.cells):
        if place in asked:
            source = GUESS_CELL.format(rows=", ".join(map(str, asked[place])))
            cells.append(new_code_cell(source, metadata={"tags": [EXPERIMENT_TAG, GUESS_TAG]}))
        cells.append(cell)
    node.cells = cells


def place_of_guess(cells: Sequence[nbformat.NotebookNode], row: int) -> int | None:
    """Return before which cell a row is to be guessed; None where nothing shows its recorded run.

    That is the cell that reads the record, or the row's first cell under the same heading, where it comes earlier: a
    short run of the same experiment gives the answer away.
    """
    experiments = [
        place
        for place, cell in enumerate(cells)
        if cell.cell_type == "code" and EXPERIMENT_TAG in cell.metadata.get("tags", ())
    ]
    reading = [place for place in experiments if re.search(rf"read_record\([^)]*\b{row}\b", cells[place].source)]
    if not reading:
        return None
    headings = [
        place
        for place, cell in enumerate(cells[: reading[0]])
        if cell.cell_type == "markdown" and re.search("^#{2,3} ", cell.source, re.MULTILINE)
    ]
    heading = max(headings, default=-1)
    tagged = [
        place
        for place in experiments
        if heading < place <= reading[0] and row in Cell(place, "", dict(cells[place].metadata)).rows
    ]
    return min(tagged, default=reading[0])


def state_what_it_takes(node: nbformat.NotebookNode, measured: Mapping[str, Mapping[str, Any]]) -> None:
    """Add a sentence about time and memory to the first cell, in place; none where nothing was measured.

    Args:
        node: the notebook.
        measured: what `course doctor --measure` found, by budget.
    """
    if "cpu" not in measured or not node.cells or node.cells[0].cell_type != "markdown":
        return
    found = measured["cpu"]
    sentence = (
        f"Running every cell takes about {_spoken(found['processor_seconds'])} of computing on one core and up to "
        f"{max(found['peak_bytes'] / 1e9, 0.1):.1f} GB of memory (measured on {found['date']})."
    )
    if "gpu" in measured:
        other = measured["gpu"]
        sentence += (
            f" At the larger `gpu` budget it took {_spoken(other['seconds'])} and "
            f"{other['peak_bytes'] / 1e9:.1f} GB on {other['machine'].get('gpu', 'a GPU')}."
        )
    lines = textwrap.wrap(sentence, LONGEST_LINE, break_on_hyphens=False)
    node.cells[0].source = node.cells[0].source.rstrip() + "\n\n" + "\n".join(lines)


def _spoken(seconds: float) -> str:
    """Return a time as precise as it is worth: tens of seconds, or half minutes."""
    if seconds < 95:
        return f"{max(round(seconds, -1), 10):.0f} seconds"
    return f"{round(seconds / 30) / 2:g} minutes"
