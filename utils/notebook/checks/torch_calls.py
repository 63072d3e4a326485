"""Forbidden functions of torch, recognised under any name that an answer has for them.

Replacing `torch.softmax` does not reach a default argument or a class attribute that got hold of it earlier, nor
`cross_entropy`, which calls it in C. Torch itself tells of both: of each call of its API, and of each operation below.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import BuiltinFunctionType
from typing import Any

_ANYBODYS_NAMES = frozenset({"forward", "__init__", "__call__"})
_KEY = "TESTING_ONLY_GenericMode"
_libraries: list[Any] = []  # what they register lasts as long as they do


@functools.cache
def torch_names(names: tuple[str, ...]) -> dict[str, str]:
    """Return the torch functions among dotted names, by what `_function_behind` says of their last part."""
    parts = ((name, name.rpartition(".")[2]) for name in reversed(names) if name.split(".")[0] == "torch")
    return {_function_behind(last): name for name, last in parts if last not in _ANYBODYS_NAMES}


def torch_tells_of(function: Any) -> bool:
    """Return whether torch itself reports each call of a function, whatever name an answer has for it.

    So it does of what may be overridden, of what is written in C, and of its operations.
    """
    torch = sys.modules.get("torch")
    if torch is None:
        return False
    from torch.overrides import get_testing_overrides

    if isinstance(function, torch._ops.OpOverloadPacket | torch._ops.OpOverload):
        return True
    if isinstance(function, BuiltinFunctionType):
        homes = (torch._C._VariableFunctions, torch._C._nn, torch._C._special, torch._C._sparse)
        return any(getattr(home, function.__name__, None) == function for home in homes)
    try:
        return function in get_testing_overrides()
    except TypeError:  # not hashable
        return False


def runs_a_layer(function: Any) -> bool:
    """Return whether a function is what a layer of torch runs: Python's, and it comes down to what torch tells of."""
    forward = getattr(function, "__qualname__", "").endswith(".forward")
    return forward and str(function.__module__).startswith("torch.nn.modules.")


@contextmanager
def torch_calls_refused(names: Sequence[str], refuse: Callable[[str], Any]) -> Iterator[None]:
    """Within this block call `refuse` with the dotted name when torch runs one of the named functions.

    Args:
        names: dotted names; those of other libraries are passed over.
        refuse: raises.
    """
    by_name = torch_names(tuple(names))
    if not by_name:
        yield
        return
    with _operations_watched(by_name, refuse), _calls_watched()(by_name, refuse):
        yield


@functools.cache
def _calls_watched() -> Callable[..., Any]:
    """Return the way in which torch tells of each call of its API."""
    from torch.overrides import TorchFunctionMode

    class Calls(TorchFunctionMode):
        def __init__(self, by_name: dict[str, str], refuse: Callable[[str], Any]) -> None:
            super().__init__()
            self.by_name, self.refuse = by_name, refuse

        def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            name = self.by_name.get(_function_behind(getattr(function, "__name__", "")))
            if name is not None:
                self.refuse(name)
            return function(*args, **(kwargs or {}))

    return Calls


_watches: list[tuple[dict[str, str], Callable[[str], Any]]] = []


@contextmanager
def _operations_watched(by_name: dict[str, str], refuse: Callable[[str], Any]) -> Iterator[None]:
    """Within this block call `refuse` when torch runs an operation that belongs to a forbidden function.

    A dispatch mode would be told of every operation, and is half of the time of small ones. Here only the forbidden
    ones have a function of ours, under a key that torch asks before all devices and that is set in this block alone.
    """
    import torch

    key = _own_key()
    for family in by_name:
        _hooked(family)
    include, exclude = torch._C._dispatch_tls_local_include_set(), torch._C._dispatch_tls_local_exclude_set()
    _watches.append((by_name, refuse))
    try:
        with torch._C._ForceDispatchKeyGuard(include | torch._C.DispatchKeySet(key), exclude):
            yield
    finally:
        _watches.pop()


@functools.cache
def _own_key() -> Any:
    """Return a key of torch's dispatcher that nobody else uses, at which operations without a function pass on."""
    import torch

    _libraries.append(torch.library.Library("_", "IMPL"))
    _libraries[-1].fallback(torch.library.fallthrough_kernel, _KEY)
    return torch._C._parse_dispatch_key(_KEY)


@functools.cache
def _hooked(family: str) -> None:
    """Give every operation that belongs to a function of torch one that asks whether it is forbidden just now."""
    import torch

    library = torch.library.Library("aten", "IMPL")
    _libraries.append(library)
    for operation in _operations().get(family, ()):
        library.impl(operation, _asking(family, operation), _KEY, with_keyset=True)


def _asking(family: str, operation: str) -> Callable[..., Any]:
    import torch

    name, _, overload = operation.partition(".")
    after = torch._C._dispatch_keyset_full_after(_own_key())

    def ask(keys: Any, *args: Any, **kwargs: Any) -> Any:
        for by_name, refuse in reversed(_watches):
            if family in by_name:
                refuse(by_name[family])
        return getattr(getattr(torch.ops.aten, name), overload or "default").redispatch(keys & after, *args, **kwargs)

    return ask


@functools.cache
def _operations() -> dict[str, list[str]]:
    """Return torch's own operations by the function that they belong to."""
    import torch

    found: dict[str, list[str]] = {}
    for name in torch._C._dispatch_get_all_op_names():
        space, _, operation = name.partition("::")
        if space == "aten":
            found.setdefault(_function_behind(operation.partition(".")[0]), []).append(operation)
    return found


@functools.lru_cache(maxsize=4096)
def _function_behind(name: str) -> str:
    """Return the function of torch that one of its many names stands for, such as softmax for "_safe_softmax"."""
    plain = name.strip("_")
    for prefix in ("safe_", "native_", "sparse_"):
        plain = plain.removeprefix(prefix)
    # One for each kind of device, and one for training and inference.
    families = ("scaled_dot_product", "multi_head_attention")
    return next((family for family in families if plain.startswith(family)), plain)
