"""One place where submissions are graded: a scorer process outside the sandbox, with a warm process inside.

The process keeps nothing of a submission: it forks for each one. It ends when its parent does, and with it the
sandbox.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from utils.course.grading.limits import Limits
from utils.course.grading.wire import WireError, receive_frame, send_frame

_LARGEST_JOB = 256 * 1024 * 1024
_START_SECONDS = 180.0
_SCORERS_MODULES = (
    "torch.fx.experimental.symbolic_shapes",  # half a second at the first backward pass
    "numpy.random",
    "utils.notebook.checks",
    "utils.course.grading.gradients",
    "utils.course.grading.scorer",
)
_GRACE_SECONDS = 30.0


class SlotError(RuntimeError):
    """The scorer process failed; the submission was not scored."""


class Slot:
    """The parent's end: starts the process, gives it jobs one at a time.

    Args:
        sandbox: name of the sandbox.
        image: the image where it is a container.
        limits: what a submission may use.
        secret: the course's secret, given to the test cells as COURSE_SECRET.
    """

    def __init__(self, sandbox: str, image: str | None, limits: Limits, secret: str) -> None:
        self.sandbox, self.image, self.limits, self.secret = sandbox, image, limits, secret
        self.known: set[str] = set()
        self.process: subprocess.Popen[bytes] | None = None
        self.channel: socket.socket | None = None

    def start(self) -> None:
        """Start the process and wait until the sandbox is warm.

        Raises:
            SlotError: it does not start; the message says why.
        """
        ours, theirs = socket.socketpair()
        variables = {
            **os.environ,
            "COURSE_SECRET": self.secret,
            "COURSE_BUDGET": "smoke",
            "PYTHONHASHSEED": "0",
            "OMP_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
            "MPLBACKEND": "Agg",
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).resolve().parents[3])]),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "utils.course.grading.slot", str(theirs.fileno())],
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=variables,
            start_new_session=True,
        )
        theirs.close()
        self.channel, self.known = ours, set()
        settings = {"sandbox": self.sandbox, "image": self.image, "limits": self.limits.to_dict()}
        answer = self._ask(settings, _START_SECONDS)
        if "fault" in answer:
            self.stop()
            raise SlotError(answer["fault"])

    def grade(self, assignment: dict[str, Any], digest: str, job: dict[str, Any]) -> dict[str, Any]:
        """Score one submission; starts the process first where it is not running.

        Args:
            assignment: the assignment as plain data.
            digest: its digest.
            job: the learner's `answers` and `extras`, and the `limits`.

        Raises:
            SlotError: the process failed; it is stopped, and a later call starts a new one.
        """
        if self.process is None or self.process.poll() is not None:
            self.stop()
            self.start()
        if digest not in self.known:
            answer = self._ask({"op": "assignment", "assignment": assignment, "digest": digest}, _START_SECONDS)
            if "fault" in answer:
                self.stop()
                raise SlotError(answer["fault"])
            self.known.add(digest)
        seconds = float(job["limits"]["submission_seconds"]) + _GRACE_SECONDS
        answer = self._ask({"op": "grade", "digest": digest, **job}, seconds + _GRACE_SECONDS)
        if "fault" in answer:
            self.stop()
            raise SlotError(answer["fault"])
        return answer

    def _ask(self, message: dict[str, Any], seconds: float) -> dict[str, Any]:
        assert self.channel is not None
        try:
            self.channel.settimeout(seconds)
            send_frame(self.channel, json.dumps(message).encode())
            frame = receive_frame(self.channel, _LARGEST_JOB, time.monotonic() + seconds)
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


class _Server:
    """The process's end."""

    def __init__(self, channel: socket.socket) -> None:
        self.channel = channel
        self.assignments: dict[str, Any] = {}
        self.running: Any = None
        self.isolated = False

    def serve(self) -> None:
        settings = self._next()
        if settings is None:
            return
        try:
            from utils.course.grading.sandbox import choose_sandbox

            self.limits = Limits(**settings["limits"])
            self.sandbox = choose_sandbox(settings["sandbox"], settings["image"])
            self._start_sandbox()
            self._warm_up()
            self._answer({"ready": True, "isolated": self.isolated})
        except Exception as error:
            self._answer({"fault": f"{type(error).__name__}: {error}"})
            self._stop_sandbox()
            return
        while (message := self._next()) is not None:
            try:
                if message["op"] == "assignment":
                    self._answer(self._learn(message))
                else:
                    self._answer(self._grade(message))
            except Exception as error:
                self._answer({"fault": f"{type(error).__name__}: {error}"})
        self._stop_sandbox()

    def _next(self) -> dict[str, Any] | None:
        frame = receive_frame(self.channel, _LARGEST_JOB)
        message: dict[str, Any] | None = json.loads(frame) if frame is not None else None
        return message

    def _answer(self, message: dict[str, Any]) -> None:
        send_frame(self.channel, json.dumps(message).encode())

    def _start_sandbox(self) -> None:
        from utils.course.grading.link import Control, SandboxLostError

        self.running = self.sandbox.start(self.limits)
        self.control = Control(self.running.control)
        try:
            self.isolated = self.control.hear(_START_SECONDS)["isolated"]
        except SandboxLostError as error:
            raise RuntimeError(f"{error}: {self.running.complaint()}") from None
        for spec, _ in self.assignments.values():
            self._preload(spec)

    def _stop_sandbox(self) -> None:
        if self.running is not None:
            self.running.stop()
            self.running = None

    def _warm_up(self) -> None:
        import torch

        for name in _SCORERS_MODULES:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
        from utils.course.grading.shell import new_shell

        torch.set_num_threads(1)
        torch.ones(2, 2) @ torch.ones(2, 2)
        new_shell()

    def _preload(self, spec: Any) -> None:
        self.control.ask({"op": "preload", "modules": ["utils.notebook.checks", *spec.preload]}, seconds=_START_SECONDS)

    def _learn(self, message: dict[str, Any]) -> dict[str, Any]:
        """Run the author's cells once, with the reference answers, so that test cells find what they use."""
        from utils.course.grading.shell import new_shell
        from utils.course.grading.spec import AssignmentSpec

        spec = AssignmentSpec.from_dict(message["assignment"])
        shell = new_shell()
        errors = {}
        for cell in spec.cells:
            if cell.role in ("author", "solution"):
                result = shell.run_cell(cell.source, store_history=False)
                error = result.error_before_exec or result.error_in_exec
                if error is not None:
                    errors[cell.grade_id or f"cell {cell.index + 1}"] = f"{type(error).__name__}: {error}"
        self.assignments[message["digest"]] = (spec, shell.user_ns)
        self._preload(spec)
        gc.collect()
        gc.freeze()
        return {"learned": True, "errors": errors}

    def _grade(self, message: dict[str, Any]) -> dict[str, Any]:
        """Score one submission in a fork of this process, so that no submission finds a trace of another."""
        if self.running is None:
            self._start_sandbox()
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.close(reading)
                with os.fdopen(writing, "wb") as stream:
                    stream.write(json.dumps(self._score(message)).encode())
            finally:
                os._exit(0)
        os.close(writing)
        seconds = float(message["limits"]["submission_seconds"]) + _GRACE_SECONDS
        try:
            data = _read_until(reading, time.monotonic() + seconds)
        finally:
            os.close(reading)
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        answer: dict[str, Any] = json.loads(data) if data else {"fault": "the scorer ended without a result"}
        if "fault" in answer or not self.sandbox.reusable:
            self._stop_sandbox()
        return answer

    def _score(self, message: dict[str, Any]) -> dict[str, Any]:
        import numpy
        import torch

        from utils.course.grading.scorer import Scorer

        spec, namespace = self.assignments[message["digest"]]
        random.seed(0)
        numpy.random.seed(0)
        torch.manual_seed(0)
        try:
            extras = [(before, kind, source) for before, kind, source in message["extras"]]
            secret = os.environ.get("COURSE_SECRET", "")
            limits = Limits(**message["limits"])
            scorer = Scorer(spec, message["answers"], extras, namespace, self.control, limits, secret)
            return scorer.score().to_dict()
        except Exception as error:
            return {"fault": f"{type(error).__name__}: {error}"}


def _read_until(descriptor: int, deadline: float) -> bytes:
    pieces: list[bytes] = []
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([descriptor], [], [], left)[0]:
            return b""
        piece = os.read(descriptor, 1 << 20)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)


if __name__ == "__main__":
    _Server(socket.socket(fileno=int(sys.argv[1]))).serve()
