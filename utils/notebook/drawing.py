"""What many figures of the notebooks have: means with their intervals, and axes on which every value has its label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from utils.evaluation.intervals import Interval

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
