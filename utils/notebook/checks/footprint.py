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
_LOOKUPS = frozenset(
    (
        *("index", "index_select", "gather", "take", "embedding", "_unsafe_index", "masked_select"),
        *("index_put", "index_put_", "_index_put_impl_", "index_copy", "index_copy_", "index_add", "index_add_"),
        *("scatter", "scatter_", "scatter_add", "scatter_add_", "put_"),
    )
)
"""Operations that read or write a few places of a large tensor: the tensor itself does not count as gone through."""


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
        written: most numbers that all operations together go through: of each the largest of its operands and results,
            so that a sum over all positions counts them all; views count nothing, and a lookup what it finds; 0 is no
            limit.
        refuse: raises.
    """
    import torch
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils._pytree import tree_leaves

    kinds: dict[Any, str] = {}

    class Watch(TorchDispatchMode):
        alive = 0
        computed = 0

        @classmethod
        def _should_skip_dynamo(cls) -> bool:
            return False  # or the first operation imports torch's compiler, for seconds

        def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            result = function(*args, **(kwargs or {}))
            kind = kinds.get(function)
            if kind is None:
                kind = kinds[function] = _kind(function)
            if kind == "view":
                return result
            made = [one for one in tree_leaves(result) if isinstance(one, torch.Tensor)]
            given = [one for one in tree_leaves((args, kwargs)) if isinstance(one, torch.Tensor)]
            if function.overloadpacket.__name__ in _LOOKUPS:
                gone_through = made if kind == "new" else given[1:]
            else:
                gone_through = made + given
            self.computed += max((one.numel() for one in gone_through), default=0)
            if kind == "new":
                for one in made:
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


def _kind(function: Any) -> str:
    """Return whether an operation gives a "new" tensor, writes into a given one ("in place") or only looks ("view")."""
    aliases = [one.alias_info for one in function._schema.returns]
    if not any(aliases):
        return "new"
    return "in place" if any(one is not None and one.is_write for one in aliases) else "view"
