"""The parametric law: planted laws are found again, the best use of compute is a minimum, bad input gets a sentence."""

from __future__ import annotations

import math

import numpy as np
import pytest

from utils.training.scaling_laws import (
    CHINCHILLA,
    ScalingLaw,
    bootstrap_laws,
    compute_optimal,
    envelope_frontier,
    fit_scaling_law,
    flops_for_loss,
    implied_exponent,
    inference_optimal,
    isoflop_budgets,
    isoflop_minimum,
    optimal_exponent,
    parametric_frontier,
    predicted_loss,
    three_frontiers,
    tokens_for_loss,
)


def simulated_sweep(seed: int, noise: float = 0.01, runs: int = 190) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Runs of random sizes and budgets in the range of Hoffmann et al. (2022), their losses by the law and noise."""
    draws = np.random.default_rng(seed)
    n_params = np.exp(draws.uniform(math.log(7e7), math.log(1.6e10), runs))
    n_tokens = np.exp(draws.uniform(math.log(6e18), math.log(3e21), runs)) / (6 * n_params)
    losses = predicted_loss(n_params, n_tokens, CHINCHILLA) * np.exp(noise * draws.normal(size=runs))
    return n_params, n_tokens, losses


def isoflop_grid(law: ScalingLaw) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Seven budgets with nine sizes each around the best one, without noise."""
    sizes, tokens = [], []
    for flops in np.geomspace(1e18, 1e21, 7):
        best, _ = compute_optimal(flops, law)
        for factor in np.geomspace(0.25, 4, 9):
            sizes.append(best * factor)
            tokens.append(flops / (6 * best * factor))
    n, d = np.array(sizes), np.array(tokens)
    return n, d, predicted_loss(n, d, law)


def test_planted_laws_are_found_again():
    errors = []
    for seed in range(20):
        fitted = fit_scaling_law(*simulated_sweep(seed))
        errors.append([abs(getattr(fitted, n) / getattr(CHINCHILLA, n) - 1) for n in ("E", "alpha", "beta")])
    irreducible, alpha, beta = np.median(errors, axis=0)
    assert irreducible < 0.02
    assert alpha < 0.06
    assert beta < 0.06


def test_without_noise_the_law_is_found_exactly():
    fitted = fit_scaling_law(*simulated_sweep(3, noise=0.0))
    for name in ("E", "A", "B", "alpha", "beta"):
        assert getattr(fitted, name) == pytest.approx(getattr(CHINCHILLA, name), rel=0.01)


def test_the_gradient_is_that_of_the_objective():
    from utils.training.scaling_laws.fit import _Problem

    n, d, losses = simulated_sweep(0)
    problem = _Problem(np.log(n), np.log(d), np.log(losses), 1e-3)
    theta = np.array([-1.3, -1.1, 0.4, 0.3, 0.35])
    _, gradient = problem.objective(theta)
    for i in range(5):
        step = np.zeros(5)
        step[i] = 1e-6
        slope = (problem.objective(theta + step)[0] - problem.objective(theta - step)[0]) / 2e-6
        assert gradient[i] == pytest.approx(slope, rel=1e-4, abs=1e-4)


def test_a_few_outliers_move_the_fit_little_and_the_interval_shows_them():
    """Five diverged runs among 190 would pull least squares by far more than their number."""
    n, d, losses = simulated_sweep(5)
    spoilt = losses.copy()
    spoilt[:5] *= 1.5
    clean, moved = fit_scaling_law(n, d, losses), fit_scaling_law(n, d, spoilt)
    assert abs(moved.E / clean.E - 1) < 0.03
    squares = fit_scaling_law(n, d, spoilt, delta=10.0)
    assert abs(squares.beta / clean.beta - 1) > 2 * abs(moved.beta / clean.beta - 1)
    few = slice(0, 60)  # in a smaller sweep the same five weigh more
    width = {}
    for name, values in (("clean", losses), ("spoilt", spoilt)):
        interval = bootstrap_laws(n[few], d[few], values[few], 60).interval("E")
        width[name] = interval.high - interval.low
    assert width["spoilt"] > width["clean"]


def test_bootstrap_intervals_hold_the_planted_numbers():
    held = 0
    for seed in range(4):
        bootstrap = bootstrap_laws(*simulated_sweep(seed), resamples=40)
        interval = bootstrap.interval("E")
        held += interval.low <= CHINCHILLA.E <= interval.high
        assert interval.low < bootstrap.law.E < interval.high
    assert held >= 3
    ratio = bootstrap.interval(optimal_exponent)
    assert ratio.low < optimal_exponent(bootstrap.law) < ratio.high
    with pytest.raises(ValueError, match="'gamma'"):
        bootstrap.interval("gamma")


def test_the_optimum_of_a_budget_is_a_minimum_on_the_budget():
    n, d = compute_optimal(1e21, CHINCHILLA)
    assert 6 * n * d == pytest.approx(1e21)
    best = predicted_loss(n, d, CHINCHILLA)
    for factor in (0.9, 1.1):
        assert predicted_loss(n * factor, d / factor, CHINCHILLA) > best
    # growing with the exponent of the law
    more, _ = compute_optimal(1e23, CHINCHILLA)
    assert math.log(more / n) / math.log(100) == pytest.approx(optimal_exponent(CHINCHILLA))


def test_inference_shifts_the_optimum_to_smaller_models_trained_longer():
    loss = 2.0
    n0, d0 = inference_optimal(loss, 0, CHINCHILLA)
    assert (n0, d0) == pytest.approx(compute_optimal(flops_for_loss(loss, CHINCHILLA), CHINCHILLA), rel=1e-6)
    n1, d1 = inference_optimal(loss, 1e13, CHINCHILLA)
    assert n1 < n0
    assert d1 > d0
    assert predicted_loss(n1, d1, CHINCHILLA) == pytest.approx(loss)
    cost = 6 * n1 * d1 + 2 * n1 * 1e13
    for factor in (0.9, 1.1):
        d = tokens_for_loss(loss, n1 * factor, CHINCHILLA)
        assert 6 * n1 * factor * d + 2 * n1 * factor * 1e13 > cost


