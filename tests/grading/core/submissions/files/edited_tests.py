"""Test cells rewritten to pass, and an author's setup cell broken."""

from tests.grading.core.course_notebook import as_bytes, submitted


def make() -> bytes:
    notebook = submitted({"merge_pair": "def merge_pair(ids, pair, new_id):\n    return []"})
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("locked"):
            cell.source = "1.0"
    return as_bytes(notebook)
