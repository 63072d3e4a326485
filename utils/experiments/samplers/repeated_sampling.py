"""What many answers to one question are worth: coverage, votes, verifiers, the first valid one. All exact, no sampling.

Functions over pools take leading dimensions for tasks: a pool is the last dimension.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from utils.decoding.checked import checked

Answer = TypeVar("Answer", bound=Hashable)
Floats = NDArray[np.float64]


@checked
def pass_at_k(n: ArrayLike, correct: ArrayLike, k: ArrayLike) -> float | Floats:
    """Return the unbiased estimate that at least one of k answers is right, 1 - C(n - c, k) / C(n, k).

    The estimator of Chen et al. (2021). The quotient is a product of min(c, k) numbers, so nothing overflows, and the
    difference from 1 is taken without loss when it is tiny.

    Args:
        n: answers sampled.
        correct: c, how many of them are right.
        k: how many may be tried. The three broadcast: `pass_at_k(n, correct[:, None], ks)` is (tasks, ks).

    Returns:
        A float for three numbers, else an array.

    Raises:
        ValueError: n is below 1, correct outside 0 to n, k outside 1 to n, or one of them is no whole number.
    """
    arrays = [_whole_numbers(value, name) for value, name in ((n, "n"), (correct, "correct"), (k, "k"))]
    samples, right, tries = np.broadcast_arrays(*arrays)
    for wrong, words in (
        (samples < 1, "n must be at least 1"),
        ((right < 0) | (right > samples), "correct must lie between 0 and n"),
        ((tries < 1) | (tries > samples), "k must lie between 1 and n"),
    ):
        if wrong.any():
            case = [int(values[wrong][0]) for values in (samples, right, tries)]
            raise ValueError(f"{words}, not n = {case[0]}, correct = {case[1]}, k = {case[2]}")
    triples = zip(samples.flat, right.flat, tries.flat, strict=True)
    result = np.array([_pass_at_k(int(a), int(b), int(c)) for a, b, c in triples]).reshape(samples.shape)
    return result if result.ndim else float(result)


def _whole_numbers(value: ArrayLike, name: str) -> NDArray[np.int64]:
    """Return an array of whole numbers, or raise ValueError."""
    array = np.asarray(value)
    if array.dtype.kind not in "iuf" or (array != np.floor(array)).any():
        raise ValueError(f"{name} must be whole numbers, not {value!r}")
    return array.astype(np.int64)


def _pass_at_k(n: int, correct: int, k: int) -> float:
    if n - correct < k:
        return 1.0
    # C(n - c, k) / C(n, k) is the product of 1 - c / (n - i) for i < k, and the same with c and k exchanged.
    fewer, more = sorted((correct, k))
    return float(-np.expm1(np.log1p(-more / (n - np.arange(fewer))).sum()))


@checked
def majority_vote(answers: Sequence[Answer | None]) -> Answer | None:
    """Return the most common answer, the first seen of equally common ones.

    None stands for no answer and is not counted; the result is None when there is nothing else.

    Raises:
        ValueError: answers that are no sequence, or hold a list or another thing that cannot be counted.
    """
    counts: dict[Answer, int] = {}
    for place, answer in enumerate(answers):
        if not isinstance(answer, Hashable):
            raise ValueError(f"answer {place} must be something that can be counted, such as a text, not {answer!r}")
        if answer is not None:
            counts[answer] = counts.get(answer, 0) + 1
    # max takes the first of equal ones, and a dict keeps the order of arrival.
    return max(counts, key=lambda answer: counts[answer]) if counts else None


@checked
def best_of_n_curve(gold: ArrayLike, score: ArrayLike, ns: Sequence[int]) -> Floats:
    """Return the expected gold value of the answer that a score picks from n, for every n.

    The n answers are drawn from a pool without replacement. In ascending order of scores the answer of rank r is the
    best of n in C(r - 1, n - 1) of C(M, n) draws, so the expectation is a weighted sum and needs no simulation.
    Of equal scores each is picked with the same chance.

    Args:
        gold: true values (..., M) of the answers, such as 1 for right and 0 for wrong.
        score: what the verifier gives them (..., M).
        ns: numbers of answers, each from 1 to M.

    Returns:
        (..., len(ns)).

    Raises:
        ValueError: gold and score differ in shape, the pool is empty, a number is NaN, or an n is outside 1 to M.
    """
    values, scores = np.asarray(gold, dtype=float), np.asarray(score, dtype=float)
    if values.shape != scores.shape or not values.ndim:
        raise ValueError(f"gold and score must have the same shape (..., M), not {values.shape} and {scores.shape}")
    M = values.shape[-1]
    if not M:
        raise ValueError("gold holds an empty pool")
    for name, array in (("gold", values), ("score", scores)):
        if np.isnan(array).any():
            raise ValueError(f"{name} holds NaN")
    numbers = _whole_numbers(list(ns), "ns")
    if ((numbers < 1) | (numbers > M)).any():
        raise ValueError(f"ns must lie between 1 and the pool's {M} answers, not {list(ns)}")
    order = np.argsort(scores, axis=-1, kind="stable")
    ranked_scores, ranked = (np.take_along_axis(array, order, -1) for array in (scores, values))
    ranked = _mean_of_equals(ranked_scores.reshape(-1, M), ranked.reshape(-1, M)).reshape(ranked.shape)
    return ranked @ np.stack([_chances_of_being_best(M, int(n)) for n in numbers], axis=-1)


def _chances_of_being_best(M: int, n: int) -> Floats:
    """Return for the ranks 1 to M, ascending, the chance to be the highest of n drawn from M."""
    below = np.arange(n - 1, M, dtype=float)
    logs = gammaln(below + 1) - gammaln(below - n + 2)
    chances = np.zeros(M)
    chances[n - 1 :] = np.exp(logs - logs[-1])
    return chances / chances.sum()


def _mean_of_equals(scores: Floats, values: Floats) -> Floats:
    """Return values (N, M) with those of equal neighbouring scores (N, M) replaced by their mean."""
    starts = np.ones(scores.shape, dtype=bool)
    starts[:, 1:] = scores[:, 1:] != scores[:, :-1]
    group = starts.ravel().cumsum() - 1
    means = np.bincount(group, weights=values.ravel()) / np.bincount(group)
    return means[group].reshape(values.shape)


@checked
def first_valid_latency(latencies: ArrayLike, valid: ArrayLike, n: int) -> float | Floats:
    """Return the expected time to the first valid one of n answers that run side by side, given that there is one.

    The answers are drawn with replacement from measured samples. With S(t) = 1 - (share of samples that are valid and
    took at most t), the first valid answer comes after t with probability S(t)^n.

    Args:
        latencies: seconds (..., M) of the samples.
        valid: whether each was valid, (..., M).
        n: answers that run side by side.

    Returns:
        Seconds, a float for one pool, else an array (...); `inf` where no sample is valid.

    Raises:
        ValueError: the shapes differ, the pool is empty, a latency is negative or NaN, or n is below 1.
    """
    seconds, usable = np.asarray(latencies, dtype=float), np.asarray(valid, dtype=bool)
    if seconds.shape != usable.shape or not seconds.ndim:
        raise ValueError(
            f"latencies and valid must have the same shape (..., M), not {seconds.shape} and {usable.shape}"
        )
    if not seconds.shape[-1]:
        raise ValueError("latencies holds an empty pool")
    if not (seconds >= 0).all():
        raise ValueError(f"latencies must not be negative or NaN, not {seconds[~(seconds >= 0)][0]}")
    if n < 1:
        raise ValueError(f"n must be a whole number of at least 1, not {n}")
    M = seconds.shape[-1]
    # An answer that is not valid never comes; n of rank j or later all come with probability ((M - j) / M)^n.
    times = np.sort(np.where(usable, seconds, np.inf), axis=-1)
    later = (np.arange(M, -1, -1) / M) ** n
    chances = np.where(np.isfinite(times), later[:-1] - later[1:], 0.0)
    total = chances.sum(-1)
    expected = (chances * np.where(np.isfinite(times), times, 0.0)).sum(-1)
    result = np.divide(expected, total, out=np.full(total.shape, np.inf), where=total > 0)
    return result if result.ndim else float(result)
