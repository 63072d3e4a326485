"""Low-rank adaptation (Hu et al., 2021): a frozen matrix W plus a trained product B A of small rank.

An adapter is what was trained and nothing else: a few tensors by name, small enough to ship. For use it is added to the
weights once, so that the model keeps its shape and its speed.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utils.models.gpt import GPT

Adapter = dict[str, Tensor]


class LowRankLinear(nn.Module):
    """A frozen linear layer x -> W x with a trained low-rank part, x -> W x + (scale / rank) B A x.

    B starts at 0, so that training starts from the model as it is.
    """

    def __init__(self, frozen: nn.Linear, rank: int, scale: float, generator: torch.Generator) -> None:
        super().__init__()
        self.frozen = frozen.requires_grad_(False)
        self.factor = scale / rank
        out_features, in_features = frozen.weight.shape
        first = torch.randn(rank, in_features, generator=generator) * in_features**-0.5
        self.A = nn.Parameter(first.to(frozen.weight.device))
        self.B = nn.Parameter(torch.zeros(out_features, rank, device=frozen.weight.device))

    def forward(self, x: Tensor) -> Tensor:
        """Return (..., out) from x (..., in)."""
        return self.frozen(x) + F.linear(F.linear(x, self.A), self.B) * self.factor

    @torch.no_grad()
    def merge(self) -> nn.Linear:
        """Return one ordinary layer that maps as this one does."""
        bias = self.frozen.bias
        merged = nn.Linear(self.frozen.in_features, self.frozen.out_features, bias=bias is not None)
        merged.weight.copy_(self.frozen.weight + self.factor * (self.B @ self.A))
        if bias is not None:
            merged.bias.copy_(bias)
        return merged.to(self.frozen.weight)


def add_lora(
    module: nn.Module, rank: int, scale: float = 16.0, names: Collection[str] | None = None, seed: int = 0
) -> list[nn.Parameter]:
    """Freeze a module and give its linear layers low-rank parts, in place; return the new parameters.

    Args:
        module: a model, or some of its blocks.
        rank: of the added products.
        scale: the product's weight times the rank.
        names: last parts of the layers' names, such as "q_proj"; None for all linear layers.
        seed: of the first values of A.

    Raises:
        ValueError: the rank is below 1, or no layer has such a name.
    """
    if rank < 1:
        raise ValueError(f"rank must be at least 1, not {rank}")
    generator = torch.Generator().manual_seed(seed)
    module.requires_grad_(False)
    added: list[nn.Parameter] = []
    for path, layer in list(module.named_modules()):
        name = path.rpartition(".")[2]
        if isinstance(layer, nn.Linear) and (names is None or name in names):
            low_rank = LowRankLinear(layer, rank, scale, generator)
            setattr(module.get_submodule(path.rpartition(".")[0]), name, low_rank)
            added += [low_rank.A, low_rank.B]
    if not added:
        raise ValueError(f"names {sorted(names or ())} match no linear layer")
    return added


def adapter_of(module: nn.Module, dtype: torch.dtype = torch.float16) -> Adapter:
    """Return the trained parts, `PATH.A` and `PATH.B` for each adapted layer; the factor is multiplied into B."""
    found: Adapter = {}
    for path, layer in module.named_modules():
        if isinstance(layer, LowRankLinear):
            found[f"{path}.A"] = layer.A.detach().to(dtype).contiguous()
            found[f"{path}.B"] = (layer.B.detach() * layer.factor).to(dtype).contiguous()
    return found


@torch.no_grad()
def with_adapter(model: GPT, adapter: Mapping[str, Tensor]) -> GPT:
    """Return a model with the adapter added to its weights; what it does not touch is shared with `model`.

    Raises:
        ValueError: the adapter names layers that the model does not have, or is of another shape.
    """
    paths = sorted({name.rpartition(".")[0] for name in adapter})
    adapted = copy.deepcopy(model, {id(p): p for p in model.parameters()})
    for path in paths:
        try:
            layer = adapted.get_submodule(path)
        except AttributeError:
            raise ValueError(f"adapter: the model has no layer {path!r}") from None
        A, B = adapter[f"{path}.A"].float(), adapter[f"{path}.B"].float()
        if not isinstance(layer, nn.Linear) or layer.weight.shape != (B.shape[0], A.shape[1]):
            raise ValueError(f"adapter: {path} has the shapes {tuple(B.shape)} and {tuple(A.shape)}, not the model's")
        weight = layer.weight
        layer.weight = nn.Parameter(weight + (B @ A).to(weight), requires_grad=weight.requires_grad)
    return adapted.eval()
