"""Pictures of rows 51 to 53: rates against width, searches against their budget, and two scores of the same answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from utils.evaluation.intervals import mean_interval
from utils.experiments.recording.design import Run
from utils.experiments.scaling.codes_recipe import SEEDS
from utils.experiments.scaling.rate_transfer import PARAMETRISATIONS, transfers
from utils.experiments.scaling.showing import as_interval
from utils.notebook.drawing import interval_line, label_ticks
from utils.notebook.figures import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def rates_figure(
    runs: Sequence[Run], widths: Sequence[int], changes: Mapping[str, Sequence[Sequence[float]]]
) -> Figure:
    """Return the best rate against the width, and how far logits move in the first steps, in both parametrisations.

    Args:
        runs: of the record of row 51.
        widths: at which the change of the logits was measured.
        changes: for each parametrisation and seed, one change a width.
    """
    import matplotlib.pyplot as plt
    from matplotlib.lines import Line2D

    figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.2), constrained_layout=True)
    per_seed = transfers(runs)
    for number, (name, style) in enumerate(zip(PARAMETRISATIONS, ("s--", "o-"), strict=True)):
        colour = f"C{number}"
        for one in per_seed[name]:
            left.plot(list(one.best_rates), list(one.best_rates.values()), style, color=colour, alpha=0.7)
        points = [mean_interval(list(at_width)) for at_width in zip(*changes[name], strict=True)]
        interval_line(right, widths, points, label=name, color=colour)
    left.set(xscale="log", yscale="log", xlabel="width", ylabel="best learning rate at the base width")
    label_ticks(left, x=[8, 16, 32, 64, 128], y=[0.005, 0.01, 0.02, 0.05, 0.1])
    left.legend([Line2D([], [], color=f"C{number}") for number in range(2)], PARAMETRISATIONS)
    right.set(xscale="log", yscale="log", xlabel="width", ylabel="change of the logits in 4 steps")
    label_ticks(right, x=list(widths), y=[0.1, 0.2, 0.5, 1, 2])
    right.legend()
    return figure


def searches_figure(searched: Mapping[str, Any]) -> Figure:
    """Return how far above the best combination each search ends, against its trainings.

    Args:
        searched: findings of the record of row 52.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6.5, 3.4))
    for (method, rows), marker in zip(searched["regrets"].items(), "s^o", strict=True):
        points = [as_interval(row, 400) for row in rows]
        interval_line(axes, searched["budgets"], points, label=method, marker=marker)
    axes.set_xscale("log")
    label_ticks(axes, x=searched["budgets"])
    axes.set(xlabel="trainings made", ylabel="loss above the best\ncombination (nats per token)", ylim=(0, None))
    axes.legend()
    return figure


def codes_figure(codes: Mapping[str, Any]) -> Figure:
    """Return the share of right digits and of right numbers, and of right beginnings, against the size.

    Args:
        codes: findings of the record of row 53.
    """
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, 2, figsize=(8.2, 3.1))
    sizes = codes["parameters"]
    labels = {"digit": "a digit", "exact": "all six (exact match)"}
    for colour, (key, label) in zip(COLOURS, labels.items(), strict=False):
        points = [as_interval(ends, SEEDS) for ends in codes[key]]
        interval_line(panels[0], sizes, points, label=label, color=colour)
    expected = [ends[0] for ends in codes["expected"]]
    panels[0].plot(sizes, expected, ":", color="black", label="a digit to the power of six")
    for length, score in enumerate(np.transpose(codes["whole_by_length"]), start=1):
        panels[1].plot(sizes, score, color=COLOURS[0], alpha=0.25 + 0.125 * (length - 1))
        panels[1].annotate(f"{length}", (sizes[5], score[5]), fontsize=8)
    panels[0].set(ylabel="share right", title="two scores of the same answers", ylim=(-0.03, 1.03))
    panels[0].axhline(0.1, color="grey", linewidth=0.8, linestyle="--")
    panels[1].set(ylabel="share right", title="the first 1 to 6 digits", ylim=(-0.03, 1.03))
    for axes in panels:
        axes.set(xscale="log", xlabel="parameters")
        label_ticks(axes, x=[2_500, 10_000, 40_000, 130_000])
    panels[0].legend(fontsize=8)
    figure.tight_layout()
    return figure
