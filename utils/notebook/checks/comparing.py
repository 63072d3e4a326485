"""Compare an answer's value with the right one, and say where and how far they differ."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

_LONGEST_SHOWN = 160
_MOST_NUMBERS = 8
_NUMBERS = frozenset({int, float})
_EXACT = frozenset({bool, int, str})
_LARGEST_EXACT = 2**53


def is_tensor(value: Any) -> bool:
    return type(value).__module__.split(".")[0] == "torch" and hasattr(value, "detach")


def is_array(value: Any) -> bool:
    return type(value).__module__ == "numpy" and hasattr(value, "dtype")


def _plain(value: Any) -> Any:
    """Turn tensors and arrays into nested lists, and numpy scalars into Python's."""
    if is_tensor(value):
        return value.detach().cpu().tolist()
    if is_array(value):
        return value.tolist()
    return value


def _all_plain(value: Any) -> Any:
    """Return the same for a value inside lists and tuples too: a tensor with a gradient has no array of its own."""
    return [_all_plain(one) for one in value] if isinstance(value, list | tuple) else _plain(value)


def _close(got: float, want: float, rtol: float, atol: float) -> bool:
    if math.isnan(want) or math.isnan(got):
        return math.isnan(want) and math.isnan(got)
    if math.isinf(want) or math.isinf(got):
        return got == want
    return abs(got - want) <= atol + rtol * abs(want)


def _as_array(value: Any) -> Any:
    """Return a tensor's or array's truth values, or its numbers in double precision; None where that loses anything."""
    if is_tensor(value):
        if value.is_complex() or value.is_sparse or value.is_quantized:
            return None
        value = value.detach().cpu()
        kind = "f" if value.is_floating_point() else "b" if str(value.dtype) == "torch.bool" else "i"
        value = value.double().numpy() if kind == "f" else value.numpy()
    elif not is_array(value):
        return None
    else:
        kind = value.dtype.kind
    if kind == "b":
        return value
    if kind == "f":
        return value.astype(float)
    if kind not in "iu" or (value.size and max(-int(value.min()), int(value.max())) > _LARGEST_EXACT):
        return None
    return value.astype(float)


def _all_close(got: Any, want: Any, rtol: float, atol: float) -> bool:
    """Return whether each number is close to the one at its place, as `_close` decides it; truth values are equal."""
    import numpy as np

    if want.dtype == bool:
        return bool((got == want).all())
    with np.errstate(invalid="ignore"):
        close = np.abs(got - want) <= atol + rtol * np.abs(want)
    finite = np.isfinite(got) & np.isfinite(want)
    return bool(np.where(finite, close, (got == want) | (np.isnan(got) & np.isnan(want))).all())


def same(got: Any, want: Any, rtol: float = 1e-6, atol: float = 1e-9) -> bool:
    """Return whether two values agree: numbers within tolerance, sequences and tensors alike, truth values as such."""
    if type(want) in _NUMBERS and type(got) in _NUMBERS:  # by far the most, so they come first
        return _close(got, want, rtol, atol)
    if is_tensor(got) or is_tensor(want) or is_array(got) or is_array(want):
        if is_tensor(want) or is_array(want):
            shape = tuple(getattr(got, "shape", ())) if hasattr(got, "shape") else None
            if shape is not None and shape != tuple(want.shape):
                return False
        found, due = _as_array(got), _as_array(want)
        if found is not None and due is not None and (found.shape, found.dtype) == (due.shape, due.dtype):
            return _all_close(found, due, rtol, atol)
        got, want = _plain(got), _plain(want)
    if want is None or got is None:
        return got is want
    if isinstance(want, bool) or isinstance(got, bool):
        return isinstance(got, bool) and isinstance(want, bool) and got == want
    if isinstance(want, str | bytes):
        return type(got) is type(want) and got == want
    if isinstance(want, int | float):
        return isinstance(got, int | float) and _close(got, want, rtol, atol)
    if isinstance(want, Mapping):
        if not isinstance(got, Mapping) or set(got) != set(want):
            return False
        return all(same(got[key], want[key], rtol, atol) for key in want)
    if isinstance(want, AbstractSet):
        return isinstance(got, AbstractSet) and set(got) == set(want)
    if isinstance(want, Sequence):
        if not isinstance(got, Sequence) or isinstance(got, str | bytes) or len(got) != len(want):
            return False
        for one, other in zip(got, want, strict=True):
            # Most are numbers that agree: they do not need a call each.
            if type(one) is type(other) is float and abs(one - other) <= atol + rtol * abs(other) < math.inf:
                continue
            if type(one) is type(other) and type(one) in _EXACT and one == other:
                continue
            if not same(one, other, rtol, atol):
                return False
        return True
    return bool(got == want)


def _readable(value: Any) -> Any:
    """Return a value for a message: a large tensor is its shape, a small one its numbers, also inside containers."""
    if is_tensor(value) or (is_array(value) and value.ndim):
        if math.prod(value.shape) > _MOST_NUMBERS:
            return _Shape(f"a tensor of shape {tuple(value.shape)}")
        return _plain(value)
    if type(value) in (list, tuple):
        return type(value)(_readable(one) for one in value)
    if type(value) is dict:
        return {key: _readable(one) for key, one in value.items()}
    return _plain(value)


class _Shape(str):
    """A description that stands in a message without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def shown(value: Any) -> str:
    text = repr(_readable(value))
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def difference(got: Any, want: Any) -> str:
    """Return where two tensors (or nested lists of numbers) of one shape differ most, and by how much; else "".

    The same shape printed twice tells a learner nothing; one entry with both its values does.
    """
    import numpy as np

    try:
        found, due = np.asarray(_all_plain(got)), np.asarray(_all_plain(want))
    except (ValueError, TypeError):
        return ""
    if found.shape != due.shape or not due.size or due.dtype.kind not in "bif" or found.dtype.kind not in "bif":
        return ""
    if not due.ndim or due.size <= 1:
        return ""
    found, due = found.astype(float), due.astype(float)
    with np.errstate(invalid="ignore"):
        gap = np.where(found == due, 0.0, np.abs(found - due))
    gap[np.isnan(gap)] = np.inf
    gap[np.isnan(found) & np.isnan(due)] = 0.0
    place = np.unravel_index(int(gap.argmax()), gap.shape)
    if not gap[place]:
        return ""
    where = ", ".join(str(int(index)) for index in place)
    count = int((gap > 1e-6 + 1e-4 * np.abs(np.nan_to_num(due, posinf=0.0, neginf=0.0))).sum())
    share = f"; {count} of {gap.size} entries differ" if gap.size > _MOST_NUMBERS else ""
    return f"largest difference at [{where}]: expected {due[place]:.6g}, got {found[place]:.6g}{share}"
