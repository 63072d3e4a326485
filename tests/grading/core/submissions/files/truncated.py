"""A file that is cut off in the middle of the KVCache cell."""

from tests.grading.core.course_notebook import as_bytes, submitted


def make() -> bytes:
    content = as_bytes(submitted())
    return content[: content.index(b"class KVCache") + 20]
