"""Pictures of single tokens and their samplers (rows 75 to 80): probabilities, temperature, underflow, filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from utils.notebook.drawing import label_ticks
from utils.notebook.figures import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def likeliest_figure(tokens: Sequence[str], probabilities: Sequence[float], after: str) -> Figure:
    """Return bars of the likeliest next tokens, the likeliest on top."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 3.2))
    axes.barh(list(tokens), list(probabilities))
    axes.invert_yaxis()
    axes.set(xlabel="probability", ylabel=f'token after "{after}"')
    return figure


def temperature_figure(
    of_b: Callable[[float], float],
    temperatures: Sequence[float],
    shares: Mapping[str, Sequence[float]],
    of_world: float,
) -> Figure:
    """Return two tokens' probabilities, and shares of documents, against the temperature.

    Args:
        of_b: temperature -> probability of the likelier token.
        temperatures: at which documents were written.
        shares: by name, a share of documents at each of these.
        of_world: share of different documents among those of the world itself.
    """
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.2), constrained_layout=True)
    grid = np.concatenate([np.linspace(0.02, 0.1, 9), np.linspace(0.15, 2, 38)])
    likelier = np.array([of_b(float(temperature)) for temperature in grid])
    left.plot(grid, likelier, label="B (logit 2)")
    left.plot(grid, 1 - likelier, "--", label="A (logit 1)")
    left.set(xlabel="temperature", ylabel="probability", ylim=(0, 1.02))
    left.legend()
    for (name, values), style in zip(shares.items(), ("-", "--", ":"), strict=True):
        right.plot(temperatures, values, style, marker=".", label=name)
    right.axhline(of_world, color="black", linewidth=0.8)
    right.text(2, of_world + 0.02, "line: the world's own, all true", ha="right", fontsize=8)
    right.set(xlabel="temperature", ylabel="share of documents", xlim=(0, 2.1), ylim=(0, 1.12))
    right.legend(loc="lower left")
    return figure


def underflow_figure(products: Mapping[torch.dtype, Sequence[float]], sums: Sequence[float]) -> Figure:
    """Return the probability of a growing text in several formats.

    Args:
        products: for each format the product of the first 1, 2, ... token probabilities, 0 where it underflows.
        sums: the sums of the first log-probabilities, in nats.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 3.2))
    places = np.arange(1, len(sums) + 1)
    axes.plot(places, np.array(sums) / np.log(10), linewidth=5, alpha=0.35, label="sum of logs, float16")
    for (kind, found), style in zip(products.items(), ("o", "--", "-"), strict=True):
        alive = sum(value > 0 for value in found)
        name, ends = str(kind).removeprefix("torch."), alive < len(found)
        label = f"product, {name}: 0 from token {alive + 1} on" if ends else f"product, {name}"
        axes.plot(places[:alive], np.log10(found[:alive]), style, label=label)
        if not ends:
            continue
        if alive:
            axes.plot(alive, np.log10(found[alive - 1]), "X", color="black", markersize=9)
        least = np.log10(torch.finfo(kind).tiny * torch.finfo(kind).eps)
        axes.axhline(least, color="black", linewidth=0.8, linestyle=":")
        axes.text(len(sums), least, f"smallest number in {name}", ha="right", va="bottom", fontsize=8)
    axes.set(xlabel="tokens multiplied", ylabel="log10 of the probability of the text")
    axes.legend(loc="lower left", fontsize=8)
    return figure


def top_k_figure(ks: Sequence[int], shares: Mapping[str, Sequence[float]], times: Mapping[str, float]) -> Figure:
    """Return shares by k, and times in milliseconds on a logarithmic axis."""
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.2), constrained_layout=True)
    for (name, values), style in zip(shares.items(), ("-", "--"), strict=True):
        left.plot(ks, values, style, marker=".", label=name)
    left.set(xscale="log", xlabel="k (tokens; the last: no filter)", ylabel="share", ylim=(0, 1.02))
    label_ticks(left, x=[1, 3, 10, 50, 200, ks[-1]])
    left.legend()
    right.plot(list(times.values()), list(times), "o")
    right.set(xscale="log", xlim=(0.3, 3000), xlabel="time for 32 rows (ms)", ylabel="what is done")
    label_ticks(right, x=[1, 10, 100, 1000])
    right.invert_yaxis()
    return figure


def nucleus_figure(sizes: Mapping[str, np.ndarray]) -> Figure:
    """Return one dot for each size of a nucleus, a row for each kind of place, and the median of each."""
    import matplotlib.pyplot as plt

    scatter = np.random.default_rng(0)
    figure, axes = plt.subplots(figsize=(7, 2.8))
    for place, (found, colour) in enumerate(zip(sizes.values(), COLOURS, strict=False)):
        axes.scatter(found, place + scatter.uniform(-0.2, 0.2, len(found)), color=colour, s=14)
        axes.plot([np.median(found)] * 2, [place - 0.35, place + 0.35], color="black")
    axes.set_yticks(range(len(sizes)), [name.replace(" ", "\n", 1) for name in sizes])
    axes.set(xscale="log", xlabel="size of the nucleus at p = 0.9 (tokens)", ylabel="where")
    label_ticks(axes, x=[1, 10, 100, 1000])
    return figure


def truth_and_variety_figure(curves: Mapping[str, Mapping[str, tuple[Sequence[float], Sequence[float]]]]) -> Figure:
    """Return truth against variety, a panel for each title, with a line for each filter: its variety and its truth."""
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, len(curves), figsize=(8.4, 3.2), sharey=True, constrained_layout=True)
    for axes, (title, lines) in zip(panels, curves.items(), strict=True):
        for (name, (variety, truth)), style in zip(lines.items(), ("-", "--"), strict=True):
            axes.plot(variety, truth, style, marker="o", label=name)
        axes.set(xlabel="different pairs of words (share)", title=title)
        axes.set(ylabel="true documents (share)", xlim=(0, 0.7), ylim=(0, 1.05))
    panels[0].legend(loc="lower left")
    return figure
