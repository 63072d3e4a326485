"""Kinds of value beyond plain data that both ends of the wire know how to build: generators, records, parameters.

Every `Ext` is built from plain data by a function of this file; its name is looked up in a table, never imported.
"""

from __future__ import annotations

import dataclasses
import functools
import random
import sqlite3
import sys
import types
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from utils.course.grading import databases
from utils.course.grading.wire import Ext, Ref, WireError

_MOST_FACTS = 200
_UNCHANGING = (bool, int, float, complex, str, bytes, frozenset, type(None))


def _torch() -> Any:
    return sys.modules.get("torch")


def may_change(value: Any) -> bool:
    """Return whether a function could modify this argument in place."""
    if isinstance(value, sqlite3.Connection):
        return True  # although it can be called
    return not isinstance(value, _UNCHANGING) and not callable(value)


def facts(value: Any) -> dict[str, Any]:
    """Return what a proxy needs to know about an object of the worker."""
    kind = type(value)
    torch = _torch()
    about: dict[str, Any] = {
        "type": kind.__name__[:_MOST_FACTS],
        "callable": callable(value),
        "class": isinstance(value, type),
        "module": torch is not None and isinstance(value, torch.nn.Module),
        "name": str(getattr(value, "__name__", ""))[:_MOST_FACTS],
        "home": str(getattr(value, "__module__", ""))[:_MOST_FACTS],
    }
    if about["module"]:
        nearest = next((base for base in kind.__mro__ if base.__module__.startswith("torch.nn.modules.")), None)
        about["torch"] = nearest.__name__ if nearest is not None else "Module"
    return {name: fact for name, fact in about.items() if fact}


def parameter(value: Any, ident: int) -> Ext:
    """Return a module's parameter as its number and its value."""
    plain = value.detach()
    payload = {"ident": ident, "value": plain, "trains": bool(value.requires_grad), "grad": value.grad}
    return Ext("parameter", payload)


def named_tuple(value: tuple[Any, ...], own: Ref) -> Ext:
    """Return a named tuple as its items, what they are called, and the object itself, which the answer may get back."""
    names = [name for name in type(value)._fields if type(name) is str]  # type: ignore[attr-defined]
    return Ext("named-tuple", {"items": list(tuple.__iter__(value)), "names": names, "own": own})


def exported(value: Any, reference: Callable[[Any], Ref]) -> Any:
    """Turn an object that is no plain data into an Ext, or into a reference where it has to stay where it is."""
    torch, numpy = _torch(), sys.modules.get("numpy")
    kind = type(value)
    if kind is slice:
        return Ext("slice", (value.start, value.stop, value.step))
    if kind is range:
        return Ext("range", (value.start, value.stop, value.step))
    if kind is types.SimpleNamespace:
        return Ext("namespace", dict(vars(value)))
    if kind is random.Random:
        return Ext("random", value.getstate())
    if torch is not None:
        if kind is torch.Generator and value.device.type == "cpu":
            return Ext("torch-generator", value.get_state())
        if kind is torch.device:
            return Ext("device", str(value))
        if issubclass(kind, torch.Tensor) and kind is not torch.Tensor:
            return value.detach()
    if numpy is not None and kind is numpy.random.Generator:
        return Ext("numpy-generator", value.bit_generator.state)
    if dataclasses.is_dataclass(value) and not isinstance(value, type) and _is_ours(kind):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value) if field.init}
        return Ext("record", {"module": kind.__module__, "name": kind.__qualname__, "fields": fields})
    if torch is not None and isinstance(value, torch.nn.Module) and kind in _library_modules():
        return reference(value)
    return value if isinstance(value, Ext | Ref) else reference(value)


def authors_record(value: Any) -> Ext | None:
    """Return a dataclass that the author's cells define as what the worker, which ran them too, needs to make it."""
    kind = type(value)
    if not dataclasses.is_dataclass(kind) or kind.__module__ != "__main__":
        return None
    fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value) if field.init}
    return Ext("authors-record", {"module": "__main__", "name": kind.__qualname__, "fields": fields})


def _is_ours(kind: type) -> bool:
    return kind.__module__.startswith("utils.") and not kind.__module__.startswith("utils.course.")


@functools.cache
def _library_modules() -> dict[Any, Callable[[Any], dict[str, Any]]]:
    """Return the layers of torch that a test may make and hand to an answer, with their constructors' arguments."""
    nn = sys.modules["torch"].nn
    return {
        nn.Linear: lambda layer: {
            "in_features": layer.in_features,
            "out_features": layer.out_features,
            "bias": layer.bias is not None,
        },
        nn.Embedding: lambda layer: {
            "num_embeddings": layer.num_embeddings,
            "embedding_dim": layer.embedding_dim,
        },
        nn.LayerNorm: lambda layer: {"normalized_shape": tuple(layer.normalized_shape), "eps": layer.eps},
        nn.Identity: lambda layer: {},
    }


def is_library_module(value: Any) -> bool:
    """Return whether a value is a layer of torch that can be made again inside from what it is made of."""
    return _torch() is not None and type(value) in _library_modules()


