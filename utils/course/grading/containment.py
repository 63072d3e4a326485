"""What a worker gives up before it runs learner code: namespaces, capabilities, system calls, resources.

bubblewrap contains the warm process; these steps contain each submission inside it, from every other one and from the
warm process. They are Linux system calls without a wrapper in Python's library, so they go through ctypes. Where the
warm process may not make namespaces (a container, no sandbox at all) only the steps that need no privilege are taken.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import stat
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWCGROUP = 0x10000000, 0x20000000, 0x40000000, 0x02000000
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REC, _MS_PRIVATE = 0x2, 0x4, 0x8, 0x4000, 0x40000
_MS_BIND = 0x1000
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_CAPBSET_DROP = 1, 4, 22, 24
_PR_SET_SECUREBITS = 28
_PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 36, 38, 47
_CAP_SYS_ADMIN = 21
_LAST_CAPABILITY = 40

FIRST_WORKER_UID = 1879048192
"""Where the grader is root each worker gets a user id of its own, above those that systems and containers hand out."""


_LANES, _USERS_OF_A_LANE = 60, 1000


def worker_user(lane: int, number: int) -> int:
    """Return the user id of a worker: another one for each of the latest workers of a lane, and for each lane.

    The kernel counts processes by user, so two submissions that run at once must not share one.
    """
    return FIRST_WORKER_UID + lane % _LANES * _USERS_OF_A_LANE + number % _USERS_OF_A_LANE


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> int:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")
    return result


def unshare(flags: int) -> None:
    """Leave the named namespaces of the parent."""
    _checked(_libc().unshare(flags), "unshare")


def enter_namespace(descriptor: int, kind: int) -> None:
    """Go (back) into a namespace that a descriptor stands for."""
    _checked(_libc().setns(descriptor, kind), "setns")


def mount(kind: str, target: str, flags: int, options: str = "", source: str = "") -> None:
    """Mount a file system, or with the kind "none" change a mount or bind a source."""
    names = ((source or kind).encode(), target.encode(), kind.encode())
    arguments = (*names, ctypes.c_ulong(flags), options.encode() or None)
    _checked(_libc().mount(*arguments), f"mount {kind} on {target}")


def prctl(option: int, *arguments: int) -> None:
    """Change an attribute of this process."""
    padded = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    _checked(_libc().prctl(option, *padded), f"prctl {option}")


def may_make_namespaces() -> bool:
    """Return whether this process holds CAP_SYS_ADMIN, in whatever user namespace it is in."""
    if sys.platform != "linux":
        return False
    with open("/proc/self/status", encoding="ascii") as status:
        effective = next((line.split()[1] for line in status if line.startswith("CapEff")), "0")
    return bool(int(effective, 16) >> _CAP_SYS_ADMIN & 1)


def maps_many_users() -> bool:
    """Return whether this process may become another user: root, outside a user namespace of one user."""
    if sys.platform != "linux" or os.getuid() != 0:
        return False
    with open("/proc/self/uid_map", encoding="ascii") as mapping:
        return sum(int(line.split()[2]) for line in mapping) > FIRST_WORKER_UID + 65536


def fork_into_pid_namespace(own_namespace: int) -> int:
    """Fork; the child is process 1 of a new process namespace, which the kernel empties when it ends.

    Args:
        own_namespace: a descriptor of this process's own process namespace.
    """
    unshare(CLONE_NEWPID)
    try:
        return os.fork()
    finally:
        if os.getpid() != 1:
            enter_namespace(own_namespace, CLONE_NEWPID)


@contextmanager
def _kept_under(folder: str) -> Iterator[None]:
    """Keep what is mounted below a folder in its place while the folder itself is mounted over.

    An environment that lies under /tmp, say, is bound there read-only, and learner code still has to import from it.
    """
    with open("/proc/self/mountinfo", encoding="utf-8") as table:
        # The kernel writes a space in a path as \\040.
        points = [line.split()[4].replace("\\040", " ") for line in table]
    held = {point: os.open(point, os.O_PATH) for point in points if point.startswith(f"{folder}/")}
    try:
        yield
        for point, descriptor in held.items():
            if stat.S_ISDIR(os.fstat(descriptor).st_mode):
                os.makedirs(point, mode=0o755, exist_ok=True)
            else:
                os.makedirs(os.path.dirname(point), mode=0o755, exist_ok=True)
                os.close(os.open(point, os.O_CREAT | os.O_WRONLY, 0o644))
            # The copy of a read-only mount is read-only.
            mount("none", point, _MS_BIND, source=f"/proc/self/fd/{descriptor}")
    finally:
        for descriptor in held.values():
            os.close(descriptor)


def private_files(scratch: int) -> None:
    """Give this process namespaces of its own with an empty /tmp, an empty /dev/shm and its own /proc."""
    unshare(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET | CLONE_NEWCGROUP)
    mount("none", "/", _MS_REC | _MS_PRIVATE)
    limits = f"size={scratch},nr_inodes=4096,mode=1777"
    with _kept_under("/tmp"):
        mount("tmpfs", "/tmp", _MS_NOSUID | _MS_NODEV, limits)
    mount("tmpfs", "/dev/shm", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, f"size={scratch // 4},nr_inodes=256,mode=1777")
    mount("proc", "/proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC)


def become_subreaper() -> None:
    """Adopt orphaned grandchildren, so that a daemon can be found and ended where there is no namespace."""
    if sys.platform == "linux":
        prctl(_PR_SET_CHILD_SUBREAPER, 1)


def end_with_parent() -> None:
    """Have the kernel end this process when its parent ends."""
    if sys.platform == "linux":
        prctl(_PR_SET_PDEATHSIG, 9)


def set_dumpable(yes: bool) -> None:
    """Say whether processes of the same user may trace this one and read its memory."""
    if sys.platform == "linux":
        prctl(_PR_SET_DUMPABLE, int(yes))


def limit_resources(limits: dict[str, Any], own_user: bool) -> None:
    """Set the kernel's limits for this process and what it starts."""
    scratch, seconds = int(limits["scratch"]), int(limits["cpu_seconds"])
    # The user's other processes count too where workers share a user with them.
    processes = int(limits["processes"]) + (0 if own_user else _processes_of_user())
    wanted = {
        "RLIMIT_CORE": 0,
        "RLIMIT_FSIZE": scratch,
        "RLIMIT_NOFILE": 256,
        "RLIMIT_CPU": seconds,
        "RLIMIT_NPROC": processes,
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
    }
    for name, value in wanted.items():
        kind = getattr(resource, name, None)
        if kind is not None:
            hard = resource.getrlimit(kind)[1]
            most = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (most, most))


