"""What samplers are measured by: repetition, variety, nucleus sizes, and the truth of what the world's models write."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from utils.decoding.arguments import same_length, whole_number
from utils.decoding.checked import check_fields, checked
from utils.decoding.decoders import Decoder, decoder_for
from utils.decoding.generation import generate
from utils.decoding.ranking import row_maximum
from utils.decoding.samplers import Sampler
from utils.training.base_models import base_world, load_base_model
from utils.training.sweep import run_sweep
from utils.training.threads import one_thread
from utils.world import World


@checked
def ngrams(items: Sequence[Hashable], n: int) -> list[tuple[Hashable, ...]]:
    """Return every run of n neighbouring items, in order.

    Raises:
        ValueError: n is below 1.
    """
    if n < 1:
        raise ValueError(f"n must be at least 1, not {n}")
    return [tuple(items[place : place + n]) for place in range(len(items) - n + 1)]


@checked
def repeated_share(items: Sequence[Hashable], n: int = 4) -> float:
    """Return the share of a text's n-grams that stood in it before; 0.0 for a text shorter than n.

    Raises:
        ValueError: n is below 1.
    """
    found = ngrams(items, n)
    return 1 - len(set(found)) / len(found) if found else 0.0


@checked
def distinct_share(texts: Sequence[Sequence[Hashable]], n: int = 2) -> float:
    """Return different n-grams over all n-grams of a group of texts (Li et al., 2016, "distinct-n").

    Raises:
        ValueError: n is below 1, or no text is as long as n.
    """
    found = [gram for text in texts for gram in ngrams(text, n)]
    if not found:
        raise ValueError(f"texts holds no run of {n} items")
    return len(set(found)) / len(found)


@checked
def nucleus_size(logits: Tensor, p: float) -> Tensor:
    """Return how many of the most likely tokens it takes to reach probability p, for logits (..., V).

    Raises:
        ValueError: p is outside (0, 1], or the logits hold NaN or +inf.
    """
    if not 0 < p <= 1:
        raise ValueError(f"p must be above 0 and at most 1, not {p}")
    row_maximum(logits)
    # Double precision: the tail of a large vocabulary is made of numbers that float32 would lose in the sum.
    cumulative = logits.double().softmax(-1).sort(-1, descending=True).values.cumsum(-1)
    return ((cumulative < p).sum(-1) + 1).clamp_max(logits.shape[-1])


@dataclass(frozen=True)
class DocumentMeasures:
    """What a sampler makes of a model of the world.

    Attributes:
        true_share: share of documents that the world could have written; it knows no wrong fact and no wrong word.
        different_share: different documents over all documents.
        distinct_pairs: different pairs of neighbouring words over all pairs.
        different_true: different true documents over all documents: what is both.
        tokens: mean length.
        model_logprob: mean log-probability per token under the model itself (nats).
        surprise: mean negative log-probability (nats per document) of the true documents under the world;
            NaN when none is true.
    """

    true_share: float
    different_share: float
    distinct_pairs: float
    different_true: float
    tokens: float
    model_logprob: float
    surprise: float


@checked
def measure_documents(
    world: World, documents: Sequence[Sequence[int]], logprobs: Sequence[float], finished: Sequence[bool]
) -> DocumentMeasures:
    """Measure documents against the world that they are about.

    Args:
        world: whose truth counts.
        documents: token ids of each, without the end.
        logprobs: total log-probability of each under the model that wrote it.
        finished: whether it came to an end; one that did not is never true.

    Raises:
        ValueError: no documents, or not as many logprobs and `finished`.
    """
    if not documents:
        raise ValueError("documents is empty: nothing can be measured")
    same_length(documents, "documents", logprobs, "logprobs")
    same_length(documents, "documents", finished, "finished")
    texts = [world.vocabulary.decode(ids) for ids in documents]
    exact = [world.log_probability(text) if done else -math.inf for text, done in zip(texts, finished, strict=True)]
    true = [value for value in exact if value > -math.inf]
    n = len(documents)
    return DocumentMeasures(
        true_share=len(true) / n,
        different_share=len(set(texts)) / n,
        distinct_pairs=distinct_share(documents, 2) if max(map(len, documents)) > 1 else 0.0,
        different_true=len({t for t, value in zip(texts, exact, strict=True) if value > -math.inf}) / n,
        tokens=sum(map(len, documents)) / n,
        model_logprob=sum(logprobs) / max(1, sum(map(len, documents))),
        surprise=-sum(true) / len(true) if true else math.nan,
    )


@checked
def sample_documents(
    decoder: Decoder, world: World, sampler: Sampler, n: int, seed: int, max_new_tokens: int = 64
) -> DocumentMeasures:
    """Let a model of the world write n documents from their beginning, and measure them.

    Raises:
        ValueError: n or max_new_tokens is not positive.
    """
    whole_number(n, "n", 1)
    whole_number(max_new_tokens, "max_new_tokens", 1)
    end = world.vocabulary.end_of_text_id
    found = generate(decoder, [[end]], max_new_tokens, sampler.seeded(seed), [end], samples=n, logprobs=True)
    return measure_documents(
        world,
        [one.ids for one in found],
        [sum(one.logprobs) for one in found],
        [one.finish == "stop" for one in found],
    )


@dataclass(frozen=True)
class DocumentsJob:
    """A base model's name, a sampler, a number of documents and a seed."""

    model: str
    sampler: Sampler
    n: int
    seed: int

    def __post_init__(self) -> None:
        check_fields(self, n=1, seed=0)


