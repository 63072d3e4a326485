"""Rows of unequal length as tensors, with as little padding computed as pays.

In a batch of answers the longest decides how wide all are; of the positions computed, a third and more are then
padding. Groups of similar length are narrower, and give the same numbers; each further group costs one more call.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

CALL_POSITIONS = 200  # what a call of a small model costs beyond its positions, in positions; measured on two cores


def pad_rows(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Return ids (B, T), padded on the right, and the mask (B, T) of real tokens."""
    T = max(map(len, rows))
    ids = torch.zeros(len(rows), T, dtype=torch.long)
    for row, tokens in enumerate(rows):
        ids[row, : len(tokens)] = torch.tensor(tokens)
    return ids, torch.arange(T) < torch.tensor([[len(tokens)] for tokens in rows])


def joined_rows(prompts: Sequence[Sequence[int]], answers: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return each prompt and its answer as one row.

    Raises:
        ValueError: unequal numbers of prompts and answers, or an empty one.
    """
    if len(prompts) != len(answers):
        raise ValueError(f"answers has {len(answers)} entries and prompts has {len(prompts)}: they must be as many")
    if not all(map(len, answers)) or not all(map(len, prompts)):
        raise ValueError("prompts and answers must not be empty")
    return [[*prompt, *answer] for prompt, answer in zip(prompts, answers, strict=True)]


def length_groups(lengths: Sequence[int], call_positions: int = CALL_POSITIONS) -> list[list[int]]:
    """Return the places of rows, in groups of similar length, so that the fewest positions are computed.

    A group costs its rows times its longest, and `call_positions`. Rows in order of their length are cut where the sum
    is least, found from the shortest row on (dynamic programming over the last cut, B squared steps).

    Raises:
        ValueError: no rows, a row without a token, or a negative `call_positions`.
    """
    if not lengths or min(lengths) < 1:
        raise ValueError(f"lengths must be of at least one row, each at least 1, not {list(lengths)[:8]}")
    if call_positions < 0:
        raise ValueError(f"call_positions must be at least 0, not {call_positions}")
    order = sorted(range(len(lengths)), key=lambda place: lengths[place])
    least, last_cut = [0], [0]
    for end in range(1, len(order) + 1):
        longest = lengths[order[end - 1]]
        costs = [least[cut] + (end - cut) * longest + call_positions for cut in range(end)]
        least.append(min(costs))
        last_cut.append(costs.index(least[end]))
    groups: list[list[int]] = []
    end = len(order)
    while end:
        groups.append(order[last_cut[end] : end])
        end = last_cut[end]
    return groups[::-1]
