"""Widgets in a notebook that was executed to be read: their still form, since no kernel answers their controls."""

from __future__ import annotations

import nbformat

VIEW = "application/vnd.jupyter.widget-view+json"
STILL = "One setting is shown here. Run the cell to move the controls."


def keep_still_forms(node: nbformat.NotebookNode) -> None:
    """Take the live view from each widget in a notebook's outputs; its picture and words stay, everywhere the same.

    JupyterLab shows a saved live view as "Loading widget..." until a kernel runs, and then with controls that do
    nothing (https://github.com/jupyter-widgets/ipywidgets/issues/3970).

    Args:
        node: changed in place; the states of its widgets go too.
    """
    for cell in node.cells:
        for output in cell.get("outputs", ()):
            if output.get("data", {}).pop(VIEW, None) and "text/html" in output.data:
                output.data["text/html"] = "".join(output.data["text/html"]) + f"<p><em>{STILL}</em></p>"
    node.metadata.pop("widgets", None)
