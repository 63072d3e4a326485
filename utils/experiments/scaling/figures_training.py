"""Pictures of rows 40 to 46: little text, text read again, counted steps, utilisation, and a strong prior."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from utils.evaluation.intervals import Interval, mean_interval
from utils.experiments.scaling.little_text import LittleTextRun
from utils.experiments.scaling.prior_recipe import JUDGED, RUMOURS, SEEDS
from utils.experiments.scaling.runs import scaling_world
from utils.experiments.scaling.showing import as_interval
from utils.experiments.scaling.throughput import Throughput
from utils.notebook.drawing import interval_line, label_ticks
from utils.notebook.figures import COLOURS
from utils.training.data_limits import MUENNIGHOFF_EPOCHS, effective_tokens
from utils.training.step_flops import StepFlops

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def little_text_figure(runs: Mapping[tuple[str, int], Sequence[LittleTextRun]]) -> Figure:
    """Return the loss on unseen text (nats per token) against the tokens trained on, each run at its best moment.

    Args:
        runs: by "small" or "large" and number of documents, one run a seed.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6.5, 3.4))
    for size, marker in (("small", "o"), ("large", "s")):
        mine = [found for (name, _), found in runs.items() if name == size]
        points = [mean_interval([run.best for run in found]) for found in mine]
        label = f"{size}, {mine[0][0].n_params:,} parameters"
        interval_line(axes, [found[0].tokens for found in mine], points, label=label, marker=marker)
    guess = math.log(len(scaling_world().vocabulary))
    axes.axhline(guess, color="black", linestyle=":", label="guessing")
    axes.set_xscale("log")
    label_ticks(axes, x=[10, 100, 1000, 10_000, 100_000])
    axes.set(xlabel="different tokens trained on", ylabel="loss on unseen text (nats per token)")
    axes.legend()
    return figure


def repetition_figure(
    losses: Sequence[Mapping[str, Any]], worth: Mapping[int, Interval], lasting_epochs: float
) -> Figure:
    """Return the loss on new and on repeated text, and what a token is worth by epochs.

    Args:
        losses: of the record: width, unique tokens, epochs and loss (nats per token) of each point.
        worth: by epochs, how many new tokens one is worth.
        lasting_epochs: the fitted R*.
    """
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(8.2, 3.1), constrained_layout=True)
    widest = max(entry["width"] for entry in losses)
    entries = [entry for entry in losses if entry["width"] == widest]
    fresh = [entry for entry in entries if entry["epochs"] == 1]
    left.plot([e["unique"] for e in fresh], [e["loss"] for e in fresh], "o-", label="new text")
    for unique, style in ((25_000, "s--"), (50_000, "^:")):
        mine = [entry for entry in entries if entry["unique"] == unique]
        read = [entry["unique"] * entry["epochs"] for entry in mine]
        left.plot(read, [e["loss"] for e in mine], style, label=f"{unique:,} tokens, again and again")
    left.set_xscale("log")
    label_ticks(left, x=[25_000, 50_000, 100_000, 200_000, 400_000])
    left.tick_params(axis="x", rotation=30)
    left.set(xlabel="tokens read", ylabel="loss on unseen text (nats per token)")
    left.legend(fontsize=8)
    interval_line(right, list(worth), list(worth.values()), label="measured", linestyle="none")
    passes = np.linspace(1, 16, 60)
    for value, style, label in ((lasting_epochs, "-", "fit"), (MUENNIGHOFF_EPOCHS, "--", "Muennighoff et al.")):
        curve = [effective_tokens(1.0, e, value) / e for e in passes]
        right.plot(passes, curve, style, label=label)
    right.set(xlabel="epochs", ylabel="worth of a token (new tokens)", ylim=(0, 1.05))
    right.legend()
    return figure


def counted_figure(counted: Mapping[str, StepFlops]) -> Figure:
    """Return for each model the operations counted over 6 N D, divided into blocks, output and attention."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7.5, 0.45 * len(counted) + 1.3))
    left_end = np.zeros(len(counted))
    for part, hatch in (("blocks", None), ("output", "//"), ("attention", "..")):
        widths = np.array([getattr(step, part) / step.rule for step in counted.values()])
        axes.barh(list(counted), widths, left=left_end, label=part, hatch=hatch)
        left_end += widths
    axes.axvline(1, color="black", linestyle=":")
    axes.set(xlabel="operations counted / 6 N D", ylabel="model and context")
    axes.invert_yaxis()
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def utilization_figure(reached: Sequence[Throughput]) -> Figure:
    """Return the utilisation against the parameters, with the band from 50% to 70%."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6, 3.2))
    interval_line(axes, [found.n_params for found in reached], [found.utilization for found in reached])
    axes.axhspan(0.5, 0.7, alpha=0.2, color="grey", label="what the chapter calls good")
    axes.set_xscale("log")
    axes.set(xlabel="parameters", ylabel="utilisation", ylim=(0, 1))
    axes.legend()
    return figure


def prior_figure(prior: Mapping[str, Any]) -> Figure:
    """Return the loss of the named town (nats) and the answers about known people against the size of the model.

    Args:
        prior: findings of the record of row 46.
    """
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, 2, figsize=(9, 3.4))
    names = {"people": "people that the text knows", "strangers": "strangers"}
    for rumours in RUMOURS:
        style = {"linestyle": "-" if rumours == JUDGED else "--"}
        told = "half of the hearsay contradicted" if rumours == JUDGED else "none contradicted"
        for colour, (task, name) in zip(COLOURS, names.items(), strict=False):
            points = [as_interval(ends, SEEDS) for ends in prior[str(rumours)][task]["loss"]]
            label = f"{name}, {told}"
            interval_line(panels[0], prior["parameters"], points, label=label, color=colour, **style)
    for colour, (key, name) in zip(COLOURS[2:], {"named": "named", "home": "true"}.items(), strict=False):
        points = [as_interval(ends, SEEDS) for ends in prior[str(JUDGED)]["people"][key]]
        interval_line(panels[1], prior["parameters"], points, label=f"the {name} town", color=colour)
    panels[0].set(ylabel="loss of the named town (nats)", title="the task", ylim=(0, 13))
    panels[1].set(ylabel="share of answers", ylim=(0, 1), title="answers about known people")
    for axes in panels:
        axes.set(xscale="log", xlabel="parameters")
        label_ticks(axes, x=[2_500, 10_000, 40_000])
        axes.legend(fontsize=7)
    figure.tight_layout()
    return figure
