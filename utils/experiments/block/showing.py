"""What notebook 03 prints and draws of its runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from utils.evaluation.intervals import Interval, mean_interval
from utils.experiments.block.copied_text import SYMBOLS, copying_entropy
from utils.experiments.block.copying_recipe import AT_FIXED_PLACES, FIXED, SCATTERED
from utils.experiments.block.cost_recipe import TURNS, overhead_share
from utils.experiments.block.recall_recipe import RECALL_TASKS
from utils.experiments.block.sequence_tasks import ARCHITECTURES
from utils.experiments.recording.design import Run
from utils.experiments.recording.live import recorded_interval
from utils.models.accounting import count_parameters, kv_cache_bytes, weight_bytes
from utils.models.config import ModelConfig
from utils.notebook import COLOURS
from utils.notebook.drawing import interval_bars, label_ticks, points_by_seed

GUESSING = 1 / 8
OVERHEAD_AT = (64, 512, 4096)
ByCondition = Mapping[tuple[str, ...], Sequence[float]]


def print_losses(found: Mapping[str, Any], here: Mapping[str, Sequence[float]]) -> None:
    """Print the losses of row 26's or row 34's models: recorded with their interval, and those of this machine.

    Args:
        found: the findings of the record.
        here: name -> losses of this machine; some may be missing.
    """
    for name, values in found["losses"].items():
        size, rate = found["parameters"][name], found["rates"][name]
        line = f"{name:22} {size:,} parameters, rate {rate:4}: recorded {mean_interval(values)}"
        print(line + "".join(f"; here {loss:.2f}" for loss in here.get(name, [])))


def draw_activations(found: Mapping[str, Any], here: Mapping[str, Sequence[float]], entropy: float) -> Figure:
    """Return the losses of row 26's models, one point for each seed: recorded, and those of this machine.

    Args:
        found: the findings of the record.
        here: activation -> losses of this machine.
        entropy: of the world, in nats per token.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.2), constrained_layout=True)
    points_by_seed(left, found["losses"], fontsize=8)
    points_by_seed(right, {name: here.get(name, []) for name in found["losses"]}, fontsize=8)
    for axes, title in ((left, "recorded"), (right, "here")):
        axes.axhline(entropy, color="black", linestyle=":", label="the world's entropy")
        axes.set(xlabel="activation of the MLP (one point per seed)", title=title)
        axes.set(ylabel="held-out loss (nats per token)")
    left.legend()
    return figure


def draw_positions(curves: Mapping[str, np.ndarray], trained: int) -> Figure:
    """Return row 27's loss against the position in a window, means of four places each.

    Args:
        curves: kind of positions -> loss at each place, in nats per symbol.
        trained: length of the windows in training.
    """
    figure, axes = plt.subplots(figsize=(7, 3.4))
    for (name, curve), style in zip(curves.items(), ("-", "--", ":"), strict=True):
        places = np.arange(0, len(curve), 4) + 2.5
        axes.plot(places, curve.reshape(-1, 4).mean(1), style, label=f"{name} positions".replace("none", "no"))
    guessing = math.log(SYMBOLS)
    axes.axhline(guessing, color="grey", linewidth=0.8)
    axes.text(2, guessing, "guessing", va="bottom", fontsize=8)
    axes.axhline(copying_entropy(), color="black", linestyle=":", linewidth=0.8)
    axes.text(88, copying_entropy(), "entropy", va="bottom", fontsize=8)
    axes.axvline(trained + 0.5, color="black", linewidth=0.8)
    axes.text(trained + 2, axes.get_ylim()[1], "never trained", va="top")
    axes.set(xlabel="position in the window (symbols)", ylabel="held-out loss (nats per symbol)")
    axes.legend(fontsize=8, loc="lower right", bbox_to_anchor=(1.0, 0.2))
    return figure


def draw_changes(costs: Mapping[str, Interval]) -> Figure:
    """Return bars of what row 25's changed blocks lose against the full one.

    Args:
        costs: change -> loss above the full block's, in nats per token.
    """
    figure, axes = plt.subplots(figsize=(7, 3.4))
    interval_bars(axes, list(costs), {"loss": list(costs.values())}, fontsize=8)
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set(xlabel="what was changed", ylabel="loss above the full block's\n(nats per token)")
    return figure


