"""The public callables of a package, for tests that hold a table of bad calls against all of them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from types import ModuleType
from typing import Any


def public_callables(package: ModuleType) -> set[str]:
    """Return `module.function`, `module.Class` and `module.Class.method` of a package's own public names.

    Left out are exceptions, and methods without arguments, which no caller can hand anything bad.
    """
    found: set[str] = set()
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        for name, value in vars(module).items():
            own = getattr(value, "__module__", None) == module.__name__
            if name.startswith("_") or not own or not callable(value):
                continue
            if inspect.isclass(value):
                if not issubclass(value, BaseException):
                    found.add(f"{info.name}.{name}")
                    found |= {f"{info.name}.{name}.{method}" for method in _methods(value)}
            elif takes_arguments(value):
                found.add(f"{info.name}.{name}")
    return found


def _methods(kind: type) -> list[str]:
    methods = []
    for name, value in vars(kind).items():
        function = value.__func__ if isinstance(value, classmethod | staticmethod) else value
        public = not name.startswith("_") or name == "__call__"
        if public and inspect.isfunction(function) and takes_arguments(function, skipped=1):
            methods.append(name)
    return methods


def takes_arguments(function: Any, skipped: int = 0) -> bool:
    """Return whether a function has parameters beside the first `skipped` ones."""
    return len(inspect.signature(function).parameters) > skipped
