"""Batches as a function of the step number, so that a resumed run sees the data that a whole run would see.

The training loop asks `batches(step)` for a tuple of tensors. A function without state has no position to save,
to lose or to get wrong: step 1,000 holds the same data whether or not step 999 was computed in this process.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from utils.arguments import shown, whole_number

INTEGERS = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.uint16, torch.uint32)


class Batches(Protocol):
    """The data of a run: tensors whose first dimension is the batch, as a function of the step (0 is the first)."""

    def __call__(self, step: int) -> tuple[Tensor, ...]: ...


class TokenBatches:
    """Random windows of one long sequence of token ids, each used once per epoch.

    Every epoch cuts the sequence into windows at another offset and goes through them in another order, both drawn
    from (`seed`, epoch).

    Args:
        ids: (N,) token ids, a tensor or a sequence of integers.
        batch_size: windows per batch, B.
        context: tokens per window, T; a window's targets are its tokens moved on by one.
        seed: source of offsets and orders.

    Raises:
        ValueError: the ids have another shape or type, or are too few for one batch.
    """

    def __init__(self, ids: Tensor | Sequence[int], batch_size: int, context: int, seed: int = 0) -> None:
        self.ids = _long_vector(ids)
        batch_size, context = _sizes(batch_size, context)
        self.batch_size, self.context, self.seed = batch_size, context, whole_number("seed", seed, least=0)
        # One window less than would fit leaves room for an offset, and for the last window's last target.
        self.windows = (len(self.ids) - 1) // context - (1 if context > 1 else 0)
        self.steps_per_epoch = self.windows // batch_size
        if self.steps_per_epoch < 1:
            raise ValueError(
                f"ids holds {len(self.ids)} tokens, too few for one batch of {batch_size} windows of {context}"
            )
        self._epoch: tuple[int, Tensor] | None = None

    def __call__(self, step: int) -> tuple[Tensor, Tensor]:
        """Return inputs (B, T) and targets (B, T) of step `step`; anything but a step raises ValueError."""
        step = whole_number("step", step, least=0)
        epoch, position = divmod(step, self.steps_per_epoch)
        starts = self._starts(epoch)[position * self.batch_size : (position + 1) * self.batch_size]
        windows = self.ids[starts[:, None] + torch.arange(self.context + 1)]  # (B, T + 1)
        return windows[:, :-1].contiguous(), windows[:, 1:].contiguous()

    def fingerprint(self) -> dict[str, Any]:
        """Return what tells these batches from others: the data by their hash, and how they are cut."""
        return {
            "tokens": len(self.ids),
            "sha256": hashlib.sha256(self.ids.numpy().tobytes()).hexdigest(),
            "batch_size": self.batch_size,
            "context": self.context,
            "seed": self.seed,
        }

    def _starts(self, epoch: int) -> Tensor:
        if self._epoch is None or self._epoch[0] != epoch:
            generator = np.random.default_rng([self.seed, epoch])
            offset = int(generator.integers(self.context))
            order = torch.from_numpy(generator.permutation(self.windows))
            self._epoch = (epoch, order * self.context + offset)
        return self._epoch[1]


def consecutive_batches(ids: Tensor | Sequence[int], batch_size: int, context: int) -> list[tuple[Tensor, Tensor]]:
    """Cut ids into windows in order, each token a target once but the first, for evaluation.

    Returns:
        Pairs of inputs and targets (B, T). The last windows may be padded: a padded target is -100 and not counted.

    Raises:
        ValueError: there are fewer than two ids, they are no integers, or a size is no positive whole number.
    """
    ids = _long_vector(ids)
    batch_size, context = _sizes(batch_size, context)
    if len(ids) < 2:
        raise ValueError(f"ids holds {len(ids)} tokens, and an evaluation needs at least two")
    windows = -(-(len(ids) - 1) // context)
    inputs = torch.zeros(windows * context, dtype=torch.long)
    targets = torch.full((windows * context,), -100, dtype=torch.long)
    inputs[: len(ids) - 1], targets[: len(ids) - 1] = ids[:-1], ids[1:]
    pairs = zip(
        inputs.view(windows, context).split(batch_size), targets.view(windows, context).split(batch_size), strict=True
    )
    return list(pairs)


def tensors_of(batch: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Return a batch; one that is no tuple of tensors raises ValueError."""
    if not isinstance(batch, tuple | list) or not batch or not all(isinstance(part, Tensor) for part in batch):
        raise ValueError(f"batches must return a tuple of tensors, not {shown(batch)}")
    return tuple(batch)


def describe_batches(batches: Batches, batch: tuple[Tensor, ...]) -> dict[str, Any]:
    """Return what tells a run's data from others: shapes and hash of one batch, and the batches' `fingerprint()`.

    Raises:
        ValueError: the batch is no tuple of tensors.
    """
    tensors_of(batch)
    digest = hashlib.sha256()
    for part in batch:
        digest.update(f"{part.dtype}{tuple(part.shape)}".encode())
        flat = part.detach().cpu().contiguous().flatten()
        digest.update(flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b"")
    described: dict[str, Any] = {"shapes": [list(part.shape) for part in batch], "sha256": digest.hexdigest()}
    fingerprint = getattr(batches, "fingerprint", None)
    if callable(fingerprint):
        described["fingerprint"] = fingerprint()
    return described


def _sizes(batch_size: int, context: int) -> tuple[int, int]:
    return whole_number("batch_size", batch_size, least=1), whole_number("context", context, least=1)


def _long_vector(ids: Tensor | Sequence[int]) -> Tensor:
    try:
        vector = torch.as_tensor(ids)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"ids must be a vector of integers, not {shown(ids)}") from error
    # An empty list makes a tensor of floats.
    if vector.ndim != 1 or (vector.numel() and vector.dtype not in INTEGERS):
        raise ValueError(f"ids must be a vector of integers, not {vector.dtype} of shape {tuple(vector.shape)}")
    return vector.cpu().long()
