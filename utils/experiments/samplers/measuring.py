"""Longer measurements of the experiments on samplers: times, truth at equal variety, continued documents."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from utils.decoding.generation import Generation
from utils.experiments.samplers.sampler_measures import DocumentMeasures, distinct_share, measure_documents
from utils.world import World


def table_of(rows: Sequence[Sequence[DocumentMeasures]], name: str) -> np.ndarray:
    """Return one measure as an array (settings, seeds)."""
    return np.array([[getattr(one, name) for one in row] for row in rows])


def truth_at_variety(rows: Sequence[Sequence[DocumentMeasures]], variety: float) -> np.ndarray:
    """Return the share of true documents at a given variety, for each seed, between the measured points."""
    pairs, true = table_of(rows, "distinct_pairs"), table_of(rows, "true_share")
    found = []
    for seed in range(pairs.shape[1]):
        order = pairs[:, seed].argsort()
        found.append(np.interp(variety, pairs[order, seed], true[order, seed]))
    return np.array(found)


def fastest(function: Callable[[], Any], repeats: int) -> float:
    """Return the shortest time of several calls, in milliseconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return 1e3 * min(times)


def parses(text: str) -> bool:
    """Return whether a text is a JSON object."""
    try:
        return isinstance(json.loads(text), dict)
    except json.JSONDecodeError:
        return False


def is_complete(answer: Generation, limit: int) -> bool:
    """Return whether an answer has come to its end within a limit of tokens."""
    return answer.finish == "stop" and len(answer.ids) < limit


def interleaved(parts: Sequence[Sequence[Any]]) -> list[Any]:
    """Return one list from parts that each hold every fourth (or n-th) of its items, in the order of the items."""
    together: list[Any] = [None] * sum(map(len, parts))
    for place, found in enumerate(parts):
        together[place :: len(parts)] = found
    return together


def measured_texts(world: World, continuations: Sequence[tuple[list[int], list[int], float, bool]]) -> dict[str, float]:
    """Return mean log-probability (in total and a token), truth, variety and length of continued documents.

    Args:
        world: says which documents are true.
        continuations: (beginning with the end-of-text id in front, new ids without the end, total log-probability in
            nats, whether the end was reached) of each.
    """
    documents = [beginning[1:] + ids for beginning, ids, _, _ in continuations]
    lengths = [max(1, len(ids)) for _, ids, _, _ in continuations]
    totals = [total for _, _, total, _ in continuations]
    found = measure_documents(world, documents, [0.0] * len(documents), [done for *_, done in continuations])
    return {
        "total": float(np.mean(totals)),
        "average": float(np.mean([total / length for total, length in zip(totals, lengths, strict=True)])),
        "true": found.true_share,
        "pairs": distinct_share(documents, 2),
        "tokens": float(np.mean(lengths)),
    }
