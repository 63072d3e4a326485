"""Does the weight that a token gets say how much it matters? Replace it, and see how the prediction moves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from scipy.stats import spearmanr
from torch import Tensor, nn

from utils.evaluation.intervals import Interval, mean_interval, paired_difference


@torch.no_grad()
def replacement_effects(model: nn.Module, ids: Sequence[int], candidates: Sequence[int], seed: int = 0) -> np.ndarray:
    """Return how far the last prediction moves when each earlier token is another one, the first and last left out.

    Args:
        model: from ids (B, T) to logits (B, T, V).
        ids: a text of at least four tokens.
        candidates: tokens to put in their places, drawn at random; each place gets two.
        seed: of the draw.

    Returns:
        Kullback-Leibler divergences in nats (T - 2,).

    Raises:
        ValueError: the text is too short to compare places.
    """
    if len(ids) < 4:
        raise ValueError(f"ids holds {len(ids)} tokens, and at least 4 are needed to compare two places")
    draws = torch.Generator().manual_seed(seed)
    original = torch.tensor([list(ids)])
    places = range(1, len(ids) - 1)
    changed = original.repeat(2 * len(places), 1)
    for row, place in enumerate([*places, *places]):
        others = torch.tensor([one for one in candidates if one != ids[place]])
        changed[row, place] = others[torch.randint(len(others), (1,), generator=draws)]
    before, after = (model(rows)[:, -1].float().log_softmax(-1) for rows in (original, changed))
    moved = (before.exp() * (before - after)).sum(-1)
    return moved.view(2, -1).mean(0).numpy()


def weights_from_the_last(weights: Tensor) -> np.ndarray:
    """Return the weight of the last token on each earlier one, the first left out: the mean over layers and heads.

    Args:
        weights: (layers, heads, T, T).
    """
    return weights[:, :, -1, 1:-1].mean((0, 1)).numpy()


def rank_correlations(effects: Sequence[np.ndarray], weights: Sequence[np.ndarray]) -> list[float]:
    """Return for each text the rank correlation of two numbers for each of its places."""
    return [float(spearmanr(a, b).statistic) for a, b in zip(effects, weights, strict=True)]


def compared_with_nearness(effects: Sequence[np.ndarray], weights: Sequence[np.ndarray]) -> tuple[Interval, Interval]:
    """Return the rank correlation of weight and effect over texts, and by how much it beats that of nearness.

    The control: a token close by gets more weight and matters more, whatever attention is worth.
    """
    by_weight = rank_correlations(effects, weights)
    by_nearness = rank_correlations(effects, [np.arange(len(one)) for one in effects])
    return mean_interval(by_weight), paired_difference(by_weight, by_nearness)


@torch.no_grad()
def influence_on_texts(
    model: Any, texts: Sequence[Sequence[int]], candidates: Sequence[int]
) -> tuple[Interval, Interval]:
    """Return `compared_with_nearness` for a model's own weights on some texts; raises as `replacement_effects`.

    Args:
        model: from ids (B, T) to logits, with a method `attention_weights` (a list of (B, H, T, T)).
        texts: ids of each.
        candidates: tokens to put in the places of others.
    """
    effects = [replacement_effects(model, ids, candidates, seed) for seed, ids in enumerate(texts)]
    maps = [torch.stack(model.attention_weights(torch.tensor([list(ids)])))[:, 0] for ids in texts]
    return compared_with_nearness(effects, [weights_from_the_last(one) for one in maps])