def test_a_model_too_small_never_reaches_a_loss():
    assert tokens_for_loss(2.0, 1e6, CHINCHILLA) == math.inf
    assert implied_exponent(3.4, 2.8, 10) == pytest.approx(math.log10(3.4 / 2.8))


def test_all_three_approaches_find_the_exponent_of_a_planted_law():
    law = ScalingLaw(1.7, 400.0, 1200.0, 0.35, 0.35)
    runs = isoflop_grid(law)
    assert len(isoflop_budgets(*runs[:2])) == 7
    by_name = {frontier.name: frontier for frontier in three_frontiers(*runs)}
    assert by_name["isoflop"].exponent == pytest.approx(0.5, abs=0.01)
    assert by_name["parametric"].exponent == pytest.approx(0.5, abs=0.01)
    assert by_name["parametric"].optimum(1e20) == pytest.approx(compute_optimal(1e20, law), rel=0.05)
    assert by_name["isoflop"].tokens_per_parameter(1e20) == pytest.approx(
        parametric_frontier(law).tokens_per_parameter(1e20), rel=0.2
    )
    # The envelope needs the same sizes at several budgets.
    sizes = np.geomspace(1e8, 1e10, 9)
    n, flops = (grid.ravel() for grid in np.meshgrid(sizes, np.geomspace(1e18, 1e22, 9)))
    d = flops / (6 * n)
    assert envelope_frontier(n, d, predicted_loss(n, d, law)).exponent == pytest.approx(0.5, abs=0.06)


def test_the_isoflop_minimum_is_the_vertex_in_log_size():
    sizes = np.array([1e6, 1e7, 1e8, 3e8])
    losses = 2 + 0.1 * (np.log(sizes) - math.log(2e7)) ** 2
    assert isoflop_minimum(sizes, losses) == pytest.approx(2e7)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: predicted_loss(-1, 1e9, CHINCHILLA), "n_params must be positive and finite, not -1"),
        (lambda: predicted_loss(1e9, 0, CHINCHILLA), "n_tokens must be positive and finite, not 0"),
        (lambda: predicted_loss(1e9, "many", CHINCHILLA), "n_tokens must be a number"),
        (lambda: predicted_loss(1, 1, {"E": 1, "A": 1, "B": 1, "alpha": 1}), "law has no beta"),
        (lambda: compute_optimal(1e20, {"E": 1, "A": 1, "B": 1, "alpha": 1, "beta": -1}), "law.beta must be positive"),
        (lambda: compute_optimal(-1e20, CHINCHILLA), "flops must be positive"),
        (lambda: ScalingLaw(1.0, math.nan, 1, 1, 1), "law.A must be positive and finite, not nan"),
        (lambda: inference_optimal(1.69, 1e9, CHINCHILLA), "irreducible loss E is 1.69"),
        (lambda: inference_optimal(1.5, 1e9, CHINCHILLA), "a loss of 1.5 cannot be reached"),
        (lambda: inference_optimal(2.0, -1, CHINCHILLA), "inference_tokens must be 0 or more, not -1"),
        (lambda: tokens_for_loss(1.0, 1e9, CHINCHILLA), "cannot be reached"),
        (lambda: isoflop_minimum([1e6, 1e7], [2, 1]), "holds 2 different sizes"),
        (lambda: isoflop_minimum([1e6, 1e7, 1e8], [1, 2, 1]), "no minimum"),
        (lambda: isoflop_minimum([1e6, 1e7, 1e8], [1, 2, 3]), "no minimum"),
        (lambda: isoflop_minimum([1e6, 1e7, -1e8], [3, 2, 3]), "n_params must be positive"),
        (lambda: isoflop_minimum([1e6, 1e7, 1e8], [3, 2]), "lists of one length"),
        (lambda: fit_scaling_law([1e6, 1e7], [1e8, 1e9], [3, 2]), "needs 5 runs at least"),
        (lambda: fit_scaling_law([1e6] * 6, np.geomspace(1e7, 1e9, 6), [3.0] * 6), "n_params holds 1 different"),
        (lambda: fit_scaling_law(np.geomspace(1e6, 1e8, 6), [1e9] * 6, [3.0] * 6), "n_tokens holds 1 different"),
        (lambda: fit_scaling_law([-1e6] * 6, [1e9] * 6, [3.0] * 6), "n_params must be positive and finite, not -1e"),
        (lambda: fit_scaling_law([1e6] * 6, [1e9] * 6, [3.0] * 5 + [math.inf]), "losses must be positive and finite"),
        (lambda: fit_scaling_law([1e6] * 6, [1e9] * 5, [3.0] * 6), "lists of one length"),
        (lambda: implied_exponent(2.8, 3.4, 10), "must be above loss_after"),
        (lambda: implied_exponent(3.4, 2.8, 1), "factor must be above 1"),
    ],
)
def test_bad_input_gets_a_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_law_is_anything_with_its_five_numbers():
    numbers = {"E": 1.69, "A": 406.4, "B": 410.7, "alpha": 0.34, "beta": 0.28}
    assert predicted_loss(7e10, 1.4e12, numbers) == pytest.approx(1.9370, abs=2e-3)
    sizes = np.array([1e9, 1e10])
    assert predicted_loss(sizes, 1e12, numbers) == pytest.approx([predicted_loss(n, 1e12, numbers) for n in sizes])
