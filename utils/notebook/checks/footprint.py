"""How much an answer keeps and computes: a state of fixed size is told from one that grows with the sequence.

Neither shows in what an answer returns, so the limits travel like a forbidden name to wherever the answer runs, and
torch's operations are watched there. Work in other libraries is not seen.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

_PREFIX = "footprint:"


def footprint_name(live: int, written: int) -> str:
    """Return the text that stands for the limits among forbidden names; 0 is no limit."""
    return f"{_PREFIX}{live}:{written}"


def without_footprints(names: Sequence[str]) -> tuple[list[str], list[tuple[int, int]]]:
    """Return the names of functions, and the limits (live, written) that stand among them."""
    functions = [name for name in names if not name.startswith(_PREFIX)]
    limits = []
    for name in names:
        if name.startswith(_PREFIX):
            live, written = name.removeprefix(_PREFIX).split(":")
            limits.append((int(live), int(written)))
    return functions, limits


@contextmanager
def footprint_watched(live: int, written: int, refuse: Callable[[str], Any]) -> Iterator[None]:
    """Within this block call `refuse` with a sentence as soon as torch's operations pass a limit.

    Args:
        live: most numbers in tensors that are made in the block and alive at one moment; 0 is no limit.
        written: most numbers that all operations together compute; views count nothing; 0 is no limit.
        refuse: raises.
    """
    import torch
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils._pytree import tree_leaves

    class Watch(TorchDispatchMode):
        alive = 0
        computed = 0

        def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            kwargs = kwargs or {}
            result = function(*args, **kwargs)
            given = {_place(one) for one in tree_leaves((args, kwargs)) if isinstance(one, torch.Tensor)}
            in_place = function._schema.name.endswith("_")
            for one in tree_leaves(result):
                if not isinstance(one, torch.Tensor):
                    continue
                is_new = _place(one) not in given
                if is_new or in_place:
                    self.computed += one.numel()
                if is_new:
                    self.alive += one.numel()
                    weakref.finalize(one, self.forget, one.numel())
            if live and self.alive > live:
                refuse(
                    f"Too much is kept: more than {live:,} numbers at once for this input. Keep a state of fixed size,"
                    " not one for every position."
                )
            if written and self.computed > written:
                refuse(
                    f"Too much is computed: more than {written:,} numbers for this input. Go on from the state of the"
                    " step before, and do not go back over all positions at each step."
                )
            return result

        def forget(self, count: int) -> None:
            self.alive -= count

    with Watch():
        yield


def _place(tensor: Any) -> Any:
    return tensor.untyped_storage().data_ptr() if tensor.numel() else id(tensor)
