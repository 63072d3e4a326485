"""The sandbox attacked from inside, before it is trusted: what was tried, what should happen, what did.

An attack's success is judged from outside wherever it can be: by a connection that arrives, a file that changed, a
secret that comes out, a process that is still there.
"""

from __future__ import annotations

import os
import secrets
import socket
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from utils.course.grading.limits import MIB, Limits
from utils.course.grading.link import Control, GoneError, SandboxLostError, WorkerLink
from utils.course.grading.sandbox import Running, Sandbox, choose_sandbox
from utils.paths import repository_root


@dataclass(frozen=True)
class AttackRow:
    """One attack: what was tried, what a sandbox does about it, what happened, and whether that is good."""

    attack: str
    expected: str
    happened: str
    ok: bool


class SandboxCheckError(RuntimeError):
    """An attack on the sandbox succeeded; `rows` is the whole table."""

    def __init__(self, rows: list[AttackRow]) -> None:
        failed = "; ".join(f"{row.attack}: {row.happened}" for row in rows if not row.ok)
        super().__init__(f"the sandbox does not hold, so nothing is graded in it: {failed}")
        self.rows = rows


class _Scene:
    """The outside world that the attacks aim at, with a secret in each place, and the sandbox that should stop them."""

    def __init__(
        self, sandbox: Sandbox, limits: Limits, running: Running | None = None, control: Control | None = None
    ) -> None:
        self.sandbox, self.limits, self.borrowed = sandbox, limits, running is not None
        self.before = os.environ.get("COURSE_SECRET")
        self.secret = (self.before or "") if self.borrowed else f"SECRET-{secrets.token_hex(8)}"
        self.folder = tempfile.TemporaryDirectory(prefix="course-sandbox-check-")
        self.gradebook = Path(self.folder.name, "gradebook.db")
        self.gradebook.write_text(self.secret, encoding="ascii")
        self.gradebook.chmod(0o666)
        os.chmod(self.folder.name, 0o777)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(0.05)
        if running is not None and control is not None:
            self.running, self.control = running, control
        else:
            os.environ["COURSE_SECRET"] = self.secret
            self.running = sandbox.start(limits)
            self.control = Control(self.running.control)
            self.control.hear(180.0)

    def close(self) -> None:
        if not self.borrowed:
            self.running.stop()
        if self.before is None:
            os.environ.pop("COURSE_SECRET", None)
        else:
            os.environ["COURSE_SECRET"] = self.before
        self.listener.close()
        self.folder.cleanup()

    def run(self, source: str) -> tuple[str, WorkerLink]:
        """Run attacking code as a submission's cell; return what it printed, or how it ended, and its worker's link."""
        if not self.sandbox.reusable:
            self.running.stop()
            self.running = self.sandbox.start(self.limits)
            self.control = Control(self.running.control)
            self.control.hear(180.0)
        link = WorkerLink(self.control, self.limits, time.monotonic() + self.limits.submission_seconds)
        how = ""
        try:
            answer = link.run_cell(source)
            how = answer["error"]
            if answer["stopped"]:
                how = "stopped for time"
        except GoneError as gone:
            how = f"ended: {gone.message}"
        link.close()
        return " ".join((link.kept.decode("utf-8", "replace") + " " + how).split())[-300:], link


_READ_FILES = """
for path in PATHS:
    try:
        print(open(path).read()[:100])
    except OSError as error:
        print(type(error).__name__)
"""


def _network(scene: _Scene) -> AttackRow:
    port = scene.listener.getsockname()[1]
    said, _ = scene.run(
        "import socket\n"
        f"for address in (('127.0.0.1', {port}), ('192.0.2.1', 80)):\n"
        "    try:\n"
        "        socket.create_connection(address, 2).sendall(b'out')\n"
        "        print('connected')\n"
        "    except OSError as error:\n"
        "        print(error)\n"
    )
    try:
        scene.listener.accept()
        arrived = True
    except OSError:
        arrived = False
    ok = not arrived and "connected" not in said
    return AttackRow("connect to the machine and to the network", "refused or unreachable", said, ok)


def _home(scene: _Scene) -> AttackRow:
    with tempfile.NamedTemporaryFile("w", dir=_writable_home(), prefix=".course-check-") as file:
        file.write(scene.secret)
        file.flush()
        said, _ = scene.run(f"PATHS = [{file.name!r}, '/proc/1/root' + {file.name!r}]{_READ_FILES}")
    return AttackRow("read a file in the user's home", "not found", said, scene.secret not in said)


