"""Can a position see the future? Change all later tokens, and look at what moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor


@torch.no_grad()
def largest_change(
    model: Callable[[Tensor], Tensor], ids: Sequence[int], position: int, vocab_size: int
) -> tuple[float, float]:
    """Replace all tokens after a position at random; return the largest change of a logit up to it, and after it.

    Args:
        model: from ids (1, T) to logits (1, T, V).
        ids: a text.
        position: the last token that stays.
        vocab_size: new tokens are drawn below it.

    Raises:
        ValueError: no token stands after the position.
    """
    if not 0 <= position < len(ids) - 1:
        raise ValueError(f"position is {position}, and ids holds {len(ids)} tokens: one must stand before the last")
    tokens = torch.tensor([list(ids)])
    other, later = tokens.clone(), tokens[:, position + 1 :]
    generator = torch.Generator().manual_seed(position)
    other[:, position + 1 :] = torch.randint(vocab_size, later.shape, generator=generator)
    change = (model(tokens) - model(other)).abs().amax(dim=(0, 2))
    return change[: position + 1].max().item(), change[position + 1 :].max().item()
