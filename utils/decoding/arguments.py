"""What callers hand over, taken in one form: whole numbers, numbers in a range, rows of token ids, sets of ids.

Numbers may come from numpy or torch, ids as lists, arrays or tensors. Everything else raises ValueError with a sentence
that names the argument, so that a mistake is reported where it was made and not by an index error further down.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

Element = TypeVar("Element")


def shown(value: object, longest: int = 60) -> str:
    """Return a value for a message, on one line and cut where it is long; of a module only its kind."""
    if isinstance(value, nn.Module):
        return f"a {type(value).__name__}"
    text = " ".join(repr(value).split())
    return text if len(text) <= longest else f"{text[:longest]}..."


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool | np.bool_) or getattr(value, "dtype", None) in (torch.bool, np.dtype(bool))


def whole_number(value: Any, name: str, least: int | None = None, most: int | None = None) -> int:
    """Return a whole number as an int, from Python, numpy or torch.

    Raises:
        ValueError: it is no whole number, or lies outside `least` to `most`.
    """
    try:
        if _is_boolean(value):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        raise ValueError(f"{name} must be a whole number, not {shown(value)}") from None
    if least is not None and number < least:
        wanted = "not be negative" if least == 0 else f"be at least {least}"
        raise ValueError(f"{name} must {wanted}, not {number}")
    if most is not None and number > most:
        raise ValueError(f"{name} must be at most {most}, not {number}")
    return number


def real_number(value: Any, name: str) -> float:
    """Return a number as a float, from Python, numpy or torch; NaN and infinities are left to the caller.

    Raises:
        ValueError: it is no number.
    """
    if isinstance(value, str | bytes) or _is_boolean(value):
        raise ValueError(f"{name} must be a number, not {shown(value)}")
    if isinstance(value, np.ndarray | Tensor) and value.ndim:
        raise ValueError(f"{name} must be one number, not an array of the shape {list(value.shape)}")
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a number, not {shown(value)}") from None


def finite_number(value: Any, name: str, least: float = -math.inf, most: float = math.inf) -> float:
    """Return a finite number between two bounds as a float.

    Raises:
        ValueError: it is no number, not finite, or outside the bounds.
    """
    number = real_number(value, name)
    if not math.isfinite(number):
        raise ValueError(f"{name} must be finite, not {number}")
    if not least <= number <= most:
        raise ValueError(f"{name} must lie between {least:g} and {most:g}, not {number}")
    return number


def probability(value: Any, name: str) -> float:
    """Return a number between 0 and 1 as a float.

    Raises:
        ValueError: it is none.
    """
    return finite_number(value, name, 0.0, 1.0)


def a_callable(value: Any, name: str) -> None:
    """Raise ValueError for what cannot be called."""
    if not callable(value):
        raise ValueError(f"{name} must be a function, not {shown(value)}")


def a_text(value: Any, name: str) -> str:
    """Return a string; raise ValueError for anything else."""
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a string, not {shown(value)}")
    return value


def instance_of(value: Any, name: str, kind: type[Element]) -> Element:
    """Return a value of a kind; raise ValueError for another."""
    if not isinstance(value, kind):
        raise ValueError(f"{name} must be a {kind.__name__}, not {shown(value)}")
    return value


def a_sequence(values: Any, name: str, of: Callable[[Any, str], Element] | None = None) -> list[Element]:
    """Return a sequence as a list, its entries checked by `of`, which gets each and its name.

    Raises:
        ValueError: it is a string, or no sequence; and what `of` raises.
    """
    if isinstance(values, str | bytes | dict | set) or not isinstance(values, Iterable):
        raise ValueError(f"{name} must be a list or another sequence, not {shown(values)}")
    try:
        found = list(values)
    except TypeError:  # an array without dimensions calls itself iterable
        raise ValueError(f"{name} must be a list or another sequence, not {shown(values)}") from None
    return found if of is None else [of(value, f"entry {place} of {name}") for place, value in enumerate(found)]


def an_array(values: Any, name: str) -> np.ndarray:
    """Return numbers or booleans, in lists of any depth, as an array of floats.

    Raises:
        ValueError: something in it is no number, or its rows differ in length.
    """
    if isinstance(values, Tensor):
        values = values.detach().cpu().numpy()
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(f"{name} must hold rows of equal length, not {shown(values)}") from None
    if array.dtype.kind not in "iufb":
        raise ValueError(f"{name} must hold numbers, not {shown(values)}")
    return array.astype(float)


def token_ids(ids: Any, name: str) -> list[int]:
    """Return one row of token ids as a list, from a list, an array or a tensor (T,).

    Raises:
        ValueError: it is no row of whole numbers.
    """
    if type(ids) is list and all(type(token) is int for token in ids):
        return list(ids)
    if isinstance(ids, str | bytes | dict | set) or not isinstance(ids, Iterable):
        raise ValueError(f"{name} must be a row of token ids, not {shown(ids)}")
    if isinstance(ids, np.ndarray | Tensor):
        if ids.ndim != 1:
            raise ValueError(f"{name} must be one row of token ids, not an array of the shape {list(ids.shape)}")
        ids = ids.tolist()
    return [whole_number(token, f"token {place} of {name}") for place, token in enumerate(ids)]


def token_rows(rows: Any, name: str, one: str) -> list[list[int]]:
    """Return rows of token ids as lists, from lists, arrays, or one tensor (N, T).

    Args:
        rows: what was handed over.
        name: of the argument.
        one: what one of its rows is called, such as "prompt".

    Raises:
        ValueError: there are no rows of whole numbers; a single row must stand in a list of its own.
    """
    found: list[list[int]] = []
    row: Any
    for place, row in enumerate(a_sequence(rows, name)):
        if not isinstance(row, Iterable) or (isinstance(row, np.ndarray | Tensor) and not row.ndim):
            raise ValueError(f"{name} must hold rows of token ids, and {one} {place} is {shown(row)}: write [[...]]")
        found.append(token_ids(row, f"{one} {place}"))
    return found


def id_set(ids: Any, name: str) -> frozenset[int]:
    """Return ids as a set, from one id, a collection, an array or a tensor of any shape; None holds no ids.

    Raises:
        ValueError: something in it is no whole number of at least 0.
    """
    if ids is None:
        return frozenset()
    if isinstance(ids, np.ndarray | Tensor):
        ids = ids.reshape(-1).tolist()
    elif isinstance(ids, str | bytes):
        raise ValueError(f"{name} must hold token ids, not {shown(ids)}")
    elif not isinstance(ids, Iterable):
        ids = [ids]
    return frozenset(whole_number(token, f"an id of {name}", 0) for token in ids)


def same_length(first: Sequence[Any], name: str, second: Sequence[Any], other: str) -> None:
    """Raise ValueError for two sequences of different lengths."""
    if len(first) != len(second):
        raise ValueError(f"{name} has {len(first)} entries and {other} {len(second)}: one each is needed")
