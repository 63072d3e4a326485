"""Operations of a real training step, counted by torch as it runs, beside 6 N D; and the peak of this machine."""

from __future__ import annotations

import time
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from utils.models.gpt import GPT
from utils.training.losses import next_token_loss


@dataclass(frozen=True)
class StepFlops:
    """Operations of a forward and a backward pass; a multiplication and an addition count as two.

    Attributes:
        total: all products.
        attention: scores and mixing of values, which no parameter takes part in.
        output: product with the output embedding.
        blocks: products with the matrices of the blocks.
        rule: 6 N D with N all parameters and D the tokens of the batch.
    """

    total: int
    attention: int
    output: int
    blocks: int
    rule: int

    @property
    def ratio(self) -> float:
        """What was counted over 6 N D."""
        return self.total / self.rule


def step_flops(model: GPT, inputs: Tensor, targets: Tensor) -> StepFlops:
    """Count the operations of one training step of `model`; its gradients are left as they were.

    Torch's counter sees matrix products; norms, activations and the optimiser are a few percent more in a small model
    and less in a large one. Attention runs as plain products here: the counter does not see inside a fused kernel.

    Args:
        model: a transformer of this course.
        inputs, targets: (B, T) token ids.
    """
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    counter = FlopCounterMode(display=False)
    with sdpa_kernel(SDPBackend.MATH), counter:
        total, count = next_token_loss(model, inputs, targets)
        torch.autograd.grad(total / count, parameters)
    by_operation = {str(name): int(flops) for name, flops in counter.get_flop_counts()["Global"].items()}
    # Products with weights are of two dimensions, those between positions are batched.
    attention = sum(flops for name, flops in by_operation.items() if "bmm" in name)
    tokens = inputs.numel()
    output = 6 * model.head.weight.numel() * tokens
    everything = sum(by_operation.values())
    rule = 6 * sum(parameter.numel() for parameter in model.parameters()) * tokens
    return StepFlops(everything, attention, output, everything - attention - output, rule)


def peak_flops_per_second(size: int = 768, seconds: float = 0.5, dtype: torch.dtype = torch.float32) -> float:
    """Return the fastest of repeated products of two square matrices on this machine's CPU, in FLOP per second.

    Args:
        size: rows and columns; large enough that starting a product costs nothing.
        seconds: how long to repeat.
        dtype: of the matrices.

    Raises:
        ValueError: size or seconds is not positive.
    """
    if size < 1 or not seconds > 0:
        raise ValueError(f"size ({size}) and seconds ({seconds}) must be positive")
    generator = torch.Generator().manual_seed(0)
    a = torch.randn(size, size, generator=generator).to(dtype)
    b = torch.randn(size, size, generator=generator).to(dtype)
    fastest, until = float("inf"), time.perf_counter() + seconds
    while fastest == float("inf") or time.perf_counter() < until:
        start = time.perf_counter()
        torch.mm(a, b)
        fastest = min(fastest, time.perf_counter() - start)
    return 2 * size**3 / fastest
