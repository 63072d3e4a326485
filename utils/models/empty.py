"""Models without weights, for loaders that bring their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from utils.arguments import instance
from utils.models.config import ModelConfig
from utils.models.gpt import GPT


class _SkipInitialisers(TorchFunctionMode):
    """Leave tensors as they are where torch.nn.init would draw them.

    Drawing on the meta device would be idle work, and its first call imports torch's compiler: two seconds.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        if getattr(func, "__module__", None) == "torch.nn.init":
            return args[0] if args else (kwargs or {})["tensor"]
        return func(*args, **(kwargs or {}))


def empty_model(config: ModelConfig) -> GPT:
    """Return a GPT on the meta device: all shapes and names, no memory.

    Raises:
        ValueError: the config is no ModelConfig.
    """
    instance("config", config, ModelConfig)
    with torch.device("meta"), _SkipInitialisers():
        return GPT(config)
