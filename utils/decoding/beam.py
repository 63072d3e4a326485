"""Beam search: the likeliest texts that a narrow search finds, ranked by their average log-probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from utils.decoding.arguments import a_callable, id_set, token_ids, token_rows, whole_number
from utils.decoding.cached import Prompts
from utils.decoding.decoders import Decoder, own_decoder
from utils.decoding.generation import Adjust, StopIds, check_adjusted
from utils.decoding.ranking import row_maximum


@dataclass(frozen=True)
class Hypothesis:
    """A text that beam search found.

    Attributes:
        ids: the new ids, with the end id where it was reached.
        total_logprob: sum of the log-probabilities (nats) of `ids`.
        average_logprob: the sum divided by the number of `ids`; 0 for none.
        finished: whether the end id was reached.
    """

    ids: list[int]
    total_logprob: float
    average_logprob: float
    finished: bool


def beam_search(
    model: nn.Module | Decoder,
    prompt: Sequence[int] | Tensor | np.ndarray,
    width: int,
    max_new_tokens: int,
    eos_id: StopIds,
    *,
    adjust: Adjust | None = None,
) -> list[Hypothesis]:
    """Return the hypotheses of a beam search, the highest average log-probability first.

    Every step extends all hypotheses of the beam by every token and keeps the `width` extensions with the highest total
    log-probability. One that ends leaves the beam and is kept; the others go on, up to `max_new_tokens` tokens or the
    end of the context, and are then listed as unfinished. So the list may hold more than `width` hypotheses, and
    every one that ended is in it. Extensions of probability 0 are never taken.

    Args:
        model: a language model, or a decoder made from one. The beam is the decoder's batch, the prompt is read once.
        prompt: token ids, one row of them.
        width: hypotheses in the beam; 1 is greedy decoding.
        max_new_tokens: most new tokens.
        eos_id: the id, or ids, that end a text; None where nothing does.
        adjust: called with the logits (A, V) of the beam, the numbers 0 to A - 1 and the ids of each hypothesis; gives
            the logits to search with, for masks. Log-probabilities are those of the adjusted distribution.

    Raises:
        ValueError: what is no model; width is below 1, max_new_tokens negative, or one no whole number; an eos_id that
            is none; a prompt that does not fit the model; an `adjust` that cannot be called or gives another shape.
    """
    return beam_searches(model, [token_ids(prompt, "prompt")], width, max_new_tokens, eos_id, adjust=adjust)[0]


@torch.inference_mode()
def beam_searches(
    model: nn.Module | Decoder,
    prompts: Prompts,
    width: int,
    max_new_tokens: int,
    eos_id: StopIds,
    *,
    adjust: Adjust | None = None,
) -> list[list[Hypothesis]]:
    """Return what `beam_search` finds after each of several prompts.

    All beams are one batch, so that the weights are read once a step for all of them; the context that the longest
    prompt fills ends all searches. `adjust` gets the hypotheses of all beams.

    Raises:
        ValueError: as `beam_search`.
    """
    width = whole_number(width, "width", 1)
    max_new_tokens = whole_number(max_new_tokens, "max_new_tokens", 0)
    ends = id_set(eos_id, "eos_id")
    if adjust is not None:
        a_callable(adjust, "adjust")
    prompts = token_rows(prompts, "prompts", "prompt")
    decoder = own_decoder(model)
    logits = decoder.prefill(prompts, reserve=max_new_tokens)
    done: list[list[Hypothesis]] = [[] for _ in prompts]
    beams: list[list[list[int]]] = [[[]] for _ in prompts]
    totals = [torch.zeros(1, dtype=torch.float64) for _ in prompts]
    for step in range(max_new_tokens):
        if adjust is not None:
            written = [ids for beam in beams for ids in beam]
            adjusted = adjust(logits, list(range(len(written))), written)
            logits = check_adjusted(adjusted, (len(written), logits.shape[-1]))
        parents: list[int] = []
        first = 0  # place in the batch of the beam's first hypothesis
        for place, (beam, own) in enumerate(zip(beams, logits.split([len(beam) for beam in beams]), strict=True)):
            if not beam:
                continue
            found = list(zip(*_best_extensions(own, totals[place], width), strict=True))
            live = [(source, token, score) for source, token, score in found if token not in ends]
            done[place] += [_hypothesis([*beam[s], token], score, True) for s, token, score in found if token in ends]
            beams[place] = [[*beam[source], token] for source, token, _ in live]
            totals[place] = torch.tensor([score for _, _, score in live], dtype=torch.float64)
            parents += [first + source for source, _, _ in live]
            first += len(beam)
        if not parents or step + 1 == max_new_tokens or decoder.room < 1:
            break
        if parents != list(range(logits.shape[0])):
            decoder.select(parents)
        last = [ids[-1] for beam in beams for ids in beam]
        logits = decoder.step(torch.tensor(last, device=logits.device))
    for found_here, beam, own_totals in zip(done, beams, totals, strict=True):
        found_here += [_hypothesis(ids, score, False) for ids, score in zip(beam, own_totals.tolist(), strict=True)]
    # The sort is stable: of equal averages the one found first comes first.
    return [sorted(found_here, key=lambda hypothesis: -hypothesis.average_logprob) for found_here in done]


def _best_extensions(logits: Tensor, totals: Tensor, width: int) -> tuple[list[int], list[int], list[float]]:
    """Return the rows, tokens and totals of the best extensions, at most `width`, best first."""
    row_maximum(logits)
    V = logits.shape[-1]
    logprobs = logits.float().log_softmax(-1)
    # No more than `width` extensions of one hypothesis can be among the best.
    values, ids = logprobs.topk(min(width, V), dim=-1)
    reached = totals[:, None] + values.double().cpu()
    best, places = reached.flatten().topk(min(width, reached.numel()))
    possible = torch.isfinite(best)
    best, places = best[possible], places[possible]
    sources = places // values.shape[1]
    return sources.tolist(), ids.cpu().flatten()[places].tolist(), best.tolist()


def _hypothesis(ids: list[int], total: float, finished: bool) -> Hypothesis:
    return Hypothesis(ids, total, total / len(ids) if ids else 0.0, finished)
