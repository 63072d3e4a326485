"""Attempts of the arithmetic models, judged and scored."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from utils.experiments.samplers.arithmetic_runs import (
    Attempts,
    SamplingJob,
    best_of_n,
    judge,
    labelled,
    sample_attempts,
)
from utils.posttraining.verifier import train_verifiers
from utils.training.arithmetic_models import HELD_OUT_SEED, arithmetic_vocabulary, draw_tasks, load_arithmetic_model
from utils.world.arithmetic import final_answer, verify, wrong_steps

NAME = "arithmetic-32"


@pytest.fixture(scope="module")
def attempts() -> list[Attempts]:
    torch.set_num_threads(1)
    return sample_attempts(SamplingJob(NAME, tuple(draw_tasks(4, HELD_OUT_SEED, [2])), n=60, seed=1))


def test_attempts_are_counted_and_judged(attempts: list[Attempts]) -> None:
    vocabulary = arithmetic_vocabulary()
    assert [one.task for one in attempts] == draw_tasks(4, HELD_OUT_SEED, [2])
    for one in attempts:
        assert one.counts.sum() == 60
        assert one.accuracy == one.n_right / 60
        for ids, right, answer in zip(one.ids, one.right, one.answers, strict=True):
            text = vocabulary.decode([i for i in ids if i != vocabulary.end_of_turn_id])
            assert (verify(one.task, text) and not wrong_steps(one.task, text)) == bool(right)
            assert final_answer(text) == answer
        assert one.n_right <= one.n_right_answers == one.counts @ [a == one.task.answer for a in one.answers]
        assert (one.logprobs < 0).all()


def test_greedy_attempts_are_one_each() -> None:
    tasks = tuple(draw_tasks(2, HELD_OUT_SEED, [2]))
    for one in sample_attempts(SamplingJob(NAME, tasks, n=3, temperature=0.0)):
        assert one.counts.tolist() == [3]
    assert sample_attempts(SamplingJob(NAME, (), n=3)) == []


def test_draws_are_of_different_samples(attempts: list[Attempts]) -> None:
    pool = attempts[0]
    drawn = pool.draw(60, np.random.default_rng(0))
    assert np.bincount(drawn, minlength=len(pool.counts)).tolist() == pool.counts.tolist()
    assert len(pool.draw(5, np.random.default_rng(0))) == 5
    with pytest.raises(ValueError, match="n is 61, and only 60 samples were drawn"):
        pool.draw(61, np.random.default_rng(0))


def test_best_of_one_is_the_mean_and_a_perfect_score_finds_what_is_there(attempts: list[Attempts]) -> None:
    random_scores = [np.random.default_rng(0).random(len(one.ids)) for one in attempts]
    assert best_of_n(attempts, random_scores, [1])[:, 0] == pytest.approx([one.accuracy for one in attempts])
    perfect = best_of_n(attempts, [one.right for one in attempts], [1, 10, 60])
    assert (np.diff(perfect, axis=1) >= -1e-9).all()
    assert perfect[:, -1] == pytest.approx([float(one.n_right > 0) for one in attempts])


def test_a_verifier_scores_every_solution(attempts: list[Attempts]) -> None:
    examples = labelled(attempts)
    assert len(examples) == sum(len(one.ids) for one in attempts)
    assert {example.right for example in examples} == {True, False}
    base = load_arithmetic_model(NAME)
    scores, other = judge(base, train_verifiers(base, examples, (0, 1), steps=30), attempts)
    assert not np.array_equal(np.concatenate(scores), np.concatenate(other))
    assert [len(one) for one in scores] == [len(one.ids) for one in attempts]
    right = np.concatenate([one.right for one in attempts]).astype(bool)
    assert np.concatenate(scores)[right].mean() > np.concatenate(scores)[~right].mean()
