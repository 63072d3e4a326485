"""The scorer's process of a slot, outside the sandbox: starts it, learns assignments, and forks for each submission.

    python -m utils.course.grading.slot_process DESCRIPTOR

It speaks with `utils.course.grading.slot` over the inherited socket, one JSON message a frame: first the settings, to
start with; then, once the attacks on the sandbox have failed, the secret; then jobs.
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
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from utils.course.grading import containment
from utils.course.grading.limits import Limits
from utils.course.grading.link import Control, SandboxLostError
from utils.course.grading.slot import GRACE_SECONDS, LARGEST_JOB, START_SECONDS
from utils.course.grading.wire import receive_frame, send_frame

_SCORERS_MODULES = (
    "torch.fx.experimental.symbolic_shapes",  # half a second at the first backward pass
    "numpy.random",
    "utils.notebook.checks",
    "utils.course.grading.gradients",
    "utils.course.grading.scorer",
)
_MODULES_A_MESSAGE = 500


class _Server:
    """The process's end."""

    def __init__(self, channel: socket.socket) -> None:
        self.channel = channel
        self.assignments: dict[str, Any] = {}
        self.running: Any = None
        self.isolated = False
        self.lane = 0
        self.branches: list[int] = []
        self.at_first = frozenset(sys.modules)

    def serve(self) -> None:
        settings = self._next()
        if settings is None:
            return
        try:
            from utils.course.grading.sandbox import choose_sandbox

            self.limits = Limits(**settings["limits"])
            self.sandbox = choose_sandbox(settings["sandbox"], settings["image"])
            rows = self._start(attack=settings["attack"] and self.sandbox.reusable)
            if not all(row["ok"] for row in rows):
                self._answer({"rows": rows})
                self._stop_sandbox()
                return
            told = self._next()
            if told is None:
                self._stop_sandbox()
                return
            os.environ["COURSE_SECRET"] = told["secret"]
            self.lane = self.control.lane = int(told["lane"])
            self._answer({"ready": True, "isolated": self.isolated})
        except Exception as error:
            self._answer({"fault": f"{type(error).__name__}: {error}"})
            self._stop_sandbox()
            return
        self._work()
        self._stop_sandbox()

    def _work(self) -> None:
        while (message := self._next()) is not None:
            self._collect_branches()
            try:
                if message["op"] == "assignment":
                    self._answer(self._learn(message))
                elif message["op"] == "branch":
                    self._answer(self._branch(int(message["lane"])))
                else:
                    self._answer(self._grade(message))
            except Exception as error:
                self._answer({"fault": f"{type(error).__name__}: {error}"})

    def _branch(self, lane: int) -> dict[str, Any]:
        """Fork this process and its warm process for another slot."""
        _, descriptors, _, _ = socket.recv_fds(self.channel, 1, 1)
        if not self.sandbox.reusable or self.running is None:
            os.close(descriptors[0])
            return {"fault": "this sandbox cannot be divided"}
        running = self.running.branch(self.control, self.limits)
        pid = os.fork()
        if pid == 0:
            try:
                os.setsid()
                self.channel.close()
                self.running.control.close()
                self.channel = socket.socket(fileno=descriptors[0])
                self.running, self.lane, self.branches = running, lane, []
                self._await_sandbox()
                self._work()
                self._stop_sandbox()
            finally:
                os._exit(0)
        os.close(descriptors[0])
        running.control.close()
        self.branches.append(pid)
        return {"pid": pid}

    def _collect_branches(self) -> None:
        """Let the kernel forget branches that have ended."""
        for pid in list(self.branches):
            with contextlib.suppress(ChildProcessError):
                if os.waitpid(pid, os.WNOHANG) == (0, 0):
                    continue
            self.branches.remove(pid)

    def _next(self) -> dict[str, Any] | None:
        frame = receive_frame(self.channel, LARGEST_JOB)
        message: dict[str, Any] | None = json.loads(frame) if frame is not None else None
        return message

    def _answer(self, message: dict[str, Any]) -> None:
        send_frame(self.channel, json.dumps(message).encode())

    def _start(self, attack: bool) -> list[dict[str, Any]]:
        """Start the sandbox, and warm both processes at once, each on a core of its own; return the attacks' rows."""
        self.running = self.sandbox.start(self.limits)
        # A process of its own leads the sandbox through its start, while this one imports.
        leader = _Fork(lambda: self._led_through_start(attack))
        self._warm_up()
        found = leader.answer(START_SECONDS)
        if found is None:
            raise RuntimeError(f"the sandbox did not start: {self.running.complaint()}")
        if "fault" in found:
            raise RuntimeError(found["fault"])
        self.control, self.isolated = Control(self.running.control, self.lane), found["isolated"]
        rows: list[dict[str, Any]] = found["rows"]
        return rows

    def _led_through_start(self, attack: bool) -> dict[str, Any]:
        """Warm the sandbox, and attack a copy of its process meanwhile, in the same namespaces: it need not be warm."""
        from utils.course.grading.attacks import attack_running

        rows = []
        try:
            self._await_sandbox()
            copy = self.running.branch(self.control, self.limits) if attack else None
            self.control.tell({"op": "warm"})
            if copy is not None:
                control = Control(copy.control, self.lane)
                control.hear(START_SECONDS)
                rows = attack_running(self.sandbox, self.limits, copy, control)
                copy.stop()
            self._await_warmth()
        except Exception as error:
            return {"fault": str(error)}
        return {"isolated": self.isolated, "rows": [asdict(row) for row in rows]}

    def _start_sandbox(self) -> None:
        self.running = self.sandbox.start(self.limits)
        self._await_sandbox()
        self.control.tell({"op": "warm"})
        self._await_warmth()
        for spec, _, modules in self.assignments.values():
            self._preload(spec, modules)

    def _await_sandbox(self) -> None:
        """Wait until workers can be had."""
        self.control = Control(self.running.control, self.lane)
        self.isolated = self._heard()["isolated"]

    def _await_warmth(self) -> None:
        """Wait until the sandbox's process has imported what every notebook needs."""
        self._heard()

    def _heard(self) -> dict[str, Any]:
        try:
            return self.control.hear(START_SECONDS)
        except SandboxLostError as error:
            raise RuntimeError(f"{error}: {self.running.complaint()}") from None

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

    def _preload(self, spec: Any, modules: list[str]) -> None:
        """Import in the warm process what the author's cells import, and what they led to when they ran."""
        wanted = ["utils.notebook.checks", *spec.preload, *modules]
        for at in range(0, len(wanted), _MODULES_A_MESSAGE):
            message = {"op": "preload", "modules": wanted[at : at + _MODULES_A_MESSAGE]}
            self.control.ask(message, seconds=START_SECONDS)

    def _learn(self, message: dict[str, Any]) -> dict[str, Any]:
        """Run the author's cells once, with the reference answers, so that test cells find what they use."""
        from utils.course.grading.scorer import prepare
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
        prepare(spec)
        modules = [name for name in sys.modules if name not in self.at_first and not name.startswith("utils.course.")]
        self.assignments[message["digest"]] = (spec, shell.user_ns, modules)
        self._preload(spec, modules)
        gc.collect()
        gc.freeze()
        return {"learned": True, "errors": errors}

    def _grade(self, message: dict[str, Any]) -> dict[str, Any]:
        """Score one submission in a fork of this process, so that no submission finds a trace of another."""
        if self.running is None:
            self._start_sandbox()
        seconds = float(message["limits"]["submission_seconds"]) + GRACE_SECONDS
        answer = _Fork(lambda: self._score(message)).answer(seconds) or {"fault": "the scorer ended without a result"}
        if "fault" in answer or not self.sandbox.reusable:
            self._stop_sandbox()
        return answer

    def _score(self, message: dict[str, Any]) -> dict[str, Any]:
        import numpy
        import torch

        from utils.course.grading.scorer import Scorer

        spec, namespace, _ = self.assignments[message["digest"]]
        gc.disable()  # this process ends with its submission
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


class _Fork:
    """A function that runs in a fork of this process, and its answer as plain data.

    Args:
        work: the function; what it returns must be fit for JSON.
    """

    def __init__(self, work: Callable[[], dict[str, Any]]) -> None:
        self.reading, writing = os.pipe()
        self.child = os.fork()
        if self.child == 0:
            try:
                os.close(self.reading)
                containment.end_with_parent()
                with os.fdopen(writing, "wb") as stream:
                    stream.write(json.dumps(work()).encode())
            finally:
                os._exit(0)
        os.close(writing)

    def answer(self, seconds: float) -> dict[str, Any] | None:
        """Wait for the answer and end the fork; None where there is none in that time."""
        try:
            data = _read_until(self.reading, time.monotonic() + seconds)
        finally:
            os.close(self.reading)
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.child, signal.SIGKILL)
            os.waitpid(self.child, 0)
        found: dict[str, Any] | None = json.loads(data) if data else None
        return found


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
