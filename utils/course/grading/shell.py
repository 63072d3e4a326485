"""The IPython shell that runs a learner's cells, without history, terminal or kernel."""

from __future__ import annotations

import builtins
import os
import signal
import sys
import traceback
from types import FrameType
from typing import Any

_LONGEST_TRACE = 4000


class CellTimeoutError(KeyboardInterrupt):
    """A cell ran for longer than it may."""


def new_shell() -> Any:
    """Return IPython's plain shell with an empty namespace; what a notebook may ask of its kernel works in it.

    Magics for plots and event loops (`%matplotlib inline`, `%gui`) find no screen and change nothing else; `exit` ends
    nothing; `input` says that there is nobody to ask, as a kernel without a page does.
    """
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class WorkerShell(InteractiveShell):
        def enable_gui(self, gui: str | None = None) -> None:
            """There is no screen, so there is no event loop to run."""

        def ask_exit(self) -> None:
            """A kernel outlives `exit` until its page is closed; here the other cells are still to be run."""

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    InteractiveShell.clear_instance()
    builtins.input = nobody_to_ask
    return WorkerShell.instance(config=config)


def nobody_to_ask(prompt: object = "") -> str:
    """Stand for `input`.

    Raises:
        EOFError: always.
    """
    raise EOFError("input() has nobody to ask: a notebook is graded without its author, so give the value in the cell")


def fresh_streams() -> None:
    """Make standard output and error write to descriptors 1 and 2 again, whatever they were before a fork."""
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        stream = open(  # noqa: SIM115
            descriptor, "w", encoding="utf-8", errors="backslashreplace", closefd=False, buffering=1
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def flush_streams() -> None:
    """Write out what was printed; a learner may have replaced the streams by anything."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            continue


def run_cell(shell: Any, source: str, seconds: float) -> dict[str, Any]:
    """Run one cell; return whether it ended well, what stopped it, and whether it was stopped for time."""
    pid = os.getpid()
    stopped = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopped
        stopped = True
        raise CellTimeoutError(f"stopped after {seconds:g} seconds")

    signal.signal(signal.SIGALRM, stop)
    error: BaseException | None = None
    try:
        # Again every second, for a loop that swallows the first.
        signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
        result = shell.run_cell(source, store_history=False, silent=False)
        error = result.error_before_exec or result.error_in_exec
    except BaseException as problem:  # a learner's cell may have broken the shell itself
        error = problem
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    if os.getpid() != pid:
        os._exit(0)  # the cell forked, and this is the copy
    flush_streams()
    return {
        "ok": error is None,
        "error": "" if error is None else describe(error),
        "kind": "" if error is None else type(error).__name__,
        "stopped": stopped,
    }


def describe(error: BaseException) -> str:
    """Return an exception in one line, even where its own methods fail."""
    try:
        text = str(error)
    except Exception:
        text = "(its message cannot be shown)"
    return f"{type(error).__name__}: {text}"[:2000] if text else type(error).__name__


def learner_trace(error: BaseException) -> str:
    """Return the part of a traceback that lies in the notebook's cells."""
    try:
        frames = [
            frame
            for frame in traceback.extract_tb(error.__traceback__)
            if "/utils/course/grading/" not in frame.filename
        ]
        return "".join(traceback.format_list(frames[-8:]))[-_LONGEST_TRACE:]
    except Exception:
        return ""
