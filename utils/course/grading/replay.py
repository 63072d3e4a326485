"""Calls repeated in another order: an answer that depends on the call's number, on kept state or on the clock shows.

Only exercises with a failed test are replayed, so honest right answers pay nothing, and the outcome is a flag only.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from typing import Any

from utils.course.grading.proxies import Proxy
from utils.course.grading.wire import Reader, Ref, WireError, Writer

_MOST_CALLS = 6
_LONGEST_CALL = 1 << 20


@dataclass(frozen=True)
class RecordedCall:
    """A call of one of the exercise's names: what was handed over and what came back, as bytes."""

    name: str
    arguments: bytes
    value: bytes


@dataclass
class Recorder:
    """The first few calls of a session that can be repeated: their arguments are data or functions of the test."""

    calls: list[RecordedCall] = field(default_factory=list)

    def record(self, name: str, arguments: bytes | None, value: Any) -> None:
        """Keep a call whose value is plain data."""
        if arguments is not None and name and len(self.calls) < _MOST_CALLS:
            try:
                self.calls.append(RecordedCall(name, arguments, _bytes_of(value)))
            except WireError:
                return

    def arguments(self, args: Any, kwargs: dict[str, Any], export: Any) -> bytes | None:
        """Return a call's arguments as bytes, None where they cannot be given again."""
        if len(self.calls) >= _MOST_CALLS:
            return None

        def default(value: Any) -> Any:
            if isinstance(value, Proxy | sqlite3.Connection):
                raise WireError("an object that lives in the learner's process cannot be given again")
            return export(value)

        try:
            return Writer(_LONGEST_CALL, default).dumps([list(args), kwargs])
        except WireError:
            return None


def _bytes_of(value: Any) -> bytes:
    return Writer(_LONGEST_CALL).dumps(value)


def unrepeatable(calls: list[RecordedCall], session: Any) -> str:
    """Repeat calls in reverse order in a fresh process; return the name of a function that answered otherwise, or "".

    Args:
        calls: what was recorded.
        session: a session of a fresh process, with the functions of the recorded one.
    """
    names = session.names(sorted({call.name for call in calls}))
    reader = Reader(lambda sent: session.callables[sent.ident] if isinstance(sent, Ref) else _refuse())
    for call in reversed(calls):
        try:
            args, kwargs = reader.loads(call.arguments)
        except WireError:
            continue
        try:
            value = _bytes_of(names[call.name](*args, **kwargs))
        except WireError:
            return call.name
        except Exception:
            # The recorded call gave a value, this one an error.
            return call.name
        if value != call.value:
            return call.name
    return ""


def _refuse() -> Any:
    raise WireError("this kind of argument is not repeated")
