"""A learner's own answers against the visible tests: which pass, which do not, and the hint of each."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import nbformat

from utils.course.errors import CourseError
from utils.course.notebooks import Exercise, Notebook, read_notebook

CELL_LIMIT_S = 120


@dataclass(frozen=True)
class Checked:
    """What the visible tests say of one exercise: status "passed", "failed" or "open", with a hint."""

    exercise: str
    names: tuple[str, ...]
    points: float
    status: str
    hint: str


def run_without_experiments(notebook: Notebook) -> nbformat.NotebookNode:
    """Run a notebook's code cells, experiments skipped, in a kernel of its own; errors stay in the outputs.

    Raises:
        CourseError: the kernel died; the message names the cell.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import DeadKernelError

    node = nbformat.from_dict(notebook.node)
    for cell in node.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    client = NotebookClient(
        node,
        kernel_name="python3",
        allow_errors=True,
        timeout=CELL_LIMIT_S,
        interrupt_on_timeout=True,
        skip_cells_with_tag="experiment",
        resources={"metadata": {"path": str(notebook.path.parent)}},
    )
    running = {"cell": 0}
    client.on_cell_start = lambda cell, cell_index: running.update(cell=cell_index)
    try:
        client.execute(env=_smoke_environment())
    except DeadKernelError:
        first_line = node.cells[running["cell"]].source.strip().splitlines()[:1]
        raise CourseError(
            f"the kernel died in cell {running['cell'] + 1} ({' '.join(first_line)}); "
            "run that cell alone in JupyterLab to see why"
        ) from None
    return node


def _smoke_environment() -> dict[str, str]:
    return {**os.environ, "COURSE_BUDGET": "smoke"}


def _error_of(cell: nbformat.NotebookNode) -> str | None:
    """Return a cell's error in one line, or None when it ran."""
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            if output.ename in ("AssertionError", "CheckError"):
                return output.evalue or "an assert without a message failed"
            if output.ename == "KeyboardInterrupt":
                return f"stopped after {CELL_LIMIT_S} seconds: does a loop never end?"
            return f"{output.ename}: {output.evalue}".strip()
    return None


def _card_of(cell: nbformat.NotebookNode) -> dict[str, str]:
    """Return what a visible test's card says, as the test left it in the output's metadata."""
    for output in cell.get("outputs", []):
        if card := output.get("metadata", {}).get("course"):
            return dict(card)
    return {}


def _checked(exercise: Exercise, executed: nbformat.NotebookNode) -> Checked:
    def found(status: str, hint: str = "") -> Checked:
        return Checked(exercise.name, exercise.names, exercise.points, status, hint)

    own_error = _error_of(executed.cells[exercise.solution.index])
    if own_error is not None:
        return found("failed", f"the answer does not run: {own_error}")
    for cell in exercise.visible:
        card, error = _card_of(executed.cells[cell.index]), _error_of(executed.cells[cell.index])
        if card.get("status") == "open":
            return found("open", card["hint"])
        if error is not None:
            return found("failed", error)
    return found("passed")


def check_notebook(path: Path) -> list[Checked]:
    """Run a learner's notebook and read its visible tests.

    Raises:
        CourseError: the file is no notebook, has no exercises, or its kernel died.
    """
    notebook = read_notebook(path)
    if not notebook.exercises:
        raise CourseError(f"{path} has no exercises in it: were its cells' metadata lost? Restore the file")
    executed = run_without_experiments(notebook)
    return [_checked(exercise, executed) for exercise in notebook.exercises]
