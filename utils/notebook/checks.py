"""What test cells are made of: compare with the right value, recognise known wrong ones, and say which it is.

A test cell touches a learner's objects only by calling them with plain data and getting plain data back. So the same
cell works in the learner's notebook, under plain nbgrader, and in trusted grading, where the exercise's names are
proxies for a sandboxed process. Two conditions cannot be seen from outside that process, `forbidden` calls and
modified inputs; they are declared here, and a proxy ships the declaration along with the call.
"""

from __future__ import annotations

import copy
import hashlib
import importlib
import math
import os
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

SECRET_VARIABLE = "COURSE_SECRET"
_LONGEST_SHOWN = 160
_MOST_NUMBERS = 8
_NUMBERS = frozenset({int, float})

_forbidden_now: ContextVar[tuple[str, ...]] = ContextVar("forbidden_now", default=())
_watching_inputs: ContextVar[bool] = ContextVar("watching_inputs", default=False)


class ForbiddenCallError(Exception):
    """An answer called a function that would do the exercise for it."""


class InputModifiedError(Exception):
    """An answer changed one of its arguments in place."""


def forbidden_now() -> tuple[str, ...]:
    """Return the dotted names that the running check forbids (read by proxies)."""
    return _forbidden_now.get()


def watching_inputs() -> bool:
    """Return whether the running check watches for modified inputs (read by proxies)."""
    return _watching_inputs.get()


def case_rng(exercise: str, case: int | str) -> random.Random:
    """Return a generator for one case's random inputs: reproducible, but not guessable without the course's secret.

    The secret is the variable COURSE_SECRET. Without one (self-study) the inputs are the same for everybody.
    """
    text = f"{os.environ.get(SECRET_VARIABLE, '')}:{exercise}:{case}"
    return random.Random(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))


def _is_tensor(value: Any) -> bool:
    return type(value).__module__.split(".")[0] == "torch" and hasattr(value, "detach")


def _is_array(value: Any) -> bool:
    return type(value).__module__ == "numpy" and hasattr(value, "dtype")


def _plain(value: Any) -> Any:
    """Turn tensors and arrays into nested lists, and numpy scalars into Python's."""
    if _is_tensor(value):
        return value.detach().cpu().tolist()
    if _is_array(value):
        return value.tolist()
    return value


def _close(got: float, want: float, rtol: float, atol: float) -> bool:
    if math.isnan(want) or math.isnan(got):
        return math.isnan(want) and math.isnan(got)
    if math.isinf(want) or math.isinf(got):
        return got == want
    return abs(got - want) <= atol + rtol * abs(want)


def same(got: Any, want: Any, rtol: float = 1e-6, atol: float = 1e-9) -> bool:
    """Return whether two values agree: numbers within tolerance, sequences and tensors alike, truth values as such."""
    if type(want) in _NUMBERS and type(got) in _NUMBERS:  # by far the most, so they come first
        return _close(got, want, rtol, atol)
    if _is_tensor(got) or _is_tensor(want) or _is_array(got) or _is_array(want):
        if _is_tensor(want) or _is_array(want):
            shape = tuple(getattr(got, "shape", ())) if hasattr(got, "shape") else None
            if shape is not None and shape != tuple(want.shape):
                return False
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
            if not same(one, other, rtol, atol):
                return False
        return True
    return bool(got == want)


def _readable(value: Any) -> Any:
    """Return a value for a message: a large tensor is its shape, a small one its numbers, also inside containers."""
    if _is_tensor(value) or (_is_array(value) and value.ndim):
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


def _short(value: Any) -> str:
    text = repr(_readable(value))
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def _fail(message: str) -> None:
    # `from None` and a plain AssertionError: the learner reads one sentence, not this module's internals.
    raise AssertionError(message) from None


def _call(call: Callable[[], Any], what: str, if_raises: str) -> Any:
    try:
        return call()
    except NotImplementedError:
        _fail(f"Not answered yet: replace `raise NotImplementedError` in the cell above ({what}).")
    except (ForbiddenCallError, InputModifiedError) as error:
        _fail(str(error))
    except AssertionError as error:
        # An assert in the answer is the answer's own error; one of the test's callables speaks for the test.
        _fail(str(error) or f"{what}: an assert in your code failed.")
    except RecursionError:
        _fail(f"{what}: your code calls itself without end. {if_raises}".rstrip())
    except Exception as error:
        told = f": {error}" if str(error) else ""
        _fail(f"{what}: your code raised {type(error).__name__}{told}. {if_raises}".rstrip())


