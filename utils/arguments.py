"""Checks of arguments, shared by every stage: one sentence that names the argument and what it was.

Numbers come back as Python's own, so that a numpy integer does not end up in a file or a message as something else.
"""

from __future__ import annotations

import math
import operator
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor

Kind = TypeVar("Kind")
SHOWN = 120


def shown(value: Any) -> str:
    """Return a value as an error message shows it: tensors by type and shape, long texts cut."""
    if isinstance(value, Tensor):
        return f"a tensor of {value.dtype} and shape {tuple(value.shape)}"
    text = " ".join(repr(value).split())  # a module's takes many lines
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def whole_number(name: str, value: Any, least: int | None = None, most: int | None = None) -> int:
    """Return `value` as an int.

    Raises:
        ValueError: it is no whole number (2.5, "2" and True are none), or outside of `least` to `most`.
    """
    try:
        # Both are integers to Python, and a mistake wherever a count is meant.
        if isinstance(value, bool) or (isinstance(value, Tensor) and value.dtype == torch.bool):
            raise TypeError
        number = operator.index(value)
    except (TypeError, ValueError, RuntimeError):
        raise ValueError(f"{name} must be a whole number, not {shown(value)}") from None
    if least is not None and number < least:
        raise ValueError(f"{name} must be at least {least}, not {number}")
    if most is not None and number > most:
        raise ValueError(f"{name} must be at most {most}, not {number}")
    return number


def real_number(
    name: str,
    value: Any,
    *,
    least: float | None = None,
    above: float | None = None,
    most: float | None = None,
    below: float | None = None,
) -> float:
    """Return `value` as a number, an int as it is.

    Raises:
        ValueError: it is no finite number, or outside of the bounds.
    """
    try:
        if isinstance(value, bool | str | bytes):
            raise TypeError
        number = value if type(value) in (int, float) else float(value)
    except (TypeError, ValueError, RuntimeError):
        raise ValueError(f"{name} must be a number, not {shown(value)}") from None
    if not math.isfinite(number):
        raise ValueError(f"{name} must be finite, not {number}")
    for bound, fits, words in (
        (least, least is None or number >= least, "at least"),
        (above, above is None or number > above, "above"),
        (most, most is None or number <= most, "at most"),
        (below, below is None or number < below, "below"),
    ):
        if not fits:
            raise ValueError(f"{name} must be {words} {bound}, not {number}")
    return number


def truth(name: str, value: Any) -> bool:
    """Return `value`, which must be True or False; anything else raises ValueError."""
    if not isinstance(value, bool):
        raise ValueError(f"{name} must be True or False, not {shown(value)}")
    return value


def one_of(name: str, value: Any, allowed: Iterable[Any]) -> Any:
    """Return `value`; one that is not among `allowed` raises ValueError with all that are."""
    allowed = tuple(allowed)
    # An array compares equal to nothing, or to each of its parts.
    if not any(isinstance(value, type(choice)) and value == choice for choice in allowed):
        raise ValueError(f"{name} must be one of {', '.join(map(str, allowed))}, not {shown(value)}")
    return value


def instance(name: str, value: Any, kind: type[Kind], words: str | None = None) -> Kind:
    """Return `value`; one of another class raises ValueError, which calls the class `words`."""
    if not isinstance(value, kind):
        raise ValueError(f"{name} must be {words or 'a ' + kind.__name__}, not {shown(value)}")
    return value


def torch_device(name: str, value: Any) -> torch.device:
    """Return `value`, a device or the name of one; anything else raises ValueError."""
    try:
        return torch.device(value)
    except (RuntimeError, TypeError):
        raise ValueError(f"{name} must be a device of torch, not {shown(value)}") from None


def called(name: str, value: Any) -> Any:
    """Return `value`; one that cannot be called raises ValueError."""
    if not callable(value):
        raise ValueError(f"{name} must be callable, not {shown(value)}")
    return value


def file_path(name: str, value: Any) -> Path:
    """Return `value`, a text or a path, as a path; anything else, and the empty text, raises ValueError."""
    if not isinstance(value, str | os.PathLike) or not str(value):
        raise ValueError(f"{name} must be the path of a file or folder, not {shown(value)}")
    return Path(value)


def tensor(
    name: str,
    value: Any,
    dims: int | None = None,
    least_dims: int = 0,
    kind: str | None = None,
    last: int | None = None,
) -> Tensor:
    """Return `value`, a tensor.

    Args:
        name: of the argument.
        value: what was given for it.
        dims: number of dimensions; None takes any from `least_dims` on.
        least_dims: least number of dimensions.
        kind: "float", "integer" or "bool"; None takes all.
        last: size of the last dimension.

    Raises:
        ValueError: it is no tensor, or one of another shape or type.
    """
    if not isinstance(value, Tensor):
        raise ValueError(f"{name} must be a tensor, not {shown(value)}")
    if dims is not None and value.dim() != dims:
        raise ValueError(f"{name} must have {dims} dimensions, not the shape {tuple(value.shape)}")
    if value.dim() < least_dims:
        raise ValueError(f"{name} must have at least {least_dims} dimensions, not the shape {tuple(value.shape)}")
    if kind is not None and kind != _kind(value):
        raise ValueError(f"{name} must hold numbers of the kind {kind}, not {value.dtype}")
    if last is not None and value.shape[-1] != last:
        raise ValueError(f"{name} must have {last} features in its last dimension, not the shape {tuple(value.shape)}")
    return value


def _kind(value: Tensor) -> str:
    if value.dtype == torch.bool:
        return "bool"
    return "float" if value.is_floating_point() else "complex" if value.is_complex() else "integer"


def shapes_that_fit(**tensors: Tensor) -> tuple[int, ...]:
    """Return the joint shape of tensors that broadcast; ValueError names the shapes of those that do not."""
    try:
        return tuple(torch.broadcast_shapes(*(value.shape for value in tensors.values())))
    except RuntimeError:
        shapes = ", ".join(f"{name} {tuple(value.shape)}" for name, value in tensors.items())
        raise ValueError(f"the shapes do not fit together: {shapes}") from None
