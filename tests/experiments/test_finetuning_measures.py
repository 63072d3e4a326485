"""Notebook 05's measures: kinds of completion, skewed pools, groups of people, forgetting at equal gain."""

from __future__ import annotations

import numpy as np
import pytest

from utils.experiments.finetuning.answering import popularity_groups, write_after
from utils.experiments.finetuning.completions import (
    completion_kind,
    document_kinds,
    english_kind,
    shares,
)
from utils.experiments.finetuning.forgetting_recipe import equal_gain, forgot, loss_at, scratch_lead
from utils.experiments.finetuning.quality_recipe import advantages, pairs_for
from utils.experiments.finetuning.runs import KEPT_KINDS, FinetuningJob, base_accuracy
from utils.experiments.finetuning.sharing import correct_of, run_jobs
from utils.experiments.finetuning.skewed_labelers import (
    BRIEF,
    Votes,
    draw_votes,
    effective_votes,
    misreported,
    population_share,
    raw_share,
    reweighted_share,
)
from utils.experiments.recording.design import Run
from utils.training.base_models import base_world, load_base_model
from utils.world import draw_comparisons, draw_demonstrations, draw_questions

WORLD = base_world()


def a_job(**changes) -> FinetuningJob:
    fields = {
        "base": "world-small",
        "method": "full",
        "n": 20,
        "quality": "good",
        "masked": True,
        "steps": 2,
        "lr": 1e-3,
        "seed": 0,
    }
    return FinetuningJob(**{**fields, "n_questions": 10, **changes})


def test_demonstrations_of_known_quality_are_sorted_into_their_kinds():
    wanted = {"good": "answer", "terse": "answer", "wrong": "answer", "continuing": "question", "evasive": "other"}
    for quality, kind in wanted.items():
        for one in draw_demonstrations(WORLD, 20, seed=4, quality=quality):
            item = next(q for q in draw_questions(WORLD) if q.fact == one.facts[0])
            assert completion_kind(WORLD, item, one.response) == kind


def test_an_aside_is_context_and_a_fact_about_something_else_is_no_answer():
    item = draw_questions(WORLD, 1, 3)[0]
    assert completion_kind(WORLD, item, "I ask for a friend from Juzmoor.") == "context"
    assert completion_kind(WORLD, item, "4 * 6 = 24.") == "other"


def test_documents_go_on_in_all_three_ways_as_the_grammar_weighs_them():
    found = shares(document_kinds(WORLD, 2000, seed=1))
    assert found["answer"] == pytest.approx(0.5, abs=0.06)
    assert found["question"] == pytest.approx(0.25, abs=0.06)
    assert sum(found.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (" for a family of six? I have no oven.", "context"),
        (", and other questions", "context"),
        ("?\nWhat do I need? How long does it take?", "context"),
        ("\nWhat ingredients do I need? How long?", "question"),
        ("First, make the dough. Then bake it.", "answer"),
        ("\n\n", "other"),
    ],
)
def test_english_goes_on_asks_or_answers(text, kind):
    assert english_kind(text) == kind


def test_shares_of_nothing_are_refused():
    with pytest.raises(ValueError, match="kinds"):
        shares([])


def test_people_are_grouped_by_popularity_and_every_question_is_in_one_group():
    questions = draw_questions(WORLD)
    first, second, rest = popularity_groups(questions, (50, 150))
    assert len(first) + len(second) + len(rest) == len(questions)
    assert min(q.fact.popularity for q in first) > max(q.fact.popularity for q in second)
    assert len({q.fact.subject for q in first}) == 50
    with pytest.raises(ValueError, match="sizes"):
        popularity_groups(questions, (0,))


def test_a_text_that_reaches_the_limit_has_not_ended():
    model, end = load_base_model("world-small"), WORLD.vocabulary.end_of_text_id
    prompts = [[end, *WORLD.vocabulary.encode("Where was")]]
    assert not write_after(model, WORLD, prompts, (end,), max_new_tokens=1)[0].ended
    with pytest.raises(ValueError, match="prompts"):
        write_after(model, WORLD, [[]], (end,))


PAIRS = draw_comparisons(WORLD, 400, seed=5)


