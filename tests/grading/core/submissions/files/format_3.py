"""The old notebook format 3."""

import nbformat

from tests.grading.core.course_notebook import submitted


def make() -> bytes:
    return nbformat.v3.nbjson.writes(nbformat.convert(submitted(), 3)).encode()
