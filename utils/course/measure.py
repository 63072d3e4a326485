"""The body of `course doctor --measure`: what running a notebook takes, in processor time and memory.

A notebook with its answers runs in a kernel of its own, which is watched from outside together with every process that
it starts. On a machine that does other work too, trust the processor's seconds and not those on the clock.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat

from utils.course.errors import CourseError
from utils.course.notebooks import Topic, read_notebook
from utils.files import write_whole
from utils.notebook.waiting import cell_name

LONG_CELL_S = 5.0
SAMPLE_S = 0.5
FORMAT = 1


@dataclass(frozen=True)
class LongCell:
    """A cell that takes a while: the hash of its source, its first line, its seconds on the clock and of processor."""

    cell: str
    begins: str
    seconds: float
    processor_seconds: float


@dataclass(frozen=True)
class Measured:
    """What one run of a notebook took.

    Attributes:
        seconds: on the clock, from the first cell to the last.
        processor_seconds: of the kernel and all its processes.
        peak_bytes: the most memory that they held at one time; what processes share is counted once where the system
            tells it (Linux), else once for each.
        long_cells: those of at least `LONG_CELL_S` processor seconds.
        date: when, UTC.
        machine: cores, system, threads for each process.
        versions: of Python, torch and numpy.
    """

    seconds: float
    processor_seconds: float
    peak_bytes: int
    long_cells: tuple[LongCell, ...]
    date: str
    machine: dict[str, Any]
    versions: dict[str, str]


def measured_path(root: Path) -> Path:
    """Return where the measurements lie in a checkout."""
    return root / "datasets" / "runs" / "measured.json"


class Watch:
    """Watches a process and everything that it starts, from outside.

    Args:
        pid: the process.
    """

    def __init__(self, pid: int) -> None:
        import psutil

        self._process = psutil.Process(pid)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)
        self.processor_seconds, self.peak_bytes = 0.0, 0
        self._thread.start()

    def look(self) -> float:
        """Look once; return the processor seconds so far."""
        import psutil

        with self._lock:
            seconds, held = 0.0, 0
            try:
                tree = [self._process, *self._process.children(recursive=True)]
            except psutil.NoSuchProcess:
                return self.processor_seconds
            for process in tree:
                try:
                    times, memory = process.cpu_times(), process.memory_full_info()
                except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
                    continue
                # A child that has ended counts in its parent's times.
                seconds += times.user + times.system + times.children_user + times.children_system
                held += getattr(memory, "pss", memory.rss)
            self.processor_seconds = max(self.processor_seconds, seconds)
            self.peak_bytes = max(self.peak_bytes, held)
            return self.processor_seconds

    def end(self) -> None:
        """Look a last time, and stop."""
        self.look()
        self._stop.set()
        self._thread.join()

    def _go_on(self) -> None:
        while not self._stop.wait(SAMPLE_S):
            self.look()


def measure(path: Path, folder: Path, budget: str = "cpu", timeout: int = 3600) -> Measured:
    """Run a notebook from its first cell to its last in a new kernel, and watch it.

    Args:
        path: the notebook; the file is not changed.
        folder: where its kernel starts.
        budget: "smoke", "cpu" or "gpu".
        timeout: seconds that one cell may take.

    Raises:
        CourseError: a cell failed; the message shows the cell.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    node = nbformat.from_dict(read_notebook(path).node)
    client = NotebookClient(
        node, timeout=timeout, kernel_name="python3", resources={"metadata": {"path": str(folder)}}, record_timing=False
    )
    watches: list[Watch] = []
    began: dict[int, tuple[float, float]] = {}
    long_cells: list[LongCell] = []

    def start(**_: Any) -> None:
        manager: Any = client.km
        watches.append(Watch(manager.provisioner.pid))

    def begin(cell: nbformat.NotebookNode, cell_index: int) -> None:
        began[cell_index] = time.monotonic(), watches[0].look()

    def complete(cell: nbformat.NotebookNode, cell_index: int, execute_reply: Any) -> None:
        clock, processor = began[cell_index]
        seconds, used = time.monotonic() - clock, watches[0].look() - processor
        if used >= LONG_CELL_S:
            line = next(iter(cell.source.strip().splitlines()), "")
            long_cells.append(LongCell(cell_name(cell.source), line, round(seconds, 1), round(used, 1)))

    client.on_notebook_start, client.on_cell_execute, client.on_cell_executed = start, begin, complete
    clock = time.monotonic()
    try:
        client.execute(env={**os.environ, "COURSE_BUDGET": budget, "COURSE_PROGRESS": "off", "TQDM_DISABLE": "1"})
    except CellExecutionError as error:
        raise CourseError(f"{path.name} fails: {error}") from None
    finally:
        for watch in watches:
            watch.end()
    return Measured(
        seconds=round(time.monotonic() - clock, 1),
        processor_seconds=round(watches[0].processor_seconds, 1),
        peak_bytes=watches[0].peak_bytes,
        long_cells=tuple(long_cells),
        date=datetime.now(UTC).date().isoformat(),
        machine=_machine(),
        versions=_versions(),
    )


def _machine() -> dict[str, Any]:
    from utils.experiments.recording.version import machine

    return {**machine(), "threads": os.environ.get("OMP_NUM_THREADS", "as torch chooses")}


def _versions() -> dict[str, str]:
    import importlib.metadata
    import platform

    return {"python": platform.python_version()} | {one: importlib.metadata.version(one) for one in ("torch", "numpy")}


def read_measured(root: Path) -> dict[str, dict[str, Any]]:
    """Return what was measured, by notebook and then by budget; {} where nothing was.

    Raises:
        CourseError: the file is damaged.
    """
    path = measured_path(root)
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return dict(found["notebooks"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CourseError(f"{path} cannot be read ({error}): run `course doctor --measure` again") from None


def keep_measured(root: Path, number: str, budget: str, found: Measured) -> Path:
    """Write a measurement beside those of other notebooks and budgets; return the file."""
    notebooks = read_measured(root)
    notebooks.setdefault(number, {})[budget] = asdict(found)
    text = json.dumps({"format": FORMAT, "notebooks": notebooks}, indent=1, sort_keys=True, ensure_ascii=False)
    write_whole(measured_path(root), (text + "\n").encode())
    return measured_path(root)


def measure_topics(
    root: Path, chosen: list[Topic], budget: str, tell: Callable[[str], None] = lambda line: None
) -> None:
    """Measure some notebooks one after the other, keep each as soon as it is there, and tell a line about it.

    Raises:
        CourseError: a notebook was not built, or a cell failed.
    """
    for topic in chosen:
        if not topic.source.is_file():
            raise CourseError(f"{topic.source} is missing: run `course build {topic.number}`")
        found = measure(topic.source, topic.root, budget)
        keep_measured(root, topic.number, budget, found)
        tell(
            f"{topic.number}: {found.processor_seconds:.0f} s of processor time, {found.peak_bytes / 1e9:.1f} GB, "
            f"{found.seconds:.0f} s on the clock; {len(found.long_cells)} cells of {LONG_CELL_S:g} s or more"
        )
