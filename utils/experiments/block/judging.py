"""Verdicts of notebook 03: what was measured in words, its interval, and the outcome by the rule of the row.

Each function returns the arguments of `Verdicts.add` that depend on the measurement.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from utils.evaluation.intervals import Interval, mean_interval, paired_difference
from utils.experiments.block.comparing import of_label, rise_beyond
from utils.experiments.block.copied_text import SYMBOLS
from utils.experiments.block.copying_recipe import FIXED, SCATTERED, SELECTIVE
from utils.experiments.block.cost_recipe import FUSED, SCAN, TURNS, WRITTEN_OUT
from utils.experiments.block.length_recipe import CONTEXT, LINEAR
from utils.experiments.block.recall_recipe import RECALL_TASKS
from utils.experiments.block.text_recipe import HYBRID, TRANSFORMER
from utils.experiments.block.world_runs import WorldResult
from utils.experiments.recording.live import recorded_interval, verdict_outcome
from utils.experiments.recording.record import Record
from utils.notebook.said import Said
from utils.notebook.verdicts import above_zero, first_that_holds

MATTERS = 0.05  # nats per symbol, in row 27

ByCondition = Mapping[tuple[str, ...], Sequence[float]]


def activations(record: Record) -> Said:
    """Say what the record of row 26 found."""
    losses, edge = record.findings["losses"], ", ".join(record.findings["at the edge"]) or "none"
    without, from_gelu, from_swiglu = (
        paired_difference(losses[one], losses[other])
        for one, other in (("no activation", "GELU"), ("ReLU", "GELU"), ("ReLU", "SwiGLU"))
    )
    return {
        "measured": f"a model without one loses {without.mean:.3f} nats more than with GELU; ReLU minus GELU "
        f"{from_gelu.mean:+.3f}, minus SwiGLU {from_swiglu.mean:+.3f}",
        "interval": f"without one {without}; ReLU minus GELU {from_gelu}; ReLU minus SwiGLU {from_swiglu}; "
        f"best rates at the edge of the grid: {edge}",
        "outcome": verdict_outcome(record),
    }


def positions(runs: Sequence[WorldResult], inside: slice, near: slice, far: slice) -> tuple[Said, Said]:
    """Judge row 27: do learned positions end at the trained length, and do rotary ones go beyond?

    Args:
        runs: labelled "learned" and "rotary", with losses by position.
        inside: places that were trained.
        near, far: places right beyond, and further out.
    """
    learned, rotary = of_label(runs, "learned"), of_label(runs, "rotary")
    rise = rise_beyond(learned, inside, near)
    rise_near, rise_far = (rise_beyond(rotary, inside, part) for part in (near, far))
    guessing, reached = math.log(SYMBOLS), np.mean([one.losses_by_position[near] for one in learned])
    solved = guessing - np.mean([one.losses_by_position[inside] for one in rotary]) > 0.2  # else nothing can be lost
    bound: Said = {
        "measured": f"right beyond the trained length the loss of learned positions changes by {rise.mean:+.2f} nats "
        f"per symbol, to {reached:.2f}; guessing has {guessing:.2f}",
        "interval": str(rise),
        "outcome": first_that_holds(
            ("undecided", not solved or rise.low <= MATTERS < rise.high),
            ("holds", rise.low > MATTERS),
            otherwise="does not hold",
        ),
    }
    beyond: Said = {
        "measured": f"rotary positions need no vector for position {near.start + 1}; their loss changes by "
        f"{rise_near.mean:+.2f} nats at {near.start + 1} to {near.stop}, by {rise_far.mean:+.2f} at {far.start + 1} "
        f"to {far.stop}",
        "interval": f"{rise_near} and {rise_far}",
        "outcome": first_that_holds(
            ("undecided", not solved),
            ("holds", rise_far.high < MATTERS),
            ("holds in part", rise_near.high < rise.low),
            otherwise="does not hold",
        ),
    }
    return bound, beyond


def parts(cost_of: Mapping[str, Interval]) -> tuple[Said, Said]:
    """Judge row 25: does a block need attention and an MLP, and nothing else?

    Args:
        cost_of: change of a block -> its loss less that of the full block, in nats per token.
    """
    attention, mlp, norms, residuals = (cost_of[f"no {part}"] for part in ("attention", "MLP", "norms", "residuals"))
    needed = [part.low > 0 for part in (attention, mlp)]
    named: Said = {
        "measured": f"loss without attention {attention.mean:+.2f}, without MLP {mlp.mean:+.2f} nats per token",
        "interval": f"{attention} and {mlp}",
        "outcome": first_that_holds(("holds", all(needed)), ("holds in part", any(needed)), otherwise="does not hold"),
    }
    others: Said = {
        "measured": f"without residuals {residuals.mean:+.2f}, without norms {norms.mean:+.2f} nats per token",
        "interval": f"{residuals} and {norms}",
        "outcome": "does not hold" if norms.low > 0 or residuals.low > 0 else "undecided",
    }
    return named, others


def output_layer(half_way: Sequence[float], late: float) -> Said:
    """Judge row 28: does the head read the last states only?

    Args:
        half_way: for each sentence, the share of positions whose final token it gives after 15 blocks.
        late: that share after 27 blocks, over all positions.
    """
    middle = mean_interval(half_way)
    return {
        "measured": f"the same head gives the final token at {middle.mean:.0%} of positions after 15 blocks, "
        f"{late:.0%} after 27",
        "interval": f"over sentences: {middle}",
        "outcome": first_that_holds(
            ("holds", middle.high < 0.5),
            ("holds in part", middle.high < 0.9),
            ("does not hold", middle.low > 0.9),
            otherwise="undecided",
        ),
    }


def experts(gain: Interval, busiest: float, balanced: float) -> Said:
    """Judge row 38: are experts better than a dense model of their active size?

    Args:
        gain: the dense model's loss less that of the balanced experts, in nats per token.
        busiest, balanced: load of the busiest expert without and with the balancing loss.
    """
    return {
        "measured": f"at equal active size the dense model's loss minus theirs is {gain.mean:+.3f} nats; busiest "
        f"expert {busiest:.0%} without balancing, {balanced:.0%} with",
        "interval": str(gain),
        "outcome": above_zero(gain),
    }


def long_texts(record: Record, apart: float) -> Said:
    """Say what the record of row 31 found; `apart` is the largest difference of the two forms."""
    found = record.findings
    n = len({run.job.seed for run in record.results["read"]})
    behind = recorded_interval(found["behind"], n)
    own, other = (recorded_interval(found[name]["rise"], n) for name in (LINEAR, TRANSFORMER))
    return {
        "measured": f"from {CONTEXT} tokens to {found['lengths'][-1]:,} its loss changes by {own.mean:+.2f} nats, the "
        f"transformer's by {other.mean:+.2f}; at {CONTEXT} it is {behind.mean:.2f} behind; forms agree to {apart:.0e}",
        "interval": f"{own}; transformer {other}; behind {behind}",
        "outcome": verdict_outcome(record),
    }


def recalled(record: Record, recall: ByCondition) -> Said:
    """Say what the record of row 32 found: (task, architecture) -> shares of recalled values."""
    fixed, gated = "fixed state space", "gated state space"
    gains = {task: paired_difference(recall[task, gated], recall[task, fixed]) for task in RECALL_TASKS}
    return {
        "measured": "; ".join(
            f"{task}: {np.mean(recall[task, fixed]):.2f} without the gate, {np.mean(recall[task, gated]):.2f} with it"
            for task in RECALL_TASKS
        ),
        "interval": "; ".join(f"{task} {gain}" for task, gain in gains.items()),
        "outcome": verdict_outcome(record),
    }


def interleaved(record: Record, cache_share: float) -> Said:
    """Say what the record of row 34 found; `cache_share` is what the hybrid keeps of the transformer's memory."""
    losses = record.findings["losses"]
    behind = paired_difference(losses[HYBRID], losses[TRANSFORMER])
    alone = paired_difference(losses[SELECTIVE], losses[HYBRID])
    return {
        "measured": f"loss minus the transformer's {behind.mean:+.3f} nats, with {cache_share:.0%} of its cache; the "
        f"selective one alone minus the hybrid {alone.mean:+.3f}",
        "interval": f"hybrid minus transformer {behind}; alone minus hybrid {alone}",
        "outcome": verdict_outcome(record),
    }


