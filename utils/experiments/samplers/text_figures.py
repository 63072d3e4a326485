"""Pictures of whole texts (rows 81 to 83): limits on tokens, sums against averages, beams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from utils.evaluation.intervals import mean_interval
from utils.notebook.drawing import interval_bars, label_ticks
from utils.notebook.figures import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from utils.experiments.samplers.world_texts import WrittenGroups

BEAM_MEASURES = {
    "average": "logprob per token (nats)",
    "true": "true documents (share)",
    "pairs": "different pairs of words (share)",
}


def limits_figure(
    limits: Sequence[int],
    tokens: Sequence[float],
    cut: Sequence[float],
    stop: tuple[float, float],
    parsed: Sequence[float],
) -> Figure:
    """Return what a limit costs and cuts, and how much JSON parses.

    Args:
        limits: in tokens.
        tokens: mean tokens paid for at each limit.
        cut: share of answers cut off at each limit.
        stop: tokens and share of a stop string.
        parsed: share of JSON that parses at each limit.
    """
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.2), constrained_layout=True)
    left.plot(tokens, cut, marker=".", label="limits")
    left.plot([stop[0]], [stop[1]], "*", markersize=12, label="stop string: first sentence")
    for limit, x, y in zip(limits, tokens, cut, strict=True):
        left.annotate(str(limit), (x, y), textcoords="offset points", xytext=(3, 4), fontsize=8)
    left.set(xlabel="tokens paid for (mean per question)", ylabel="answers cut off (share)")
    left.set(ylim=(-0.03, 1.1))
    left.legend(fontsize=8)
    right.plot(limits, parsed, marker=".")
    right.set(xlabel="limit (tokens)", ylabel="outputs that parse as JSON (share)", ylim=(-0.03, 1.1))
    return figure


def kept_figure(written: WrittenGroups, kept: Mapping[str, np.ndarray], kept_lengths: np.ndarray) -> Figure:
    """Return sums of logprobs against lengths, and how long is what is kept.

    Args:
        written: groups of documents.
        kept: by rule, the place of the kept document in each group (groups,).
        kept_lengths: mean tokens of what is kept (rules, seeds).
    """
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.0), constrained_layout=True)
    left.scatter(written.lengths.ravel(), written.sums.ravel(), s=6, alpha=0.5, label="a document")
    rows = np.arange(len(written.lengths))
    for name, marker in (("highest sum", "^"), ("highest average", "s")):
        place = (rows, kept[name])
        label = f"{name} of {written.lengths.shape[1]}"
        left.scatter(written.lengths[place], written.sums[place], s=24, marker=marker, label=label)
    left.set(xlabel="length (tokens, the end counted)", ylabel="sum of logprobs (nats)")
    left.legend(fontsize=8)
    means = [mean_interval(values.tolist()) for values in kept_lengths]
    interval_bars(right, list(kept), {"mean, 95% interval over seeds": means})
    right.set(xlabel=f"which of {written.lengths.shape[1]} documents is kept", ylabel="mean length (tokens)")
    return figure


def beam_figure(by_width: Mapping[int, Mapping[str, float]], drawn: Mapping[str, float]) -> Figure:
    """Return likelihood, truth and variety against the width of the beam, with drawing as a dashed line."""
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, 3, figsize=(8.6, 2.8), constrained_layout=True)
    for axes, (name, label) in zip(panels, BEAM_MEASURES.items(), strict=True):
        axes.plot(list(by_width), [found[name] for found in by_width.values()], marker="o", label="beam")
        axes.axhline(drawn[name], linestyle="--", color=COLOURS[1], label="drawn")
        axes.set(xscale="log", xlabel="beam width", ylabel=label)
        axes.set_ylim((None, 0) if name == "average" else (0, 1.02))
        label_ticks(axes, x=list(by_width))
    panels[0].legend()
    return figure
