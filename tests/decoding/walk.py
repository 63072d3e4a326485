"""Every public function and class of a package, to see that none is left out of a table of bad calls."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator


def public_callables(package: str, without: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield `module.name` of every public function and class that is defined in the modules of a package."""
    path = importlib.import_module(package).__path__
    for found in pkgutil.iter_modules(path):
        if found.name in without:
            continue
        module = importlib.import_module(f"{package}.{found.name}")
        for name, value in vars(module).items():
            if name.startswith("_") or getattr(value, "__module__", "") != module.__name__:
                continue
            if inspect.isclass(value) or inspect.isfunction(inspect.unwrap(value) if callable(value) else value):
                yield f"{found.name}.{name}"
