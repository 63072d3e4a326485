"""A learner's value as the plain value that it really holds (runs inside the sandbox).

Containers that a contract allows arrive as what they are made of: a Counter as a dict, a module's Parameter as a
tensor; a named tuple keeps its names, see `values.named_tuple`. A subclass with methods of its own is read through its
base class, never through those methods, and is reported.
"""

from __future__ import annotations

import collections
import functools
import sys
from collections.abc import Callable
from typing import Any

_FAMILIAR_DICTS = (collections.OrderedDict, collections.Counter, collections.defaultdict)

_BASES: dict[type, Callable[[Any], Any]] = {
    int: lambda value: int.__add__(value, 0),
    float: lambda value: float.__add__(value, 0.0),
    complex: lambda value: complex.__add__(value, 0j),
    str: lambda value: str.__getitem__(value, slice(None)),
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
    list: lambda value: list(list.__iter__(value)),
    tuple: lambda value: tuple(tuple.__iter__(value)),
    dict: lambda value: {key: dict.__getitem__(value, key) for key in dict.__iter__(value)},
    set: lambda value: set(set.__iter__(value)),
    frozenset: lambda value: frozenset(frozenset.__iter__(value)),
}


@functools.lru_cache(maxsize=1024)
def _base_of(kind: type) -> type | None:
    return next((base for base in _BASES if issubclass(kind, base)), None)


def plain_base(value: Any, odd_types: set[str]) -> Any:
    """Return the plain value behind a subclass of a plain type, or the value itself where there is none.

    Args:
        value: an object whose exact type is not a plain one.
        odd_types: gets the name of a subclass that is not a familiar one.
    """
    kind = type(value)
    base = _base_of(kind)  # type: ignore[arg-type]
    if base is not None:
        familiar = kind in _FAMILIAR_DICTS or kind.__module__ in ("torch", "torch.return_types", "numpy")
        if not familiar and not (base is tuple and hasattr(kind, "_fields")):
            odd_types.add(kind.__name__)
        return _BASES[base](value)
    if kind in (bytearray, memoryview):
        return bytes(value)
    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    if torch is not None and issubclass(kind, torch.Tensor):
        return _plain_tensor(torch, value, odd_types)
    if numpy is not None and issubclass(kind, numpy.ndarray):
        if kind is not numpy.ndarray:
            odd_types.add(kind.__name__)
            return numpy.ndarray.view(value, numpy.ndarray)
        if value.dtype.kind == "U" and value.ndim == 1:
            return [str(item) for item in value]
    if numpy is not None and kind is numpy.str_:
        return str.__getitem__(value, slice(None))
    return value


def _plain_tensor(torch: Any, value: Any, odd_types: set[str]) -> Any:
    kind = type(value)
    if kind is torch.Tensor:
        # An exact tensor that the codec refused: sparse ones have plain values all the same.
        return value.to_dense() if value.layout is not torch.strided and not value.is_meta else value
    if kind is not torch.nn.Parameter:
        odd_types.add(kind.__name__)
    with torch._C.DisableTorchFunctionSubclass():
        return torch.Tensor.as_subclass(value, torch.Tensor)


def message_of(error: BaseException) -> str:
    """Return the text from which the same exception can be made again; a KeyError shows its text in quotes."""
    return str(error.args[0]) if isinstance(error, KeyError) and len(error.args) == 1 else str(error)
