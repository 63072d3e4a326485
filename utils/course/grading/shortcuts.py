"""Forbidden library functions, recognised inside the worker however the learner's code reaches them.

Torch itself tells of its own functions, whatever name an answer has for them. Of others the named attribute is
replaced, which is enough for code that looks the name up when it is called; one that was imported by name earlier is
recognised by its code, for which every call has to be looked at. A refusal that the learner's code swallows is
remembered.
"""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import FrameType, ModuleType
from typing import Any

from utils.notebook.checks.footprint import footprint_watched, without_footprints
from utils.notebook.checks.forbidding import ForbiddenCallError, does_the_exercise, replaced
from utils.notebook.checks.torch_calls import runs_a_layer, torch_calls_refused, torch_tells_of


@contextmanager
def forbidding(names: Sequence[str]) -> Iterator[list[str]]:
    """Refuse the named functions within the block; yield a list of what was refused, also where the code went on.

    Args:
        names: dotted names, such as "torch.softmax".

    Raises:
        ForbiddenCallError: from within the code that calls one of them.
    """
    reached: list[str] = []
    if not names:
        yield reached
        return
    names, limits = without_footprints(names)
    places, codes = _where(tuple(names))
    with ExitStack() as stack:
        for name, owner in places:
            stack.enter_context(replaced(owner, name.rpartition(".")[2], _refusal(name, reached)))
        stack.enter_context(torch_calls_refused(names, lambda name: _refusal(name, reached)()))
        if codes:
            stack.enter_context(_profiled(codes, reached))
        for live, written in limits:
            stack.enter_context(footprint_watched(live, written, lambda sentence: _say(sentence, reached)))
        yield reached


@functools.cache
def _where(names: tuple[str, ...]) -> tuple[list[tuple[str, Any]], dict[Any, str]]:
    """Return what holds each named function of which torch does not tell, and codes by which a profiler knows them."""
    found = [(name, _find(name)) for name in names]
    untold = [(name, function) for name, function in found if function is not None and not torch_tells_of(function)]
    codes = {code: name for name, function in untold if not runs_a_layer(function) for code in _codes_of(function)}
    return [(name, _find(name.rpartition(".")[0])) for name, _ in untold], codes


def _refusal(name: str, reached: list[str]) -> Callable[..., Any]:
    """Return a function that refuses, for code that looks the named one up when it is called."""

    def refuse(*args: Any, **kwargs: Any) -> Any:
        _say(does_the_exercise(name), reached)

    return refuse


def _say(sentence: str, reached: list[str]) -> None:
    reached.append(sentence)
    raise ForbiddenCallError(sentence)


def _find(name: str) -> Any:
    """Return what a dotted name leads to, None where that is nothing."""
    found: Any = None
    for end, part in enumerate(name.split("."), start=1):
        # What has been imported is an attribute already; asking the importer first takes far longer.
        value = getattr(found, part, None) if end > 1 else sys.modules.get(part)
        if value is None and (end == 1 or isinstance(found, ModuleType)):
            try:
                value = importlib.import_module(".".join(name.split(".")[:end]))
            except ImportError:
                return None
        found = value
    return found


def _codes_of(function: Any) -> list[Any]:
    """Return what a profiler sees when the function is called: its code, or the function itself where it is C."""
    if isinstance(function, type):
        function = function.__init__  # type: ignore[misc]
    code = getattr(function, "__code__", function)
    try:
        hash(code)
    except TypeError:
        return []
    return [code] if code is not None else []


@contextmanager
def _profiled(codes: dict[Any, str], reached: list[str]) -> Iterator[None]:
    def watch(frame: FrameType, event: str, argument: Any) -> None:
        try:
            name = codes.get(frame.f_code) if event == "call" else codes.get(argument) if event == "c_call" else None
        except TypeError:  # a callable that cannot be hashed is none of the named ones
            return
        if name is not None:
            _say(does_the_exercise(name), reached)

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield
    finally:
        sys.setprofile(before)
