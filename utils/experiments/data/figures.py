"""The figures of what notebook 01 measures itself: shares, ratios, premiums, filters, domains."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from utils.evaluation.intervals import Interval, mean_interval
from utils.notebook import COLOURS
from utils.notebook.drawing import interval_line, label_ticks


class Page(Protocol):
    """A page of a labelled collection."""

    @property
    def kind(self) -> str: ...

    @property
    def is_clean(self) -> bool: ...


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


def draw_ratios(ratios: Mapping[str, float]) -> Figure:
    """Return each language's share of people over its share of pages, the smallest first."""
    figure, axes = plt.subplots(figsize=(8, 4))
    ordered = sorted(ratios, key=lambda language: ratios[language])
    axes.plot([ratios[language] for language in ordered], ordered, "o", color=COLOURS[0])
    axes.axvline(1, color=COLOURS[3], linestyle="--", label="fair")
    axes.set(xscale="log", xlabel="share of people / share of pages (logarithmic)", ylabel="language")
    label_ticks(axes, x=(0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200))
    axes.legend()
    return figure


def draw_premiums(premiums: Mapping[str, Mapping[str, float]], names: Mapping[str, str], order_by: str) -> Figure:
    """Return each language's token premium in each vocabulary.

    Args:
        premiums: vocabulary -> language code -> premium over English.
        names: language code -> what stands at the axis.
        order_by: the vocabulary whose premiums order the languages.
    """
    figure, axes = plt.subplots(figsize=(8, 9))
    ordered = sorted(premiums[order_by], key=lambda code: premiums[order_by][code])
    shown = [names[code] for code in ordered]
    for (name, premium), marker in zip(premiums.items(), "vsoD^", strict=False):
        axes.plot([premium[code] for code in ordered], shown, marker, label=name, markersize=5)
    axes.axvline(1, color="black", linewidth=0.8, linestyle=":")
    axes.set(xscale="log", xlabel="tokens for the same messages, relative to English (logarithmic)", ylabel="language")
    label_ticks(axes, x=(1, 2, 3, 5, 10))
    axes.tick_params(axis="y", labelsize=8)
    axes.legend(loc="lower right")
    return figure


def draw_balance(premiums: Mapping[tuple[str, float], Sequence[float]]) -> Figure:
    """Return the premiums of Russian and Greek against the share of Russian in a tokenizer's training data.

    Args:
        premiums: (language code, share of Russian) -> one premium for each split.
    """
    figure, axes = plt.subplots()
    shares = sorted({share for _, share in premiums})
    labels = {"ru": "Russian (in the training data)", "el": "Greek (never in them)"}
    for (code, label), marker in zip(labels.items(), "os", strict=True):
        means = [mean_interval(premiums[code, share]) for share in shares]
        interval_line(axes, [100 * share for share in shares], means, marker=marker, label=label)
    axes.axhline(1, color="black", linewidth=0.8, linestyle=":")
    axes.set(xlabel="Russian in the training data (% of bytes)", ylabel="token premium over English", ylim=(0, None))
    axes.legend()
    return figure


def draw_kinds(pages: Sequence[Page], is_kept: Sequence[bool]) -> Figure:
    """Return the share of each kind of page that a filter keeps, clean kinds first."""
    figure, axes = plt.subplots(figsize=(8, 4))
    for is_clean, label, colour in ((True, "clean", COLOURS[0]), (False, "dirty", COLOURS[3])):
        kinds = sorted({page.kind for page in pages if page.is_clean == is_clean})
        shares = [
            100 * np.mean([kept for page, kept in zip(pages, is_kept, strict=True) if page.kind == kind])
            for kind in kinds
        ]
        axes.barh(kinds, shares, color=colour, label=label)
    axes.invert_yaxis()
    axes.set(xlabel="pages that are kept (%)", ylabel="kind of page", xlim=(0, 100))
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def draw_curves(
    bits: Mapping[tuple[str, float], Sequence[float]], curves: Mapping[str, Callable[[float], float]]
) -> Figure:
    """Return each language's loss against its share of the training data, a point for each seed, and fitted curves.

    Args:
        bits: (language, share) -> bits per document, one value for each seed.
        curves: language -> the curve through its points.
    """
    figure, axes = plt.subplots()
    grid = np.geomspace(min(share for _, share in bits), max(share for _, share in bits), 60)
    for (name, curve), marker, colour in zip(curves.items(), "os^", COLOURS, strict=False):
        points = [(100 * share, value) for (other, share), values in bits.items() if other == name for value in values]
        axes.plot(*zip(*points, strict=True), marker, color=colour, alpha=0.6, label=name)
        axes.plot(100 * grid, [curve(share) for share in grid], color=colour)
    axes.set(xscale="log", xlabel="share of the training data (%, logarithmic)", ylabel="loss (bits per document)")
    label_ticks(axes, x=(5, 10, 15, 20, 33, 50, 80))
    axes.legend()
    return figure


def draw_c4(rows: Sequence[Mapping[str, Any]]) -> Figure:
    """Return the domains of C4 by their share of its tokens.

    Args:
        rows: with the entries domain and share_percent.
    """
    figure, axes = plt.subplots(figsize=(8, 3.6))
    axes.barh([row["domain"] for row in rows], [row["share_percent"] for row in rows], color=COLOURS[0])
    axes.invert_yaxis()
    axes.set(xlabel="share of the categorised tokens of C4 (%)", ylabel="domain")
    return figure


def draw_gains(gains: Mapping[str, float]) -> Figure:
    """Return for each domain by how many points Open CLIP beats CLIP; gains and losses differ in colour."""
    figure, axes = plt.subplots(figsize=(8, 3.2))
    axes.barh(list(gains), list(gains.values()), color=[COLOURS[3 if gain < 0 else 0] for gain in gains.values()])
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set(xlabel="accuracy of Open CLIP less that of CLIP (percentage points)", ylabel="domain of the dataset")
    return figure
