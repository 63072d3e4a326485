"""Supervised finetuning on chats: from messages to a model that answers.

`finetuning` trains on pairs of one prompt and one target; a chat may have several answers, all of them learned, each
after what stands before it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from utils.posttraining.chat import ChatCodec, Message
from utils.posttraining.finetuning import NOT_COUNTED, target_loss
from utils.posttraining.packing import Example, packed_batch
from utils.training.config import TrainingConfig
from utils.training.loop import TrainingResult, train


def masked_cross_entropy(logits: Tensor, labels: Tensor, ignore_index: int = NOT_COUNTED) -> Tensor:
    """Return the mean negative log-likelihood (nats) of the counted labels, each read off the position before it.

    Args:
        logits: (B, T, V).
        labels: (B, T), as long as the ids; `ignore_index` is not counted.

    No counted label gives 0 with a gradient of 0, where a mean over nothing would be NaN.
    """
    targets = labels[:, 1:]
    total = F.cross_entropy(
        logits[:, :-1].flatten(0, 1).float(), targets.flatten(), ignore_index=ignore_index, reduction="sum"
    )
    return total / (targets != ignore_index).sum().clamp(min=1)


def chat_examples(chats: Sequence[Sequence[Message]], codec: ChatCodec, masked: bool = True) -> list[Example]:
    """Return (ids, labels) of chats.

    Args:
        chats: lists of messages; each needs an answer.
        codec: how they become ids.
        masked: count the assistant's tokens alone; otherwise every token is learned, prompts too.

    Raises:
        ValueError: names the first chat that has no answer, an unknown role or another fault.
    """
    examples: list[Example] = []
    for place, messages in enumerate(chats):
        try:
            chat = codec.encode_chat(messages)
            labels = chat.labels()
        except ValueError as error:
            raise ValueError(f"chats: chat {place}: {error}") from error
        examples.append((chat.ids, labels if masked else list(chat.ids)))
    return examples


class ExampleBatches:
    """Inputs, targets and a mask of packed examples as a function of the step; another order in each epoch.

    Args:
        examples: (ids, labels).
        batch_size: examples per batch.
        seed: source of the orders.
        max_length: of a pack; None gives every example a row of its own.
    """

    def __init__(self, examples: Sequence[Example], batch_size: int, seed: int = 0, max_length: int | None = None):
        if not examples:
            raise ValueError("examples must hold at least one example, not none")
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, not {batch_size}")
        self.examples, self.batch_size, self.seed, self.max_length = list(examples), batch_size, seed, max_length
        for example in self.examples:
            packed_batch([example], max_length or len(example[0]))

    def __call__(self, step: int) -> tuple[Tensor, ...]:
        """Return inputs (B, T), targets (B, T) and, for packs, the mask (B, T, T) of step `step`."""
        n = len(self.examples)
        places = range(step * self.batch_size, (step + 1) * self.batch_size)
        orders = {epoch: np.random.default_rng([self.seed, epoch]).permutation(n) for epoch in {p // n for p in places}}
        chosen = [self.examples[orders[place // n][place % n]] for place in places]
        if self.max_length is not None:
            return packed_batch(chosen, self.max_length)
        return pad_examples(chosen)


def pad_examples(examples: Sequence[Example]) -> tuple[Tensor, Tensor]:
    """Return inputs (B, T) and targets (B, T) of (ids, labels), padded on the right, the targets moved on by one."""
    T = max(len(ids) for ids, _ in examples) - 1
    inputs = torch.zeros(len(examples), T, dtype=torch.long)
    targets = torch.full((len(examples), T), NOT_COUNTED)
    for row, (ids, labels) in enumerate(examples):
        inputs[row, : len(ids) - 1] = torch.tensor(ids[:-1])
        targets[row, : len(ids) - 1] = torch.tensor(labels[1:])
    return inputs, targets


def example_loss(
    model: nn.Module, inputs: Tensor, targets: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Return the summed loss (nats) of the counted targets and their number; a mask (B, T, T) is for packs.

    Raises:
        ValueError: the batch has no target.
    """
    if not bool((targets != NOT_COUNTED).any()):
        raise ValueError("targets: the batch has no target, every position is ignored")
    if mask is None:
        return target_loss(model, inputs, targets)
    logits = model(inputs, mask)
    total = F.cross_entropy(logits.flatten(0, 1).float(), targets.flatten(), reduction="sum")
    return total, (targets != NOT_COUNTED).sum()


def finetune_chats(
    model: nn.Module,
    chats: Sequence[Sequence[Message]],
    codec: ChatCodec,
    *,
    steps: int,
    batch_size: int = 16,
    lr: float = 1e-3,
    seed: int = 0,
    masked: bool = True,
    max_length: int | None = None,
    evaluate: Callable[[nn.Module], float] | None = None,
    evaluate_every: int = 0,
    show_progress: bool | None = None,
) -> TrainingResult:
    """Finetune `model` in place on chats, with AdamW, a short warm-up and a linear decay to 0.

    Args:
        model: maps ids (B, T) to logits (B, T, V), or to an object that holds them as `.logits`; packs also need one
            that takes a mask (B, T, T), as `GPT` does.
        chats, codec, masked: as in `chat_examples`.
        steps, batch_size: optimiser steps, and chats per step.
        lr: peak learning rate.
        seed: order of the chats.
        max_length: pack chats into rows of so many tokens; None pads them.
        evaluate, evaluate_every, show_progress: as in `utils.training.loop.train`.

    Raises:
        ValueError: a chat without an answer or of a wrong form, or a size that is not positive.
    """
    batches = ExampleBatches(chat_examples(chats, codec, masked), batch_size, seed, max_length)
    return train(
        model,
        batches,
        posttraining_config(steps, lr, evaluate_every, seed),
        loss=example_loss,
        evaluate=evaluate,
        show_progress=show_progress,
        description="finetuning",
    )


def posttraining_config(steps: int, lr: float, evaluate_every: int = 0, seed: int = 0) -> TrainingConfig:
    """Return the choices that all stages here share: AdamW, no weight decay, linear decay to 0."""
    if steps < 1:
        raise ValueError(f"steps must be at least 1, not {steps}")
    return TrainingConfig(
        steps=steps,
        lr=lr,
        schedule="linear",
        warmup_steps=min(20, steps // 10),
        final_lr_fraction=0.0,
        weight_decay=0.0,
        beta2=0.999,
        evaluate_every=evaluate_every,
        seed=seed,
    )
