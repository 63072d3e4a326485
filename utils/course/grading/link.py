"""The scorer's end of a submission's worker: requests, deadlines, printed text, and why a worker is gone."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import time
from typing import Any

from utils.course.grading.limits import MIB, Limits
from utils.course.grading.wire import FrameBuffer, Reader, WireError, Writer

_GRACE = 4.0
_PIECE = 1 << 18


class SandboxLostError(Exception):
    """The warm process does not answer: a fault of the grader, not of the submission."""


class GoneError(Exception):
    """A process of the submission is gone; `kind` is "timeout", "memory", "processes", "crash" or "output"."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind, self.message = kind, message


class Control:
    """The control socket of a warm process.

    Args:
        control: the socket.
        lane: which of the warm processes of this machine it is; workers of different lanes are different users.
    """

    def __init__(self, control: socket.socket, lane: int = 0) -> None:
        self.socket, self.lane = control, lane

    def ask(self, message: dict[str, Any], descriptors: tuple[int, ...] = (), seconds: float = 60.0) -> dict[str, Any]:
        """Send a request and wait for its answer.

        Raises:
            SandboxLostError: there is none.
        """
        self.tell(message, descriptors, seconds)
        return self.hear(seconds)

    def tell(self, message: dict[str, Any], descriptors: tuple[int, ...] = (), seconds: float = 60.0) -> None:
        """Send a request; its answer can be heard later.

        Raises:
            SandboxLostError: it cannot be sent.
        """
        data = json.dumps(message).encode()
        try:
            self.socket.settimeout(seconds)
            if descriptors:
                socket.send_fds(self.socket, [data], list(descriptors))
            else:
                self.socket.send(data)
        except OSError as error:
            raise SandboxLostError(f"the sandbox does not answer: {error}") from None

    def hear(self, seconds: float = 60.0) -> dict[str, Any]:
        """Wait for a message.

        Raises:
            SandboxLostError: none arrives.
        """
        try:
            self.socket.settimeout(seconds)
            data = self.socket.recv(1 << 16)
        except OSError as error:
            raise SandboxLostError(f"the sandbox does not answer: {error}") from None
        if not data:
            raise SandboxLostError("the sandbox has ended")
        answer: dict[str, Any] = json.loads(data)
        return answer


def ending(code: int, number: int) -> str:
    """Say in words how a process ended."""
    if number:
        try:
            name = signal.Signals(number).name
        except ValueError:
            name = f"signal {number}"
        return f"the process was ended by {name}"
    return f"the process ended itself with exit status {code}"


class Channel:
    """One stream of messages from a process of the submission."""

    def __init__(self, link: WorkerLink, sock: socket.socket, limit: int) -> None:
        self.link, self.socket, self.buffer = link, sock, FrameBuffer(limit)

    def send(self, payload: bytes, deadline: float) -> None:
        """Send a message, while what the worker prints is read.

        Raises:
            BrokenPipeError, TimeoutError: the worker is gone, or does not read.
        """
        self.socket.setblocking(False)
        view = memoryview(len(payload).to_bytes(4, "big") + payload)
        while view:
            try:
                view = view[self.socket.send(view[:_PIECE]) :]
            except BlockingIOError:
                self.link.wait(self.socket, deadline, writing=True)

    def receive(self, deadline: float) -> bytes:
        """Wait for a message.

        Raises:
            EOFError: the process is gone.
            TimeoutError: the deadline passed.
            WireError: it says that it is longer than it may be.
        """
        self.socket.setblocking(False)
        while True:
            frame = self.buffer.next()
            if frame is not None:
                return frame
            self.link.wait(self.socket, deadline)
            try:
                piece = self.socket.recv(_PIECE)
            except BlockingIOError:
                continue
            except OSError:
                raise EOFError from None
            if not piece:
                raise EOFError
            self.buffer.feed(piece)


