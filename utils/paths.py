"""Where the course finds its data: what ships with it, what was fetched, what is the learner's own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def repository_root() -> Path | None:
    """Return the root of the checkout that `utils` is imported from, or None for an installed wheel."""
    root = _PACKAGE.parent
    return root if (root / "pyproject.toml").is_file() and (root / "solutions").is_dir() else None


def datasets_dir() -> Path:
    """Return the folder of tables, checkpoints and recorded runs that ship with the course."""
    root = repository_root()
    return root / "datasets" if root is not None else _PACKAGE / "_datasets"


def exercises_dirs() -> tuple[Path, ...]:
    """Return the folders of exercise files, one a notebook: in a checkout or in an installed wheel."""
    root = repository_root()
    found = (root / "solutions").glob("*/exercises") if root is not None else (_PACKAGE / "_exercises").glob("*")
    return tuple(sorted(folder for folder in found if folder.is_dir()))


def settings_file() -> Path:
    """Return the pyproject.toml with the course's settings; an installed wheel has a copy."""
    root = repository_root()
    return (root if root is not None else _PACKAGE / "_exercises") / "pyproject.toml"


def data_dir() -> Path:
    """Return the folder of fetched files: $COURSE_DATA, the checkout's datasets/fetched, or the user's cache."""
    override = os.environ.get("COURSE_DATA")
    if override:
        return Path(override).expanduser()
    root = repository_root()
    if root is not None:
        return root / "datasets" / "fetched"
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return base / "foundation-models-course"


def learner_dir() -> Path:
    """Return the folder of what belongs to the person at the machine, where the system keeps such data."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share"))
    return base / "foundation-models-course"
