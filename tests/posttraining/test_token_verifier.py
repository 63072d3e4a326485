"""A verifier that judges at every token: what it may see, what its training changes, and that it learns to tell."""

from __future__ import annotations

import pytest
import torch

from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.posttraining.token_verifier import TokenVerifier, token_loss, train_token_verifier
from utils.posttraining.verifier import Attempt


def small_base() -> GPT:
    torch.manual_seed(0)
    return GPT(ModelConfig(n_layers=1, d_model=16, n_heads=2, vocab_size=12, context_length=16)).eval()


def attempts_at_ending(n: int, seed: int) -> list[Attempt]:
    """Attempts that are right when they end with the token 3."""
    generator = torch.Generator().manual_seed(seed)
    rows = torch.randint(4, 12, (n, 5), generator=generator).tolist()
    return [
        Attempt(row[:2], [*row[2 : 3 + place % 3], 3 if place % 2 else 2], bool(place % 2))
        for place, row in enumerate(rows)
    ]


def test_what_is_said_at_a_token_depends_on_nothing_after_it() -> None:
    verifier = TokenVerifier(small_base())
    ids = torch.tensor([[1, 2, 3, 4], [1, 2, 9, 9]])
    odds = verifier(ids)
    assert odds.shape == (2, 4)
    assert odds[0, :2].tolist() == pytest.approx(odds[1, :2].tolist())
    assert odds[0, 2] != odds[1, 2]


def test_the_score_is_that_of_the_last_token_whatever_is_scored_beside() -> None:
    verifier = TokenVerifier(small_base()).eval()
    prompts, answers = [[1, 2], [3], [4, 5, 6]], [[7], [8, 9, 10, 1], [2, 3]]
    together = verifier.score(prompts, answers, batch_size=2)
    for prompt, answer, score in zip(prompts, answers, together.tolist(), strict=True):
        assert score == pytest.approx(verifier(torch.tensor([[*prompt, *answer]]))[0, -1].item(), abs=1e-5)
    with pytest.raises(ValueError, match="answers has 1 entries and prompts has 2"):
        verifier.score([[1], [2]], [[1]])
    with pytest.raises(ValueError, match="must not be empty"):
        verifier.score([[1]], [[]])


def test_every_token_of_the_answer_is_charged_with_the_attempts_label() -> None:
    verifier = TokenVerifier(small_base())
    with torch.no_grad():
        verifier.output.weight.zero_()
        verifier.output.bias.fill_(2.0)
    counted = torch.tensor([[0.0, 1.0, 1.0], [0.0, 0.0, 1.0]])
    total, number = token_loss(verifier, torch.tensor([[1, 2, 3], [4, 5, 6]]), counted, torch.tensor([1.0, 0.0]))
    says_right = torch.nn.functional.softplus(torch.tensor(-2.0))
    assert number == 3
    assert total.item() == pytest.approx((2 * says_right + (says_right + 2.0)).item())


def test_training_teaches_to_tell_and_leaves_the_generator_alone() -> None:
    base = small_base()
    before = {name: value.clone() for name, value in base.state_dict().items()}
    verifier = train_token_verifier(base, attempts_at_ending(200, 0), steps=60, batch_size=32, lr=1e-2)
    assert all(torch.equal(value, before[name]) for name, value in base.state_dict().items())
    new = attempts_at_ending(100, 1)
    scores = verifier.score([one.prompt for one in new], [one.answer for one in new])
    right = torch.tensor([one.right for one in new])
    above = (scores[right][:, None] > scores[~right]).float().mean()
    assert above > 0.9


def test_the_same_seed_gives_the_same_verifier_and_one_kind_of_attempts_is_refused() -> None:
    base, attempts = small_base(), attempts_at_ending(20, 0)
    one, same, other = (
        train_token_verifier(base, attempts, seed, steps=2, batch_size=4).output.weight for seed in (0, 0, 1)
    )
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    with pytest.raises(ValueError, match="10 right and 0 wrong ones: both are needed"):
        train_token_verifier(base, [one for one in attempts if one.right])
