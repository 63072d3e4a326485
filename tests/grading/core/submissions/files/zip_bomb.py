"""A zip bomb: a notebook of 100 MB of blanks in 100 KB."""

import io
import zipfile


def make() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("02_small.ipynb", b" " * 100_000_000)
    return buffer.getvalue()
