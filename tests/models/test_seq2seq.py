"""The recurrent encoder-decoder: what it may see, stepping, and learning to reverse."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from utils.models.seq2seq import Seq2Seq


def accuracy_on_reversal(attention: bool) -> float:
    torch.manual_seed(0)
    model = Seq2Seq(12, 32, attention)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(250):
        source = torch.randint(1, 12, (64, 8))
        target = source.flip(1)
        given = torch.cat((torch.zeros(64, 1, dtype=torch.long), target[:, :-1]), 1)
        optimiser.zero_grad()
        F.cross_entropy(model(source, given).flatten(0, 1), target.flatten()).backward()
        optimiser.step()
    source = torch.randint(1, 12, (200, 8))
    return (model.generate(source, 0, 8)[0] == source.flip(1)).float().mean().item()


def test_attention_learns_to_reverse_what_a_single_state_cannot_hold() -> None:
    with_attention, without = accuracy_on_reversal(True), accuracy_on_reversal(False)
    assert with_attention > 0.7, (with_attention, without)
    assert with_attention > without + 0.15, (with_attention, without)


@pytest.mark.parametrize("attention", [False, True])
def test_generation_follows_the_teacher_forced_logits(attention: bool) -> None:
    torch.manual_seed(0)
    model = Seq2Seq(9, 16, attention, n_layers=2).eval()
    source = torch.randint(0, 9, (3, 7))
    written, weights = model.generate(source, 0, 5)
    given = torch.cat((torch.zeros(3, 1, dtype=torch.long), written[:, :-1]), 1)
    assert torch.equal(model(source, given).argmax(-1), written)
    if attention:
        assert weights is not None
        assert weights.shape == (3, 5, 7)
        torch.testing.assert_close(weights.sum(-1), torch.ones(3, 5))
    else:
        assert weights is None


def test_ids_outside_the_vocabulary_are_refused() -> None:
    with pytest.raises(ValueError, match="source holds ids outside 0 to 8"):
        Seq2Seq(9, 16, True)(torch.tensor([[9]]), torch.tensor([[0]]))
