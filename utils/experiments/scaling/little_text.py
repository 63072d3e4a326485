"""Row 40: a large model on a single sentence, a small model on more text, and what both make of sentences unseen.

All runs make the same number of steps with the same batch, by the loop that the notebook teaches: what differs is the
size of the model and how many documents its batches are drawn from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from utils.evaluation.intervals import Interval, paired_difference
from utils.experiments.scaling.packed import PackedBatches, PackedText, pack_documents
from utils.experiments.scaling.runs import CONTEXT, FIRST_TRAINING_TEXT, TEST_TEXT, model_config, scaling_world
from utils.experiments.scaling.sweep_recipe import RECORDED_RATES
from utils.models.gpt import GPT
from utils.training.by_hand import clip_gradients, learning_rate
from utils.training.losses import mean_loss, next_token_loss
from utils.training.threads import one_thread

ROWS, HELD_OUT_TOKENS = 4, 3_000


@dataclass(frozen=True)
class LittleTextRun:
    """What one model made of some documents.

    Attributes:
        width, n_params: size of the model.
        documents, tokens: what it was trained on.
        seed: weights and text.
        steps: at which the losses were read.
        training_losses: on the documents trained on (at most 64 rows of them), nats per token.
        losses: on unseen documents, nats per token.
    """

    width: int
    n_params: int
    documents: int
    tokens: int
    seed: int
    steps: tuple[int, ...]
    training_losses: tuple[float, ...]
    losses: tuple[float, ...]

    @property
    def best(self) -> float:
        """The lowest loss on unseen documents at any reading: what stopping early would have kept."""
        return min(self.losses)


def _first_documents(count: int, seed: int) -> PackedText:
    """Return exactly the first documents of a text, in as few rows as they take."""
    low, world = 0, scaling_world()
    for document in world.documents(count, seed=FIRST_TRAINING_TEXT + 30 + seed):
        low += len(world.vocabulary.encode(document.text)) + 1
    return pack_documents(world, low, CONTEXT, FIRST_TRAINING_TEXT + 30 + seed)


@lru_cache(maxsize=1)
def _held_out() -> list[tuple[Tensor, Tensor]]:
    text = pack_documents(scaling_world(), HELD_OUT_TOKENS, CONTEXT, TEST_TEXT)
    return PackedBatches(text, 32, 0).epoch_in_batches()


def train_on_little(width: int, documents: int, steps: int, seed: int, readings: int = 6) -> LittleTextRun:
    """Train a model on a number of documents, read again as often as the steps need it.

    Args:
        width: of the model.
        documents: how many different ones there are to train on.
        steps: of four rows each.
        seed: weights, and which documents.
        readings: how often the losses are read on the way, the last time at the end.

    Raises:
        ValueError: a number is not positive, or there are more readings than steps.
    """
    for name, value in (("width", width), ("documents", documents), ("steps", steps), ("readings", readings)):
        if value < 1:
            raise ValueError(f"{name} must be at least 1, not {value}")
    if readings > steps:
        raise ValueError(f"readings ({readings}) must be at most steps ({steps})")
    text = _first_documents(documents, seed)
    order = torch.Generator().manual_seed(seed)
    peak = RECORDED_RATES(width, round(steps * ROWS * CONTEXT))
    at = sorted({round(steps * (number + 1) / readings) for number in range(readings)})
    training_losses, losses = [], []
    known = [(text.inputs[:64].long(), text.targets[:64].long())]
    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = GPT(model_config(width))
        parameters = list(model.parameters())
        optimiser = torch.optim.AdamW(parameters, betas=(0.9, 0.95), weight_decay=0.0, fused=True)
        for step in range(steps):
            chosen = torch.randint(len(text.inputs), (ROWS,), generator=order)
            optimiser.param_groups[0]["lr"] = learning_rate(step, steps, peak, max(steps // 20, 1))
            total, count = next_token_loss(model, text.inputs[chosen].long(), text.targets[chosen].long())
            gradients = torch.autograd.grad(total / count, parameters)
            for parameter, gradient in zip(parameters, clip_gradients(gradients, 1.0)[0], strict=True):
                parameter.grad = gradient
            optimiser.step()
            if step + 1 in at:
                training_losses.append(mean_loss(model, known))
                losses.append(mean_loss(model, _held_out()))
    n_params = sum(parameter.numel() for parameter in parameters)
    return LittleTextRun(
        width, n_params, text.documents, text.tokens, seed, tuple(at), tuple(training_losses), tuple(losses)
    )


@dataclass(frozen=True)
class LittleTextResult:
    """What the runs say.

    Attributes:
        with_little: loss of the large model on little text above that of the small model on more; both at their best.
        with_more: loss of the large model on more text above that of the small one on the same.
        outcome: of the claim.
    """

    with_little: Interval
    with_more: Interval
    outcome: str


def judge_little_text(
    large_little: Sequence[float], small_more: Sequence[float], large_more: Sequence[float]
) -> LittleTextResult:
    """Return whether a large model on little text is worse than a small one on more.

    Holds: it is, by the whole interval over seeds, and on equal text the large one is no worse, so that its size is
    not the cause. Holds in part: it is, but the large one is worse on equal text too. Does not hold: it is better.
    Otherwise undecided.

    Raises:
        ValueError: lists of different lengths, or fewer than two seeds.
    """
    with_little = paired_difference(large_little, small_more)
    with_more = paired_difference(large_more, small_more)
    if with_little.low > 0:
        outcome = "holds in part" if with_more.low > 0 else "holds"
    else:
        outcome = "does not hold" if with_little.high < 0 else "undecided"
    return LittleTextResult(with_little, with_more, outcome)
