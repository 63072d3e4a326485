"""Gold reward, simulated labelers, comparisons and rankings."""

from __future__ import annotations

import math

import pytest

from utils.world import (
    Draws,
    GoldReward,
    Labeler,
    World,
    agreement_rate,
    draw_answers,
    draw_comparisons,
    draw_questions,
    draw_rankings,
    judge,
    labeler_with_agreement,
)


@pytest.fixture(scope="module")
def world() -> World:
    return World(6, n_people=120)


def test_gold_reward_is_the_sum_of_its_stated_parts(world: World) -> None:
    item = next(i for i in draw_questions(world) if i.fact.relation == "home")
    wrong = next(town for town in world.towns if town != item.value)
    name, home = item.fact.subject, item.value
    expected = {
        f"{name} lives in {home}.": 2.5,
        f"{home}": 2.0,  # no sentence
        f"{name} lives in {wrong}.": -1.5,
        "I do not know.": 0.5,
        f"Gladly! {name} lives in {home}.": 2.75,
        f"Gladly! With pleasure. {name} lives in {home}.": 2.75,  # courtesy counts once
        f"{name} lives in {home}. {name} lives in {home}.": 2.5 - 0.5,
        f"{name} lives in {home}. " * 3: 2.5 - 2 * 0.5 - 0.05 * 2,
        "": -2.0,
        "bla bla": -2.0,
    }
    reward = GoldReward()
    for answer, value in expected.items():
        assert reward(world, item.question, answer) == pytest.approx(value), answer
        assert math.fsum(reward.parts(world, item.fact, answer).values()) == pytest.approx(value)


def test_another_formula_changes_the_reward(world: World) -> None:
    item = draw_questions(world, 1)[0]
    assert GoldReward(abstained=-1.0)(world, item.question, "I do not know.") == -0.5


def test_a_labeler_chooses_as_often_as_its_preference_says(world: World) -> None:
    labeler = Labeler(noise=1.5)
    comparisons = draw_comparisons(world, 3000, labelers=[labeler])
    won = sum(c.gold_chosen > c.gold_rejected for c in comparisons)
    ties = sum(c.gold_chosen == c.gold_rejected for c in comparisons)
    expected = 0.0
    variance = 0.0
    for c in comparisons:
        p = labeler.preference(max(c.gold_chosen, c.gold_rejected), min(c.gold_chosen, c.gold_rejected))
        expected += p
        variance += p * (1 - p)
    assert abs(won + ties / 2 - expected) < 5 * math.sqrt(variance)


def test_a_labeler_without_noise_prefers_the_better_answer(world: World) -> None:
    for c in draw_comparisons(world, 300, labelers=[Labeler(noise=0.0)]):
        assert c.gold_chosen >= c.gold_rejected
        assert c.chosen != c.rejected


def test_tastes_and_severity_act_where_they_should() -> None:
    verbose, strict = Labeler(per_word=0.5), Labeler(severity=1.0)
    assert verbose.utility(0.0, "one two three.") == 2.0
    assert Labeler(for_courtesy=1.0).utility(0.0, "Gladly! Yes.") == 1.0
    assert strict.utility(1.0, "word") == Labeler().utility(1.0, "word")
    mean = [sum(who.score(0.0, Draws("scores", i)) for i in range(500)) / 500 for who in (Labeler(), strict)]
    assert mean[0] - mean[1] == pytest.approx(2.0, abs=0.5)
    assert all(1 <= Labeler(noise=5.0).score(3.0, Draws(i)) <= 10 for i in range(200))


def test_preference_is_stable_for_huge_differences() -> None:
    assert Labeler(noise=1e-4).preference(10.0, -10.0) == 1.0
    assert Labeler(noise=1e-4).preference(-10.0, 10.0) == 0.0
    assert Labeler().preference(1.0, 1.0) == 0.5


