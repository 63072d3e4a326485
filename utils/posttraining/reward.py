"""A reward model: the body of a language model with one number read at the last token (Ouyang et al., 2022).

It learns from comparisons alone: the chosen answer should score higher than the rejected one, and by how much says how
sure the model is, P(chosen) = sigmoid(difference) (Bradley and Terry, 1952).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utils.models.gpt import GPT
from utils.posttraining.padding import length_groups, pad_rows
from utils.posttraining.preferences import PreferencePair, check_pairs
from utils.posttraining.sft import posttraining_config
from utils.training.loop import TrainingResult, train


def last_token_score(token_scores: Tensor, attention_mask: Tensor) -> Tensor:
    """Return the score (B,) at each row's last real token.

    Args:
        token_scores: (B, T).
        attention_mask: (B, T), 1 or True = a real token; padding may stand on either side.

    Raises:
        ValueError: the shapes differ, or a row has no real token.
    """
    if token_scores.shape != attention_mask.shape or token_scores.dim() != 2:
        shapes = f"{tuple(token_scores.shape)} and {tuple(attention_mask.shape)}"
        raise ValueError(f"token_scores and attention_mask must have one shape (B, T), not {shapes}")
    real = attention_mask.bool()
    empty = (~real.any(-1)).nonzero().flatten().tolist()
    if empty:
        raise ValueError(f"attention_mask: row {empty[0]} has no real token")
    positions = torch.arange(real.shape[1], device=real.device)
    last = (positions * real).argmax(-1)
    return token_scores.gather(-1, last[:, None])[:, 0]


class RewardModel(nn.Module):
    """A body that gives hidden states (B, T, D) and a linear head to one number.

    Args:
        body: a `GPT`, or a causal model of `transformers`; copied, so that the language model stays as it is.
        seed: of the head's first weights, drawn small.
    """

    def __init__(self, body: nn.Module, seed: int = 0) -> None:
        super().__init__()
        self.body = copy.deepcopy(body)
        config: Any = self.body.config
        width: int = config.d_model if isinstance(self.body, GPT) else config.hidden_size
        self.config = config
        self.head = nn.Linear(width, 1, bias=False)
        generator = torch.Generator().manual_seed(seed)
        nn.init.normal_(self.head.weight, std=(width + 1) ** -0.5, generator=generator)
        self.head.to(next(self.body.parameters()).device)

    def token_scores(self, ids: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return a number (B, T) at every position of ids (B, T); mask (B, T): True = a real token."""
        # Padding on the right is out of sight for a causal model; on the left it has to be hidden.
        hide = None if mask is None or bool(mask[:, 0].all()) else mask.bool()
        if isinstance(self.body, GPT):
            hidden = self.body.hidden(ids, hide)
        else:
            known = {}
            if hide is not None:
                known = {"attention_mask": hide.long(), "position_ids": (hide.long().cumsum(-1) - 1).clamp(min=0)}
            base: Any = self.body.base_model
            hidden = base(input_ids=ids, use_cache=False, **known).last_hidden_state
        return self.head(hidden)[..., 0]

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return the rewards (B,) of ids (B, T), read at each row's last real token."""
        if ids.shape != mask.shape:
            raise ValueError(f"ids and mask must have one shape (B, T), not {tuple(ids.shape)} and {tuple(mask.shape)}")
        if not bool(mask[:, 0].all()):  # padding on the left, or an empty row, which is refused by name
            return last_token_score(self.token_scores(ids, mask), mask)
        lengths = (mask.bool() * torch.arange(1, mask.shape[1] + 1, device=mask.device)).amax(-1).tolist()
        found, order = [], []
        for places in length_groups(lengths):
            rows, width = torch.tensor(places, device=ids.device), lengths[places[-1]]
            group, real = ids[rows, :width], mask[rows, :width]
            found.append(last_token_score(self.token_scores(group, real), real))
            order += places
        return torch.cat(found)[torch.tensor(order, device=ids.device).argsort()]

    @torch.no_grad()
    def score(self, rows: Sequence[Sequence[int]], batch_size: int = 64) -> Tensor:
        """Return the rewards (N,) of rows of ids (prompt and answer, with the end token), in evaluation mode."""
        was_training, device = self.training, self.head.weight.device
        self.eval()
        found = torch.empty(len(rows))
        # Rows of similar length go together, so that little is computed for padding.
        order = sorted(range(len(rows)), key=lambda place: len(rows[place]))
        for first in range(0, len(order), batch_size):
            places = order[first : first + batch_size]
            ids, mask = pad_rows([rows[place] for place in places])
            found[torch.tensor(places)] = self(ids.to(device), mask.to(device)).float().cpu()
        self.train(was_training)
        return found


