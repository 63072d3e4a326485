"""An append-only log of grading in which every line holds the hash of the line before: an edited grade shows."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from utils.course.errors import CourseError
from utils.files import sync_folder

BEGINNING = "0" * 64
"""What stands for the hash of the line before the first one."""


class JournalError(CourseError):
    """The journal cannot be trusted or used; the message says where and why."""


class JournalBusyError(JournalError):
    """Another process is writing to the journal."""


@dataclass(frozen=True)
class Entry:
    """One line of the journal.

    Attributes:
        number: place in the journal, from 1.
        at: when it was written, ISO 8601 in UTC.
        event: what happened, one word or two.
        data: particulars, plain data.
        previous: hash of the entry before.
    """

    number: int
    at: str
    event: str
    data: dict[str, Any]
    previous: str

    @property
    def hash(self) -> str:
        """SHA-256 of everything in the entry, the hash of the entry before among it."""
        body = [self.number, self.at, self.event, self.data, self.previous]
        return hashlib.sha256(_canonical(body)).hexdigest()

    def to_line(self) -> bytes:
        """Return the entry as one line of JSON."""
        fields = {"number": self.number, "at": self.at, "event": self.event, "data": self.data}
        return _canonical({**fields, "previous": self.previous, "hash": self.hash}) + b"\n"


@dataclass(frozen=True)
class Verification:
    """What `verify` found.

    Attributes:
        entries: how many entries are sound, counted from the beginning.
        head: hash of the last sound entry; noted elsewhere, it also shows a journal that was rewritten as a whole.
        problem: what is wrong behind them, None for a sound journal.
    """

    entries: int
    head: str
    problem: str | None


def _canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), sort_keys=True).encode()


def _entry_of(line: bytes, number: int, previous: str) -> Entry:
    try:
        raw = json.loads(line)
        stated = raw.pop("hash")
        entry = Entry(**raw)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise JournalError(f"line {number} is no entry of a journal") from None
    if entry.number != number:
        raise JournalError(f"line {number} says it is entry {entry.number}: lines are missing or were added")
    if entry.previous != previous:
        raise JournalError(f"entry {number} does not follow the one before it: something before it was changed")
    if entry.hash != stated:
        raise JournalError(f"entry {number} ({entry.event}) was changed after it was written")
    return entry


def read_journal(path: Path) -> Iterator[Entry]:
    """Yield the entries of a journal, each checked against the one before; none where there is no file.

    An unfinished last line, which a kill can leave behind, is not an entry.

    Raises:
        JournalError: an entry was changed, added or removed.
    """
    if not path.is_file():
        return
    previous = BEGINNING
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            if not line.endswith(b"\n"):
                return
            entry = _entry_of(line, number, previous)
            previous = entry.hash
            yield entry


def verify(path: Path) -> Verification:
    """Check a journal's whole chain without changing it."""
    entries, head = 0, BEGINNING
    try:
        for entry in read_journal(path):
            entries, head = entry.number, entry.hash
    except JournalError as error:
        return Verification(entries, head, str(error))
    return Verification(entries, head, None)


class Journal:
    """The journal of one assignment, open for writing; only one process at a time can hold it.

    Args:
        path: the file; made where it is missing. What a kill left of an unfinished line is cut off.

    Raises:
        JournalBusyError: another process holds it.
        JournalError: an entry was changed, added or removed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._stream: IO[bytes] = path.open("a+b")
        try:
            _lock(self._stream, path)
            self._number, self._head, sound = 0, BEGINNING, 0
            for entry in read_journal(path):
                self._number, self._head = entry.number, entry.hash
                sound += len(entry.to_line())
            self._stream.truncate(sound)
            self._stream.seek(0, os.SEEK_END)
            sync_folder(path.parent)
        except BaseException:
            self._stream.close()
            raise

    @property
    def head(self) -> str:
        """Hash of the last entry."""
        return self._head

    def append(self, event: str, **data: Any) -> Entry:
        """Write one entry; when this returns, it is on the disk."""
        return self.append_all([(event, data)])[0]

    def note(self, event: str, **data: Any) -> Entry:
        """Write one entry without waiting for the disk: the wait of the next `append` covers it."""
        return self._write([(event, data)])[0]

    def append_all(self, events: Iterable[tuple[str, dict[str, Any]]]) -> list[Entry]:
        """Write several entries with one wait for the disk."""
        entries = self._write(events)
        os.fsync(self._stream.fileno())
        return entries

    def _write(self, events: Iterable[tuple[str, dict[str, Any]]]) -> list[Entry]:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        entries: list[Entry] = []
        number, head = self._number, self._head
        for event, data in events:
            entry = Entry(number + 1, now, event, json.loads(_canonical(data)), head)
            entries.append(entry)
            number, head = entry.number, entry.hash
        if entries:
            self._stream.write(b"".join(entry.to_line() for entry in entries))
            self._stream.flush()
            self._number, self._head = number, head
        return entries

    def entries(self) -> Iterator[Entry]:
        """Yield all entries from the beginning."""
        return read_journal(self.path)

    def close(self) -> None:
        """Let go of the file."""
        self._stream.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _lock(stream: IO[bytes], path: Path) -> None:
    """Take the file for this process; the system gives it back when the process ends, however it ends."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise JournalBusyError(
            f"another `course grade` is working on {path.parent.name}: wait for it to end, or stop it"
        ) from None
