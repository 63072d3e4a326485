"""A GGUF file as metadata and tensors, expanded from their formats; tensors stay memory-mapped until asked for.

The `gguf` package names the formats and expands those that have no faster code here.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType
from gguf.quants import dequantize
from torch import Tensor

from utils.arguments import file_path, instance
from utils.text.gguf_header import GGUFHeader, ModelFileError, map_gguf, parse_gguf_header

DEFAULT_ALIGNMENT = 32
# Rows are expanded in pieces, so that what the expansion needs beside the result stays small.
PIECE_BYTES = 1 << 20


@dataclass(frozen=True)
class StoredTensor:
    """Where one tensor lies in the file, and in which format."""

    name: str
    shape: tuple[int, ...]
    format: GGMLQuantizationType
    offset: int
    n_bytes: int


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
        self.path = file_path("path", path)
        if sha256 is not None:
            instance("sha256", sha256, str, "a text of hexadecimal digits")
        self._data = map_gguf(self.path)
        header = parse_gguf_header(self._data, self.path.name)
        self.metadata = header.metadata
        self.tensors = self._read_tensor_table(header)
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

    def _read_tensor_table(self, header: GGUFHeader) -> dict[str, StoredTensor]:
        alignment = self.metadata.get("general.alignment", DEFAULT_ALIGNMENT)
        if not isinstance(alignment, int) or alignment < 1:
            raise ModelFileError(f"{self.path.name}: general.alignment must be at least 1, not {alignment!r}")
        start = -(-header.n_bytes // alignment) * alignment
        tensors = {}
        for entry in header.tensors:
            try:
                kind = GGMLQuantizationType(entry.format)
            except ValueError:
                raise ModelFileError(
                    f"{self.path.name} stores {entry.name} in the unknown format {entry.format}"
                ) from None
            block, block_bytes = GGML_QUANT_SIZES[kind]
            # Python's integers: a damaged shape overflows those of numpy, and passes for an empty one.
            blocks, rest = divmod(math.prod(entry.shape), block)
            if rest:
                raise ModelFileError(f"{self.path.name}: {entry.name} of shape {entry.shape} is cut within a block")
            n_bytes = blocks * block_bytes
            tensors[entry.name] = StoredTensor(entry.name, entry.shape, kind, start + entry.offset, n_bytes)
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
