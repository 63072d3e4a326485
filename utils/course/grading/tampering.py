"""What a learner's code did to the process it runs in: an audit hook, and a comparison of before and after.

All of this runs beside learner code, so it proves nothing; it names what an instructor should look at. Points never
depend on it.
"""

from __future__ import annotations

import builtins
import os
import re
import sys
from pathlib import Path
from typing import Any

_NETWORK = frozenset({"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.bind", "socket.sendto"})
_PROGRAMS = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn"})
_SNOOPING = frozenset({"gc.get_objects", "gc.get_referrers", "sys.settrace"})
_MOST_EVENTS = 40
_CLASS = re.compile(
    r"gradebook|nbgrader|submi[ts]|autograded|feedback|solution|grading|secret|hidden|exchange|\.db$|/\.|journal|answers",
    re.IGNORECASE,
)
"""What the name of a file looks like that belongs to a class, to staff, or to somebody's account."""

_WATCHED = {
    "torch": ("equal", "allclose", "isclose", "eq", "all", "Tensor.__eq__", "Tensor.tolist", "Tensor.equal"),
    "numpy": ("array_equal", "allclose", "isclose", "all", "equal"),
    "numpy.testing": ("assert_allclose", "assert_array_equal", "assert_equal"),
    "json": ("dumps", "loads", "dump", "load"),
    "math": ("isclose", "isnan", "fabs"),
    "socket": ("socket.send", "socket.sendall", "socket.recv"),
    "struct": ("pack", "unpack"),
    "os": ("_exit", "fork", "write"),
}


class Tampering:
    """Watches one worker from before the first cell.

    Args:
        shell: the worker's shell.
        watching: whether to install the audit hook, which cannot be taken out again.
    """

    def __init__(self, shell: Any, watching: bool = True) -> None:
        self.shell = shell
        self.events: set[str] = set()
        self.builtins = dict(vars(builtins))
        self.watched = self._watched_now()
        self.displayhook = type(sys.displayhook)
        self.transformers = self._transformers()
        readable = ("/usr", "/lib", "/bin", "/sbin", "/etc", "/proc", "/dev", "/sys", "/tmp", "/course")
        package = str(Path(__file__).resolve().parents[2])
        self.readable = (*readable, sys.prefix, sys.base_prefix, package)
        if watching:
            sys.addaudithook(self._audit)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            self._opened(arguments)
        elif event in _NETWORK:
            self._note(f"denied network: {event}")
        elif event in _PROGRAMS:
            self._note(f"program: started one with {event}")
        elif event in _SNOOPING:
            self._note(f"snooping: {event}")

    def _note(self, text: str) -> None:
        if len(self.events) < _MOST_EVENTS:
            self.events.add(text)

    def _opened(self, arguments: tuple[Any, ...]) -> None:
        path, _, flags = (*arguments, None, None, None)[:3]
        if isinstance(path, bytes):
            path = path.decode("utf-8", "replace")
        if not isinstance(path, str):
            return
        full = os.path.normpath(os.path.join("/tmp/work", path))
        writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if writes and not full.startswith(("/tmp", "/dev")):
            self._note(f"denied writing: {full[:200]}")
        elif not full.startswith(self.readable):
            # Nothing of the class's is in the sandbox, so asking for it cannot be told from a file that was forgotten
            # at home but by its name.
            denied = _CLASS.search(full) or os.path.lexists(full)
            self._note(f"{'denied reading' if denied else 'missing-file'}: {full[:200]}")
        elif full.startswith("/proc/") and not full.startswith(("/proc/self", "/proc/cpuinfo", "/proc/meminfo")):
            self._note("snooping: /proc")

    def _watched_now(self) -> dict[str, Any]:
        found = {}
        for module, names in _WATCHED.items():
            loaded = sys.modules.get(module)
            if loaded is None:  # not imported yet, so nothing of the author's can have used it
                continue
            for name in names:
                value: Any = loaded
                for part in name.split("."):
                    value = getattr(value, part, None)
                found[f"{module}.{name}"] = value
        return found

    def _transformers(self) -> tuple[int, ...]:
        manager = self.shell.input_transformer_manager
        return (
            len(self.shell.input_transformers_post),
            len(manager.cleanup_transforms),
            len(manager.line_transforms),
            len(manager.token_transformers),
        )

    def report(self) -> list[str]:
        """Return what is not as it was, and what the audit hook saw, sorted."""
        found = set(self.events)
        for name, value in self.builtins.items():
            if vars(builtins).get(name) is not value and name != "_":
                found.add(f"patched: builtins.{name}")
        for name, value in self._watched_now().items():
            if value is not self.watched.get(name, value):
                found.add(f"patched: {name}")
        if type(sys.displayhook) is not self.displayhook:
            found.add("displayhook: replaced")
        if self.shell.ast_transformers:
            found.add("transformer: a syntax tree transformer was installed")
        if self._transformers() != self.transformers:
            found.add("transformer: an input transformer was installed")
        return sorted(found)
