"""A SentencePiece BPE model file, read into the `tokenizers` library.

The file is one protocol buffer (google/sentencepiece, sentencepiece_model.proto). Only its field 1 is needed here, once
a piece: text (field 1) and kind (field 3), in the order of their scores. Two wire types occur on the way to them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tokenizers import Tokenizer, models, normalizers

_SPACE = "▁"
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_NORMAL, _USER_DEFINED = 1, 4


def load_sentencepiece_bpe(path: Path) -> Tokenizer:
    """Return a tokenizer with the pieces and merges of a SentencePiece BPE model with byte fallback.

    Raises:
        ValueError: the file is damaged or holds no pieces.
    """
    pieces = read_pieces(path)
    vocabulary = {piece: i for i, (piece, _) in enumerate(pieces)}
    # A piece's place is its priority: two neighbours merge when their union is a piece, earlier pieces first.
    mergeable = [piece for piece, kind in pieces if kind in (_NORMAL, _USER_DEFINED)]
    merges = []
    for piece in mergeable:
        splits = ((piece[:cut], piece[cut:]) for cut in range(1, len(piece)))
        known = [split for split in splits if split[0] in vocabulary and split[1] in vocabulary]
        merges += sorted(known, key=lambda split: (vocabulary[split[0]], vocabulary[split[1]]))
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, unk_token=pieces[0][0], fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend(_SPACE), normalizers.Replace(" ", _SPACE)])
    return tokenizer


def read_pieces(path: Path) -> list[tuple[str, int]]:
    """Return the pieces of a SentencePiece model with their kinds (1 normal, 2 unknown, 3 control, 6 byte).

    Raises:
        ValueError: the file is damaged or holds no pieces.
    """
    pieces: list[tuple[str, int]] = []
    try:
        for field, message in _fields(path.read_bytes()):
            if field == 1 and isinstance(message, bytes):
                values = dict(_fields(message))
                text, kind = values.get(1), values.get(3, _NORMAL)
                if not isinstance(text, bytes) or not isinstance(kind, int):
                    raise IndexError("a piece without a text")
                pieces.append((text.decode("utf-8"), kind))
    except (IndexError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{path.name} is no SentencePiece model, or is damaged: fetch it with `course data`."
        ) from error
    if not pieces:
        raise ValueError(f"{path.name} holds no SentencePiece pieces: fetch it with `course data`.")
    return pieces


def piece_bytes(piece: str) -> bytes:
    """Return the bytes that a piece stands for: "▁" is a space, "<0x0A>" one byte."""
    if len(piece) == 6 and piece.startswith("<0x") and piece.endswith(">"):
        return bytes([int(piece[3:5], 16)])
    return piece.replace(_SPACE, " ").encode("utf-8")


def _fields(data: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Yield (field number, value) of a protocol buffer message; numbers of fixed width come as their bytes."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        field, wire_type = key >> 3, key & 7
        if wire_type == _VARINT:
            value, at = _varint(data, at)
            yield field, value
            continue
        if wire_type == _BYTES:
            length, at = _varint(data, at)
        elif wire_type in (_FIXED32, _FIXED64):
            length = 4 if wire_type == _FIXED32 else 8
        else:
            raise IndexError(f"wire type {wire_type}")
        if at + length > len(data):
            raise IndexError("the message ends inside a field")
        yield field, data[at : at + length]
        at += length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
