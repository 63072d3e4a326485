"""Row 46: what the text says about hearsay, a task that never asks for the truth, and a rule with every outcome."""

from __future__ import annotations

import math

import pytest

from utils.experiments.recording.design import OUTCOMES, Run, power_of
from utils.experiments.scaling.prior_recipe import DESIGN, findings, rule, simulate
from utils.experiments.scaling.rows import parameters_of, small_gpt
from utils.experiments.scaling.strong_prior import (
    N_PEOPLE,
    PriorJob,
    _world,
    ask,
    homes,
    slopes,
    train_prior_run,
    written_texts,
)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_rule_gives_every_outcome(outcome):
    assert rule(simulate(outcome, 0)) == outcome


def test_the_recorded_size_finds_the_effect_that_matters():
    assert power_of(DESIGN) >= DESIGN.power


def _parts(text: str) -> list[tuple[str, str]]:
    """Return (name, town) of each sentence."""
    sentences = [part.split() for part in text.rstrip(".").split(". ")]
    return [(" ".join(words[:2]), words[-1]) for words in sentences]


@pytest.mark.parametrize("rumours", [0.0, 0.5])
def test_second_sentences_are_true_of_people_and_repeat_what_was_said_of_strangers(rumours):
    contradicted, repeated = 0, 0
    for text in written_texts(PriorJob(4, rumours, 3000, 0)):
        parts = _parts(text)
        name, town = parts[-1]
        if name in homes():
            assert town == homes()[name]
            if len(parts) == 2:
                contradicted += parts[0][1] != town
                repeated += parts[0][1] == town
        else:
            assert parts[0] == parts[1]
    assert len(homes()) == N_PEOPLE
    share = contradicted / (contradicted + repeated)
    assert share == pytest.approx(rumours * 19 / 20, abs=0.05)  # a random town is the right one now and then


def test_an_untrained_model_guesses_among_the_towns():
    model = small_gpt(8, len(_world().vocabulary), 16, seed=0)
    for task in ("people", "strangers"):
        found = ask(model, task, 0)
        assert found["loss"] == pytest.approx(math.log(20), rel=0.1)
        assert found["named"] + found["home"] <= 1
    assert ask(model, "strangers", 0)["home"] == 0


def test_a_small_real_run_answers_both_tasks():
    job = PriorJob(8, 0.5, 400, 0)
    result = train_prior_run(job)
    assert result["parameters"] == parameters_of(small_gpt(8, len(_world().vocabulary), 16, 0))
    assert set(result["people"]) == set(result["strangers"]) == {"loss", "named", "home"}
    assert result == train_prior_run(job)


def test_a_planted_slope_is_found_again():
    runs = [
        Run(PriorJob(width, 0.5, 1, 0), {"parameters": 10.0**power, "people": {"loss": 1 + 0.7 * power}})
        for width, power in ((4, 3), (8, 4), (16, 5))
    ]
    assert slopes(runs, "people", 0.5) == [pytest.approx(0.7)]
    with pytest.raises(ValueError, match=r"runs with rumours 0\.0 have fewer than two sizes"):
        slopes(runs, "people", 0.0)


def test_findings_have_both_tasks_for_both_texts():
    found = findings(simulate("holds", 0))
    assert found["0.5"]["people"]["slope"][1] > 0 > found["0.5"]["strangers"]["slope"][2]
    assert len(found["0.0"]["people"]["loss"]) == len(found["parameters"])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((0, 0.5, 10, 0), "width must be at least 1, not 0"),
        ((4, 1.5, 10, 0), "rumours is a share from 0 to 1, not 1.5"),
        ((4, 0.5, 0, 0), "documents must be at least 1, not 0"),
    ],
)
def test_bad_input_gets_a_sentence(values, message):
    with pytest.raises(ValueError, match=message):
        PriorJob(*values)
