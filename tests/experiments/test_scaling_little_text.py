"""Row 40: runs on little text learn it by heart, and the verdict can come out each way."""

from __future__ import annotations

import pytest

from utils.experiments.scaling.little_text import judge_little_text, train_on_little


def test_one_document_is_learned_by_heart_and_unseen_text_is_not():
    run = train_on_little(8, 1, 60, seed=0, readings=3)
    assert (run.documents, run.steps) == (1, (20, 40, 60))
    assert run.training_losses[-1] < 0.5 * run.losses[-1]
    assert run.best == min(run.losses) <= run.losses[-1]


def test_a_run_depends_on_its_arguments_alone():
    assert train_on_little(8, 3, 4, 0, 2) == train_on_little(8, 3, 4, 0, 2) != train_on_little(8, 3, 4, 1, 2)


@pytest.mark.parametrize(
    ("large_little", "large_more", "outcome"),
    [
        ([6.0, 6.1, 5.9], [2.5, 2.6, 2.5], "holds"),
        ([6.0, 6.1, 5.9], [3.5, 3.6, 3.5], "holds in part"),
        ([2.0, 2.1, 2.0], [2.0, 2.1, 2.0], "does not hold"),
        ([2.0, 6.1, 2.9], [2.5, 2.6, 2.5], "undecided"),
    ],
)
def test_each_verdict_can_come_out(large_little, large_more, outcome):
    assert judge_little_text(large_little, [3.0, 3.1, 3.0], large_more).outcome == outcome


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 1, 4, 0), "width must be at least 1, not 0"),
        ((8, 0, 4, 0), "documents must be at least 1, not 0"),
        ((8, 1, 4, 0, 9), r"readings \(9\) must be at most steps \(4\)"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(arguments, message):
    with pytest.raises(ValueError, match=message):
        train_on_little(*arguments)
    with pytest.raises(ValueError, match="at least two"):
        judge_little_text([1.0], [1.0], [1.0])
