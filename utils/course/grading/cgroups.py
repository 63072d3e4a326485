"""A memory limit by control group, where the grader may make one; the watchdog in the sandbox works everywhere."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class MemoryGroup:
    """A control group for one sandbox.

    Attributes:
        folders: its folders, one for version 2, one per controller for version 1.
    """

    folders: tuple[Path, ...]

    @classmethod
    def create(cls, memory: int, processes: int) -> MemoryGroup | None:
        """Make a group with these limits, or return None where none may be made."""
        name = f"course-grading-{os.getpid()}-{time.monotonic_ns()}"
        try:
            places = _places()
            folders = []
            for parent, settings in places:
                folder = parent / name
                folder.mkdir()
                folders.append(folder)
                for key, value in settings(memory, processes).items():
                    with contextlib.suppress(FileNotFoundError):
                        (folder / key).write_text(str(value), encoding="ascii")
            return cls(tuple(folders)) if folders else None
        except OSError:
            return None

    def enter(self) -> None:
        """Put the calling process into the group (called between fork and exec)."""
        for folder in self.folders:
            descriptor = os.open(folder / "cgroup.procs", os.O_WRONLY)
            os.write(descriptor, b"0")
            os.close(descriptor)

    def adopt(self, pid: int) -> None:
        """Put another process into the group, with what it starts from now on."""
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(pid), encoding="ascii")

    def remove(self) -> None:
        """Remove the group once its processes are gone."""
        for folder in self.folders:
            for _ in range(50):
                try:
                    folder.rmdir()
                    break
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(0.02)


def _settings_v2(memory: int, processes: int) -> dict[str, int]:
    return {"memory.max": memory, "memory.swap.max": 0, "memory.oom.group": 0, "pids.max": processes}


def _settings_v1(memory: int, processes: int) -> dict[str, int]:
    return {"memory.limit_in_bytes": memory, "memory.memsw.limit_in_bytes": memory, "pids.max": processes}


def _places() -> list[tuple[Path, Callable[[int, int], dict[str, int]]]]:
    """Return the folders in which groups may be made, with what to write into them."""
    if (_ROOT / "cgroup.controllers").is_file():
        own = next(
            line.split(":", 2)[2]
            for line in Path("/proc/self/cgroup").read_text().splitlines()
            if line.startswith("0:")
        )
        parent = _ROOT / own.lstrip("/")
        enabled = (parent / "cgroup.subtree_control").read_text().split()
        return [(parent, _settings_v2)] if "memory" in enabled and os.access(parent, os.W_OK) else []
    found: list[tuple[Path, Callable[[int, int], dict[str, int]]]] = []
    for controller in ("memory", "pids"):
        parent = _ROOT / controller
        if (parent / "cgroup.procs").is_file() and os.access(parent, os.W_OK):
            found.append((parent, _settings_v1))
    return found
