"""The warm process inside the sandbox: imports once, then forks one contained worker per submission.

It never runs learner code itself. Its parent outside holds the other end of a control socket and sends, one JSON
message a datagram: `warm` (import what every notebook needs), `preload` (modules to import), `spawn` (with three
descriptors: the worker's channel, the pipe for what it prints, the pipe for its supervisor's report), `kill`, and
`branch` (with one descriptor: the control socket of a copy of this process, which serves another scorer without
importing everything again). It says once that it has started; workers can be had from then on, but
their first imports are slow before `warm`.
"""

from __future__ import annotations

import array
import contextlib
import gc
import importlib
import json
import os
import random
import signal
import socket
import sys
import traceback
from typing import Any

from utils.course.grading import containment
from utils.course.grading.huge_pages import use_huge_pages
from utils.course.grading.shell import new_shell
from utils.course.grading.supervisor import descendants, supervise

_LONGEST_MESSAGE = 1 << 16
_PLOTS = "/tmp/matplotlib"
"""Where matplotlib, by the sandbox's environment, keeps its settings."""
_WORKERS_MODULES = (
    "torch.fx.experimental.symbolic_shapes",  # half a second at the first backward pass
    "numpy.random",
    "numpy.testing",
    "torch.overrides",
    "torch.nn.functional",
    "torch._C._functorch",
    "utils.course.grading.worker",
    "utils.notebook.checks",
    "traceback",
    "linecache",
    "sqlite3",
    "matplotlib.font_manager",  # where there is no list of fonts it makes one, for seconds, with a program
)


def main(address: str, divide: str = "divide") -> int:
    """Serve a control socket until its other end is closed.

    Args:
        address: number of an inherited descriptor, or path of a socket to connect to.
        divide: "divide" to give each submission namespaces of its own where that is possible, else "plain".
    """
    zygote = Zygote(_connect(address), divide == "divide")
    zygote.greet()
    zygote.serve()
    return 0


def _connect(address: str) -> socket.socket:
    if address.isdigit():
        return socket.socket(fileno=int(address))
    control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    control.connect(address)
    return control


