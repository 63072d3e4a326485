"""Verdicts of notebook 04: each rule gives each of its outcomes, and a record's words carry the record's outcome."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from utils.evaluation.intervals import Interval
from utils.experiments.recording.live import verdict_outcome
from utils.experiments.recording.record import Record, read_record
from utils.experiments.scaling import telling_sweep, verdicts_sources, verdicts_sweep, verdicts_training
from utils.experiments.scaling.last_mile import LossStep
from utils.experiments.scaling.little_text import judge_little_text
from utils.notebook.said import Said
from utils.notebook.widgets.more_compute import Bought
from utils.training.scaling_laws import ScalingLaw

PRICE = verdicts_training.PRINTED_PRICE


@pytest.mark.parametrize(
    ("row", "say"),
    [
        (46, verdicts_training.strong_prior),
        (48, verdicts_sweep.growing_alike),
        (52, verdicts_sweep.acting_together),
        (53, verdicts_sources.emergence),
        (55, verdicts_sources.forgetting),
        (56, verdicts_sources.remembered),
        (57, verdicts_sources.without_the_best),
    ],
)
def test_a_record_is_told_with_its_own_outcome(row: int, say: Callable[[Record], Said]) -> None:
    record = read_record("04", row)
    said = say(record)
    assert said["outcome"] == verdict_outcome(record)
    assert said["measured"]
    assert said["interval"]


def test_little_text_says_both_differences() -> None:
    said = verdicts_training.little_text(judge_little_text([5.0, 5.1], [3.0, 3.2], [2.5, 2.6]))
    assert "by 1.95 nats" in said["measured"]
    assert "-0.55" in said["measured"]
    assert said["outcome"] == "holds"


@pytest.mark.parametrize(
    ("days", "price", "as_printed", "outcome"),
    [
        (236.2, PRICE, PRICE, "holds"),
        (236.2, PRICE, 4_493_897.14, "holds in part"),
        (240.0, PRICE, PRICE, "does not hold"),
        (236.2, PRICE + 1, PRICE, "does not hold"),
    ],
)
def test_the_printed_bill_is_judged_by_days_price_and_product(
    days: float, price: float, as_printed: float, outcome: str
) -> None:
    assert verdicts_training.printed_bill(days, price, as_printed)["outcome"] == outcome


@pytest.mark.parametrize(("one_day", "outcome"), [(86_400.0, "holds"), (24.0, "does not hold")])
def test_a_flops_day_has_86400_operations(one_day: float, outcome: str) -> None:
    assert verdicts_training.flops_days(one_day, 1.0)["outcome"] == outcome


def test_short_rules_come_out_either_way() -> None:
    said = [
        verdicts_training.rule_of_six({"a": 1.05, "b": 1.5}),
        verdicts_training.utilization([Interval(0.4, 0.3, 0.5, 4), Interval(0.95, 0.92, 0.98, 4)], 1e9),
        verdicts_sweep.valleys([{"n_params": 10.0}, {"n_params": 20.0}], 2, 9),
        verdicts_sweep.counting_use({"law": [(10.0 - n, 10.0 + n) for n in range(7)]}),
        verdicts_sweep.counting_use({"law": [(10.0 + n, 10.0 + n) for n in range(7)]}),
        verdicts_sweep.last_mile({"published": LossStep(9, 80), "refit": LossStep(30, 80)}, [0.5, 0.1]),
        verdicts_sources.running_out(np.full(2000, 2026.0), 2024.0),
        verdicts_sources.running_out(np.full(2000, 2090.0), 2024.0),
        verdicts_sources.electricity([100.0, 50.0], Bought(2.0, 1.9, 0.5)),
    ]
    outcomes = [one["outcome"] for one in said]
    assert outcomes[:3] == ["holds in part", "does not hold", "holds"]
    assert outcomes[3:6] == ["holds", "does not hold", "holds in part"]
    assert outcomes[6:] == ["holds", "does not hold", "holds in part"]


def test_told_lines_carry_the_numbers_of_the_record() -> None:
    sweep, search = read_record("04", 48), read_record("04", 52)
    found = sweep.findings
    law = telling_sweep.law(ScalingLaw(**found["law"]), found)
    assert f"E {found['law']['E']:.4g}" in law
    assert len(telling_sweep.laws_by_smallest_budget(found).splitlines()) == len(found["laws_by_smallest_budget"])
    assert len(telling_sweep.approaches(found).splitlines()) == 3
    larger = sweep.results["larger"][0]
    assert telling_sweep.larger_run(larger).count(f"measured {larger.result['loss']:.3f}") == 2
    assert f"{found['exponent']:.2f}" in telling_sweep.wrong_schedule(found)
    assert len(telling_sweep.one_rate(found).splitlines()) == len(found["one_rate"]["widths"])
    assert f"{search.findings['shares']['single']:.1%}" in telling_sweep.shares(search.findings)
    assert len(telling_sweep.regrets(search.findings).splitlines()) == len(search.findings["regrets"])
