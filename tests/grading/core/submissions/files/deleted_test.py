"""A test cell deleted."""

from tests.grading.core.course_notebook import as_bytes, submitted


def make() -> bytes:
    notebook = submitted()
    notebook.cells = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") != "softmax-1"]
    return as_bytes(notebook)
