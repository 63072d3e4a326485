"""A copy with another name, as browsers make it, in a folder, beside an unrelated notebook."""

import io
import zipfile

from tests.grading.core.course_notebook import as_bytes, submitted


def make() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("homework/02_small (1).ipynb", as_bytes(submitted()))
        archive.writestr("homework/notes.ipynb", b'{"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}')
        archive.writestr("__MACOSX/homework/._02_small (1).ipynb", b"junk")
    return buffer.getvalue()
