"""What many figures of the notebooks have: means with their intervals, and axes on which every value has its label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from utils.evaluation.intervals import Interval
from utils.notebook.figures import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def interval_line(axes: Axes, x: Sequence[float], points: Sequence[Interval], **style: Any) -> None:
    """Draw means with their intervals as error bars, joined by a line.

    Args:
        axes: where to draw.
        x: one place for each point.
        points: means with their intervals.
        style: passed on to `errorbar` (label, marker, color ...).
    """
    means = [point.mean for point in points]
    below = [point.mean - point.low for point in points]
    above = [point.high - point.mean for point in points]
    axes.errorbar(x, means, [below, above], **{"marker": "o", "capsize": 3, **style})


def points_by_seed(axes: Axes, values: Mapping[str, Sequence[float]], **style: Any) -> None:
    """Draw one column of points for each name, one point for each seed.

    Args:
        axes: where to draw.
        values: for each name below the axis the values of its seeds.
        style: passed on to the names (rotation, fontsize, ha ...).
    """
    for place, points in enumerate(values.values()):
        axes.plot([place] * len(points), list(points), "o", color=COLOURS[place], alpha=0.7)
    axes.set_xticks(range(len(values)), list(values), **style)
    axes.margins(x=0.15)


def label_ticks(axes: Axes, x: Sequence[float] = (), y: Sequence[float] = ()) -> None:
    """Put a labelled tick at each of these values and nowhere else: a log axis may come with one label only.

    Draw first: the axes keep their limits, and values outside them get no tick.
    """
    x_limits, y_limits = axes.get_xlim(), axes.get_ylim()
    for axis, values in ((axes.xaxis, x), (axes.yaxis, y)):
        if values:
            axis.set_ticks(list(values), [f"{value:,g}" for value in values])
            axis.set_ticks([], minor=True)
    axes.set(xlim=x_limits, ylim=y_limits)


def interval_bars(axes: Axes, groups: Sequence[str], series: Mapping[str, Sequence[Interval]], **style: Any) -> None:
    """Draw groups of bars side by side, each with its interval, and name the groups below.

    Args:
        axes: where to draw.
        groups: what stands below each group.
        series: for each label of the legend one mean with its interval a group.
        style: passed on to the names of the groups (rotation, fontsize, ha ...).
    """
    width = 0.8 / len(series)
    for number, (label, points) in enumerate(series.items()):
        middles = [place + width * (number - (len(series) - 1) / 2) for place in range(len(groups))]
        means = [point.mean for point in points]
        below = [max(point.mean - point.low, 0) for point in points]
        above = [max(point.high - point.mean, 0) for point in points]
        axes.bar(middles, means, width, label=label, color=COLOURS[number])
        axes.errorbar(middles, means, [below, above], fmt="none", color="black", capsize=2, linewidth=0.8)
    axes.set_xticks(range(len(groups)), list(groups), **style)
