"""Rows 26, 31 to 35: rates chosen on other seeds, longer runs for what is unsolved, rules that turn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from utils.experiments.block.activation_recipe import ACTIVATION, ActivationJob, run_activation_job
from utils.experiments.block.activation_recipe import measuring_jobs as activation_jobs
from utils.experiments.block.activation_recipe import tuning_jobs as activation_tuning
from utils.experiments.block.copying_recipe import COPYING
from utils.experiments.block.recall_recipe import RECALL
from utils.experiments.block.recipes import RECIPES
from utils.experiments.block.sequence_jobs import (
    SHORT_STEPS,
    STEPS,
    SequenceJob,
    final_accuracies,
    long_jobs,
    run_sequence_job,
    sequence_findings,
    simulated_results,
)
from utils.experiments.block.text_recipe import TEXT, TextJob, run_text_job
from utils.experiments.block.tuned import TUNING_SEEDS, as_text, best_rates, by_condition
from utils.experiments.recording.design import CANNOT_BE_TOLD, DOES_NOT_HOLD, HOLDS, HOLDS_IN_PART, Run
from utils.experiments.recording.live import live_runs
from utils.experiments.recording.record import read_record

RECALL_KEY, COPYING_KEY = "recall of 4 pairs", "copying, 6 between"
NAMES = [recipe.row for recipe in RECIPES]


def ended(task: str, name: str, steps: int, accuracies: list[float]) -> list[Run]:
    return [
        Run(
            SequenceJob(task, name, seed, steps, 0.01), {"accuracy": one, "loss": 1 - one, "parameters": 1, "memory": 1}
        )
        for seed, one in enumerate(accuracies)
    ]


def test_the_rate_of_the_lowest_mean_loss_is_chosen_for_each_condition():
    runs = [
        Run(ActivationJob(name, seed, 1, lr), {"loss": loss + 0.1 * seed})
        for name, lr, loss in (("ReLU", 0.02, 2.0), ("ReLU", 0.1, 1.0), ("GELU", 0.02, 1.0), ("GELU", 0.1, 2.0))
        for seed in (0, 1)
    ]
    assert best_rates(runs, ("activation",)) == {("ReLU",): 0.1, ("GELU",): 0.02}
    with pytest.raises(ValueError, match="at least one run"):
        best_rates([], ("activation",))


def test_values_stand_in_the_order_of_the_seeds_and_keys_can_be_written_out():
    runs = [Run(ActivationJob("ReLU", seed, 1, 0.1), {"loss": float(seed)}) for seed in (2, 0, 1)]
    found = by_condition(runs, ("activation", "lr"), "loss")
    assert found == {("ReLU", 0.1): [0.0, 1.0, 2.0]}
    assert as_text(found) == {"ReLU, 0.1": [0.0, 1.0, 2.0]}


def test_no_seed_that_a_rate_was_chosen_on_is_measured():
    tuning = [Run(job, {"loss": job.lr}) for job in activation_tuning()]
    jobs = activation_jobs(tuning)
    assert {job.lr for job in jobs} == {min(job.job.lr for job in tuning)}
    assert not {job.seed for job in jobs} & set(TUNING_SEEDS)
    for row in (32, 33, 34):
        record = read_record("03", row)
        measured = {run.job.seed for stage, runs in record.results.items() for run in runs if stage != "rates"}
        assert not measured & set(TUNING_SEEDS)


@pytest.mark.parametrize(("job", "changes"), [(ActivationJob, ("tanh", 0, 1, 0.1)), (TextJob, ("lstm", 0, 1, 0.1))])
def test_unknown_names_are_refused(job, changes):
    with pytest.raises(ValueError, match="must be one of"):
        job(*changes)
    with pytest.raises(ValueError, match="task is 'chess'"):
        SequenceJob("chess", "transformer", 0, 1, 0.1)
    with pytest.raises(ValueError, match="architecture is 'lstm'"):
        SequenceJob(RECALL_KEY, "lstm", 0, 1, 0.1)


def test_what_is_not_solved_trains_again_for_longer_and_where_all_is_solved_the_worst():
    solved = ended(RECALL_KEY, "transformer", SHORT_STEPS, [1.0, 1.0])
    unsolved = ended(RECALL_KEY, "fixed state space", SHORT_STEPS, [1.0, 0.9])
    nearly = ended(RECALL_KEY, "hybrid", SHORT_STEPS, [1.0, 0.995])
    jobs = long_jobs([*solved, *unsolved, *nearly])
    assert jobs == [replace(run.job, steps=STEPS) for run in unsolved]
    assert {job.architecture for job in long_jobs([*solved, *nearly])} == {"hybrid"}


def test_the_longer_runs_count_where_there_are_some():
    short = ended(RECALL_KEY, "transformer", SHORT_STEPS, [1.0]) + ended(RECALL_KEY, "hybrid", SHORT_STEPS, [0.5])
    results = {"short": short, "long": ended(RECALL_KEY, "hybrid", STEPS, [0.8])}
    assert final_accuracies(results) == {(RECALL_KEY, "transformer"): [1.0], (RECALL_KEY, "hybrid"): [0.8]}
    found = sequence_findings(results)
    assert found[f"{RECALL_KEY}, hybrid"]["steps"] == STEPS
    assert found[f"{RECALL_KEY}, transformer"]["steps"] == SHORT_STEPS


@pytest.mark.parametrize(
    ("gains", "outcome"),
    [((0.3, 0.3), HOLDS), ((0.3, 0.0), HOLDS_IN_PART), ((0.0, 0.0), DOES_NOT_HOLD), ((-0.2, -0.3), DOES_NOT_HOLD)],
)
def test_the_rule_of_recall_turns_with_what_the_gate_brings(gains, outcome):
    conditions = dict.fromkeys(_conditions(RECALL), 0.5)
    for task, gain in zip(("recall of 4 pairs", "recall of 8 pairs"), gains, strict=True):
        conditions[task, "gated state space"] += gain
    assert RECALL.design.outcome(simulated_results(tuple(conditions), conditions, 0.01, 0)) == outcome


@pytest.mark.parametrize(
    ("selection", "relief", "outcome"),
    [
        (0.3, 0.3, HOLDS),
        (0.3, -0.3, HOLDS_IN_PART),
        (0.05, 0.3, DOES_NOT_HOLD),
        (-0.2, 0.0, DOES_NOT_HOLD),
    ],
)
def test_the_rule_of_copying_turns_with_selection_and_with_its_control(selection, relief, outcome):
    conditions = dict.fromkeys(_conditions(COPYING), 0.5)
    for task, name in conditions:
        conditions[task, name] += selection * (name == "selective state space") + relief * task.endswith("after")
    assert COPYING.design.outcome(simulated_results(tuple(conditions), conditions, 0.01, 0)) == outcome


def test_noise_as_large_as_the_effect_cannot_be_told():
    conditions = dict.fromkeys(_conditions(RECALL), 0.5)
    for task in ("recall of 4 pairs", "recall of 8 pairs"):
        conditions[task, "gated state space"] += 0.05
    assert RECALL.design.outcome(simulated_results(tuple(conditions), conditions, 0.2, 0)) == CANNOT_BE_TOLD


@pytest.mark.parametrize("recipe", RECIPES, ids=NAMES)
def test_what_the_notebook_shows_follows_from_the_recorded_runs(recipe):
    record = read_record("03", recipe.row, recipe=recipe)
    again = recipe.findings(record.results)
    assert _flat(again) == pytest.approx(_flat(record.findings))
    assert recipe.design.outcome(record.results) == record.outcome


@pytest.mark.parametrize("recipe", RECIPES, ids=NAMES)
def test_the_live_run_is_of_one_stage_and_shorter_than_the_recorded(recipe):
    (stage,) = recipe.stages_of("live")
    live, recorded = list(stage.jobs({})), list(recipe.stages_of("recorded")[0].jobs({}))
    if hasattr(live[0], "steps"):
        assert max(job.steps for job in live) < min(job.steps for job in recorded)
    else:  # row 35 trains nothing
        assert len(live) < len(recorded)
        assert max(job.length for job in live) < max(job.length for job in recorded)


def test_models_of_a_task_are_of_one_size_and_learn_it_when_it_is_small():
    found = {name: run_sequence_job(SequenceJob(RECALL_KEY, name, 0, 60, 0.01)) for name in ("transformer", "hybrid")}
    sizes = [one["parameters"] for one in found.values()]
    assert max(sizes) / min(sizes) < 1.02
    assert found["transformer"]["accuracy"] > 0.3  # guessing gives 1 in 8
    assert found["hybrid"]["memory"] > 0


def test_the_same_job_gives_the_same_loss_and_more_steps_a_lower_one():
    few, again, more = (run_activation_job(ActivationJob("GELU", 0, steps, 0.1)) for steps in (2, 2, 12))
    assert few == again
    assert more["loss"] < few["loss"]
    assert not more["diverged"]
    few, more = (run_text_job(TextJob("hybrid", 0, steps, 0.03)) for steps in (2, 12))
    assert more["loss"] < few["loss"]


def test_a_live_run_of_the_text_recipe_takes_smaller_jobs():
    (run,) = live_runs(TEXT, 0, [TextJob("transformer", 0, 1, 0.03)])
    assert run.result["parameters"] == pytest.approx(40_000, rel=0.1)
    with pytest.raises(ValueError, match="no ActivationJob"):
        live_runs(ACTIVATION, 0, [TextJob("transformer", 0, 1, 0.03)])


def _conditions(recipe):
    first = recipe.stages_of("recorded")[0]
    return dict.fromkeys((job.task, job.architecture) for job in first.jobs({}))


def _flat(value, name=""):
    if isinstance(value, dict):
        return {key: one for part, inner in value.items() for key, one in _flat(inner, f"{name}/{part}").items()}
    if isinstance(value, list | tuple):
        return {key: one for place, inner in enumerate(value) for key, one in _flat(inner, f"{name}/{place}").items()}
    return {name: value}