def test_labelers_agree_at_the_rate_asked_for(world: World) -> None:
    labeler = labeler_with_agreement(world, 0.73, n_pairs=400)
    fresh = draw_comparisons(world, 1500, seed=9, labelers=[labeler])
    assert agreement_rate(labeler, labeler, fresh) == pytest.approx(0.73, abs=0.03)
    quiet = Labeler(noise=0.0)
    assert agreement_rate(labeler, labeler, fresh) < agreement_rate(labeler, quiet, fresh) < 1


def test_agreement_rate_is_what_two_labelers_show(world: World) -> None:
    a, b = Labeler("a", noise=1.0), Labeler("b", noise=2.0, per_word=0.1)
    pairs = draw_comparisons(world, 1500, seed=2)
    draws = Draws("agreement")
    same = 0
    for pair in pairs:
        choices = []
        for who in (a, b):
            chosen, rejected = (
                who.utility(pair.gold_chosen, pair.chosen),
                who.utility(pair.gold_rejected, pair.rejected),
            )
            choices.append(draws.chance(who.preference(chosen, rejected)))
        same += choices[0] == choices[1]
    assert abs(same / 1500 - agreement_rate(a, b, pairs)) < 5 * 0.5 / math.sqrt(1500)


def test_a_biased_labeler_likes_long_answers(world: World) -> None:
    def length_gap(labeler: Labeler) -> float:
        comparisons = draw_comparisons(world, 800, seed=4, labelers=[labeler])
        return sum(len(c.chosen) - len(c.rejected) for c in comparisons) / 800

    assert length_gap(Labeler(per_word=0.5)) > length_gap(Labeler()) + 5


def test_shares_of_labelers_are_kept(world: World) -> None:
    people = [Labeler("many"), Labeler("few")]
    comparisons = draw_comparisons(world, 2000, labelers=people, shares=(9, 1))
    few = sum(c.labeler == "few" for c in comparisons) / 2000
    assert abs(few - 0.1) < 5 * 0.3 / math.sqrt(2000)


def test_rankings_hold_different_answers_best_first(world: World) -> None:
    for ranking in draw_rankings(world, 100, k=5, labelers=[Labeler(noise=0.0)]):
        assert len(set(ranking.answers)) == 5
        assert list(ranking.gold) == sorted(ranking.gold, reverse=True)
    noisy = draw_rankings(world, 400, k=3, labelers=[Labeler(noise=3.0)])
    best = sum(r.gold[0] for r in noisy) / 400
    worst = sum(r.gold[-1] for r in noisy) / 400
    assert best > worst


def test_answers_are_of_every_outcome(world: World) -> None:
    item = draw_questions(world, 1)[0]
    answers = draw_answers(world, item.fact, 40, Draws("answers"))
    assert {judge(world, item.question, answer) for answer in answers} == {"correct", "wrong", "abstained"}


def test_preferences_are_the_same_for_the_same_seed(world: World) -> None:
    assert draw_comparisons(world, 20, seed=1) == draw_comparisons(world, 20, seed=1)
    assert draw_comparisons(world, 20, seed=1) != draw_comparisons(world, 20, seed=2)


def test_bad_arguments_are_refused(world: World) -> None:
    with pytest.raises(ValueError, match="k must"):
        draw_rankings(world, 3, k=1)
    with pytest.raises(ValueError, match="n must"):
        draw_comparisons(world, 0)
    with pytest.raises(ValueError, match="shares"):
        draw_comparisons(world, 3, shares=(1, 2))
    with pytest.raises(ValueError, match="noise"):
        Labeler(noise=-1.0)
    with pytest.raises(ValueError, match=r"rate .* 0\.4"):
        labeler_with_agreement(world, 0.4, n_pairs=50)
    with pytest.raises(ValueError, match="pair"):
        agreement_rate(Labeler(), Labeler(), [])
    with pytest.raises(ValueError, match="question"):
        GoldReward()(world, "Who knows?", "I do.")
