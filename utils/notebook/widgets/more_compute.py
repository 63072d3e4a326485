"""What would more electricity buy? From a share of the world's power to compute, and from compute to loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from utils.notebook.widgets.pictures import Curve, Scale, curves_svg
from utils.notebook.widgets.view import SLIDER, explorer, said_html
from utils.training.scaling_laws import as_law, compute_optimal

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def largest_growth(share: float) -> float:
    """Return by how much a use of electricity can grow before it takes all of today's.

    Raises:
        ValueError: the share is outside (0, 1].
    """
    if not 0 < share <= 1:
        raise ValueError(f"share must lie in (0, 1], not {share}: it is a part of all electricity")
    return 1 / share


@dataclass(frozen=True)
class Bought:
    """What a factor of compute buys under a law, each budget divided in the best way.

    Attributes:
        before, after: loss in nats per token.
        excess_left: share of what was above E that is left.
    """

    before: float
    after: float
    excess_left: float


def bought_by(flops: float, factor: float, law: Any) -> Bought:
    """Return what `factor` times the compute buys.

    Args:
        flops: today's budget.
        factor: above 0; efficiency counts as compute.
        law: anything with E, A, B, alpha and beta.

    Raises:
        ValueError: a number is not positive, or the law lacks one of its numbers.
    """
    known = as_law(law)
    if not factor > 0:
        raise ValueError(f"factor must be positive, not {factor}")
    before, after = known(*compute_optimal(flops, known)), known(*compute_optimal(flops * factor, known))
    return Bought(before, after, (after - known.E) / (before - known.E))


def growth_text(share: float, efficiency: float, flops: float, law: Any) -> str:
    """Return in words what all electricity at a better efficiency would buy.

    Raises:
        ValueError: as `largest_growth` and `bought_by`.
    """
    power = largest_growth(share)
    found = bought_by(flops, power * efficiency, law)
    return "\n".join(
        [
            f"at {share:.1%} of all electricity, {power:.0f} times as much is all there is",
            f"with {efficiency:g} times the operations per kWh: {power * efficiency:,.0f} times the compute",
            f"loss at {flops:.1e} FLOP {found.before:.3f}, then {found.after:.3f} nats per token",
            f"{1 - found.excess_left:.0%} of what is above the irreducible loss is gone",
        ]
    )


def growth_figure(flops: float, laws: Mapping[str, Any]) -> Figure:
    """Draw the loss under several laws against the factor of compute; the caller shows and closes the figure."""
    import matplotlib.pyplot as plt

    factors = np.geomspace(1, 1000, 40)
    figure, axes = plt.subplots(figsize=(6.5, 3.2))
    for (name, law), style in zip(laws.items(), ("-", "--", ":", "-."), strict=False):
        axes.plot(factors, [bought_by(flops, float(factor), law).after for factor in factors], style, label=name)
    axes.axvspan(50, 100, alpha=0.2, color="grey", label="50 to 100 times")
    axes.set_xscale("log")
    axes.set_xticks([1, 10, 50, 100, 1000], ["1", "10", "50", "100", "1,000"])
    axes.set(xlabel="factor of compute", ylabel="loss (nats per token)")
    axes.legend()
    return figure


def growth_html(share: float, efficiency: float, flops: float, law: Any) -> str:
    """Return the loss against the factor of compute, with a dot at what all electricity would buy."""
    bought = largest_growth(share) * efficiency
    known = as_law(law)
    factors = np.geomspace(1, 1e6, 40).tolist()
    losses = [bought_by(flops, factor, law).after for factor in factors]
    found = bought_by(flops, bought, law)
    return curves_svg(
        [
            Curve("loss of the best division", factors, losses, dot=(bought, found.after)),
            Curve("irreducible loss", [1, 1e6], [known.E, known.E]),
        ],
        Scale("factor of compute", 1, 1e6, log=True),
        Scale("loss (nats per token)", known.E - 0.05 * (losses[0] - known.E), losses[0]),
        f"Loss against the factor of compute. {bought:,.0f} times the compute gives {found.after:.3f} nats per token.",
    )


def growth_explorer(flops: float, law: Any) -> Any:
    """Return the view: sliders for the share of electricity and the efficiency, over a curve and `growth_text`."""
    import ipywidgets as widgets

    style = {"description_width": "14em"}
    share = widgets.FloatSlider(
        value=2.0, min=0.1, max=20.0, step=0.1, description="share today (%)", style=style, layout=SLIDER
    )
    efficiency = widgets.FloatLogSlider(
        value=1.0, min=0, max=3, step=0.05, description="operations per kWh, factor", style=style, layout=SLIDER
    )

    def draw() -> tuple[str, str]:
        now = share.value / 100, efficiency.value, flops, law
        words = growth_text(*now)
        return growth_html(*now) + said_html(words), words

    return explorer([share, efficiency], draw)
