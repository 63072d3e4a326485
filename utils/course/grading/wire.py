"""The data-only codec between worker and scorer.

A value is one tag byte and what the tag says: None, bool, int, float, complex, str, bytes, list, tuple, dict, set,
frozenset, tensors and arrays (dtype from a list, shape, raw bytes), `Ref` (an object that stays where it is) and
`Ext` (a named kind of value that both ends know how to build). There is no way to write code, a class or a pickle.

Reading builds exactly these types, so nothing with a learner's methods can arrive; sizes, depth and the number of
items are bounded, and any malformed message is a `WireError`. Writing keeps exact types; a subclass is written as the
base value that it really holds, whatever its methods claim.
"""

from __future__ import annotations

import functools
import socket
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

MOST_ITEMS = 2_000_000
DEEPEST = 100
_LONGEST_INT = 1 << 14
_MOST_DIMENSIONS = 32
_FEWEST_PACKED = 4
_PACKED = {int: (b"J", "q"), float: (b"V", "d")}
_SHORT = 80
_HEADER, _NUMBER, _FLOAT = struct.Struct(">I"), struct.Struct(">q"), struct.Struct(">d")

DTYPES = (
    "bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64", "complex64", "complex128",
    "bfloat16", "uint16", "uint32", "uint64",
)  # fmt: skip
"""Element types that tensors and arrays may have; the position is what is written."""

_ITEM_SIZES = {"bool": 1, "bfloat16": 2, "complex64": 8, "complex128": 16}
_ALIKE_IN_NUMPY = frozenset({"bool", "uint8", "int32", "int64", "float16", "float32", "float64"})


class WireError(Exception):
    """A value cannot be written, or a message is malformed; the message says what was wrong."""


