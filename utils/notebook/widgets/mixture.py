"""What if a language got another share of the training data? Expected losses from a curve fitted to measured runs.

A language's loss falls with the data it gets, roughly as a power of their amount (Kaplan et al., 2020). Fitted to
measured pairs of share and loss, a curve predicts the loss at shares that were not run. It holds for the budget of
the runs that it was fitted to, and within their range of shares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import nnls

from utils.notebook.widgets.pictures import Bar, Curve, Scale, bars_html, curves_svg
from utils.notebook.widgets.view import LABEL, SLIDER, explorer, said_html
from utils.text.mixtures import mixture_weights

_EXPONENTS = np.linspace(0.05, 2.0, 79)


@dataclass(frozen=True)
class LossCurve:
    """loss(share) = floor + scale * share ** -exponent, within the shares that were measured.

    Attributes:
        floor: loss that no share removes.
        scale: what the share removes, at a share of 1.
        exponent: how fast it does.
        lowest, highest: range of the measured shares; outside it the loss at its edge is returned.
        error: root mean square error of the fit, in the unit of the loss.
    """

    floor: float
    scale: float
    exponent: float
    lowest: float
    highest: float
    error: float

    def __call__(self, share: float) -> float:
        """Return the expected loss at a share of the data; a language without data gets that of the lowest share.

        Raises:
            ValueError: the share is not between 0 and 1.
        """
        if not 0 <= share <= 1:
            raise ValueError(f"share is {share}, and must lie between 0 and 1")
        return self.floor + self.scale * min(max(share, self.lowest), self.highest) ** -self.exponent


def fit_loss_curve(shares: Sequence[float], losses: Sequence[float]) -> LossCurve:
    """Fit a curve to measured losses by least squares, with floor and scale not negative.

    Args:
        shares: shares of the training data, above 0 and at most 1; at least three different ones.
        losses: the loss measured at each.

    Raises:
        ValueError: fewer than three different shares, a share out of range, or lengths that differ.
    """
    x, y = np.asarray(shares, dtype=float), np.asarray(losses, dtype=float)
    if x.shape != y.shape:
        raise ValueError(f"losses has {y.size} entries and shares has {x.size}: they must be as many")
    if x.size == 0 or x.min() <= 0 or x.max() > 1:
        raise ValueError(f"shares is {list(shares)}: each must be above 0 and at most 1")
    if np.unique(x).size < 3:
        raise ValueError(f"shares holds {np.unique(x).size} different values: a curve needs at least three")
    # For a given exponent the fit is linear: try a fine grid of exponents, and solve the rest exactly.
    best: tuple[float, float, float, float] | None = None
    for exponent in _EXPONENTS:
        (floor, scale), residual = nnls(np.stack([np.ones_like(x), x**-exponent], axis=1), y)
        if best is None or residual < best[0]:
            best = (float(residual), float(floor), float(scale), float(exponent))
    assert best is not None
    residual, floor, scale, exponent = best
    return LossCurve(floor, scale, exponent, float(x.min()), float(x.max()), residual / float(np.sqrt(x.size)))


def expected_losses(sizes: Mapping[str, float], alpha: float, curves: Mapping[str, LossCurve]) -> list[dict[str, Any]]:
    """Return, for each language, its natural share, its share of the mixture, and the loss expected from it.

    Args:
        sizes: amount of data in each language, in any unit.
        alpha: exponent of the mixture; 1 for natural shares, 0 for uniform ones.
        curves: the fitted curve of each language.

    Raises:
        ValueError: a language has no curve.
    """
    for language in sizes:
        if language not in curves:
            raise ValueError(f"curves has none for {language!r}, only for {', '.join(sorted(curves))}")
    natural, mixed = mixture_weights(sizes, 1.0), mixture_weights(sizes, alpha)
    return [
        {
            "language": language,
            "natural_share": natural[language],
            "share": mixed[language],
            "natural_loss": curves[language](natural[language]),
            "loss": curves[language](mixed[language]),
        }
        for language in sizes
    ]


def mixture_text(sizes: Mapping[str, float], alpha: float, curves: Mapping[str, LossCurve], unit: str) -> str:
    """Return the same numbers as a text table."""
    lines = [f"{'language':14} {'natural':>8} {'mixture':>8} {'natural loss':>13} {'expected loss':>14}  ({unit})"]
    for row in expected_losses(sizes, alpha, curves):
        lines.append(
            f"{row['language']:14} {row['natural_share']:8.3f} {row['share']:8.3f}"
            f" {row['natural_loss']:13.3f} {row['loss']:14.3f}"
        )
    rows = expected_losses(sizes, alpha, curves)
    mean = sum(row["loss"] for row in rows) / len(rows)
    worst = max(rows, key=lambda row: row["loss"])
    lines.append(f"mean over languages {mean:.3f}, worst {worst['loss']:.3f} ({worst['language']})")
    return "\n".join(lines)


def mixture_html(sizes: Mapping[str, float], alpha: float, curves: Mapping[str, LossCurve], unit: str) -> str:
    """Return shares as bars, and each language's curve of losses with a dot where its share stands."""
    rows = expected_losses(sizes, alpha, curves)
    bars = [
        Bar(
            row["language"],
            (row["natural_share"], row["share"]),
            f"share {row['natural_share']:.3f}, then {row['share']:.3f}\n"
            f"loss {row['natural_loss']:.3f}, then {row['loss']:.3f}",
        )
        for row in rows
    ]
    low, high = min(c.lowest for c in curves.values()), max(c.highest for c in curves.values())
    shares = np.geomspace(low, high, 40).tolist()
    lines = []
    for row in rows:
        curve = curves[row["language"]]
        held = min(max(row["share"], curve.lowest), curve.highest)
        lines.append(Curve(row["language"], shares, [curve(s) for s in shares], dot=(held, row["loss"])))
    values = [value for line in lines for value in line.y]
    margin = 0.05 * (max(values) - min(values)) or 1.0
    said = ", ".join(f"{row['language']} {row['loss']:.3f}" for row in rows)
    picture = curves_svg(
        lines,
        Scale("share of the data", low, high, log=True),
        Scale(f"expected loss ({unit})", min(values) - margin, max(values) + margin),
        f"Expected loss against the share of the data, a curve for each language. At alpha {alpha:.2f}: {said}.",
    )
    return bars_html(bars, ("natural", f"alpha = {alpha:.2f}"), "share of the data", longest=1.0) + picture


def mixture_slider(sizes: Mapping[str, float], curves: Mapping[str, LossCurve], unit: str, alpha: float = 1.0) -> Any:
    """Return the view: a slider for alpha, and one for the size of each language, over curves with moving dots."""
    import ipywidgets as widgets

    exponent = widgets.FloatSlider(
        value=alpha, min=0.0, max=1.0, step=0.05, description="alpha", style=LABEL, layout=SLIDER
    )
    amounts = {
        language: widgets.FloatLogSlider(
            value=size, base=10, min=0, max=6, step=0.05, description=f"size of {language}", readout_format=".3s",
            style=LABEL, layout=SLIDER,
        )
        for language, size in sizes.items()
    }  # fmt: skip

    def draw() -> tuple[str, str]:
        now = {language: slider.value for language, slider in amounts.items()}
        words = mixture_text(now, exponent.value, curves, unit)
        return mixture_html(now, exponent.value, curves, unit) + said_html(words.splitlines()[-1]), words

    return explorer([exponent, *amounts.values()], draw)