def test_an_even_pool_is_unbiased_a_skewed_one_is_not_and_weights_mend_it():
    truth = population_share(PAIRS)
    even = [raw_share(draw_votes(PAIRS, (0.5, 0.5), seed)) - truth for seed in range(20)]
    skewed = [draw_votes(PAIRS, (0.9, 0.1), seed) for seed in range(20)]
    assert abs(np.mean(even)) < 0.02
    assert np.mean([raw_share(votes) for votes in skewed]) - truth < -0.05
    assert abs(np.mean([reweighted_share(votes) for votes in skewed]) - truth) < 0.03
    poor = np.mean([reweighted_share(votes, known=misreported(votes, 0.5, 1)) for votes in skewed])
    assert poor - truth < -0.03
    assert all(effective_votes(votes) < 0.6 * len(PAIRS) for votes in skewed)


def test_the_population_is_between_its_groups():
    brief, polite = population_share(PAIRS, (1, 0)), population_share(PAIRS, (0, 1))
    assert brief < population_share(PAIRS) < polite
    assert population_share(PAIRS) == pytest.approx((brief + polite) / 2)
    assert BRIEF.per_word < 0


def test_no_weight_speaks_for_a_group_without_votes():
    votes = Votes(np.zeros(5, dtype=int), np.ones(5))
    with pytest.raises(ValueError, match="none of group 1"):
        reweighted_share(votes)
    assert reweighted_share(votes, (1.0, 0.0)) == 1.0


def test_forgetting_is_read_off_at_a_gain_between_two_rates():
    points = [(0.2, 0.0), (0.6, 0.04)]
    assert loss_at(points, 0.4) == pytest.approx(0.02)
    assert loss_at(points, 0.1) == 0.0
    with pytest.raises(ValueError, match="reached at no rate"):
        loss_at(points, 0.7)


def method_runs(full, lora) -> list[Run]:
    before, made = base_accuracy("world-small"), []
    for method, points in (("full", full), ("lora", lora)):
        for rate, (correct, lost) in enumerate(points, start=1):
            documents = {kind: before[kind] - lost for kind in KEPT_KINDS}
            job = a_job(method=method, lr=rate / 1000)
            made.append(Run(job, {"correct": correct, "documents": documents}))
    return made


def test_methods_are_compared_at_the_gain_that_both_reach():
    runs = method_runs([(0.2, 0.0), (0.8, 0.06)], [(0.1, 0.0), (0.5, 0.01)])
    (found,) = equal_gain(runs)
    assert found.gain == pytest.approx(0.5)
    assert found.full == pytest.approx(0.03)
    assert found.lora == pytest.approx(0.01)
    assert forgot(method_runs([(0.5, -0.1)], [])[0]) == 0.0


def test_leads_are_paired_by_seed():
    runs = [
        Run(a_job(method=method, seed=seed), {"correct": base + 0.1 * seed})
        for method, base in (("full", 0.5), ("scratch", 0.2))
        for seed in (2, 0, 1)
    ]
    lead = scratch_lead(runs)
    assert (lead.mean, lead.low, lead.high) == pytest.approx((0.3, 0.3, 0.3))
    assert correct_of(runs, method="scratch") == pytest.approx([0.2, 0.3, 0.4])
    with pytest.raises(ValueError, match="no run"):
        correct_of(runs, method="lora")


def test_a_budget_buys_five_times_as_many_poor_demonstrations():
    assert (pairs_for(1000, "good"), pairs_for(1000, "poor")) == (100, 500)
    runs = [
        Run(a_job(n=pairs_for(1000, quality), quality=quality, seed=seed), {"correct": 0.5 + 0.2 * (quality == "good")})
        for quality in ("good", "poor")
        for seed in range(3)
    ]
    assert advantages(runs)[1000].mean == pytest.approx(0.2)


@pytest.mark.parametrize("change", [{"base": "x"}, {"method": "y"}, {"quality": "z"}, {"n": 0}, {"steps": 0}])
def test_a_job_that_cannot_be_run_is_refused_by_name(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        a_job(**change)


def test_a_run_depends_on_its_job_alone():
    for method in ("full", "lora", "scratch"):
        first, again = run_jobs([a_job(method=method), a_job(method=method)])
        assert first.result == again.result
        assert first.result["questions"] == 10
    with pytest.raises(ValueError, match="jobs"):
        run_jobs([])