@dataclass(frozen=True)
class Ref:
    """An object that stays on one side: what it is in a word, its number there, and plain facts about it."""

    kind: str
    ident: int
    about: dict[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Ext:
    """A named kind of value and the plain data that it is built from."""

    name: str
    payload: Any


@functools.cache
def item_size(dtype: str) -> int:
    """Return the bytes per element of one of `DTYPES`."""
    return _ITEM_SIZES.get(dtype) or int("".join(c for c in dtype if c.isdigit())) // 8


@functools.lru_cache(maxsize=4096)
def _short_text(value: str) -> bytes:
    """Return the bytes of a short text, which is often the key of a message."""
    body = value.encode("utf-8", "surrogatepass")
    return b"S" + _HEADER.pack(len(body)) + body


class Writer:
    """Writes values.

    Args:
        limit: most bytes of one value.
        default: turns an object of another type into a Ref, an Ext, or a plain value; raises WireError if it cannot.
    """

    def __init__(self, limit: int, default: Callable[[Any], Any] | None = None) -> None:
        self.limit, self.default = limit, default
        self.odd_types: set[str] = set()

    def dumps(self, value: Any) -> bytes:
        """Return the value's bytes.

        Raises:
            WireError: too large, too deep, cyclic, or of a type that cannot be written.
        """
        self._out = bytearray()
        self._items = 0
        self._write(value, 0)
        if len(self._out) > self.limit:
            raise WireError(f"a value takes more than {self.limit} bytes")
        return bytes(self._out)

    def _put(self, tag: bytes, body: bytes) -> None:
        self._out += tag + _HEADER.pack(len(body)) + body
        if len(self._out) > self.limit:
            raise WireError(f"a value takes more than {self.limit} bytes")

    def _write(self, value: Any, depth: int) -> None:
        self._items += 1
        if self._items > MOST_ITEMS:
            raise WireError(f"a value has more than {MOST_ITEMS} items")
        if depth > DEEPEST:
            raise WireError(f"a value is nested deeper than {DEEPEST}, or contains itself")
        _WRITERS.get(type(value), Writer._write_other)(self, value, depth)

    def _write_other(self, value: Any, depth: int) -> None:
        torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
        kind = type(value)
        if torch is not None and kind is torch.Tensor:
            return self._write_tensor(value)
        if numpy is not None and kind is numpy.ndarray and str(value.dtype) in DTYPES:
            return self._write_array(b"A", value)
        if numpy is not None and isinstance(value, numpy.generic) and str(value.dtype) in DTYPES:
            return self._write_array(b"G", numpy.asarray(value))
        if torch is not None and kind is torch.dtype and str(value).removeprefix("torch.") in DTYPES:
            return self._put(b"Y", str(value).removeprefix("torch.").encode())
        if self.default is not None:
            replaced = self.default(value)
            if replaced is not value:
                return self._write(replaced, depth + 1)
        raise WireError(f"a {kind.__name__} cannot be sent as data")

    def _write_bool(self, value: bool, depth: int) -> None:
        self._out += b"T" if value else b"F"

    def _write_none(self, value: None, depth: int) -> None:
        self._out += b"N"

    def _write_float(self, value: float, depth: int) -> None:
        self._out += b"D" + _FLOAT.pack(value)

    def _write_complex(self, value: complex, depth: int) -> None:
        self._out += b"C" + _FLOAT.pack(value.real) + _FLOAT.pack(value.imag)

    def _write_str(self, value: str, depth: int) -> None:
        if len(value) <= _SHORT:
            self._out += _short_text(value)
        else:
            self._put(b"S", value.encode("utf-8", "surrogatepass"))

    def _write_int(self, value: int, depth: int) -> None:
        if value.bit_length() > 8 * _LONGEST_INT:
            raise WireError(f"an integer has more than {8 * _LONGEST_INT} bits")
        self._put(b"I", value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))

    def _write_items(self, tag: bytes, items: Any, count: int, depth: int) -> None:
        if count >= _FEWEST_PACKED and self._write_packed(tag, items, count):
            return
        self._out += tag + _HEADER.pack(count)
        for item in items:
            self._write(item, depth + 1)

    def _write_packed(self, tag: bytes, items: Any, count: int) -> bool:
        """Write a list or tuple of floats, or of integers of 64 bits, as one block; return whether it is one."""
        kind = type(items[0])
        if kind not in _PACKED or len(self._out) + 8 * count > self.limit or self._items + count > MOST_ITEMS:
            return False
        if any(type(item) is not kind for item in items):
            return False
        letter, code = _PACKED[kind]
        try:
            body = struct.pack(f">{count}{code}", *items)
        except struct.error:  # an integer of more than 64 bits
            return False
        self._items += count
        self._out += letter + tag + _HEADER.pack(count) + body
        return True

    def _write_dict(self, value: dict[Any, Any], depth: int) -> None:
        self._out += b"M" + _HEADER.pack(len(value))
        for key, item in value.items():
            self._write(key, depth + 1)
            self._write(item, depth + 1)

    def _write_set(self, tag: bytes, value: Any, depth: int) -> None:
        """Write a set in an order that does not depend on hashes."""
        begin, pieces = len(self._out), []
        for item in value:
            start = len(self._out)
            self._write(item, depth + 1)
            pieces.append(bytes(self._out[start:]))
        del self._out[begin:]
        self._out += tag + _HEADER.pack(len(pieces)) + b"".join(sorted(pieces))

    def _write_shape(self, tag: bytes, dtype: str, shape: tuple[int, ...], flags: int, raw: bytes) -> None:
        self._out += tag + bytes((DTYPES.index(dtype), flags, len(shape)))
        self._out += struct.pack(f">{len(shape)}Q", *shape)
        self._put(b"", raw)

    def _write_tensor(self, value: Any) -> None:
        torch = sys.modules["torch"]
        dtype = str(value.dtype).removeprefix("torch.")
        if dtype not in DTYPES or value.is_meta or value.layout is not torch.strided or value.is_quantized:
            raise WireError(f"a tensor of dtype {value.dtype} and layout {value.layout} cannot be sent")
        if value.numel() * value.element_size() > self.limit:
            raise WireError(f"a tensor takes more than {self.limit} bytes")
        flags = int(value.requires_grad) | int(value.requires_grad and value.is_leaf) << 1
        plain = value.detach().resolve_neg()
        if dtype in _ALIKE_IN_NUMPY and plain.is_cpu:
            raw = plain.numpy().tobytes()
        else:
            raw = plain.resolve_conj().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
        self._write_shape(b"X", dtype, tuple(value.shape), flags, raw)

    def _write_array(self, tag: bytes, value: Any) -> None:
        if value.nbytes > self.limit:
            raise WireError(f"an array takes more than {self.limit} bytes")
        native = value.astype(value.dtype.newbyteorder("="), copy=False)
        self._write_shape(tag, str(native.dtype), tuple(value.shape), 0, native.tobytes())

    def _write_ref(self, value: Ref, depth: int) -> None:
        self._out += b"H" + _NUMBER.pack(value.ident)
        self._write_str(value.kind, depth + 1)
        self._write(value.about, depth + 1)

    def _write_ext(self, value: Ext, depth: int) -> None:
        self._out += b"P"
        self._write_str(value.name, depth + 1)
        self._write(value.payload, depth + 1)


