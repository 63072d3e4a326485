"""Verdicts of rows 47 to 52: what was measured in words, its interval, and the outcome by the rule of the row.

Each function returns the arguments of `Verdicts.add` that depend on the measurement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from utils.evaluation.intervals import Interval
from utils.experiments.recording.live import verdict_outcome
from utils.experiments.recording.record import Record
from utils.experiments.scaling.last_mile import LossStep, judge_last_mile
from utils.experiments.scaling.showing import as_interval, judge_inference_shift, judge_valleys
from utils.notebook.said import Said


def valleys(inside: Sequence[Mapping[str, float]], n_budgets: int, n_runs: int) -> Said:
    """Judge the budgets whose minimum lies between trained sizes: holds where all do, in part where most do.

    Args:
        inside: of `isoflop_points`, the smallest budget first; at least one.
        n_budgets: of the sweep.
        n_runs: of the sweep.
    """
    return {
        "measured": f"{len(inside)} of {n_budgets} budgets have a minimum between trained sizes, from "
        f"{inside[0]['n_params']:,.0f} to {inside[-1]['n_params']:,.0f} parameters",
        "interval": f"{n_runs} runs",
        "outcome": judge_valleys(len(inside), n_budgets),
    }


def growing_alike(record: Record) -> Said:
    """Judge the record of row 48."""
    found = record.findings
    low, high = found["exponent_interval"]
    ratio, ratio_low, ratio_high = list(found["tokens_per_parameter"].values())[-1]
    entropy_is = "inside" if found["interval_holds_entropy"] else "outside of"
    return {
        "measured": f"N ~ C**{found['exponent']:.2f}, {ratio:.0f} tokens for each parameter at the largest "
        f"budget; the true entropy lies {entropy_is} the interval of E",
        "interval": f"{low:.2f} to {high:.2f}, {ratio_low:.0f} to {ratio_high:.0f}; {found['runs']} runs",
        "outcome": verdict_outcome(record),
    }


def counting_use(moved: Mapping[str, Sequence[tuple[float, float]]]) -> Said:
    """Judge the optimum (N, D) at rising numbers of served tokens, by law.

    Holds where N falls and D rises at each step under every law, in part where only from the first to the last. The
    fifth number is that of ten times the training optimum's tokens.
    """
    return {
        "measured": "; ".join(
            f"{name}: served 10 x, N x {pairs[4][0] / pairs[0][0]:.2f}, D x {pairs[4][1] / pairs[0][1]:.1f}"
            for name, pairs in moved.items()
        ),
        "interval": "exact, under three laws",
        "outcome": judge_inference_shift(
            [[n for n, _ in pairs] for pairs in moved.values()],
            [[d for _, d in pairs] for pairs in moved.values()],
        ),
    }


def last_mile(mile: Mapping[str, LossStep], gains: Sequence[float]) -> Said:
    """Judge the factor of text for a step of loss under two laws, and the gains of our budgets (nats per token).

    Holds where gains fall and both laws give 5 to 20 times the text; in part where only the gains fall.
    """
    return {
        "measured": f"{mile['published'].tokens:.1f} times under the published law, {mile['refit'].tokens:.1f} "
        f"under its refit; our gains per threefold budget went from {gains[0]:.2f} to {gains[-1]:.2f} nats",
        "interval": "exact, under two laws",
        "outcome": judge_last_mile(list(mile.values()), gains),
    }


def rates_carry_over(record: Record, drifts: Mapping[str, Interval]) -> Said:
    """Judge the record of row 51.

    Args:
        record: of row 51.
        drifts: by parametrisation, doublings of the best rate per doubling of the width.
    """
    scaled, standard = drifts["maximal update"], drifts["standard"]
    return {
        "measured": f"best rate moves by {scaled.mean:.2f} doublings per doubling of the width with maximal update, "
        f"by {standard.mean:.2f} without",
        "interval": f"{scaled} and {standard}, seeds",
        "outcome": verdict_outcome(record),
    }


def acting_together(record: Record) -> Said:
    """Judge the record of row 52."""
    shares = record.findings["shares"]
    higher = as_interval(shares["three or more"], record.n_runs)
    return {
        "measured": f"three or more at once account for {higher.mean:.1%} of the variance, single ones for "
        f"{shares['single']:.0%}, pairs for {shares['pairs']:.0%}",
        "interval": f"{higher.low:.2%} to {higher.high:.2%}, {higher.n} combinations trained twice",
        "outcome": verdict_outcome(record),
    }
