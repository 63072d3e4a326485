"""Pictures that follow a slider: curves and bars as SVG and HTML, drawn in under a millisecond.

A picture takes the page's own text colour, so that it reads in a light and in a dark theme, shrinks with a narrow
window, and carries a description for screen readers.
"""

from __future__ import annotations

import base64
import html
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from utils.notebook.figures import COLOURS

_WIDTH, _HEIGHT = 560, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 24, 12, 46
_DASHES = ("", "7 4", "2 3", "9 3 2 3")


@dataclass(frozen=True)
class Curve:
    """A line, or the area between it and another.

    Attributes:
        label: its name in the legend.
        x, y: places along it; infinite and missing values are left out.
        top: upper edge of an area whose lower edge is y; empty for a line.
        dot: a place (x, y) on it that is marked.
    """

    label: str
    x: Sequence[float]
    y: Sequence[float]
    top: Sequence[float] = ()
    dot: tuple[float, float] | None = None


@dataclass(frozen=True)
class Scale:
    """An axis: its label with the unit, its range, and whether it is logarithmic.

    Raises:
        ValueError: the range is empty, or reaches 0 on a logarithmic axis.
    """

    label: str
    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ValueError(f"the range of {self.label!r} must go from low to high, not {self.low} to {self.high}")
        if self.log and self.low <= 0:
            raise ValueError(f"low must be above 0 on the logarithmic axis {self.label!r}, not {self.low}")

    def place(self, value: float) -> float:
        """Return where a value lies: 0 at the low end, 1 at the high end; values outside stay at the edge."""
        value = min(max(value, self.low), self.high)
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        """Return three to seven round values within the range."""
        if self.log:
            first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
            if last - first >= 2:
                step = max(1, math.ceil((last - first) / 6))
                return [10.0**power for power in range(first, last + 1, step)]
            powers = range(math.floor(math.log10(self.low)), last + 1)
            return [m * 10.0**p for p in powers for m in (1, 2, 5) if self.low <= m * 10.0**p <= self.high]
        rough = (self.high - self.low) / 5
        size = 10.0 ** math.floor(math.log10(rough))
        gap = next(size * m for m in (1, 2, 2.5, 5, 10) if size * m >= rough)
        return [gap * n for n in range(math.ceil(self.low / gap - 1e-9), math.floor(self.high / gap + 1e-9) + 1)]


def tick_text(value: float) -> str:
    """Return a short label: numbers from a million on as 1e9, others with their digits; years have no comma."""
    if value and not 1e-4 <= abs(value) < 1e6:
        return f"{value:.0e}".replace("e+0", "e").replace("e+", "e").replace("e-0", "e-")
    return f"{value:,.6g}" if abs(value) >= 10_000 else f"{value:.6g}"


def curves_svg(curves: Sequence[Curve], x: Scale, y: Scale, description: str) -> str:
    """Return lines and areas over labelled axes, with a legend below.

    Args:
        curves: at most seven.
        x, y: the axes.
        description: what a screen reader says of the picture.

    Raises:
        ValueError: there are no curves, or more than there are colours; or the description is empty.
    """
    if not 0 < len(curves) < len(COLOURS):
        raise ValueError(f"curves has {len(curves)} entries: between 1 and {len(COLOURS) - 1} can be told apart")
    if not description.strip():
        raise ValueError("description is empty: say in a sentence what the picture shows")

    def across(value: float) -> float:
        return _LEFT + x.place(value) * (_WIDTH - _LEFT - _RIGHT)

    def down(value: float) -> float:
        return _HEIGHT - _BOTTOM - y.place(value) * (_HEIGHT - _TOP - _BOTTOM)

    def path(xs: Sequence[float], ys: Sequence[float]) -> str:
        pairs = [(a, b) for a, b in zip(xs, ys, strict=True) if math.isfinite(a) and math.isfinite(b)]
        return " ".join(f"{across(a):.1f},{down(b):.1f}" for a, b in pairs)

    parts = [_axes(x, y, across, down)]
    for number, curve in enumerate(curves):
        colour, dash = COLOURS[number], _DASHES[number % len(_DASHES)]
        if len(curve.top):
            edge = path([*curve.x, *reversed(curve.x)], [*curve.y, *reversed(curve.top)])
            parts.append(
                f'<polygon points="{edge}" fill="{colour}" fill-opacity="0.35" stroke="{colour}" '
                f'stroke-width="1.5" stroke-dasharray="{dash}"/>'
            )
        else:
            parts.append(
                f'<polyline points="{path(curve.x, curve.y)}" fill="none" stroke="{colour}" stroke-width="2.5" '
                f'stroke-dasharray="{dash}"/>'
            )
        if curve.dot is not None:
            parts.append(
                f'<circle cx="{across(curve.dot[0]):.1f}" cy="{down(curve.dot[1]):.1f}" r="6" fill="{colour}" '
                'stroke="currentColor" stroke-width="1.5"/>'
            )
    height = _HEIGHT + 20 * math.ceil(len(curves) / 2)
    parts.append(_legend([curve.label for curve in curves]))
    return (
        f'<svg class="course-picture" role="img" aria-label="{html.escape(description)}" '
        f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'style="display:block;width:100%;max-width:{_WIDTH}px;height:auto" '
        f'font-family="sans-serif" font-size="13" fill="currentColor">{"".join(parts)}</svg>'
    )


