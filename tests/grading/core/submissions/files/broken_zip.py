"""An archive that is cut off."""

import io
import zipfile

from tests.grading.core.course_notebook import as_bytes, submitted


def make() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("02_small.ipynb", as_bytes(submitted()))
    return buffer.getvalue()[:1000]