class WorkerLink:
    """One worker of one submission, from its start to its end.

    Args:
        control: the warm process that forks it.
        limits: what it may use.
        deadline: when, by time.monotonic, the submission's time is up.

    Raises:
        SandboxLostError: the warm process does not answer.
    """

    def __init__(self, control: Control, limits: Limits, deadline: float) -> None:
        self.control, self.limits, self.deadline = control, limits, deadline
        self.printed = 0
        self.kept = bytearray()
        self.events: list[dict[str, Any]] = []
        self._status_rest = b""
        ours, theirs = socket.socketpair()
        self.output, output_end = os.pipe()
        self.status, status_end = os.pipe()
        try:
            request = {"op": "spawn", "limits": limits.to_dict(), "lane": control.lane}
            self.pid = int(control.ask(request, (theirs.fileno(), output_end, status_end))["pid"])
        finally:
            theirs.close()
            os.close(output_end)
            os.close(status_end)
        for descriptor in (self.output, self.status):
            os.set_blocking(descriptor, False)
        self.main = Channel(self, ours, limits.message)

    # Waiting

    def wait(self, sock: socket.socket, deadline: float, writing: bool = False) -> None:
        """Wait until a socket is ready, reading what the worker prints and its supervisor reports meanwhile.

        Raises:
            TimeoutError: the deadline passed.
            GoneError: it printed more than it may.
        """
        watched: list[Any] = [fd for fd in (self.output, self.status) if fd >= 0]
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            readable, writable, _ = select.select(
                watched if writing else [*watched, sock], [sock] if writing else [], [], left
            )
            for descriptor in [item for item in readable if item is not sock]:
                if not self._drain(descriptor):
                    watched.remove(descriptor)
            if sock in readable or writable:
                return

    def _drain(self, descriptor: int) -> bool:
        """Read from a pipe once; return whether it is still open."""
        try:
            data = os.read(descriptor, _PIECE)
        except BlockingIOError:
            return True
        if not data:
            os.close(descriptor)
            if descriptor == self.output:
                self.output = -1
            else:
                self.status = -1
            return False
        if descriptor == self.output:
            self.printed += len(data)
            self.kept += data[: max(0, self.limits.output_kept - len(self.kept))]
            if self.printed > self.limits.output:
                raise GoneError("output", f"it printed more than {self.limits.output // MIB} MiB")
        else:
            *lines, self._status_rest = (self._status_rest + data).split(b"\n")
            self.events += [json.loads(line) for line in lines]
        return True

    def event(self, name: str) -> dict[str, Any] | None:
        """Return the last event of that name that the supervisor reported."""
        return next((event for event in reversed(self.events) if event["event"] == name), None)

    def await_end(self) -> dict[str, Any] | None:
        """Wait a little for the supervisor's last report."""
        until = time.monotonic() + _GRACE
        while self.event("end") is None and self.status >= 0 and time.monotonic() < until:
            if select.select([self.status], [], [], 0.2)[0]:
                self._drain(self.status)
        return self.event("end")

    # Requests to the main worker

    def ask(self, seconds: float, op: str, **request: Any) -> dict[str, Any]:
        """Send the main worker a request and wait for its answer.

        Raises:
            GoneError: it is gone, or did not answer in time.
        """
        try:
            until = min(self.deadline, time.monotonic() + seconds)
            self.main.send(Writer(self.limits.message).dumps({"op": op, **request}), until)
            answer = Reader().loads(self.main.receive(until))
        except TimeoutError:
            if time.monotonic() >= self.deadline:
                raise GoneError("timeout", "the time for the whole notebook was used up") from None
            raise GoneError("timeout", f"it did not stop within {seconds:g} seconds") from None
        except (EOFError, OSError):
            raise self._why_gone() from None
        except WireError as error:
            raise GoneError("crash", f"its process answered with something malformed: {error}") from None
        if type(answer) is not dict:
            raise GoneError("crash", "its process answered with something malformed")
        return answer

    def _why_gone(self) -> GoneError:
        end = self.await_end()
        memory = self.event("memory")
        if memory is not None and memory["main"]:
            return GoneError("memory", f"it used more than {self.limits.memory // MIB} MiB of memory")
        crowd = self.event("processes")
        if crowd is not None and crowd["main"]:
            return self.too_many()
        if end is None:
            return GoneError("crash", "its process is gone")
        if end["signal"] == signal.SIGXCPU:
            return GoneError("timeout", f"it used more than {self.limits.cpu_seconds} seconds of processor time")
        return GoneError("crash", ending(end["code"], end["signal"]))

    def too_many(self) -> GoneError:
        """Return why a crowd of processes was ended."""
        return GoneError("processes", f"it held {self.limits.processes} processes or threads at once")

    def run_cell(self, source: str) -> dict[str, Any]:
        """Run one cell.

        Raises:
            GoneError: it took the whole process down, or could not be stopped.
        """
        seconds = self.limits.cell_seconds
        answer = self.ask(seconds + _GRACE, op="cell", source=source, limit=seconds)
        return {
            "ok": answer.get("ok") is True,
            "error": str(answer.get("error", ""))[:2000],
            "kind": str(answer.get("kind", ""))[:100],
            "stopped": answer.get("stopped") is True,
        }

    def report(self) -> list[str]:
        """Return what the learner's code did to its process, as far as that process says."""
        found = self.ask(10.0, op="report").get("found")
        return [str(line)[:300] for line in found[:100]] if type(found) is list else []

    def open_exercise(self) -> ExerciseLink:
        """Fork a process for an exercise.

        Raises:
            GoneError: the worker is gone, or cannot fork.
        """
        ours, theirs = socket.socketpair()
        try:
            until = min(self.deadline, time.monotonic() + 20.0)
            self.main.send(Writer(1 << 16).dumps({"op": "exercise"}), until)
            self.main.socket.setblocking(True)
            self.main.socket.settimeout(5.0)
            socket.send_fds(self.main.socket, [b"x"], [theirs.fileno()])
            Reader().loads(self.main.receive(until))
        except (TimeoutError, EOFError, OSError, WireError):
            ours.close()
            raise self._why_gone() from None
        finally:
            theirs.close()
        return ExerciseLink(self, ours)

    def close(self) -> dict[str, Any] | None:
        """End the worker with everything it started; return the supervisor's last report, if it made one."""
        self.main.socket.close()
        end = self.await_end() if self.event("end") is None and time.monotonic() < self.deadline else self.event("end")
        self.control.ask({"op": "kill", "pid": self.pid})
        for descriptor in (self.output, self.status):
            if descriptor >= 0:
                with contextlib.suppress(OSError, GoneError):
                    while self._drain(descriptor) and select.select([descriptor], [], [], 0)[0]:
                        pass
        for descriptor in (self.output, self.status):
            if descriptor >= 0:
                os.close(descriptor)
        self.output = self.status = -1
        return end


