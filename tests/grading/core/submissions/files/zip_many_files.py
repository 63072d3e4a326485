"""An archive of ten thousand files."""

import io
import zipfile

from tests.grading.core.course_notebook import as_bytes, submitted


def make() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(10_000):
            archive.writestr(f"{number}.txt", b"")
        archive.writestr("02_small.ipynb", as_bytes(submitted()))
    return buffer.getvalue()
