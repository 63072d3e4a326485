"""Samplers against transformers' processors on random logits."""

from __future__ import annotations

import math

import pytest
import torch
from transformers.generation.logits_process import (
    MinPLogitsWarper,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from utils.decoding.samplers import MinP, Temperature, TopK, TopP

INF = float("inf")
# Flat, ordinary, peaked, hardly random at all.
SCALES = (0.01, 1.0, 4.0, 30.0)
SIZES = (50, 1000, 4097, 50257)
NO_IDS = torch.empty(0, dtype=torch.long)


def random_logits(V: int, scale: float, dtype: torch.dtype = torch.float32, rows: int = 4) -> torch.Tensor:
    generator = torch.Generator().manual_seed(V + int(1000 * scale))
    logits = scale * torch.randn(rows, V, generator=generator)
    # A row with masked tokens, as after a grammar's mask.
    logits[0, torch.rand(V, generator=generator) < 0.3] = -INF
    return logits.to(dtype)


def assert_same_but_for(doubtful: torch.Tensor, mine: torch.Tensor, theirs: torch.Tensor) -> None:
    """Assert that both keep the same tokens with the same logits, except where `doubtful` says so."""
    differs = (mine != theirs) & ~doubtful
    assert not differs.any(), f"{int(differs.sum())} tokens differ"


@pytest.mark.parametrize("V", SIZES)
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_temperature_agrees(V: int, scale: float, dtype: torch.dtype) -> None:
    logits = random_logits(V, scale, dtype)
    for temperature in (0.1, 0.7, 1.0, 2.5):
        assert torch.equal(
            Temperature(temperature).transform(logits), TemperatureLogitsWarper(temperature)(NO_IDS, logits)
        )


@pytest.mark.parametrize("V", SIZES)
@pytest.mark.parametrize("scale", SCALES)
def test_top_k_agrees(V: int, scale: float) -> None:
    logits = random_logits(V, scale)
    for k in (1, 7, 49, 300, V - 1, V, V + 1):
        # Equal float32 logits at the border are kept by transformers, one by one by the course's rule.
        border = logits.topk(min(k, V)).values[:, -1:]
        tied = (logits == border) & ((logits == border).sum(-1, keepdim=True) > 1)
        mine = TopK(k).transform(logits)
        assert_same_but_for(tied, mine, TopKLogitsWarper(k)(NO_IDS, logits))
        finite = torch.isfinite(logits).sum(-1)
        assert torch.equal((mine > -INF).sum(-1), finite.clamp_max(k))


@pytest.mark.parametrize("V", SIZES)
@pytest.mark.parametrize("scale", SCALES)
def test_top_k_of_bfloat16_agrees_but_for_ties(V: int, scale: float) -> None:
    logits = random_logits(V, scale, torch.bfloat16)
    for k in (1, 7, 49, 300):
        mine, theirs = TopK(k).transform(logits), TopKLogitsWarper(k)(NO_IDS, logits)
        border = logits.topk(min(k, V)).values[:, -1:]
        assert_same_but_for(logits == border, mine, theirs)
        for row, source, edge in zip(mine, logits, border[:, 0], strict=True):
            # Of the ties at the border the first ones stay, and k in all.
            places = (source == edge).nonzero()[:, 0]
            stays = (row[places] > -INF).tolist()
            assert stays == sorted(stays, reverse=True)
        assert torch.equal((mine > -INF).sum(-1), torch.isfinite(logits).sum(-1).clamp_max(k))


@pytest.mark.parametrize("V", SIZES)
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_top_p_agrees(V: int, scale: float, dtype: torch.dtype) -> None:
    logits = random_logits(V, scale, dtype)
    for p in (0.05, 0.5, 0.9, 0.99):
        # Sums in bfloat16 are good for nothing: transformers gets the same numbers in float32.
        theirs = TopPLogitsWarper(p)(NO_IDS, logits.float()).to(dtype)
        ordered, order = logits.double().sort(dim=-1, descending=True, stable=True)
        share = ordered.softmax(-1)
        mass = share.cumsum(-1)
        # Doubtful: a token whose running mass lies within rounding of p, and ties with it.
        near = ((mass - p).abs() < 1e-5) | ((mass - share - p).abs() < 1e-5)
        doubtful = torch.zeros_like(near).scatter(-1, order, near)
        border = theirs.where(theirs > -INF, INF).amin(-1, keepdim=True)
        doubtful |= logits == border if dtype == torch.bfloat16 else False
        assert_same_but_for(doubtful, TopP(p).transform(logits), theirs)


@pytest.mark.parametrize("V", SIZES)
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_min_p_agrees(V: int, scale: float, dtype: torch.dtype) -> None:
    logits = random_logits(V, scale, dtype)
    for min_p in (0.001, 0.05, 0.3, 0.9):
        theirs = MinPLogitsWarper(min_p)(NO_IDS, logits.float()).to(dtype)
        distance = logits.double() - logits.double().amax(-1, keepdim=True) - math.log(min_p)
        assert_same_but_for(distance.abs() < 1e-5, MinP(min_p).transform(logits), theirs)


def test_a_chain_on_a_large_vocabulary_agrees() -> None:
    logits = random_logits(128256, 3.0)
    mine = (Temperature(0.8) | TopK(200) | TopP(0.95)).transform(logits)
    theirs = TemperatureLogitsWarper(0.8)(NO_IDS, logits)
    theirs = TopPLogitsWarper(0.95)(NO_IDS, TopKLogitsWarper(200)(NO_IDS, theirs))
    assert torch.equal(mine, theirs)
