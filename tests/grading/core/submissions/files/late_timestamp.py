"""A right notebook that claims in its metadata to have been handed in long ago."""

from tests.grading.core.course_notebook import as_bytes, submitted


def make() -> bytes:
    notebook = submitted()
    notebook.metadata["timestamp"] = "1970-01-01 00:00:00 UTC"
    notebook.metadata["nbgrader"] = {"timestamp": "1970-01-01 00:00:00 UTC", "late_submission": False}
    return as_bytes(notebook)
