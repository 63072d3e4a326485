"""Start-up files and modules that shadow the libraries, shipped along with a right notebook."""

import io
import zipfile

from tests.grading.core.course_notebook import as_bytes, submitted


def make() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in (
            "sitecustomize.py",
            "usercustomize.py",
            "numpy.py",
            "torch/__init__.py",
            "utils/notebook/checks.py",
        ):
            archive.writestr(name, "raise SystemExit")
        archive.writestr(".ipython/profile_default/startup/00.py", "raise SystemExit")
        archive.writestr("02_small.ipynb", as_bytes(submitted()))
    return buffer.getvalue()
