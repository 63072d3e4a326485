"""Norms of half-precision numbers whose squares do not fit into half precision."""

from __future__ import annotations

import pytest
import torch

from utils.models.norms import layer_norm, rms_norm


@pytest.mark.parametrize("size", [300.0, 1000.0, 20_000.0])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_large_entries_do_not_overflow(size: float, dtype: torch.dtype) -> None:
    x = (torch.randn(4, 64, generator=torch.Generator().manual_seed(0)).clamp(-3, 3) * size).to(dtype)
    weight, bias = torch.ones(64, dtype=dtype), torch.zeros(64, dtype=dtype)
    exact = x.double()
    rms = exact / (exact.pow(2).mean(-1, keepdim=True) + 1e-5).sqrt()
    centred = exact - exact.mean(-1, keepdim=True)
    wanted = centred / (centred.pow(2).mean(-1, keepdim=True) + 1e-5).sqrt()
    torch.testing.assert_close(rms_norm(x, weight).double(), rms, atol=0.02, rtol=0.01)
    torch.testing.assert_close(layer_norm(x, weight, bias).double(), wanted, atol=0.02, rtol=0.01)