_WRITERS: dict[type, Callable[[Writer, Any, int], None]] = {
    type(None): Writer._write_none,
    bool: Writer._write_bool,
    int: Writer._write_int,
    float: Writer._write_float,
    complex: Writer._write_complex,
    str: Writer._write_str,
    bytes: lambda writer, value, depth: writer._put(b"B", value),
    list: lambda writer, value, depth: writer._write_items(b"L", value, len(value), depth),
    tuple: lambda writer, value, depth: writer._write_items(b"U", value, len(value), depth),
    dict: Writer._write_dict,
    set: lambda writer, value, depth: writer._write_set(b"E", value, depth),
    frozenset: lambda writer, value, depth: writer._write_set(b"Z", value, depth),
    Ref: Writer._write_ref,
    Ext: Writer._write_ext,
}


class Reader:
    """Reads values.

    Args:
        resolve: turns a Ref or an Ext into what this side uses; by default they are returned as they are.
    """

    def __init__(self, resolve: Callable[[Any], Any] | None = None) -> None:
        self.resolve = resolve

    def loads(self, data: bytes) -> Any:
        """Return the value that the bytes hold.

        Raises:
            WireError: the bytes are malformed, too deep, or hold something left over.
        """
        self._data, self._end, self._at, self._items = data, len(data), 0, 0
        try:
            value = self._read(0)
        except (IndexError, struct.error):
            raise WireError("a message ends too early") from None
        if self._at != self._end:
            raise WireError("a message has bytes left over")
        return value

    def _take(self, count: int) -> bytes:
        at = self._at
        if count > self._end - at:
            raise WireError("a message ends too early")
        self._at = at + count
        return self._data[at : self._at]

    def _number(self) -> int:
        size: int = _HEADER.unpack_from(self._data, self._at)[0]
        self._at += 4
        return size

    def _sized(self) -> bytes:
        return self._take(self._number())

    def _read_float(self, depth: int) -> float:
        value: float = _FLOAT.unpack_from(self._data, self._at)[0]
        self._at += 8
        return value

    def _read(self, depth: int) -> Any:
        self._items += 1
        if depth > DEEPEST + 10:
            raise WireError("a message is nested too deeply")
        if self._items > MOST_ITEMS:
            raise WireError("a message has too many items")
        tag = self._data[self._at]
        self._at += 1
        read = _READERS.get(tag)
        if read is None:
            raise WireError(f"a message has the unknown tag {bytes([tag])!r}")
        return read(self, depth)

    def _read_int(self, depth: int) -> int:
        body = self._sized()
        if not 0 < len(body) <= _LONGEST_INT + 1:
            raise WireError("an integer has an impossible length")
        return int.from_bytes(body, "big", signed=True)

    def _read_str(self, depth: int) -> str:
        try:
            return self._sized().decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            raise WireError("a text is not UTF-8") from None

    def _read_list(self, depth: int) -> list[Any]:
        count = self._number()
        if count > self._end - self._at:
            raise WireError("a list is longer than its message")
        return [self._read(depth + 1) for _ in range(count)]

    def _read_packed(self, code: str) -> Any:
        """Read a block of numbers as the list or tuple that it was."""
        container, count = self._take(1), self._number()
        if container not in (b"L", b"U"):
            raise WireError("a block of numbers is neither a list nor a tuple")
        self._items += count
        if self._items > MOST_ITEMS:
            raise WireError("a message has too many items")
        numbers = struct.unpack(f">{count}{code}", self._take(8 * count))
        return numbers if container == b"U" else list(numbers)

    def _read_dict(self, depth: int) -> dict[Any, Any]:
        count = self._number()
        if 2 * count > self._end - self._at:
            raise WireError("a dict is longer than its message")
        result = {}
        for _ in range(count):
            key = self._read(depth + 1)
            try:
                result[key] = self._read(depth + 1)
            except TypeError:
                raise WireError("a dict's key cannot be hashed") from None
        return result

    def _read_set(self, depth: int) -> set[Any]:
        try:
            return set(self._read_list(depth))
        except TypeError:
            raise WireError("a set's item cannot be hashed") from None

    def _read_shape(self) -> tuple[str, int, tuple[int, ...], bytes]:
        index, flags, dimensions = self._take(3)
        if index >= len(DTYPES) or dimensions > _MOST_DIMENSIONS or flags > 3:
            raise WireError("a tensor's header is malformed")
        shape = struct.unpack(f">{dimensions}Q", self._take(8 * dimensions))
        raw = self._sized()
        expected = item_size(DTYPES[index])
        for size in shape:
            expected *= size
        # A shape such as (0, 2**63) is empty, and still more than any library can represent.
        if len(raw) != expected or max(shape, default=0) > 1 << 40:
            raise WireError("a tensor's shape and bytes do not agree")
        return DTYPES[index], flags, shape, raw

    def _read_tensor(self, depth: int) -> Any:
        import torch

        dtype, flags, shape, raw = self._read_shape()
        if not raw:
            tensor = torch.empty(shape, dtype=getattr(torch, dtype))
        elif dtype == "bool":  # any byte may have been written; a bool tensor may hold 0 and 1 only
            tensor = torch.frombuffer(bytearray(raw), dtype=torch.uint8).reshape(shape) != 0
        else:
            tensor = torch.frombuffer(bytearray(raw), dtype=getattr(torch, dtype)).reshape(shape)
        if flags & 1:
            if not (tensor.is_floating_point() or tensor.is_complex()):
                raise WireError("a tensor of integers cannot need a gradient")
            tensor.requires_grad_()
        return tensor

    def _read_array(self, depth: int) -> Any:
        import numpy

        dtype, _, shape, raw = self._read_shape()
        if dtype == "bfloat16":
            raise WireError("an array cannot have the dtype bfloat16")
        if dtype == "bool":
            return numpy.frombuffer(raw, dtype=numpy.uint8).reshape(shape).astype(bool)
        return numpy.frombuffer(raw, dtype=dtype).reshape(shape).copy()

    def _read_scalar(self, depth: int) -> Any:
        array = self._read_array(depth)
        if array.shape != ():
            raise WireError("a scalar has a shape")
        return array[()]

    def _read_dtype(self, depth: int) -> Any:
        import torch

        name = self._read_str(depth)
        if name not in DTYPES:
            raise WireError(f"{name!r} is no dtype")
        return getattr(torch, name)

    def _read_ref(self, depth: int) -> Any:
        ident = _NUMBER.unpack(self._take(8))[0]
        kind, about = self._read(depth + 1), self._read(depth + 1)
        if type(kind) is not str or type(about) is not dict:
            raise WireError("a reference is malformed")
        ref = Ref(kind, ident, about)
        return self.resolve(ref) if self.resolve else ref

    def _read_ext(self, depth: int) -> Any:
        name, payload = self._read(depth + 1), self._read(depth + 1)
        if type(name) is not str:
            raise WireError("an extension is malformed")
        ext = Ext(name, payload)
        return self.resolve(ext) if self.resolve else ext


