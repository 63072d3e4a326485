"""What all widgets share: one box of controls and a live picture, which reads also where widgets do not render.

Shown in a notebook it is a widget. A page without widgets gets the picture as it was first shown, and its words.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from utils.notebook.widgets.pictures import as_image

# All the room there is: a control has a margin of 2 pixels on both sides.
ROOM = "calc(100% - 4px)"
SLIDER = {"width": ROOM, "max_width": "36em"}
LABEL = {"description_width": "11em"}
_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_ARIA = re.compile(r'aria-label="([^"]*)"')
_STYLE = re.compile(r"<style\b.*?</style>", re.DOTALL)


def static_html(page: str) -> str:
    """Return a live picture's HTML for pages that clean what they show: SVG becomes an image, style sheets go."""

    def image(found: re.Match[str]) -> str:
        said = _ARIA.search(found[0])
        return as_image(found[0], html.unescape(said[1]) if said else "")

    return _SVG.sub(image, _STYLE.sub("", page))


def said_html(words: str) -> str:
    """Return words under a picture; a screen reader says them when they change."""
    # JupyterLab breaks a pre within words.
    wrap = "white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere"
    style = f"{wrap};margin:.4em 0;color:inherit;background:none"
    return f"<pre aria-live='polite' style='{style}'>{html.escape(words)}</pre>"


@cache
def _explorer_class() -> Any:
    import ipywidgets as widgets

    class Explorer(widgets.VBox):
        """A box that also has a static form."""

        static: tuple[str, str] = ("", "")

        def _repr_mimebundle_(self, **kwargs: Any) -> Any:
            shown = super()._repr_mimebundle_(**kwargs)
            if shown and self.static[0]:
                shown["text/html"], shown["text/plain"] = static_html(self.static[0]), self.static[1]
            return shown

    return Explorer


def explorer(
    controls: Sequence[Any],
    draw: Callable[[], tuple[str, str]],
    triggers: Sequence[Any] | None = None,
    still: Callable[[], str] | None = None,
) -> Any:
    """Return a view: controls over a picture that is drawn again whenever one of them changes.

    Args:
        controls: what stands above the picture.
        draw: reads the controls and gives the picture as HTML and the same in words. A ValueError is shown as its
            sentence, and the next change draws again.
        triggers: the controls that draw; by default all.
        still: the picture for pages without style sheets, where it is another.
    """
    import ipywidgets as widgets

    shown = widgets.HTML(layout={"width": ROOM})
    shown.add_class("course-live")
    _fit(controls)
    box = _explorer_class()([*controls, shown], layout={"width": "100%"})
    box.add_class("course-widget")

    def follow(_: Any = None) -> None:
        try:
            page, words = draw()
            shown.value = page
            if not box.static[0]:
                box.static = (still() if still else page, words)
        except ValueError as error:
            shown.value = said_html(f"{error}".strip())
        except Exception as error:
            # The kernel would only write it into its log.
            shown.value = said_html(f"The widget failed, {type(error).__name__}: {error}")
            raise

    for control in controls if triggers is None else triggers:
        control.observe(follow, names="value")
    follow()
    box.redraw = follow
    return box


def _fit(controls: Sequence[Any]) -> None:
    """Let no control be wider than the window, one that states its most aside; a button is as wide as its words."""
    import ipywidgets as widgets

    for control in controls:
        control.layout.max_width = control.layout.max_width or ROOM
        if isinstance(control, widgets.Button):
            control.layout.width = "max-content"
        _fit(getattr(control, "children", ()))


def row(*controls: Any) -> Any:
    """Return controls side by side, one below the other in a narrow window."""
    import ipywidgets as widgets

    return widgets.HBox(controls, layout={"flex_flow": "row wrap"})
