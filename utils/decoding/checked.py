"""Arguments checked against their annotations, so that a wrong one is named where it was handed over.

    @checked
    def share(values: Sequence[float], seed: int = 0) -> float: ...

    share([0.5], seed="x")      # ValueError: seed must be a whole number, not 'x'

What an annotation cannot say, such as that a number is positive, a function checks itself. Numbers of numpy and torch
count as numbers and arrive as Python's; everything else arrives as it was.
"""

from __future__ import annotations

import functools
import inspect
import types
import typing
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import fields
from typing import Any, Literal, TypeVar, get_args, get_origin

import numpy as np
from numpy.typing import ArrayLike
from torch import Tensor

from utils.decoding.arguments import a_callable, a_sequence, a_text, an_array, real_number, shown, whole_number

Function = TypeVar("Function", bound=Callable[..., Any])


def checked(function: Function) -> Function:
    """Return the function with its arguments checked against their annotations.

    Raises, at each call:
        ValueError: an argument is of another kind. A missing or unknown one stays a TypeError.
    """
    signature = inspect.signature(function)

    @functools.cache
    def hints() -> dict[str, Any]:
        return typing.get_type_hints(function)

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        for name, value in bound.arguments.items():
            if name in hints() and name != "self":
                bound.arguments[name] = checked_value(value, hints()[name], name)
        return function(*bound.args, **bound.kwargs)

    return typing.cast(Function, call)


def check_fields(record: Any, **least: int) -> None:
    """Check the fields of a dataclass against their annotations; to be called from its `__post_init__`.

    Args:
        record: the new object; numbers of numpy in it become Python's.
        least: for fields that are whole numbers or tuples of them, the least that each may be.

    Raises:
        ValueError: a field is of another kind, or too small.
    """
    hints = typing.get_type_hints(type(record))
    for field in fields(record):
        value = checked_value(getattr(record, field.name), hints[field.name], field.name)
        if field.name in least:
            for number in value if isinstance(value, tuple | list) else (value,):
                whole_number(number, field.name, least[field.name])
        object.__setattr__(record, field.name, value)


def checked_value(value: Any, hint: Any, name: str) -> Any:
    """Return a value that fits an annotation.

    Raises:
        ValueError: it does not fit.
    """
    if hint is int:
        return whole_number(value, name)
    if hint is float:
        return real_number(value, name)
    if hint is str:
        return a_text(value, name)
    if hint is bool:
        if not isinstance(value, bool | np.bool_):
            raise ValueError(f"{name} must be True or False, not {shown(value)}")
        return bool(value)
    if hint == ArrayLike or hint is np.ndarray or get_origin(hint) is np.ndarray:
        an_array(value, name)
        return value
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _one_of(value, inner, name)
    if origin is Literal:
        if value not in inner:
            raise ValueError(f"{name} must be one of {', '.join(map(repr, inner))}, not {shown(value)}")
        return value
    if origin in (Sequence, Collection, Iterable, list, tuple, set, frozenset):
        return _checked_sequence(value, origin, inner, name)
    if origin is Callable or hint is Callable:
        a_callable(value, name)
        return value
    kind = origin or hint
    # A protocol, a type variable and Any say nothing that could be looked at.
    if not isinstance(kind, type) or kind is Any or getattr(kind, "_is_protocol", False):
        return value
    if not isinstance(value, kind):
        raise ValueError(f"{name} must be a {kind.__name__}, not {shown(value)}")
    return value


def _one_of(value: Any, hints: tuple[Any, ...], name: str) -> Any:
    first: ValueError | None = None
    for hint in hints:
        if hint is type(None):
            if value is None:
                return None
            continue
        try:
            return checked_value(value, hint, name)
        except ValueError as error:
            first = first or error
    raise first or ValueError(f"{name} must be None, not {shown(value)}")


def _checked_sequence(value: Any, origin: Any, inner: tuple[Any, ...], name: str) -> Any:
    if isinstance(value, Tensor | np.ndarray) and value.ndim:
        return value
    if origin is Iterable and not isinstance(value, Collection):
        return value if isinstance(value, Iterable) else a_sequence(value, name)
    # A text is a sequence of characters where anything may be in it, and a slip where texts or numbers are due.
    if isinstance(value, str) and inner[:1] == (Hashable,):
        return value
    # A set is a collection and no sequence.
    is_set = isinstance(value, set | frozenset) and origin not in (Sequence, list, tuple)
    entries = list(value) if is_set else a_sequence(value, name)
    if origin is tuple and inner[-1:] != (...,):
        if len(entries) != len(inner):
            raise ValueError(f"{name} must hold {len(inner)} entries, not {len(entries)}")
        pairs = list(zip(entries, inner, strict=True))
    else:
        pairs = [(entry, inner[0]) for entry in entries] if inner else []
    for place, (entry, hint) in enumerate(pairs):
        checked_value(entry, hint, f"entry {place} of {name}")
    return value
