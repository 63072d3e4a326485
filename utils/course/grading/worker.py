"""The main worker inside the sandbox: runs the learner's cells one by one, and forks for each exercise.

What it answers is never trusted: everything here shares a process with learner code.
"""

from __future__ import annotations

import contextlib
import gc
import os
import random
import signal
import socket
import sys
import time
from typing import Any

from utils.course.grading.answers import Answers
from utils.course.grading.shell import flush_streams, fresh_streams, run_cell
from utils.course.grading.tampering import Tampering
from utils.course.grading.wire import Reader, Writer, receive_frame, send_frame

_ENDING_SECONDS = 5.0
_YOUNG_OBJECTS = 20_000  # a process that lives for a second need not look for garbage at every 700th object


def serve(channel: socket.socket, shell: Any, limits: dict[str, Any]) -> None:
    """Answer the scorer's requests until it closes the channel.

    Requests: `cell` (source, limit in seconds), `exercise` (followed by a byte that carries the exercise's channel),
    `finish` (ends the exercise's process), `report` (what the code did to this process).
    """
    fresh_streams()
    gc.set_threshold(_YOUNG_OBJECTS)
    _same_chance_for_all()
    tampering = Tampering(shell)
    exercise = 0
    while True:
        frame = receive_frame(channel, int(limits["message"]))
        if frame is None:
            return
        request = Reader().loads(frame)
        answer: dict[str, Any] = {}
        if request["op"] == "cell":
            answer = run_cell(shell, request["source"], request["limit"])
        elif request["op"] == "exercise":
            _, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
            exercise = _fork_exercise(channel, descriptors[0], shell, tampering, limits)
            os.close(descriptors[0])
        elif request["op"] == "finish":
            answer, exercise = _finish(exercise, request.get("ending", False)), 0
        elif request["op"] == "report":
            answer = {"found": tampering.report()}
        flush_streams()
        send_frame(channel, Writer(int(limits["message"])).dumps(answer))


def _same_chance_for_all() -> None:
    """Seed the global generators alike: an answer that draws without a generator repeats itself."""
    random.seed(0)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(0)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)


def _fork_exercise(
    channel: socket.socket, descriptor: int, shell: Any, tampering: Tampering, limits: dict[str, Any]
) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        channel.close()
        os.setpgid(0, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        own = socket.socket(fileno=descriptor)
        Answers(own, shell.user_ns, tampering.report, int(limits["message"])).serve()
        flush_streams()
    except BaseException:
        # The scorer is gone, or a learner's code broke what this process needs to answer.
        os._exit(72)
    os._exit(0)


def _finish(pid: int, ending: bool) -> dict[str, int]:
    """End an exercise's process and what it started; say how it had ended if it was gone already.

    Args:
        pid: the process, 0 for none.
        ending: it has closed its channel by itself, so it is about to be gone: its own end is awaited for a moment.
    """
    if not pid:
        return {"code": 0, "signal": 0}
    until = time.monotonic() + (_ENDING_SECONDS if ending else 0.0)
    # Without reaping yet: a process that has ended stays a zombie, so its number is still its own.
    while not (already := os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None):
        if time.monotonic() >= until:
            break
        time.sleep(0.002)
    for end in (os.killpg, os.kill):
        with contextlib.suppress(OSError):
            end(pid, signal.SIGKILL)
    _, state = os.waitpid(pid, 0)
    if not already:
        return {"code": 0, "signal": 0}
    return {
        "code": os.WEXITSTATUS(state) if os.WIFEXITED(state) else -1,
        "signal": os.WTERMSIG(state) if os.WIFSIGNALED(state) else 0,
    }
