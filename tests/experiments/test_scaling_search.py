"""Row 52: effects of a factorial design, their shares without noise, and searches at equal budget."""

from __future__ import annotations

import numpy as np
import pytest

from utils.experiments.recording.design import OUTCOMES
from utils.experiments.scaling.combinations import (
    HYPERPARAMETERS,
    N_COMBINATIONS,
    CombinationJob,
    live_numbers,
    train_combination,
    values_of,
)
from utils.experiments.scaling.search_recipe import DESIGN, simulate, table_of
from utils.experiments.scaling.searching import (
    SEARCHES,
    effects,
    orders,
    regrets,
    search_once,
    strongest_effects,
    variance_shares,
)


def planted(k: int, single: dict[int, float], pairs: dict[tuple[int, int], float]) -> np.ndarray:
    """Return losses of all combinations: a second value adds its number; two second values add their pair's."""
    losses = np.full(2**k, 2.0)
    for number in range(2**k):
        losses[number] += sum(size for i, size in single.items() if number >> i & 1)
        losses[number] += sum(size for (i, j), size in pairs.items() if number >> i & 1 and number >> j & 1)
    return losses


def test_effects_are_those_of_the_definition():
    values = np.random.default_rng(0).normal(size=16)
    for chosen in range(16):
        signs = [(-1) ** (number & chosen).bit_count() for number in range(16)]
        assert effects(values)[chosen] == pytest.approx(np.mean(values * signs))
    assert orders(4)[0b1011] == 3


def test_a_loss_that_adds_up_has_no_shares_beyond_single_ones():
    losses = planted(6, {0: -0.5, 3: 0.2, 5: 0.1}, {})
    shares = variance_shares(np.stack([losses, losses], axis=1))
    assert shares.single == pytest.approx(1.0)
    assert shares.pairs == pytest.approx(0.0, abs=1e-9)
    assert shares.higher.mean == pytest.approx(0.0, abs=1e-9)
    name, size = strongest_effects(np.stack([losses, losses], axis=1), list("abcdef"))[0]
    assert (name, size) == ("a", pytest.approx(-0.25))


def test_noise_alone_gives_no_share_to_threes():
    draws, losses = np.random.default_rng(1), planted(10, {0: -0.5, 3: 0.2}, {(0, 3): 0.1})
    noisy = losses[:, None] + 0.1 * draws.normal(size=(1024, 2))
    shares = variance_shares(noisy)
    assert shares.higher.low < 0 < shares.higher.high < 0.02
    assert shares.noise == pytest.approx(0.1, rel=0.1)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_rule_can_come_out_each_way(outcome):
    assert DESIGN.outcome(simulate(outcome, 7)) == outcome


def test_one_at_a_time_finds_the_best_of_what_adds_up_and_a_grid_does_not():
    losses = planted(8, {i: (-1) ** i * (0.1 + 0.05 * i) for i in range(8)}, {})
    table = np.stack([losses, losses], axis=1)
    means = {method: regrets(table, method, 16, repeats=100).mean() for method in SEARCHES}
    assert means["one at a time"] == pytest.approx(0.0, abs=1e-9)
    assert means["one at a time"] < means["random"] < means["grid"]


@pytest.mark.parametrize("method", SEARCHES)
def test_a_search_makes_no_more_trainings_than_it_may(method):
    class Counted(np.ndarray):
        """Losses that remember which of them were read."""

        read: set[int]

        def __getitem__(self, key):
            self.read |= {int(one) for one in np.atleast_1d(np.asarray(key))}
            return np.asarray(super().__getitem__(key))

    seen = np.random.default_rng(2).normal(size=256).view(Counted)
    seen.read = set()
    picked = search_once(seen, method, 16, np.random.default_rng(3))
    assert len(seen.read) <= 16
    assert picked in seen.read


def test_a_combination_names_every_hyperparameter_once():
    assert values_of(0) == {name: pair[0] for name, pair in HYPERPARAMETERS.items()}
    assert values_of(N_COMBINATIONS - 1) == {name: pair[1] for name, pair in HYPERPARAMETERS.items()}
    assert len(set(live_numbers(32))) == 32


def test_a_combination_trains_and_depends_on_nothing_else():
    job = CombinationJob(5, tokens=2_048)
    first = train_combination(job)
    assert first == train_combination(job)
    assert len(set(first["losses"])) == 2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: CombinationJob(1024), "number must lie between 0 and 1023, not 1024"),
        (lambda: CombinationJob(0, 10), "tokens must be at least 1024"),
        (lambda: effects(np.zeros(6)), "power of two"),
        (lambda: variance_shares(np.zeros((8, 3))), r"losses must be \(2\*\*k, 2\)"),
        (lambda: variance_shares(np.ones((8, 2))), "nothing in common"),
        (lambda: search_once(np.zeros(8), "best", 4, np.random.default_rng(0)), "method must be one of grid"),
        (lambda: search_once(np.zeros(8), "grid", 9, np.random.default_rng(0)), "budget must lie between 2 and 8"),
        (lambda: regrets(np.zeros((8, 2)), "grid", 4, repeats=0), "repeats must be at least 1"),
        (lambda: strongest_effects(np.zeros((8, 2)), ["a"]), "names has 1 entries"),
        (lambda: table_of({"combinations": []}), "cover 0 combinations"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()
