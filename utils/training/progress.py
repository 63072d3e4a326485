"""One progress bar for everything that takes a while: shown where somebody looks, silent in logs and tests."""

from __future__ import annotations

import os
import sys
from typing import Any

from utils.arguments import instance, whole_number
from utils.kernel_page import has_page


def is_watched() -> bool:
    """Return whether a bar would be seen: standard error is a terminal, or a person runs a notebook's kernel.

    At the smoke budget everything is over before a bar says anything.
    """
    shell = sys.modules.get("IPython")
    if shell is not None:
        interactive = shell.get_ipython()
        if interactive is not None and hasattr(interactive, "kernel"):
            return has_page(interactive.kernel) and os.environ.get("COURSE_BUDGET") != "smoke"
    return sys.stderr is not None and sys.stderr.isatty()


def progress_bar(total: int, description: str, show: bool | None = None, done: int = 0, unit: str = "it") -> Any:
    """Return a `tqdm` bar; the environment variable TQDM_DISABLE=1 hides every bar, as a build of notebooks wants it.

    Args:
        total: units of work in all.
        description: what is being done.
        show: True or False decide; None shows the bar when it would be seen (see `is_watched`).
        done: units done before, by the part of a run that is being resumed.
        unit: what is counted.

    Raises:
        ValueError: a number that is no whole one, or more done than there is to do.
    """
    total = whole_number("total", total, least=0)
    done = whole_number("done", done, least=0, most=total)
    instance("description", description, str, "a text")
    if show is None:
        show = is_watched()
    if not show:
        from tqdm import tqdm

        return tqdm(total=total, initial=done, disable=True)
    from tqdm.auto import tqdm as visible

    return visible(total=total, initial=done, desc=description, unit=unit, dynamic_ncols=True)
