"""Groups of similar length: the same numbers from fewer positions."""

from __future__ import annotations

import itertools
import random

import pytest
import torch

from tests.posttraining.small_models import tiny_gpt, tiny_llama
from utils.posttraining.padding import length_groups, pad_rows
from utils.posttraining.reward import RewardModel, last_token_score


def positions(groups: list[list[int]], lengths: list[int], call: int) -> int:
    return sum(len(group) * max(lengths[place] for place in group) + call for group in groups)


@pytest.mark.parametrize("call", [0, 3, 20, 1000])
def test_no_other_cut_of_the_sorted_rows_computes_fewer_positions(call: int) -> None:
    draw = random.Random(call)
    for n in range(1, 9):
        lengths = [draw.randint(1, 12) for _ in range(n)]
        groups = length_groups(lengths, call)
        assert sorted(itertools.chain(*groups)) == list(range(n))
        order = sorted(range(n), key=lambda place: lengths[place])
        others = []
        for cuts in itertools.product([False, True], repeat=n - 1):
            marks = [0, *(place + 1 for place, cut in enumerate(cuts) if cut), n]
            others.append([order[a:b] for a, b in itertools.pairwise(marks)])
        assert positions(groups, lengths, call) == min(positions(other, lengths, call) for other in others)


@pytest.mark.parametrize("kind", ["gpt", "transformers"])
def test_rewards_and_gradients_of_groups_are_those_of_one_wide_batch(kind: str) -> None:
    draw = random.Random(1)
    lengths = [3, 60, 4, 58, 2, 5, 61, 3]
    rows = [[draw.randrange(1, 24) for _ in range(length)] for length in lengths]
    assert len(length_groups(lengths)) > 1
    body = tiny_gpt() if kind == "gpt" else tiny_llama()
    model = RewardModel(body).eval()
    ids, mask = pad_rows(rows)
    found = {}
    for name, compute in (
        ("groups", lambda: model(ids, mask)),
        ("wide", lambda: last_token_score(model.token_scores(ids, mask), mask)),
    ):
        model.zero_grad(set_to_none=True)
        scores = compute()
        (scores * torch.arange(1.0, 9.0)).sum().backward()
        found[name] = scores.detach(), [p.grad.clone() for p in model.parameters() if p.grad is not None]
    torch.testing.assert_close(found["groups"][0], found["wide"][0], atol=1e-5, rtol=1e-5)
    for one, other in zip(found["groups"][1], found["wide"][1], strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)


def test_an_empty_row_and_another_shape_are_refused_by_name() -> None:
    model = RewardModel(tiny_gpt()).eval()
    with pytest.raises(ValueError, match="row 1 has no real token"):
        model(torch.ones(2, 3, dtype=torch.long), torch.tensor([[1, 1, 0], [0, 0, 0]]))
    with pytest.raises(ValueError, match="one shape"):
        model(torch.ones(2, 3, dtype=torch.long), torch.ones(2, 2))
    for lengths in ([], [3, 0]):
        with pytest.raises(ValueError, match="lengths"):
            length_groups(lengths)
    with pytest.raises(ValueError, match="call_positions"):
        length_groups([1], -1)
