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


def torch_names(names: Sequence[str]) -> dict[str, str]:
    """Return the torch functions among dotted names, by what `_function_behind` says of their last part."""
    parts = ((name, name.rpartition(".")[2]) for name in reversed(names) if name.split(".")[0] == "torch")
    return {_function_behind(last): name for name, last in parts if last not in _ANYBODYS_NAMES}


def torch_tells_of(function: Any) -> bool:
    """Return whether torch itself reports each call of a function, whatever name an answer has for it.

    So it does of what may be overridden, of what is written in C, and of its operations. The methods of its layers are
    Python's; what they come down to is one of these, and named beside them wherever they are forbidden.
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
    if getattr(function, "__qualname__", "").endswith(".forward"):
        return str(function.__module__).startswith("torch.nn.modules.")
    try:
        return function in get_testing_overrides()
    except TypeError:  # not hashable
        return False


@contextmanager
def torch_calls_refused(names: Sequence[str], refuse: Callable[[str], Any]) -> Iterator[None]:
    """Within this block call `refuse` with the dotted name when torch runs one of the named functions.

    Args:
        names: dotted names; those of other libraries are passed over.
        refuse: raises.
    """
    by_name = torch_names(names)
    if not by_name:
        yield
        return
    calls, operations = _modes()
    with operations(by_name, refuse), calls(by_name, refuse):
        yield


@functools.cache
def _modes() -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return the two ways in which torch tells of what runs: calls of its API, and operations below it."""
    from torch.overrides import TorchFunctionMode
    from torch.utils._python_dispatch import TorchDispatchMode

    class Calls(TorchFunctionMode):
        def __init__(self, by_name: dict[str, str], refuse: Callable[[str], Any]) -> None:
            super().__init__()
            self.by_name, self.refuse = by_name, refuse

        def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            name = self.by_name.get(_function_behind(getattr(function, "__name__", "")))
            if name is not None:
                self.refuse(name)
            return function(*args, **(kwargs or {}))

    class Operations(TorchDispatchMode):
        def __init__(self, by_name: dict[str, str], refuse: Callable[[str], Any]) -> None:
            super().__init__()
            self.by_name, self.refuse = by_name, refuse

        @classmethod
        def _should_skip_dynamo(cls) -> bool:
            return False  # or the first operation imports torch's compiler, for seconds

        def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            name = self.by_name.get(_function_behind(function._schema.name.partition("::")[2]))
            if name is not None:
                self.refuse(name)
            return function(*args, **(kwargs or {}))

    return Calls, Operations


@functools.lru_cache(maxsize=4096)
def _function_behind(name: str) -> str:
    """Return the function of torch that one of its many names stands for, such as softmax for "_safe_softmax"."""
    plain = name.strip("_")
    for prefix in ("safe_", "native_", "sparse_"):
        plain = plain.removeprefix(prefix)
    # One for each kind of device, and one for training and inference.
    families = ("scaled_dot_product", "multi_head_attention")
    return next((family for family in families if plain.startswith(family)), plain)