def description_of(layer: Any) -> dict[str, Any]:
    """Return what the worker needs to make the same layer of torch as one that a test cell made."""
    return {
        "kind": type(layer).__name__,
        "arguments": _library_modules()[type(layer)](layer),
        "weights": {name: tensor.detach() for name, tensor in layer.state_dict().items()},
        "trains": {name: parameter.requires_grad for name, parameter in layer.named_parameters()},
    }


def copied_layer(layer: Any) -> Any:
    """Return a copy of one of these layers, much faster than to make it anew, which draws weights first."""
    copied = object.__new__(type(layer))
    for name, value in vars(layer).items():
        vars(copied)[name] = value.copy() if isinstance(value, dict | set) else value
    for name, weight in layer._parameters.items():
        if weight is not None:
            own = _torch().nn.Parameter(weight.detach().clone(), requires_grad=weight.requires_grad)
            copied._parameters[name] = own
    return copied


def changed_form(value: Any) -> Any:
    """Return how the scorer learns of a modified argument: of a database the contents, never the connection."""
    return Ext("database", databases.changed_form(value)) if type(value) is sqlite3.Connection else value


def _layer(payload: dict[str, Any]) -> Any:
    kinds = {kind.__name__: kind for kind in _library_modules()}
    layer = kinds[payload["kind"]](**payload["arguments"])
    layer.load_state_dict(payload["weights"])
    for name, parameter in layer.named_parameters():
        parameter.requires_grad_(payload["trains"][name])
    return layer


def _record(payload: dict[str, Any]) -> Any:
    """Build a dataclass of the course's own package; only of a module that is loaded already."""
    module = sys.modules.get(payload["module"])
    kind = getattr(module, payload["name"], None)
    if not isinstance(kind, type) or not dataclasses.is_dataclass(kind) or not _is_ours(kind):
        raise WireError(f"{payload['name']!r} is no record of the course")
    return kind(**payload["fields"])


def _authors_record(payload: dict[str, Any]) -> Any:
    return getattr(sys.modules["__main__"], payload["name"])(**payload["fields"])


def _random(state: Any) -> random.Random:
    generator = random.Random()
    generator.setstate(state)
    return generator


def _torch_generator(state: Any) -> Any:
    generator = sys.modules["torch"].Generator()
    generator.set_state(state)
    return generator


def _numpy_generator(state: dict[str, Any]) -> Any:
    import numpy

    if state["bit_generator"] not in ("PCG64", "MT19937", "Philox", "SFC64", "PCG64DXSM"):
        raise WireError("an unknown kind of generator")
    generator = numpy.random.Generator(getattr(numpy.random, state["bit_generator"])())
    generator.bit_generator.state = state
    return generator


def _device(name: str) -> Any:
    return sys.modules["torch"].device(name)


_BUILDERS: dict[str, Callable[[Any], Any]] = {
    "slice": lambda parts: slice(*parts),
    "range": lambda parts: range(*parts),
    "random": _random,
    "torch-generator": _torch_generator,
    "numpy-generator": _numpy_generator,
    "device": _device,
    "namespace": lambda fields: types.SimpleNamespace(**fields),
    "record": _record,
}
_BUILDERS_INSIDE: dict[str, Callable[[Any], Any]] = {
    **_BUILDERS,
    "layer": _layer,
    "authors-record": _authors_record,
}


def built(ext: Ext, inside: bool = True) -> Any:
    """Build the value of an Ext.

    Args:
        ext: what was sent.
        inside: in the worker; the scorer builds fewer kinds, since what it reads may be forged.

    Raises:
        WireError: the kind is unknown here, or the payload is not what it needs.
    """
    builder = (_BUILDERS_INSIDE if inside else _BUILDERS).get(ext.name)
    if builder is None:
        raise WireError(f"a value of the kind {ext.name!r} cannot be received")
    try:
        return builder(ext.payload)
    except WireError:
        raise
    except Exception as error:
        raise WireError(f"a value of the kind {ext.name!r} is malformed: {error}") from None


def gradients(enabled: bool) -> AbstractContextManager[Any]:
    """Return a context in which torch records gradients or not, as in the test cell that made the call."""
    torch = _torch()
    return torch.set_grad_enabled(enabled) if torch is not None else nullcontext()


def _tensors(value: Any, depth: int = 0) -> list[Any]:
    """Return the tensors in nested containers, in order."""
    torch = _torch()
    if torch is None or depth > 8:
        return []
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [tensor for item in value for tensor in _tensors(item, depth + 1)]
    return []


def leaves(args: list[Any], kwargs: dict[str, Any]) -> list[Any]:
    """Return the arguments' tensors that need gradients, in order."""
    return [tensor for tensor in _tensors([args, kwargs]) if tensor.requires_grad]


def attached(value: Any) -> list[Any]:
    """Return a result's tensors that a backward pass can start from, in order."""
    torch = _torch()
    return [tensor for tensor in _tensors(value) if tensor.requires_grad and not isinstance(tensor, torch.nn.Parameter)]