def selective_on_text(losses: Mapping[str, Sequence[float]]) -> Said:
    """Judge the second claim of row 33: is the selective state space better on text than a transformer of its size?"""
    gain = paired_difference(losses[TRANSFORMER], losses[SELECTIVE])
    return {
        "measured": f"in this toy, on text: the transformer's loss minus its own {gain.mean:+.3f} nats",
        "interval": str(gain),
        "outcome": above_zero(gain),
    }


def selected(record: Record, copied: ByCondition, relief: Mapping[str, Interval]) -> Said:
    """Say what the record of row 33 found.

    Args:
        record: of row 33.
        copied: (task, architecture) -> shares of copied symbols.
        relief: task with symbols at fixed places -> what these bring the fixed state space.
    """
    gains = {task: paired_difference(copied[task, SELECTIVE], copied[task, FIXED]) for task in SCATTERED}
    return {
        "measured": "; ".join(
            f"{task}: {np.mean(copied[task, SELECTIVE]):.2f} against {np.mean(copied[task, FIXED]):.2f}"
            for task in SCATTERED
        ),
        "interval": "; ".join(f"{task} {gain}" for task, gain in (*gains.items(), *relief.items())),
        "outcome": verdict_outcome(record),
    }


def time_of_length(record: Record) -> Said:
    """Say what the record of row 35 found of time."""
    time = {name: found["time exponent"] for name, found in record.findings.items()}
    return {
        "measured": "exponents of time: " + ", ".join(f"{name} {values[0]:.2f}" for name, values in time.items()),
        "interval": "; ".join(f"{name} {recorded_interval(time[name], TURNS)}" for name in (FUSED, SCAN)),
        "outcome": verdict_outcome(record),
    }


def memory_of_length(exponents: Mapping[str, float]) -> Said:
    """Judge the second claim of row 35: does memory grow as time does?

    Args:
        exponents: way to mix -> exponent of its memory.
    """
    return {
        "measured": "exponents of memory: " + ", ".join(f"{name} {value:.2f}" for name, value in exponents.items()),
        "interval": "exact",
        "outcome": first_that_holds(
            ("does not hold", exponents[WRITTEN_OUT] < 1.3),
            ("holds", exponents[FUSED] > 1.7 and exponents[SCAN] < 1.3),
            ("holds in part", exponents[WRITTEN_OUT] > 1.7),
            otherwise="undecided",
        ),
    }