def bradley_terry_loss(chosen: Tensor, rejected: Tensor) -> Tensor:
    """Return the mean of -log sigmoid(chosen - rejected), in nats."""
    return -F.logsigmoid(chosen - rejected).mean()


def reward_loss(model: nn.Module, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Return the summed Bradley-Terry loss of pairs (B, 2, T), the chosen answer first, and their number."""
    scores = model(ids.flatten(0, 1), mask.flatten(0, 1)).view(-1, 2)
    losses = -F.logsigmoid(scores[:, 0] - scores[:, 1])
    return losses.sum(), torch.tensor(len(losses))


def pair_orders(n: int, batch_size: int, seed: int, step: int) -> list[int]:
    """Return the places of step `step`: every pair once per epoch, in another order each epoch."""
    places = range(step * batch_size, (step + 1) * batch_size)
    orders = {epoch: np.random.default_rng([seed, epoch]).permutation(n) for epoch in {p // n for p in places}}
    return [int(orders[place // n][place % n]) for place in places]


def train_reward_model(
    model: RewardModel,
    pairs: Sequence[PreferencePair],
    *,
    steps: int,
    batch_size: int = 16,
    lr: float = 1e-3,
    seed: int = 0,
    evaluate: Callable[[nn.Module], float] | None = None,
    evaluate_every: int = 0,
    show_progress: bool | None = None,
) -> TrainingResult:
    """Train a reward model in place on pairs; the arguments are those of `finetune`.

    Raises:
        ValueError: no pairs, pairs of equal answers (counted and named), or a size that is not positive.
    """
    check_pairs(pairs)
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, not {batch_size}")
    rows = [([*pair.prompt, *pair.chosen], [*pair.prompt, *pair.rejected]) for pair in pairs]

    def batches(step: int) -> tuple[Tensor, Tensor]:
        ids, mask = pad_rows([row for place in pair_orders(len(rows), batch_size, seed, step) for row in rows[place]])
        return ids.view(-1, 2, ids.shape[1]), mask.view(-1, 2, ids.shape[1])

    config = posttraining_config(steps, lr, evaluate_every, seed)
    return train(
        model, batches, config, loss=reward_loss, evaluate=evaluate, show_progress=show_progress, description="reward"
    )


def pairwise_accuracy(chosen: Tensor, rejected: Tensor) -> float:
    """Return the share of pairs whose chosen answer scores higher; ties count one half."""
    if chosen.shape != rejected.shape or not chosen.numel():
        raise ValueError(f"chosen and rejected must be as many and not none, not {len(chosen)} and {len(rejected)}")
    return float(((chosen > rejected).double() + 0.5 * (chosen == rejected).double()).mean())


@dataclass(frozen=True)
class CalibrationBin:
    """Pairs for whose favourite the model promised about the same: mean promise, share kept, number of pairs."""

    promised: float
    kept: float
    n_pairs: int


def calibration(chosen: Tensor, rejected: Tensor, n_bins: int = 5) -> tuple[list[CalibrationBin], float]:
    """Compare how sure a model is of its favourite, sigmoid(|difference|) from 0.5 to 1, with how often it was chosen.

    Returns the bins that hold pairs, of equal width, and the expected calibration error, the mean distance between
    promise and outcome weighted by pairs (Guo et al., 2017). Ties count one half.
    """
    if n_bins < 1:
        raise ValueError(f"n_bins must be at least 1, not {n_bins}")
    pairwise_accuracy(chosen, rejected)  # refuses unequal numbers and none
    difference = (chosen - rejected).double()
    promised = difference.abs().sigmoid()
    kept = (difference > 0).double() + 0.5 * (difference == 0).double()
    place = ((promised - 0.5) * 2 * n_bins).long().clamp(max=n_bins - 1)
    bins = []
    for number in range(n_bins):
        inside = place == number
        if inside.any():
            bins.append(CalibrationBin(float(promised[inside].mean()), float(kept[inside].mean()), int(inside.sum())))
    error = sum(abs(one.promised - one.kept) * one.n_pairs for one in bins) / len(difference)
    return bins, error
