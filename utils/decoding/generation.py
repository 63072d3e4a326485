"""Autoregressive generation: batched, with a stop for each row and a callback for each token."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from utils.decoding.arguments import a_callable, id_set, shown, token_rows, whole_number
from utils.decoding.cached import Prompts
from utils.decoding.decoders import Decoder, own_decoder
from utils.decoding.projections import Weights
from utils.decoding.samplers import Choose, greedy

Adjust = Callable[[Tensor, list[int], list[list[int]]], Tensor]
OnToken = Callable[[int, int], object]
# Ids that end a row: one, several in any collection, an array or a tensor, or None for none.
StopIds = int | Collection[int] | Tensor | np.ndarray | None


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
    prompts: Prompts,
    max_new_tokens: int,
    choose: Choose = greedy,
    stop_ids: StopIds = (),
    *,
    samples: int = 1,
    on_token: OnToken | None = None,
    adjust: Adjust | None = None,
    logprobs: bool = False,
    weights: Weights = "float32",
) -> list[Generation]:
    """Continue every prompt until its own stop.

    Args:
        model: a language model, or a decoder made from one (which spares looking for changed weights). The call reads
            and writes with a state of its own, whatever else uses the same model or decoder meanwhile.
        prompts: token ids, rows of any lengths: lists, arrays, or one tensor (B, T).
        max_new_tokens: most new tokens per row.
        choose: logits (B, V) -> ids (B,); `greedy`, a sampler such as `Temperature(0.7)`, or its `seeded(0)`.
        stop_ids: id or ids that end a row; they are not part of the result.
        samples: continuations per prompt; the prompt is read once. Results come prompt by prompt.
        on_token: called with (row, id) for every new token as it is chosen; a true answer ends the row there, as
            a `StopStrings` gives it.
        adjust: called before `choose` with the logits (A, V) of the rows still running, their numbers, and
            the ids each has written so far; gives the logits to choose from, the same tensor or
            another. For masks and penalties.
        logprobs: record log-probabilities, those of the model whatever `adjust` and `choose` make of the logits.
        weights: format for decoding, "float32", "int8" or "int4".

    Returns:
        One `Generation` per row, in the order of the prompts.

    Raises:
        ValueError: what is no model; a prompt that is empty, longer than the context, or no row of ids of the
            vocabulary; a limit that is no whole number or too small; stop ids that are none; a `choose` or `adjust`
            that cannot be called, or gives something of another shape.
    """
    max_new_tokens = whole_number(max_new_tokens, "max_new_tokens", 0)
    samples = whole_number(samples, "samples", 1)
    stops = id_set(stop_ids, "stop_ids")
    a_callable(choose, "choose")
    for name, function in (("on_token", on_token), ("adjust", adjust)):
        if function is not None:
            a_callable(function, name)
    prompts = token_rows(prompts, "prompts", "prompt")
    decoder = own_decoder(model, weights)
    logits = decoder.prefill(prompts, reserve=max_new_tokens)
    rows = list(range(len(prompts) * samples))
    if samples > 1:
        source = [row // samples for row in rows]
        decoder.select(source)
        logits = logits[torch.tensor(source, device=logits.device)]
    results = [Generation() for _ in rows]
    # `held[i]` is the row that the decoder's i-th place computes; finished ones are dropped by halves.
    held, running = rows, set(rows)
    for _ in range(max_new_tokens):
        # Before anything else sees the logits: `adjust` and `choose` may write into them.
        table = logits.float().log_softmax(-1) if logprobs else None
        choices = logits
        if adjust is not None:
            choices = check_adjusted(
                adjust(logits, list(held), [results[row].ids for row in held]), (len(held), logits.shape[-1])
            )
        ids = _check_chosen(choose(choices), len(held))
        tokens = ids.tolist()
        scores = table.gather(-1, ids.long()[:, None])[:, 0].tolist() if table is not None else None
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


def check_adjusted(logits: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Return what `adjust` gave; raise ValueError unless it is logits of the shape that it got."""
    if not isinstance(logits, Tensor) or tuple(logits.shape) != shape:
        got = tuple(logits.shape) if isinstance(logits, Tensor) else shown(logits)
        raise ValueError(f"adjust must give logits of the shape {shape}, not {got}")
    return logits


def _check_chosen(ids: Tensor, rows: int) -> Tensor:
    """Return what `choose` gave; raise ValueError unless it is one id for each row."""
    if not isinstance(ids, Tensor) or ids.shape != (rows,) or ids.dtype not in (torch.int64, torch.int32):
        got = f"{ids.dtype} of the shape {tuple(ids.shape)}" if isinstance(ids, Tensor) else shown(ids)
        raise ValueError(f"choose must give one id for each row, int64 of the shape {(rows,)}, not {got}")
    return ids
