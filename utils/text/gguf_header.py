"""The header of a GGUF model file: its metadata, and the table of its tensors.

The `gguf` package's own reader spends seconds on a vocabulary of 49,152 strings, one numpy view for each part of
each; reading the header in one pass takes a tenth of a second and none of the weights' memory. Layout after the
format's specification, version 3 (github.com/ggml-org/ggml, docs/gguf.md): magic, version, number of tensors, number of
values, then each value (key, type, value) and each tensor (name, shape, format, offset).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from utils.arguments import file_path

MAGIC = b"GGUF"
STRING, ARRAY = 8, 9
# Value types of the metadata, by number: little-endian formats of `struct`.
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}


class ModelFileError(ValueError):
    """A model file that is missing, cut, changed, or of a kind that the course does not read."""


class MissingModelFileError(ModelFileError, FileNotFoundError):
    """A model file that is not there."""


@dataclass(frozen=True)
class TensorEntry:
    """A row of the tensor table: shape in torch's order, the format's number, offset from the end of the header."""

    name: str
    shape: tuple[int, ...]
    format: int
    offset: int


@dataclass(frozen=True)
class GGUFHeader:
    """Metadata by key, the tensors in the file's order, and the bytes that the header takes."""

    metadata: dict[str, Any]
    tensors: tuple[TensorEntry, ...]
    n_bytes: int


def map_gguf(path: str | Path) -> np.ndarray:
    """Return the bytes of a file, memory-mapped.

    Raises:
        MissingModelFileError: there is no such file.
        ModelFileError: it is too short for a model file.
    """
    path = file_path("path", path)
    if not path.is_file():
        raise MissingModelFileError(f"there is no model file {path}: `course data` fetches the course's own")
    if path.stat().st_size < len(MAGIC):
        raise ModelFileError(f"{path.name} is cut: it holds {path.stat().st_size} bytes")
    return np.memmap(path, mode="r", dtype=np.uint8)


def read_gguf_header(path: str | Path) -> GGUFHeader:
    """Return what stands before the weights of a GGUF file.

    Raises:
        MissingModelFileError: there is no such file.
        ModelFileError: it is no GGUF file of version 2 or 3, or ends inside its header.
    """
    return parse_gguf_header(map_gguf(path), Path(path).name)


def parse_gguf_header(data: np.ndarray, name: str) -> GGUFHeader:
    """Return the header at the beginning of a file's bytes (N,); `name` is what errors call the file.

    Raises:
        ModelFileError: they are no GGUF file of version 2 or 3, or end inside its header.
    """
    cursor = _Cursor(data, name)
    if bytes(cursor.take(len(MAGIC))) != MAGIC:
        raise ModelFileError(f"{name} is no GGUF file: it does not start with {MAGIC.decode()}")
    version = cursor.scalar("I")
    if version not in (2, 3):
        raise ModelFileError(f"{name} is GGUF version {version}; versions 2 and 3 can be read")
    n_tensors, n_values = cursor.scalar("Q"), cursor.scalar("Q")
    metadata: dict[str, Any] = {}
    for _ in range(n_values):
        key = cursor.string()
        metadata[key] = cursor.value(cursor.scalar("I"))
    tensors = tuple(cursor.tensor() for _ in range(n_tensors))
    return GGUFHeader(metadata, tensors, cursor.position)


class _Cursor:
    """A place in the file's bytes; it names the file when they end too early."""

    def __init__(self, data: np.ndarray, name: str) -> None:
        self.data, self.name, self.position = data.data, name, 0

    def take(self, n_bytes: int) -> memoryview:
        # A damaged length may name more bytes than there is memory: it is compared before anything is copied.
        end = self.position + n_bytes
        if end > len(self.data):
            raise ModelFileError(f"{self.name} is cut: its header needs more than its {len(self.data)} bytes")
        part = self.data[self.position : end]
        self.position = end
        return part

    def scalar(self, code: str) -> Any:
        return struct.unpack(f"<{code}", self.take(struct.calcsize(f"<{code}")))[0]

    def string(self) -> str:
        return bytes(self.take(self.scalar("Q"))).decode("utf-8", errors="replace")

    def value(self, kind: int) -> Any:
        if kind == STRING:
            return self.string()
        if kind == ARRAY:
            item, count = self.scalar("I"), self.scalar("Q")
            if item in SCALARS:
                dtype = np.dtype("?" if item == 7 else "<" + SCALARS[item])
                return np.frombuffer(self.take(count * dtype.itemsize), dtype).tolist()
            return [self.value(item) for _ in range(count)]
        if kind not in SCALARS:
            raise ModelFileError(f"{self.name} holds metadata of the unknown type {kind}")
        return self.scalar(SCALARS[kind])

    def tensor(self) -> TensorEntry:
        name = self.string()
        # The file lists the fastest dimension first, torch last.
        shape = tuple(self.scalar("Q") for _ in range(self.scalar("I")))[::-1]
        return TensorEntry(name, shape, self.scalar("I"), self.scalar("Q"))
