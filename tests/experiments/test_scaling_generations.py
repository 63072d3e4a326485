"""Row 55: the tail is exact, chains with one seed begin alike, and the rule can turn out each way."""

from __future__ import annotations

import numpy as np
import pytest

from utils.experiments.recording.design import OUTCOMES, Run, power_of
from utils.experiments.scaling.generations import (
    TEXTS,
    ChainJob,
    all_texts,
    expected_seen,
    kept,
    tail_of,
    train_chain,
)
from utils.experiments.scaling.generations_recipe import DESIGN, findings, rule, simulate


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_rule_gives_every_outcome(outcome):
    for seed in range(3):
        assert rule(simulate(outcome, seed)) == outcome


def test_the_recorded_size_finds_the_effect_that_matters():
    assert power_of(DESIGN) >= DESIGN.power


def test_the_tail_is_the_rarest_texts_and_holds_a_fifth():
    known = all_texts()
    assert known.probabilities.sum() == pytest.approx(1)
    assert 0.19 < known.probabilities[known.tail].sum() <= 0.2
    assert known.probabilities[known.tail].max() <= known.probabilities[~known.tail].min() * (1 + 1e-9)
    assert tail_of(np.array([0.5, 0.1, 0.4]), 0.2).tolist() == [False, True, False]


def test_the_share_of_the_tail_in_a_text_is_a_probability():
    p = all_texts().probabilities[all_texts().tail]
    assert expected_seen(1) == pytest.approx(p.mean())
    assert expected_seen(100) < expected_seen(3000) < 1


def test_small_real_chains_begin_alike_and_are_compared_with_the_world():
    runs = [Run(job, train_chain(job)) for job in (ChainJob(text, 2, 200, 3) for text in TEXTS)]
    replaced, mixed = (run.result for run in runs)
    for name in ("true", "tail", "excess", "seen"):
        assert replaced[name][0] == mixed[name][0]
        assert len(replaced[name]) == 2
    assert 0 < replaced["true"][0] < 1
    assert replaced["excess"][0] > 0
    assert mixed["seen"][1] > replaced["seen"][1]  # fresh text brings rare ones back
    assert kept(runs, TEXTS[0]) == [pytest.approx(replaced["tail"][1] / replaced["tail"][0])]


def test_findings_have_every_measure_by_generation():
    found = findings(simulate("holds", 0))
    assert {len(found[text][name]) for text in TEXTS for name in ("tail", "true", "excess", "seen")} == {4}
    assert found["gained_by_fresh"][1] > 0


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (("other", 2, 100, 0), "text must be one of replaced, half fresh, not 'other'"),
        (("replaced", 1, 100, 0), "generations must be at least 2, not 1"),
        (("replaced", 2, 10, 0), "documents must be at least 64, not 10"),
    ],
)
def test_bad_input_gets_a_sentence(values, message):
    with pytest.raises(ValueError, match=message):
        ChainJob(*values)
