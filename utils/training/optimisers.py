"""Which optimiser trains which parameter of a language model."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from utils.arguments import instance, real_number
from utils.training.config import TrainingConfig
from utils.training.muon import Muon


def hidden_matrices(model: nn.Module) -> list[Tensor]:
    """Return the parameters that Muon trains: matrices between the embedding and the output layer.

    An embedding's rows are looked up one at a time, and so is an output layer's class vector: neither acts as a
    map between hidden spaces, so both stay with AdamW. The output layer is found by its size: a linear layer with as
    many outputs as the largest embedding has rows.

    Raises:
        ValueError: the model is no module.
    """
    instance("model", model, nn.Module, "a module")
    embeddings = [module for module in model.modules() if isinstance(module, nn.Embedding)]
    vocabulary = max((embedding.num_embeddings for embedding in embeddings), default=None)
    excluded = {id(embedding.weight) for embedding in embeddings}
    for module in model.modules():
        if isinstance(module, nn.Linear) and module.out_features == vocabulary:
            excluded.add(id(module.weight))
    return [p for p in model.parameters() if p.requires_grad and p.ndim >= 2 and id(p) not in excluded]


def build_optimisers(model: nn.Module, config: TrainingConfig) -> list[torch.optim.Optimizer]:
    """Return the optimisers of `config` over the trainable parameters of `model`, each parameter in exactly one.

    Raises:
        ValueError: the model is no module or has no trainable parameter, or the config is none.
    """
    instance("model", model, nn.Module, "a module")
    instance("config", config, TrainingConfig)
    trainable = [p for p in model.parameters() if p.requires_grad]
    if not trainable:
        raise ValueError("model has no trainable parameter")
    optimisers: list[torch.optim.Optimizer] = []
    matrices = hidden_matrices(model) if config.optimiser == "muon" else []
    if matrices:
        optimisers.append(Muon(matrices, config.muon_lr, config.momentum, config.weight_decay))
    chosen = {id(p) for p in matrices}
    rest = [p for p in trainable if id(p) not in chosen]
    # Gains and biases set a scale, which decay would pull towards 0; only matrices decay.
    groups = [
        {"params": [p for p in rest if p.ndim >= 2], "weight_decay": config.weight_decay},
        {"params": [p for p in rest if p.ndim < 2], "weight_decay": 0.0},
    ]
    if rest:
        optimisers.append(
            torch.optim.AdamW(
                [group for group in groups if group["params"]],
                lr=config.lr,
                betas=(config.beta1, config.beta2),
                eps=config.epsilon,
                fused=all(p.device.type in ("cpu", "cuda") for p in rest),
            )
        )
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["initial_lr"] = group["lr"]
    return optimisers


def set_learning_rates(optimisers: Iterable[torch.optim.Optimizer], factor: float) -> None:
    """Set every group's learning rate to `factor` times its peak.

    Raises:
        ValueError: the factor is negative, or an optimiser is none of `build_optimisers`.
    """
    factor = real_number("factor", factor, least=0)
    instance("optimisers", optimisers, Iterable, "a series of optimisers")  # type: ignore[type-abstract]
    for optimiser in optimisers:
        for group in instance("optimisers", optimiser, torch.optim.Optimizer, "optimisers").param_groups:
            if "initial_lr" not in group:
                raise ValueError("optimisers must come from build_optimisers: a group has no initial_lr")
            group["lr"] = group["initial_lr"] * factor
