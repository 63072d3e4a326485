"""Muon: momentum whose update is orthogonalised, for the hidden matrices of a network (Jordan et al., 2024).

A gradient's matrix is often nearly of low rank: a few directions dominate. Muon replaces all singular values of the
momentum by about 1, so that rare directions learn as fast as common ones. A Newton-Schulz iteration does that with
matrix products alone, without a singular value decomposition.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

from utils.arguments import called, real_number, shown, tensor, whole_number

# Quintic whose slope at 0 is steep: five steps bring singular values from about 0.003 up into roughly [0.7, 1.2].
# It does not converge to exactly 1, and need not: only the order of magnitude matters for the update.
_A, _B, _C = 3.4445, -4.7750, 2.0315


def orthogonalise(matrices: Tensor, iterations: int = 5) -> Tensor:
    """Return the nearly orthogonal factors of matrices: U V^T of U S V^T, with singular values of about 1.

    Args:
        matrices: (..., rows, columns), any float type; the leading dimensions are a batch of matrices.
        iterations: Newton-Schulz steps.

    Raises:
        ValueError: `matrices` has fewer than two dimensions, or the iterations are no whole number.
    """
    tensor("matrices", matrices, kind="float")
    iterations = whole_number("iterations", iterations, least=0)
    if matrices.ndim < 2:
        raise ValueError(f"matrices must have at least two dimensions, not {matrices.ndim}")
    # bfloat16 is precise enough for this iteration and twice as fast where matrix units have it.
    X = matrices.to(torch.bfloat16 if matrices.is_cuda else torch.float32).reshape(-1, *matrices.shape[-2:])
    wide = X.size(-2) <= X.size(-1)
    if not wide:  # X X^T is the smaller product when X is wide
        X = X.mT.contiguous()
    X = X / (torch.linalg.vector_norm(X, dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(iterations):
        gram = torch.bmm(X, X.mT)
        polynomial = torch.baddbmm(gram, gram, gram, beta=_B, alpha=_C)
        X = torch.baddbmm(X, polynomial, X, beta=_A)  # A X + (B G + C G G) X
    return (X if wide else X.mT).reshape(matrices.shape).to(matrices.dtype)


class Muon(torch.optim.Optimizer):
    """Nesterov momentum, orthogonalised, with decoupled weight decay.

    Args:
        parameters: matrices (..., rows, columns); leading dimensions, as in stacked experts, are a batch.
        lr: step length; multiplied by sqrt(max(1, rows / columns)), so that one value serves all shapes.
        momentum: share of the momentum that survives a step.
        weight_decay: decoupled decay, times the learning rate.

    Raises:
        ValueError: a parameter is no matrix, or a constant is out of range.
    """

    def __init__(
        self,
        parameters: Iterable[Tensor] | Iterable[dict[str, Any]],
        lr: float = 0.02,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
    ) -> None:
        lr, momentum = real_number("lr", lr, above=0), real_number("momentum", momentum, least=0, below=1)
        weight_decay = real_number("weight_decay", weight_decay, least=0)
        try:
            super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})
        except TypeError as error:
            raise ValueError(f"parameters must be tensors, not {shown(parameters)}: {error}") from error
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.ndim < 2:
                    raise ValueError(f"Muon trains matrices, not a parameter of shape {tuple(parameter.shape)}")

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Take one step; `closure`, if given, is evaluated first and its value returned."""
        loss = None
        if closure is not None:
            called("closure", closure)
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            # Equal shapes are orthogonalised together: on small models the calls cost more than the products.
            by_shape: dict[tuple[Any, ...], list[Tensor]] = defaultdict(list)
            for parameter in group["params"]:
                if parameter.grad is not None:
                    # A tall matrix goes with the wide ones that have its transpose's shape.
                    short, long = sorted(parameter.shape[-2:])
                    key = (*parameter.shape[:-2], short, long, parameter.device, parameter.dtype)
                    by_shape[key].append(parameter)
            for parameters in by_shape.values():
                self._step_together(parameters, group)
        return loss

    def _step_together(self, parameters: list[Tensor], group: dict[str, Any]) -> None:
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        momenta = []
        for parameter in parameters:
            state = self.state[parameter]
            if "momentum" not in state:
                state["momentum"] = torch.zeros_like(parameter)
            momenta.append(state["momentum"])
        torch._foreach_lerp_(momenta, gradients, 1 - group["momentum"])
        ahead = torch._foreach_lerp(gradients, momenta, group["momentum"])  # Nesterov: one step further
        tall = [matrix.size(-2) > matrix.size(-1) for matrix in ahead]
        updates = orthogonalise(torch.stack([m.mT if t else m for m, t in zip(ahead, tall, strict=True)]))
        if group["weight_decay"]:
            torch._foreach_mul_(parameters, 1 - group["lr"] * group["weight_decay"])
        for parameter, update, is_tall in zip(parameters, updates.unbind(), tall, strict=True):
            rows, columns = parameter.shape[-2:]
            step = group["lr"] * max(1.0, rows / columns) ** 0.5
            parameter.add_(update.mT if is_tall else update, alpha=-step)
