"""All cells in reverse order."""

from tests.grading.core.course_notebook import as_bytes, submitted


def make() -> bytes:
    notebook = submitted()
    notebook.cells.reverse()
    return as_bytes(notebook)
