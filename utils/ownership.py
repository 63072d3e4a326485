"""Whether the top-level package `utils` is the course's alone: the name is common, and another one could hide ours."""

from __future__ import annotations

import importlib.metadata
import re
import sys
import warnings
from pathlib import Path

OURS = "foundation-models-course"


def other_owners() -> list[str]:
    """Return the names of other installed distributions that bring a top-level package `utils`, sorted.

    Each notebook asks this as it starts, and a grader for each submission. So only those folders of the path are read
    that hold something named `utils`: asking for the packages of every distribution takes a quarter of a second.
    """
    names = set()
    for folder in {Path(entry) for entry in sys.path}:
        if (folder / "utils").is_dir() or (folder / "utils.py").is_file():
            for info in (*folder.glob("*.dist-info"), *folder.glob("*.egg-info")):
                is_ours = re.split("[-.]", info.name)[0] == OURS.replace("-", "_")
                if not is_ours and _brings_utils(info):
                    names.add(importlib.metadata.PathDistribution(info).metadata["Name"] or info.stem)
    return sorted(names - {OURS})


def _brings_utils(info: Path) -> bool:
    if b"utils" in _content(info / "top_level.txt").split():
        return True
    record = b"\n" + _content(info / "RECORD")
    return b"\nutils/" in record or b"\nutils.py," in record


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


def warn_of_other_owners() -> None:
    """Warn where another distribution's files lie among ours, or would hide them on another path."""
    if others := other_owners():
        warnings.warn(
            f"{', '.join(others)} also installs a package named `utils`, the course's own name for its code: keep the "
            f"two in separate environments",
            stacklevel=3,
        )
