"""What a base model knows, the questions about it, and finetuning on what it does not know."""

from __future__ import annotations

import pytest

from utils.experiments.hallucination.answering import GROUPS, PARTS, Bench, answers, bench, outcome, rates
from utils.experiments.hallucination.answering_knowledge import N_PROMPTS, fact_prompts, measure_knowledge
from utils.experiments.hallucination.mismatch_recipe import DESIGN, MISMATCH_RECIPE, curve_of, raised, rate_of
from utils.experiments.hallucination.mismatch_runs import (
    CONDITIONS,
    MismatchJob,
    demonstrations,
    learned_items,
    run_mismatch,
    told,
)
from utils.experiments.recording.design import OUTCOMES, check_design, power_of
from utils.experiments.recording.record import read_record
from utils.training.base_models import base_world, load_base_model
from utils.world import ABSTENTION, claims, judge

PEOPLE = 120


@pytest.fixture(scope="module")
def where() -> Bench:
    return bench("world-small", PEOPLE)


def job(condition: str, **changes: int) -> MismatchJob:
    sizes = {"n": 24, "steps": 4, "seed": 0, "n_test": 12, "every": 0} | changes
    return MismatchJob("world-small", PEOPLE, condition, lr=1e-3, **sizes)


def test_prompts_end_before_the_value_and_differ() -> None:
    world = base_world()
    fact = world.fact(world.people[0].name, "dish")
    prompts = fact_prompts(world, fact)
    assert len({tuple(prompt) for prompt, _ in prompts}) == N_PROMPTS
    assert {world.vocabulary.decode(value) for _, value in prompts} == {fact.value}
    assert all(fact.value not in world.vocabulary.decode(prompt) for prompt, _ in prompts)


def test_knowledge_is_measured_and_not_assumed() -> None:
    world = base_world()
    told_facts = [fact for fact in world.facts if fact.split == "known"][:80]
    never = [fact for fact in world.facts if fact.split == "held_out_person"][:80]
    model = load_base_model("world-small")
    known, unknown = (measure_knowledge(model, world, some) for some in (told_facts, never))
    assert sum(one.right for one in known) > 5 * sum(one.right for one in unknown)
    assert {one.level for one in known} > {"known"}  # documents state all of them, and the model does not know all
    with pytest.raises(ValueError, match="facts must hold at least one fact"):
        measure_knowledge(model, world, [])


def test_nobody_is_in_two_parts_of_the_real_people(where: Bench) -> None:
    for group in GROUPS:
        people = [{item.person for item in where.sets[group, part]} for part in PARTS]
        assert all(people)
        assert not people[0] & people[1] | people[0] & people[2] | people[1] & people[2]


def test_invented_people_are_nobody_and_only_silence_is_right_about_them(where: Bench) -> None:
    names = {person.name for person in where.world.people}
    item = where.sets["invented", "test"][0]
    assert item.person not in names
    assert item.person in item.question
    assert outcome(where.world, item, ABSTENTION) == "abstained"
    real = where.sets["known", "test"][0]
    assert outcome(where.world, item, real.answer) == "hallucinated"
    assert outcome(where.world, real, real.answer) == "correct"


def test_a_told_fact_is_a_true_claim_with_the_name(where: Bench) -> None:
    for item in where.sets["unknown", "test"][:20]:
        assert claims(where.world, told(item)) == [(item.person, item.fact.relation, item.fact.value)]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_demonstrations_are_what_the_condition_says(where: Bench, condition: str) -> None:
    chats, items = demonstrations(where, job(condition)), learned_items(where, job(condition))
    groups = {item.group for item in items}
    assert groups == (
        {"known", "unknown"} if "half" in condition else {"known"} if condition == "known" else {"unknown"}
    )
    silent = [one[-1]["content"] == ABSTENTION for one in chats]
    assert sum(silent) == len(chats) * (1.0 if condition == "silence" else 0.5 if "silence" in condition else 0.0)
    for item, one, quiet in zip(items, chats, silent, strict=True):
        assert quiet or judge(where.world, item.fact, one[-1]["content"]) == "correct"
    if condition == "half, silence at random":
        assert {item.group for item, quiet in zip(items, silent, strict=True) if quiet} == {"known", "unknown"}
    if condition == "half, silence":
        assert {item.group for item, quiet in zip(items, silent, strict=True) if quiet} == {"unknown"}


def test_a_run_gives_rates_of_every_group_and_a_curve() -> None:
    result = run_mismatch(job("half", steps=6, every=3))
    assert set(result["rates"]) == set(GROUPS)
    assert all(sum(one.values()) == pytest.approx(1, abs=1e-3) for one in result["rates"].values())
    assert [point["step"] for point in result["curve"]] == [3, 6]
    assert {"learned, known", "learned, unknown", "hallucinated on known"} < set(result["curve"][0])


def test_an_untrained_answer_has_a_probability(where: Bench) -> None:
    found = answers(where.model(), where, where.sets["known", "test"][:5])
    assert all(0 < one.probability <= 1 for one in found)
    assert sum(rates(found).values()) == pytest.approx(1)
    with pytest.raises(ValueError, match="found must hold at least one answer"):
        rates([])


def test_bad_jobs_and_questions_about_results_are_refused() -> None:
    with pytest.raises(ValueError, match="condition must be one of"):
        job("magic")
    with pytest.raises(ValueError, match="n must be at least 2, not 1"):
        job("known", n=1)
    with pytest.raises(ValueError, match="people must be from 1"):
        bench("world-small", 0)
    with pytest.raises(ValueError, match="no run has the condition"):
        rate_of({"mismatch": []}, "known", "known", "correct")


def test_the_design_can_turn_out_each_way_and_has_its_power() -> None:
    for seed in range(3):
        check_design(DESIGN, seed)
    assert power_of(DESIGN, draws=30) >= DESIGN.power


def test_the_record_says_what_its_runs_do() -> None:
    record = read_record("09", 103)
    assert record.outcome in OUTCOMES
    assert record.outcome == DESIGN.outcome(record.results)
    assert record.findings["raised"][0] == pytest.approx(raised(record.results).mean)
    steps, points = curve_of(record.results, "half", "learned, unknown", stage="early")
    assert len(steps) == len(points) > 10
    assert len(MISMATCH_RECIPE.stages_of("live")) == 1
    with pytest.raises(ValueError, match="no learning curve has"):
        curve_of(record.results, "known", "learned, unknown")
