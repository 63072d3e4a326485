"""Rows 86 and 87: chances that are exact, guesses beside them, votes counted as they fall, and rules that turn."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from utils.experiments.recording.checking import differences
from utils.experiments.recording.design import CANNOT_BE_TOLD, DOES_NOT_HOLD, HOLDS, HOLDS_IN_PART, Run
from utils.experiments.recording.record import read_record
from utils.experiments.samplers.arithmetic_runs import Attempts
from utils.experiments.samplers.coverage_recipe import (
    COVERAGE,
    KS,
    SETTINGS,
    CoverageJob,
    exact_jobs,
    run_coverage_job,
)
from utils.experiments.samplers.repeated_sampling import pass_at_k
from utils.experiments.samplers.solution_chances import (
    exact_coverage,
    guess_logprobs,
    right_in_all_steps,
    solution_logprobs,
    straightness,
    straightness_intervals,
)
from utils.experiments.samplers.votes_recipe import VOTES, VotesJob, right_by_voters, run_votes_job, stages
from utils.training.arithmetic_models import (
    HELD_OUT_SEED,
    arithmetic_vocabulary,
    draw_tasks,
    load_arithmetic_model,
    prompt_ids,
    solution_ids,
)

TASK = draw_tasks(1, HELD_OUT_SEED, [3])[0]


def test_a_lucky_number_is_not_a_right_solution() -> None:
    assert right_in_all_steps(TASK, TASK.solution)
    final = TASK.solution.rpartition(". ")[2]
    assert not right_in_all_steps(TASK, final)
    first, _, rest = TASK.solution.partition(" = ")
    assert not right_in_all_steps(TASK, f"{first} = 1{rest}")


def test_the_chance_of_a_solution_is_the_product_of_its_tokens_chances() -> None:
    model = load_arithmetic_model("arithmetic-32")
    tasks = draw_tasks(2, HELD_OUT_SEED, [2, 3])
    found = solution_logprobs(model, tasks, batch_size=3)
    for task, logprob in zip(tasks, found, strict=True):
        prompt, solution = prompt_ids(task), solution_ids(task.solution)
        logits = model(torch.tensor([[*prompt, *solution]]))[0].log_softmax(-1)
        one_by_one = sum(float(logits[len(prompt) - 1 + at, token]) for at, token in enumerate(solution))
        assert logprob == pytest.approx(one_by_one, abs=1e-3)


def test_samples_come_as_often_as_their_exact_chance_says() -> None:
    found = run_coverage_job(CoverageJob("arithmetic-48", 4, 4, samples=2000))
    expected = 2000 * np.exp(found["logprobs"])
    spread = np.sqrt(expected * (1 - expected / 2000))
    assert (np.abs(np.array(found["right"]) - expected) <= 4 * spread + 1).all()
    assert (np.array(found["right"]) <= found["right_answers"]).all()
    assert any(expected > 100)


def test_exact_coverage_is_the_limit_of_the_unbiased_estimate_and_survives_tiny_chances() -> None:
    found = exact_coverage([np.log(0.25), -60.0, 0.0], [1, 4, 10_000])
    assert found[0, :2] == pytest.approx([0.25, 1 - 0.75**4])
    assert found[1] == pytest.approx(np.exp(-60) * np.array([1, 4, 10_000]))
    assert found[2].tolist() == [1.0, 1.0, 1.0]
    assert exact_coverage([np.log(0.25)], [4])[0, 0] == pytest.approx(pass_at_k(10**6, 250_000, 4), abs=1e-5)
    with pytest.raises(ValueError, match="a log-probability is at most 0"):
        exact_coverage([0.5], [1])
    with pytest.raises(ValueError, match="at least one sample is drawn"):
        exact_coverage([-0.5], [0])


def test_blind_guesses_reach_every_answer_and_no_chain_of_steps() -> None:
    tasks = draw_tasks(30, HELD_OUT_SEED, [4])
    answers, steps = guess_logprobs(tasks), guess_logprobs(tasks, by_steps=True)
    assert exact_coverage(answers, [10_000]).mean() > 0.95
    assert exact_coverage(steps, [10_000]).max() < 1e-4
    assert exact_coverage(answers, [1]).mean() == pytest.approx(1 / 200, abs=0.02)


def test_straightness_is_one_for_a_line_in_log_k_and_less_for_tasks_alike() -> None:
    line = 0.1 + 0.2 * np.log10(KS)
    fit, slope = straightness(KS, [line, 0 * line])
    assert fit == pytest.approx([1, 0])
    assert slope == pytest.approx([0.2, 0])
    alike = exact_coverage(np.full(20, np.log(0.01)), KS)
    fit, slope = straightness_intervals(KS, alike)
    assert fit.low == pytest.approx(fit.high)
    assert fit.mean < 0.92
    with pytest.raises(ValueError, match="needs at least two"):
        straightness_intervals(KS, alike[:1])


def spread(tasks: int, decades: float) -> list[float]:
    return np.minimum(np.log(10) * np.linspace(-2 - decades, -2 + decades, tasks), -0.01).tolist()


@pytest.mark.parametrize(
    ("decades", "outcome"),
    [((2.0, 2.0, 0.0), HOLDS), ((2.0, 0.0, 0.0), HOLDS_IN_PART), ((0.0, 0.0, 0.0), DOES_NOT_HOLD)],
)
def test_the_rule_of_coverage_turns_with_how_tasks_scatter(decades: tuple[float, ...], outcome: str) -> None:
    of_model = dict(zip((model for model, _ in SETTINGS.values()), decades, strict=True))
    runs = [Run(job, {"logprobs": spread(100, of_model[job.model])}) for job in exact_jobs()]
    assert COVERAGE.design.outcome({"exact": runs}) == outcome


def test_coverage_that_does_not_grow_is_not_straight() -> None:
    runs = [Run(job, {"logprobs": [-30.0] * 100}) for job in exact_jobs()]
    assert COVERAGE.design.outcome({"exact": runs}) == DOES_NOT_HOLD


def test_votes_follow_the_most_frequent_answer() -> None:
    answers: list[int | None] = [TASK.answer, TASK.answer + 1, None]
    pool = Attempts(TASK, 0, [[1], [2], [3]], np.array([30, 10, 60]), np.array([0.0, 0.0, 0.0]), answers, np.zeros(3))
    assert pool.n_right == 0
    assert pool.n_right_answers == 30
    found = right_by_voters(pool, 300, np.random.default_rng(0))
    assert found[0] == pytest.approx(0.3, abs=0.08)  # one vote is one sample
    assert found[-1] > 0.95  # None has no vote, and 30 beat 10


def test_a_job_of_votes_gives_one_row_for_each_task() -> None:
    found = run_votes_job(VotesJob("arithmetic-48", 4, 3, 40, 5))
    assert [len(found[key]) for key in ("single", "votes", "greedy")] == [3, 3, 3]
    assert np.shape(found["votes"]) == (3, 6)
    assert set(found["greedy"]) <= {0, 1}


@pytest.mark.parametrize(
    ("won", "greedy", "outcome"),
    [(0.6, 0.5, HOLDS), (0.6, 0.7, HOLDS_IN_PART), (0.45, 0.4, DOES_NOT_HOLD), (0.51, 0.4, DOES_NOT_HOLD)],
)
def test_the_rule_of_votes_turns_with_what_they_gain(won: float, greedy: float, outcome: str) -> None:
    runs = [
        Run(job, {"single": [0.5] * 50, "votes": [[0.5] * 5 + [won]] * 50, "greedy": [greedy] * 50})
        for job in stages("recorded")[0].jobs({})
    ]
    assert VOTES.design.outcome({"votes": runs}) == outcome


def test_gains_that_scatter_too_much_cannot_be_told() -> None:
    runs = [
        Run(job, {"single": [0.5] * 4, "votes": [[0.5] * 5 + [w] for w in (0, 1, 0, 1)], "greedy": [0.5] * 4})
        for job in stages("recorded")[0].jobs({})
    ]
    assert VOTES.design.outcome({"votes": runs}) == CANNOT_BE_TOLD


@pytest.mark.parametrize("recipe", [COVERAGE, VOTES], ids=["86", "87"])
def test_what_the_notebook_shows_follows_from_the_recorded_runs(recipe) -> None:  # type: ignore[no-untyped-def]
    record = read_record("07", recipe.row, recipe=recipe)
    # Not equal to the last bit: a fit depends on how many threads share its sums.
    assert differences(record.findings, recipe.findings(record.results), 1e-9) == []
    assert recipe.design.outcome(record.results) == record.outcome
    tasks = sum(run.job.n_tasks for run in next(iter(record.results.values())))
    assert tasks >= 200


def test_solutions_of_the_record_are_judged_by_their_steps_and_guessing_stands_beside() -> None:
    found = read_record("07", 86, recipe=COVERAGE).findings["sampled"]
    assert found["right"][0] < found["right_answers"][0]
    np.testing.assert_allclose(found["right"], found["exact"], atol=0.1)
    assert found["guessed answers"][-1] > 0.99
    assert arithmetic_vocabulary().end_of_turn_id == solution_ids(TASK.solution)[-1]
