"""Rows 31 and 35: loss, time and memory at lengths of which short ones are overhead; rules that turn."""

from __future__ import annotations

import math

import pytest
import torch

from utils.experiments.block.cost_recipe import (
    COST,
    FUSED,
    LENGTHS,
    LONGEST_TABLE,
    SCAN,
    TURNS,
    WAYS,
    WRITTEN_OUT,
    CostJob,
    exponents,
    lengths_of,
    overhead_share,
    run_cost_job,
    three_parts,
)
from utils.experiments.block.cost_recipe import jobs as cost_jobs
from utils.experiments.block.length_recipe import (
    LENGTH,
    LINEAR,
    TRANSFORMER,
    LengthJob,
    late_loss,
    losses_at,
    rise,
    run_length_job,
)
from utils.experiments.block.length_recipe import jobs as length_jobs
from utils.experiments.block.recipes import RECIPES
from utils.experiments.recording.design import CANNOT_BE_TOLD, DOES_NOT_HOLD, HOLDS, HOLDS_IN_PART, Run


def timed(slow: float, quick: float, jump: float = 1.0) -> dict[str, list[Run]]:
    """Return times that are powers of the length; the first turn's longest calls take `jump` times as long."""
    runs = []
    for job in cost_jobs("recorded"):
        power = slow if job.way in (FUSED, WRITTEN_OUT) else quick
        late = jump if job.turn == 0 and job.length == max(LENGTHS) else 1.0
        runs.append(Run(job, {"seconds": 1e-6 * job.length**power * late, "bytes": 100 * job.length}))
    return {"calls": runs}


@pytest.mark.parametrize(
    ("slow", "quick", "jump", "outcome"),
    [
        (2.0, 1.0, 1.0, HOLDS),
        (1.5, 1.0, 1.0, HOLDS_IN_PART),
        (1.05, 1.0, 1.0, DOES_NOT_HOLD),
        (1.35, 1.0, 8.0, HOLDS_IN_PART),
    ],
)
def test_the_rule_of_costs_turns_with_the_exponents(slow: float, quick: float, jump: float, outcome: str) -> None:
    results = timed(slow, quick, jump)
    assert exponents(results["calls"], FUSED)[1:] == pytest.approx([slow] * (TURNS - 1))
    if jump == 1.0:
        assert COST.design.outcome(results) == outcome
    else:  # a call that was disturbed in one turn of both makes the interval wide, not the exponent another one
        assert exponents(results["calls"], FUSED)[0] > slow + 0.5
        assert COST.design.outcome(results) in (outcome, CANNOT_BE_TOLD)


def test_a_table_of_weights_is_not_made_where_it_does_not_fit() -> None:
    assert max(lengths_of(WRITTEN_OUT, LENGTHS)) == LONGEST_TABLE < max(lengths_of(FUSED, LENGTHS)) == 16_384
    with pytest.raises(ValueError, match="way is 'lstm'"):
        CostJob("lstm", 64, 0)


def test_fixed_linear_and_quadratic_parts_are_told_apart() -> None:
    lengths = [64, 256, 1024, 4096]
    found = three_parts(lengths, [2e-4 + 3e-7 * n + 5e-10 * n**2 for n in lengths])
    assert found == pytest.approx((2e-4, 3e-7, 5e-10), rel=1e-3)
    entry = {"parts": found}
    assert overhead_share(entry, 64) > 0.8
    assert overhead_share(entry, 4096) < 0.05
    with pytest.raises(ValueError, match="three of each"):
        three_parts([1, 2], [1, 2])
    with pytest.raises(ValueError, match="above 0"):
        three_parts([1, 2, 3], [1, 0, 2])


@pytest.mark.parametrize("way", WAYS)
def test_every_way_takes_time_and_makes_tensors_in_proportion_to_the_length_or_its_square(way: str) -> None:
    short, longer = (run_cost_job(CostJob(way, n, 0)) for n in (128, 512))
    assert short["seconds"] > 0
    grown = longer["bytes"] / short["bytes"]
    assert 10 < grown < 18 if way == WRITTEN_OUT else 3 < grown < 8
    assert run_cost_job(CostJob(way, 128, 0))["bytes"] == short["bytes"]


def read(own: float, other: float, spread: float = 0.0) -> dict[str, list[Run]]:
    """Return losses of 1.5 that grow by so much at the longest text, and seeds that differ there by `spread`."""
    growth = {LINEAR: own, TRANSFORMER: other}
    runs = []
    for job in length_jobs("recorded"):
        last = growth[job.architecture] + spread * (-1) ** job.seed
        runs.append(Run(job, {"losses": [1.5 + 0.01 * job.seed] * 4 + [1.5 + 0.01 * job.seed + last]}))
    return {"read": runs}


@pytest.mark.parametrize(
    ("own", "other", "spread", "outcome"),
    [
        (0.3, 0.3, 0.0, HOLDS),
        (0.3, 0.0, 0.0, HOLDS),
        (0.3, 1.0, 0.0, HOLDS_IN_PART),
        (0.0, 1.0, 0.0, DOES_NOT_HOLD),
        (-0.2, 1.0, 0.0, DOES_NOT_HOLD),
        (0.1, 1.0, 0.5, CANNOT_BE_TOLD),
    ],
)
def test_the_rule_of_lengths_turns_with_what_is_lost(own: float, other: float, spread: float, outcome: str) -> None:
    results = read(own, other, spread)
    assert LENGTH.design.outcome(results) == outcome
    assert losses_at(results["read"], LINEAR, 64) == pytest.approx([1.5, 1.51, 1.52, 1.53, 1.54])
    if not spread:
        assert rise(results["read"], LINEAR, 16_384).mean == pytest.approx(own)


class KnowsLateTokens(torch.nn.Module):
    """Is sure of token 1 in the second half of each window, and knows nothing before."""

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        logits = torch.zeros(*ids.shape, 4)
        logits[:, ids.shape[1] // 2 :, 1] = 50.0
        return logits


def test_the_late_loss_is_that_of_the_last_quarter() -> None:
    ids = torch.ones(65, dtype=torch.long)
    assert late_loss(KnowsLateTokens(), ids, 16)[0] == pytest.approx(0, abs=1e-6)
    ids[:] = 2
    assert late_loss(KnowsLateTokens(), ids, 16)[0] == pytest.approx(50, abs=0.1)
    with pytest.raises(ValueError, match="ids holds 65 tokens"):
        late_loss(KnowsLateTokens(), ids, 65)


def test_two_models_of_one_size_read_any_length_and_one_keeps_its_state() -> None:
    attention, linear = (run_length_job(LengthJob(name, 0, 2, (16, 128))) for name in (TRANSFORMER, LINEAR))
    assert attention["parameters"] == pytest.approx(linear["parameters"], rel=0.02)
    assert attention["state"][1] == 8 * attention["state"][0]
    assert linear["state"][1] == linear["state"][0]
    assert all(0 < loss < 2 * math.log(1000) for loss in attention["losses"] + linear["losses"])
    for values, name in ((("lstm", 0, 1, (64,)), "architecture"), ((LINEAR, 0, 1, (2,)), "lengths")):
        with pytest.raises(ValueError, match=name):
            LengthJob(*values)


def test_both_are_registered() -> None:
    assert {LENGTH.row, COST.row} <= {recipe.row for recipe in RECIPES}
    assert SCAN in WAYS
