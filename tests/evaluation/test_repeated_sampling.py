"""Coverage, votes, verifier curves and latencies against enumeration, exact fractions and simulation."""

from __future__ import annotations

import itertools
from fractions import Fraction
from math import comb

import numpy as np
import pytest

from utils.experiments.samplers.repeated_sampling import best_of_n_curve, first_valid_latency, majority_vote, pass_at_k


def exact_pass_at_k(n: int, c: int, k: int) -> float:
    return float(1 - Fraction(comb(n - c, k), comb(n, k)))


def test_pass_at_k_equals_exact_fractions() -> None:
    for n in (1, 2, 5, 12):
        for c, k in itertools.product(range(n + 1), range(1, n + 1)):
            assert pass_at_k(n, c, k) == pytest.approx(exact_pass_at_k(n, c, k), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("c", [0, 1, 3, 250, 5000, 9999, 10_000])
@pytest.mark.parametrize("k", [1, 2, 100, 5000, 9999, 10_000])
def test_pass_at_k_is_stable_for_ten_thousand_samples(c: int, k: int) -> None:
    assert pass_at_k(10_000, c, k) == pytest.approx(exact_pass_at_k(10_000, c, k), rel=1e-10)


def test_pass_at_k_broadcasts_over_tasks_and_tries() -> None:
    correct, ks = np.array([0, 3, 20]), np.array([1, 5, 20])
    table = pass_at_k(20, correct[:, None], ks)
    assert table.shape == (3, 3)
    assert table == pytest.approx(np.array([[exact_pass_at_k(20, c, k) for k in ks] for c in correct]))
    assert isinstance(pass_at_k(20, 3, 5), float)


@pytest.mark.parametrize(
    ("n", "c", "k", "words"),
    [
        (0, 0, 1, "n must be at least 1"),
        (5, 6, 1, "correct must lie .* correct = 6"),
        (5, -1, 1, "correct"),
        (5, 1, 0, "k must lie .* k = 0"),
        (5, 1, 6, "k must lie"),
        (5, 1.5, 1, "correct must be whole numbers"),
        (5, [1, 2, 9], 1, "correct = 9"),
    ],
)
def test_impossible_counts_are_refused(n: int, c: int, k: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        pass_at_k(n, c, k)


def test_the_most_common_answer_wins_and_the_first_seen_of_equals() -> None:
    assert majority_vote(["b", "a", "a", "b", "c"]) == "b"
    assert majority_vote([3, 1, 2, 2]) == 2
    assert majority_vote([None, None, None, "x"]) == "x"
    assert majority_vote([None, 0, None]) == 0
    assert majority_vote([None, None]) is None
    assert majority_vote([]) is None


def enumerated_best_of_n(gold: list[float], score: list[float], n: int) -> float:
    total = 0.0
    draws = list(itertools.combinations(range(len(gold)), n))
    for drawn in draws:
        best = max(score[i] for i in drawn)
        picked = [gold[i] for i in drawn if score[i] == best]
        total += sum(picked) / len(picked)
    return total / len(draws)


def test_best_of_n_equals_enumeration_with_and_without_ties() -> None:
    rng = np.random.default_rng(0)
    gold = rng.normal(size=(3, 9))
    score = np.stack([rng.normal(size=9), rng.integers(0, 3, 9), np.zeros(9)])
    ns = list(range(1, 10))
    curve = best_of_n_curve(gold, score, ns)
    wanted = [[enumerated_best_of_n(list(g), list(s), n) for n in ns] for g, s in zip(gold, score, strict=True)]
    assert curve == pytest.approx(np.array(wanted), rel=1e-9)


def test_best_of_n_equals_simulation_on_a_large_pool() -> None:
    rng = np.random.default_rng(1)
    gold = rng.normal(size=2000)
    score = gold + rng.normal(size=2000)
    for n, exact in zip((4, 64, 700), best_of_n_curve(gold, score, [4, 64, 700]), strict=True):
        picks = []
        for _ in range(2000):
            drawn = rng.choice(2000, n, replace=False)
            picks.append(gold[drawn[np.argmax(score[drawn])]])
        # Five and a half standard errors, three times: a false alarm in under one of a million runs.
        assert abs(np.mean(picks) - exact) <= 5.5 * np.std(picks) / 2000**0.5


def test_a_perfect_verifier_reaches_the_best_and_one_answer_is_the_mean() -> None:
    gold = np.random.default_rng(2).random((4, 10_000))
    curve = best_of_n_curve(gold, gold, [1, 10, 1000, 10_000])
    assert curve[:, 0] == pytest.approx(gold.mean(-1), rel=1e-9)
    assert curve[:, -1] == pytest.approx(gold.max(-1), rel=1e-12)
    assert (np.diff(curve) > 0).all()


def test_a_perfect_verifier_of_right_and_wrong_is_coverage() -> None:
    gold = np.arange(1000) < 7
    ns = [1, 10, 100, 993, 994]
    assert best_of_n_curve(gold, gold, ns) == pytest.approx([pass_at_k(1000, 7, n) for n in ns], rel=1e-9)


@pytest.mark.parametrize(
    ("gold", "score", "ns", "words"),
    [
        ([1, 2], [1, 2, 3], [1], "same shape"),
        ([], [], [1], "empty"),
        ([1, float("nan")], [1, 2], [1], "gold holds NaN"),
        ([1, 2], [1, float("nan")], [1], "score holds NaN"),
        ([1, 2], [1, 2], [0], "ns must lie between 1 and the pool's 2"),
        ([1, 2], [1, 2], [3], "ns must"),
    ],
)
def test_pools_that_do_not_fit_are_refused(gold: list, score: list, ns: list, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        best_of_n_curve(gold, score, ns)


def enumerated_latency(latencies: list[float], valid: list[bool], n: int) -> float:
    times = [
        min(latencies[i] for i in drawn if valid[i])
        for drawn in itertools.product(range(len(latencies)), repeat=n)
        if any(valid[i] for i in drawn)
    ]
    return sum(times) / len(times) if times else float("inf")


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_first_valid_latency_equals_enumeration(n: int) -> None:
    rng = np.random.default_rng(3)
    latencies = rng.exponential(size=(4, 6)).round(1)
    valid = np.array([[1, 1, 1, 1, 1, 1], [1, 0, 1, 0, 0, 1], [0, 0, 0, 1, 0, 0], [0] * 6], dtype=bool)
    wanted = [enumerated_latency(list(t), list(v), n) for t, v in zip(latencies, valid, strict=True)]
    assert first_valid_latency(latencies, valid, n) == pytest.approx(np.array(wanted))


def test_many_answers_reach_the_fastest_valid_one() -> None:
    assert first_valid_latency([5.0, 1.0, 0.1], [True, True, False], 1000) == pytest.approx(1.0)
    assert first_valid_latency([5.0, 1.0], [False, False], 3) == float("inf")
    assert isinstance(first_valid_latency([5.0], [True], 1), float)


@pytest.mark.parametrize(
    ("latencies", "valid", "n", "words"),
    [
        ([1.0], [True], 0, "n must be .* not 0"),
        ([1.0], [True], 1.5, "n must be"),
        ([-1.0, 2.0], [True, True], 1, "not be negative .* -1.0"),
        ([float("nan")], [True], 1, "NaN"),
        ([1.0], [True, False], 1, "same shape"),
        ([], [], 1, "empty"),
    ],
)
def test_latencies_that_make_no_sense_are_refused(latencies: list, valid: list, n: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        first_valid_latency(latencies, valid, n)
