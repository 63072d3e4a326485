"""Best of n and over-optimisation against brute force."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from utils.posttraining.best_of_n import best_of_n, best_of_n_kl, expected_best_of_n
from utils.posttraining.overoptimisation import fit_overoptimisation


def test_the_first_of_the_best_wins_and_each_is_scored_once() -> None:
    seen: list[str] = []

    def score(text: str) -> float:
        seen.append(text)
        return len(text)

    assert best_of_n(["a", "bbb", "ccc"], score) == "bbb"
    assert seen == ["a", "bbb", "ccc"]
    with pytest.raises(ValueError, match="at least one answer"):
        best_of_n([], score)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_the_kl_is_exact_where_nothing_ties(n: int) -> None:
    # Best of n of M equally likely answers, none tied but with themselves: exact, by the ranks' probabilities.
    M = 4000
    best = np.diff((np.arange(M + 1) / M) ** n)
    assert best_of_n_kl(n) == pytest.approx(float((best * np.log(best * M)).sum()), abs=2e-3)
    with pytest.raises(ValueError, match="n must be at least 1, not 0"):
        best_of_n_kl(0)


@pytest.mark.parametrize("n", [1, 2, 3, 6])
def test_the_estimate_is_the_mean_over_all_subsets(n: int) -> None:
    proxy, gold = [0.3, 1.0, 1.0, -2.0, 0.3, 0.3], [1.0, 5.0, -3.0, 2.0, 0.5, 4.0]
    found = []
    for subset in itertools.combinations(range(6), n):
        top = max(proxy[i] for i in subset)
        winners = [gold[i] for i in subset if proxy[i] == top]
        found.append(sum(winners) / len(winners))
    assert expected_best_of_n(proxy, gold, n) == pytest.approx(sum(found) / len(found))


def test_impossible_pools_are_refused() -> None:
    with pytest.raises(ValueError, match="not 1 and 2"):
        expected_best_of_n([1.0], [1.0, 2.0], 1)
    with pytest.raises(ValueError, match="between 1 and the pool's 1 answers, not 2"):
        expected_best_of_n([1.0], [1.0], 2)


@pytest.mark.parametrize(("form", "alpha", "beta"), [("bon", 1.2, 0.3), ("rl", 0.9, 0.4)])
def test_the_coefficients_come_back_with_their_peak(form: str, alpha: float, beta: float) -> None:
    d = np.linspace(0.3, 4, 30)
    gain = d * (alpha - beta * (d if form == "bon" else np.log(d)))
    fit = fit_overoptimisation(form, d**2, gain)
    assert (fit.alpha, fit.beta) == pytest.approx((alpha, beta))
    assert fit.r_squared == pytest.approx(1)
    around = [fit(fit.peak * factor) for factor in (0.95, 1, 1.05)]
    assert around[1] == max(around)
    noisy = fit_overoptimisation(form, d**2, gain + np.random.default_rng(0).normal(0, 0.3, 30))
    assert noisy.r_squared < 1


def test_a_curve_that_never_falls_has_no_peak() -> None:
    assert fit_overoptimisation("bon", [1, 4, 9], [1, 2, 3.5]).peak == math.inf


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("sft", [1, 2, 3], [1, 2, 3]), "form must be one of bon, rl"),
        (("rl", [1, 2], [1, 2]), "at least 3"),
        (("rl", [0, 2, 3], [1, 2, 3]), "kl must be positive, not 0"),
    ],
)
def test_what_cannot_be_fitted_is_refused(arguments: tuple, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        fit_overoptimisation(*arguments)