@checked
def run_documents_job(job: DocumentsJob) -> DocumentMeasures:
    """Return what the documents of a job are like; the model is so small that threads would wait for each other."""
    with one_thread():
        return sample_documents(base_decoder(job.model), base_world(), job.sampler, job.n, job.seed)


@checked
@lru_cache(maxsize=2)
def base_decoder(name: str) -> Decoder:
    """Return a decoder of a base model of the world, made once a process; ValueError for an unknown name."""
    return decoder_for(load_base_model(name))


@checked
def documents_by_setting(
    model: str, samplers: Sequence[Sampler], n: int, seeds: Sequence[int], workers: int = 0
) -> list[list[DocumentMeasures]]:
    """Return for each sampler and seed what n documents of a base model of the world are like.

    Args:
        model: name of the base model.
        samplers: the settings.
        n: documents of each sampler and seed.
        seeds: of the draws.
        workers: processes side by side; 0 runs all here.

    Raises:
        ValueError: there is no such model, n is below 1, or a seed or workers below 0.
    """
    whole_number(workers, "workers", 0)
    jobs = [DocumentsJob(model, sampler, n, seed) for sampler in samplers for seed in seeds]
    found = iter(run_sweep(run_documents_job, jobs, workers=workers, description="documents"))
    return [[next(found) for _ in seeds] for _ in samplers]


@checked
def top_k_draw(logits: Tensor, k: int, block: int = 128) -> Tensor:
    """Draw ids (B,) from the k largest logits (B, V) with a softmax over those k only, the cheap way to do top-k.

    The k largest stand in the k blocks with the largest maxima, so that a large vocabulary is read once and only those
    blocks are searched.

    Args:
        logits: (B, V).
        k: tokens to keep.
        block: numbers in a block.

    Raises:
        ValueError: k is not between 1 and V.
    """
    row_maximum(logits)
    whole_number(block, "block", 1)
    if logits.dim() != 2:
        raise ValueError(f"logits must have the shape (B, V), not {tuple(logits.shape)}")
    B, V = logits.shape
    if not 1 <= k <= V:
        raise ValueError(f"k must be between 1 and {V}, not {k}")
    whole = V // block * block
    if 2 * k * block > V:
        largest, places = logits.topk(k, dim=-1, sorted=False)
    else:
        blocks = logits[:, :whole].unflatten(-1, (-1, block))
        best = blocks.amax(-1).topk(k, dim=-1, sorted=False).indices
        positions = (best[..., None] * block + torch.arange(block, device=logits.device)).flatten(1)
        rest = torch.arange(whole, V, device=logits.device).expand(B, -1)
        positions = torch.cat([positions, rest], dim=-1)
        largest, within = logits.gather(-1, positions).topk(k, dim=-1, sorted=False)
        places = positions.gather(-1, within)
    times = torch.empty_like(largest).exponential_()
    return places.gather(-1, (largest.softmax(-1) / times).argmax(-1, keepdim=True))[..., 0]