def _axes(x: Scale, y: Scale, across: Callable[[float], float], down: Callable[[float], float]) -> str:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    parts = [
        f'<path d="M{_LEFT} {_TOP}V{bottom}H{right}" fill="none" stroke="currentColor" stroke-opacity="0.7"/>',
        f'<text x="{(_LEFT + right) / 2}" y="{_HEIGHT - 8}" text-anchor="middle">{html.escape(x.label)}</text>',
        f'<text transform="translate(14 {(_TOP + bottom) / 2}) rotate(-90)" text-anchor="middle">'
        f"{html.escape(y.label)}</text>",
    ]
    for value in x.ticks():
        parts.append(
            f'<path d="M{across(value):.1f} {bottom}v5" stroke="currentColor"/>'
            f'<text x="{across(value):.1f}" y="{bottom + 19}" text-anchor="middle">{tick_text(value)}</text>'
        )
    for value in y.ticks():
        parts.append(
            f'<path d="M{_LEFT} {down(value):.1f}H{right}" stroke="currentColor" stroke-opacity="0.15"/>'
            f'<text x="{_LEFT - 6}" y="{down(value) + 4:.1f}" text-anchor="end">{tick_text(value)}</text>'
        )
    return "".join(parts)


def _legend(labels: Sequence[str]) -> str:
    parts = []
    for number, label in enumerate(labels):
        left, top = _LEFT + 245 * (number % 2), _HEIGHT + 12 + 20 * (number // 2)
        parts.append(
            f'<path d="M{left} {top - 4}h26" stroke="{COLOURS[number]}" stroke-width="3" '
            f'stroke-dasharray="{_DASHES[number % len(_DASHES)]}"/>'
            f'<text x="{left + 32}" y="{top}">{html.escape(label)}</text>'
        )
    return "".join(parts)


@dataclass(frozen=True)
class Bar:
    """A row of bars: its name, its lengths in one unit, and what stands beside them."""

    label: str
    values: Sequence[float]
    text: str


def bars_html(rows: Sequence[Bar], series: Sequence[str], heading: str, longest: float | None = None) -> str:
    """Return a table with a bar for each series in each row; the numbers stand beside the bars.

    Args:
        rows: all with as many values as there are series, none of them negative.
        series: their names, for the legend in the heading; at most seven.
        heading: what the rows are.
        longest: the value whose bar takes the whole width; by default the largest.

    Raises:
        ValueError: a row has another number of values, or a negative one.
    """
    for row in rows:
        if len(row.values) != len(series) or min(row.values, default=0) < 0:
            raise ValueError(f"row {row.label!r} must have {len(series)} values of 0 or more, not {list(row.values)}")
    most = longest or max((max(row.values) for row in rows), default=0) or 1
    keys = ", ".join(
        f"<span style='color:{COLOURS[n]}' aria-hidden='true'>&#9632;</span>&nbsp;{html.escape(name)}"
        for n, name in enumerate(series)
    )
    lines = []
    for row in rows:
        bars = "".join(
            f"<div style='background:{COLOURS[n]};height:8px;min-width:1px;width:{100 * min(value / most, 1):.1f}%'>"
            "</div>"
            for n, value in enumerate(row.values)
        )
        lines.append(
            f"<tr style='background:none'><th scope='row' style='text-align:left;font-weight:normal;"
            f"overflow-wrap:anywhere;min-width:5.5em'>{html.escape(row.label)}</th>"
            f"<td style='width:45%;text-align:left'>{bars}</td>"
            f"<td style='text-align:left;white-space:pre-wrap'>{html.escape(row.text)}</td></tr>"
        )
    return (
        "<table class='course-picture' style='width:100%;max-width:560px;table-layout:auto;line-height:1.4;"
        "color:inherit'>"
        f"<tr style='background:none'><th scope='col' style='text-align:left'>{html.escape(heading)}</th>"
        f"<th scope='col' colspan='2' style='text-align:left;font-weight:normal'>{keys}</th></tr>"
        f"{''.join(lines)}</table>"
    )


def as_image(svg: str, description: str) -> str:
    """Return an SVG as an image on white, for pages that keep no SVG in their HTML."""
    drawn = svg.replace('fill="currentColor">', 'fill="currentColor" color="#000">', 1)
    data = base64.b64encode(drawn.encode()).decode()
    style = "background:#fff;padding:6px;max-width:100%;height:auto"
    return f'<img src="data:image/svg+xml;base64,{data}" alt="{html.escape(description)}" width="560" style="{style}">'
