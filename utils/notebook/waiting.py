"""A bar with the time left for each long cell, whatever it runs: how long it took when it was measured is known.

A sweep or a training shows a bar of its own, which counts real steps; then this one keeps out of the way. It is shown
to a person only, so not at the smoke budget, in a build, or where notebooks are graded.
"""

from __future__ import annotations

import contextvars
import hashlib
import json
import os
import threading
import time
from functools import cache
from typing import Any

from utils.notebook.kernel import shell, somebody_is_there
from utils.paths import datasets_dir

SHORTEST_S = 10.0
PATIENCE_S = 2.0
TICK_S = 0.5


def cell_name(source: str) -> str:
    """Return how a cell is named among the measurements: by its text, wherever it stands."""
    return hashlib.sha256(source.strip().encode()).hexdigest()[:16]


@cache
def expected_seconds(budget: str) -> dict[str, float]:
    """Return by its name the processor seconds of each measured cell; on a free machine it takes at most as long."""
    try:
        found = json.loads((datasets_dir() / "runs" / "measured.json").read_text(encoding="utf-8"))["notebooks"]
        cells = [cell for notebook in found.values() for cell in notebook.get(budget, {}).get("long_cells", ())]
        return {cell["cell"]: float(cell["processor_seconds"]) for cell in cells}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # without measurements there is no bar
        return {}


class Waiting:
    """Shows the bar of one cell from a thread, until the cell ends.

    Args:
        seconds: how long the cell is expected to take.
        patience: how long to wait for a bar of the cell's own.
    """

    def __init__(self, seconds: float, patience: float | None = None) -> None:
        self._seconds, self._patience = seconds, PATIENCE_S if patience is None else patience
        self._began = time.monotonic()
        self._ended = threading.Event()
        # What the thread displays belongs to the cell that is running: the kernel looks that up in the context.
        show = contextvars.copy_context().run
        self._thread = threading.Thread(target=show, args=(self._show,), daemon=True)
        self._thread.start()

    def end(self) -> float:
        """Take the bar away; return the seconds that the cell took."""
        seconds = time.monotonic() - self._began
        self._ended.set()
        self._thread.join()
        return seconds

    def _show(self) -> None:
        if self._ended.wait(self._patience) or other_bars():
            return
        from tqdm.auto import tqdm

        total = round(self._seconds, 1)
        with tqdm(total=total, bar_format="{desc} {percentage:3.0f}%|{bar}|", leave=False, dynamic_ncols=True) as bar:
            while not self._ended.is_set() and not other_bars(bar):
                elapsed = time.monotonic() - self._began
                bar.n = min(elapsed, total)
                bar.set_description_str(f"this cell: {said_left(self._seconds - elapsed)}")
                self._ended.wait(TICK_S)
            bar.n = total  # one that is not full would stay, in red


def said_left(seconds: float) -> str:
    """Return the time left in a few words; a cell may take longer than it was expected to."""
    return f"about {seconds:.0f} s left" if seconds >= 1 else "longer than expected"


def other_bars(own: Any = None) -> bool:
    """Return whether another bar than our own is being shown."""
    from tqdm import tqdm

    return any(bar is not own and not bar.disable for bar in list(getattr(tqdm, "_instances", ())))


class CellWatch:
    """Starts and ends the bar around each long cell of a kernel, and learns how fast this machine is.

    Args:
        expected: seconds by the cell's name, as it was measured on another machine, perhaps.
    """

    def __init__(self, expected: dict[str, float]) -> None:
        self._expected = expected
        self._running: tuple[float, Waiting] | None = None
        self.speed = 1.0
        """How long cells took here, over what was expected."""

    def begin(self, info: Any) -> None:
        """Called by the shell before a cell runs."""
        self.finish()
        seconds = self._expected.get(cell_name(getattr(info, "raw_cell", "") or ""), 0.0)
        if seconds * self.speed >= SHORTEST_S and somebody_is_there():
            self._running = seconds, Waiting(seconds * self.speed)

    def end(self, result: Any) -> None:
        """Called by the shell after a cell, whether it ran, failed or was interrupted."""
        measured = self.finish()
        if measured is not None and getattr(result, "success", False):
            self.speed = (self.speed + measured) / 2

    def finish(self) -> float | None:
        """End the running bar; return how long the cell took over what was expected, None where there was no bar."""
        if self._running is None:
            return None
        (expected, waiting), self._running = self._running, None
        return waiting.end() / expected


_watches: list[CellWatch] = []


def watch_cells(budget: str) -> None:
    """Show bars for this kernel's long cells from now on; called by the setup cell, harmless when called again."""
    running = shell()
    if running is None:
        return
    for watch in _watches:
        running.events.unregister("pre_run_cell", watch.begin)
        running.events.unregister("post_run_cell", watch.end)
    _watches.clear()
    if budget == "smoke" or os.environ.get("TQDM_DISABLE"):
        return
    watch = CellWatch(expected_seconds(budget))
    running.events.register("pre_run_cell", watch.begin)
    running.events.register("post_run_cell", watch.end)
    _watches.append(watch)