def _writable_home() -> str:
    home = os.path.expanduser("~")
    return home if os.access(home, os.W_OK) else tempfile.gettempdir()


def _gradebook(scene: _Scene) -> AttackRow:
    path = str(scene.gradebook)
    said, _ = scene.run(
        f"PATHS = [{path!r}]{_READ_FILES}"
        f"try:\n    open({path!r}, 'w').write('100 points')\n    print('written')\nexcept OSError as error:\n"
        "    print(type(error).__name__)\n"
    )
    changed = scene.gradebook.read_text(encoding="ascii") != scene.secret
    return AttackRow("read and overwrite a gradebook", "not found", said, scene.secret not in said and not changed)


def _sources(scene: _Scene) -> AttackRow:
    root = repository_root() or Path(__file__).resolve().parents[3]
    places = [str(root / name) for name in ("solutions", "tests", "gradebook.db", "submitted", "nbgrader_config.py")]
    places += ["/course/solutions", "/course/tests"]
    said, _ = scene.run(f"import os\nprint('found', [path for path in {places!r} if os.path.exists(path)])\n")
    return AttackRow("see solutions, tests and submissions", "found []", said, said.strip() == "found []")


def _environment(scene: _Scene) -> AttackRow:
    said, _ = scene.run(
        "import glob, os\nprint(os.environ.get('COURSE_SECRET'))\n"
        "for path in glob.glob('/proc/[0-9]*/environ'):\n"
        "    try:\n"
        "        print([part for part in open(path).read().split(chr(0)) if 'SECRET' in part])\n"
        "    except OSError as error:\n"
        "        print(type(error).__name__)\n"
    )
    return AttackRow("read the grader's environment", "nothing there", said, scene.secret not in said)


