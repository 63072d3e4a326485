"""Run notebooks, with their answers and at the smoke budget, on the stand-in for a GPU.

    python -m tests.devices.run_notebook 02 05

It finds what would fail on a GPU for want of `device=` or `.cpu()`, without one. It takes as long as the notebooks do
at that budget, so the suite does not run it; run it after work on a notebook.
"""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from unittest import mock

from tests.devices.stand_in import stand_in_gpu
from utils.course.notebooks import Topic, course_root, find_topic, read_notebook
from utils.experiments.recording.executors import SerialExecutor
from utils.notebook import budget


@contextlib.contextmanager
def _in_this_process(workers: int) -> Iterator[Executor]:
    """Run jobs here: another process would not have the stand-in."""
    yield SerialExecutor()


def failures(topic: Topic) -> list[str]:
    """Run a notebook's code cells in one namespace; return one line for each that raises."""
    os.environ[budget.VARIABLE] = "smoke"
    chosen = replace(budget.choose_budget(), device="cuda", workers=1)
    found = []
    namespace = {"__name__": "__main__", "display": print}
    with (
        stand_in_gpu(),
        mock.patch.object(budget, "choose_budget", return_value=chosen),
        mock.patch("utils.training.sweep._local_pool", return_value=SerialExecutor()),
        mock.patch("utils.experiments.recording.executors.process_executor", _in_this_process),
    ):
        for cell in read_notebook(topic.source).code_cells:
            lines = [line for line in cell.source.splitlines(keepends=True) if not line.lstrip().startswith(("%", "!"))]
            try:
                exec(compile("".join(lines), f"cell {cell.index + 1}", "exec"), namespace)
            except Exception as error:
                frames = [
                    one for one in traceback.extract_tb(error.__traceback__) if "site-packages" not in one.filename
                ]
                places = ", ".join(f"{Path(one.filename).name}:{one.lineno}" for one in frames[-4:])
                found.append(f"{topic.number}, cell {cell.index + 1}: {type(error).__name__}: {error} ({places})")
    return found


if __name__ == "__main__":
    faults = [line for number in sys.argv[1:] for line in failures(find_topic(course_root(), number))]
    print("\n".join(faults) or "every cell runs")
    sys.exit(bool(faults))
