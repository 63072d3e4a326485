"""Row 41: repeated text is a part of the new text, and R* is found again from simulated runs."""

from __future__ import annotations

import pytest

from utils.experiments.recording.design import DOES_NOT_HOLD, HOLDS_IN_PART
from utils.experiments.recording.record import read_record
from utils.experiments.scaling.repeated_text import RepeatedJob, repeated_jobs, train_repeated_run
from utils.experiments.scaling.repetition_recipe import (
    DESIGN,
    FRESH,
    REPEATED,
    law_and_repetition,
    mean_losses,
    simulated,
)
from utils.training.data_limits import effective_tokens


def test_every_length_of_repeated_text_has_a_run_on_new_text():
    jobs = repeated_jobs((8,), FRESH, REPEATED, 1, lambda width, tokens: 0.01)
    fresh = {job.unique for job in jobs if job.epochs == 1}
    assert {job.unique * job.epochs for job in jobs} == fresh


def test_a_run_on_a_text_read_often_learns_it_better_than_new_text():
    found = train_repeated_run(RepeatedJob(16, 1_000, 20, 0.02, 0))
    assert found["training_loss"] < found["loss"] - 0.2


@pytest.mark.parametrize("lasting", [2.0, 12.0])
def test_the_planted_worth_of_repeated_text_is_found(lasting):
    runs = simulated(lasting, 0.0, 0)["repetition"]
    [(law, found), *_] = law_and_repetition(runs)
    assert effective_tokens(1.0, 8, found) == pytest.approx(effective_tokens(1.0, 8, lasting), rel=0.05)
    irreducible = law.E
    assert irreducible == pytest.approx(0.9, rel=0.05)


@pytest.mark.slow
def test_the_rule_turns_with_the_worth():
    assert DESIGN.outcome(simulated(1.5, 0.02, 5)) == DOES_NOT_HOLD
    assert DESIGN.outcome(simulated(12.0, 0.02, 5)) == HOLDS_IN_PART


def test_the_notebook_s_means_are_those_of_the_runs():
    record = read_record("04", 41)
    entry = record.findings["losses"][0]
    mine = [
        run.result["loss"]
        for run in record.results["repetition"]
        if (run.job.width, run.job.unique, run.job.epochs) == (entry["width"], entry["unique"], entry["epochs"])
    ]
    assert entry["loss"] == pytest.approx(sum(mine) / len(mine))
    for again, before in zip(mean_losses(record.results), record.findings["losses"], strict=True):
        assert again == pytest.approx(before)


def test_a_job_without_text_is_refused():
    with pytest.raises(ValueError, match="unique must be positive, not 0"):
        RepeatedJob(8, 0, 1, 0.01, 0)
