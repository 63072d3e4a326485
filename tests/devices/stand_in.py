"""A stand-in for a GPU: tensors that compute on the CPU and behave, as to where they are, as on "cuda:0".

    with stand_in_gpu():
        model.to("cuda")
        model(ids)                  # RuntimeError: ids are on the CPU
        model(ids.to("cuda")).numpy()   # TypeError: copy it to the CPU first

A mode of torch sees every call and every attribute of a tensor. What is made for or moved to the stand-in is marked,
what is computed from marked tensors is marked as well, and marked with unmarked ones in one operation raise what CUDA
raises. So code that forgets `device=` fails here as it would there. Kernels, streams, number formats and speed are the
CPU's.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

GPU = torch.device("cuda", 0)
CPU = torch.device("cpu")
_MARK = "_stands_on_the_gpu"
# These take tensors of both devices, or only look at them.
_MAY_MIX = {"copy_", "__getitem__", "__setitem__", "index_put_", "_has_compatible_shallow_copy_type"}
_TO_NUMPY = {"numpy", "__array__"}
_SILENT = {"__repr__", "__format__", "__len__", "size", "dim", "__hash__"}


def is_marked(value: Any) -> bool:
    """Return whether a tensor stands on the GPU."""
    return bool(getattr(value, "__dict__", {}).get(_MARK, False))


def _mark(value: Any, on: bool = True) -> Any:
    for one in _tensors(value):
        one.__dict__[_MARK] = on
    return value


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _tensors(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from _tensors(one)


def _on_gpu(device: Any) -> bool:
    if device is None or isinstance(device, Tensor | bool | torch.dtype | torch.memory_format):
        return False
    return (isinstance(device, int) and not isinstance(device, bool)) or torch.device(device).type == "cuda"


_new_generator = torch.Generator.__new__


class Generator(torch.Generator):
    """A generator of the CPU that says which device it was made for."""

    _on_gpu: bool

    def __new__(cls, device: Any = "cpu") -> Generator:
        made = _new_generator(cls, CPU)  # type: ignore[call-arg]
        made._on_gpu = _on_gpu(device)
        return made

    @property
    def device(self) -> torch.device:  # type: ignore[override]
        return GPU if self._on_gpu else CPU


class StandIn(TorchFunctionMode):
    """The mode that marks and compares."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        name = getattr(func, "__name__", "")
        owner = getattr(getattr(func, "__self__", None), "__name__", "")
        if name in ("__get__", "__set__"):
            return self._attribute(func, owner, args)
        first = args[0] if args else None
        if name in ("to", "cuda", "cpu") and isinstance(first, Tensor):
            return self._move(func, name, args, kwargs)
        if name in _TO_NUMPY and is_marked(first):
            raise TypeError("can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy it first.")
        if name in _SILENT:
            return func(*args, **kwargs)
        wanted = kwargs.get("device")
        asks = wanted is not None and _on_gpu(wanted)
        if asks:
            kwargs["device"] = CPU
        inputs = [*_tensors(args), *_tensors(kwargs)]
        marked = [one for one in inputs if is_marked(one)]
        if marked and name not in _MAY_MIX:
            self._compare(name, inputs)
            self._compare_generator(name, kwargs.get("generator"), True)
        elif asks:
            self._compare_generator(name, kwargs.get("generator"), True)
        found = func(*args, **kwargs)
        if name == "__getitem__" and not is_marked(first):
            return found
        if asks or (marked and wanted is None):
            for out in _tensors(found):
                if not any(out is one and not is_marked(one) for one in inputs):
                    _mark(out)
        return found

    @staticmethod
    def _compare(name: str, inputs: list[Tensor]) -> None:
        # A number without dimensions may stand on the CPU, on a GPU too.
        elsewhere = [one for one in inputs if not is_marked(one) and Tensor.dim(one) > 0]
        if elsewhere:
            shape = tuple(elsewhere[0].shape)
            raise RuntimeError(
                f"Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu! "
                f"(in {name}, a tensor of the shape {shape} is on the CPU)"
            )

    @staticmethod
    def _compare_generator(name: str, generator: torch.Generator | None, on_gpu: bool) -> None:
        if generator is not None and (generator.device.type == "cuda") != on_gpu:
            raise RuntimeError(f"Expected a 'cuda' device type for generator but found 'cpu' (in {name})")

    @staticmethod
    def _attribute(func: Callable[..., Any], owner: str, args: tuple[Any, ...]) -> Any:
        tensor = args[0]
        if func.__name__ == "__set__":
            found = func(*args)
            if owner == "data" and isinstance(args[1], Tensor):
                _mark(tensor, is_marked(args[1]))
            return found
        if owner == "device":
            return GPU if is_marked(tensor) else func(*args)
        if owner == "is_cuda":
            return is_marked(tensor)
        found = func(*args)
        # A gradient is made by the backward pass, out of sight; views take after their base.
        if isinstance(found, Tensor) and is_marked(tensor):
            _mark(found)
        return found

    @staticmethod
    def _move(func: Callable[..., Any], name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        tensor, *rest = args
        if name in ("cuda", "cpu"):
            on = name == "cuda"
            found = tensor if on == is_marked(tensor) else tensor.clone()
            return found if found is tensor else _mark(found, on)
        on = is_marked(tensor)
        if rest and isinstance(rest[0], Tensor):
            on = is_marked(rest[0])
        places = [one for one in (*rest, kwargs.get("device")) if isinstance(one, str | torch.device)]
        if places:
            on = _on_gpu(places[0])
        rest = [CPU if isinstance(one, str | torch.device) else one for one in rest]
        if "device" in kwargs:
            kwargs["device"] = CPU
        found = func(tensor, *rest, **kwargs)
        if found is tensor and on != is_marked(tensor):
            found = tensor.clone() if tensor.requires_grad else tensor.detach().clone()
        return found if found is tensor else _mark(found, on)


@contextlib.contextmanager
def stand_in_gpu() -> Iterator[StandIn]:
    """Put the stand-in in place of a GPU, for everything that asks torch for one."""
    made, copied = nn.Parameter.__new__, nn.Parameter.__deepcopy__

    # Parameters are made where no mode sees it.
    def new(cls: type[nn.Parameter], data: Any = None, requires_grad: bool = True) -> nn.Parameter:
        found: nn.Parameter = _mark(made(cls, data, requires_grad), is_marked(data))
        return found

    def deepcopy(parameter: nn.Parameter, memo: dict[int, Any]) -> nn.Parameter:
        found: nn.Parameter = _mark(copied(parameter, memo), is_marked(parameter))
        return found

    answers = {
        "is_available": True,
        "device_count": 1,
        "current_device": 0,
        "synchronize": None,
        "get_device_name": "stand-in",
        "is_bf16_supported": False,
        "get_rng_state": torch.get_rng_state(),
        "set_rng_state": None,
        "manual_seed": None,
        "manual_seed_all": None,
    }
    with contextlib.ExitStack() as stack:
        for name, answer in answers.items():
            stack.enter_context(mock.patch(f"torch.cuda.{name}", return_value=answer))
        stack.enter_context(mock.patch.object(nn.Parameter, "__new__", new))
        stack.enter_context(mock.patch.object(nn.Parameter, "__deepcopy__", deepcopy))
        stack.enter_context(mock.patch("torch.Generator", Generator))
        yield stack.enter_context(StandIn())
