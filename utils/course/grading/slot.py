"""One place where submissions are graded: a scorer process outside the sandbox, with a warm process inside.

The process keeps nothing of a submission: it forks for each one. It ends when its parent does, and with it the
sandbox. Importing is most of a start, so the slots of one pool start as one: the others branch off the first, a fork
of its process outside and a fork of its warm process inside. A slot that fails starts anew by itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from utils.course.grading.limits import Limits
from utils.course.grading.wire import WireError, receive_frame, send_frame

LARGEST_JOB = 256 * 1024 * 1024
START_SECONDS = 180.0
GRACE_SECONDS = 30.0


class SlotError(RuntimeError):
    """The scorer process failed; the submission was not scored."""


@dataclass(frozen=True)
class _Begun:
    """A process that was started and does not know the secret yet."""

    process: subprocess.Popen[bytes]
    channel: socket.socket


_ahead: list[tuple[dict[str, Any], _Begun]] = []
_ahead_lock = threading.Lock()


@contextlib.contextmanager
def started_ahead(sandbox: str, image: str | None, limits: Limits, attack: bool = True) -> Iterator[None]:
    """Start a process for the first slot that will ask for such a one within the block, and end it where none does.

    It saves the time in which its caller imports something else.

    Args:
        sandbox, image, limits: as for a pool.
        attack: attack the sandbox, as a pool with `check` does.

    Raises:
        ValueError: the sandbox's name is unknown.
        SandboxUnavailableError: there is no such sandbox on this machine.
    """
    from utils.course.grading.sandbox import choose_sandbox

    chosen = choose_sandbox(sandbox, image)
    attack = attack and chosen.reusable and chosen.name != "none"
    key = {"sandbox": chosen.name, "image": image, "limits": limits.to_dict(), "attack": attack}
    begun = _Begun(*_begin(key))
    with _ahead_lock:
        _ahead.append((key, begun))
    try:
        yield
    finally:
        if _take(key, begun) is not None:
            begun.channel.close()
            with contextlib.suppress(OSError):
                os.killpg(begun.process.pid, signal.SIGKILL)
            begun.process.wait()


def _take(key: dict[str, Any], wanted: _Begun | None = None) -> _Begun | None:
    """Return a process that was started ahead with these settings, now the caller's own; None where there is none."""
    with _ahead_lock:
        for index, (settings, begun) in enumerate(_ahead):
            if settings == key and wanted in (None, begun):
                del _ahead[index]
                return begun
    return None


