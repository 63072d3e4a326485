"""Verdicts of notebook 08: what was measured in words, and for what is decided live the rule that judges.

Each function returns the arguments of `Verdicts.add` that depend on the measurement. Records are judged by the rule of
their design, which stands in their recipe; the other rules stand in the docstrings here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from utils.evaluation.intervals import Interval, mean_interval
from utils.experiments.recording.live import said, verdict_outcome
from utils.experiments.recording.record import Record
from utils.experiments.structured.adapter_recipe import PROMPTED
from utils.experiments.structured.note_classes import ClassifierResult
from utils.experiments.structured.repairs import repair_outcome
from utils.experiments.structured.retries import retry_outcome
from utils.experiments.structured.structured_outputs import Approach, share
from utils.notebook.said import Said
from utils.notebook.verdicts import above_zero, first_that_holds

QUERY_PARTS = ("taught", "new values", "new joins")


def prompted(record: Record, live: Mapping[int, Approach]) -> Said:
    """Judge the record of row 90, with the live outputs by the number of examples beside it."""
    found, gain = record.findings, record.findings["gain"]
    (n_live,) = {len(one.outputs) for one in live.values()}
    recorded = ", ".join(f"{one['valid'][0]:.0%} with {way}" for way, one in found["shares"].items())
    return {
        "measured": f"valid: {recorded}; live, {n_live} notes: "
        + ", ".join(f"{one.valid.mean():.0%} with {n}" for n, one in live.items()),
        "interval": f"gain of three [{gain[1]:+.2f}, {gain[2]:+.2f}], {found['notes']} notes; {said(record)}",
        "outcome": verdict_outcome(record),
    }


def mended(
    rates: Mapping[tuple[str, float], tuple[float, Interval]],
    n: int,
    as_written: Mapping[str, float],
    own: Mapping[str, Mapping[str, float]],
) -> Said:
    """Judge repairs of n broken records by `repair_outcome`, with what they make of SmolLM2's own mistakes.

    Args:
        rates: (repair, share of unforeseen mistakes) -> (share that parses, share that is the original again).
        n: broken records.
        as_written: SmolLM2's shares before a repair.
        own: the same after each repair.
    """
    foreseen, tenth = rates["repair_json", 0.0][1], rates["repair_json", 0.1][1]
    return {
        "measured": f"of broken records {foreseen.mean:.2%} are mended when every mistake is of a kind the rules "
        f"know, {tenth.mean:.2%} when one in ten is not (json-repair {rates['json-repair', 0.1][1].mean:.2%}); "
        f"SmolLM2's own: valid {as_written['valid']:.0%} to {own['repair_json']['valid']:.0%}, with the schema "
        f"{own['with schema']['valid']:.0%}",
        "interval": f"[{foreseen.low:.2%}, {foreseen.high:.2%}] and [{tenth.low:.2%}, {tenth.high:.2%}] of {n} broken "
        "records",
        "outcome": repair_outcome(foreseen, tenth),
    }


def shorter(savings: Mapping[str, Interval]) -> Said:
    """Judge the tokens that YAML saves against ways to write JSON, the shortest last.

    Holds where the intervals of all lie above 0, in part where one does.
    """
    *_, compact = savings.values()
    saves = [saved.low > 0 for saved in savings.values()]
    return {
        "measured": ", ".join(f"{saved.mean:+.0%} saved against {form}" for form, saved in savings.items())
        + " (o200k_base)",
        "interval": f"[{compact.low:+.0%}, {compact.high:+.0%}] against JSON without spaces, {compact.n} records",
        "outcome": first_that_holds(("holds", all(saves)), ("holds in part", any(saves)), otherwise="does not hold"),
    }


def asked_again(retries: Mapping[float, tuple[float, Interval]], p_real: float, real: Approach) -> Said:
    """Judge three attempts by `retry_outcome`.

    Args:
        retries: by temperature, the share of valid attempts and that of notes with a valid one after three.
        p_real: share of SmolLM2's attempts that are valid.
        real: what SmolLM2's retries hand on.
    """
    steps = ", ".join(f"{p:.0%} -> {after.mean:.0%}" for p, after in retries.values())
    intervals = [after for _, after in retries.values()]
    return {
        "measured": f"valid in one attempt -> in three: {steps}; SmolLM2 {p_real:.0%} -> {real.valid.mean():.0%}",
        "interval": ", ".join(f"[{one.low:.2f}, {one.high:.2f}]" for one in intervals)
        + f" after three, {intervals[0].n} notes",
        "outcome": retry_outcome(retries),
    }


def masked_answers(record: Record) -> Said:
    """Judge the record of row 93."""
    found = record.findings
    return {
        "measured": "; ".join(
            f"{name}: form {one['form']['free'][0]:.0%} free, {one['form']['masked'][0]:.0%} masked, right "
            f"{one['right']['free'][0]:.0%} free, {one['right']['masked'][0]:.0%} masked, "
            f"{one['right']['opened'][0]:.0%} after an opening"
            for name, one in found.items()
        ),
        "interval": "right answers lost "
        + ", ".join(f"[{one['loss'][1]:.2f}, {one['loss'][2]:.2f}]" for one in found.values())
        + f"; {said(record)}",
        "outcome": verdict_outcome(record),
    }


def latency(times: Mapping[str, np.ndarray], differing: int) -> Said:
    """Judge times (ms) of masks beside the median step of the model.

    Holds where even the mask of a known state surely takes more than a hundredth of a step; in part where only that of
    a new state does.

    Args:
        times: "model's step", and where there was a comparison "mask, first time" and "mask, known state".
        differing: masks that differ from llguidance's.
    """
    if "mask, first time" not in times:
        return {"measured": "not measured without llguidance", "interval": "none", "outcome": "undecided"}
    step = float(np.median(times["model's step"]))
    cold, known = share(times["mask, first time"] / step), share(times["mask, known state"] / step)
    return {
        "measured": f"{cold.mean:.1%} of a model's step in a new state, {known.mean:.2%} in a known one; {differing} "
        f"of {cold.n} masks differ from llguidance's",
        "interval": f"new state [{cold.low:.1%}, {cold.high:.1%}] of a step, {cold.n} masks",
        "outcome": first_that_holds(
            ("holds in part", cold.low > 0.01 and known.high < 0.01),
            ("holds", known.low > 0.01),
            otherwise="does not hold",
        ),
    }


def json_mode(record: Record) -> Said:
    """Judge the record of row 95."""
    found = record.findings
    parses, wrong, broken = found["parses"], found["wrong"], found["broken"]
    return {
        "measured": f"of ended outputs {parses[0]:.0%} parse and {wrong[0]:.0%} are another record; of {found['cut']} "
        f"cut outputs {broken[0]:.0%} do not parse",
        "interval": f"wrong [{wrong[1]:.2f}, {wrong[2]:.2f}], cut and broken [{broken[1]:.2f}, {broken[2]:.2f}], "
        f"{found['notes']} notes; {said(record)}",
        "outcome": verdict_outcome(record),
    }


def trained(record: Record, valid: Sequence[Interval], steps: int) -> Said:
    """Judge the record of row 96, with the live run's valid outputs before and after so many steps beside it."""
    found = record.findings
    last = list(found["gain"])[-1]
    before, after, gained = found["shares"][PROMPTED], found["shares"][last], found["gain"][last]
    return {
        "measured": f"SmolLM2, three examples -> {last}: valid {before['valid'][0]:.0%} -> {after['valid'][0]:.0%}, "
        f"right fields {before['fields'][0]:.0%} -> {after['fields'][0]:.0%}; world, live: valid "
        f"{valid[0].mean:.0%} -> {valid[-1].mean:.0%} after {steps} steps",
        "interval": f"valid [{gained['valid'][1]:+.2f}, {gained['valid'][2]:+.2f}], fields "
        f"[{gained['fields'][1]:+.2f}, {gained['fields'][2]:+.2f}], {found['notes']} notes; {said(record)}",
        "outcome": verdict_outcome(record),
    }


