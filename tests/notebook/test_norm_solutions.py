"""The norms that learners are shown hold in half precision, where squares overflow."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from utils.notebook.exercise_files import find_exercise


@pytest.fixture(scope="module")
def solution() -> dict[str, Any]:
    namespace: dict[str, Any] = {}
    exec(find_exercise("rms_norm").parts["solution"], namespace)
    return namespace


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_norms_of_large_entries_stay_finite_and_keep_their_type(solution: dict[str, Any], dtype: torch.dtype) -> None:
    x = torch.tensor([[300.0, -1000.0, 500.0, 800.0]], dtype=dtype)
    weight, bias = torch.full((4,), 2.0, dtype=dtype), torch.ones(4, dtype=dtype)
    wide = x.double()
    of_mean_square = 2 * wide / wide.pow(2).mean().sqrt()
    centred = wide - wide.mean()
    for got, want in (
        (solution["rms_norm"](x, weight), of_mean_square),
        (solution["layer_norm"](x, weight, bias), 2 * centred / centred.pow(2).mean().sqrt() + 1),
    ):
        assert got.dtype == dtype
        assert torch.allclose(got.double(), want, atol=0.03)
