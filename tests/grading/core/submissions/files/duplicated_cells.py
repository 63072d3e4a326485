"""Answer and test cells duplicated, the first copy of an answer unfinished."""

import copy

from tests.grading.core.course_notebook import as_bytes, submitted


def make() -> bytes:
    notebook = submitted()
    cells = []
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") in ("merge_pair", "merge_pair-1"):
            copied = copy.deepcopy(cell)
            copied.id = cell.id + "-copy"
            if cell.metadata.nbgrader.solution:
                copied.source = "def merge_pair(ids, pair, new_id):\n    raise NotImplementedError\n"
            cells.append(copied)
        cells.append(cell)
    notebook.cells = cells
    return as_bytes(notebook)
