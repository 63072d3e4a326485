"""Longer measurements of the experiments on samplers: times, truth at equal variety, limits, waits, correlations."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from utils.decoding.arguments import whole_number
from utils.decoding.checked import checked
from utils.decoding.generation import Generation
from utils.decoding.samplers import draw
from utils.decoding.stopping import truncate_at_stop
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
def stop_costs(
    answers: Sequence[Generation], texts: Sequence[str], stops: Sequence[str], count: Callable[[str], int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the tokens of each answer and whether it is cut off (N,), had the first stop string ended it.

    Args:
        answers: written without stop strings.
        texts: of the answers.
        stops: strings that end an answer.
        count: tokens of a text.
    """
    kept = [truncate_at_stop(text, stops) for text in texts]
    cut = [text == whole and one.finish != "stop" for text, whole, one in zip(kept, texts, answers, strict=True)]
    return np.array([count(text) for text in kept]), np.array(cut)


@checked
def running_products(values: Tensor, kind: torch.dtype) -> list[float]:
    """Return the product of the first 1, 2, ... values (N,), rounded to a number format after each factor."""
    product, found = torch.ones((), dtype=kind), []
    for value in values.to(kind):
        product = product * value
        found.append(float(product))
    return found


@checked
def right_by_the_others(scores: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """Return whether each score is judged rightly by a threshold that the other scores give (N,).

    The threshold lies halfway between the means of the others' two classes; each class needs two members.

    Args:
        scores: (N,), higher ones speak for a positive.
        positive: (N,) booleans.

    Raises:
        ValueError: a class with fewer than two members.
    """
    if min(positive.sum(), (~positive).sum()) < 2:
        raise ValueError(f"positive holds {positive.sum()} of {len(positive)}: each class needs two members")
    right = []
    for place in range(len(scores)):
        others = np.arange(len(scores)) != place
        threshold = np.mean([scores[others & (positive == kind)].mean() for kind in (True, False)])
        right.append((scores[place] > threshold) == positive[place])
    return np.array(right)


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
def steps_until_valid(latencies: np.ndarray, valid: np.ndarray, n: int) -> float:
    """Return the expected steps until an answer is valid, when n are asked side by side, again and again until one is.

    The wait for the first valid of n, given that there is one, leaves out what a failure costs: the more answers, the
    fewer rounds in which all fail, and such a round is waited for to its end.

    Args:
        latencies: (M,) of measured samples, in steps; each of the n is drawn from them with replacement.
        valid: (M,) whether each was valid.
        n: answers that run side by side.

    Returns:
        Steps; infinite where nothing is valid.
    """
    if not valid.any():
        return float("inf")
    first = float(first_valid_latency(latencies, valid, n))
    failed = np.sort(latencies[~valid])
    fails = (len(failed) / len(latencies)) ** whole_number(n, "n", 1)
    if not len(failed):
        return first
    below = (np.arange(len(failed) + 1) / len(failed)) ** n  # the longest of n failed answers is one of the first j
    longest = float(failed @ np.diff(below))
    return first + fails / (1 - fails) * longest


@checked
def steps_saved(latencies: np.ndarray, valid: np.ndarray, n: int, resamples: int = 1000, seed: int = 0) -> Interval:
    """Return how many steps sooner a valid answer is there with n side by side than with one, asked until it is valid.

    Args:
        latencies: (M,) of measured samples, in steps.
        valid: (M,) whether each was valid.
        n: answers that run side by side.
        resamples: of the samples, for the bootstrap interval; those without a valid one are left out.
        seed: of the resamples.

    Returns:
        The difference of the expected waits in steps; 0 where nothing is valid.
    """
    if not valid.any():
        return Interval(0.0, 0.0, 0.0, len(latencies))

    def saved(rows: np.ndarray) -> float:
        waits = [steps_until_valid(latencies[rows], valid[rows], side) for side in (1, n)]
        return waits[0] - waits[1]

    every = np.arange(len(latencies))
    draws = np.random.default_rng(seed).integers(len(latencies), size=(resamples, len(latencies)))
    low, high = np.percentile([saved(rows) for rows in draws if valid[rows].any()], [2.5, 97.5])
    return Interval(saved(every), float(low), float(high), len(latencies))


@checked
def correlation_interval(
    x: np.ndarray, y: np.ndarray, groups: Sequence[object] | None = None, resamples: int = 2000, seed: int = 0
) -> Interval:
    """Return the correlation of x (N,) and y (N,) with its bootstrap interval over the N pairs, or over their groups.

    A resample in which one of the two does not vary has no correlation and is left out.

    Args:
        x, y: the pairs.
        groups: what each pair belongs to, such as a model measured several times: whole groups are drawn, since the
            pairs of one are not independent.
        resamples: how many.
        seed: of the resamples.

    Raises:
        ValueError: not as many groups as pairs.
    """
    of_pair = list(range(len(x))) if groups is None else list(groups)
    if len(of_pair) != len(x):
        raise ValueError(f"groups has {len(of_pair)} entries, and there are {len(x)} pairs")
    members = [np.flatnonzero([one == group for one in of_pair]) for group in dict.fromkeys(of_pair)]
    drawn = np.random.default_rng(seed).integers(len(members), size=(resamples, len(members)))
    rows = [np.concatenate([members[group] for group in row]) for row in drawn]
    with np.errstate(invalid="ignore", divide="ignore"):
        found = [np.corrcoef(x[row], y[row])[0, 1] for row in rows]
        mean = float(np.corrcoef(x, y)[0, 1])
    low, high = np.nanpercentile(found, [2.5, 97.5])
    return Interval(mean, float(low), float(high), len(members))


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
