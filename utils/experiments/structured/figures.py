"""Figures of notebook 08 that are more drawing than lesson; the notebook shows and describes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import Tensor

from utils.evaluation.intervals import Interval
from utils.experiments.recording.live import recorded_interval
from utils.experiments.structured.structured_outputs import Approach, share
from utils.experiments.structured.tables import intervals
from utils.experiments.structured.token_trees import OptionDistribution
from utils.notebook.drawing import interval_bars, interval_line, label_ticks
from utils.notebook.figures import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def first_token_figure(free: Tensor, masked: Tensor, decode: Callable[[list[int]], str]) -> Figure:
    """Draw the likeliest first tokens of logits (V,) before a mask and after it, one below the other."""
    top, kept = free.topk(14).indices.tolist(), masked.topk(6).indices.tolist()
    shown = [*top, *(token for token in kept if token not in top)]
    colours = [COLOURS[2] if torch.isfinite(masked[token]) else COLOURS[3] for token in shown]
    figure, all_axes = plt.subplots(2, 1, figsize=(8, 4.8), sharex=True, constrained_layout=True)
    for axes, values, title in zip(all_axes, (free, masked), ("as the model has it", "after the mask"), strict=True):
        axes.bar(range(len(shown)), values.softmax(-1)[shown], color=colours)
        axes.set(xlabel="token (green: allowed as the first one)", ylabel="probability", title=title)
    all_axes[0].xaxis.label.set_visible(False)
    all_axes[1].set_xticks(range(len(shown)), [repr(decode([token])) for token in shown], rotation=60, fontsize=9)
    return figure


def answers_figure(findings: Mapping[str, Any]) -> Figure:
    """Draw the share of right answers by question and way of asking, with intervals, and the form beside it."""
    figure, all_axes = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True, constrained_layout=True)
    ways = ("free", "masked", "opened")
    for axes, key, title in zip(all_axes, ("form", "right"), ("has the form", "says the right value"), strict=True):
        series = {way: [recorded_interval(one[key][way], one["notes"]) for one in findings.values()] for way in ways}
        interval_bars(axes, list(findings), series)
        axes.set(title=title, xlabel="question", ylabel="share of answers", ylim=(0, 1.05))
    figure.legend(*all_axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure


def repair_figure(rates: Mapping[tuple[str, float], tuple[float, Interval]], n: int) -> Figure:
    """Draw the share of n broken records left wrong by repair; an open triangle below the axis' rest means none."""
    figure, axes = plt.subplots(constrained_layout=True)
    names, places = list(dict.fromkeys(name for name, _ in rates)), list(dict.fromkeys(x for _, x in rates))
    none_wrong = 0.4 / n  # below one wrong record
    for colour, name, style in zip(COLOURS, names, (":", "-", "--"), strict=False):
        left = np.array([1 - rates[name, x][1].mean for x in places])
        some = left > 1e-12
        # A log axis has no 0: a gap in the line, and a triangle.
        axes.plot(range(len(left)), np.where(some, left, np.nan), style, marker="o", color=colour, label=name)
        zeros = np.flatnonzero(~some)
        axes.plot(zeros, [none_wrong] * len(zeros), "v", color=colour, fillstyle="none")
    axes.axhline(1e-3, color=COLOURS[7], linewidth=0.8)
    axes.text(len(places) - 1, 1.1e-3, "99.99% of all right", fontsize=9, ha="right")
    axes.set_xticks(range(len(places)), [f"{x:.0%}" for x in places])
    axes.set(
        yscale="log",
        xlabel="share of broken records that break in an unforeseen way",
        ylabel="share of broken records left wrong",
    )
    figure.legend(loc="outside upper center", ncols=len(names))
    return figure


def attempts_figure(
    pools: Mapping[float, np.ndarray], shares: Callable[[np.ndarray, Sequence[int]], np.ndarray]
) -> Figure:
    """Draw for each pool (notes, outputs) the share of notes with a valid output after 1 to 10 attempts, and p by note.

    Args:
        pools: truth values by temperature.
        shares: (valid, attempts) -> the shares measured.
    """
    attempts = range(1, 11)
    exponents = np.array(attempts)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), constrained_layout=True)
    for colour, (temperature, valid) in zip(COLOURS, pools.items(), strict=False):
        p = valid.mean(1)
        own = (1 - (1 - p[:, None]) ** exponents).mean(0)
        left.plot(attempts, shares(valid, attempts), "o", color=colour, label=f"temperature {temperature}")
        left.plot(attempts, own, "-", color=colour, linewidth=1)
        left.plot(attempts, 1 - (1 - valid.mean()) ** exponents, "--", color=colour, linewidth=1)
        right.hist(p, bins=np.linspace(0, 1, 21).tolist(), color=colour, alpha=0.6)
    left.plot([], [], "-", color="black", linewidth=1, label="each note its own p")
    left.plot([], [], "--", color="black", linewidth=1, label="one p for all")
    left.set(xlabel="attempts", ylabel="share with a valid output", ylim=(0, 1.03))
    right.set(xlabel="probability of a valid output", ylabel="notes")
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=3, fontsize=8)
    return figure