class Zygote:
    """Forks workers on request."""

    def __init__(self, control: socket.socket, divide: bool) -> None:
        self.control = control
        self.isolated = divide and containment.may_make_namespaces()
        self.own_users = self.isolated and containment.maps_many_users()
        self.own_namespace = os.open("/proc/self/ns/pid", os.O_RDONLY) if self.isolated else -1
        self.spawned = 0
        self.shell = new_shell()
        if not self.isolated:  # its workers see this process, which may be of their own user
            containment.set_dumpable(False)

    def greet(self) -> None:
        """Say that workers can be had."""
        self.answer(ready=True, isolated=self.isolated, own_users=self.own_users)

    def _warm_up(self) -> None:
        """Import what every notebook needs."""
        import torch

        from utils.course.grading.shell import fresh_streams
        from utils.course.grading.shortcuts import forbidding
        from utils.course.grading.tampering import Tampering
        from utils.notebook.checks import SOFTMAX_CALLS

        # One thread: a fork of a process whose thread pool is gone would wait for it for ever.
        torch.set_num_threads(1)
        torch.set_num_interop_threads(1)
        torch.ones(2, 2) @ torch.ones(2, 2)
        # What a worker imports on first use is imported here once: the shell's way with values and with errors, too.
        # The autograd engine starts threads on first use, so it must not have been used before a fork.
        for name in _WORKERS_MODULES:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
        with forbidding(SOFTMAX_CALLS):
            pass
        fresh_streams()
        for source in ("1 + 1", "1 / 0", "!true", "%timeit -n1 -r1 pass"):
            self.shell.run_cell(source, store_history=False)
        self.shell.reset(new_session=True)
        Tampering(self.shell, watching=False).report()
        self._settle()
        self.answer(warm=True)

    def _settle(self) -> None:
        """Keep the garbage collector from copying pages that forks share."""
        gc.collect()
        gc.freeze()

    def answer(self, **message: Any) -> None:
        self.control.send(json.dumps(message).encode())

    def serve(self) -> None:
        while True:
            data, descriptors = self._receive()
            if not data:
                return
            message = json.loads(data)
            if message["op"] == "warm":
                self._warm_up()
            elif message["op"] == "preload":
                self._preload(message["modules"])
            elif message["op"] == "spawn":
                self._spawn(message, descriptors)
            elif message["op"] == "kill":
                self._kill(message["pid"])
            elif message["op"] == "branch":
                self._branch(descriptors[0])
            for descriptor in descriptors:
                os.close(descriptor)

    def _receive(self) -> tuple[bytes, list[int]]:
        numbers = array.array("i")
        data, ancillary, _, _ = self.control.recvmsg(_LONGEST_MESSAGE, socket.CMSG_LEN(8 * numbers.itemsize))
        for level, kind, piece in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                numbers.frombytes(piece[: len(piece) - len(piece) % numbers.itemsize])
        return data, list(numbers)

    def _preload(self, modules: list[str]) -> None:
        failed = []
        for name in modules:
            try:
                importlib.import_module(name)
            except Exception:  # an import that fails here fails in the notebook as well, where it is reported
                failed.append(name)
        self._settle()
        use_huge_pages()
        self.answer(failed=failed)

    def _branch(self, descriptor: int) -> None:
        """Fork a warm process like this one; it holds no learner's code, and none of this one's sockets."""
        pid = os.fork()
        if pid:
            self.answer(pid=pid)
            return
        self.control.close()
        self.control = socket.socket(fileno=os.dup(descriptor))
        self.spawned = 0
        self.greet()

    def _spawn(self, message: dict[str, Any], descriptors: list[int]) -> None:
        self.spawned += 1
        pid = containment.fork_into_pid_namespace(self.own_namespace) if self.isolated else os.fork()
        if pid == 0:
            try:
                self._become_supervisor(message, *descriptors)
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(70)
        self.answer(pid=pid)

    def _become_supervisor(self, message: dict[str, Any], channel: int, output: int, status: int) -> None:
        limits = message["limits"]
        self.control.close()
        if self.isolated:
            os.close(self.own_namespace)
            containment.private_files(int(limits["scratch"]))
        else:
            os.setsid()
            containment.become_subreaper()
            containment.end_with_parent()
        containment.set_dumpable(False)
        worker = os.fork()
        if worker == 0:
            try:
                os.close(status)
                self._become_worker(limits, int(message.get("lane", 0)), channel, output)
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(71)
        os.close(channel)
        os.close(output)
        supervise(worker, status, limits, self.isolated)

    def _become_worker(self, limits: dict[str, Any], lane: int, channel: int, output: int) -> None:
        from utils.course.grading import worker

        containment.set_dumpable(True)  # without it /proc/self belongs to root
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
            file.write("1000")  # where memory runs out the kernel takes the learner's process, not the warm one
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        kept = os.dup2(channel, 3)
        os.closerange(4, 4096)
        os.setsid()
        containment.bound_capabilities()
        if self.isolated:
            home = "/tmp/home"
            uid = containment.worker_user(lane, self.spawned) if self.own_users else os.getuid()
            for path in (home, "/tmp/work", *([] if os.path.exists(_PLOTS) else [_PLOTS])):
                os.mkdir(path)
                if self.own_users:
                    os.chown(path, uid, uid)
            os.environ["HOME"] = home
            os.chdir("/tmp/work")
            if self.own_users:
                containment.become_user(uid)
        containment.limit_resources(limits, self.own_users)
        containment.drop_capabilities()
        containment.refuse_system_calls()
        containment.set_dumpable(True)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        random.seed(0)
        worker.serve(socket.socket(fileno=kept), self.shell, limits)
        os._exit(0)

    def _kill(self, pid: int) -> None:
        """End a worker with everything below it, and wait until it is gone."""
        for doomed in [*([] if self.isolated else descendants(pid)), pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(doomed, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)
        self.answer(killed=pid)


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
