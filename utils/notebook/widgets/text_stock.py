"""When does text run out? Stock and use of text over the years, with ranges and not single numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from utils.notebook.widgets.pictures import Curve, Scale, curves_svg
from utils.notebook.widgets.view import SLIDER, explorer, said_html
from utils.training.data_limits import exhaustion_year

Range = tuple[float, float]


@dataclass(frozen=True)
class StockRanges:
    """What is assumed: each a range within which every value is as likely, on a log scale.

    Attributes:
        stock: tokens of text that people have published.
        used: tokens of the largest training set.
        stock_growth, used_growth: factors per year.
        start_year: to which stock and use belong.
    """

    stock: Range = (1e14, 1e15)
    used: Range = (1e13, 2e13)
    stock_growth: Range = (1.02, 1.10)
    used_growth: Range = (1.5, 3.0)
    start_year: float = 2024.0

    def __post_init__(self) -> None:
        for name in ("stock", "used", "stock_growth", "used_growth"):
            low, high = getattr(self, name)
            if not 0 < low <= high < math.inf:
                raise ValueError(f"{name} must be a range of two positive numbers, low to high, not {low} to {high}")
        if not math.isfinite(self.start_year):
            raise ValueError(f"start_year must be a year, not {self.start_year}")


def exhaustion_years(ranges: StockRanges, draws: int = 2000, seed: int = 0) -> np.ndarray:
    """Return years in which use overtakes stock, each quantity drawn log-uniformly from its range; `inf` for never.

    Raises:
        ValueError: no draws.
    """
    if draws < 1:
        raise ValueError(f"draws must be at least 1, not {draws}")
    chance = np.random.default_rng(seed)
    columns = []
    for name in ("stock", "used", "stock_growth", "used_growth"):
        low, high = getattr(ranges, name)
        columns.append(np.exp(chance.uniform(math.log(low), math.log(high), draws)).tolist())
    return np.array(
        [
            exhaustion_year(s, u, s_grows, u_grows, ranges.start_year)
            for s, u, s_grows, u_grows in zip(*columns, strict=True)
        ]
    )


def projection_text(ranges: StockRanges) -> str:
    """Return the projection in words."""
    years = exhaustion_years(ranges)
    never = float(np.mean(np.isinf(years)))
    lines = []
    low, middle, high = np.percentile(years, [10, 50, 90], method="lower")
    if np.isfinite(middle):
        ends = f"to {high:.1f}" if np.isfinite(high) else "or later"
        lines.append(f"use overtakes stock in {middle:.1f} (middle); 80% of the draws: {low:.1f} {ends}")
    elif np.isfinite(low):
        lines.append(f"in a tenth of the draws use overtakes stock by {low:.1f}")
    lines.append(f"never in {never:.0%} of the draws")
    return "\n".join(lines)


def judge_projection(years: Sequence[float] | np.ndarray, start_year: float) -> str:
    """Return whether text runs out within ten years: a statement about assumptions, not a measurement.

    Holds: in at least 90% of the draws it does. Does not hold: in at most half. Otherwise undecided.

    Raises:
        ValueError: there are no years.
    """
    found = np.asarray(years, dtype=float)
    if found.size == 0:
        raise ValueError("years is empty: nothing was drawn")
    share = float(np.mean(found <= start_year + 10))
    if share >= 0.9:
        return "holds"
    return "does not hold" if share <= 0.5 else "undecided"


def projection_html(ranges: StockRanges, until: float = 2040.0) -> str:
    """Return the ranges of stock and use over the years as a picture."""
    passed = np.linspace(0, until - ranges.start_year, 40)
    years = (ranges.start_year + passed).tolist()
    areas = []
    for name, label in (("stock", "text there is"), ("used", "largest training set")):
        (low, high), (slow, fast) = getattr(ranges, name), getattr(ranges, f"{name}_growth")
        areas.append(Curve(label, years, (low * slow**passed).tolist(), (high * fast**passed).tolist()))
    return curves_svg(
        areas,
        Scale("year", ranges.start_year, until),
        Scale("tokens", 1e11, 1e19, log=True),
        f"Ranges of the text there is and of the largest training set over the years. {projection_text(ranges)}",
    )


def stock_explorer() -> Any:
    """Return the view: a range slider for each quantity over the areas of stock and use, and `projection_text`."""
    import ipywidgets as widgets

    start = StockRanges()

    def slider(label: str, values: Range, low: float, high: float, step: float) -> Any:
        return widgets.FloatRangeSlider(
            value=values, min=low, max=high, step=step, description=label, style={"description_width": "12em"},
            layout=SLIDER, readout_format=".1f" if step >= 0.1 else ".2f",
        )  # fmt: skip

    controls = {
        "stock": slider("stock (log10 tokens)", (14, 15), 12, 17, 0.1),
        "used": slider("used (log10 tokens)", (13, 13.3), 11, 15, 0.1),
        "stock_growth": slider("stock, factor a year", start.stock_growth, 0.9, 2.0, 0.01),
        "used_growth": slider("use, factor a year", start.used_growth, 0.9, 5.0, 0.05),
    }

    def draw() -> tuple[str, str]:
        values = {name: control.value for name, control in controls.items()}
        for name in ("stock", "used"):
            values[name] = tuple(10**power for power in values[name])
        ranges = StockRanges(**values, start_year=start.start_year)
        words = projection_text(ranges)
        return projection_html(ranges) + said_html(words), words

    return explorer(list(controls.values()), draw)
