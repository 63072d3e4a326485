"""How time and memory grow: seconds and allocated bytes of a call, and the exponent of a power law through them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from utils.decoding.arguments import an_array, whole_number
from utils.decoding.checked import checked


class AllocatedBytes(TorchDispatchMode):
    """Within this context, counts the bytes of all tensors that operations make; views of others cost nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.total = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        known = {value.untyped_storage().data_ptr() for value in _tensors(args)}
        result = func(*args, **(kwargs or {}))
        for value in _tensors((result,)):
            if value.untyped_storage().data_ptr() not in known:
                self.total += value.untyped_storage().nbytes()
        return result


def _tensors(values: Any) -> list[Tensor]:
    found: list[Tensor] = []
    for value in values:
        if isinstance(value, Tensor):
            found.append(value)
        elif isinstance(value, list | tuple):
            found += _tensors(value)
    return found


@checked
def allocated_bytes(call: Callable[[], Any]) -> int:
    """Return the bytes of all tensors that a call makes on its way, results included."""
    with AllocatedBytes() as counter, torch.no_grad():
        call()
    return counter.total


@checked
def fastest_seconds(call: Callable[[], Any], repeats: int = 3) -> float:
    """Return the processor time of the fastest of several calls, after one that does not count.

    The fastest call is the least disturbed one. On a GPU the wall time is taken, with the device waited for.

    Raises:
        ValueError: there is no repeat.
    """
    whole_number(repeats, "repeats", 1)
    on_gpu = torch.cuda.is_available()
    clock = time.perf_counter if on_gpu else time.process_time
    times = []
    with torch.no_grad():
        for _ in range(repeats + 1):
            start = clock()
            call()
            if on_gpu:
                torch.cuda.synchronize()
            times.append(clock() - start)
    return min(times[1:])


@checked
def fitted_exponent(lengths: Sequence[float], costs: Sequence[float]) -> float:
    """Return the exponent b of cost = a * length**b, by least squares on logarithms.

    Raises:
        ValueError: fewer than two different lengths, lengths that differ in number, or a value that is not above 0.
    """
    x, y = an_array(lengths, "lengths"), an_array(costs, "costs")
    if x.shape != y.shape or np.unique(x).size < 2:
        raise ValueError(f"lengths has {x.size} entries and costs {y.size}: two different lengths are needed at least")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("lengths and costs must be finite")
    if x.min() <= 0 or y.min() <= 0:
        raise ValueError(f"lengths and costs must be above 0, not {min(x.min(), y.min())}")
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])
