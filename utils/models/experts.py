"""Mixture of experts: a router sends each token to a few of many MLPs (Shazeer et al., 2017)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from utils.arguments import instance, tensor, whole_number
from utils.models.config import ModelConfig
from utils.models.mlp import MLP, GatedMLP


def route_top_k(router_logits: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Return weights and expert ids (..., k), the softmax over the chosen k logits only, largest first.

    Raises:
        ValueError: k is not between 1 and the number of experts, or the logits are no tensor of numbers.
    """
    tensor("router_logits", router_logits, least_dims=1, kind="float")
    k = whole_number("k", k)
    if not 1 <= k <= router_logits.shape[-1]:
        raise ValueError(f"k must be between 1 and {router_logits.shape[-1]} experts, not {k}")
    values, experts = router_logits.topk(k, dim=-1)
    return values.softmax(-1), experts


def load_balancing_loss(router_logits: Tensor, experts: Tensor) -> Tensor:
    """Return E * sum_e f_e p_e: 1 for a uniform load, up to E when one expert takes all.

    f_e is the share of routed tokens that expert e gets and p_e its mean router probability; only p carries
    a gradient (Fedus et al., 2022, "Switch transformers", equation 4, with f averaged over the k choices).

    Args:
        router_logits: (N, E) for N tokens.
        experts: (N, k) ids that were chosen.

    Raises:
        ValueError: other shapes, or no tokens.
    """
    tensor("router_logits", router_logits, dims=2, kind="float")
    tensor("experts", experts, dims=2, kind="integer")
    if len(experts) != len(router_logits) or not experts.numel():
        raise ValueError(
            f"experts must hold the choices of each of {len(router_logits)} tokens, at least one,"
            f" not the shape {tuple(experts.shape)}"
        )
    n_experts = router_logits.shape[-1]
    load = torch.bincount(experts.flatten(), minlength=n_experts) / experts.numel()
    return n_experts * (load.to(router_logits.dtype) * router_logits.softmax(-1).mean(0)).sum()


class MixtureOfExperts(nn.Module):
    """Each token goes through its top k of `n_experts` MLPs, weighted by the router.

    After a forward pass `balance_loss` holds the load balancing loss of that pass and `load` (E,) the share
    of routed tokens each expert received.
    """

    balance_loss: Tensor
    load: Tensor

    def __init__(self, config: ModelConfig) -> None:
        instance("config", config, ModelConfig)
        super().__init__()
        if config.n_experts < 1:
            raise ValueError(f"n_experts must be at least 1 for a mixture of experts, not {config.n_experts}")
        expert = GatedMLP if config.gated else MLP
        self.d_model, self.experts_per_token = config.d_model, config.experts_per_token
        self.router = nn.Linear(config.d_model, config.n_experts, bias=False)
        self.experts = nn.ModuleList(expert(config.d_model, config.ff_dim) for _ in range(config.n_experts))
        self.balance_loss = torch.zeros(())
        self.load = torch.zeros(config.n_experts)

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy or a pickle takes along: the last loss as a number, a copy has no part in its graph."""
        return {**self.__dict__, "balance_loss": self.balance_loss.detach()}

    def forward(self, x: Tensor) -> Tensor:
        """Return (..., D) from x (..., D)."""
        tensor("x", x, least_dims=1, last=self.d_model)
        tokens = x.reshape(-1, x.shape[-1])
        logits = self.router(tokens)
        weights, chosen = route_top_k(logits, self.experts_per_token)
        self.balance_loss = load_balancing_loss(logits, chosen)
        n_experts = len(self.experts)
        counts = torch.bincount(chosen.flatten(), minlength=n_experts)
        self.load = (counts / chosen.numel()).detach()
        # Sorting the (token, choice) pairs by expert gives every expert one contiguous slice.
        order = chosen.flatten().argsort(stable=True)
        token_of = order // self.experts_per_token
        sorted_weights = weights.flatten()[order, None]
        slices = tokens[token_of].split(counts.tolist())
        outputs = torch.cat([expert(part) for expert, part in zip(self.experts, slices, strict=True)])
        mixed = torch.zeros_like(tokens).index_add(0, token_of, outputs * sorted_weights)
        return mixed.view_as(x)
