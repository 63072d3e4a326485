"""What answers are once the truth is known, and when silence is the better answer."""

from __future__ import annotations

import math

import pytest

from utils.evaluation.abstention import expected_score, should_answer
from utils.evaluation.hallucination import outcome_rates, snowball_rate, supported

BERN, BASEL = ("Bern", "country", "Switzerland"), ("Basel", "river", "Rhine")


def test_outcomes_sum_to_one_and_silence_is_never_anything_else() -> None:
    rates = outcome_rates(["a", "b", "c", "c"], ["a", "a", "a", "c"], [False, False, True, True])
    assert rates == {"correct": 0.25, "hallucinated": 0.25, "abstained": 0.5}


def test_follow_ups_are_counted_within_each_first_statement() -> None:
    first, later = [True, True, False, False, False], [True, False, True, False, False]
    assert snowball_rate(first, later) == (0.5, pytest.approx(1 / 3))


@pytest.mark.parametrize("first", [True, False])
def test_no_first_statement_of_a_kind_has_no_rate(first: bool) -> None:
    after_wrong, after_right = snowball_rate([first] * 4, [True, False, False, False])
    assert (0.25 if first else math.nan, math.nan if first else 0.25) == pytest.approx(
        (after_wrong, after_right), nan_ok=True
    )


def test_facts_may_stand_in_different_sources() -> None:
    assert supported([BERN, BASEL, BERN], [[BASEL], [], [BERN]])
    assert supported([], [])
    assert not supported([BERN, BASEL], [[BERN]])
    assert not supported([BERN[::-1]], [[BERN]])


@pytest.mark.parametrize(("penalty", "threshold"), [(0.0, 0.0), (1.0, 0.5), (3.0, 0.75)])
def test_the_threshold_is_penalty_over_one_plus_penalty_and_does_not_answer(penalty: float, threshold: float) -> None:
    assert expected_score(threshold, penalty) == 0
    assert not should_answer(threshold, penalty)
    assert should_answer(threshold + 0.01, penalty)


@pytest.mark.parametrize(("p", "penalty"), [(0.8, 4.0), (0.9, 9.0), (0.6, 1.5), (2 / 3, 2.0)])
def test_a_tie_with_silence_is_no_reason_to_speak_whatever_rounding_does(p: float, penalty: float) -> None:
    assert not should_answer(p, penalty)


@pytest.mark.parametrize(
    ("call", "names"),
    [
        (lambda: outcome_rates([], [], []), "answers has no entries"),
        (lambda: outcome_rates(["a"], ["a", "b"], [False]), "answers has 1 entries and truths 2"),
        (lambda: outcome_rates(["a"], ["a"], []), "answers has 1 entries and abstained 0"),
        (lambda: snowball_rate([], []), "first_wrong has no entries"),
        (lambda: snowball_rate([True], []), "first_wrong has 1 entries and later_wrong 0"),
        (lambda: expected_score(1.5, 1.0), "p_correct must lie between 0 and 1, not 1.5"),
        (lambda: should_answer(math.nan, 1.0), "p_correct must be finite"),
        (lambda: should_answer(0.5, -1.0), "wrong_penalty must lie between 0 and"),
    ],
)
def test_bad_input_gets_a_sentence(call, names: str) -> None:
    with pytest.raises(ValueError, match=names):
        call()
