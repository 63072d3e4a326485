"""Pictures of rows 55 to 57, each of the findings of its record: generations of models, canaries, lost sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from utils.experiments.scaling import canaries_recipe, generations_recipe, sources_recipe
from utils.experiments.scaling.canaries import STAGES
from utils.experiments.scaling.generations import TEXTS
from utils.experiments.scaling.lost_sources import SELECTIONS
from utils.experiments.scaling.showing import as_interval
from utils.experiments.scaling.sources_recipe import LOST, WORSTS
from utils.notebook.drawing import interval_bars, interval_line
from utils.notebook.figures import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def generations_figure(chains: Mapping[str, Any]) -> Figure:
    """Return three measures over the generations of models, with and without fresh text."""
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, 3, figsize=(10, 3.3))
    measures = {
        "tail": "probability of the tail (world: 1)",
        "true": "probability of true texts (world: 1)",
        "excess": "KL from the world (nats per text)",
    }
    for axes, (key, label) in zip(panels, measures.items(), strict=True):
        for colour, text in zip(COLOURS, TEXTS, strict=False):
            points = [as_interval(ends, generations_recipe.SEEDS) for ends in chains[text][key]]
            interval_line(axes, range(1, len(points) + 1), points, label=text, color=colour)
        axes.set(xlabel="generation", ylabel=label, xticks=range(1, len(points) + 1))
        axes.set_ylim(bottom=0)
    panels[0].legend(fontsize=8)
    figure.tight_layout()
    return figure


def canaries_figure(canaries: Mapping[str, Any]) -> Figure:
    """Return exposure (bits) and extraction of planted numbers by how often they were planted, at each stage."""
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, 2, figsize=(9, 3.5))
    places = range(len(canaries["repetitions"]))
    for colour, stage in zip(COLOURS, STAGES, strict=False):
        style = {"color": colour, "linestyle": "--" if "twice" in stage else "-", "label": stage}
        for axes, key in zip(panels, ("exposure", "extracted"), strict=True):
            points = [as_interval(ends, canaries_recipe.SEEDS) for ends in canaries[key][stage]]
            interval_line(axes, places, points, **style)
    panels[0].axhline(1.44, color="black", linestyle=":", label="random rank")
    panels[0].set(ylabel="exposure (bits of 10)")
    panels[1].set(ylabel="share whose number is the first guess", ylim=(-0.03, 1.03))
    for axes in panels:
        axes.set(xlabel="times that the number was planted")
        axes.set_xticks(places, canaries["repetitions"])
    panels[0].legend(fontsize=7)
    figure.tight_layout()
    return figure


def sources_figure(sources: Mapping[str, Any]) -> Figure:
    """Return how much the loss (nats per token) rises when the best or random sources are lost, by crawl."""
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, len(WORSTS), figsize=(7.2, 3.0), sharey=True)
    for axes, worst in zip(panels, WORSTS, strict=True):
        excess = sources["excess"][str(worst)]
        bars = {
            f"{how} sources lost": [as_interval(excess[how][str(lost)], sources_recipe.SEEDS) for lost in LOST]
            for how in SELECTIONS
        }
        interval_bars(axes, [f"{lost:.0%}" for lost in LOST], bars)
        axes.axhline(0, color="black", linewidth=0.8)
        axes.set(xlabel="share of the sources lost", title=f"worst source: {worst:.0%} of words wrong")
    panels[0].set(ylabel="loss on good text, above that\nwith all sources (nats per token)")
    panels[1].set(ylabel="the same")
    panels[0].legend(fontsize=8)
    figure.tight_layout()
    return figure