def draw_lens(agreement: Sequence[float], control: Sequence[float], ranks: Sequence[float]) -> Figure:
    """Return what row 28's head reads after each block.

    Args:
        agreement: share of positions whose winner is the final token, after 0, 1 ... blocks.
        control: the same for the winner of the position before.
        ranks: median rank of the final token.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.2), constrained_layout=True)
    left.plot(agreement, label="same position")
    left.plot(control, "--", label="control: the position before")
    left.set(xlabel="blocks passed", ylabel="winner is the final token (share of positions)")
    left.legend()
    right.plot(ranks)
    right.set(xlabel="blocks passed", ylabel="rank of the final token (median)", yscale="log")
    label_ticks(right, y=(1, 10, 100, 1_000, 10_000))
    return figure


def draw_contexts(configs: Mapping[str, ModelConfig]) -> Figure:
    """Return parameters, and memory of keys and values, of two models against the context (row 30).

    Args:
        configs: by name; a line marks the memory of the first one's weights.
    """
    contexts = [1024 * 2**power for power in range(8)]
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.2), constrained_layout=True)
    for (name, config), style in zip(configs.items(), ("-", "--"), strict=True):
        sizes = [count_parameters(replace(config, context_length=context)) / 1e9 for context in contexts]
        left.plot(contexts, sizes, style, label=name)
        right.plot(contexts, [kv_cache_bytes(config, context) / 1e9 for context in contexts], style, label=name)
    name, config = next(iter(configs.items()))
    weights = weight_bytes(count_parameters(config)) / 1e9
    right.axhline(weights, color=COLOURS[3], linestyle=":", label=f"weights of {name}")
    left.set(xscale="log", xlabel="context (tokens)", ylabel="parameters (billions)", ylim=(0, 10))
    right.set(xscale="log", yscale="log", xlabel="context (tokens)")
    right.set(ylabel="keys and values, 16 bits (GB)")
    label_ticks(left, x=(1024, 8192, 131072))
    label_ticks(right, x=(1024, 8192, 131072), y=(0.1, 1, 10, 100))
    left.legend(loc="lower right")
    right.legend(fontsize=8)
    return figure


def draw_pruned(pruned: Mapping[str, Mapping[float, float]], guessing: float) -> Figure:
    """Return the loss of row 37's model against the share of its weights at zero.

    Args:
        pruned: "smallest" and "random" -> share of zeros -> loss, in nats per token.
        guessing: the loss of guessing.
    """
    figure, axes = plt.subplots(figsize=(6, 3.2))
    axes.plot(*zip(*sorted(pruned["smallest"].items()), strict=True), "o-", label="smallest weights")
    axes.plot(*zip(*sorted(pruned["random"].items()), strict=True), "s--", label="random weights (control)")
    axes.axhline(guessing, color="black", linestyle=":", label="guessing")
    axes.set(xlabel="sparsity (share of weights at zero)", ylabel="loss (nats per token)")
    axes.legend()
    return figure


def draw_loads(loads: Mapping[str, np.ndarray]) -> Figure:
    """Return the load of row 38's experts, sorted, with its spread.

    Args:
        loads: name -> shares of the routed tokens (layers and seeds, experts), the busiest expert first.
    """
    figure, axes = plt.subplots(figsize=(7, 3.2))
    for place, (name, shares) in enumerate(loads.items()):
        middles, hatch = np.arange(shares.shape[1]) + 0.4 * place - 0.2, ("", "//")[place]
        axes.bar(middles, shares.mean(0), 0.38, yerr=shares.std(0), label=name, hatch=hatch)
        axes.set_xticks(range(shares.shape[1]), [str(number + 1) for number in range(shares.shape[1])])
        axes.axhline(1 / shares.shape[1], color="black", linestyle=":", label="" if place else "even load")
    axes.set(xlabel="expert, from the busiest to the idlest", ylabel="share of routed tokens")
    axes.legend()
    return figure


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


def print_accuracies(found: Mapping[str, Any], recorded: ByCondition, live: ByCondition) -> None:
    """Print what row 32's or row 33's models get right, of the recorded run and of this machine.

    Args:
        found: the findings of the record.
        recorded, live: (task, architecture) -> one share for each seed.
    """
    task_before = ""
    for (task, name), values in recorded.items():
        if task != task_before:
            print(f"{task}:")
        task_before = task
        line = f"  {name:22} {found[f'{task}, {name}']['steps']:5,} steps: recorded {mean_interval(values)}"
        print(line + "".join(f"; here {share:.2f}" for share in live.get((task, name), [])))


def draw_texts(losses: Mapping[str, Sequence[float]]) -> Figure:
    """Return the losses of row 34's architectures, one point for each seed."""
    figure, axes = plt.subplots(figsize=(7.6, 3.4))
    points_by_seed(axes, {name.replace(" ", "\n", 1): values for name, values in losses.items()}, fontsize=8)
    axes.set(xlabel="architecture (one point per seed)", ylabel="held-out loss (nats per token)")
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