def check(
    call: Callable[[], Any],
    want: Any,
    what: str,
    *,
    mistakes: Mapping[str, Any] | Callable[[], Mapping[str, Any]] | None = None,
    otherwise: str = "",
    if_raises: str = "",
    rtol: float = 1e-6,
    atol: float = 1e-9,
) -> None:
    """Call an answer and compare; a wrong value is looked up among the known mistakes before it is called wrong.

    Args:
        call: a function without arguments that calls the answer with plain data.
        want: the right value.
        what: the case in a few words, as the learner should read it.
        mistakes: from a hint (one or two sentences that name the misconception) to the value that it leads to, or
            to a predicate of the value; or a function that returns them, called for a wrong value only.
        otherwise: the hint for any other wrong value.
        if_raises: the hint when the answer raises.
        rtol, atol: relative and absolute tolerance for numbers.

    Raises:
        AssertionError: the value is wrong; the message is the hint and the case.
    """
    got = _call(call, what, if_raises)
    if same(got, want, rtol, atol):
        return
    shown = f" ({what}: expected {_short(want)}, got {_short(got)})"
    if got is None:
        _fail(f"Your code returned None where a value was due: is a `return` missing?{shown}")
    for hint, wrong in ((mistakes() if callable(mistakes) else mistakes) or {}).items():
        if wrong(got) if callable(wrong) else same(got, wrong, rtol, atol):
            _fail(hint + shown)
    _fail((otherwise or "The value is wrong.") + shown)


def check_refused(call: Callable[[], Any], what: str, hint: str = "") -> None:
    """Check that bad input is refused: a ValueError with a sentence that says what was wrong.

    Raises:
        AssertionError: the answer returned a value, raised another error, or gave no sentence.
    """
    try:
        got = call()
    except NotImplementedError:
        _fail(f"Not answered yet: replace `raise NotImplementedError` in the cell above ({what}).")
    except ValueError as error:
        if not str(error).strip():
            _fail(f"{what}: the ValueError needs a sentence that names the argument and its value.")
        return
    except (ForbiddenCallError, InputModifiedError) as error:
        _fail(str(error))
    except Exception as error:
        told = f": {error}" if str(error) else ""
        _fail(f"{what}: raise a ValueError, not {type(error).__name__}{told}. {hint}".rstrip())
    _fail(f"{what} must be refused with a ValueError; your code returned {_short(got)}. {hint}".rstrip())


@contextmanager
def inputs_unchanged(*values: Any) -> Iterator[None]:
    """Within this block an answer must not modify its arguments; `values` are the test's own copies of them.

    Raises:
        AssertionError: one of the values is no longer what it was.
    """
    kept = copy.deepcopy(values)
    token = _watching_inputs.set(True)
    try:
        yield
    finally:
        _watching_inputs.reset(token)
    for before, now in zip(kept, values, strict=True):
        if not same(now, before, rtol=0.0, atol=0.0):
            _fail(f"Your code modified its input in place ({_short(before)} became {_short(now)}).")


@contextmanager
def forbidden(*names: str) -> Iterator[None]:
    """Within this block the named functions refuse to run, so that an exercise cannot be answered by calling them.

    Args:
        names: dotted names, such as "torch.softmax" or "torch.nn.functional.scaled_dot_product_attention".

    Raises:
        ForbiddenCallError: through the answer's call; `check` turns it into its message.
    """
    # The test cell's globals are the notebook's: an answer may hold the function there under a name of its own.
    notebook = sys._getframe(2).f_globals
    token = _forbidden_now.set(_forbidden_now.get() + names)
    try:
        with refusing(names, notebook):
            yield
    finally:
        _forbidden_now.reset(token)


@contextmanager
def refusing(names: Sequence[str], namespace: dict[str, Any] | None = None) -> Iterator[None]:
    """Replace the named functions by ones that raise ForbiddenCallError (also used inside the sandboxed worker).

    Args:
        names: dotted names of functions or methods.
        namespace: the notebook's globals, where `from torch import softmax as sm` has put the function itself.
    """
    replaced: list[tuple[Any, str, Any]] = []
    held: dict[str, Any] = {}
    namespace = {} if namespace is None else namespace

    def refusal(name: str) -> Callable[..., Any]:
        def refuse(*args: Any, **kwargs: Any) -> Any:
            raise ForbiddenCallError(f"`{name}` does this exercise for you: write it from simpler operations.")

        return refuse

    try:
        for name in names:
            owner_name, _, attribute = name.rpartition(".")
            owner = _resolve(owner_name)
            original, refuse = getattr(owner, attribute), refusal(name)
            replaced.append((owner, attribute, original))
            setattr(owner, attribute, refuse)
            for key in [key for key, value in namespace.items() if value is original]:
                held[key], namespace[key] = original, refuse
        yield
    finally:
        namespace.update(held)
        for owner, attribute, original in reversed(replaced):
            setattr(owner, attribute, original)


def _resolve(dotted: str) -> Any:
    """Import the longest module prefix of a dotted name and walk the rest as attributes."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for attribute in parts[end:]:
            found = getattr(found, attribute)
        return found
    raise ValueError(f"name {dotted!r} cannot be imported")