_READERS: dict[int, Callable[[Reader, int], Any]] = {
    ord("N"): lambda reader, depth: None,
    ord("T"): lambda reader, depth: True,
    ord("F"): lambda reader, depth: False,
    ord("I"): Reader._read_int,
    ord("D"): Reader._read_float,
    ord("C"): lambda reader, depth: complex(*struct.unpack(">dd", reader._take(16))),
    ord("S"): Reader._read_str,
    ord("B"): lambda reader, depth: reader._sized(),
    ord("J"): lambda reader, depth: reader._read_packed("q"),
    ord("V"): lambda reader, depth: reader._read_packed("d"),
    ord("L"): Reader._read_list,
    ord("U"): lambda reader, depth: tuple(reader._read_list(depth)),
    ord("M"): Reader._read_dict,
    ord("E"): Reader._read_set,
    ord("Z"): lambda reader, depth: frozenset(reader._read_set(depth)),
    ord("X"): Reader._read_tensor,
    ord("A"): Reader._read_array,
    ord("G"): Reader._read_scalar,
    ord("Y"): Reader._read_dtype,
    ord("H"): Reader._read_ref,
    ord("P"): Reader._read_ext,
}


def send_frame(channel: socket.socket, payload: bytes) -> None:
    """Send one message with its length before it."""
    channel.sendall(_HEADER.pack(len(payload)) + payload)


