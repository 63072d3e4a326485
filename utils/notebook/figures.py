"""One look for every figure: colours that survive colour blindness, and a text description beside the picture."""

from __future__ import annotations

import base64
import html
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito (2008), "Color Universal Design": distinguishable under the common colour vision deficiencies.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#F0E442", "#000000")


def use_course_style() -> None:
    """Set matplotlib's defaults for the course's figures."""
    import matplotlib as mpl
    from cycler import cycler

    mpl.rcParams.update(
        {
            "axes.prop_cycle": cycler(color=list(COLOURS)),
            "axes.grid": True,
            "grid.alpha": 0.3,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "figure.figsize": (7.0, 3.6),
            "figure.dpi": 80,
            "savefig.dpi": 80,
            "legend.frameon": False,
        }
    )


def unlabelled_axes(figure: Figure) -> list[str]:
    """Return what a figure's axes lack: one sentence for each visible axis without a label."""
    missing = []
    for number, axes in enumerate(figure.axes):
        if not axes.axison or axes.get_label() == "<colorbar>":
            continue
        if axes.xaxis.get_visible() and not axes.get_xlabel():
            missing.append(f"axes {number} has no x label")
        if axes.yaxis.get_visible() and not axes.get_ylabel():
            missing.append(f"axes {number} has no y label")
    return missing


def figure_html(png: bytes, width: int, description: str) -> str:
    """Return an image with its description and a caption; it shrinks with the window, and stays on white.

    Args:
        png: the image, with twice as many pixels as `width` says, so that it is sharp on every screen.
        width: in pixels of the page.
        description: what screen readers say, and the caption of those who see.
    """
    said = html.escape(description)
    data = base64.b64encode(png).decode()
    # Lines and letters are dark: on a dark page they need their own background.
    look = "background:#fff;padding:4px;border-radius:4px;max-width:100%;height:auto;box-sizing:border-box"
    return (
        f'<figure style="margin:.5em 0"><img src="data:image/png;base64,{data}" alt="{said}" width="{width}" '
        f'style="{look}"><figcaption aria-hidden="true" style="max-width:50em">Figure: {said}</figcaption></figure>'
    )


def show(figure: Figure, description: str) -> None:
    """Display a figure with a text description for those who cannot see it, and close it.

    Args:
        figure: every visible axis must have a label (with its unit).
        description: what the picture shows, in a sentence or two.

    Raises:
        ValueError: the description is empty, or an axis has no label.
    """
    import matplotlib.pyplot as plt
    from IPython.display import display
    from PIL import Image as Picture

    if not description.strip():
        raise ValueError("description is empty: say in a sentence what the figure shows")
    if missing := unlabelled_axes(figure):
        raise ValueError(f"figure is not labelled: {'; '.join(missing)}")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", bbox_inches="tight", dpi=2 * figure.dpi)
    plt.close(figure)
    # A palette holds the colours of a chart in half the bytes: a notebook with its outputs stays below 1 MB. Maximum
    # coverage keeps the colours of a few small marks, which the median cut mixes into others.
    small = io.BytesIO()
    method = Picture.Quantize.MAXCOVERAGE
    palette = Picture.open(buffer).convert("RGB").quantize(64, method=method, dither=Picture.Dither.NONE)
    palette.save(small, format="png", optimize=True)
    page = figure_html(small.getvalue(), palette.width // 2, description)
    display({"text/html": page, "text/plain": f"Figure: {description}"}, raw=True)
