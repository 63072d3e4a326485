"""The labeler's widget: what a reward model makes of choices, and how the view hands them on."""

from __future__ import annotations

import numpy as np
import pytest

from utils.notebook.widgets.preference_labeler import (
    Duel,
    gold_agreement,
    labeler_text,
    learned_weights,
    learning_figure,
    model_agreement,
    preference_labeler,
)

NAMES = ("right", "long")


def duels(n: int, seed: int) -> list[Duel]:
    """Return duels whose gold reward is twice the first feature less the second."""
    draws = np.random.default_rng(seed)
    found = []
    for number in range(n):
        first, second = draws.normal(size=(2, 2))
        gold = (float(2 * first[0] - first[1]), float(2 * second[0] - second[1]))
        found.append(Duel(f"question {number}?", ("one", "two"), (first, second), gold))
    return found


def best(given: list[Duel]) -> list[int]:
    return [int(duel.gold[1] > duel.gold[0]) for duel in given]


def test_model_learns_what_careful_choices_say() -> None:
    given, tests = duels(40, 0), duels(200, 1)
    weights = learned_weights(given, best(given))
    assert weights[0] > 0 > weights[1]
    assert model_agreement(weights, tests) > 0.9


def test_opposite_choices_teach_the_opposite() -> None:
    given, tests = duels(40, 0), duels(200, 1)
    weights = learned_weights(given, [1 - pick for pick in best(given)])
    assert model_agreement(weights, tests) < 0.1


def test_without_choices_nothing_is_known() -> None:
    given = duels(5, 0)
    assert learned_weights(given, []).tolist() == [0.0, 0.0]
    assert model_agreement(np.zeros(2), given) == 0.5
    assert np.isnan(gold_agreement(given, []))
    assert "nan" not in labeler_text(NAMES, given, [], given)


def test_agreement_with_gold_counts_equal_ones_half() -> None:
    vectors = (np.zeros(2), np.ones(2))
    given = [Duel("q", ("a", "b"), vectors, (1.0, 0.0)), Duel("q", ("a", "b"), vectors, (1.0, 1.0))]
    assert gold_agreement(given, [0, 0]) == 0.75
    assert gold_agreement(given, [1]) == 0.0


@pytest.mark.parametrize("choices", [[0, 1, 0], [2]])
def test_choices_that_do_not_fit_are_refused(choices: list[int]) -> None:
    with pytest.raises(ValueError, match="choices"):
        learned_weights(duels(2, 0), choices)


def test_view_passes_clicks_on_and_takes_them_back() -> None:
    given = duels(2, 0)
    view = preference_labeler(NAMES, given, duels(10, 1))
    question, buttons, learned = view.children
    first, second, back = buttons.children
    assert "question 0?" in question.value
    assert back.disabled
    first.click()
    assert "question 1?" in question.value
    assert "1 choices" in learned.value
    second.click()
    assert first.disabled
    assert "All pairs" in question.value
    back.click()
    assert "question 1?" in question.value
    assert not first.disabled


def test_picture_has_a_point_for_each_number_of_choices() -> None:
    given = duels(4, 0)
    figure = learning_figure(given, best(given), duels(10, 1))
    assert len(figure.axes[0].lines[0].get_xdata()) == 5


def test_picture_has_ticks_at_whole_numbers_of_choices_only() -> None:
    given = duels(4, 0)
    [axes] = learning_figure(given, best(given), duels(10, 1)).axes
    assert all(float(tick).is_integer() for tick in axes.get_xticks())
