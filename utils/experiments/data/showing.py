"""What notebook 01 prints and draws of its recorded runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from utils.evaluation.intervals import Interval, mean_interval
from utils.experiments.data.asking_recipe import SHORT
from utils.experiments.data.questions import ASKED_IN
from utils.experiments.data.tiny_jobs import DOMAINS, bits_of
from utils.experiments.recording.design import Run
from utils.notebook import COLOURS
from utils.notebook.drawing import label_ticks, points_by_seed


def draw_answers(found: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Return a bar for each language's share of right answers, and one for that of answers that are cut short.

    Args:
        found: the findings of row 9's record.
    """
    figure, axes = plt.subplots(figsize=(7.5, 3.2))
    names = [name for name in ASKED_IN if name in found]
    broken = [name.replace(", ", ",\n") for name in names]
    labels = [f"{label}\n({found[name]['budget']} tokens)" for label, name in zip(broken, names, strict=True)]
    bars = (("right", "budget by language", COLOURS[0], ""), ("right at 12", "all cut at 12 tokens", COLOURS[1], "//"))
    for shift, (key, label, colour, hatch) in zip((-0.2, 0.2), bars, strict=True):
        places = [place + shift for place in range(len(names))]
        axes.bar(places, [found[name][key] for name in names], 0.38, label=label, color=colour, hatch=hatch)
    axes.set_xticks(range(len(names)), labels)
    axes.set(xlabel="language of the question", ylabel="right answers (share)", ylim=(0, 1))
    axes.legend()
    return figure


def print_answers(found: Mapping[str, Mapping[str, Any]]) -> None:
    """Print what the real model answered in each language: right, refused, in the language asked, and by kind.

    Args:
        found: the findings of row 9's record.
    """
    for name in (name for name in ASKED_IN if name in found):
        one = found[name]
        print(f"{name:21} right {one['right']:.2f} with {one['budget']} tokens,", end=" ")
        print(f"{one['right at 12']:.2f} had all been cut at {SHORT};", end=" ")
        print(f"refused {one['refused']:.2f}, in the language asked {one['own language']:.2f}")
        print(f"{'':21}", ", ".join(f"{kind} {share:.2f}" for kind, share in one["by kind"].items()))


def print_losses(runs: Sequence[Run]) -> None:
    """Print the loss of each condition of small models on each text, and those of tables of the same bytes."""
    for condition in dict.fromkeys(run.job.condition for run in runs):
        for name in runs[0].result["bits"]:
            pairs, triples = (np.mean(bits_of(runs, condition, name, table)) for table in ("pairs", "triples"))
            bits = bits_of(runs, condition, name)
            model = str(mean_interval(bits)) if len(bits) > 1 else f"{bits[0]:.2f}"
            print(f"{condition:16} on {name:8} {model}; table of pairs {pairs:.2f}, of triples {triples:.2f}")


def draw_losses(runs: Sequence[Run]) -> Figure:
    """Return a point for each seed of each condition's models, and a mark for the table of byte pairs."""
    (name,) = runs[0].result["bits"]
    conditions = list(dict.fromkeys(run.job.condition for run in runs))
    figure, axes = plt.subplots(figsize=(7, 3.2))
    points_by_seed(axes, {one.replace(", ", ",\n"): bits_of(runs, one, name) for one in conditions})
    for place, one in enumerate(conditions):
        table = float(np.mean(bits_of(runs, one, name, "pairs")))
        label = "table of byte pairs" if place == 0 else None
        axes.plot([place - 0.3, place + 0.3], [table, table], color="black", linestyle=":", label=label)
    axes.set(xlabel="training data (one point per seed)", ylabel="loss on clean text (bits per byte)", ylim=(0, None))
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def draw_domains(runs: Sequence[Run]) -> Figure:
    """Return a table of shades: the mean loss of each model on each domain, numbers in it, on a logarithmic scale."""
    trained_on = list(dict.fromkeys(run.job.condition for run in runs))
    table = np.array([[np.mean(bits_of(runs, one, name)) for name in DOMAINS] for one in trained_on])
    figure, axes = plt.subplots(figsize=(5.8, 3.2))
    image = axes.imshow(table, cmap="cividis_r", aspect="auto", norm="log")
    axes.grid(False)
    axes.set_xticks(range(len(DOMAINS)), DOMAINS)
    axes.set_yticks(range(len(trained_on)), trained_on)
    middle = float(np.sqrt(table.min() * table.max()))
    for (place, column), loss in np.ndenumerate(table):
        axes.text(column, place, f"{loss:.2f}", ha="center", va="center", color="white" if loss > middle else "black")
    axes.set(xlabel="measured on", ylabel="trained on")
    bar = figure.colorbar(image, label="loss (bits per byte, logarithmic)")
    bar.set_ticks([1, 2, 4, 8, 16], labels=["1", "2", "4", "8", "16"])
    bar.ax.minorticks_off()
    return figure


def draw_shares(rows: Sequence[Mapping[str, Any]]) -> Figure:
    """Return each language's share of Common Crawl, and of the world's eight billion people.

    Args:
        rows: with the entries language, share_percent and speakers_millions.
    """
    figure, axes = plt.subplots(figsize=(8, 4))
    listed = sorted(rows, key=lambda row: -row["share_percent"])
    names = [row["language"] for row in listed]
    of_people = [row["speakers_millions"] / 80 for row in listed]
    axes.plot(of_people, names, "o", color=COLOURS[1], label="of the world's people")
    axes.plot([row["share_percent"] for row in listed], names, "s", color=COLOURS[0], label="of Common Crawl")
    axes.axvline(1, color="black", linewidth=0.8, linestyle=":")
    axes.set(xscale="log", xlabel="share (%, logarithmic)", ylabel="language")
    label_ticks(axes, x=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30))
    axes.invert_yaxis()
    axes.legend(loc="lower right")
    return figure


def draw_votes(votes: Mapping[tuple[str, float, int], Interval], thresholds: Sequence[int]) -> Figure:
    """Return precision and recall of a filter by votes, for votes that follow quality and for votes that do not.

    Args:
        votes: (measure, agreement of votes with quality, threshold) -> its interval; agreements are 0.7 and 0.
        thresholds: votes needed.
    """
    figure, axes = plt.subplots()
    for agreement, meaning in ((0.7, "votes follow quality (0.7)"), (0.0, "control: votes say nothing")):
        for measure, colour, marker in (("precision", 0, "o"), ("recall", 1, "s")):
            means = [votes[measure, agreement, threshold].mean for threshold in thresholds]
            style: dict[str, Any] = {"linestyle": "-" if agreement else "--", "color": COLOURS[colour]}
            axes.plot(range(len(thresholds)), means, marker=marker, label=f"{measure}, {meaning}", **style)
    axes.set_xticks(range(len(thresholds)), [str(threshold) for threshold in thresholds])
    axes.set(xlabel="upvotes needed to be kept", ylabel="precision, recall (share)", ylim=(0, 1.02))
    axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    return figure