class FrameBuffer:
    """Cuts a stream of bytes into messages, refusing one that is longer than the limit before it has arrived."""

    def __init__(self, limit: int) -> None:
        self.limit, self.data = limit, bytearray()

    def feed(self, piece: bytes) -> None:
        """Add what was received."""
        self.data += piece

    def next(self) -> bytes | None:
        """Return the next whole message, or None while it is incomplete.

        Raises:
            WireError: the message says that it is longer than the limit.
        """
        if len(self.data) < 4:
            return None
        size = _HEADER.unpack(self.data[:4])[0]
        if size > self.limit:
            raise WireError(f"a message of {size} bytes is longer than {self.limit}")
        if len(self.data) < 4 + size:
            return None
        frame = bytes(self.data[4 : 4 + size])
        del self.data[: 4 + size]
        return frame


def receive_frame(channel: socket.socket, limit: int, deadline: float | None = None) -> bytes | None:
    """Wait for one message on a blocking socket; None at the end of the stream.

    Raises:
        WireError: the message is too long, or the stream ends within it.
        TimeoutError: `deadline` (by time.monotonic) passed.
    """

    def exactly(count: int) -> bytes | None:
        parts, left = [], count
        while left:
            if deadline is not None:
                channel.settimeout(max(0.001, deadline - time.monotonic()))
            piece = channel.recv(min(left, 1 << 20))
            if not piece:
                if left == count:
                    return None
                raise WireError("a message ends too early")
            parts.append(piece)
            left -= len(piece)
        return b"".join(parts)

    header = exactly(4)
    if header is None:
        return None
    size = _HEADER.unpack(header)[0]
    if size > limit:
        raise WireError(f"a message of {size} bytes is longer than {limit}")
    body = exactly(size) if size else b""
    if body is None:
        raise WireError("a message ends too early")
    return body
