"""Finetuning on pairs: what is counted, what is trained, what is refused."""

from __future__ import annotations

import pytest
import torch

from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.posttraining.finetuning import NOT_COUNTED, PairBatches, finetune, pad_pairs, target_loss
from utils.training.losses import next_token_loss


def tiny(seed: int = 0) -> GPT:
    torch.manual_seed(seed)
    return GPT(ModelConfig(n_layers=2, d_model=32, n_heads=2, vocab_size=12, context_length=16))


def test_only_targets_are_counted_and_aligned_with_the_token_before_them() -> None:
    inputs, targets = pad_pairs([([5, 6, 7], [8, 9]), ([3], [4])])
    assert inputs.tolist() == [[5, 6, 7, 8], [3, 0, 0, 0]]
    free = NOT_COUNTED
    assert targets.tolist() == [[free, free, 8, 9], [4, free, free, free]]


def test_an_epoch_shows_every_pair_once_and_the_next_in_another_order() -> None:
    pairs = [([i], [i]) for i in range(1, 11)]
    batches = PairBatches(pairs, batch_size=4, seed=3)
    seen = torch.cat([batches(step)[0][:, 0] for step in range(5)]).tolist()
    assert sorted(seen[:10]) == sorted(seen[10:]) == list(range(1, 11))
    assert seen[:10] != seen[10:]
    assert torch.equal(batches(3)[0], PairBatches(pairs, batch_size=4, seed=3)(3)[0])


def test_the_loss_equals_the_full_one() -> None:
    model = tiny()
    batch = pad_pairs([([5, 6, 7], [8, 9]), ([3, 2], [4, 1, 2])])
    (ours, count), (full, full_count) = target_loss(model, *batch), next_token_loss(model, *batch)
    assert torch.allclose(ours, full)
    assert count == full_count == 5


def test_finetuning_teaches_a_mapping_and_leaves_frozen_weights() -> None:
    model = tiny()
    frozen = model.blocks[0].requires_grad_(False)
    before = [parameter.clone() for parameter in frozen.parameters()]
    pairs = [([i, 0], [11 - i, 1]) for i in range(2, 8)]
    result = finetune(model, pairs, steps=60, batch_size=6, lr=1e-2, show_progress=False)
    assert result.losses[-1] < 0.1 < result.losses[0]
    assert all(torch.equal(old, new) for old, new in zip(before, frozen.parameters(), strict=True))
    assert all(model(torch.tensor([[*p, *t[:1]]]))[0, 1:].argmax(-1).tolist() == t for p, t in pairs)


def test_two_runs_end_in_the_same_weights() -> None:
    pairs = [([i, 0], [11 - i, 1]) for i in range(2, 8)]
    ends = []
    for _ in range(2):
        model = tiny()
        finetune(model, pairs, steps=5, batch_size=4, show_progress=False)
        ends.append(model.embedding.weight.clone())
    assert torch.equal(*ends)


@pytest.mark.parametrize(
    ("pairs", "options", "named"),
    [
        ([], {}, "pairs"),
        ([([], [1])], {}, "prompt of pair 0"),
        ([([1], [1]), ([1], [])], {}, "target of pair 1"),
        ([([1] * 16, [1, 2])], {}, "17 positions"),
        ([([1], [12])], {}, "id 12"),
        ([([-1], [1])], {}, "id -1"),
        ([([1], [1])], {"batch_size": 0}, "batch_size"),
        ([([1], [1])], {"steps": 0}, "steps"),
    ],
)
def test_bad_input_is_refused_by_name(pairs: list, options: dict, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        finetune(tiny(), pairs, **{"steps": 2, **options}, show_progress=False)
