"""Packing: several short examples in one row, so that less is computed for padding."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from utils.posttraining.finetuning import NOT_COUNTED

Example = tuple[Sequence[int], Sequence[int]]


def first_fit(lengths: Sequence[int], max_length: int) -> list[list[int]]:
    """Return packs of places: each example goes into the first pack that has room for it, in the order given.

    Raises:
        ValueError: an example is empty or longer than max_length.
    """
    packs: list[list[int]] = []
    room: list[int] = []
    for place, length in enumerate(lengths):
        if not 1 <= length <= max_length:
            raise ValueError(f"lengths: example {place} has {length} tokens, a pack holds 1 to {max_length}")
        pack = next((number for number, left in enumerate(room) if length <= left), len(packs))
        if pack == len(packs):
            packs.append([])
            room.append(max_length)
        packs[pack].append(place)
        room[pack] -= length
    return packs


def pack_examples(examples: Sequence[Sequence[int]], max_length: int) -> list[list[int]]:
    """Return packs of token ids, first-fit in the order given; none is cut, one longer than max_length is refused."""
    packs = first_fit([len(example) for example in examples], max_length)
    return [[i for place in pack for i in examples[place]] for pack in packs]


def packed_batch(examples: Sequence[Example], max_length: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return inputs (B, T), targets (B, T) and a mask (B, T, T) of examples (ids, labels) packed side by side.

    A target is the label of the next token of the same example, so no example is asked to predict the next one's
    beginning; the mask, True where a query may use a key, keeps examples from seeing each other. With relative
    positions the loss then equals that of the examples one by one.

    Raises:
        ValueError: an example has no counted label, or does not fit.
    """
    for place, (ids, labels) in enumerate(examples):
        if len(ids) != len(labels):
            raise ValueError(f"examples: example {place} has {len(ids)} ids and {len(labels)} labels")
        if all(label == NOT_COUNTED for label in labels[1:]):
            raise ValueError(f"examples: example {place} has no target")
    packs = first_fit([len(ids) for ids, _ in examples], max_length)
    T = max(sum(len(examples[place][0]) for place in pack) for pack in packs)
    inputs = torch.zeros(len(packs), T, dtype=torch.long)
    targets = torch.full((len(packs), T), NOT_COUNTED)
    number = torch.full((len(packs), T), -1)
    for row, pack in enumerate(packs):
        start = 0
        for place in pack:
            ids, labels = examples[place]
            end = start + len(ids)
            inputs[row, start:end] = torch.tensor(ids)
            targets[row, start : end - 1] = torch.tensor(labels[1:])
            number[row, start:end] = place
            start = end
    mask = (number[:, :, None] == number[:, None, :]) & (number >= 0)[:, None, :]
    return inputs, targets, mask