class ExerciseLink:
    """The process of one exercise."""

    def __init__(self, link: WorkerLink, sock: socket.socket) -> None:
        self.link = link
        self.channel = Channel(link, sock, link.limits.message)
        self.gone: GoneError | None = None
        self._before = len(link.events)

    def send(self, payload: bytes, until: float) -> None:
        """Send a message.

        Raises:
            GoneError: the process is gone or does not read.
        """
        self._guarded(lambda: self.channel.send(payload, until))

    def receive(self, until: float) -> bytes:
        """Wait for a message.

        Raises:
            GoneError: the process is gone, took too long, or sent too much.
        """
        frame: bytes = self._guarded(lambda: self.channel.receive(until))
        return frame

    def until(self) -> float:
        """Return the deadline of a call that starts now."""
        return min(self.link.deadline, time.monotonic() + self.link.limits.call_seconds)

    def _guarded(self, action: Any) -> Any:
        if self.gone is not None:
            raise self.gone
        try:
            return action()
        except TimeoutError:
            self.gone = self._timeout()
        except GoneError as gone:
            self.gone = gone
        except WireError as error:
            self.gone = GoneError("crash", f"it returned something that cannot be read: {error}")
        except (EOFError, OSError):
            self.gone = self._why_gone()
        raise self.gone

    def _timeout(self) -> GoneError:
        if time.monotonic() >= self.link.deadline:
            return GoneError("timeout", "the time for the whole notebook was used up")
        return GoneError("timeout", f"it did not finish within {self.link.limits.call_seconds:g} seconds")

    def _why_gone(self) -> GoneError:
        try:
            answer = self.link.ask(10.0, op="finish", ending=True)
        except GoneError as gone:
            return gone
        since = {event["event"] for event in self.link.events[self._before :]}
        if "memory" in since:
            return GoneError("memory", f"it used more than {self.link.limits.memory // MIB} MiB of memory")
        if "processes" in since:
            return self.link.too_many()
        code, number = answer.get("code"), answer.get("signal")
        if type(code) is not int or type(number) is not int:
            return GoneError("crash", "its process is gone")
        if number == signal.SIGXCPU:
            return GoneError("timeout", f"it used more than {self.link.limits.cpu_seconds} seconds of processor time")
        return GoneError("crash", ending(code, number))

    def close(self) -> None:
        """End the exercise's process.

        Raises:
            GoneError: the main worker is gone too.
        """
        self.channel.socket.close()
        self.link.ask(10.0, op="finish")
