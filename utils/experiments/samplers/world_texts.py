"""Documents that a model of the world writes or continues, kept by groups, by beams and by drawing, and measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from utils.decoding.arguments import whole_number
from utils.decoding.beam import beam_search
from utils.decoding.checked import checked
from utils.decoding.decoders import Decoder
from utils.decoding.generation import generate
from utils.decoding.samplers import Temperature
from utils.experiments.samplers.sampler_measures import distinct_share, measure_documents
from utils.world import World

# The miniature world's documents are shorter; what has not ended by then has lost its way.
LONGEST_DOCUMENT = 64
LONGEST_CONTINUATION = 40


@dataclass(frozen=True)
class WrittenGroups:
    """Documents of a model in groups, of which one each is to be kept; all arrays are (groups, documents).

    Attributes:
        lengths: tokens.
        sums: total log-probability under the model, in nats.
        true: whether the world could have written it.
    """

    lengths: np.ndarray
    sums: np.ndarray
    true: np.ndarray


@checked
def written_groups(decoder: Decoder, world: World, groups: int, size: int, seed: int) -> WrittenGroups:
    """Let a model of the world write groups of documents at temperature 1.

    Raises:
        ValueError: groups or size is below 1.
    """
    shape = (whole_number(groups, "groups", 1), whole_number(size, "size", 1))
    end = world.vocabulary.end_of_text_id
    choose = Temperature(1.0).seeded(seed)
    written = generate(decoder, [[end]], LONGEST_DOCUMENT, choose, [end], samples=shape[0] * shape[1], logprobs=True)
    true = [
        one.finish == "stop" and world.log_probability(world.vocabulary.decode(one.ids)) > -np.inf for one in written
    ]
    return WrittenGroups(
        np.array([max(1, len(one.ids)) for one in written]).reshape(shape),
        np.array([sum(one.logprobs) for one in written]).reshape(shape),
        np.array(true).reshape(shape),
    )


@dataclass(frozen=True)
class Continuation:
    """A document of which the beginning was given.

    Attributes:
        beginning: its ids, without the end-of-text id in front.
        ids: the new ids, without the end.
        total: log-probability in nats.
        finished: whether the end was reached.
    """

    beginning: list[int]
    ids: list[int]
    total: float
    finished: bool


@checked
def by_beam(decoder: Decoder, world: World, beginnings: Sequence[Sequence[int]], width: int) -> list[Continuation]:
    """Continue each beginning (ids, without the end-of-text id in front) by beam search; the best average is taken."""
    end = world.vocabulary.end_of_text_id
    found = []
    for beginning in beginnings:
        best = beam_search(decoder, [end, *beginning], width, LONGEST_CONTINUATION, end)[0]
        ids = best.ids[:-1] if best.finished else best.ids
        found.append(Continuation(list(beginning), ids, best.total_logprob, best.finished))
    return found


@checked
def by_drawing(decoder: Decoder, world: World, beginnings: Sequence[Sequence[int]], seed: int) -> list[Continuation]:
    """Continue each beginning (ids, without the end-of-text id in front) by drawing at temperature 1."""
    end = world.vocabulary.end_of_text_id
    prompts = [[end, *beginning] for beginning in beginnings]
    choose = Temperature(1.0).seeded(seed)
    drawn = generate(decoder, prompts, LONGEST_CONTINUATION, choose, [end], logprobs=True)
    return [
        Continuation(list(beginning), one.ids, sum(one.logprobs), one.finish == "stop")
        for beginning, one in zip(beginnings, drawn, strict=True)
    ]


@checked
def measure_continuations(world: World, continuations: Sequence[Continuation]) -> dict[str, float]:
    """Return mean log-probability a token ("average"), share of true ones, of different pairs of words, and tokens.

    Raises:
        ValueError: no continuations.
    """
    if not continuations:
        raise ValueError("continuations is empty: nothing can be measured")
    documents = [one.beginning + one.ids for one in continuations]
    lengths = [max(1, len(one.ids)) for one in continuations]
    averages = [one.total / length for one, length in zip(continuations, lengths, strict=True)]
    found = measure_documents(world, documents, [0.0] * len(documents), [one.finished for one in continuations])
    return {
        "average": float(np.mean(averages)),
        "true": found.true_share,
        "pairs": distinct_share(documents, 2),
        "tokens": float(np.mean(lengths)),
    }