def distortion_figure(measures: Mapping[str, Sequence[OptionDistribution]], options: Sequence[str]) -> Figure:
    """Draw the options of the prompt with the largest distortion, and the distortion of all prompts by kind."""
    worst = max(next(iter(measures.values())), key=lambda one: one.distortion)
    order = np.argsort(-worst.exact)[:12]
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.8), constrained_layout=True)
    left.bar(np.arange(12) - 0.2, worst.exact[order], 0.4, label="given that it is valid")
    left.bar(np.arange(12) + 0.2, worst.masked[order], 0.4, label="token by token under the mask")
    left.set_xticks(range(12), [options[i] for i in order], rotation=60, ha="right")
    left.set(xlabel="option", ylabel="probability")
    right.boxplot([[one.distortion for one in found] for found in measures.values()], whis=(0, 100))
    right.set_xticks(range(1, len(measures) + 1), [name.replace(", ", "\n") for name in measures], fontsize=8)
    right.set(xlabel="model and options", ylabel="total variation (0 to 1)")
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper left", ncols=2, fontsize=8)
    return figure


def format_steps_figure(
    curves: Mapping[str, tuple[Sequence[int], Sequence[Interval]]], findings: Mapping[str, Any], prompted: str
) -> Figure:
    """Draw what finetuning for a format has reached after so many steps, for a model of the world and for SmolLM2.

    Args:
        curves: the world's model: what is measured -> steps, and means with their intervals.
        findings: of the record about SmolLM2: steps, and shares by way.
        prompted: the way that is the prompt, drawn as a level.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.9), sharey=True, constrained_layout=True)
    for (label, (steps, found)), style in zip(curves.items(), ("-", "--", ":"), strict=False):
        interval_line(left, [max(step, 3) for step in steps], found, linestyle=style, label=label)
    steps = findings["steps"]
    for number, (key, label) in enumerate({"valid": "valid", "fields": "right fields"}.items()):
        by_steps = [recorded_interval(findings["shares"][f"{n} steps"][key], findings["notes"]) for n in steps]
        interval_line(right, steps, by_steps, color=COLOURS[number], linestyle=("-", "--")[number])
        level = findings["shares"][prompted][key][0]
        right.axhline(level, color=COLOURS[number], linestyle=":", label=f"{label}, three examples")
    for axes, title, ticks in ((left, "world model", curves["valid"][0]), (right, "SmolLM2", steps)):
        axes.set(xscale="log", title=title, xlabel="finetuning steps", ylabel="share", ylim=(-0.03, 1.05))
        places = [max(step, 3) for step in ticks]
        label_ticks(axes, x=places)
        axes.set_xticks(places, [f"{step:,}" for step in ticks])
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper left", ncols=3, fontsize=8)
    figure.legend(*right.get_legend_handles_labels(), loc="outside upper right", ncols=2, fontsize=8)
    return figure


def prompts_figure(findings: Mapping[str, Any], live_valid: Sequence[float]) -> Figure:
    """Draw what SmolLM2 writes from a prompt with none and with three examples; diamonds: valid outputs, live."""
    figure, axes = plt.subplots(constrained_layout=True)
    shares, n = findings["shares"], findings["notes"]
    keys = {"JSON": "json", "valid": "valid", "right fields": "fields"}
    interval_bars(axes, list(shares), {label: intervals(shares, key, n) for label, key in keys.items()})
    axes.plot(range(len(live_valid)), live_valid, "D", color=COLOURS[7], label="valid, live run")
    axes.set(xlabel="worked examples in the prompt", ylabel="share of records", ylim=(0, 1.05))
    figure.legend(loc="outside upper center", ncols=4)
    return figure


def notations_figure(counts: Mapping[tuple[str, str], np.ndarray]) -> Figure:
    """Draw mean tokens of a record by vocabulary and notation; `counts` holds those of each record."""
    vocabularies, forms = (list(dict.fromkeys(names)) for names in zip(*counts, strict=True))
    figure, axes = plt.subplots(constrained_layout=True)
    width = 0.78 / len(vocabularies)
    for place, vocabulary in enumerate(vocabularies):
        middles = np.arange(len(forms)) + width * (place - (len(vocabularies) - 1) / 2)
        axes.bar(middles, [counts[vocabulary, form].mean() for form in forms], width, label=vocabulary)
    axes.set_xticks(range(len(forms)), forms)
    axes.set(xlabel="how the record is written", ylabel="tokens per record (mean)")
    figure.legend(loc="outside upper center", ncols=len(vocabularies))
    return figure


def times_figure(times: Mapping[str, np.ndarray]) -> Figure:
    """Draw the milliseconds of every token, a stroke each, by what was timed, with a dot at the median."""
    figure, axes = plt.subplots(constrained_layout=True)
    for place, values in enumerate(times.values()):
        axes.plot(values, [place] * len(values), "|", color=COLOURS[place], markersize=14)
        axes.plot([np.median(values)], [place], "o", color=COLOURS[7])
    axes.set_yticks(range(len(times)), list(times))
    axes.set(xscale="log", xlabel="milliseconds per token", ylabel="what is timed")
    return figure


def approaches_figure(by_model: Mapping[str, Mapping[str, Approach]]) -> Figure:
    """Draw valid, correct and right fields of each approach, a panel for each model."""
    figure, panels = plt.subplots(1, len(by_model), figsize=(10, 3.8), sharey=True, constrained_layout=True)
    for axes, (title, approaches) in zip(panels, by_model.items(), strict=True):
        series = {
            "valid": [share(one.valid) for one in approaches.values()],
            "correct": [share(one.correct) for one in approaches.values()],
            "right fields": [share(one.accuracy) for one in approaches.values()],
        }
        interval_bars(axes, list(approaches), series, rotation=35, ha="right")
        axes.set(title=title, xlabel="approach", ylabel="share of records")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=3, fontsize=8)
    return figure


def cut_figure(mode: Mapping[str, Any], masked: Approach, longest: int) -> Figure:
    """Draw how many outputs parse when a part of the run's limit cuts them.

    Args:
        mode: findings of JSON mode.
        masked: what the schema's mask wrote, live.
        longest: limit of the live run in tokens.
    """
    figure, axes = plt.subplots(constrained_layout=True)
    parts = np.array(mode["parts of the limit"])
    axes.plot(parts, mode["whole"], marker="o", label="JSON mode, recorded")
    lengths = np.array([one.tokens if one.finished else np.inf for one in masked.outputs])
    within = [np.mean(lengths <= part * longest) for part in parts]
    axes.plot(parts, within, "--", marker=".", label="schema's mask, live")
    axes.set(xlabel="most new tokens (share of the run's limit)", ylabel="share of outputs that parse")
    axes.set_ylim(0, 1.03)
    figure.legend(loc="outside upper center", ncols=2)
    return figure


def classes_figure(accuracies: Mapping[str, Interval], guessing: float) -> Figure:
    """Draw the accuracy of each model and method beside that of guessing."""
    figure, axes = plt.subplots(constrained_layout=True)
    interval_bars(axes, list(accuracies), {"accuracy, 95% interval": list(accuracies.values())})
    axes.axhline(guessing, color=COLOURS[7], linestyle=":", label="guessing")
    axes.set(xlabel="model and method", ylabel="accuracy (share of notes)", ylim=(0, 1.08))
    figure.legend(loc="outside upper center", ncols=2)
    return figure


def queries_figure(results: Mapping[tuple[str, str], tuple[Mapping[str, Interval], Any, Any]]) -> Figure:
    """Draw what runs, has the gold text and gives the gold result, a panel for SQL and one for regular expressions."""
    figure, panels = plt.subplots(1, 2, figsize=(9.5, 3.8), sharey=True, constrained_layout=True)
    for axes, kind in zip(panels, ("SQL", "regex"), strict=True):
        series = {how: list(found[0].values()) for (of_kind, how), found in results.items() if of_kind == kind}
        interval_bars(axes, ["runs", "same text\nas gold", "same result"], series)
        axes.set(title=kind, xlabel="how it is judged", ylabel="share of questions")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=4, fontsize=8)
    return figure
