"""Outputs of an executed cell, as a page can show them: no bars, no widgets, pictures as files of their own."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import nbformat

from utils.course.still_forms import VIEW

WIDGET = VIEW
_BAR = re.compile(r"\d+%\|")
_BOX = ("VBox(", "HBox(", "Explorer(")
_FIGURE = re.compile(r"\s*<figure\b.*</figure>\s*", re.DOTALL)
_IMAGE = re.compile(r'<img\b[^>]*?src="data:image/png;base64,([^"]+)"[^>]*>')


def readable(outputs: list[Any]) -> tuple[list[Any], bool]:
    """Return the outputs to read, and whether there was a widget: without a kernel, bars and widgets say nothing.

    A widget that has a static form in HTML is shown by it.
    """
    kept, had_widget = [], False
    for output in outputs:
        data = output.get("data", {})
        words = "".join(data.get("text/plain", ""))
        is_widget = WIDGET in data or words.startswith(_BOX)
        had_widget |= is_widget and not _BAR.search(words)
        if output.output_type == "display_data" and not (set(data) - {"text/plain", WIDGET}):
            if is_widget or _BAR.search(words):
                continue
        elif output.output_type == "stream" and (output.name == "stderr" or not output.text.strip()):
            continue
        kept += _shown(output)
    return kept, had_widget


def _shown(output: Any) -> list[Any]:
    """Return an output whose figure of HTML, if it is one, became a picture and its caption."""
    html = "".join(output.get("data", {}).get("text/html", ""))
    if html and WIDGET in output.data:
        # Renderers prefer the widget, and without its state they show nothing.
        output = nbformat.from_dict(
            {**output, "data": {kind: one for kind, one in output.data.items() if kind != WIDGET}}
        )
    image = _IMAGE.search(html)
    if not (image and _FIGURE.fullmatch(html)):
        return [output]
    told = {name: unescape(value) for name, value in re.findall(r'\b(alt|width)="([^"]*)"', image[0])}
    metadata = {"image/png": told}
    picture = nbformat.v4.new_output("display_data", {"image/png": image[1]}, metadata=metadata)
    return [picture, nbformat.v4.new_output("stream", name="stdout", text=f"Figure: {told.get('alt', '')}\n")]


def picture_of(output: Any) -> dict[str, str] | None:
    """Return what is said of the picture that an output is ("alt", perhaps "width"), None for other outputs."""
    if "image/png" not in output.get("data", {}):
        return None
    return dict(output.metadata.get("image/png", {}))


def one_picture_each(outputs: list[Any]) -> list[list[Any]]:
    """Split outputs so that no part has two pictures: myst-nb takes one description for all pictures of a cell."""
    parts: list[list[Any]] = [[]]
    for output in outputs:
        if picture_of(output) is not None and any(picture_of(one) is not None for one in parts[-1]):
            parts.append([])
        parts[-1].append(output)
    return parts
