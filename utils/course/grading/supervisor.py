"""Process 1 of a submission's process namespace: watches what the learner's processes use, and reports how they end.

It runs no learner code. It tells the scorer, on a pipe that no learner process holds, when it ended a process for
memory, how many processes it saw, and how the main worker ended. When it ends, the kernel ends everything left.
"""

from __future__ import annotations

import json
import os
import select
import signal
import time
from typing import Any

_PERIOD = 0.03
_CROWDED_LOOKS = 8
_PAGE = os.sysconf("SC_PAGE_SIZE")


def supervise(main: int, status: int, limits: dict[str, Any], isolated: bool) -> None:
    """Watch until the main worker ends; does not return.

    Args:
        main: the main worker's process id.
        status: descriptor of the pipe that takes one JSON line per event.
        limits: the fields `memory` and `processes`.
        isolated: whether this is process 1 of its own namespace.
    """
    watch = _Watch(main, status, limits, isolated)
    ended = os.pidfd_open(main) if hasattr(os, "pidfd_open") else -1
    pause = 0.005
    while True:
        if ended >= 0:
            select.select([ended], [], [], pause)
        else:
            time.sleep(pause)
        pause = min(_PERIOD, 2 * pause)
        how = _reap(main)
        if how is not None:
            left = watch.survivors()
            watch.report(event="end", left=len(left), peak=watch.peak, most=watch.most, **how)
            for pid in left:
                _kill(pid)
            os._exit(0)
        watch.look()


def _reap(main: int) -> dict[str, int] | None:
    """Collect ended children, adopted ones too; return how the main worker ended, None while it runs."""
    found = None
    while True:
        try:
            pid, state = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found if found is not None else {"code": -1, "signal": 0}
        if pid == 0:
            return found
        if pid == main:
            found = {
                "code": os.WEXITSTATUS(state) if os.WIFEXITED(state) else -1,
                "signal": os.WTERMSIG(state) if os.WIFSIGNALED(state) else 0,
            }


def _kill(pid: int, how: int = signal.SIGKILL) -> None:
    try:
        os.kill(pid, how)
    except OSError:
        return


class _Watch:
    """What the processes of a submission use."""

    def __init__(self, main: int, status: int, limits: dict[str, Any], isolated: bool) -> None:
        self.main, self.status, self.isolated = main, status, isolated
        self.memory, self.processes = int(limits["memory"]), int(limits["processes"])
        self.own = os.getpid()
        self.base = _resident(self.own)
        self.peak = 0
        self.most = 0
        self.crowded = 0

    def report(self, **event: Any) -> None:
        try:
            os.write(self.status, json.dumps(event).encode() + b"\n")
        except OSError:
            return  # the scorer is gone; ending is all that is left to do

    def others(self) -> list[int]:
        """Return the learner's processes, youngest first."""
        if not self.isolated:
            return sorted(descendants(self.own), reverse=True)
        return sorted((int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != 1), reverse=True)

    def survivors(self) -> list[int]:
        """Return processes that are still there a moment after the main worker ended, without those that are ending."""
        for _ in range(3):
            left = [pid for pid in self.others() if not _is_ending(pid)]
            if not left:
                break
            time.sleep(_PERIOD)
            _reap(self.main)
        return left

    def look(self) -> None:
        """Measure once, and end processes that take too much."""
        try:
            pids = self.others()
        except OSError:
            return
        running = sum(_threads(pid) for pid in pids)
        self.most = max(self.most, running)
        self.crowded = self.crowded + 1 if running >= self.processes - 2 else 0
        # The kernel refuses more than the limit, but not to root, which a grader in a container may be. A crowd that
        # stays is a bomb: ended at once, its outcome does not depend on which other limit it meets first.
        if running > self.processes or self.crowded >= _CROWDED_LOOKS:
            self.disperse()
            return
        resident = {pid: _resident(pid) for pid in pids}
        # Forks share the warm process's pages, so this counts too much; the exact sum is dear and rarely needed.
        if sum(resident.values()) - len(pids) * self.base > self.peak:
            self.peak = sum(resident.values()) - len(pids) * self.base
        if sum(resident.values()) <= self.memory:
            return
        exact = {pid: _proportional(pid) for pid in pids}
        total = sum(exact.values())
        if total <= self.memory:
            return
        children = [pid for pid in pids if pid != self.main]
        # A call runs in a child of the main worker: ending the children keeps the other exercises' grades.
        guilty = children if sum(exact[pid] for pid in children) > self.memory / 4 else pids
        self.report(event="memory", total=total, main=self.main in guilty)
        for pid in guilty:
            _kill(pid)

    def disperse(self) -> None:
        """End a crowd of processes, without the main worker unless it is the crowd itself."""
        self.crowded = 0
        guilty: set[int] = set()
        # Stopped first: while some are ended, others could go on multiplying.
        for _ in range(20):
            new = {pid for pid in self.others() if pid != self.main or _threads(pid) > self.processes / 2} - guilty
            if not new:
                break
            for pid in new:
                _kill(pid, signal.SIGSTOP)
            guilty |= new
        self.report(event="processes", main=self.main in guilty)
        for pid in guilty:
            _kill(pid)
        # One that was being forked while its parent was stopped has escaped so far; it has no parent any more.
        quiet = 0
        for _ in range(100):
            time.sleep(_PERIOD / 3)
            orphans = [pid for pid in self.others() if pid != self.main and _parent(pid) == self.own]
            orphans = [pid for pid in orphans if not _is_ending(pid)]
            quiet = 0 if orphans else quiet + 1
            if quiet == 3:
                break
            for how in (signal.SIGSTOP, signal.SIGKILL):
                for pid in orphans:
                    _kill(pid, how)


def _resident(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            return int(file.read().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def _threads(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rsplit(b")", 1)[1].split()[17])
    except (OSError, IndexError, ValueError):
        return 0


def _parent(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rsplit(b")", 1)[1].split()[1])
    except (OSError, IndexError, ValueError):
        return 0


def _is_ending(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rsplit(b")", 1)[1].split()[0] in (b"Z", b"X")
    except (OSError, IndexError):
        return True


def _proportional(pid: int) -> int:
    """Return a process's share of memory, shared pages divided among those that share them."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            for line in file:
                if line.startswith(b"Pss:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        return _resident(pid)
    return 0


def descendants(root: int) -> list[int]:
    """Return all processes below one, by the parents that /proc names; none where there is no /proc."""
    parents: dict[int, int] = {}
    try:
        names = [name for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []
    for name in names:
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                parents[int(name)] = int(file.read().rsplit(b")", 1)[1].split()[1])
        except (OSError, IndexError, ValueError):
            continue
    found = []
    for pid in parents:
        at, steps = pid, 0
        while at in parents and at != root and steps < 1000:
            at, steps = parents[at], steps + 1
        if at == root and pid != root:
            found.append(pid)
    return found
