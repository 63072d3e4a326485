"""Verdicts on many tries (rows 84 to 89): what a record or a live run holds in words, and its outcome.

Each function returns the arguments of `Verdicts.add` that depend on the measurement. Records are judged by the rule of
their design, which stands in their recipe.
"""

from __future__ import annotations

import numpy as np

from utils.experiments.recording.design import CANNOT_BE_TOLD
from utils.experiments.recording.live import said, verdict_outcome
from utils.experiments.recording.record import Record
from utils.experiments.samplers.live_tries import recorded_choices
from utils.experiments.samplers.measuring import steps_saved
from utils.experiments.samplers.verifier_recipe import FALLS
from utils.notebook.said import Said
from utils.notebook.verdicts import first_that_holds


def verifier_worth(record: Record) -> Said:
    """Judge the record of row 84."""
    found = record.findings
    width, small = next(iter(found["generators"].items()))
    _, likeliest, chosen, _ = recorded_choices(found, width).values()
    times, low, high = (f"{one:.1f}" for one in found["worth"])
    greedy = found["greedy"][found["widths"].index(int(width))]
    return {
        "measured": f"{small['parameters']:,} parameters go from {greedy:.0%} (greedy) to {chosen:.0%} with a verifier "
        f"over 100 solutions, like a model {times} times the size; the likeliest of them does {likeliest:.0%}",
        "interval": f"{low} to {high} times, {found['tasks']} tasks; {said(record)}, beside the training of the models",
        "outcome": verdict_outcome(record),
    }


def falls(record: Record) -> Said:
    """Judge the curves of the record of row 84 by the rule of row 85."""
    ns, curves = record.findings["ns"], list(record.findings["generators"].values())
    outcome = FALLS.outcome(record.results)
    drops = ", ".join("{:.3f} [{:.3f}, {:.3f}]".format(*one["drop"]) for one in curves)
    return {
        "measured": "; ".join(
            f"{one['parameters']:,} parameters: {one['curve'][0]:.0%} at n = 1, {max(one['curve']):.0%} at "
            f"{ns[int(np.argmax(one['curve']))]}, {one['curve'][-1]:.0%} at {ns[-1]}"
            for one in curves
        ),
        "interval": f"drop after the peak {drops}, {record.findings['tasks']} tasks",
        "outcome": "undecided" if outcome == CANNOT_BE_TOLD else outcome,
    }


def perfect_never_falls(record: Record) -> Said:
    """Judge the control of row 85: holds where a perfect verifier's curve does not fall."""
    ns, one = record.findings["ns"], next(iter(record.findings["generators"].values()))
    return {
        "measured": f"{one['perfect'][0]:.0%} at n = 1, {one['perfect'][-1]:.0%} at {ns[-1]}",
        "interval": "drop {:.3f} [{:.3f}, {:.3f}] tasks".format(*one["drop of perfect"]),
        "outcome": "holds" if one["drop of perfect"][2] <= 1e-9 else "does not hold",
    }


def coverage(record: Record) -> Said:
    """Judge the record of row 86."""
    settings = record.findings["settings"]
    intervals = ", ".join(f"[{low:.2f}, {high:.2f}]" for _, low, high in (s["r_squared"] for s in settings.values()))
    return {
        "measured": "; ".join(
            f"{name}: {one['coverage'][0]:.0%} to {one['coverage'][-1]:.0%}, R squared {one['r_squared'][0]:.2f} "
            f"(equally hard {one['r_squared, equally hard']:.2f})"
            for name, one in settings.items()
        ),
        "interval": f"R squared {intervals} over {sum(one['tasks'] for one in settings.values())} tasks; "
        f"{said(record)}",
        "outcome": verdict_outcome(record),
    }


def votes(record: Record) -> Said:
    """Judge the record of row 87."""
    settings = {name: one for name, one in record.findings.items() if name != "voters"}
    return {
        "measured": "; ".join(
            f"{name}: one sample {one['single']:.0%}, majority of 32 {one['votes'][-1]:.0%}, greedy {one['greedy']:.0%}"
            for name, one in settings.items()
        ),
        "interval": "; ".join(
            f"gain [{one['gain'][1]:.3f}, {one['gain'][2]:.3f}], over greedy [{one['over greedy'][1]:.3f}, "
            f"{one['over greedy'][2]:.3f}], {one['tasks']} tasks"
            for one in settings.values()
        ),
        "outcome": verdict_outcome(record),
    }


def first_valid(steps: np.ndarray, valid: np.ndarray, waits: np.ndarray, ms_a_step: np.ndarray, n: int = 4) -> Said:
    """Judge the wait for a valid answer: holds where n side by side save steps, and time on this machine as well.

    In part where they save steps only.

    Args:
        steps, valid: of the measured outputs (M,).
        waits: expected steps until one is valid, for 1 and for n side by side.
        ms_a_step: milliseconds of a step with as many rows.
        n: answers side by side.
    """
    gained, seconds = steps_saved(steps, valid, n), waits * ms_a_step / 1e3
    return {
        "measured": f"a valid answer is there after {waits[0]:.0f} steps with one at a time and {waits[1]:.0f} with "
        f"{n} side by side; on this machine, where a step of several rows takes longer, {seconds[0]:.1f} s and "
        f"{seconds[1]:.1f} s",
        "interval": f"steps saved {gained} outputs",
        "outcome": first_that_holds(
            ("does not hold", gained.high < 0),
            ("undecided", gained.low <= 0),
            ("holds", bool(seconds[1] < seconds[0])),
            otherwise="holds in part",
        ),
    }


def gains(record: Record) -> Said:
    """Judge the record of row 89."""
    found = record.findings
    every, within = found["with sensitivity"]
    best, touchiest = int(np.argmax(found["gain"])), int(np.argmax(found["sensitivity"]))
    return {
        "measured": f"correlation of the gain with sensitivity {every[0]:+.2f}, within sizes {within[0]:+.2f}, with "
        f"what success alone implies {found['with if equally hard'][0][0]:+.2f}; the largest gain is "
        f"{found['gain'][best]:+.0%} at a sensitivity of {found['sensitivity'][best]:.0%}, the most sensitive model "
        f"gains {found['gain'][touchiest]:+.0%}",
        "interval": f"{every[1]:+.2f} to {every[2]:+.2f}, within sizes {within[1]:+.2f} to {within[2]:+.2f}, "
        f"{len(found['models'])} models; {said(record)}",
        "outcome": verdict_outcome(record),
    }
