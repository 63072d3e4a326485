"""The journal of a recorded run: every plan and every finished job, one JSON line each, so that a kill loses nothing.

Lines: a header that says what is recorded, by which code; the jobs of a stage, planned once; each finished job. A
line that a kill cut short is dropped when the journal is opened again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


class JournalError(ValueError):
    """A journal that cannot be continued; the message says why and what to do."""


class Journal:
    """The journal at a path, opened to continue or begun.

    Args:
        path: its file.
        header: what is recorded and by which code; a journal with another header is not continued.

    Attributes:
        plans: stage -> its jobs as plain data.
        finished: (stage, number of the job) -> {"result": ..., "seconds": ...}.

    Raises:
        JournalError: the file belongs to another experiment or to other code, or is damaged before its last line.
    """

    def __init__(self, path: Path, header: Mapping[str, Any]) -> None:
        self.path = path
        self.header = dict(header)
        self.plans: dict[str, list[dict[str, Any]]] = {}
        self.finished: dict[tuple[str, int], dict[str, Any]] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = self._read()
        if lines:
            self._continue(lines)
        self._file = path.open("a", encoding="utf-8")
        if not lines:
            self._append({"header": self.header})

    def plan(self, stage: str, jobs: Sequence[Mapping[str, Any]]) -> None:
        """Write down the jobs of a stage, before the first of them begins."""
        self.plans[stage] = [dict(job) for job in jobs]
        self._append({"stage": stage, "jobs": self.plans[stage]})

    def finish(self, stage: str, number: int, result: Mapping[str, Any], seconds: float) -> None:
        """Write down a finished job; on return it is on the disk."""
        self.finished[stage, number] = {"result": dict(result), "seconds": seconds}
        self._append({"stage": stage, "number": number, "result": dict(result), "seconds": seconds})

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def remove(self) -> None:
        """Close the file and delete it: the record holds all that it held."""
        self.close()
        self.path.unlink(missing_ok=True)

    def _append(self, line: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(line, allow_nan=False) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def _read(self) -> list[dict[str, Any]]:
        if not self.path.exists():
            return []
        data = self.path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        if whole != data:  # a kill in the middle of a line
            self.path.write_bytes(whole)
        lines = []
        for place, line in enumerate(whole.splitlines(), start=1):
            try:
                lines.append(json.loads(line))
            except ValueError:
                raise JournalError(f"{self.path} is damaged in line {place}: delete it to begin again") from None
        return lines

    def _continue(self, lines: list[dict[str, Any]]) -> None:
        found = lines[0].get("header")
        if found != self.header:
            differing = [
                key for key in self.header if not isinstance(found, dict) or found.get(key) != self.header[key]
            ]
            raise JournalError(
                f"{self.path} was begun with another {' and '.join(differing) or 'header'}:"
                " finish it with what began it, or delete it to begin again"
            )
        for place, line in enumerate(lines[1:], start=2):
            if "jobs" in line:
                self.plans[line["stage"]] = line["jobs"]
            elif {"stage", "number", "result", "seconds"} <= set(line):
                self.finished[line["stage"], line["number"]] = {"result": line["result"], "seconds": line["seconds"]}
            else:
                raise JournalError(f"{self.path} has no job in line {place}: delete it to begin again")
