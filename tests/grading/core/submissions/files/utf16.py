"""A file that an editor stored as UTF-16."""

from tests.grading.core.course_notebook import as_bytes, submitted


def make() -> bytes:
    return as_bytes(submitted()).decode().encode("utf-16")
