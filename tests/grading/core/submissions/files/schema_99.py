"""nbgrader's schema version set to 99, which stops nbgrader for the whole class."""

from tests.grading.core.course_notebook import as_bytes, submitted


def make() -> bytes:
    notebook = submitted()
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.schema_version = 99
    return as_bytes(notebook)
