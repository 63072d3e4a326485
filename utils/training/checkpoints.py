"""Weights on disk: one safetensors file that carries the config of what it holds.

safetensors holds tensors and strings and nothing that runs, so a file from elsewhere is safe to open. Files are
written beside their place and moved there when complete and read back: a kill or a full disk leaves the old file or
the new one, never a half. Names are those of the plain model, whether or not it was compiled when it was saved.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from utils.arguments import file_path, instance, shown
from utils.arguments import tensor as checked_tensor
from utils.models.wrappers import plain_name, unwrapped


class CheckpointError(ValueError):
    """A file is no readable checkpoint, or one of another config; the message names the file and the difference."""


def model_config(model: nn.Module) -> dict[str, Any]:
    """Return `model.config` as plain data; a model without a config gives {}.

    Raises:
        ValueError: the model is no module, or its config neither a dataclass nor a mapping.
    """
    config = getattr(unwrapped(model), "config", None)
    if config is None:
        return {}
    if hasattr(config, "to_dict"):
        return _plain(config.to_dict())
    if is_dataclass(config) and not isinstance(config, type):
        return _plain(asdict(config))
    if isinstance(config, Mapping):
        return _plain(config)
    raise ValueError(f"model.config must be a dataclass or a mapping, not {shown(config)}")


def save_model(
    path: str | Path, model: nn.Module, *, dtype: torch.dtype | None = None, notes: Mapping[str, Any] | None = None
) -> None:
    """Write the weights of `model` with its config.

    Args:
        path: the file to write; its folder is made.
        model: any module; `model.config`, a dataclass, goes into the file.
        dtype: type to store floating-point weights in; None keeps theirs.
        notes: more plain data to keep in the file, such as the loss reached.

    Raises:
        CheckpointError: a weight is infinite or NaN, or would be in `dtype`; a file that is there stays as it is.
        ValueError: the model is no module, or `dtype` no floating-point type.
    """
    tensors = state_tensors(model)
    if dtype is not None:
        if not (isinstance(dtype, torch.dtype) and dtype.is_floating_point):
            raise ValueError(f"dtype must be a floating-point type of torch, not {dtype!r}")
        tensors = {n: t.to(dtype) if t.is_floating_point() else t for n, t in tensors.items()}
    if notes is not None:
        instance("notes", notes, Mapping, "a mapping")  # type: ignore[type-abstract]
    # Buffers may hold what they like: a mask is made of infinities.
    weights = {plain_name(name) for name, _ in unwrapped(model).named_parameters()}
    broken = not_finite({name: tensor for name, tensor in tensors.items() if name in weights})
    if broken:
        stored = "" if dtype is None else f" in {dtype}"
        raise CheckpointError(f"{path} is not written: {broken} holds infinite numbers or NaN{stored}")
    write(path, tensors, {"model_config": model_config(model), "notes": dict(notes or {})})


def load_weights(path: str | Path, model: nn.Module) -> dict[str, Any]:
    """Fill `model` with the weights of a file from `save_model` or of a training checkpoint; return its notes.

    Raises:
        CheckpointError: the file is missing, cut, or of a model with another config, or other names or shapes.
        ValueError: the model is no module.
    """
    instance("model", model, nn.Module, "a module")
    tensors, metadata = read(path)
    require_equal(path, "model_config", metadata.get("model_config", {}), model_config(model))
    # A training checkpoint holds the model among other things, under a prefix.
    if "training_config" in metadata:
        tensors = {n.removeprefix("model."): t for n, t in tensors.items() if n.startswith("model.")}
    load_state_tensors(path, model, tensors)
    return metadata.get("notes", {})


def load_gpt(path: str | Path) -> nn.Module:
    """Return the course's `GPT` that a file holds, in evaluation mode, in float32.

    Raises:
        CheckpointError: the file is missing or cut, or holds no config of a GPT.
    """
    from utils.models.config import ModelConfig
    from utils.models.gpt import GPT

    config = read_metadata(path).get("model_config", {})
    try:
        model = GPT(ModelConfig.from_dict(config))
    except (TypeError, ValueError) as error:
        raise CheckpointError(f"{path} holds no config of a GPT: {config!r}") from error
    load_weights(path, model)
    return model.eval()


def state_tensors(model: nn.Module) -> dict[str, Tensor]:
    """Return the model's state by its plain names, on the CPU; of tensors that share memory (tied weights) the first.

    Raises:
        ValueError: the model is no module.
    """
    seen: set[tuple[Any, ...]] = set()
    tensors = {}
    for name, tensor in _plain_state(model).items():
        place = (tensor.data_ptr(), tensor.shape, tensor.stride()) if tensor.numel() else (name,)
        if place not in seen:
            seen.add(place)
            tensors[name] = tensor.detach().cpu().contiguous()
    return tensors


def load_state_tensors(path: str | Path, model: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Fill the model's state with tensors from `state_tensors`, in the model's types.

    Raises:
        CheckpointError: a tensor is missing, not expected, or of another shape; nothing is filled then.
        ValueError: the model is no module.
    """
    expected = state_tensors(model)
    # Files of compiled models from before their names were made plain.
    given = instance("tensors", tensors, Mapping, "a mapping")  # type: ignore[type-abstract]
    tensors = {plain_name(name): tensor for name, tensor in given.items()}
    missing, surplus = sorted(expected.keys() - tensors.keys()), sorted(tensors.keys() - expected.keys())
    if missing or surplus:
        raise CheckpointError(f"{path} is of another model: missing {missing[:5]}, not expected {surplus[:5]}")
    for name, tensor in expected.items():
        if tensor.shape != tensors[name].shape:
            found, wanted = tuple(tensors[name].shape), tuple(tensor.shape)
            raise CheckpointError(f"{path} is of another model: {name} has shape {found}, the model's has {wanted}")
    state = _plain_state(model)
    with torch.no_grad():
        for name, tensor in tensors.items():
            state[name].copy_(tensor)


