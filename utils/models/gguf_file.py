"""A GGUF file as metadata and tensors: the header is parsed here, the `gguf` package names the formats.

The package's own reader spends seconds on a vocabulary of 49,152 strings, one numpy view for each part of
each; reading the header in one pass takes a tenth of a second. Tensors stay memory-mapped until asked for.
Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType
from gguf.quants import dequantize
from torch import Tensor

MAGIC = b"GGUF"
DEFAULT_ALIGNMENT = 32
STRING, ARRAY = 8, 9
# Value types of the metadata, by number: little-endian formats of `struct`.
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
# Rows are expanded in pieces, so that what the expansion needs beside the result stays small.
PIECE_BYTES = 1 << 20


class ModelFileError(ValueError):
    """A model file that is missing, cut, changed, or of a kind that the course does not read."""


@dataclass(frozen=True)
class StoredTensor:
    """Where one tensor lies in the file, and in which format."""

    name: str
    shape: tuple[int, ...]
    format: GGMLQuantizationType
    offset: int
    n_bytes: int


class _Header:
    """A cursor over the file's bytes that names the file when they end too early."""

    def __init__(self, data: np.ndarray, path: Path) -> None:
        self.data, self.path, self.position = data.data, path, 0

    def take(self, n_bytes: int) -> memoryview:
        end = self.position + n_bytes
        if end > len(self.data):
            raise ModelFileError(f"{self.path.name} is cut: its header needs more than its {len(self.data)} bytes")
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
            raise ModelFileError(f"{self.path.name} holds metadata of the unknown type {kind}")
        return self.scalar(SCALARS[kind])


def _expand_q4_1(blocks: np.ndarray, out: np.ndarray) -> None:
    """Write blocks (n, 20 bytes: half scale, half minimum, 32 four-bit numbers) to out (n, 32)."""
    scale_minimum = blocks[:, :4].copy().view(np.float16).astype(np.float32)
    out[:, :16] = blocks[:, 4:] & 15
    out[:, 16:] = blocks[:, 4:] >> 4
    out *= scale_minimum[:, :1]
    out += scale_minimum[:, 1:]


def _expand_q8_0(blocks: np.ndarray, out: np.ndarray) -> None:
    """Write blocks (n, 34 bytes: half scale, 32 signed bytes) to out (n, 32)."""
    scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    np.multiply(blocks[:, 2:].view(np.int8), scale, out=out)


# Formats of the course's own file, several times as fast as the package's general code. In numpy, not torch:
# its threads gain little here and, on a busy machine, wait for each other at every piece.
EXPANSIONS = {GGMLQuantizationType.Q4_1: _expand_q4_1, GGMLQuantizationType.Q8_0: _expand_q8_0}


class GGUFFile:
    """The metadata (`metadata`, a dict) and tensors (`tensors`, by name) of one GGUF file.

    Args:
        path: the file.
        sha256: its expected digest; None trusts the file.

    Raises:
        ModelFileError: the file is missing, no GGUF file, cut, or has another digest.
    """

    def __init__(self, path: str | Path, sha256: str | None = None) -> None:
        self.path = Path(path)
        if not self.path.is_file():
            raise ModelFileError(f"there is no model file {self.path}: `course data` fetches the course's own")
        if self.path.stat().st_size < len(MAGIC):
            raise ModelFileError(f"{self.path.name} is cut: it holds {self.path.stat().st_size} bytes")
        self._data = np.memmap(self.path, mode="r", dtype=np.uint8)
        header = _Header(self._data, self.path)
        if bytes(header.take(4)) != MAGIC:
            raise ModelFileError(f"{self.path.name} is no GGUF file: it does not start with {MAGIC.decode()}")
        version = header.scalar("I")
        if version not in (2, 3):
            raise ModelFileError(f"{self.path.name} is GGUF version {version}; versions 2 and 3 can be read")
        n_tensors, n_values = header.scalar("Q"), header.scalar("Q")
        self.metadata: dict[str, Any] = {}
        for _ in range(n_values):
            name = header.string()
            self.metadata[name] = header.value(header.scalar("I"))
        self.tensors = self._read_tensor_table(header, n_tensors)
        end = max((t.offset + t.n_bytes for t in self.tensors.values()), default=0)
        if end > len(self._data):
            raise ModelFileError(
                f"{self.path.name} is cut: its tensors end at byte {end:,}, the file at {len(self._data):,};"
                " remove it and run `course data` again"
            )
        if sha256 is not None:
            with self.path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            if found != sha256:
                raise ModelFileError(
                    f"{self.path.name} is not the file that the course expects: its SHA-256 is {found}, not"
                    f" {sha256}; remove it and run `course data` again"
                )

    def _read_tensor_table(self, header: _Header, n_tensors: int) -> dict[str, StoredTensor]:
        rows = []
        for _ in range(n_tensors):
            name = header.string()
            # The file lists the fastest dimension first, torch last.
            shape = tuple(header.scalar("Q") for _ in range(header.scalar("I")))[::-1]
            number, offset = header.scalar("I"), header.scalar("Q")
            try:
                rows.append((name, shape, GGMLQuantizationType(number), offset))
            except ValueError:
                raise ModelFileError(f"{self.path.name} stores {name} in the unknown format {number}") from None
        alignment = self.metadata.get("general.alignment", DEFAULT_ALIGNMENT)
        start = -(-header.position // alignment) * alignment
        tensors = {}
        for name, shape, kind, offset in rows:
            block, block_bytes = GGML_QUANT_SIZES[kind]
            n_bytes = int(np.prod(shape)) // block * block_bytes
            tensors[name] = StoredTensor(name, shape, kind, start + offset, n_bytes)
        return tensors

    def read(self, name: str, dtype: torch.dtype = torch.float32) -> Tensor:
        """Return the tensor `name`, expanded to `dtype`.

        Raises:
            ModelFileError: the file has no such tensor.
        """
        if name not in self.tensors:
            raise ModelFileError(f"{self.path.name} has no tensor {name}")
        stored = self.tensors[name]
        block, block_bytes = GGML_QUANT_SIZES[stored.format]
        raw = self._data[stored.offset : stored.offset + stored.n_bytes].reshape(-1, block_bytes)
        out = torch.empty(len(raw), block, dtype=dtype)
        piece = max(1, PIECE_BYTES // block_bytes)
        for start in range(0, len(raw), piece):
            part, target = raw[start : start + piece], out[start : start + piece]
            if dtype != torch.float32:
                # A copy, because torch does not take memory that may not be written to.
                target.copy_(torch.from_numpy(np.array(dequantize(part, stored.format))).view(target.shape))
            elif stored.format in EXPANSIONS:
                EXPANSIONS[stored.format](part, target.numpy())
            else:
                target.numpy()[:] = dequantize(part, stored.format).reshape(target.shape)
        return out.view(stored.shape)
