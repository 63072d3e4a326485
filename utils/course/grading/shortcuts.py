"""Forbidden library functions, recognised inside the worker however the learner's code reaches them.

`utils.notebook.checks.refusing` replaces the named attributes, which is enough for code that looks the name up when it
is called. Here a function that was imported by name earlier is recognised too: torch's by torch's own override
protocol, which sees every call of its API, others by their code.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Any


@contextmanager
def forbidding(names: Sequence[str]) -> Iterator[list[str]]:
    """Refuse the named functions within the block; yield a list of the names that were reached all the same.

    Args:
        names: dotted names, such as "torch.softmax".

    Raises:
        ForbiddenCallError: from within the code that calls one of them.
    """
    reached: list[str] = []
    if not names:
        yield reached
        return
    from utils.notebook.checks import refusing

    torch_names = {name.rpartition(".")[2].strip("_"): name for name in names if name.split(".")[0] == "torch"}
    others = [name for name in names if name.split(".")[0] != "torch"]
    with ExitStack() as stack:
        codes = _codes(others)
        stack.enter_context(refusing([name for name in names if _exists(name)]))
        if torch_names:
            stack.enter_context(_torch_watch(torch_names, reached))
        if codes:
            stack.enter_context(_profiled(codes, reached))
        yield reached


def _refuse(name: str, reached: list[str]) -> None:
    from utils.notebook.checks import ForbiddenCallError

    reached.append(name)
    raise ForbiddenCallError(f"`{name}` does this exercise for you: write it from simpler operations.")


def _torch_watch(names: dict[str, str], reached: list[str]) -> Any:
    from torch.overrides import TorchFunctionMode

    class Watch(TorchFunctionMode):
        def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            name = names.get(getattr(function, "__name__", "").strip("_"))
            if name is not None:
                _refuse(name, reached)
            return function(*args, **(kwargs or {}))

    return Watch()


def _find(name: str) -> Any:
    parts = name.split(".")
    for end in range(len(parts) - 1, 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            found = getattr(found, part, None)
        return found
    return None


def _exists(name: str) -> bool:
    return _find(name) is not None


def _codes(names: Sequence[str]) -> dict[Any, str]:
    found = {}
    for name in names:
        function = _find(name)
        function = getattr(function, "__init__", None) if isinstance(function, type) else function
        code = getattr(function, "__code__", function)
        if code is not None:
            found[code] = name
    return found


@contextmanager
def _profiled(codes: dict[Any, str], reached: list[str]) -> Iterator[None]:
    def watch(frame: FrameType, event: str, argument: Any) -> None:
        try:
            name = codes.get(frame.f_code) if event == "call" else codes.get(argument) if event == "c_call" else None
        except TypeError:  # a callable that cannot be hashed is none of the named ones
            return
        if name is not None:
            _refuse(name, reached)

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield
    finally:
        sys.setprofile(before)
