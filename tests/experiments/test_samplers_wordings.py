"""Row 89: sensitivity and gain of models in four wordings, and the correlations that judge them."""

from __future__ import annotations

import numpy as np
import pytest

from utils.experiments.recording.design import DOES_NOT_HOLD, HOLDS_IN_PART, Run, check_design, power_of
from utils.experiments.samplers.arithmetic_runs import Attempts
from utils.experiments.samplers.wording_recipe import (
    TRAINED_ON,
    TRIES,
    correlations,
    findings,
    less_its_size,
    of_models,
    simulate,
    wording_jobs,
)
from utils.experiments.samplers.wording_runs import WordingJob, by_wording, run_wording_job, trained_on
from utils.training.arithmetic_models import HELD_OUT_SEED, RECIPES, draw_tasks, load_arithmetic_model

TASK = draw_tasks(1, HELD_OUT_SEED, [2])[0]


def attempts(answer: int | None, n_right: int, n: int = 4) -> Attempts:
    counts, right = np.array([n_right, n - n_right]), np.array([1.0, 0.0])
    return Attempts(TASK, 0, [[1], [2]], counts, right, [answer, None], np.zeros(2))


def test_sensitivity_counts_the_other_wordings_and_tries_are_exact() -> None:
    greedy = [[attempts(1, 1, 1)], [attempts(1, 1, 1)], [attempts(7, 0, 1)]]
    found = by_wording(greedy, [[attempts(1, 4)], [attempts(1, 1)], [attempts(1, 0)]])
    assert found["sensitivity"] == pytest.approx([1 / 2, 1 / 2, 1])
    assert found["one try"] == pytest.approx([1, 1 / 4, 0])
    assert found["three tries"] == pytest.approx([1, 3 / 4, 0])
    with pytest.raises(ValueError, match="greedy holds 1 wordings"):
        by_wording(greedy[:1], greedy[:1])


def test_training_on_changes_a_model_and_no_steps_leave_it() -> None:
    before = load_arithmetic_model("arithmetic-32")
    same, other = (trained_on("arithmetic-32", steps, (0.0, 0.0, 0.5, 0.5)) for steps in (0, 1))
    for model, is_same in ((same, True), (other, False)):
        pairs = zip(before.parameters(), model.parameters(), strict=True)
        assert all(bool((a == b).all()) for a, b in pairs) is is_same


def test_a_job_asks_in_every_wording() -> None:
    found = run_wording_job(WordingJob("arithmetic-32", 0, (1.0, 0.0, 0.0, 0.0), 1, 3))
    assert {len(values) for values in found.values()} == {4}
    assert all(three >= one for one, three in zip(found["one try"], found["three tries"], strict=True))


def test_every_size_is_trained_on_in_every_way() -> None:
    jobs = wording_jobs(2, 3)
    assert len({(job.model, job.steps, job.shares) for job in jobs}) == len(RECIPES) * len(TRAINED_ON)
    assert all(sum(job.shares) == pytest.approx(1) for job in jobs)


def test_within_sizes_what_a_size_has_in_common_is_taken_away() -> None:
    results = simulate(HOLDS_IN_PART, 0)
    sensitivity = of_models(results)["sensitivity"]
    centred = less_its_size(results, sensitivity).reshape(len(RECIPES), -1)
    assert centred.sum(1) == pytest.approx(np.zeros(len(RECIPES)))
    every, within = correlations(results)
    assert every.high < 0 < within.low


def test_the_rule_turns_and_success_alone_is_its_rival() -> None:
    check_design(TRIES.design)
    assert power_of(TRIES.design, 5) >= TRIES.design.power
    results = simulate(DOES_NOT_HOLD, 1)
    runs = [
        Run(run.job, {**run.result, "three tries": [1 - (1 - one) ** 3 for one in run.result["one try"]]})
        for run in results["models"]
    ]
    found = findings({"models": runs})
    assert found["with if equally hard"][0][0] == pytest.approx(1)
