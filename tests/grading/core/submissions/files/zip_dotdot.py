"""A file name that leaves the archive's folder, beside a right notebook."""

import io
import zipfile

from tests.grading.core.course_notebook import as_bytes, submitted


def make() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../gradebook.db", b"100 points")
        archive.writestr("/etc/cron.d/owned", b"")
        archive.writestr("02_small.ipynb", as_bytes(submitted()))
    return buffer.getvalue()
