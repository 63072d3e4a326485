"""Rows 91 to 93: free answers read by what they say, attempts counted by note, repairs counted by broken record."""

from __future__ import annotations

import numpy as np
import pytest

from utils.evaluation.intervals import Interval
from utils.experiments.recording.design import Run
from utils.experiments.structured.choice_recipe import CHOICE, gap
from utils.experiments.structured.choice_runs import (
    NOTICES,
    QUESTIONS,
    ChoiceJob,
    answers,
    notices_with_reward,
    says,
    values_named,
)
from utils.experiments.structured.real_model import decoder, smollm2
from utils.experiments.structured.repairs import by_rules, repair_outcome, repair_rates
from utils.experiments.structured.retries import after_three, by_note, retry_outcome, share_after
from utils.training.base_models import base_world
from utils.world import RecordTask, draw_record_tasks

NOTE = RecordTask("", "notice", {"animal": "goat", "colour": "red", "town": "Xu", "reward": 7})


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("A red goat was lost.", True),
        ("Goats", True),
        ("goat", True),
        ("A goat or a goose was lost.", False),  # names another one as well
        ("It was a scapegoat.", False),  # no word of its own
        ("The market opens early.", False),
    ],
)
def test_a_free_answer_is_right_when_it_names_the_value_and_no_other(text: str, right: bool) -> None:
    assert says(text, QUESTIONS["choice"], NOTE) is right


def test_a_number_is_read_out_of_a_sentence_as_a_whole() -> None:
    assert says("The finder gets 7 coins.", QUESTIONS["pattern"], NOTE)
    assert not says("The finder gets 77 coins.", QUESTIONS["pattern"], NOTE)
    assert values_named("7, no: 12 coins", QUESTIONS["pattern"]) == {"7", "12"}


def test_every_notice_asked_about_states_both_values() -> None:
    notices = notices_with_reward()
    assert len(notices) == NOTICES == len({task.text for task in notices})
    assert all(
        says(task.text, question, task) for task in notices for question in (QUESTIONS["choice"], QUESTIONS["pattern"])
    )


def test_an_unknown_way_or_question_is_refused() -> None:
    with pytest.raises(ValueError, match="'loud'"):
        answers(smollm2(), decoder(), "choice", [], "loud")
    with pytest.raises(ValueError, match="'riddle'"):
        ChoiceJob("riddle", 0, 1)


def test_what_a_mask_loses_is_paired_note_by_note_whatever_the_order_of_the_runs() -> None:
    def run(first: int, free: list[int], masked: list[int]) -> Run:
        return Run(ChoiceJob("choice", first, 2), {"right": {"free": free, "masked": masked}})

    results = {"asked": [run(2, [1, 1], [1, 1]), run(0, [1, 0], [0, 0])]}
    assert gap(results, "choice", "right", "free", "masked").mean == 0.25
    assert gap(results, "choice", "right", "free", "free").high == 0


def test_a_mask_that_takes_right_answers_is_no_plain_success() -> None:
    simulated = CHOICE.design.simulate("holds", 3)
    assert CHOICE.design.outcome(simulated) == "holds"
    for run in simulated["asked"]:
        run.result["right"]["masked"][:] = [0] * run.job.n
    assert CHOICE.design.outcome(simulated) == "holds in part"


def test_attempts_are_counted_by_note() -> None:
    valid = np.array([[True, False, False, False, False, True], [False] * 6])
    assert by_note(valid, 3).tolist() == [1.0, 0.0]
    assert by_note(valid, 2).tolist() == pytest.approx([2 / 3, 0.0])
    assert share_after(valid, [1, 3]).tolist() == pytest.approx([1 / 6, 0.5])


def pools(near: float, far: float, notes: int = 48) -> dict[float, np.ndarray]:
    draws = np.random.default_rng(0)
    return {1.5: draws.random((notes, 30)) < near, 2.5: draws.random((notes, 30)) < far}


@pytest.mark.parametrize(
    ("near", "far", "outcome"),
    [
        (0.7, 0.1, "holds"),
        (0.5, 0.1, "undecided"),  # 0.875 after three: too close to 0.85
        (0.7, 0.6, "undecided"),  # no model is far off
        (0.3, 0.1, "undecided"),  # none is nearly there
    ],
)
def test_asking_again_is_judged_near_and_far(near: float, far: float, outcome: str) -> None:
    assert retry_outcome(after_three(pools(near, far))) == outcome


def test_asking_again_can_fail_near_and_work_far() -> None:
    # Half of the notes are always valid and the others never: three attempts help nobody.
    split = np.repeat(np.array([[True], [False]]), 24, axis=0) & np.ones((48, 30), dtype=bool)
    assert retry_outcome(after_three({1.5: split, 2.5: pools(0.7, 0.1)[2.5]})) == "does not hold"
    # Fewer than one output in five is valid, spread so evenly that three attempts find one for most notes.
    found = {1.5: (0.7, Interval(0.97, 0.95, 0.99, 48)), 2.5: (0.19, Interval(0.7, 0.65, 0.75, 48))}
    assert retry_outcome(found) == "holds in part"


def interval(low: float, high: float) -> Interval:
    return Interval((low + high) / 2, low, high, 3700)


@pytest.mark.parametrize(
    ("foreseen", "mixed", "outcome"),
    [
        ((0.9990, 1.0), (0.9991, 1.0), "holds"),
        ((0.9990, 1.0), (0.90, 0.92), "holds in part"),
        ((0.9990, 1.0), (0.9980, 0.9995), "undecided"),
        ((0.95, 0.96), (0.90, 0.92), "does not hold"),
        ((0.9980, 0.9995), (0.90, 0.92), "undecided"),
    ],
)
def test_repairs_are_judged_by_999_in_1000(
    foreseen: tuple[float, float], mixed: tuple[float, float], outcome: str
) -> None:
    assert repair_outcome(interval(*foreseen), interval(*mixed)) == outcome


def test_repairs_are_counted_over_broken_records_only() -> None:
    originals = [task.target for task in draw_record_tasks(base_world(), 60, seed=11)]
    rates = repair_rates(originals, {"nothing": str, "repair_json": by_rules}, (0.0, 1.0))
    assert rates["nothing", 0.0][1].mean < 0.05  # all are broken; a fence or a word before is no JSON
    assert rates["repair_json", 0.0][1].mean == 1.0
    assert rates["repair_json", 1.0][1].mean < 0.5
    assert rates["repair_json", 0.0][1].n == 60
