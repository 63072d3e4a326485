"""A compressed archive of a gigabyte."""

import io
import tarfile


class _Zeros(io.RawIOBase):
    def read(self, size: int = -1) -> bytes:
        return bytes(size)


def make() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo("02_small.ipynb")
        member.size = 2**30
        archive.addfile(member, _Zeros())
    return buffer.getvalue()
