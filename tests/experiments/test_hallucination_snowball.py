"""Forced first statements and steps, justified wrong answers, the mark, and the plan of row 102."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch

from utils.experiments.hallucination import snowball_division as division
from utils.experiments.hallucination import snowball_facts as facts
from utils.experiments.hallucination import snowball_steps as calculations
from utils.experiments.hallucination.snowball_recipe import (
    DESIGN,
    JUDGED,
    LIVE_SIZES,
    PARTS,
    SEEDS,
    SIZES,
    SNOWBALL_RECIPE,
    SnowballJob,
    betrayed,
    confused,
    fact_rates,
    judged,
    marked,
    of_part,
    run_snowball,
    shares,
    simulate,
    snowball,
    snowball_jobs,
    threshold,
)
from utils.experiments.recording.design import CANNOT_BE_TOLD, HOLDS, OUTCOMES, Run, check_design, power_of
from utils.experiments.recording.record import read_record
from utils.models.gpt import GPT
from utils.training.arithmetic_models import arithmetic_vocabulary, load_arithmetic_model
from utils.training.base_models import base_world
from utils.world import claims, judge
from utils.world.arithmetic import ArithmeticTask, verify, wrong_steps
from utils.world.vocabulary import ROLE_TOKENS

TASK = ArithmeticTask(12, (("+", 7), ("*", 3)))
TOKENS = {role: arithmetic_vocabulary().id(token) for role, token in ROLE_TOKENS.items()}


def test_forced_statements_about_people_are_what_they_are_called() -> None:
    world = base_world()
    found = facts.world_questions(world, 20, seed=3)
    assert {one.kind for one, _ in found} == set(facts.FOLLOW_UPS)
    for one, second in found:
        [(who, relation, value)] = claims(world, one.right, second.subject)
        [(_, told, wrong)] = claims(world, one.wrong, second.subject)
        first = world.fact(who, relation)
        assert (first.value, told, wrong) == (value, relation, one.wrong_value)
        assert wrong != value
        assert (first == second) == (one.kind == "same fact")
        assert one.first != one.second
        assert judge(world, first, one.wrong) == "wrong"


def test_forced_statements_about_countries_are_what_they_are_called() -> None:
    for one, then in facts.real_follow_ups(8, seed=1):
        if one.kind == "same fact":
            assert then.is_right(one.right)
            assert not then.is_right(one.wrong_value)
        assert one.wrong.startswith(facts._opening(one))
        assert one.right.startswith(facts._opening(one))
        assert [message["role"] for message in one.messages(one.wrong)] == ["user", "assistant", "user"]


def test_a_summary_counts_by_kind_and_refuses_a_kind_without_questions() -> None:
    kinds = ["same fact", "other fact", "same fact"]
    wrong = {name: [True, False, False] for name in facts.FIRSTS}
    found = facts.summary(kinds, wrong, [True, True, False])
    assert found["same fact"] == {"own": [1, 0], "right": [1, 0], "wrong": [1, 0], "copied": [1, 0]}
    assert found["other fact"]["wrong"] == [0]
    with pytest.raises(ValueError, match="kinds has no 'other fact'"):
        facts.summary(["same fact"], {"own": [True]}, [True])


def test_only_questions_that_the_model_answers_alone_are_counted() -> None:
    found = facts.run_world(12, seed=2)
    for kind in facts.FOLLOW_UPS:
        sizes = {len(values) for values in found[kind].values()}
        assert len(sizes) == 1
        assert 0 < sizes.pop() <= 12


def test_wrong_first_steps_are_wrong_and_leave_a_task_that_can_be_solved() -> None:
    generator = np.random.default_rng(0)
    for task in calculations.tasks_of(30, 1, True):
        odd = calculations.slipped(task, generator)
        assert odd != calculations.first_result(task)
        assert wrong_steps(task, calculations.first_step(task, odd))
        assert calculations.rest_of(task, odd).answer >= 0
    with pytest.raises(ValueError, match="no first step that could be wrong"):
        calculations.slipped(ArithmeticTask(199, (("+", 400),)), generator)


def test_the_mark_is_the_one_token_that_tells_told_from_own() -> None:
    told, own = (calculations.begun(TASK, 19, told, True) for told in (True, False))
    assert [(a, b) for a, b in zip(told, own, strict=True) if a != b] == [(TOKENS["user"], TOKENS["assistant"])]
    assert calculations.begun(TASK, 19, True, False) == own


@pytest.mark.parametrize("arm", calculations.ARMS)
def test_examples_go_on_from_what_was_told_and_check_own_slips(arm: str) -> None:
    slips, has_mark = calculations.ARMS[arm]
    tasks = calculations.tasks_of(16, 0, False)
    generator = np.random.default_rng(1)
    own = [calculations.slipped(task, generator) for task in tasks]
    vocabulary = arithmetic_vocabulary()
    pairs = calculations.examples(tasks, own, arm, seed=0)
    assert len(pairs) == len(tasks)
    for place, (task, (prompt, target)) in enumerate(zip(tasks, pairs, strict=True)):
        given, text = place % 2 == 0, vocabulary.decode(target[:-1])
        assert (TOKENS["user"] in prompt) == (given and has_mark)
        if given:
            stands = vocabulary.decode(prompt).split(" = ")[1].split(".")[0]
            assert verify(calculations.rest_of(task, int(stands)), text)
        else:
            assert verify(task, text)
            assert (vocabulary.encode(calculations.first_step(task, own[place])) == prompt[-9:-1]) <= slips
            assert (not wrong_steps(task, text)) == slips  # the whole solution is written again, or only its rest
    with pytest.raises(ValueError, match="arm must be one of"):
        calculations.examples(tasks, own, "magic", 0)


def test_own_results_are_slips_when_they_are_drawn_hot_and_right_when_greedy() -> None:
    model, tasks = load_arithmetic_model(calculations.MODEL), calculations.tasks_of(40, 0, True)
    true = [calculations.first_result(task) for task in tasks]
    greedy, hot = (calculations.own_results(model, tasks, seed) for seed in (None, 0))
    assert sum(a == b for a, b in zip(greedy, true, strict=True)) > 36
    assert sum(a != b for a, b in zip(hot, true, strict=True)) > 8


def test_numbers_are_learned_from_or_tested_on_with_all_of_their_divisors() -> None:
    learned, tested = division.cases(4)
    assert not {n for n, _ in learned} & {n for n, _ in tested}
    assert len(tested) == len({n for n, _ in tested}) * len(division.DIVISORS)


def test_the_chapters_number_has_a_rest() -> None:
    assert division.equation(9677, 13) == "9677 = 744 * 13 + 5."
    assert division.equation(9672, 13) == "9672 = 744 * 13."
    assert division.stated("Yes. 9677 = 744 * 13 + 5.") == (9677, 744, 13, 5)
    assert division.stated("Yes. 9672 = 744 * 13.") == (9672, 744, 13, 0)
    assert division.stated("Yes.") is None


def test_a_grown_model_says_the_same_about_the_old_words() -> None:
    old = load_arithmetic_model(division.MODEL)
    size = old.config.vocab_size
    grown = division.with_new_words(old, size + 4, seed=0)
    ids = division.prompt_ids(division.product_task(13, 7))
    row = torch.tensor([ids])
    assert torch.allclose(grown(row)[..., :size], old(row), atol=1e-5)
    with pytest.raises(ValueError, match="n_words must be at least"):
        division.with_new_words(old, size - 1, seed=0)


class Parrot:
    """Writes planted texts: the justification of each number, and what a product is."""

    def __init__(self, equations: dict[int, str], product: int) -> None:
        self.equations, self.product = equations, product

    def __call__(self, model: Any, prompts: Sequence[Sequence[int]]) -> list[str]:
        texts = [division.division_vocabulary().decode(prompt) for prompt in prompts]
        asked = [text.split("Is ")[-1].split(" ")[0] for text in texts]
        return [self.equations[int(n)] if n.isdigit() else f"The answer is {self.product}." for n in asked]


@pytest.mark.parametrize(
    ("text", "product", "expected"),
    [
        ("93 = 13 * 7.", 91, {"stated": 1, "false": 1, "betrayed": 1, "refuted, false": 1, "refuted, true": 0}),
        ("93 = 13 * 7.", 93, {"stated": 1, "false": 1, "betrayed": 0, "refuted, false": 0, "refuted, true": 0}),
        ("93 = 13 * 7 + 2.", 91, {"stated": 1, "false": 0, "betrayed": 0, "refuted, false": 0, "refuted, true": 0}),
        ("93 = 13 * 7 + 2.", 90, {"stated": 1, "false": 0, "betrayed": 0, "refuted, false": 0, "refuted, true": 1}),
        ("91 = 13 * 7.", 91, {"stated": 0, "false": 0, "betrayed": 0, "refuted, false": 0, "refuted, true": 0}),
    ],
)
def test_planted_justifications_are_judged(
    monkeypatch: pytest.MonkeyPatch, text: str, product: int, expected: dict[str, float]
) -> None:
    monkeypatch.setattr(division, "written", Parrot({93: text}, product))
    found = division.justified(None, [(93, 7)], "Yes.")  # type: ignore[arg-type]
    assert {name: found[name] for name in expected} == expected


def test_no_wrong_answers_have_no_justifications() -> None:
    model: GPT = load_arithmetic_model(division.MODEL)
    assert division.justified(model, [], "Yes.")["n, false"] == 0


def test_a_run_of_each_trained_part_has_the_records_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calculations, "N_LEARNED", 64)
    record = read_record("09", 102)
    for part, n, steps in (("marks", 8, 2), ("division", 4, 2), ("steps", 8, 0)):
        found = run_snowball(SnowballJob(part, n, steps, seed=1))
        recorded = of_part(record.results, part)[0]
        assert _form(found) == _form(recorded)


def _form(values: Any) -> Any:
    """Return the keys of nested dicts."""
    return {name: _form(value) for name, value in values.items()} if isinstance(values, dict) else None


def test_the_live_run_agrees_in_form_with_the_record() -> None:
    [stage] = SNOWBALL_RECIPE.stages_of("live")
    record = read_record("09", 102)
    jobs = stage.jobs({})
    assert {job.part for job in jobs} == set(LIVE_SIZES) < set(PARTS)
    for job in jobs:
        if job.part == "world":
            assert _form(run_snowball(SnowballJob("world", 12, 0, job.seed))) == _form(
                of_part(record.results, "world")[0]
            )


def test_bad_jobs_and_questions_about_results_are_refused() -> None:
    with pytest.raises(ValueError, match="part must be one of"):
        SnowballJob("magic", 10, 0, 0)
    with pytest.raises(ValueError, match="n must be at least 2, not 1"):
        SnowballJob("world", 1, 0, 0)
    with pytest.raises(ValueError, match="steps must be at least 1 for marks, not 0"):
        SnowballJob("marks", 10, 0, 0)
    with pytest.raises(ValueError, match="steps must be 0 for world, not 3"):
        SnowballJob("world", 10, 3, 0)
    with pytest.raises(ValueError, match="no run is of the part"):
        of_part({"snowball": []}, "world")
    with pytest.raises(ValueError, match="n must be at least 1, not 0"):
        facts.world_questions(base_world(), 0, 0)
    with pytest.raises(ValueError, match="n must be at least 2, not 1"):
        facts.real_follow_ups(1)
    with pytest.raises(ValueError, match="n must be at least 2, not 1"):
        calculations.tasks_of(1, 0, True)
    with pytest.raises(ValueError, match="order must be one of"):
        division.question_ids((93, 7), "magic")
    with pytest.raises(ValueError, match="n and steps must be at least 2"):
        division.run_division(1, 2, 0)
    with pytest.raises(ValueError, match="steps must be at least 1"):
        calculations.run_marks(8, 0, 0)


def test_the_design_can_turn_out_each_way_and_has_its_power() -> None:
    for seed in range(3):
        check_design(DESIGN, seed)
    assert power_of(DESIGN, draws=30) >= DESIGN.power


def test_planted_effects_are_found_where_they_are() -> None:
    planted = simulate(HOLDS, 5)
    found = judged(planted)
    assert list(found) == list(JUDGED)
    assert all(one.low > threshold(name) for name, one in found.items())
    gone = {
        "snowball": [
            Run(run.job, {kind: {**run.result[kind], "wrong": run.result[kind]["right"]} for kind in facts.FOLLOW_UPS})
            if run.job.part in ("world", "real")
            else run
            for run in planted["snowball"]
        ]
    }
    assert snowball(gone, "world").mean == snowball(gone, "real").mean == 0
    assert min(betrayed(gone)) > max(betrayed(gone, "forced right"))
    assert confused(planted, "own steps")[0] > confused(planted, "own steps, marked")[0]
    assert abs(marked(planted, "right steps").mean) < 0.05
    assert len(fact_rates(planted, "real", "same fact", "wrong")) > len(SEEDS)
    assert DESIGN.outcome(simulate(CANNOT_BE_TOLD, 5)) == CANNOT_BE_TOLD


def test_a_runs_few_numbers_are_those_of_its_part() -> None:
    record = read_record("09", 102)
    few = {run.job.part: shares(run) for run in record.results["snowball"]}
    assert set(few) == set(PARTS)
    assert set(few["world"]) == set(few["real"]) == set(few["steps"]) == set(facts.FIRSTS)
    assert set(few["marks"]) == set(calculations.ARMS)
    assert few["division"]["forced wrong"] == betrayed(record.results)[-1]


def test_the_record_says_what_its_runs_do() -> None:
    record = read_record("09", 102)
    assert record.outcome in OUTCOMES
    assert record.outcome == DESIGN.outcome(record.results)
    for name, one in judged(record.results).items():
        assert record.findings[name] == pytest.approx([one.mean, one.low, one.high])
    assert [run.job for run in record.results["snowball"]] == snowball_jobs(SIZES, SEEDS)
