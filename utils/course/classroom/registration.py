"""An assignment's cells in the gradebook, as `nbgrader generate_assignment` would put them there."""

from __future__ import annotations

from typing import Any

import nbformat
from nbgrader.api import Comment, Grade, Gradebook, MissingEntry
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
    SaveCells,
)
from nbgrader.preprocessors.base import NbGraderPreprocessor
from traitlets.config import Config

from utils.course.errors import CourseError


class _SaveCellsHere(SaveCells):
    """nbgrader's SaveCells within a gradebook that is open, and for an assignment that has submissions already.

    nbgrader refuses new cells once there are submissions. Tests do get added after collection, so here the missing
    grades are added to the submissions; cells that disappear would take grades with them and are refused.
    """

    def save(self, node: nbformat.NotebookNode, resources: dict[str, Any], gradebook: Gradebook) -> None:
        self.notebook_id = resources["nbgrader"]["notebook"]
        self.assignment_id = resources["nbgrader"]["assignment"]
        self.gradebook = gradebook
        self.new_grade_cells: dict[str, Any] = {}
        self.new_solution_cells: dict[str, Any] = {}
        self.new_task_cells: dict[str, Any] = {}
        self.new_source_cells: dict[str, Any] = {}
        NbGraderPreprocessor.preprocess(self, node, resources)
        added = self._set_apart_new_cells()
        self._create_notebook(node)
        for kind, cells in added.items():
            for name, info in cells.items():
                self._add(kind, name, info)

    def _set_apart_new_cells(self) -> dict[str, dict[str, Any]]:
        """Take the cells that are new to an assignment with submissions out of nbgrader's way, and return them."""
        try:
            notebook = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
        except MissingEntry:
            return {}
        if not notebook.submissions:
            return {}
        added: dict[str, dict[str, Any]] = {}
        for kind in ("grade", "solution", "task", "source"):
            wanted: dict[str, Any] = getattr(self, f"new_{kind}_cells")
            there = {cell.name for cell in getattr(notebook, f"{kind}_cells")}
            gone = sorted(there - set(wanted))
            if gone:
                raise CourseError(
                    f"the cell {gone[0]!r} is gone from {self.notebook_id} although submissions have grades for it: "
                    "put it back (with 0 points where it should not count)"
                )
            added[kind] = {name: wanted.pop(name) for name in sorted(set(wanted) - there)}
        return added

    def _add(self, kind: str, name: str, info: dict[str, Any]) -> None:
        cell = getattr(self.gradebook, f"add_{kind}_cell")(name, self.notebook_id, self.assignment_id, **info)
        if kind == "source":
            return
        for submission in self.gradebook.find_notebook(self.notebook_id, self.assignment_id).submissions:
            if kind in ("grade", "task"):
                self.gradebook.db.add(Grade(cell_id=cell.id, notebook=submission))
            if kind in ("solution", "task"):
                self.gradebook.db.add(Comment(cell_id=cell.id, notebook=submission))


def register_assignment(gradebook: Gradebook, name: str, source: bytes, config: Config) -> None:
    """Record an assignment and its cells; again with the same notebook, nothing changes.

    Args:
        gradebook: open; the caller commits.
        name: of the assignment and its one notebook.
        source: the source notebook, with answers and hidden tests.
        config: nbgrader's settings.

    Raises:
        CourseError: nbgrader refuses the notebook, or a cell that has grades is gone.
    """
    node = nbformat.reads(source.decode(), as_version=4)
    resources: dict[str, Any] = {"nbgrader": {"notebook": name, "assignment": name, "student": "."}}
    try:
        for step in (LockCells, ClearSolutions, ClearOutput, CheckCellMetadata, ComputeChecksums):
            node, resources = step(config=config).preprocess(node, resources)
    except (ValueError, RuntimeError) as error:
        raise CourseError(f"nbgrader refuses {name}: {str(error).splitlines()[0]}") from None
    gradebook.update_or_create_assignment(name)
    saver = _SaveCellsHere(config=config)
    saver.save(node, resources, gradebook)
