"""What the notebook's kernel tells: whether there is one, which cells did not run, whether the setup cell has run."""

from __future__ import annotations

import re
from types import TracebackType
from typing import Any

from utils.kernel_page import has_page

_DEFINED = re.compile(r"^(?:def|class)\s+(\w+)", re.MULTILINE)

_broken: dict[str, str] = {}
_state = {"is_set_up": False}


def shell() -> Any:
    """Return the shell of a notebook's kernel, or None in a terminal, a script or the grader."""
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    running = get_ipython()
    return running if running is not None and hasattr(running, "kernel") else None


def somebody_is_there() -> bool:
    """Return whether a person runs the cells: a front end that can answer `input`, or Colab.

    What runs a notebook by itself (a build, nbmake, nbgrader, `course check`) offers no input, and has no person.
    """
    running = shell()
    return running is not None and has_page(running.kernel)


def broken_cell(name: str) -> str:
    """Return why the last cell that was to define `name` did not run, or "" when it did."""
    return _broken.get(name, "")


def _note_cell(result: Any) -> None:
    """Remember for each function or class of a cell whether the cell ran: an old definition is not an answer."""
    info = getattr(result, "info", None)
    source = getattr(info, "raw_cell", "") or ""
    error = result.error_before_exec or result.error_in_exec
    for name in _DEFINED.findall(source):
        if error is None:
            _broken.pop(name, None)
        else:
            line = f" in line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
            said = error.msg if isinstance(error, SyntaxError) else str(error)
            _broken[name] = f"{type(error).__name__}{line}: {said}"


def is_set_up() -> bool:
    """Return whether the setup cell has run in this kernel."""
    return _state["is_set_up"]


def watch_kernel() -> None:
    """Start to note which cells run; called by the setup cell, and harmless when called again."""
    _state["is_set_up"] = True
    running = shell()
    if running is not None and _note_cell not in running.events.callbacks["post_run_cell"]:
        running.events.register("post_run_cell", _note_cell)


def _explain_name(
    running: Any,
    kind: type[BaseException],
    error: BaseException,
    traceback: TracebackType,
    tb_offset: int | None = None,
) -> list[str]:
    """Say which cell to run when a name is missing, above the ordinary traceback."""
    import utils.notebook
    from utils.notebook.cards import Card, show_card

    name = getattr(error, "name", None) or "a name"
    if name in utils.notebook.__all__:
        title = f"`{name}` is not imported yet"
        hint = f"Run `from utils.notebook import {name}` first."
    elif is_set_up():
        title = f"`{name}` is not defined yet"
        hint = "A cell above may define it: Run > Run All Above Selected Cell. If none does, look at its spelling."
    else:
        title = "the notebook is not set up"
        hint = "Run the first code cell, the one with setup(), and then this one again."
    show_card(Card("stopped", title, hint))
    lines = running.InteractiveTB.structured_traceback(kind, error, traceback, tb_offset=tb_offset)
    running._showtraceback(kind, error, lines)
    return list(lines)


def explain_missing_names() -> None:
    """Have the kernel explain a NameError; called when this package is imported by a notebook."""
    running = shell()
    if running is not None and not getattr(running, "custom_exceptions", ()):
        running.set_custom_exc((NameError,), _explain_name)
