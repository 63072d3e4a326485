"""Notebooks out of a submitted archive: nothing is unpacked to disk, everything is bounded, oddities are named."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import IO, Any

from utils.course.grading.limits import Limits

_LONGEST_NAME = 200


class ArchiveBombError(Exception):
    """An archive unpacks to more than grading reads."""


class BrokenArchiveError(Exception):
    """An archive cannot be read."""


@dataclass
class Unpacked:
    """What an archive held: notebooks and other files by safe name, and words for what was unsafe."""

    notebooks: dict[str, bytes] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    unsafe: set[str] = field(default_factory=set)


def is_archive(content: bytes) -> bool:
    """Return whether the bytes look like a zip, tar or compressed file."""
    return content[:4] in (b"PK\x03\x04", b"PK\x05\x06") or _decompressor(content) is not None or _is_tar(content)


def unpack(content: bytes, limits: Limits, wanted: Callable[[str], bool]) -> Unpacked:
    """Read the files of an archive whose safe name is `wanted`; name the others.

    Raises:
        ArchiveBombError: it unpacks to more than the limits allow, or has too many members.
        BrokenArchiveError: it is damaged or encrypted.
    """
    try:
        if content[:2] == b"PK":
            return _unpack_zip(content, limits, wanted)
        return _unpack_tar(content, limits, wanted)
    except ArchiveBombError:
        raise
    except RuntimeError as error:  # zipfile's word for a password or an unknown method
        raise BrokenArchiveError(f"the archive cannot be opened: {error}") from None
    except Exception as error:  # over damaged bytes the libraries raise nearly anything, an IndexError say
        raise BrokenArchiveError(f"the archive is damaged: {error}") from None


def safe_name(name: str) -> str | None:
    """Return a member's name as a plain relative path, or None where it tries to leave the archive or is overlong."""
    name = name.replace("\\", "/")
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or ":" in name or len(name) > _LONGEST_NAME:
        return None
    if any(ord(character) < 32 or 127 <= ord(character) < 160 for character in name):
        return None
    return str(path) if path.parts else None


def _is_litter(name: str) -> bool:
    return any(part == "__MACOSX" or part.startswith(".") for part in PurePosixPath(name).parts)


class _Collector:
    """Sorts members into an Unpacked, and counts what they hold."""

    def __init__(self, limits: Limits, wanted: Callable[[str], bool]) -> None:
        self.limits, self.wanted = limits, wanted
        self.result = Unpacked()
        self.members = 0
        self.read = 0

    def add(self, name: str, is_plain_file: bool, open_member: Callable[[], IO[bytes] | None]) -> None:
        self.members += 1
        if self.members > self.limits.archive_members:
            raise ArchiveBombError(f"it has more than {self.limits.archive_members} files")
        safe = safe_name(name)
        if safe is None:
            self.result.unsafe.add("a file name that leaves the archive or is overlong")
        elif not is_plain_file:
            self.result.unsafe.add("a link, a pipe or a device")
        elif _is_litter(safe):
            return
        elif self.wanted(safe):
            self.result.notebooks[safe] = self._bounded(open_member)
        else:
            self.result.others.append(safe)

    def _bounded(self, open_member: Callable[[], IO[bytes] | None]) -> bytes:
        member = open_member()
        content = member.read(self.limits.notebook + 1) if member is not None else b""
        self.read += len(content)
        if len(content) > self.limits.notebook or self.read > 4 * self.limits.notebook:
            raise ArchiveBombError(f"it unpacks to more than {self.limits.notebook} bytes")
        return content


def _unpack_zip(content: bytes, limits: Limits, wanted: Callable[[str], bool]) -> Unpacked:
    collector = _Collector(limits, wanted)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for member in archive.infolist():
            if member.is_dir():
                continue
            mode = member.external_attr >> 16
            plain = not mode or stat.S_IFMT(mode) in (0, stat.S_IFREG)
            collector.add(member.filename, plain, lambda member=member: archive.open(member))  # type: ignore[misc]
    return collector.result


def _unpack_tar(content: bytes, limits: Limits, wanted: Callable[[str], bool]) -> Unpacked:
    collector = _Collector(limits, wanted)
    opener = _decompressor(content)
    stream: Any = opener(io.BytesIO(content)) if opener else io.BytesIO(content)
    bounded: Any = _Bounded(stream, 8 * limits.notebook)
    with tarfile.open(fileobj=bounded, mode="r|") as archive:
        for member in archive:
            if not member.isdir():
                collector.add(member.name, member.isreg(), lambda member=member: archive.extractfile(member))  # type: ignore[misc]
    return collector.result


def _decompressor(content: bytes) -> Callable[[io.BytesIO], Any] | None:
    if content[:2] == b"\x1f\x8b":
        return lambda stream: gzip.GzipFile(fileobj=stream)
    if content[:3] == b"BZh":
        return bz2.BZ2File
    if content[:6] == b"\xfd7zXZ\x00":
        return lzma.LZMAFile
    return None


def _is_tar(content: bytes) -> bool:
    return content[257:262] == b"ustar"


class _Bounded:
    """A reader that stops a compressed stream from growing without end."""

    def __init__(self, stream: Any, most: int) -> None:
        self.stream, self.left, self.most = stream, most, most

    def read(self, size: int = -1) -> bytes:
        data: bytes = self.stream.read(size if size >= 0 else self.left + 1)
        self.left -= len(data)
        if self.left < 0:
            raise ArchiveBombError(f"it unpacks to more than {self.most} bytes")
        return data
