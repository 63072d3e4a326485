"""The policy of notebook 06, the labels of its answers, and what the recorded runs make of them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from utils.experiments.preferences import overoptimisation_recipe as pressure
from utils.experiments.preferences.answer_model import ANSWER_MODEL, AnswerBench, answer_bench
from utils.experiments.preferences.judging import JudgedPair, judged_rightly, right_and_wrong
from utils.experiments.preferences.labelling import labelled_pairs, model_judge, person_judge
from utils.experiments.preferences.method_recipe import METHOD_RECIPE, by_method
from utils.experiments.preferences.method_runs import MethodJob
from utils.experiments.preferences.overoptimisation_runs import PressureJob
from utils.experiments.recording.design import HOLDS, Run
from utils.experiments.recording.record import read_record
from utils.training.base_models import checkpoints_dir, sha256_of
from utils.world.labelers import Labeler


@pytest.fixture(scope="module")
def bench() -> AnswerBench:
    whole = answer_bench()
    return AnswerBench(whole.world, whole.codec, whole.policy, whole.questions[:40], whole.tests[:40])


def test_checkpoint_is_the_one_of_its_card() -> None:
    card = json.loads((checkpoints_dir() / f"{ANSWER_MODEL}.json").read_text(encoding="utf-8"))
    assert sha256_of(checkpoints_dir() / card["file"]) == card["sha256"]


def test_questions_to_learn_from_and_to_test_with_are_apart() -> None:
    whole = answer_bench()
    learned = {(one.fact.subject, one.fact.relation) for one in whole.questions}
    assert not learned & {(one.fact.subject, one.fact.relation) for one in whole.tests}


def test_policy_has_room_both_ways(bench: AnswerBench) -> None:
    gold = bench.gold(bench.tests, bench.draw(bench.policy, bench.tests, 0))
    assert gold.min() < -1
    assert gold.max() > 0.4


def test_pairs_without_noise_follow_the_gold_reward(bench: AnswerBench) -> None:
    pairs = labelled_pairs(bench, person_judge(bench, Labeler(noise=0.0)), 0, noise=0.0)
    by_prompt = {tuple(p): q for p, q in zip(bench.prompts(bench.questions), bench.questions, strict=True)}
    asked = [by_prompt[pair.prompt] for pair in pairs]
    chosen, rejected = (bench.gold(asked, [getattr(p, side) for p in pairs]) for side in ("chosen", "rejected"))
    assert (chosen >= rejected).all()
    assert (chosen > rejected).mean() > 0.3


def test_a_coin_labels_the_same_answers(bench: AnswerBench) -> None:
    own = labelled_pairs(bench, person_judge(bench), 1)
    coin = labelled_pairs(bench, None, 1)
    assert [{one.chosen, one.rejected} for one in own] == [{one.chosen, one.rejected} for one in coin]
    assert [one.chosen for one in own] != [one.chosen for one in coin]


def test_a_model_judge_is_mistaken_where_its_model_is(bench: AnswerBench) -> None:
    # The policy as a judge of itself finds its own greedy answers right, whatever the truth.
    from utils.experiments.finetuning.answering import ask

    questions = bench.questions[:20]
    own = ask(bench.policy, bench.world, bench.codec, [one.question for one in questions])
    answers = [bench.world.vocabulary.encode(one.text) for one in own]
    liked = model_judge(bench, bench.policy)(questions, answers)
    gold = bench.gold(questions, answers)
    assert (liked >= gold).all()
    assert (liked > gold).any()


def test_judges_prefer_what_their_model_finds_likely(bench: AnswerBench) -> None:
    pairs, share = right_and_wrong(bench, bench.policy, bench.tests, 4, 0)
    assert 0 <= share <= 1
    assert all(pair.right != pair.wrong for pair in pairs)
    question = bench.tests[0]
    [likely] = bench.draw(bench.policy, [question], 0)
    nonsense = likely[::-1]
    assert judged_rightly(bench, bench.policy, [JudgedPair(question, likely, nonsense)]).tolist() == [1.0]


@pytest.mark.parametrize(("job", "value"), [(MethodJob, "magic"), (PressureJob, "magic")])
def test_unknown_methods_are_refused(job: type, value: str) -> None:
    with pytest.raises(ValueError, match="magic"):
        job(value, 8, 1) if job is MethodJob else job(value, 8, 1, 0)


def test_gains_are_by_method_and_seed() -> None:
    runs = [Run(MethodJob("dpo", 1, seed), {"gold": 1.0 + seed, "before": 0.5, "kl": 2.0}) for seed in (1, 0)]
    assert by_method({"methods": runs}, "gain") == {"dpo": [0.5, 1.5]}
    assert by_method({"methods": runs}, "kl") == {"dpo": [2.0, 2.0]}


def test_noise_alone_shows_no_fall() -> None:
    draws = np.random.default_rng(0)
    falls = [pressure.fall_after_peak(draws.normal(size=100)) for _ in range(300)]
    assert abs(np.mean(falls)) < 0.06
    rise_and_fall = np.r_[np.linspace(0, 1, 60), np.linspace(1, 0, 40)]
    assert pressure.fall_after_peak(rise_and_fall) > 0.5


def test_recorded_peaks_are_those_of_the_fits() -> None:
    record = read_record("06", 73)
    fits = pressure.fitted(record.results, "best of n")
    assert sorted(fits) == sorted(pressure.WIDTHS)
    for width, fit in fits.items():
        assert record.findings["best of n"][str(width)]["alpha"] == pytest.approx(fit.alpha)


def test_recorded_outcomes_are_those_of_the_rules() -> None:
    for recipe in (METHOD_RECIPE, pressure.PRESSURE_RECIPE):
        record = read_record("06", recipe.row)
        assert recipe.design.outcome(record.results) == record.outcome
        assert recipe.design.outcome(recipe.design.simulate(HOLDS, 3)) == HOLDS
