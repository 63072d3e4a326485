"""Exact and masked distributions over options."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from utils.decoding.decoders import UncachedDecoder
from utils.experiments.structured.token_trees import option_distribution


class Bigram(nn.Module):
    """Next-token probabilities that depend on the last token alone."""

    def __init__(self, table: Tensor) -> None:
        super().__init__()
        self.logits = table.log()

    def forward(self, ids: Tensor) -> Tensor:
        return self.logits[ids]


TABLE = torch.tensor([[0.0, 0.6, 0.3, 0.1], [0.1, 0.0, 0.1, 0.8], [0.9, 0.05, 0.05, 0.0], [0.25, 0.25, 0.25, 0.25]])


def test_masking_cannot_look_ahead() -> None:
    # Option a = (1, 2): likely start, unlikely rest; option b = (2, 0).
    found = option_distribution(UncachedDecoder(Bigram(TABLE), 8, 4), [0], [(1, 2), (2, 0)])
    assert np.allclose(found.exact, np.array([0.06, 0.27]) / 0.33)
    assert np.allclose(found.masked, [2 / 3, 1 / 3])
    assert found.greedy == 0
    assert found.mass == pytest.approx(0.33)
    assert found.distortion == pytest.approx(2 / 3 - 0.06 / 0.33)


def test_single_tokens_are_not_distorted() -> None:
    found = option_distribution(UncachedDecoder(Bigram(TABLE), 8, 4), [0], [(1,), (2,), (3,)])
    assert found.distortion == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("options", [[], [()], [(1,), (1, 2)], [(1,), (1,)]])
def test_options_must_differ_and_end(options: list) -> None:
    with pytest.raises(ValueError, match="option"):
        option_distribution(UncachedDecoder(Bigram(TABLE), 8, 4), [0], options)