def _escape(scene: _Scene) -> AttackRow:
    said, _ = scene.run(
        "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "tried = {'unshare': libc.unshare(0x10000000), 'mount': libc.mount(b'proc', b'/tmp', b'proc', 0, None),\n"
        "         'ptrace': libc.ptrace(16, 1, 0, 0), 'chroot': libc.chroot(b'/tmp')}\n"
        "for name, path in (('root', '/proc/1/root/etc'), ('mem', '/proc/1/mem'), ('disk', '/dev/vda')):\n"
        "    try:\n"
        "        tried[name] = 0 if os.path.isdir(path) and os.listdir(path) or open(path, 'rb+') else -1\n"
        "    except OSError:\n"
        "        tried[name] = -1\n"
        "for name, action in (('setuid', lambda: os.setuid(12345)),\n"
        "                     ('vsock', lambda: __import__('socket').socket(40, 1))):\n"
        "    try:\n"
        "        action(); tried[name] = 0\n"
        "    except (OSError, OverflowError):\n"
        "        tried[name] = -1\n"
        "print('succeeded', sorted(name for name, result in tried.items() if result != -1))\n"
    )
    return AttackRow(
        "leave the namespaces, trace process 1, open a disk", "succeeded []", said, said.strip() == "succeeded []"
    )


def _memory(scene: _Scene) -> AttackRow:
    chunk = 64 * MIB
    said, _ = scene.run(
        f"kept = []\nfor _ in range({4 * scene.limits.memory // chunk}):\n    kept.append(bytearray(b'x') * {chunk})\n"
        "print('took it')\n"
    )
    return AttackRow("take four times the memory", "ended for memory", said, "took it" not in said and _alive(scene))


def _fork_bomb(scene: _Scene) -> AttackRow:
    said, link = scene.run(
        "import os, time\ncount = 0\n"
        "try:\n"
        "    while count < 5000:\n"
        "        if os.fork() == 0:\n"
        "            time.sleep(30); os._exit(0)\n"
        "        count += 1\n"
        "    print('made 5000')\n"
        "except OSError as error:\n"
        "    print('stopped by', error)\n"
    )
    ok = "made 5000" not in said and _alive(scene)
    return AttackRow("a fork bomb", "stopped at the limit, all ended", said or str(link.events)[:100], ok)


def _daemon(scene: _Scene) -> AttackRow:
    said, link = scene.run(
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        time.sleep(600)\n"
        "    os._exit(0)\n"
        "print('daemon started')\n"
    )
    end = link.event("end")
    left = int(end["left"]) if end is not None else -1
    # The printing end of the pipe is closed only when no process holds it any more.
    ok = link.output == -1 and _alive(scene)
    return AttackRow("a daemon that outlives the submission", "ended with it", f"{said}; ended {left} process(es)", ok)


def _neighbours(scene: _Scene) -> AttackRow:
    scene.run(f"open('/tmp/kept', 'w').write({scene.secret!r})\nopen('/dev/shm/kept', 'w').write({scene.secret!r})")
    said, _ = scene.run(f"PATHS = ['/tmp/kept', '/dev/shm/kept']{_READ_FILES}")
    return AttackRow("find files of an earlier submission", "not found", said, scene.secret not in said)


def _disk(scene: _Scene) -> AttackRow:
    said, _ = scene.run(
        "import os\nwritten = 0\n"
        "for number in range(64):\n"
        "    for folder in ('/tmp', '/dev/shm', '/tmp/work', '/', '/dev', '/course', '/usr', '/var/tmp'):\n"
        "        try:\n"
        "            with open(f'{folder}/fill{number}', 'wb') as file:\n"
        f"                file.write(bytes({scene.limits.scratch // 8}))\n"
        f"            written += {scene.limits.scratch // 8}\n"
        "        except OSError:\n"
        "            continue\n"
        "print('wrote', written // 2**20, 'MiB')\n"
    )
    words = said.split()
    count = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
    ok = count * MIB <= 2 * scene.limits.scratch
    return AttackRow("fill the disk", f"at most {2 * scene.limits.scratch // MIB} MiB of its own", said, ok)


def _alive(scene: _Scene) -> bool:
    """Return whether the sandbox still serves an honest submission."""
    try:
        return "fine" in scene.run("print('fine')")[0]
    except SandboxLostError:
        return False


_HARMLESS: tuple[Callable[[_Scene], AttackRow], ...] = (_network, _home, _gradebook, _sources, _environment)
"""Attacks that hurt nothing where they succeed; the only ones tried where there is no sandbox."""

_ATTACKS: tuple[Callable[[_Scene], AttackRow], ...] = (
    *_HARMLESS,
    _escape,
    _neighbours,
    _disk,
    _fork_bomb,
    _daemon,
    _memory,
)


def sandbox_check(
    sandbox: str = "auto", image: str | None = None, limits: Limits | None = None, *, refuse: bool = False
) -> list[AttackRow]:
    """Attack the sandbox from inside and return what happened.

    Args:
        sandbox, image: as for `choose_sandbox`.
        limits: the limits to try; memory, scratch and times are lowered so that the check takes seconds.
        refuse: raise when an attack succeeds.

    Raises:
        SandboxUnavailableError: there is no such sandbox.
        SandboxCheckError: with `refuse`, an attack succeeded.
    """
    scene = _Scene(choose_sandbox(sandbox, image), _lowered(limits or Limits()))
    rows = _attack(scene)
    if refuse and not all(row.ok for row in rows):
        raise SandboxCheckError(rows)
    return rows


def attack_running(sandbox: Sandbox, limits: Limits, running: Running, control: Control) -> list[AttackRow]:
    """Attack a sandbox that was started to grade in, before anything else is let into it, and return what happened.

    Args:
        sandbox: its kind.
        limits: as for `sandbox_check`.
        running, control: the sandbox and its process, which need not be warm, started while the variable
            COURSE_SECRET held a text that is in no other place.

    Raises:
        ValueError: there is no such text.
    """
    if len(os.environ.get("COURSE_SECRET", "")) < 16:
        raise ValueError("COURSE_SECRET must hold a text that the attacks can look for")
    return _attack(_Scene(sandbox, _lowered(limits), running, control))


def _lowered(limits: Limits) -> Limits:
    """Return limits so low that an attack that tries them takes a moment."""
    return replace(
        limits,
        memory=min(limits.memory, 512 * MIB),
        scratch=min(limits.scratch, 32 * MIB),
        processes=min(limits.processes, 24),
        cell_seconds=20.0,
        submission_seconds=60.0,
    )


def _attack(scene: _Scene) -> list[AttackRow]:
    rows = []
    try:
        for attack in _ATTACKS if scene.sandbox.name != "none" else _HARMLESS:
            try:
                rows.append(attack(scene))
            except SandboxLostError as error:
                name = attack.__name__.strip("_").replace("_", " ")
                rows.append(AttackRow(name, "the sandbox goes on", f"the sandbox itself was lost: {error}", False))
                break
    finally:
        scene.close()
    return rows
