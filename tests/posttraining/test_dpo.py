"""DPO raises the chosen answer against a reference that stays where it was."""

from __future__ import annotations

import copy
import math

import pytest
import torch

from tests.posttraining.small_models import tiny_gpt, tiny_pairs
from utils.posttraining.dpo import (
    dpo_loss,
    implicit_rewards,
    pair_logprobs,
    pair_tensors,
    reference_logprobs,
    train_dpo,
)
from utils.posttraining.logprobs import target_logprobs


def test_the_loss_is_the_papers() -> None:
    values = [torch.tensor([x]) for x in (-1.0, -2.0, -1.5, -1.7)]
    margin = 0.5 * ((-1.0 + 1.5) - (-2.0 + 1.7))
    assert float(dpo_loss(*values, beta=0.5)) == pytest.approx(math.log(1 + math.exp(-margin)), rel=1e-5)


@pytest.mark.parametrize("beta", [0.0, -0.1, math.nan])
def test_a_beta_that_holds_nothing_is_refused(beta: float) -> None:
    with pytest.raises(ValueError, match="beta must be positive"):
        dpo_loss(*[torch.zeros(1)] * 4, beta=beta)
    with pytest.raises(ValueError, match="beta must be positive"):
        train_dpo(tiny_gpt(), tiny_pairs(), beta=beta, steps=1, show_progress=False)


def test_answers_are_scored_whole_with_the_end_token_and_without_the_prompt() -> None:
    model, pair = tiny_gpt(), tiny_pairs()[0]
    found = pair_logprobs(model, *pair_tensors([pair]))[0]
    for answer, value in zip((pair.chosen, pair.rejected), found, strict=True):
        ids = [*pair.prompt, *answer]
        logprobs = model(torch.tensor([ids]))[0].log_softmax(-1)
        by_hand = sum(logprobs[t - 1, ids[t]] for t in range(len(pair.prompt), len(ids)))
        torch.testing.assert_close(value, by_hand)


def test_the_first_loss_is_log_2_and_training_prefers_the_chosen() -> None:
    policy, pairs = tiny_gpt(), tiny_pairs()
    reference = copy.deepcopy(policy)
    fixed = reference_logprobs(policy, pairs)
    result = train_dpo(policy, pairs, beta=0.5, steps=30, batch_size=3, lr=1e-3, show_progress=False)
    assert result.losses[0] == pytest.approx(math.log(2), abs=1e-6)
    rewards = implicit_rewards(policy, pairs, fixed, 0.5)
    assert bool((rewards[:, 0] > rewards[:, 1]).all())
    torch.testing.assert_close(reference_logprobs(reference, pairs), fixed)


def test_a_reference_that_would_move_is_refused_and_a_copy_does_not_move() -> None:
    policy = tiny_gpt()
    with pytest.raises(ValueError, match="would move"):
        train_dpo(policy, tiny_pairs(), steps=1, reference=policy, show_progress=False)
    reference = copy.deepcopy(policy)
    train_dpo(policy, tiny_pairs(), steps=3, lr=1e-2, reference=reference, show_progress=False)
    assert torch.equal(reference.embedding.weight, tiny_gpt().embedding.weight)
    assert not torch.equal(policy.embedding.weight, reference.embedding.weight)


def test_log_probabilities_without_a_target_or_temperature_are_refused() -> None:
    ids = torch.tensor([[1, 2]])
    with pytest.raises(ValueError, match="no target"):
        target_logprobs(tiny_gpt(), ids, torch.full((1, 2), -100))
    with pytest.raises(ValueError, match="temperature must be positive, not 0"):
        target_logprobs(tiny_gpt(), ids, ids, temperature=0)
