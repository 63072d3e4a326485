"""Verdicts of notebook 03: each rule gives each of its outcomes, and a record's words carry the record's outcome."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from utils.evaluation.intervals import Interval
from utils.experiments.block import judging
from utils.experiments.block.sequence_jobs import final_accuracies
from utils.experiments.block.world_runs import WorldResult
from utils.experiments.recording.live import verdict_outcome
from utils.experiments.recording.record import Record, read_record
from utils.notebook.said import Said

INSIDE, NEAR, FAR = slice(0, 4), slice(4, 6), slice(6, 8)
GUESSING = math.log(8)


@pytest.mark.parametrize(
    ("row", "say"),
    [
        (26, judging.activations),
        (31, lambda record: judging.long_texts(record, 1e-15)),
        (32, lambda record: judging.recalled(record, final_accuracies(record.results))),
        (33, lambda record: judging.selected(record, final_accuracies(record.results), {})),
        (34, lambda record: judging.interleaved(record, 0.5)),
        (35, judging.time_of_length),
    ],
)
def test_a_record_is_told_with_its_own_outcome(row: int, say: Callable[[Record], Said]) -> None:
    record = read_record("03", row)
    said = say(record)
    assert said["outcome"] == verdict_outcome(record)
    assert said["measured"]
    assert "[" in said["interval"]


def interval(low: float, high: float) -> Interval:
    return Interval((low + high) / 2, low, high, 5)


def runs(learned: tuple[float, float, float], rotary: tuple[float, float, float], spread: float) -> list[WorldResult]:
    """Runs of both kinds with these losses inside, near and far; `spread` sets the seeds apart near and far."""
    found = []
    for label, levels in (("learned", learned), ("rotary", rotary)):
        for seed in range(4):
            off = spread * (seed - 1.5)
            curve = [levels[0]] * 4 + [levels[1] + off] * 2 + [levels[2] + off] * 2
            found.append(WorldResult(label, seed, 0.0, False, 10, curve, []))
    return found


@pytest.mark.parametrize(
    ("learned", "rotary", "spread", "outcomes"),
    [
        ((1.5, 2.3, 2.3), (1.5, 1.5, 1.5), 0.001, ("holds", "holds")),
        ((1.5, 2.3, 2.3), (1.5, 1.8, 2.4), 0.001, ("holds", "holds in part")),
        ((1.5, 1.5, 1.5), (1.5, 2.3, 2.4), 0.001, ("does not hold", "does not hold")),
        ((1.5, 1.6, 1.6), (1.5, 2.3, 2.4), 0.3, ("undecided", "does not hold")),
        ((1.5, 2.3, 2.3), (2.0, 2.0, 2.0), 0.001, ("undecided", "undecided")),
    ],
)
def test_positions_are_judged_by_what_is_lost_beyond_the_trained_length(
    learned: tuple[float, float, float],
    rotary: tuple[float, float, float],
    spread: float,
    outcomes: tuple[str, str],
) -> None:
    bound, beyond = judging.positions(runs(learned, rotary, spread), INSIDE, NEAR, FAR)
    assert (bound["outcome"], beyond["outcome"]) == outcomes
    assert f"to {learned[1]:.2f}; guessing has {GUESSING:.2f}" in bound["measured"]
    assert "at 5 to 6" in beyond["measured"]


@pytest.mark.parametrize(
    ("attention", "mlp", "norms", "residuals", "outcomes"),
    [
        (0.1, 0.1, 0.1, 1.0, ("holds", "does not hold")),
        (-0.1, 0.1, -0.1, 1.0, ("holds in part", "does not hold")),
        (-0.1, -0.1, -0.1, -0.1, ("does not hold", "undecided")),
    ],
)
def test_a_part_is_needed_where_the_whole_interval_lies_above_zero(
    attention: float, mlp: float, norms: float, residuals: float, outcomes: tuple[str, str]
) -> None:
    costs = {"no attention": attention, "no MLP": mlp, "no norms": norms, "no residuals": residuals}
    named, others = judging.parts({name: interval(low, low + 0.05) for name, low in costs.items()})
    assert (named["outcome"], others["outcome"]) == outcomes


@pytest.mark.parametrize(
    ("shares", "outcome"),
    [
        ([0.1, 0.2, 0.1], "holds"),
        ([0.6, 0.7, 0.65], "holds in part"),
        ([0.95, 0.96, 0.95], "does not hold"),
        ([0.2, 0.9, 0.5], "undecided"),
    ],
)
def test_the_head_is_for_the_last_states_where_it_reads_few_half_way(shares: list[float], outcome: str) -> None:
    said = judging.output_layer(shares, 0.5)
    assert said["outcome"] == outcome
    assert f"{np.mean(shares):.0%}" in said["measured"]


@pytest.mark.parametrize(
    ("low", "high", "outcome"), [(0.1, 0.2, "holds"), (-0.1, 0.1, "undecided"), (-0.2, -0.1, "does not hold")]
)
def test_experts_are_better_where_their_gain_lies_above_zero(low: float, high: float, outcome: str) -> None:
    said = judging.experts(interval(low, high), 0.4, 0.2)
    assert said["outcome"] == outcome
    assert "40% without balancing, 20% with" in said["measured"]


def test_the_selective_one_is_better_on_text_where_it_loses_less() -> None:
    losses = {"transformer": [1.2, 1.3, 1.25], "selective state space": [1.1, 1.2, 1.16]}
    assert judging.selective_on_text(losses)["outcome"] == "holds"


@pytest.mark.parametrize(
    ("written_out", "fused", "scan", "outcome"),
    [
        (2.0, 2.0, 1.0, "holds"),
        (2.0, 1.0, 1.0, "holds in part"),
        (1.0, 1.0, 1.0, "does not hold"),
        (1.5, 1.0, 1.0, "undecided"),
    ],
)
def test_memory_is_judged_by_all_three_exponents(written_out: float, fused: float, scan: float, outcome: str) -> None:
    exponents = {"attention, written out": written_out, "attention, fused": fused, "selective scan": scan}
    assert judging.memory_of_length(exponents)["outcome"] == outcome
