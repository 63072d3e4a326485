"""What notebook 01 prints and draws of its recorded runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from utils.evaluation.intervals import mean_interval
from utils.experiments.data.asking_recipe import SHORT
from utils.experiments.data.questions import ASKED_IN
from utils.experiments.data.tiny_jobs import DOMAINS, LANGUAGES, MIXTURES, N_UNSEEN, bits_of, held_out_texts
from utils.experiments.recording.design import Run
from utils.experiments.recording.live import live_runs, said
from utils.experiments.recording.recipe import Recipe
from utils.experiments.recording.record import Record
from utils.notebook import COLOURS
from utils.notebook.budget import Budget
from utils.notebook.drawing import points_by_seed


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


def print_answers(record: Record, here: Sequence[Run]) -> None:
    """Print what the real model answered in each language: right, refused, in the language asked, and by kind.

    Args:
        record: of row 9.
        here: runs of the same recipe on this machine; the first answer of each is shown.
    """
    print(f"{said(record)}; below, where asked here: which answers are right, and the first")
    found, own = record.findings, {run.job.name: run.result for run in here}
    for name in (name for name in ASKED_IN if name in found):
        one = found[name]
        print(f"{name:21} right {one['right']:.2f} with {one['budget']} tokens,", end=" ")
        print(f"{one['right at 12']:.2f} had all been cut at {SHORT};", end=" ")
        print(f"refused {one['refused']:.2f}, in the language asked {one['own language']:.2f}")
        print(f"{'':21}", ", ".join(f"{kind} {share:.2f}" for kind, share in one["by kind"].items()))
        if name in own:
            print(f"{'':21} here {own[name]['right']}: {own[name]['shown'][0]!r}")


def losses_here(recipe: Recipe, budget: Budget) -> list[Run]:
    """Return the small runs of row 6, 7 or 14 on this machine; at the smoke budget one model on 2,000 bytes."""
    (stage,) = recipe.stages_of("live")
    first = replace(stage.jobs({})[0], n_bytes=2_000)
    return live_runs(recipe, budget.workers, budget.pick(smoke=[first], cpu=None))


def print_losses(record: Record, here: Sequence[Run]) -> None:
    """Print the loss of small models on each text, recorded and here, each beside tables of the same bytes."""
    runs = record.results["runs"]
    print(f"{said(record)}, and beside them runs here on {here[0].job.n_bytes:,} bytes;")
    print("loss in bits per byte of unseen text, in brackets that of a table of byte pairs and of triples")
    behind, rows = 0, 0
    for condition in dict.fromkeys(run.job.condition for run in runs):
        for name in runs[0].result["bits"]:
            bits = bits_of(runs, condition, name)
            pairs, triples = (np.mean(bits_of(runs, condition, name, table)) for table in ("pairs", "triples"))
            rows, behind = rows + 1, behind + bool(np.mean(bits) > triples)
            row = f"{condition:16} on {name:8} {mean_interval(bits)!s:28} ({pairs:5.2f}, {triples:5.2f})"
            if any(run.job.condition == condition for run in here):
                found = (np.mean(bits_of(here, condition, name, key)) for key in ("bits", "pairs", "triples"))
                row += "   here {:.2f} ({:.2f}, {:.2f})".format(*found)
            print(row)
    print(f"recorded models that are behind a table of triples: {behind} of {rows}")


def document_bits(runs: Sequence[Run]) -> dict[tuple[str, float], np.ndarray]:
    """Return for each language and share of the data the loss in bits per document, one value for each seed.

    Documents say the same in each language, in more bytes or fewer: so bits per document compare, per byte not.

    Args:
        runs: of row 7.
    """
    unseen = held_out_texts("languages")
    return {
        (name, share): len(unseen[name].encode()) / N_UNSEEN * np.array(bits_of(runs, mixture, name))
        for mixture, shares in MIXTURES.items()
        for name, share in zip(LANGUAGES, shares, strict=True)
    }


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