def classified(
    heads: Sequence[ClassifierResult], wholes: Sequence[ClassifierResult], asked: Interval, real: Interval
) -> Said:
    """Judge accuracies: holds where the interval of the whole model's less the head's, seed by seed, lies above 0.

    Args:
        heads, wholes: runs on the world's model, seed by seed.
        asked, real: accuracy of SmolLM2, asked under a mask and with a head.
    """
    gain = mean_interval([whole.accuracy - head.accuracy for head, whole in zip(heads, wholes, strict=True)])
    head, whole = (
        f"{np.mean([run.accuracy for run in runs]):.0%} with {runs[0].parameters:,} parameters in "
        f"{np.mean([run.seconds for run in runs]):.1f} s"
        for runs in (heads, wholes)
    )
    return {
        "measured": f"world: head {head}, whole model {whole}; SmolLM2: asked {asked.mean:.0%}, head {real.mean:.0%}",
        "interval": f"whole - head [{gain.low:+.2f}, {gain.high:+.2f}], {gain.n} runs",
        "outcome": above_zero(gain),
    }


def queried(record: Record, live: Mapping[tuple[str, str], Any], n: int) -> Said:
    """Judge the record of row 98, with the live shares of right answers to n questions beside it."""
    found = record.findings
    sql, regex = (live[kind, "free"][0]["same result"].mean for kind in ("SQL", "regex"))
    intervals = (f"{name} [{found[name][1]:.2f}, {found[name][2]:.2f}]" for name in (*QUERY_PARTS, "another text"))
    return {
        "measured": ", ".join(f"{name} {found[name][0]:.0%}" for name in QUERY_PARTS)
        + f" right; live, {n} questions: SQL {sql:.0%} right, regex {regex:.0%}",
        "interval": f"{', '.join(intervals)}, {sum(found['questions'].values())} questions; {said(record)}",
        "outcome": verdict_outcome(record),
    }
