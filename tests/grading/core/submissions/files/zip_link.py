"""A symbolic link in place of the notebook, to a file of the grader's."""

import io
import zipfile


def make() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        link = zipfile.ZipInfo("02_small.ipynb")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return buffer.getvalue()
