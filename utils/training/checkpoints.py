"""Weights on disk: one safetensors file that carries the config of what it holds.

safetensors holds tensors and strings and nothing that runs, so a file from elsewhere is safe to open. Files are
written beside their place and moved there when complete: a kill leaves the old file or the new one, never a half.
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


class CheckpointError(ValueError):
    """A file is no readable checkpoint, or one of another config; the message names the file and the difference."""


def model_config(model: nn.Module) -> dict[str, Any]:
    """Return `model.config` as plain data; a model without a config gives {}."""
    config = getattr(model, "config", None)
    if config is None:
        return {}
    if is_dataclass(config) and not isinstance(config, type):
        return _plain(asdict(config))
    if hasattr(config, "to_dict"):
        return _plain(config.to_dict())
    return _plain(dict(config))


def save_model(
    path: str | Path, model: nn.Module, *, dtype: torch.dtype | None = None, notes: Mapping[str, Any] | None = None
) -> None:
    """Write the weights of `model` with its config.

    Args:
        path: the file to write; its folder is made.
        model: any module; `model.config`, a dataclass, goes into the file.
        dtype: type to store floating-point weights in; None keeps theirs.
        notes: more plain data to keep in the file, such as the loss reached.
    """
    tensors = state_tensors(model)
    if dtype is not None:
        tensors = {n: t.to(dtype) if t.is_floating_point() else t for n, t in tensors.items()}
    write(path, tensors, {"model_config": model_config(model), "notes": dict(notes or {})})


def load_weights(path: str | Path, model: nn.Module) -> dict[str, Any]:
    """Fill `model` with the weights of a file from `save_model` or of a training checkpoint; return its notes.

    Raises:
        CheckpointError: the file is missing, cut, or of a model with another config, or other names or shapes.
    """
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
    """Return the model's state by name, on the CPU; of tensors that share memory (tied weights) the first only."""
    seen: set[tuple[Any, ...]] = set()
    tensors = {}
    for name, tensor in model.state_dict().items():
        place = (tensor.data_ptr(), tensor.shape, tensor.stride()) if tensor.numel() else (name,)
        if place not in seen:
            seen.add(place)
            tensors[name] = tensor.detach().cpu().contiguous()
    return tensors


def load_state_tensors(path: str | Path, model: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Fill the model's state with tensors from `state_tensors`, in the model's types."""
    expected = state_tensors(model)
    missing, surplus = sorted(expected.keys() - tensors.keys()), sorted(tensors.keys() - expected.keys())
    if missing or surplus:
        raise CheckpointError(f"{path} is of another model: missing {missing[:5]}, not expected {surplus[:5]}")
    for name, tensor in expected.items():
        if tensor.shape != tensors[name].shape:
            found, wanted = tuple(tensors[name].shape), tuple(tensor.shape)
            raise CheckpointError(f"{path} is of another model: {name} has shape {found}, the model's has {wanted}")
    state = model.state_dict()
    with torch.no_grad():
        for name, tensor in tensors.items():
            state[name].copy_(tensor)


def write(path: str | Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, Any]) -> None:
    """Write tensors and plain data to one file, complete or not at all."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        # One string, since the order in which safetensors writes several is not fixed, and files should be.
        save_file(dict(tensors), partial, metadata={"course": json.dumps(metadata, sort_keys=True)})
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def read(path: str | Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the tensors, on the CPU, and the plain data of a file from `write`."""
    metadata = read_metadata(path)
    with safe_open(path, framework="pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, metadata  # noqa: SIM118 (no mapping)


def read_metadata(path: str | Path) -> dict[str, Any]:
    """Return the plain data of a file from `write`, without reading its tensors.

    Raises:
        CheckpointError: the file is missing, cut or damaged, or was not written by this module.
    """
    if not Path(path).is_file():
        raise CheckpointError(f"{path} does not exist")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} is no readable safetensors file (cut or damaged?): {error}") from error
    if "course" not in metadata:
        raise CheckpointError(f"{path} carries no config of this course")
    return json.loads(metadata["course"])


def require_equal(path: str | Path, what: str, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Raise `CheckpointError` that names each field in which a file's config departs from the wanted one."""
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
