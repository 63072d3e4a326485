"""What notebook 03 prints and draws of its recorded runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from utils.experiments.block.copying_recipe import AT_FIXED_PLACES, FIXED, SCATTERED
from utils.experiments.block.cost_recipe import TURNS, overhead_share
from utils.experiments.block.recall_recipe import RECALL_TASKS
from utils.experiments.block.sequence_tasks import ARCHITECTURES
from utils.experiments.recording.design import Run
from utils.experiments.recording.live import recorded_interval
from utils.notebook import COLOURS
from utils.notebook.drawing import label_ticks, points_by_seed

GUESSING = 1 / 8
OVERHEAD_AT = (64, 512, 4096)
ByCondition = Mapping[tuple[str, ...], Sequence[float]]


def print_lengths(found: Mapping[str, Any], live: Sequence[Run]) -> None:
    """Print what row 31's models lose, take and keep at each length, and what those of this machine lose."""
    for name in (name for name in ARCHITECTURES if name in found):
        one = found[name]
        print(f"{name}, {one['parameters']:,} parameters")
        for place, n in enumerate(found["lengths"]):
            cost = f"{1e3 * one['seconds'][place]:6.1f} ms, {one['state'][place] / 1024:8,.1f} KiB of state"
            print(f"  {n:6,} tokens: loss {one['losses'][place]:.2f} on the last quarter, {cost}")
        for run in live:
            if run.job.architecture == name:
                pairs = zip(run.job.lengths, run.result["losses"], strict=True)
                print(f"  here, seed {run.job.seed}:", ", ".join(f"{loss:.2f} at {n:,}" for n, loss in pairs))


def draw_lengths(found: Mapping[str, Any]) -> Figure:
    """Return loss, time and state of row 31's two models against the length."""
    figure, panels = plt.subplots(1, 3, figsize=(11.5, 3.4), constrained_layout=True)
    lengths = found["lengths"]
    names = [name for name in ARCHITECTURES if name in found]
    for name, marker, colour in zip(names, "os", COLOURS, strict=False):
        one, style = found[name], {"marker": marker, "color": colour, "label": name}
        panels[0].plot(lengths, one["losses"], **style)
        panels[1].plot(lengths, [1e3 * value for value in one["seconds"]], **style)
        panels[2].plot(lengths, [value / 1024 for value in one["state"]], **style)
    panels[0].set(ylabel="loss on the last quarter\n(nats per token)", ylim=(0, None))
    panels[0].axvline(lengths[0], color="black", linestyle=":", linewidth=0.8)
    panels[1].set(yscale="log", ylabel="time of a forward pass (ms)")
    panels[2].set(yscale="log", ylabel="state (KiB)")
    for axes in panels:
        axes.set(xscale="log", xlabel="length (tokens)")
        label_ticks(axes, x=lengths)
        axes.tick_params(axis="x", labelsize=8)
    label_ticks(panels[1], y=(1, 10, 100, 1000))
    label_ticks(panels[2], y=(10, 100, 1000, 10_000))
    panels[0].legend(fontsize=8)
    return figure


def print_costs(found: Mapping[str, Any], live: Sequence[Run]) -> None:
    """Print the cost of each of row 35's ways at its longest length, its exponents, and how much of it is overhead."""
    for name, one in found.items():
        slope, n = recorded_interval(one["time exponent"], TURNS), one["lengths"][-1]
        cost = f"{one['seconds'][-1] * 1e3:7.1f} ms, {one['bytes'][-1] / 1e6:7.1f} MB at {n:,}"
        print(f"{name:23} {cost}; exponents: time {slope}, memory {one['memory exponent']:.2f}")
        shares = ", ".join(f"{overhead_share(one, n):.0%} at {n:,}" for n in OVERHEAD_AT)
        own = [run for run in live if run.job.way == name]
        here = ", ".join(f"{1e3 * run.result['seconds']:.2f} ms at {run.job.length:,}" for run in own)
        print(f"{'':23} overhead {shares}; here {here}")


def draw_costs(found: Mapping[str, Any]) -> Figure:
    """Return time and memory of row 35's ways against the length."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8), constrained_layout=True)
    for (name, one), style in zip(found.items(), ("o-", "s--", "D-.", "^:", "v-", "P--"), strict=False):
        left.plot(one["lengths"], [1e3 * value for value in one["seconds"]], style, label=name, markersize=4)
        right.plot(one["lengths"], [value / 1e6 for value in one["bytes"]], style, label=name, markersize=4)
    for axes, quantity in ((left, "processor time (ms)"), (right, "tensors made on the way (MB)")):
        axes.set(xscale="log", yscale="log", xlabel="length (tokens)", ylabel=quantity)
        label_ticks(axes, x=(64, 256, 1024, 4096, 16_384), y=(0.01, 0.1, 1, 10, 100, 1000))
    figure.legend(*left.get_legend_handles_labels(), fontsize=8, loc="outside right center")
    return figure


def draw_recall(recall: ByCondition, live: ByCondition, memory_at: Mapping[str, float]) -> Figure:
    """Return recall against memory for row 32's architectures: recorded runs filled, those of this machine hollow.

    Args:
        recall, live: (task, architecture) -> one share for each seed.
        memory_at: architecture -> KiB after 4,096 tokens.
    """
    figure, panels = plt.subplots(1, 2, figsize=(9.6, 3.6), sharey=True, constrained_layout=True)
    for axes, task in zip(panels, RECALL_TASKS, strict=True):
        for name, marker, colour in zip(ARCHITECTURES, "osDv^P", COLOURS, strict=False):
            style: dict[str, Any] = {"linestyle": "none", "marker": marker, "color": colour}
            values, here = recall[task, name], live.get((task, name), [])
            axes.plot([memory_at[name]] * len(values), values, label=name, alpha=0.7, **style)
            axes.plot([memory_at[name] * 1.25] * len(here), here, fillstyle="none", **style)
        axes.axhline(GUESSING, color="black", linestyle=":", label="guessing")
        axes.set(xscale="log", xlabel="memory after 4,096 tokens (KiB, logarithmic)", title=task)
        axes.set(ylabel="recalled values (share)", ylim=(0, 1.05), xlim=(1, 5000))
        label_ticks(axes, x=(1, 10, 100, 1000))
    handles = panels[0].get_legend_handles_labels()
    title = "filled: recorded\nhollow: here"
    figure.legend(*handles, fontsize=8, loc="outside right center", title=title, title_fontsize=8)
    return figure


def draw_copying(copied: ByCondition) -> Figure:
    """Return what row 33's architectures copy of scattered symbols, and the fixed state space with symbols first.

    Args:
        copied: (task, architecture) -> one share for each seed.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.4), width_ratios=(5, 3), constrained_layout=True)
    scattered = {
        f"{name.split()[0]}\n{task.split()[1]}": values for (task, name), values in copied.items() if task in SCATTERED
    }
    points_by_seed(left, scattered, fontsize=7)
    fixed = {f"{task.split()[1]}\n{task.split()[2]}": copied[task, FIXED] for task in (*SCATTERED, *AT_FIXED_PLACES)}
    points_by_seed(right, fixed, fontsize=8)
    for axes, title in ((left, "symbols among the noise"), (right, "the fixed state space")):
        axes.axhline(GUESSING, color="black", linestyle=":", label="guessing")
        axes.set(title=title, ylim=(0, 1.05), xlabel="tokens of noise (one point per seed)")
        axes.set(ylabel="copied symbols (share)")
    left.legend(loc="center left")
    return figure
