"""Greedy texts of the real model, computed in several ways that differ in nothing but the order and length of sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from torch import Tensor

from utils.decoding.cached import CachedDecoder
from utils.decoding.checked import check_fields
from utils.experiments.hallucination.numerics import (
    Departure,
    RowByRowDecoder,
    alone,
    departure,
    greedy_texts,
    logits_at_end,
    model_in,
    threads,
)
from utils.experiments.hallucination.real_answers import chat_prompt, real_model
from utils.experiments.hallucination.real_facts import real_questions

DECODED = ("float32", "bfloat16")
# The way -> what it is compared with. Steps are those of the decoder; whole texts are read at once.
WAYS = {
    "batch, float32": "the text alone, by steps",
    "batch, bfloat16": "the text alone, by steps",
    "threads, float32": "one thread, the whole text",
    "threads, bfloat16": "one thread, the whole text",
    "float64": "float32, the whole text",
    "float16": "float32, the whole text",
    "bfloat16": "float32, by steps",
}
ASK = "Tell a short story from {}."


@dataclass(frozen=True)
class NumericsJob:
    """Some of the prompts, which make one batch.

    Attributes:
        first, n: which of `story_prompts`.
        steps: tokens of each text.
        priced: tokens that are written to compare the time of two decoders.
        threads: how many compute the whole texts beside one; 0: no text is read whole.
    """

    first: int
    n: int
    steps: int
    priced: int
    threads: int

    def __post_init__(self) -> None:
        check_fields(self, first=0, n=2, steps=2, priced=1, threads=0)
        if self.priced > self.steps:
            raise ValueError(f"priced must be at most steps, {self.steps}, not {self.priced}")
        if self.threads == 1:
            raise ValueError("threads must be 0 or at least 2, not 1: one thread is what others are compared with")
        if self.first + self.n > len(story_subjects()):
            raise ValueError(f"first + n must be at most {len(story_subjects())}, not {self.first + self.n}")


@lru_cache(maxsize=1)
def story_subjects() -> tuple[str, ...]:
    """Return the countries that stories are asked from, the most populous first."""
    return tuple(one.subject for one in real_questions() if one.kind == "capital")


def story_prompts(first: int, n: int) -> list[list[int]]:
    """Return the prompts number `first` to `first + n - 1`, of several lengths."""
    return [chat_prompt(ASK.format(subject)) for subject in story_subjects()[first : first + n]]


def decoder_in(name: str) -> CachedDecoder:
    """Return a new decoder of the real model in a number format; it takes half a gigabyte in float32."""
    return CachedDecoder(model_in(real_model().model, name))


def departures(logits: Tensor, reference: Tensor) -> list[Departure]:
    """Compare each of several texts (N, T, V) with its reference."""
    return [departure(one, other) for one, other in zip(logits, reference, strict=True)]


def run_numerics(job: NumericsJob) -> Mapping[str, Any]:
    """Return for each way and prompt how far the logits depart and the step at which a token flips (-1: none).

    All of it with one thread but what is named after threads. "again" holds the largest difference of the same whole
    texts read twice, "row by row" that of the decoder that computes each row alone, in company and without; "coarsest
    first" the formats by their difference from float32, the decoder's own way aside.
    """
    prompts = story_prompts(job.first, job.n)
    with threads(1):
        found, result = _by_steps(job, prompts)
        if job.threads:
            read, again = _whole(job, prompts, result["ids"])
            found |= read
            result["again"] = again
            sizes = {name: max(one.largest for one in read[name]) for name in ("float64", "float16")}
            sizes["bfloat16"] = max(one.largest for one in found["bfloat16"])
            result["coarsest first"] = sorted(sizes, key=lambda name: -sizes[name])
    result["flip"] = {way: [-1 if one.flip is None else one.flip for one in row] for way, row in found.items()}
    result["largest"] = {way: [float(f"{one.largest:.3g}") for one in row] for way, row in found.items()}
    result["words"] = real_model().decode(result["ids"][DECODED[0]][0])
    del result["ids"]
    return result


def _by_steps(job: NumericsJob, prompts: Sequence[Sequence[int]]) -> tuple[dict[str, list[Departure]], dict[str, Any]]:
    found: dict[str, list[Departure]] = {}
    result: dict[str, Any] = {"tokens": [len(prompt) for prompt in prompts], "row by row": {}, "seconds": {}, "ids": {}}
    texts = {}
    for name in DECODED:
        decoder = decoder_in(name)
        texts[name] = one = alone(decoder, prompts, job.steps)
        together = greedy_texts(decoder, prompts, job.steps)
        batched, invariant = (greedy_texts(own, prompts, job.priced) for own in (decoder, RowByRowDecoder(decoder)))
        found[f"batch, {name}"] = departures(together.logits, one.logits)
        result["row by row"][name] = float((invariant.logits - one.logits[:, : job.priced]).abs().max())
        result["seconds"][name] = [round(batched.seconds, 3), round(invariant.seconds, 3)]
        result["ids"][name] = one.ids.tolist()
    found["bfloat16"] = departures(texts["bfloat16"].logits, texts["float32"].logits)
    return found, result


def _whole(
    job: NumericsJob, prompts: Sequence[Sequence[int]], ids: Mapping[str, Sequence[Sequence[int]]]
) -> tuple[dict[str, list[Departure]], dict[str, float]]:
    model, found, again = real_model().model, {}, {}

    def read(name: str, texts: str) -> Tensor:
        rows = [[*prompt, *text[:-1]] for prompt, text in zip(prompts, ids[texts], strict=True)]
        return logits_at_end(model, rows, job.steps, name)

    for name in DECODED:
        once = read(name, name)
        again[name] = float((read(name, name) - once).abs().max())
        with threads(job.threads):
            found[f"threads, {name}"] = departures(read(name, name), once)
        if name == "float32":
            for other in ("float64", "float16"):
                found[other] = departures(read(other, name), once)
    return found, again