def _processes_of_user() -> int:
    """Count this user's threads that can be seen from here."""
    count = 0
    if sys.platform != "linux":
        return 512
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if os.stat(f"/proc/{name}").st_uid == os.getuid():
                    count += len(os.listdir(f"/proc/{name}/task"))
            except OSError:
                continue
    return count


def become_user(uid: int) -> None:
    """Become another user for good, without any group of the old one."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


def bound_capabilities() -> None:
    """Take every capability from the set that programs started later could gain (before becoming another user)."""
    if sys.platform == "linux":
        for capability in range(_LAST_CAPABILITY + 1):
            # Refused without CAP_SETPCAP, which leaves no_new_privs as the only, sufficient, barrier.
            _libc().prctl(_PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0)
        # User id 0, which a worker has in a user namespace of one user, means nothing any more (SECBIT_NOROOT, locked).
        _libc().prctl(_PR_SET_SECUREBITS, ctypes.c_ulong(0x3), 0, 0, 0)


def drop_capabilities() -> None:
    """Give up every capability, and every way to gain one."""
    if sys.platform != "linux":
        return
    _libc().prctl(_PR_CAP_AMBIENT, ctypes.c_ulong(4), 0, 0, 0)
    header = _CapabilityHeader(0x20080522, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _checked(_libc().capset(ctypes.byref(header), ctypes.byref(nothing)), "capset")
    prctl(_PR_SET_NO_NEW_PRIVS, 1)


# System calls that no notebook needs and that escapes from sandboxes have used, by number.
_DENIED = {
    "x86_64": {
        "unshare": 272, "setns": 308, "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "ptrace": 101,
        "process_vm_readv": 310, "process_vm_writev": 311, "keyctl": 250, "add_key": 248, "request_key": 249,
        "bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "io_uring_setup": 425, "io_uring_enter": 426,
        "io_uring_register": 427, "kexec_load": 246, "kexec_file_load": 320, "init_module": 175,
        "finit_module": 313, "delete_module": 176, "open_by_handle_at": 304, "name_to_handle_at": 303,
        "move_mount": 429, "open_tree": 428, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "mount_setattr": 442,
        "swapon": 167, "swapoff": 168, "reboot": 169, "acct": 163, "quotactl": 179, "syslog": 103, "kcmp": 312,
        "pidfd_getfd": 438, "process_madvise": 440, "fanotify_init": 300, "lookup_dcookie": 212, "vhangup": 153,
    },
    "aarch64": {
        "unshare": 97, "setns": 268, "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51, "ptrace": 117,
        "process_vm_readv": 270, "process_vm_writev": 271, "keyctl": 219, "add_key": 217, "request_key": 218,
        "bpf": 280, "perf_event_open": 241, "userfaultfd": 282, "io_uring_setup": 425, "io_uring_enter": 426,
        "io_uring_register": 427, "kexec_load": 104, "kexec_file_load": 294, "init_module": 105,
        "finit_module": 273, "delete_module": 106, "open_by_handle_at": 265, "name_to_handle_at": 264,
        "move_mount": 429, "open_tree": 428, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "mount_setattr": 442,
        "swapon": 224, "swapoff": 225, "reboot": 142, "acct": 89, "quotactl": 60, "syslog": 116, "kcmp": 272,
        "pidfd_getfd": 438, "process_madvise": 440, "fanotify_init": 262, "lookup_dcookie": 18, "vhangup": 58,
    },
}  # fmt: skip
_CALLS = {
    # architecture word, clone, clone3, socket
    "x86_64": (0xC000003E, 56, 435, 41),
    "aarch64": (0xC00000B7, 220, 435, 198),
}
_ALLOWED_FAMILIES = (1, 2, 10)  # AF_UNIX, AF_INET, AF_INET6: within this namespace they lead nowhere
_NEW_NAMESPACES = (
    CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP
)
_ALLOW, _KILL, _EPERM, _ENOSYS = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026


def _instruction(code: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, operand)


def system_call_filter(machine: str) -> bytes | None:
    """Return the seccomp program that refuses the system calls above, None for an unknown machine.

    `clone` may not make namespaces; `clone3`, whose flags a filter cannot see, is reported as unknown so that libc
    falls back to `clone`; sockets may be local ones only (a virtual machine's AF_VSOCK is in no network namespace).
    """
    if machine not in _CALLS:
        return None
    architecture, clone, clone3, socket_call = _CALLS[machine]
    load, jump_equal, jump_bits, jump_at_least, answer = 0x20, 0x15, 0x45, 0x35, 0x06
    program = [
        _instruction(load, 4),
        _instruction(jump_equal, architecture, 1, 0),
        _instruction(answer, _KILL),
        _instruction(load, 0),
    ]
    if machine == "x86_64":  # the x32 interface has numbers of its own for every call
        program += [_instruction(jump_at_least, 0x40000000, 0, 1), _instruction(answer, _EPERM)]
    for number in sorted(_DENIED[machine].values()):
        program += [_instruction(jump_equal, number, 0, 1), _instruction(answer, _EPERM)]
    program += [_instruction(jump_equal, clone3, 0, 1), _instruction(answer, _ENOSYS)]
    program += [
        _instruction(jump_equal, clone, 0, 4),
        _instruction(load, 16),
        _instruction(jump_bits, _NEW_NAMESPACES, 0, 1),
        _instruction(answer, _EPERM),
        _instruction(answer, _ALLOW),
    ]
    program += [_instruction(jump_equal, socket_call, 0, 2 + len(_ALLOWED_FAMILIES)), _instruction(load, 16)]
    for index, family in enumerate(_ALLOWED_FAMILIES):
        program.append(_instruction(jump_equal, family, len(_ALLOWED_FAMILIES) - index, 0))
    program += [_instruction(answer, _EPERM), _instruction(answer, _ALLOW)]
    return b"".join(program)


def refuse_system_calls() -> bool:
    """Install the filter for this process and what it starts; return whether there is one for this machine."""
    program = system_call_filter(platform.machine()) if sys.platform == "linux" else None
    if program is None:
        return False
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
    filter_program = ctypes.create_string_buffer(header, len(header))
    prctl(_PR_SET_SECCOMP, 2, ctypes.addressof(filter_program))
    return True
