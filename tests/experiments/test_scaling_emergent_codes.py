"""Row 53: two scores of the same answers, and a rule that can turn out each way."""

from __future__ import annotations

import numpy as np
import pytest

from utils.experiments.recording.design import CANNOT_BE_TOLD, OUTCOMES, Run, power_of
from utils.experiments.scaling.codes_recipe import CODES, DESIGN, findings, rule, simulate, simulated
from utils.experiments.scaling.emergent_codes import LENGTH, CodesJob, Scores, scores, train_codes_run


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_rule_gives_every_outcome(outcome):
    for seed in range(3):
        assert rule(simulate(outcome, seed)) == outcome


def test_the_recorded_size_finds_the_effect_that_matters():
    assert power_of(DESIGN) >= DESIGN.power


def test_a_task_that_nobody_learns_decides_nothing():
    assert rule(simulated([0.1] * 9, 0.0, 0)) == CANNOT_BE_TOLD


def test_independent_mistakes_make_exact_match_a_power_of_the_digits():
    found = findings(simulated([0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95], 0.0, 0))
    for (exact, *_), (expected, *_) in zip(found["exact"], found["expected"], strict=True):
        assert exact == pytest.approx(expected, abs=0.03)
    assert all(np.all(np.diff(row) <= 0) for row in found["whole_by_length"])


def test_the_gain_is_read_in_the_largest_model_before_exact_match_shows_anything():
    one = Scores([1, 2, 3], [0.2, 0.4, 0.9], [0.0, 0.01, 0.6])
    assert one.gain_before(0.02) == pytest.approx(0.3)
    assert Scores([1, 2], [0.8, 0.9], [0.3, 0.6]).gain_before(0.02) == 0
    assert one.expected[1] == pytest.approx(0.4**LENGTH)


def test_a_small_real_run_learns_with_its_size_and_scores_both_ways():
    runs = [Run(job, train_codes_run(job)) for job in (CodesJob(4, 3, 1), CodesJob(48, 15, 1))]
    (found,) = scores(runs)
    assert found.parameters == sorted(found.parameters)
    assert found.digit[1] > found.digit[0]
    for run in runs:
        assert run.result["whole"] == sorted(run.result["whole"], reverse=True)
        assert run.result["whole"][0] == run.result["accuracy"][0]
        assert run.result["whole"][-1] <= min(run.result["accuracy"])


def test_bad_input_gets_a_sentence():
    with pytest.raises(ValueError, match="width must be at least 1, not 0"):
        CodesJob(0, 1, 0)
    with pytest.raises(ValueError, match="passes must be at least 1, not 0"):
        CodesJob(4, 0, 0)


def test_the_live_size_is_smaller_than_the_recorded_one():
    live, recorded = (CODES.stages_of(size)[0].jobs({}) for size in ("live", "recorded"))
    assert len(live) * 5 < len(recorded)