def _plain_state(model: nn.Module) -> dict[str, Tensor]:
    return {plain_name(name): tensor for name, tensor in unwrapped(model).state_dict().items()}


def not_finite(tensors: Mapping[str, Tensor]) -> str | None:
    """Return the name of the first tensor with an infinite number or NaN, or None; ValueError for what is no tensor."""
    for name, value in instance("tensors", tensors, Mapping, "a mapping").items():  # type: ignore[type-abstract]
        if checked_tensor(name, value).is_floating_point() and not bool(value.isfinite().all()):
            return name
    return None


def write(path: str | Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, Any]) -> None:
    """Write tensors and plain data to one file, complete or not at all.

    Raises:
        ValueError: the path is none, or something else than tensors is to be written.
        CheckpointError: what was written cannot be read back; a file that is there stays as it is.
    """
    path = file_path("path", path)
    for name, value in instance("tensors", tensors, Mapping, "a mapping").items():  # type: ignore[type-abstract]
        checked_tensor(f"tensors[{name!r}]", value)
    instance("metadata", metadata, Mapping, "a mapping")  # type: ignore[type-abstract]
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        # One string, since the order in which safetensors writes several is not fixed, and files should be.
        save_file(dict(tensors), partial, metadata={"course": json.dumps(metadata, sort_keys=True)})
        _verify(partial, tensors)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _verify(partial: Path, tensors: Mapping[str, Tensor]) -> None:
    """Raise `CheckpointError` unless a file holds the tensors' names and all bytes that its header promises."""
    try:
        with safe_open(partial, framework="pt") as file:
            found = set(file.keys())
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{partial.name} was not written as a whole: {error}") from error
    if found != set(tensors):
        raise CheckpointError(f"{partial.name} was not written as a whole: it lacks {sorted(set(tensors) - found)[:5]}")


def read(path: str | Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the tensors, on the CPU, and the plain data of a file from `write`.

    Raises:
        CheckpointError: as `read_metadata`.
    """
    metadata = read_metadata(path)
    with safe_open(path, framework="pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, metadata  # noqa: SIM118 (no mapping)


def read_metadata(path: str | Path) -> dict[str, Any]:
    """Return the plain data of a file from `write`, without reading its tensors.

    Raises:
        CheckpointError: the file is missing, cut or damaged, or was not written by this module.
    """
    if not file_path("path", path).is_file():
        raise CheckpointError(f"{path} does not exist")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} is no readable safetensors file (cut or damaged?): {error}") from error
    if "course" not in metadata:
        raise CheckpointError(f"{path} carries no config of this course")
    try:
        found = json.loads(metadata["course"])
    except json.JSONDecodeError as error:
        raise CheckpointError(f"{path} carries a damaged config: {error}") from error
    if not isinstance(found, dict):
        raise CheckpointError(f"{path} carries a damaged config: {shown(found)}")
    return found


def require_equal(path: str | Path, what: str, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Raise `CheckpointError` that names each field in which a file's config departs from the wanted one."""
    for name, value in (("found", found), ("wanted", wanted)):
        instance(name, value, Mapping, "a mapping")  # type: ignore[type-abstract]
    found, wanted = _plain(found), _plain(wanted)
    names = sorted(found.keys() | wanted.keys())
    differences = [
        f"{name} is {found.get(name, 'absent')} there and {wanted.get(name, 'absent')} here"
        for name in names
        if found.get(name, ...) != wanted.get(name, ...)
    ]
    if differences:
        raise CheckpointError(f"{path} was written with another {what}: {'; '.join(differences)}")


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what JSON makes of `data`, so that a tuple compares equal to the list that it becomes on disk."""
    return json.loads(json.dumps(data, default=str))
