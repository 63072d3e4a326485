"""Overlong and odd file names, script among them, beside a right notebook."""

import io
import zipfile

from tests.grading.core.course_notebook import as_bytes, submitted


def make() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a" * 4000 + ".ipynb", b"{}")
        archive.writestr("<script>alert(1)</script>.txt", b"")
        archive.writestr("new\nline\x1b[31m.txt", b"")
        archive.writestr("C:\\autoexec.bat", b"")
        archive.writestr("02_small.ipynb", as_bytes(submitted()))
    return buffer.getvalue()
