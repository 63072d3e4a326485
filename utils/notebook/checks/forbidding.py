"""What a test forbids: calls that would do the exercise, and inputs changed in place.

Neither can be seen from outside a sandboxed answer; they are declared here, and a proxy ships the declaration along
with the call.
"""

from __future__ import annotations

import copy
import importlib
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any

from utils.notebook.checks.comparing import same, shown
from utils.notebook.checks.failing import fail
from utils.notebook.checks.footprint import footprint_name, footprint_watched, without_footprints
from utils.notebook.checks.torch_calls import torch_calls_refused

_forbidden_now: ContextVar[tuple[str, ...]] = ContextVar("forbidden_now", default=())
_answers_elsewhere: ContextVar[bool] = ContextVar("answers_elsewhere", default=False)
_watching_inputs: ContextVar[bool] = ContextVar("watching_inputs", default=False)


class ForbiddenCallError(Exception):
    """An answer called a function that would do the exercise for it."""


class InputModifiedError(Exception):
    """An answer changed one of its arguments in place."""


def forbidden_now() -> tuple[str, ...]:
    """Return the dotted names that the running check forbids (read by proxies)."""
    return _forbidden_now.get()


@contextmanager
def answers_elsewhere() -> Iterator[None]:
    """Within this block answers run in another process, which refuses what is forbidden: here it is only declared."""
    token = _answers_elsewhere.set(True)
    try:
        yield
    finally:
        _answers_elsewhere.reset(token)


def watching_inputs() -> bool:
    """Return whether the running check watches for modified inputs (read by proxies)."""
    return _watching_inputs.get()


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
            fail(f"Your code modified its input in place ({shown(before)} became {shown(now)}).")


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
        with nullcontext() if _answers_elsewhere.get() else _refusing(names, notebook):
            yield
    finally:
        _forbidden_now.reset(token)


@contextmanager
def small_footprint(live: int = 0, written: int = 0) -> Iterator[None]:
    """Within this block an answer may keep and compute only so much (see `footprint`).

    Args:
        live: most numbers in tensors of its own at one moment; 0 is no limit.
        written: most numbers that its operations compute together; 0 is no limit.

    Raises:
        ForbiddenCallError: through the answer's call; `check` turns it into its message.
    """
    with forbidden(footprint_name(live, written)):
        yield


def does_the_exercise(name: str) -> str:
    """Return what a learner is told who calls a forbidden function."""
    return f"`{name}` does this exercise for you: write it from simpler operations."


@contextmanager
def _refusing(names: Sequence[str], namespace: dict[str, Any]) -> Iterator[None]:
    """Replace the named functions by ones that raise ForbiddenCallError.

    Args:
        names: dotted names of functions or methods.
        namespace: the notebook's globals, where `from torch import softmax as sm` has put the function itself.
    """
    held: dict[str, Any] = {}
    names, limits = without_footprints(names)

    def too_much(sentence: str) -> None:
        raise ForbiddenCallError(sentence)

    def refusal(name: str) -> Callable[..., Any]:
        def refuse(*args: Any, **kwargs: Any) -> Any:
            raise ForbiddenCallError(does_the_exercise(name))

        return refuse

    with ExitStack() as stack:
        try:
            for name in names:
                owner_name, _, attribute = name.rpartition(".")
                owner = _resolve(owner_name)
                original, refuse = getattr(owner, attribute), refusal(name)
                stack.enter_context(replaced(owner, attribute, refuse))
                for key in [key for key, value in namespace.items() if value is original]:
                    held.setdefault(key, original)
                    namespace[key] = refuse
            stack.enter_context(torch_calls_refused(names, lambda name: refusal(name)()))
            for live, written in limits:
                stack.enter_context(footprint_watched(live, written, too_much))
            yield
        finally:
            namespace.update(held)


@contextmanager
def replaced(owner: Any, attribute: str, stand_in: Any) -> Iterator[None]:
    """Within this block an attribute is another value; a type written in C keeps its own, since it cannot be set."""
    missing = object()
    own = vars(owner).get(attribute, missing) if hasattr(owner, "__dict__") else missing
    try:
        setattr(owner, attribute, stand_in)
    except (AttributeError, TypeError):
        yield
        return
    try:
        yield
    finally:
        if own is missing:
            delattr(owner, attribute)
        else:
            setattr(owner, attribute, own)


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
