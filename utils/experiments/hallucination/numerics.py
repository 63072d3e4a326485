"""The same weights and the same prompt, computed in another way: batches, threads, number formats.

Sums of floating-point numbers depend on their order, and the order depends on the shape of the product, on the number
of threads and on the machine. A decoder whose every row is computed as if it were alone does not feel the batch.
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
from utils.decoding.cached import CachedDecoder, Prompts, check_prompts, check_selection, check_step
from utils.decoding.checked import checked
from utils.models.gpt import GPT

FORMATS = {
    "float64": torch.float64,
    "float32": torch.float32,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
}


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
        prompts = check_prompts(prompts, self.config.vocab_size, self.config.context_length)
        self._rows = [self._source.fresh() for _ in prompts]
        return torch.cat([row.prefill([prompt], reserve) for row, prompt in zip(self._rows, prompts, strict=True)])

    def step(self, ids: Tensor) -> Tensor:
        """Append ids (B,), each to its own row, and return the logits (B, V) of the next tokens.

        Raises:
            ValueError: as `CachedDecoder.step`; no row has gone on then.
        """
        ids = check_step(ids, len(self._rows))
        if self.room < 1:
            raise ValueError(f"the context of {self.config.context_length} positions is full")
        if int(ids.min()) < 0 or int(ids.max()) >= self.config.vocab_size:
            raise ValueError(f"ids must lie between 0 and {self.config.vocab_size - 1}, not {ids.tolist()}")
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


Decoder = CachedDecoder | RowByRowDecoder


@contextmanager
def threads(n: int) -> Iterator[None]:
    """Let torch compute with n threads, and go back to what it was, whatever happens meanwhile."""
    n, before = whole_number(n, "n", 1), torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def model_in(model: GPT, name: str) -> GPT:
    """Return the model with its numbers in a format, itself where it has that already.

    Raises:
        ValueError: there is no such format.
    """
    dtype = format_of(name)
    return model if model.embedding.weight.dtype == dtype else copy.deepcopy(model).to(dtype)


def format_of(name: str) -> torch.dtype:
    """Return the type of a number format; ValueError where there is none of the name."""
    if name not in FORMATS:
        raise ValueError(f"name must be one of {', '.join(FORMATS)}, not {name!r}")
    return FORMATS[name]


@dataclass(frozen=True)
class Greedy:
    """Greedy texts of a batch.

    Attributes:
        ids: (B, steps), the likeliest token of each step; the model may have ended its text before.
        logits: (B, steps, V), from which they were chosen, in the format of the model.
        seconds: processor time of reading and of all steps.
    """

    ids: Tensor
    logits: Tensor
    seconds: float


@checked
def greedy_texts(decoder: Decoder, prompts: Prompts, steps: int) -> Greedy:
    """Write so many tokens after each prompt, all prompts side by side, the likeliest each time.

    Raises:
        ValueError: no steps, or as `CachedDecoder.prefill` and `step`.
    """
    whole_number(steps, "steps", 1)
    start, own = time.process_time(), decoder.fresh()
    logits = [own.prefill(prompts, steps).clone()]
    for _ in range(steps - 1):
        logits.append(own.step(logits[-1].argmax(-1)).clone())
    spent = time.process_time() - start
    whole = torch.stack(logits, 1)
    return Greedy(whole.argmax(-1), whole, spent)


@checked
def alone(decoder: Decoder, prompts: Sequence[Sequence[int]], steps: int) -> Greedy:
    """Write greedy texts as `greedy_texts` does, but one after another, each in a batch of one."""
    found = [greedy_texts(decoder, [prompt], steps) for prompt in prompts]
    return Greedy(
        torch.cat([one.ids for one in found]),
        torch.cat([one.logits for one in found]),
        sum(one.seconds for one in found),
    )


@torch.inference_mode()
def logits_at_end(model: GPT, rows: Sequence[Sequence[int]], last: int, name: str) -> Tensor:
    """Read each row at once and return the logits (N, last, V) of its last positions, in another number format.

    One block at a time is converted: in float64 the whole model would take twice its memory again.

    Raises:
        ValueError: there is no such format, or a row is shorter than `last`.
    """
    dtype = format_of(name)
    if any(len(row) < last for row in rows):
        raise ValueError(f"rows must have at least {last} ids each, not {min(map(len, rows))}")
    found = [model.embed(torch.tensor([list(row)])).to(dtype) for row in rows]
    for block in model.blocks:
        converted = copy.deepcopy(block).to(dtype)
        found = [converted(x, None) for x in found]
    norm, head = copy.deepcopy(model.norm).to(dtype), copy.deepcopy(model.head).to(dtype)
    return torch.cat([head(norm(x[:, -last:])) for x in found])


@dataclass(frozen=True)
class Departure:
    """How far one computation of a text departs from another.

    Attributes:
        largest: the largest difference of a logit, up to the step of the flip: later ones follow another text.
        flip: the first step, from 0, at which another token is the likeliest; None where none is.
    """

    largest: float
    flip: int | None


@checked
def departure(logits: Tensor, reference: Tensor) -> Departure:
    """Compare logits (T, V) of the steps of a text with those of another computation.

    Raises:
        ValueError: they have not the same shape of two dimensions, or hold no step.
    """
    if logits.ndim != 2 or logits.shape != reference.shape or not len(logits):
        raise ValueError(
            f"logits and reference must have one shape (T, V), not {tuple(logits.shape)} and {tuple(reference.shape)}"
        )
    flips = (logits.argmax(-1) != reference.argmax(-1)).nonzero().flatten().tolist()
    end = flips[0] + 1 if flips else len(logits)
    gap = (logits[:end].double() - reference[:end].double()).abs().max()
    return Departure(float(gap), flips[0] if flips else None)
