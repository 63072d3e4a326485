"""The reward is read at the last real token, whatever stands beside it."""

from __future__ import annotations

import math

import pytest
import torch

from tests.posttraining.small_models import tiny_gpt, tiny_llama, tiny_pairs
from utils.posttraining.reward import (
    RewardModel,
    bradley_terry_loss,
    calibration,
    last_token_score,
    pairwise_accuracy,
    train_reward_model,
)

ROWS = [[5, 6, 7, 8, 9], [10, 11, 12]]


def padded(side: str, filler: int) -> tuple[torch.Tensor, torch.Tensor]:
    short, pad = ROWS[1], [filler] * 2
    row, real = ([*pad, *short], [0, 0, 1, 1, 1]) if side == "left" else ([*short, *pad], [1, 1, 1, 0, 0])
    return torch.tensor([ROWS[0], row]), torch.tensor([[1] * 5, real])


@pytest.mark.parametrize("kind", ["gpt", "transformers"])
@pytest.mark.parametrize("side", ["left", "right"])
def test_the_reward_does_not_depend_on_padding(kind: str, side: str) -> None:
    if kind == "transformers":
        pytest.importorskip("transformers", reason="transformers is not installed")
    model = RewardModel(tiny_gpt() if kind == "gpt" else tiny_llama()).eval()
    with torch.no_grad():
        alone = torch.cat([model(torch.tensor([row]), torch.ones(1, len(row))) for row in ROWS])
        for filler in (1, 13):
            torch.testing.assert_close(model(*padded(side, filler)), alone, rtol=1e-4, atol=1e-5)
        assert abs(float(alone[0] - alone[1])) > 1e-3
    torch.testing.assert_close(model.score(ROWS, batch_size=1), alone, rtol=1e-4, atol=1e-5)


def test_the_score_is_the_last_real_one() -> None:
    scores = torch.tensor([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]])
    mask = torch.tensor([[1, 1, 0], [0, 1, 1], [0, 1, 0]])
    assert last_token_score(scores, mask).tolist() == [2, 6, 8]
    with pytest.raises(ValueError, match="row 1 has no real token"):
        last_token_score(scores[:2], torch.tensor([[1, 0, 0], [0, 0, 0]]))
    with pytest.raises(ValueError, match="one shape"):
        last_token_score(scores, mask[:2])


def test_the_loss_is_bradley_terry_and_stable() -> None:
    loss = bradley_terry_loss(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 2.0]))
    expected = -(math.log(1 / (1 + math.exp(-1))) + math.log(1 / (1 + math.exp(2)))) / 2
    assert float(loss) == pytest.approx(expected, rel=1e-5)
    assert float(bradley_terry_loss(torch.tensor([-1e4]), torch.tensor([0.0]))) == pytest.approx(1e4)


def test_training_separates_pairs_and_leaves_the_language_model() -> None:
    base = tiny_gpt()
    before = base.embedding.weight.clone()
    model, pairs = RewardModel(base), tiny_pairs()
    train_reward_model(model, pairs, steps=40, batch_size=3, lr=3e-3, show_progress=False)
    chosen = model.score([[*p.prompt, *p.chosen] for p in pairs])
    rejected = model.score([[*p.prompt, *p.rejected] for p in pairs])
    assert pairwise_accuracy(chosen, rejected) == 1
    assert torch.equal(base.embedding.weight, before)


def test_accuracy_counts_ties_half() -> None:
    assert pairwise_accuracy(torch.tensor([1.0, 1, 0, 3]), torch.tensor([0.0, 1, 1, 1])) == 0.625
    with pytest.raises(ValueError, match="not 1 and 2"):
        pairwise_accuracy(torch.zeros(1), torch.zeros(2))


def test_calibration_compares_promise_and_outcome() -> None:
    generator = torch.Generator().manual_seed(0)
    difference = torch.randn(20_000, generator=generator).abs() * 2
    kept = torch.rand(20_000, generator=generator) < difference.sigmoid()
    honest = torch.where(kept, difference, -difference)
    bins, error = calibration(honest, torch.zeros(20_000))
    assert error < 0.02
    assert sum(one.n_pairs for one in bins) == 20_000
    assert calibration(honest * 5, torch.zeros(20_000))[1] > 0.1
