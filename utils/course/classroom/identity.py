"""What makes two gradings the same: the submitted bytes, the tests, and the environment that they meet in."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import utils

DECIDING_PACKAGES = ("numpy", "scipy", "torch")
"""Packages whose version can change what a test says."""


def digest_of(data: Any) -> str:
    """Return the SHA-256 of plain data, the same for equal data."""
    return hashlib.sha256(json.dumps(data, ensure_ascii=True, sort_keys=True).encode()).hexdigest()


@cache
def course_digest() -> str:
    """Return the SHA-256 of the course's package: what answers import, what checks them, what grades them.

    The class's own tools (this folder) do not enter: they hand results around and decide nothing.
    """
    package = Path(utils.__file__).parent
    outside = package / "course" / "classroom"
    total = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        if outside not in path.parents:
            total.update(f"{path.relative_to(package).as_posix()}\0".encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def environment(limits: Mapping[str, Any], secret: str) -> dict[str, Any]:
    """Describe everything beside submission and tests that a result depends on; the secret only as a hash."""
    return {
        "python": ".".join(platform.python_version_tuple()[:2]),
        "packages": {package: _installed(package) for package in DECIDING_PACKAGES},
        "course": course_digest(),
        "limits": dict(limits),
        "secret": hashlib.sha256(f"grading secret: {secret}".encode()).hexdigest(),
    }


def job_identity(submission_digest: str, assignment_digest: str, environment_digest: str) -> str:
    """Return the identity of a grading job: equal exactly where the result must be equal."""
    return digest_of([submission_digest, assignment_digest, environment_digest])
