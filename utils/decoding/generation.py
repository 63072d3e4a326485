"""Autoregressive generation: batched, with a stop for each row and a callback for each token."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor, nn

from utils.decoding.decoders import Decoder, decoder_for
from utils.decoding.projections import Weights
from utils.decoding.samplers import Choose, greedy

Adjust = Callable[[Tensor, list[int], list[list[int]]], Tensor]
OnToken = Callable[[int, int], object]


@dataclass
class Generation:
    """What was written after one prompt.

    Attributes:
        ids: the new ids, without the stop id.
        finish: "stop" for a stop id or a callback that said so, "length" for the limit of new tokens, "context"
            for a full context.
        logprobs: log-probability of each of `ids` under the model's own distribution, before any sampler;
            empty unless asked for.
    """

    ids: list[int] = field(default_factory=list)
    finish: Literal["stop", "length", "context"] = "length"
    logprobs: list[float] = field(default_factory=list)


@torch.inference_mode()
def generate(
    model: nn.Module | Decoder,
    prompts: Sequence[Sequence[int]],
    max_new_tokens: int,
    choose: Choose = greedy,
    stop_ids: Collection[int] = (),
    *,
    samples: int = 1,
    on_token: OnToken | None = None,
    adjust: Adjust | None = None,
    logprobs: bool = False,
    weights: Weights = "float32",
) -> list[Generation]:
    """Continue every prompt until its own stop.

    Args:
        model: a language model, or a decoder made from one (which spares looking for changed weights).
        prompts: token ids, rows of any lengths.
        max_new_tokens: most new tokens per row.
        choose: logits (B, V) -> ids (B,); `greedy`, a sampler such as `Temperature(0.7)`, or its `seeded(0)`.
        stop_ids: ids that end a row; they are not part of the result.
        samples: continuations per prompt; the prompt is read once. Results come prompt by prompt.
        on_token: called with (row, id) for every new token as it is chosen; a true answer ends the row there, as
            a `StopStrings` gives it.
        adjust: called before `choose` with the logits (A, V) of the rows still running, their numbers, and
            the ids each has written so far; gives the logits to choose from. For masks and penalties.
        logprobs: record log-probabilities.
        weights: format for decoding, "float32", "int8" or "int4".

    Returns:
        One `Generation` per row, in the order of the prompts.

    Raises:
        ValueError: a prompt is empty, longer than the context or has ids outside the vocabulary; or a limit is
            not positive.
    """
    if max_new_tokens < 0:
        raise ValueError(f"max_new_tokens must not be negative, not {max_new_tokens}")
    if samples < 1:
        raise ValueError(f"samples must be at least 1, not {samples}")
    decoder = decoder_for(model, weights) if isinstance(model, nn.Module) else model
    logits = decoder.prefill(prompts, reserve=max_new_tokens)
    rows = list(range(len(prompts) * samples))
    if samples > 1:
        source = [row // samples for row in rows]
        decoder.select(source)
        logits = logits[torch.tensor(source, device=logits.device)]
    results = [Generation() for _ in rows]
    stops = frozenset(stop_ids)
    # `held[i]` is the row that the decoder's i-th place computes; finished ones are dropped by halves.
    held, running = rows, set(rows)
    for _ in range(max_new_tokens):
        choices = logits
        if adjust is not None:
            choices = adjust(logits, held, [results[row].ids for row in held])
        ids = choose(choices)
        tokens = ids.tolist()
        scores = logits.log_softmax(-1).gather(-1, ids[:, None])[:, 0].tolist() if logprobs else None
        for place, (row, token) in enumerate(zip(held, tokens, strict=True)):
            if row not in running:
                continue
            if token in stops:
                results[row].finish = "stop"
                running.discard(row)
                continue
            results[row].ids.append(token)
            if scores is not None:
                results[row].logprobs.append(scores[place])
            if on_token is not None and on_token(row, token):
                results[row].finish = "stop"
                running.discard(row)
        longest = max((len(results[row].ids) for row in running), default=max_new_tokens)
        if longest >= max_new_tokens:
            break
        if decoder.room < 1:
            for row in running:
                results[row].finish = "context"
            break
        if 2 * len(running) <= len(held):
            places = [place for place, row in enumerate(held) if row in running]
            decoder.select(places)
            ids = ids[torch.tensor(places, device=ids.device)]
            held = [held[place] for place in places]
        logits = decoder.step(ids)
    return results
