"""Forbidden functions of torch, recognised under any name that an answer has for them.

Replacing `torch.softmax` does not reach a default argument or a class attribute that got hold of it earlier, nor
`cross_entropy`, which calls it in C. Torch itself tells of both: of each call of its API, and of each operation below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

_ANYBODYS_NAMES = frozenset({"forward", "__init__", "__call__"})


def torch_names(names: Sequence[str]) -> dict[str, str]:
    """Return the torch functions among dotted names, by their last part without underscores at its ends."""
    parts = ((name, name.rpartition(".")[2]) for name in reversed(names) if name.split(".")[0] == "torch")
    return {last.strip("_"): name for name, last in parts if last not in _ANYBODYS_NAMES}


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
    from torch.overrides import TorchFunctionMode
    from torch.utils._python_dispatch import TorchDispatchMode

    class Calls(TorchFunctionMode):
        def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            name = by_name.get(getattr(function, "__name__", "").strip("_"))
            if name is not None:
                refuse(name)
            return function(*args, **(kwargs or {}))

    class Operations(TorchDispatchMode):
        @classmethod
        def _should_skip_dynamo(cls) -> bool:
            return False  # or the first operation imports torch's compiler, for seconds

        def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            name = _of_operation(function._schema.name.partition("::")[2], by_name)
            if name is not None:
                refuse(name)
            return function(*args, **(kwargs or {}))

    with Operations(), Calls():
        yield


def _of_operation(operation: str, by_name: dict[str, str]) -> str | None:
    """Return the forbidden function that an operation of torch belongs to, None for any other."""
    plain = operation.strip("_").removeprefix("safe_")
    if plain.startswith("scaled_dot_product"):  # one for each kind of device
        plain = "scaled_dot_product_attention"
    return by_name.get(plain)
