"""Prompts, sources, thresholds, length and rewards against made-up answers."""

from __future__ import annotations

import numpy as np
import pytest

from utils.experiments.hallucination import mitigation_policy_recipe as policies
from utils.experiments.hallucination import mitigation_recipe as mitigations
from utils.experiments.hallucination.answering import Answer, Bench, bench
from utils.experiments.hallucination.mitigation_policies import (
    PolicyJob,
    base_answers,
    labelled_pairs,
    run_policy,
    sft_policy,
    worth,
)
from utils.experiments.hallucination.mitigation_runs import (
    MitigationJob,
    calibrated,
    is_supported,
    silenced,
    sources_for,
    statements,
    with_sources,
)
from utils.experiments.recording.design import OUTCOMES, check_design, power_of
from utils.experiments.recording.record import read_record
from utils.world import ABSTENTION, Draws, wrong_value

PEOPLE = 120
RECIPES = (mitigations.MITIGATION_RECIPE, policies.POLICY_RECIPE)


@pytest.fixture(scope="module")
def where() -> Bench:
    return bench("world-small", PEOPLE)


def policy(name: str, method: str = "dpo", penalty: float = 0.0) -> PolicyJob:
    return PolicyJob("world-small", PEOPLE, name, method, penalty, 40, 30, 6, 0, 10)


def test_a_search_that_hits_gives_the_record_and_one_that_does_not_never_does(where: Bench) -> None:
    items, draws = where.sets["unknown", "test"][:12], Draws("test")
    for item in items:
        hit, miss = (sources_for(where, item, items, one, draws) for one in (True, False))
        assert item in hit
        assert all(one.person != item.person for one in miss)
        assert len(hit) == len(miss) == 2
        assert with_sources(item, hit).endswith(item.question)


def test_only_what_a_source_states_is_supported(where: Bench) -> None:
    item, other = where.sets["unknown", "test"][:2]
    assert is_supported(where, item, item.answer, [other, item])
    assert not is_supported(where, item, item.answer, [other])
    assert not is_supported(where, item, ABSTENTION, [item])


def test_silence_takes_the_place_of_answers_that_are_not_kept() -> None:
    found = [Answer("a", 0.9, "correct"), Answer("b", 0.2, "hallucinated")]
    assert [one.outcome for one in silenced(found, [True, False])] == ["correct", "abstained"]


def test_wrong_statements_are_counted_one_by_one(where: Bench) -> None:
    item = where.sets["known", "test"][0]
    wrong = item.answer.replace(item.fact.value, wrong_value(where.world, item.fact, Draws("test")))
    found = statements(where, [item, item], [item.answer, f"{item.answer} {wrong}"])
    assert found == {
        "statements": 1.5,
        "wrong": 0.5,
        "wrong a statement": pytest.approx(1 / 3),
        "with a wrong one": 0.5,
    }


def test_calibration_on_other_people_brings_probabilities_to_the_truth() -> None:
    draws = np.random.default_rng(0)
    true = draws.uniform(size=2000)
    # A model that is too sure of itself: its log-odds are twice what they should be.
    stated = true**2 / (true**2 + (1 - true) ** 2)
    answers = [
        Answer("", float(p), "correct" if draws.random() < t else "hallucinated")
        for p, t in zip(stated, true, strict=True)
    ]
    found = np.array(calibrated(answers, answers))
    assert np.abs(found - true).mean() < 0.5 * np.abs(stated - true).mean()


def test_worth_is_what_each_labeler_gives() -> None:
    given = [worth(one, "punishes", 2.0) for one in ("correct", "abstained", "hallucinated")]
    assert given == [1.0, 0.0, -2.0]
    assert worth("hallucinated", "cannot check", 0.0) == 1.0
    assert worth("abstained", "cannot check", 0.0) == 0.0


def test_choices_follow_the_labeler(where: Bench) -> None:
    model = sft_policy("world-small", PEOPLE, 40, 30, 0)
    items = [*where.sets["unknown", "learn"][:60]]
    silence = (*where.world.vocabulary.encode(ABSTENTION), where.codec.end_id)
    spoken = {}
    for name, penalty in (("cannot check", 0.0), ("punishes", 4.0)):
        pairs = labelled_pairs(where, model, items, policy(name, penalty=penalty))
        assert all(silence in (pair.chosen, pair.rejected) and pair.chosen != pair.rejected for pair in pairs)
        spoken[name] = sum(pair.rejected == silence for pair in pairs) / len(pairs)
    assert spoken["cannot check"] > 0.7
    assert spoken["punishes"] < 0.3


def test_the_base_model_completes_what_it_knows(where: Bench) -> None:
    found = base_answers(where.model().eval(), where, where.sets["known", "test"][:20])
    assert sum(one.outcome == "correct" for one in found) >= 18


@pytest.mark.parametrize("job", [policy("sft", "none"), policy("punishes", "dpo", 1.0), policy("cannot check", "dpo")])
def test_a_policy_gives_rates_of_every_group(job: PolicyJob) -> None:
    result = run_policy(job)
    assert all(sum(one.values()) == pytest.approx(1, abs=1e-3) for one in result["rates"].values())


def test_bad_jobs_are_refused() -> None:
    with pytest.raises(ValueError, match="policy must be one of"):
        policy("magic")
    with pytest.raises(ValueError, match="does not go with"):
        policy("sft", "dpo")
    with pytest.raises(ValueError, match="penalty must not be negative"):
        policy("punishes", "dpo", -1.0)
    with pytest.raises(ValueError, match="n must be at least 4"):
        MitigationJob("world-small", PEOPLE, 1, 10, 0, 10)
    with pytest.raises(ValueError, match="no run has the policy"):
        policies.rate_of({"policies": []}, policies.SFT, "correct")
    with pytest.raises(ValueError, match="no run has the arm"):
        mitigations.rate_of({"mitigations": []}, "control", "correct")


@pytest.mark.parametrize("recipe", RECIPES, ids=["104", "105"])
def test_designs_can_turn_out_each_way_and_have_their_power(recipe) -> None:
    check_design(recipe.design)
    assert power_of(recipe.design, draws=30) >= recipe.design.power


@pytest.mark.parametrize("recipe", RECIPES, ids=["104", "105"])
def test_recorded_outcomes_are_those_of_the_rules(recipe) -> None:
    record = read_record("09", recipe.row)
    assert record.outcome in OUTCOMES
    assert record.outcome == recipe.design.outcome(record.results)


def test_a_policy_that_is_always_silent_scores_nothing() -> None:
    rates = {"correct": 0.0, "hallucinated": 0.0, "abstained": 1.0}
    runs = policies.DESIGN.simulate("holds", 0)
    for run in runs["policies"]:
        if run.job.policy == "punishes":
            for group in run.result["rates"]:
                run.result["rates"][group] = rates
    assert policies.score(runs, policies.PUNISHED).mean == 0
    assert policies.DESIGN.outcome(runs) == "holds in part"  # fewer made-up answers alone are not enough
