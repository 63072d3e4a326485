"""A byte-order mark, as some editors put it."""

from tests.grading.core.course_notebook import as_bytes, submitted


def make() -> bytes:
    return b"\xef\xbb\xbf" + as_bytes(submitted())
