"""Longer measurements of the experiments on samplers: times, truth at equal variety, limits, waits, correlations."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from torch import Tensor

from utils.decoding.arguments import whole_number
from utils.decoding.checked import checked
from utils.decoding.generation import Generation
from utils.decoding.samplers import draw
from utils.evaluation.intervals import Interval
from utils.experiments.samplers.repeated_sampling import first_valid_latency
from utils.experiments.samplers.sampler_measures import DocumentMeasures, top_k_draw


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


@checked
def limit_costs(answers: Sequence[Generation], limits: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return mean tokens (limits,) and the share of answers cut off (limits,), had each limit been set.

    Args:
        answers: written with a limit at least as large as the largest of these.
        limits: in tokens.

    Raises:
        ValueError: there are no answers.
    """
    if not answers:
        raise ValueError("answers is empty: nothing can be measured")
    lengths = np.array([len(one.ids) for one in answers])
    tokens = np.minimum(lengths[:, None], np.array(limits)).mean(0)
    return tokens, np.array([[not is_complete(one, limit) for limit in limits] for one in answers]).mean(0)


@checked
def draw_times(logits: Tensor, ks: Sequence[int], repeats: int) -> dict[str, float]:
    """Return the milliseconds of a softmax of logits (B, V), of a draw from it, and of draws from the k largest only.

    Raises:
        ValueError: a k is not between 1 and V.
    """
    repeats = whole_number(repeats, "repeats", 1)
    times = {"softmax of all": fastest(lambda: logits.softmax(-1), repeats)}
    times["draw from all"] = fastest(lambda: draw(logits), repeats)
    for k in ks:
        times[f"k = {k}"] = fastest(partial(top_k_draw, logits, k), repeats)
    return times


@checked
def first_word_share(logits: Tensor, words: Sequence[str], decode: Callable[[list[int]], str], most: int = 50) -> float:
    """Return the probability that the next token is one of some words, whatever their case, blanks and full stops.

    Args:
        logits: (V,).
        words: in lower case.
        decode: text of token ids.
        most: only so many of the likeliest tokens are read.
    """
    probabilities, ids = logits.softmax(-1).topk(min(most, len(logits)))
    spelt = [decode([token]).strip(" .").lower() for token in ids.tolist()]
    return sum(share for share, text in zip(probabilities.tolist(), spelt, strict=True) if text in words)


@checked
def steps_saved(latencies: np.ndarray, valid: np.ndarray, n: int, resamples: int = 1000, seed: int = 0) -> Interval:
    """Return how much earlier the first valid of n answers comes than a single valid one, with a bootstrap interval.

    Args:
        latencies: (M,) of measured samples, in steps.
        valid: (M,) whether each was valid.
        n: answers that run side by side.
        resamples: of the samples; those without a valid one are left out.
        seed: of the resamples.

    Returns:
        The difference of the expected waits in steps; 0 where nothing is valid.
    """
    if not valid.any():
        return Interval(0.0, 0.0, 0.0, len(latencies))

    def saved(rows: np.ndarray) -> float:
        waits = [float(first_valid_latency(latencies[rows], valid[rows], side)) for side in (1, n)]
        return waits[0] - waits[1]

    every = np.arange(len(latencies))
    draws = np.random.default_rng(seed).integers(len(latencies), size=(resamples, len(latencies)))
    low, high = np.percentile([saved(rows) for rows in draws if valid[rows].any()], [2.5, 97.5])
    return Interval(saved(every), float(low), float(high), len(latencies))


@checked
def changed_answers(mine: Sequence[object], others: Sequence[Sequence[object]]) -> float:
    """Return the share of answers that change when the wording is exchanged, on average over the other wordings.

    Args:
        mine: answers to the tasks in one wording.
        others: the answers to the same tasks in each of the other wordings.
    """
    return float(np.mean([[one != other for one, other in zip(mine, row, strict=True)] for row in others]))


@checked
def correlation_interval(x: np.ndarray, y: np.ndarray, resamples: int = 2000, seed: int = 0) -> Interval:
    """Return the correlation of x (N,) and y (N,) with its bootstrap interval over the N pairs.

    A resample in which one of the two does not vary has no correlation and is left out.
    """
    rows = np.random.default_rng(seed).integers(len(x), size=(resamples, len(x)))
    with np.errstate(invalid="ignore", divide="ignore"):
        found = [np.corrcoef(x[row], y[row])[0, 1] for row in rows]
        mean = float(np.corrcoef(x, y)[0, 1])
    low, high = np.nanpercentile(found, [2.5, 97.5])
    return Interval(mean, float(low), float(high), len(x))


@checked
def ratio_interval(above: np.ndarray, below: np.ndarray, resamples: int = 2000, seed: int = 0) -> Interval:
    """Return the ratio of the medians of two groups, with the bootstrap interval over the members of each."""
    source = np.random.default_rng(seed)
    ratios = [
        np.median(source.choice(above, len(above))) / np.median(source.choice(below, len(below)))
        for _ in range(resamples)
    ]
    low, high = np.percentile(ratios, [2.5, 97.5])
    return Interval(float(np.median(above) / np.median(below)), float(low), float(high), len(above))
