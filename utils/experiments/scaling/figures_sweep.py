"""Pictures of rows 47 to 50: valleys, the fitted law, schedules, the optimum under use, and the gains of compute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from utils.experiments.recording.design import Run
from utils.experiments.scaling.showing import as_interval
from utils.experiments.scaling.sweep_laws import SweepTable
from utils.notebook.drawing import interval_line, label_ticks
from utils.training import scaling_laws as laws

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def valleys_figure(swept: SweepTable, live: Sequence[Mapping[str, Any]], entropy: float) -> Figure:
    """Return the loss over the size for each budget, with a parabola, and a star where its minimum was enclosed.

    Args:
        swept: the recorded runs.
        live: results of runs made again: parameters and loss (nats per token).
        entropy: of the world, nats per token.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6.8, 3.7))
    budgets = laws.isoflop_budgets(swept.n_params, swept.n_tokens)
    sizes, losses = np.array(swept.n_params), np.array(swept.losses)
    colours = plt.get_cmap("viridis")(np.linspace(0, 0.9, len(budgets)))
    for colour, (flops, rows) in zip(colours, budgets, strict=True):
        axes.plot(sizes[rows], losses[rows], "o", color=colour, markersize=4)
        curve = np.polyfit(np.log(sizes[rows]), losses[rows], 2)
        along = np.geomspace(sizes[rows].min(), sizes[rows].max(), 50)
        axes.plot(along, np.polyval(curve, np.log(along)), color=colour, label=f"{flops:.0e} FLOP")
        best = np.exp(-curve[1] / (2 * curve[0]))
        if sizes[rows].min() <= best <= sizes[rows].max():
            axes.plot(best, np.polyval(curve, np.log(best)), "k*", markersize=10)
    axes.plot([r["parameters"] for r in live], [r["loss"] for r in live], "rx", label="live", markersize=5)
    axes.axhline(entropy, color="black", linestyle=":", label="the world's entropy")
    axes.set_xscale("log")
    label_ticks(axes, x=[2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000])
    axes.tick_params(axis="x", rotation=30)
    axes.set(xlabel="parameters", ylabel="loss on unseen text (nats per token)")
    axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def law_figure(swept: SweepTable, found: Mapping[str, Any], valleys: Sequence[Mapping[str, float]]) -> Figure:
    """Return the fitted E by the smallest budget of the fit, and the best size by the three approaches.

    Args:
        swept: the recorded runs.
        found: findings of the record of row 48.
        valleys: of `isoflop_points`.
    """
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.3), constrained_layout=True)
    parts = found["laws_by_smallest_budget"]
    irreducible = [as_interval(part["E"], part["runs"]) for part in parts]
    interval_line(left, [part["smallest_flops"] for part in parts], irreducible, label="fitted E")
    left.axhline(found["world_entropy"], color="black", linestyle=":", label="the world's entropy")
    left.set_xscale("log")
    left.set(xlabel="smallest budget in the fit (FLOP)", ylabel="E (nats per token)", ylim=(0, None))
    left.legend()
    grid = np.geomspace(1e9, 1e13, 20)
    frontiers = laws.three_frontiers(swept.n_params, swept.n_tokens, swept.losses)
    for frontier, style in zip(frontiers, ("-", "--", ":"), strict=True):
        sizes = [frontier.optimum(flops)[0] for flops in grid]
        right.plot(grid, sizes, style, label=f"{frontier.name}, a = {frontier.exponent:.2f}")
    right.plot([p["flops"] for p in valleys], [p["n_params"] for p in valleys], "k*", label="valleys")
    right.plot(grid, np.sqrt(grid / 120), color="grey", linewidth=0.8, label="20 tokens each")
    right.set(xscale="log", yscale="log", xlabel="compute (FLOP)", ylabel="best size (parameters)")
    right.legend(fontsize=8)
    return figure


def schedules_figure(long_runs: Sequence[Run], law: laws.ScalingLaw) -> Figure:
    """Return losses read while the schedule has not ended, beside the law of runs whose schedule ends with them."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 3.2))
    for number, run in enumerate(long_runs):
        read = [*run.result["readings"], [run.result["tokens"], run.result["loss"]]]
        n_params, colour = run.result["parameters"], f"C{number}"
        thousands, losses = [tokens / 1000 for tokens, _ in read], [loss for _, loss in read]
        label = f"{n_params:,} parameters"
        axes.plot(thousands, losses, "o--", color=colour, markersize=4, label=label)
        along = np.geomspace(read[0][0], read[-1][0], 30)
        axes.plot(along / 1000, [law(n_params, tokens) for tokens in along], color=colour)
    axes.set_xscale("log")
    label_ticks(axes, x=[50, 100, 200, 500, 1000, 2000])
    axes.set(xlabel="thousand tokens read", ylabel="loss on unseen text (nats per token)")
    axes.legend(fontsize=8)
    return figure


def served_figure(multiples: Sequence[float], moved: Mapping[str, Sequence[tuple[float, float]]]) -> Figure:
    """Return tokens per parameter at the optimum, relative to no use, against the tokens served.

    Args:
        multiples: tokens served over the tokens of the training optimum.
        moved: for each law N and D of the optimum at each of these, the first without use.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6.5, 3.4))
    for (name, pairs), style in zip(moved.items(), ("o-", "s--", "^:"), strict=True):
        relative = [d / n / (pairs[0][1] / pairs[0][0]) for n, d in pairs]
        axes.plot(multiples, relative, style, label=name)
    axes.set(yscale="log", xlabel="tokens served / tokens of the training optimum")
    axes.set(ylabel="tokens per parameter,\nrelative to the training optimum")
    axes.set_xscale("symlog", linthresh=0.3)
    axes.set_xlim(-0.03, 130)
    label_ticks(axes, x=[0, 0.3, 1, 3, 10, 30, 100], y=[1, 2, 5, 10, 20, 50])
    axes.legend()
    return figure


def gains_figure(frontier: Sequence[tuple[float, float]]) -> Figure:
    """Return the loss (nats per token) that each further budget of a measured frontier won."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6.5, 3.2))
    gains = [before - after for (_, before), (_, after) in pairwise(frontier)]
    axes.bar(range(len(gains)), gains)
    axes.set_xticks(range(len(gains)), [f"to {flops:.0e}" for flops, _ in frontier[1:]])
    axes.set(xlabel="compute, about threefold each time (FLOP)", ylabel="loss won (nats per token)")
    return figure
