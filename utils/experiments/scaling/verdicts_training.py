"""Verdicts of rows 40 to 46: what was measured in words, its interval, and the outcome by the rule of the row.

Each function returns the arguments of `Verdicts.add` that depend on the measurement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from utils.evaluation.intervals import Interval
from utils.experiments.recording.live import verdict_outcome
from utils.experiments.recording.record import Record
from utils.experiments.scaling.little_text import LittleTextResult
from utils.experiments.scaling.prior_recipe import JUDGED, SEEDS
from utils.experiments.scaling.showing import judge_rule_of_six
from utils.experiments.scaling.throughput import judge_utilization
from utils.notebook.said import Said
from utils.notebook.verdicts import first_that_holds

PRINTED_PRICE = 4_142_811.43  # dollars, in the chapter's bill of GPT-3


def little_text(judged: LittleTextResult) -> Said:
    """Say what `judge_little_text` found."""
    return {
        "measured": f"by {judged.with_little.mean:.2f} nats per token; on equal text its loss minus the small "
        f"one's is {judged.with_more.mean:+.2f}",
        "interval": f"{judged.with_little}, pairs of seeds",
        "outcome": judged.outcome,
    }


def repetition(record: Record, worth: Mapping[int, Interval]) -> Said:
    """Judge the record of row 41.

    Args:
        record: of row 41.
        worth: by epochs, how many new tokens a token is worth.
    """
    four, sixteen = worth[4], worth[16]
    return {
        "measured": f"a token is worth {four.mean:.2f} at 4 epochs, {sixteen.mean:.2f} at 16",
        "interval": f"{four.low:.2f} to {four.high:.2f}, {sixteen.low:.2f} to {sixteen.high:.2f}; {record.n_runs} runs",
        "outcome": verdict_outcome(record),
    }


def rule_of_six(ratios: Mapping[str, float]) -> Said:
    """Judge counted operations over 6 N D by model: holds where all are within a tenth of 1, in part where some are."""
    return {
        "measured": ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items()) + " of 6 N D",
        "interval": "exact",
        "outcome": judge_rule_of_six(list(ratios.values())),
    }


def flops_days(one_day: float, petaflops_days: float) -> Said:
    """Judge the FLOP of one FLOP/s-day: holds where they are 86,400; `petaflops_days` is what GPT-3 took."""
    return {
        "measured": f"{one_day:,.0f} FLOP; GPT-3 {petaflops_days:,.0f} petaFLOP/s-days",
        "interval": "exact",
        "outcome": "holds" if round(one_day) == 60 * 60 * 24 == 86_400 else "does not hold",
    }


def printed_bill(days: float, price: float, as_printed: float) -> Said:
    """Judge the printed bill of GPT-3: 236 days, $4,142,811.43, and the product that is said to give that price.

    Holds where all three agree with what is printed, in part where days and price do and the product does not.

    Args:
        days: at full speed, with the chapter's operations a day.
        price: in dollars, at 70% utilisation.
        as_printed: what the printed product gives, in dollars.
    """
    results_fit = round(days) == 236 and abs(price - PRINTED_PRICE) < 0.01
    return {
        "measured": f"{days:.0f} days, ${price:,.2f}; the printed product has 256 days and would give "
        f"${as_printed:,.2f}",
        "interval": "exact",
        "outcome": first_that_holds(
            ("does not hold", not results_fit),
            ("holds", abs(as_printed - PRINTED_PRICE) < 0.01),
            otherwise="holds in part",
        ),
    }


def utilization(points: Sequence[Interval], peak: float) -> Said:
    """Judge utilisation by model: holds where the highest is below 0.7 by its whole interval.

    Args:
        points: one for each model, over its repetitions.
        peak: of the machine, FLOP per second.

    Raises:
        ValueError: there is no model.
    """
    outcome = judge_utilization(points)
    highest = max(points, key=lambda one: one.mean)
    return {
        "measured": f"at most {highest.mean:.0%} of {peak / 1e9:.0f} GFLOP/s on this machine",
        "interval": f"{highest}, repetitions",
        "outcome": outcome,
    }


def strong_prior(record: Record) -> Said:
    """Judge the record of row 46."""
    prior: Mapping[str, Any] = record.findings
    slope, control = (prior[str(JUDGED)][task]["slope"] for task in ("people", "strangers"))
    uncontradicted = prior[str(0.0)]["people"]["slope"]
    return {
        "measured": f"ten times the parameters change the loss about known people by {slope[0]:+.2f} nats, "
        f"about strangers by {control[0]:+.2f}; with text that never contradicts hearsay "
        f"{uncontradicted[0]:+.2f} about known people",
        "interval": f"[{slope[1]:+.2f}, {slope[2]:+.2f}], strangers [{control[1]:+.2f}, {control[2]:+.2f}], "
        f"n = {SEEDS} seeds",
        "outcome": verdict_outcome(record),
    }
