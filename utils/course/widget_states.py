"""The states of widgets in an executed notebook: with them a page shows a widget although no kernel runs."""

from __future__ import annotations

import json
import re

import nbformat

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
_MODEL = re.compile(r"IPY_MODEL_([0-9a-f]+)")


def shown_models(node: nbformat.NotebookNode) -> set[str]:
    """Return the ids of the widgets that stand in a notebook's outputs."""
    return {
        output.data[VIEW]["model_id"]
        for cell in node.cells
        for output in cell.get("outputs", ())
        if VIEW in output.get("data", {})
    }


def keep_states(node: nbformat.NotebookNode, known: nbformat.NotebookNode) -> None:
    """Give a notebook the states of the widgets in its outputs, and of all that they are made of.

    An output whose widget has no state loses its live view: what else it holds, HTML and text, takes its place.

    Args:
        node: changed in place.
        known: a notebook's metadata with the states, such as nbclient leaves them.
    """
    states = known.get("widgets", {}).get(STATE, {}).get("state", {})
    for cell in node.cells:
        for output in cell.get("outputs", ()):
            if VIEW in output.get("data", {}) and output.data[VIEW]["model_id"] not in states:
                del output.data[VIEW]
    waiting, kept = sorted(shown_models(node)), {}
    while waiting:
        name = waiting.pop()
        if name in states and name not in kept:
            kept[name] = states[name]
            waiting += _MODEL.findall(json.dumps(states[name]))
    node.metadata.pop("widgets", None)
    if kept:
        whole = {"state": kept, "version_major": 2, "version_minor": 0}
        node.metadata["widgets"] = nbformat.from_dict({STATE: whole})
