"""What a step minimises, as a total over targets and their number, so that means over parts can be joined exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from utils.arguments import called, instance, shown, tensor

# Called with the model and the tensors of a batch; returns the loss summed over the batch, and the number of things
# it was summed over (both scalars).
Loss = Callable[..., tuple[Tensor, Tensor]]


def next_token_loss(model: nn.Module, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Return the summed negative log-likelihood in nats of the targets, and how many are counted.

    Args:
        model: maps ids (B, T) to logits (B, T, V), or to an object with an attribute `logits`.
        inputs: (B, T) token ids.
        targets: (B, T) token ids, already moved on by one; -100 is not counted.

    Raises:
        ValueError: targets of another shape or type than the logits call for, or outside of the vocabulary.
    """
    called("model", model)
    tensor("inputs", inputs)
    tensor("targets", targets, kind="integer")
    output = model(inputs)
    logits: Tensor = getattr(output, "logits", output)
    if tensor("logits", logits, least_dims=2).shape[:-1] != targets.shape:
        raise ValueError(f"targets must have the shape {tuple(logits.shape[:-1])}, not {tuple(targets.shape)}")
    # Cross-entropy in float32 whatever the matrices ran in: a sum of exponentials needs the digits.
    flat = targets.flatten().long()
    try:
        total = F.cross_entropy(logits.flatten(0, -2).float(), flat, ignore_index=-100, reduction="sum")
    except IndexError as error:
        raise ValueError(f"targets must lie between 0 and {logits.shape[-1] - 1}, or be -100: {error}") from error
    return total, (targets != -100).sum()


@torch.no_grad()
def mean_loss(model: nn.Module, batches: Iterable[tuple[Tensor, ...]], loss: Loss = next_token_loss) -> float:
    """Return the mean loss over all batches, each target counted once, in evaluation mode (no dropout).

    Raises:
        ValueError: the model is no module, or the batches are none or hold no target.
    """
    instance("model", model, nn.Module, "a module")
    called("loss", loss)
    instance("batches", batches, Iterable, "a series of batches")  # type: ignore[type-abstract]
    device = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
    was_training = model.training
    model.eval()
    try:
        total, count = 0.0, 0
        for batch in batches:
            if not isinstance(batch, tuple | list) or not all(isinstance(part, Tensor) for part in batch):
                raise ValueError(f"batches must hold tuples of tensors, not {shown(batch)}")
            batch_total, batch_count = loss(model, *(tensor.to(device) for tensor in batch))
            total += batch_total.item()
            count += int(batch_count.item())
    finally:
        model.train(was_training)
    if count == 0:
        raise ValueError("batches hold no target to evaluate on")
    return total / count