def _begin(settings: dict[str, Any]) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Start a process and hand it its settings.

    Raises:
        SlotError: this machine starts no process.
    """
    ours, theirs = socket.socketpair()
    variables = {
        **os.environ,
        # The attacks look for this one; the secret itself is sent when they have failed.
        "COURSE_SECRET": f"SECRET-{secrets.token_hex(8)}",
        "COURSE_BUDGET": "smoke",
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "MPLBACKEND": "Agg",
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).resolve().parents[3])]),
    }
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "utils.course.grading.slot_process", str(theirs.fileno())],
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=variables,
            start_new_session=True,
        )
    except OSError as error:
        ours.close()
        raise SlotError(f"the scorer process does not start: {error}") from None
    finally:
        theirs.close()
    # One that has ended before it listened is met by the first question to it, which says so.
    with contextlib.suppress(OSError):
        send_frame(ours, json.dumps(settings).encode())
    return process, ours


class Slot:
    """The parent's end: starts the process, gives it jobs one at a time.

    Args:
        sandbox: name of the sandbox.
        image: the image where it is a container.
        limits: what a submission may use.
        secret: the course's secret, given to the test cells as COURSE_SECRET.
        lane: number among the slots of this machine, as far as it is known.
    """

    def __init__(self, sandbox: str, image: str | None, limits: Limits, secret: str, lane: int = 0) -> None:
        self.sandbox, self.image, self.limits, self.secret, self.lane = sandbox, image, limits, secret, lane
        self.known: set[str] = set()
        self.process: subprocess.Popen[bytes] | _Branch | None = None
        self.channel: socket.socket | None = None

    def start(self, attack: bool = False) -> None:
        """Start the process and wait until the sandbox is warm.

        Args:
            attack: attack the sandbox before anything is let into it.

        Raises:
            SlotError: it does not start; the message says why.
            SandboxCheckError: an attack on it succeeded.
        """
        begun = _take(self._key(attack)) or _Begun(*_begin(self._key(attack)))
        self.process, self.channel, self.known = begun.process, begun.channel, set()
        answer = self._ask({"secret": self.secret, "lane": self.lane}, START_SECONDS)
        if "fault" in answer or "rows" in answer:
            self.stop()
        if "rows" in answer:
            from utils.course.grading.attacks import AttackRow, SandboxCheckError

            raise SandboxCheckError([AttackRow(**row) for row in answer["rows"]])
        if "fault" in answer:
            raise SlotError(answer["fault"])

    def _key(self, attack: bool) -> dict[str, Any]:
        return {"sandbox": self.sandbox, "image": self.image, "limits": self.limits.to_dict(), "attack": attack}

    def branch(self, other: Slot) -> None:
        """Start another slot as a copy of this one, which must not be grading.

        Raises:
            SlotError: it cannot be done; the other one can still start by itself.
        """
        assert self.channel is not None
        ours, theirs = socket.socketpair()
        try:
            self.channel.settimeout(START_SECONDS)
            send_frame(self.channel, json.dumps({"op": "branch", "lane": other.lane}).encode())
            socket.send_fds(self.channel, [b"x"], [theirs.fileno()])
            answer = self._hear(START_SECONDS)
        except (OSError, SlotError) as error:
            ours.close()
            raise SlotError(f"no copy of the scorer can be made: {error}") from None
        finally:
            theirs.close()
        if "pid" not in answer:
            ours.close()
            raise SlotError(answer.get("fault", "no copy of the scorer can be made"))
        other.channel, other.known = ours, set(self.known)
        other.process = _Branch(int(answer["pid"]), ours)

    @property
    def running(self) -> bool:
        """Whether its process is there."""
        return self.process is not None and self.process.poll() is None

    def learn(self, assignment: dict[str, Any], digest: str) -> None:
        """Prepare for an assignment; starts the process first where it is not running.

        Raises:
            SlotError: the process failed; it is stopped.
        """
        if not self.running:
            self.stop()
            self.start()
        if digest in self.known:
            return
        answer = self._ask({"op": "assignment", "assignment": assignment, "digest": digest}, START_SECONDS)
        if "fault" in answer:
            self.stop()
            raise SlotError(answer["fault"])
        self.known.add(digest)

    def grade(self, assignment: dict[str, Any], digest: str, job: dict[str, Any]) -> dict[str, Any]:
        """Score one submission; starts the process first where it is not running.

        Args:
            assignment: the assignment as plain data.
            digest: its digest.
            job: the learner's `answers` and `extras`, and the `limits`.

        Raises:
            SlotError: the process failed; it is stopped, and a later call starts a new one.
        """
        self.learn(assignment, digest)
        seconds = float(job["limits"]["submission_seconds"]) + GRACE_SECONDS
        answer = self._ask({"op": "grade", "digest": digest, **job}, seconds + GRACE_SECONDS)
        if "fault" in answer:
            self.stop()
            raise SlotError(answer["fault"])
        return answer

    def _ask(self, message: dict[str, Any], seconds: float) -> dict[str, Any]:
        assert self.channel is not None
        try:
            self.channel.settimeout(seconds)
            send_frame(self.channel, json.dumps(message).encode())
        except OSError as error:
            self.stop()
            raise SlotError(f"the scorer process does not answer: {error}") from None
        return self._hear(seconds)

    def _hear(self, seconds: float) -> dict[str, Any]:
        assert self.channel is not None
        try:
            frame = receive_frame(self.channel, LARGEST_JOB, time.monotonic() + seconds)
        except (OSError, WireError) as error:
            self.stop()
            raise SlotError(f"the scorer process does not answer: {error}") from None
        if frame is None:
            self.stop()
            raise SlotError("the scorer process has ended")
        answer: dict[str, Any] = json.loads(frame)
        return answer

    def stop(self) -> None:
        """End the process and its sandbox."""
        if self.channel is not None:
            self.channel.close()
            self.channel = None
        if self.process is not None:
            try:
                self.process.wait(timeout=5.0)  # it sees the closed channel and ends its sandbox itself
            except subprocess.TimeoutExpired:
                with contextlib.suppress(OSError):
                    os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
            self.process = None


class _Branch:
    """A process that another slot's process forked, seen from here: what Popen is for one's own child."""

    def __init__(self, pid: int, channel: socket.socket) -> None:
        self.pid, self.channel = pid, channel

    def poll(self) -> int | None:
        """Return None while it is there."""
        try:
            # An idle process says nothing: what can be read is the end.
            return 0 if select.select([self.channel], [], [], 0)[0] else None
        except (OSError, ValueError):
            return 0

    def wait(self, timeout: float | None = None) -> int:
        """Wait for a process that was asked to end.

        Raises:
            subprocess.TimeoutExpired: it is still there.
        """
        until = time.monotonic() + (timeout or GRACE_SECONDS)
        while _is_there(self.pid):
            if time.monotonic() >= until:
                raise subprocess.TimeoutExpired("scorer", timeout or GRACE_SECONDS)
            time.sleep(0.01)
        return 0


def _is_there(pid: int) -> bool:
    """Return whether a process that is no child of this one still runs; one that nobody has collected does not."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rsplit(b")", 1)[1].split()[0] not in (b"Z", b"X")
    except FileNotFoundError:
        pass
    except (OSError, IndexError):
        return False
    if os.path.isdir("/proc/self"):
        return False
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
