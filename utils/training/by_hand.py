"""The three parts of a training loop that notebook 04 teaches: the loss, the clipping and the learning rate.

`utils.training.loop` does the same for every stage of a model's life; here each part stands alone, as a function of
plain tensors and numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor


def next_token_loss(logits: Tensor, ids: Tensor) -> Tensor:
    """Return the mean cross-entropy in nats of each token given the logits at the position before it.

    Args:
        logits: (B, T, V); those at position t predict token t + 1, so the last position's are not used.
        ids: (B, T) token ids.

    Raises:
        ValueError: shapes that do not fit, or fewer than two positions: nothing follows the only token.
    """
    if logits.dim() != 3 or ids.dim() != 2 or logits.shape[:2] != ids.shape:
        raise ValueError(f"logits must be (B, T, V) and ids (B, T), not {tuple(logits.shape)} and {tuple(ids.shape)}")
    if ids.shape[1] < 2:
        raise ValueError(f"ids has {ids.shape[1]} positions: a next token needs at least 2")
    return F.cross_entropy(logits[:, :-1].flatten(0, 1).float(), ids[:, 1:].flatten())


def clip_gradients(gradients: Sequence[Tensor], max_norm: float) -> tuple[list[Tensor], Tensor]:
    """Return gradients scaled together so that their joint norm is at most `max_norm`, and the norm before.

    All are scaled by one factor, so that their direction stays (Pascanu et al., 2013). The inputs are not changed.

    Args:
        gradients: tensors of any shapes.
        max_norm: largest joint Euclidean norm.

    Raises:
        ValueError: there is no gradient, or `max_norm` is not positive.
    """
    gradients = list(gradients)
    if not gradients:
        raise ValueError("gradients is empty: there is nothing to clip")
    if not max_norm > 0:
        raise ValueError(f"max_norm must be positive, not {max_norm}")
    norm = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(gradient) for gradient in gradients]))
    factor = torch.clamp(max_norm / norm, max=1.0) if norm > 0 else torch.ones_like(norm)
    return [gradient * factor for gradient in gradients], norm


def learning_rate(step: int, total_steps: int, peak: float, warmup_steps: int, final_fraction: float = 0.1) -> float:
    """Return the rate of a step: a linear warm-up to the peak, then a cosine down to a fraction of it.

    Args:
        step: from 0.
        total_steps: steps of the run; the last one has final_fraction * peak.
        peak: reached at step warmup_steps - 1; step 0 has peak / warmup_steps.
        warmup_steps: 0 begins at the peak.
        final_fraction: of the peak, at the last step.

    Raises:
        ValueError: the step is outside the run, or the warm-up does not end before it.
    """
    if not 0 <= step < total_steps:
        raise ValueError(f"step must be in [0, {total_steps}), not {step}")
    if not 0 <= warmup_steps < total_steps:
        raise ValueError(f"warmup_steps must be in [0, {total_steps}), not {warmup_steps}")
    if not peak > 0:
        raise ValueError(f"peak must be positive, not {peak}")
    if not 0 <= final_fraction <= 1:
        raise ValueError(f"final_fraction must be in [0, 1], not {final_fraction}")
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    first = max(warmup_steps - 1, 0)
    progress = (step - first) / max(total_steps - 1 - first, 1)
    return peak * (final_fraction + (1 - final_fraction) * (1 + math.cos(math.pi * progress)) / 2)
