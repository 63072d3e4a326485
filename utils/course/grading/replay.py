"""Calls repeated in another order: an answer that depends on the call's number, on kept state or on the clock shows.

Only exercises with a failed test are replayed, so honest right answers pay nothing, and the outcome is a flag only.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from utils.course.grading.proxies import NamedTuple, Proxy
from utils.course.grading.values import is_library_module
from utils.course.grading.wire import Reader, Ref, WireError, Writer

_MOST_CALLS = 6
_MOST_QUESTIONS = 500
_LONGEST_CALL = 1 << 20


@dataclass(frozen=True)
class Question:
    """A call of a test's function by the learner's code: its number, the arguments, and the message in answer."""

    number: int
    arguments: bytes
    answer: bytes


@dataclass(frozen=True)
class RecordedCall:
    """A call of one of the exercise's names: what was handed over and what came back, as bytes.

    What functions of the test were asked meanwhile, and answered, is part of it: when the call is repeated the test
    has gone on, and they might answer otherwise.
    """

    name: str
    arguments: bytes
    value: bytes
    questions: tuple[Question, ...]


@dataclass
class Recorder:
    """The first few calls of a session that can be repeated: their arguments are data or functions of the test."""

    calls: list[RecordedCall] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    whole: bool = True
    failed: Counter[str] = field(default_factory=Counter)

    def record(self, name: str, arguments: bytes | None, value: Any) -> None:
        """Keep a call whose value is plain data."""
        if arguments is not None and self.whole:
            try:
                self.calls.append(RecordedCall(name, arguments, _bytes_of(value), tuple(self.questions)))
            except WireError:
                return

    def question(self, args: list[Any], kwargs: dict[str, Any]) -> bytes | None:
        """Return what a function of the test is asked, as bytes; None where it need not or cannot be kept."""
        if not self.whole:
            return None
        try:
            return _bytes_of([args, kwargs])
        except WireError:
            return None

    def asked(self, number: int, question: bytes | None, answer: bytes) -> None:
        """Keep what a function of the test was asked during a call, and what it answered."""
        self.whole &= question is not None and len(self.questions) < _MOST_QUESTIONS and len(answer) <= _LONGEST_CALL
        if self.whole and question is not None:
            self.questions.append(Question(number, question, answer))

    def arguments(self, name: str, args: Any, kwargs: dict[str, Any], export: Any) -> bytes | None:
        """Return the arguments of a call of a name as bytes, None where they cannot be given again or need not be."""
        # Where one call of a name hands over an object most do, and to find out takes as long as to send it.
        self.questions, self.whole = [], bool(name) and max(len(self.calls), self.failed[name]) < _MOST_CALLS
        if not self.whole:
            return None

        def default(value: Any) -> Any:
            if isinstance(value, Proxy | NamedTuple | sqlite3.Connection) or is_library_module(value):
                raise WireError("an object of this kind cannot be given again")
            return export(value)

        try:
            return Writer(_LONGEST_CALL, default).dumps([list(args), kwargs])
        except WireError:
            self.failed[name] += 1
            self.whole = False
            return None


def _bytes_of(value: Any) -> bytes:
    return Writer(_LONGEST_CALL, lambda item: tuple(item) if type(item) is NamedTuple else item).dumps(value)


def unrepeatable(calls: list[RecordedCall], session: Any) -> str:
    """Repeat calls in reverse order in a fresh process; return the name of a function that answered otherwise, or "".

    Args:
        calls: what was recorded.
        session: a session of a fresh process, with the functions of the recorded one.
    """
    names = session.names(sorted({call.name for call in calls}))
    reader = Reader(lambda sent: session.callbacks.of(sent.ident) if isinstance(sent, Ref) else _refuse())
    for call in reversed(calls):
        try:
            args, kwargs = reader.loads(call.arguments)
        except WireError:
            continue
        session.callbacks.script = list(call.questions)
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


def next_answer(script: list[Question], number: int, args: list[Any], kwargs: dict[str, Any]) -> bytes:
    """Answer a question of a repeated call as the recorded one was answered.

    Raises:
        ValueError: the recorded call asked something else here.
    """
    if not script or (script[0].number, script[0].arguments) != (number, _bytes_of([args, kwargs])):
        raise ValueError("a repeated call asks something else")
    return script.pop(0).answer


def _refuse() -> Any:
    raise WireError("this kind of argument is not repeated")
