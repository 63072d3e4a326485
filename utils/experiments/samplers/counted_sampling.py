"""Thousands of samples of one prompt for the price of the different ones: equal beginnings are computed once.

Independent samples that begin alike need the same logits. So a row of the batch stands for all samples with one
beginning, with their number, and at each token that number is divided among the next tokens by one multinomial draw.
The result has the distribution of independent samples, exactly; a confident model writes few different texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import nn

from utils.decoding.arguments import id_set, token_rows, whole_number
from utils.decoding.cached import Prompts
from utils.decoding.checked import checked
from utils.decoding.decoders import Decoder, own_decoder
from utils.decoding.generation import StopIds
from utils.decoding.samplers import Sampler

# Where a row stands for fewer samples than this on average, sharing saves less than dividing the rows costs.
LEAST_SHARED = 3.0


@dataclass
class Samples:
    """The different continuations of one prompt.

    Attributes:
        ids: new ids of each, without the stop id.
        counts: how many samples gave each.
        finished: whether each met a stop id before the limit of tokens.
        logprobs: log-probability (nats) of each under the model itself, its stop id included, before any sampler.
    """

    ids: list[list[int]] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    finished: list[bool] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    _places: dict[tuple[bool, tuple[int, ...]], int] = field(default_factory=dict, repr=False)

    @property
    def total(self) -> int:
        """Number of samples."""
        return sum(self.counts)

    def add(self, ids: Sequence[int], count: int, finished: bool, logprob: float) -> None:
        """Count samples of one continuation, a new one or one that is there."""
        key = (finished, tuple(ids))
        place = self._places.setdefault(key, len(self.ids))
        if place < len(self.ids):
            self.counts[place] += count
            return
        self.ids.append(list(ids))
        self.counts.append(count)
        self.finished.append(finished)
        self.logprobs.append(logprob)


@dataclass
class _Rows:
    """Beginnings that are being continued: prompt, number of samples (0: all have ended), log-probability, ids."""

    prompts: np.ndarray
    counts: np.ndarray
    logprobs: np.ndarray
    ids: np.ndarray

    def __len__(self) -> int:
        return len(self.prompts)

    def continued(self, places: np.ndarray, tokens: np.ndarray, counts: np.ndarray, gains: np.ndarray) -> _Rows:
        """Return the rows at `places`, each with one more token."""
        ids = np.concatenate([self.ids[places], tokens[:, None].astype(self.ids.dtype)], axis=1)
        return _Rows(self.prompts[places], counts, self.logprobs[places] + gains, ids)

    def at(self, places: np.ndarray) -> _Rows:
        """Return the rows at `places`."""
        return _Rows(self.prompts[places], self.counts[places], self.logprobs[places], self.ids[places])


@checked
@torch.inference_mode()
def sample_counts(
    model: nn.Module | Decoder,
    prompts: Prompts,
    n: int,
    max_new_tokens: int,
    stop_ids: StopIds,
    *,
    sampler: Sampler | None = None,
    seed: int = 0,
) -> list[Samples]:
    """Draw n independent samples for every prompt.

    Args:
        model: a language model, or a decoder made from one.
        prompts: token ids.
        n: samples for each prompt.
        max_new_tokens: most new tokens; what is not finished then is cut.
        stop_ids: ids that end a text.
        sampler: transformation of the logits to draw from, such as `Temperature(0.7)`; None: the model's own.
        seed: of the draws.

    Returns:
        One `Samples` per prompt; the counts of each sum to n.

    Raises:
        ValueError: n or max_new_tokens is below 1, or a prompt does not fit into the context.
    """
    for name, value in (("n", n), ("max_new_tokens", max_new_tokens)):
        whole_number(value, name, 1)
    generator = np.random.default_rng(whole_number(seed, "seed", 0))
    stops = list(id_set(stop_ids, "stop_ids"))
    prompts = token_rows(prompts, "prompts", "prompt")
    decoder = own_decoder(model)
    logits = decoder.prefill(prompts, reserve=max_new_tokens)
    if decoder.room < max_new_tokens - 1:
        raise ValueError(f"max_new_tokens is {max_new_tokens}: the longest prompt leaves room for {decoder.room + 1}")
    results = [Samples() for _ in prompts]
    rows = _Rows(
        np.arange(len(prompts)), np.full(len(prompts), n), np.zeros(len(prompts)), np.zeros((len(prompts), 0), np.int32)
    )
    for length in range(1, max_new_tokens + 1):
        own = logits.log_softmax(-1).cpu().numpy()
        choices = logits if sampler is None else sampler.transform(logits)
        places, tokens, counts = _divided(rows.counts, choices.softmax(-1).double().cpu().numpy(), generator)
        following = rows.continued(places, tokens, counts, own[places, tokens])
        ended = np.isin(tokens, stops)
        for place in np.flatnonzero(ended | (length == max_new_tokens)):
            done = bool(ended[place])
            ids = following.ids[place, : length - done].tolist()
            results[following.prompts[place]].add(ids, int(counts[place]), done, float(following.logprobs[place]))
        if ended.all() or length == max_new_tokens:
            break
        source, rows = _arranged(rows, following, places, ~ended)
        if source is not None:
            decoder.select(source.tolist())
        logits = decoder.step(torch.from_numpy(rows.ids[:, -1].astype(np.int64)).to(logits.device))
    return results


def _divided(
    counts: np.ndarray, probabilities: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw for each row as many tokens as its count: places of rows, different tokens of each, and their numbers."""
    cumulative = probabilities.cumsum(-1)
    total = cumulative[:, -1:]
    single = np.flatnonzero(counts == 1)
    # The first token whose cumulative probability is above a uniform number: never one of probability 0.
    drawn = (cumulative[single] > generator.random((len(single), 1)) * total[single]).argmax(-1)
    several = np.flatnonzero(counts > 1)
    table = generator.multinomial(counts[several], probabilities[several] / total[several])
    which, tokens = np.nonzero(table)
    places = np.concatenate([single, several[which]])
    order = np.argsort(places, kind="stable")
    numbers = np.concatenate([np.ones(len(single), dtype=np.int64), table[which, tokens]])
    return places[order], np.concatenate([drawn, tokens])[order], numbers[order]


def _arranged(rows: _Rows, following: _Rows, places: np.ndarray, going: np.ndarray) -> tuple[np.ndarray | None, _Rows]:
    """Return from which row each next row goes on (None: every row from itself), and the next rows."""
    source, next_rows = places[going], following.at(np.flatnonzero(going))
    if len(np.unique(source)) == len(source) and 2 * len(source) > len(rows):
        # Nothing divides and most go on: moving the cache would cost more than computing the ended rows.
        zeros = np.zeros(len(rows), dtype=np.int64)
        held = rows.continued(np.arange(len(rows)), zeros, zeros, np.zeros(len(rows)))
        for name in ("counts", "logprobs", "ids"):
            getattr(held, name)[source] = getattr(next_rows, name)
        return None, held
    total = int(next_rows.counts.sum())
    if 1 < len(source) < total < LEAST_SHARED * len(source):
        repeated = np.repeat(np.arange(len(source)), next_rows.counts)
        source, next_rows = source[repeated], next_rows.at(repeated)
        next_rows.counts = np.ones_like(next_rows.counts)
    return source, next_rows
