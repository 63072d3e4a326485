"""The tokenizer inside a GGUF model file, rebuilt with the `tokenizers` library.

A GGUF file starts with key-value metadata, before any weight: vocabulary, merges, token types, chat template. Reading
only these takes a fraction of a second and none of the weights' memory. Layout after the format's specification,
version 3 (github.com/ggml-org/ggml, docs/gguf.md): magic, version, tensor count, key count, then key, type, value.
"""

from __future__ import annotations

import os
import struct
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from utils.paths import data_dir

GGUF_MODEL = "smollm2-135m-instruct.q4_1.gguf"
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_CONTROL_TOKEN = 3
_LARGE = 1 << 20


def read_gguf_metadata(path: Path | str) -> dict[str, Any]:
    """Return the key-value metadata of a GGUF file; no tensor is read.

    Raises:
        FileNotFoundError: the file is missing.
        ValueError: it is no GGUF file of version 2 or 3, or ends inside its metadata.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path.name} is not at {path.parent}: run `course data` to fetch it.")
    with path.open("rb") as file:
        try:
            magic, version, _, n_keys = struct.unpack("<4sIQQ", _read(file, 24))
            if magic != b"GGUF" or version not in (2, 3):
                raise ValueError(f"{path.name} is no GGUF file of version 2 or 3: it starts with {magic!r}, {version}.")
            metadata = {}
            for _ in range(n_keys):
                key = _value(file, _STRING)
                (kind,) = struct.unpack("<I", _read(file, 4))
                metadata[key] = _value(file, kind)
        except (EOFError, UnicodeDecodeError) as error:
            raise ValueError(f"{path.name} is damaged: {error}; fetch it again with `course data`.") from error
    return metadata


def load_gguf_tokenizer(path: Path | str | None = None) -> Tokenizer:
    """Return the tokenizer of a GGUF file (SmolLM2's when no path is given) with its control tokens as special tokens.

    Text is encoded without a beginning-of-text token: the chat template writes the control tokens.

    Raises:
        FileNotFoundError: the file is missing.
        ValueError: the file is damaged, or its tokenizer is no byte-level BPE of a kind known here.
    """
    metadata = read_gguf_metadata(path if path is not None else data_dir() / GGUF_MODEL)
    kind, pre = metadata.get("tokenizer.ggml.model"), metadata.get("tokenizer.ggml.pre", "gpt-2")
    if kind != "gpt2" or pre not in ("smollm", "gpt-2"):
        raise ValueError(
            f"the file's tokenizer is {kind!r} with pieces {pre!r}, and only GPT-2's and SmolLM's are known."
        )
    tokens = metadata["tokenizer.ggml.tokens"]
    merges = [tuple(merge.split(" ")) for merge in metadata["tokenizer.ggml.merges"]]
    tokenizer = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=merges))
    # `use_regex` cuts text into GPT-2's pieces before the merges; SmolLM splits numbers into digits before that.
    pieces: pre_tokenizers.PreTokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    if pre == "smollm":
        pieces = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pieces])
    tokenizer.pre_tokenizer = pieces
    tokenizer.decoder = decoders.ByteLevel()
    types = metadata["tokenizer.ggml.token_type"]
    control = [token for token, token_type in zip(tokens, types, strict=True) if token_type == _CONTROL_TOKEN]
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in control])
    return tokenizer


def chat_template(path: Path | str | None = None) -> str | None:
    """Return the file's chat template (Jinja), or None when it has none."""
    return read_gguf_metadata(path if path is not None else data_dir() / GGUF_MODEL).get("tokenizer.chat_template")


@lru_cache(maxsize=1)
def byte_level_alphabet() -> dict[str, int]:
    """Return the byte that each character of a byte-level vocabulary stands for.

    GPT-2's vocabulary is written in printable characters: a byte that is printable in Latin-1 stands for itself, the
    other 68, in order, are written as the characters from U+0100 up (so a space is "Ġ", U+0120).
    """
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    shown = set(printable)
    hidden = [byte for byte in range(256) if byte not in shown]
    return {chr(byte): byte for byte in printable} | {chr(256 + i): byte for i, byte in enumerate(hidden)}


def _read(file: BinaryIO, n_bytes: int) -> bytes:
    # A damaged length may name more bytes than there is memory: ask the file before allocating.
    if n_bytes > _LARGE and n_bytes > os.fstat(file.fileno()).st_size:
        raise EOFError("it ends inside its metadata")
    data = file.read(n_bytes)
    if len(data) != n_bytes:
        raise EOFError("it ends inside its metadata")
    return data


def _value(file: BinaryIO, kind: int) -> Any:
    if kind in _SCALARS:
        code = "<" + _SCALARS[kind]
        return struct.unpack(code, _read(file, struct.calcsize(code)))[0]
    if kind == _STRING:
        (length,) = struct.unpack("<Q", _read(file, 8))
        return _read(file, length).decode("utf-8")
    if kind == _ARRAY:
        element, count = struct.unpack("<IQ", _read(file, 12))
        if element in _SCALARS:
            code = f"<{count}{_SCALARS[element]}"
            return list(struct.unpack(code, _read(file, struct.calcsize(code))))
        return [_value(file, element) for _ in range(count)]
    raise EOFError(f"it holds a value of unknown type {kind}")
