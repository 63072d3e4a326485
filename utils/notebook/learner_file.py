"""The learner's own small file: what was tried and guessed. It stays on this machine, and no grade depends on it.

It is written whole or not at all, and under a lock, so that two notebooks may write at once. A file that cannot be read
is kept aside and never overwritten. COURSE_PROGRESS=off keeps nothing; COURSE_PROGRESS=FILE names another file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from utils.files import write_whole
from utils.notebook.kernel import somebody_is_there
from utils.paths import learner_dir, repository_root

VARIABLE = "COURSE_PROGRESS"
FORMAT = 1
LOCK_TIMEOUT_S = 5.0
_OFF = ("off", "0", "no", "false")

_told: set[str] = set()


class LearnerFileError(ValueError):
    """The file cannot be read or written; the message is a sentence for the learner."""


def learner_file() -> Path | None:
    """Return where the file is (it need not exist), or None where COURSE_PROGRESS turns it off."""
    chosen = os.environ.get(VARIABLE, "").strip()
    if chosen.lower() in _OFF:
        return None
    return Path(chosen).expanduser() if chosen else learner_dir() / "progress.json"


def is_kept() -> bool:
    """Return whether this kernel writes: a person runs it, the file is not off, and it is no notebook with answers."""
    if learner_file() is None or not somebody_is_there():
        return False
    root = repository_root()
    try:
        return root is None or not Path.cwd().is_relative_to(root / "solutions")
    except OSError:  # the kernel's folder is gone
        return False


def read_learner() -> dict[str, Any]:
    """Return what is kept, {} where there is nothing.

    Raises:
        LearnerFileError: the file is damaged, or another version of the course wrote it.
    """
    path = learner_file()
    if path is None:
        return {}
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise LearnerFileError(f"{path} cannot be read: {error}") from None
    return _parsed(path, text)


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise LearnerFileError(f"{path} is no JSON ({error})") from None
    parts = ("exercises", "guesses")
    if not isinstance(found, dict) or not all(isinstance(found.get(part, {}), dict) for part in parts):
        raise LearnerFileError(f"{path} is JSON, but not what the course writes")
    if not all(isinstance(entry, dict) for part in parts for entry in found.get(part, {}).values()):
        raise LearnerFileError(f"{path} has entries that are not what the course writes")
    return found


def change_learner(change: Callable[[dict[str, Any]], None]) -> None:
    """Read the file, let `change` alter what it holds, and write it; nothing here stops a notebook.

    Where that fails, one sentence says so, once for each reason.
    """
    path = learner_file()
    if path is None:
        return
    from filelock import FileLock, Timeout

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock", timeout=LOCK_TIMEOUT_S):
            found = _read_or_set_aside(path)
            if found.get("format", FORMAT) != FORMAT:
                _tell(f"{path} is of a newer version of the course; it stays as it is, and nothing is noted.")
                return
            change(found)
            text = json.dumps({"format": FORMAT, **found}, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
            write_whole(path, text.encode(), mode=0o600, durable=True)
    except Timeout:
        _tell(f"{path} is in use by another program, so this step was not noted.")
    except (OSError, NotImplementedError) as error:  # a full or read-only disk, a file system without locks
        _tell(f"Your progress cannot be kept in {path}: {error}")


def _read_or_set_aside(path: Path) -> dict[str, Any]:
    try:
        return read_learner()
    except LearnerFileError as error:
        if not path.is_file():
            raise OSError(str(error)) from None
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
        aside = path.with_name(f"{path.stem}.damaged-{stamp}{path.suffix}")
        os.replace(path, aside)
        _tell(f"{error}. It was kept as {aside.name} in the same folder, and a new file begun.")
        return {}


def _tell(sentence: str) -> None:
    """Say a sentence once in this process."""
    if sentence not in _told:
        _told.add(sentence)
        print(sentence)


def now() -> str:
    """Return the time as the file has it."""
    return datetime.now(UTC).isoformat(timespec="seconds")
