"""Verdicts of rows 53 to 58: what was measured in words, its interval, and the outcome by the rule of the row.

Each function returns the arguments of `Verdicts.add` that depend on the measurement.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from utils.experiments.recording.live import verdict_outcome
from utils.experiments.recording.record import Record
from utils.experiments.scaling import canaries_recipe, codes_recipe, generations_recipe, sources_recipe
from utils.experiments.scaling.generations import TEXTS
from utils.experiments.scaling.showing import judge_electricity
from utils.notebook.said import Said
from utils.notebook.widgets import text_stock
from utils.notebook.widgets.more_compute import Bought


def emergence(record: Record) -> Said:
    """Judge the record of row 53."""
    gain, low, high = record.findings["gain_before"]
    return {
        "measured": f"in the largest models with at most {codes_recipe.THRESHOLDS['unseen']:.0%} of the numbers right, "
        f"digits are {100 * gain:.0f} points above guessing",
        "interval": f"[{100 * low:.0f}, {100 * high:.0f}] points, n = {codes_recipe.SEEDS} seeds",
        "outcome": verdict_outcome(record),
    }


def running_out(years: np.ndarray, start_year: float) -> Said:
    """Judge years of exhaustion (draws,): holds where 90% lie within ten years of the start."""
    low, middle, high = np.percentile(years, [10, 50, 90])
    return {
        "measured": f"{middle:.0f} in the middle of {len(years):,} draws from assumed ranges",
        "interval": f"{low:.0f} to {high:.0f}, 80% of the draws",
        "outcome": text_stock.judge_projection(years, start_year),
    }


def forgetting(record: Record) -> Said:
    """Judge the record of row 55."""
    alone, mixed = (record.findings[text]["kept"] for text in TEXTS)
    return {
        "measured": f"of the first model's tail the last keeps {alone[0]:.0%} without fresh text and "
        f"{mixed[0]:.0%} with half of it fresh",
        "interval": f"[{alone[1]:.0%}, {alone[2]:.0%}] and [{mixed[1]:.0%}, {mixed[2]:.0%}], "
        f"n = {generations_recipe.SEEDS} chains each",
        "outcome": verdict_outcome(record),
    }


def remembered(record: Record) -> Said:
    """Judge the record of row 56."""
    memory = record.findings["memory"]
    trained, left = memory["trained"], memory[canaries_recipe.JUDGED]
    return {
        "measured": f"{trained[0]:.1f} bits above never planted numbers after training, {left[0]:.1f} bits "
        "after finetuning away and seeing all twice",
        "interval": f"[{trained[1]:.1f}, {trained[2]:.1f}] and [{left[1]:.1f}, {left[2]:.1f}] bits, "
        f"n = {canaries_recipe.SEEDS} seeds",
        "outcome": verdict_outcome(record),
    }


def without_the_best(record: Record) -> Said:
    """Judge the record of row 57."""
    lost = sources_recipe.LOST
    fewer, more = (record.findings["beyond_random"][str(share)] for share in lost)
    return {
        "measured": f"the best {lost[0]:.0%} cost {fewer[0]:.3f} nats per token beyond as many random ones, the "
        f"best {lost[1]:.0%} {more[0]:.3f}",
        "interval": f"[{fewer[1]:.3f}, {fewer[2]:.3f}] and [{more[1]:.3f}, {more[2]:.3f}], "
        f"n = {sources_recipe.SEEDS} seeds",
        "outcome": verdict_outcome(record),
    }


def electricity(bounds: Sequence[float], bought: Bought) -> Said:
    """Judge the largest growth at shares of 1% and 2%: holds where both are about 50, in part where one is.

    Args:
        bounds: at 1% and at 2%, in this order.
        bought: what 50 times the compute changes under the published law.
    """
    return {
        "measured": f"{bounds[1]:.0f} to {bounds[0]:.0f} times at today's efficiency; 50 times would take the "
        f"loss from {bought.before:.2f} to {bought.after:.2f}",
        "interval": "exact, for shares of 1% and 2%",
        "outcome": judge_electricity(bounds),
    }
