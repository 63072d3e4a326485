"""Models inside of wrappers: `torch.compile` and data parallelism put a module around another one."""

from __future__ import annotations

from torch import nn

from utils.arguments import instance

# The attribute under which torch.compile's module keeps the one that it compiled.
COMPILED = "_orig_mod"


def plain_name(name: str) -> str:
    """Return a parameter's name without what `torch.compile` adds to it, for the whole model or a part of it.

    Raises:
        ValueError: the name is no text.
    """
    parts = instance("name", name, str, "a parameter's name").split(".")
    return ".".join(part for part in parts if part != COMPILED)


def unwrapped(model: nn.Module) -> nn.Module:
    """Return the model inside of `torch.compile` and of data parallelism; any other model as it is.

    Raises:
        ValueError: the model is no module.
    """
    instance("model", model, nn.Module, "a module")
    while True:
        inner = model
        if isinstance(model, nn.parallel.DistributedDataParallel | nn.DataParallel):
            inner = model.module
        elif COMPILED in model._modules:
            inner = model._modules[COMPILED] or model
        if inner is model:
            return model
        model = inner
