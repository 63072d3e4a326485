"""A trained model with other weights for a while: rounded to fewer bits, or with some of them at zero."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utils.training.memory import give_back_memory


@torch.no_grad()
def put_weights(model: nn.Module, values: Mapping[str, Tensor]) -> None:
    """Give a model these weights, by name."""
    give_back_memory()  # what the weights before these took
    for name, parameter in model.named_parameters():
        parameter.copy_(values[name])


@torch.inference_mode()
def reading_loss(model: nn.Module, ids: Tensor) -> float:
    """Return the loss of a model on ids (1, T), in nats per token."""
    return float(F.cross_entropy(model(ids[:, :-1])[0], ids[0, 1:]))


def tensor_bytes(*tensors: Tensor) -> int:
    """Return the bytes that the numbers of these tensors take."""
    return sum(one.numel() * one.element_size() for one in tensors)


def int8_rows(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Return a matrix as whole numbers from -127 to 127, and one scale for each row (rows, 1).

    Raises:
        ValueError: it is no matrix.
    """
    if matrix.dim() != 2:
        raise ValueError(f"matrix has the shape {tuple(matrix.shape)}: two dimensions are needed")
    scale = matrix.abs().amax(1, keepdim=True).clamp(min=torch.finfo(matrix.dtype).tiny) / 127
    return (matrix / scale).round().to(torch.int8), scale


def to_bfloat16(values: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], int]:
    """Return weights rounded to bfloat16, and the bytes they take."""
    rounded = {name: value.bfloat16() for name, value in values.items()}
    return rounded, tensor_bytes(*rounded.values())


def to_int8(values: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], int]:
    """Return weights rounded to int8 with one scale a row, and the bytes they take; vectors stay as they are."""
    rounded, size = {}, 0
    for name, value in values.items():
        if value.dim() < 2:
            rounded[name], size = value, size + 4 * value.numel()
        else:
            whole, scale = int8_rows(value)
            rounded[name], size = whole * scale, size + tensor_bytes(whole, scale)
    return rounded, size


def with_zeros(values: Mapping[str, Tensor], share: float, at_random: bool = False) -> tuple[dict[str, Tensor], float]:
    """Return weights with a share of every matrix at zero, and the sparsity of the whole.

    Args:
        values: weights by name; vectors keep all of theirs.
        share: of each matrix, from 0 to 1.
        at_random: zeros at random places instead of the smallest weights.

    Raises:
        ValueError: the share lies outside 0 to 1.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share is {share}: it must lie between 0 and 1")
    generator, zeros, total, changed = torch.Generator().manual_seed(0), 0, 0, {}
    for name, value in values.items():
        total += value.numel()
        changed[name] = value
        if value.dim() < 2:
            continue
        if at_random:
            changed[name] = value * (torch.rand(value.shape, generator=generator) >= share)
        else:
            # The threshold comes from a sample: exact to a percent, and many times faster.
            sample = value.flatten()[:: max(1, value.numel() // 50_000)].abs()
            threshold = float(sample.kthvalue(max(1, round(share * len(sample)))).values)
            changed[name] = F.hardshrink(value, threshold)  # 0 where |weight| <= threshold
        zeros += int((changed[name] == 0).sum())
    return changed, zeros / total
