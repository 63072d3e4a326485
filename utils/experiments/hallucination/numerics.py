"""The same weights and the same prompt, computed in another way: batches, threads, number formats.

Sums of floating-point numbers depend on their order, and the order depends on the shape of the product, on the number of
threads and on the machine. A decoder whose every row is computed as if it were alone does not feel the batch.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor

from utils.decoding.arguments import whole_number
from utils.decoding.cached import CachedDecoder, Prompts, check_selection, check_step
from utils.models.gpt import GPT

FORMATS = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}


class RowByRowDecoder:
    """A decoder that computes each row of a batch alone, so that no row depends on its company.

    Every row has a `CachedDecoder` of its own on the same matrices: each product has the shape that it has for a single
    text, and so the same order of sums. The price is that the weights are read once a row instead of once a step.
    """

    def __init__(self, decoder: CachedDecoder) -> None:
        self.config = decoder.config
        self._source = decoder
        self._rows: list[CachedDecoder] = []

    def fresh(self) -> RowByRowDecoder:
        """Return a decoder with the same weights that has read nothing."""
        return RowByRowDecoder(self._source)

    @property
    def room(self) -> int:
        """Number of further steps before the longest row fills the context."""
        return min((row.room for row in self._rows), default=self.config.context_length)

    def prefill(self, prompts: Prompts, reserve: int = 0) -> Tensor:
        """Read prompts one by one and return the logits (B, V) of their next tokens; raises as `CachedDecoder`."""
        self._rows = [self._source.fresh() for _ in prompts]
        return torch.cat([row.prefill([prompt], reserve) for row, prompt in zip(self._rows, prompts, strict=True)])

    def step(self, ids: Tensor) -> Tensor:
        """Append ids (B,), each to its own row, and return the logits (B, V) of the next tokens."""
        ids = check_step(ids, len(self._rows))
        return torch.cat([row.step(ids[place : place + 1]) for place, row in enumerate(self._rows)])

    def select(self, rows: Sequence[int]) -> None:
        """Continue with these rows, each at most once; a row that is wanted twice would share its cache.

        Raises:
            ValueError: there is no such row, or one is wanted twice.
        """
        rows = check_selection(rows, len(self._rows))
        if len(set(rows)) != len(rows):
            raise ValueError(f"rows must name each row once, not {rows}")
        self._rows = [self._rows[row] for row in rows]


@contextmanager
def threads(n: int) -> Iterator[None]:
    """Let torch compute with n threads, and go back to what it was."""
    before = torch.get_num_threads()
    torch.set_num_threads(whole_number(n, "n", 1))
    try:
        yield
    finally:
        torch.set_num_threads(before)


@torch.inference_mode()
def logits_in_format(model: GPT, rows: Sequence[Sequence[int]], dtype: torch.dtype) -> list[Tensor]:
    """Return the logits (T, V) at every position of each row, in float64, computed in another number format.

    One block at a time is converted: in float64 the whole model would take twice its memory again.
    """
    found = [model.embed(torch.tensor([list(row)])).to(dtype) for row in rows]
    for block in model.blocks:
        converted = copy.deepcopy(block).to(dtype)
        found = [converted(x, None) for x in found]
    norm, head = copy.deepcopy(model.norm).to(dtype), copy.deepcopy(model.head).to(dtype)
    return [head(norm(x))[0].double() for x in found]


@dataclass(frozen=True)
class Departure:
    """How far the logits of a text are from another computation of them.

    Attributes:
        largest: largest difference of a logit.
        flip: the first step of the text at which another token is the likeliest; None where none is.
        steps: how many steps there are.
    """

    largest: float
    flip: int | None
    steps: int


def departure(logits: Tensor, reference: Tensor, prompt_length: int) -> Departure:
    """Compare logits (T, V) of a greedy text with a reference, from the last token of the prompt on."""
    first = prompt_length - 1
    ours, theirs = logits[first:], reference[first:]
    flips = (ours.argmax(-1) != theirs.argmax(-1)).nonzero().flatten().tolist()
    return Departure(float((ours - theirs).abs().max()), flips[0] if flips else None, len(ours))


@torch.inference_mode()
def batch_spread(model: GPT, rows: Sequence[Sequence[int]], sizes: Sequence[int], dtype: torch.dtype) -> list[float]:
    """Return for each size of batch the largest change of a logit at the end of a row against a batch of one.

    The batch holds the row several times: all that changes is how many rows are computed side by side.
    """
    converted = model if dtype == torch.float32 else copy.deepcopy(model).to(dtype)
    decoder = CachedDecoder(converted)
    found = []
    for size in sizes:
        changes = []
        for row in rows:
            alone = decoder.prefill([row])[0].double()
            changes.append(float((decoder.prefill([row] * size)[0].double() - alone).abs().max()))
        found.append(max(changes))
    return found


def company_spread(decoder: CachedDecoder | RowByRowDecoder, rows: Sequence[Sequence[int]], steps: int) -> float:
    """Return the largest change of a logit of the first row over some steps, alone and in a batch with the others."""
    largest = 0.0
    alone, together = decoder.fresh(), decoder.fresh()
    one, all_rows = alone.prefill(rows[:1], steps), together.prefill(rows, steps)
    for _ in range(steps):
        largest = max(largest, float((one[0] - all_rows[0]).abs().max()))
        one, all_rows = alone.step(one.argmax(-1)), together.step(all_rows.argmax(-1))
    return max(largest, float((one[0] - all_rows[0]).abs().max()))


def seconds_of(decoder: CachedDecoder | RowByRowDecoder, rows: Sequence[Sequence[int]], steps: int) -> float:
    """Return the seconds that reading prompts and taking some greedy steps took."""
    own = decoder.fresh()
    start = time.perf_counter()
    logits = own.prefill(rows, steps)
    for _ in range(steps):
        logits = own.step(logits.argmax(-1))
    return time.perf_counter() - start
