"""What made a record: a hash of the code, the versions of the libraries that compute, and the machine."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

LIBRARIES = ("torch", "numpy", "scipy")


def code_files(sources: Iterable[str]) -> dict[str, str]:
    """Return the SHA-256 (first 16 digits) of each module's file.

    Raises:
        ValueError: there is no such module.
    """
    hashes = {}
    for name in sorted(set(sources)):
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None:
            raise ValueError(f"sources name the module {name}, which cannot be found")
        # Line ends may differ between checkouts; the code does not.
        text = Path(found.origin).read_bytes().replace(b"\r\n", b"\n")
        hashes[name] = hashlib.sha256(text).hexdigest()[:16]
    return hashes


def code_version(sources: Iterable[str]) -> dict[str, Any]:
    """Return one hash over all modules, the hash of each, and the versions of the libraries."""
    files = code_files(sources)
    joint = hashlib.sha256("".join(f"{name}={digest}\n" for name, digest in files.items()).encode())
    return {
        "code": joint.hexdigest()[:16],
        "files": files,
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }


def machine() -> dict[str, Any]:
    """Return the kind of machine: system, processor and cores, nothing that names it."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return {"system": platform.system(), "architecture": platform.machine(), "processor": _processor(), "cores": cores}


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:  # not Linux
        pass
    return platform.processor() or "unknown"
