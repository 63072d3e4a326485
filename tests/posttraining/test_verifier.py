"""A verifier learns to tell right attempts from wrong ones."""

from __future__ import annotations

import pytest
import torch

from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.posttraining.verifier import N_SURPRISE, Attempt, attempt_features, train_verifiers


@pytest.fixture(scope="module")
def base() -> GPT:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = GPT(ModelConfig(n_layers=1, d_model=16, n_heads=2, vocab_size=12, context_length=16)).eval()
    with torch.no_grad():
        model.embedding.weight.mul_(40)  # untrained, it would hardly tell its tokens apart
    return model


def attempts_at_copying(n: int, seed: int) -> list[Attempt]:
    """Attempts that are right when they end with the token 3."""
    generator = torch.Generator().manual_seed(seed)
    rows = torch.randint(4, 12, (n, 5), generator=generator).tolist()
    return [
        Attempt(row[:2], [*row[2 : 3 + place % 3], 3 if place % 2 else 2], bool(place % 2))
        for place, row in enumerate(rows)
    ]


def test_features_do_not_depend_on_the_batch(base: GPT) -> None:
    attempts = attempts_at_copying(20, 0)
    prompts, answers = [one.prompt for one in attempts], [one.answer for one in attempts]
    together = attempt_features(base, prompts, answers)
    alone = attempt_features(base, prompts, answers, batch_size=1)
    assert together.shape == (20, 2 * 16 + N_SURPRISE)
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


def test_surprise_is_that_of_the_answers_tokens_alone(base: GPT) -> None:
    prompt, answer = [5, 6, 7], [8, 9]
    logprobs = base(torch.tensor([prompt + answer]))[0].log_softmax(-1)
    tokens = [float(logprobs[2, 8].detach()), float(logprobs[3, 9].detach())]
    found = attempt_features(base, [prompt], [answer])[0, 2 * 16 :]
    assert found[:3].tolist() == pytest.approx([sum(tokens) / 2, min(tokens), max(tokens)], rel=1e-4)


def test_a_verifier_learns_what_right_attempts_have_in_common(base: GPT) -> None:
    before = {name: tensor.clone() for name, tensor in base.state_dict().items()}
    [verifier] = train_verifiers(base, attempts_at_copying(200, 0), steps=60, batch_size=32)
    new = attempts_at_copying(100, 1)
    scores = verifier.score([one.prompt for one in new], [one.answer for one in new])
    right = torch.tensor([one.right for one in new])
    assert ((scores > 0) == right).float().mean() > 0.95
    assert all(torch.equal(tensor, before[name]) for name, tensor in base.state_dict().items())


def test_the_seed_decides_and_nothing_else(base: GPT) -> None:
    attempts = attempts_at_copying(60, 0)
    prompts, answers = [one.prompt for one in attempts], [one.answer for one in attempts]
    first, again, other = (
        one.score(prompts, answers) for one in train_verifiers(base, attempts, (0, 0, 1), steps=5, batch_size=8)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_attempts_of_one_kind_and_empty_ones_are_refused(base: GPT) -> None:
    right = [one for one in attempts_at_copying(10, 0) if one.right]
    with pytest.raises(ValueError, match="5 right and 0 wrong"):
        train_verifiers(base, right)
    with pytest.raises(ValueError, match="must not be empty"):
        attempt_features(base, [[1]], [[]])
    with pytest.raises(ValueError, match="answers has 0 entries and prompts has 1"):
        attempt_features(base, [[1]], [])
