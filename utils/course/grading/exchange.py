"""One request and its answer: sent, waited for, and checked to be the answer to this very request."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from utils.course.grading.learners_errors import (
    LONGEST_MESSAGE,
    LONGEST_NAME,
    ForgedAnswerError,
    UnusableResultError,
    error_of_gone,
    nearest_error,
    processes_refused,
)
from utils.course.grading.link import ExerciseLink, GoneError
from utils.course.grading.wire import WireError


@dataclass
class Notes:
    """What a conversation gives away about the learner's code, beside its answers.

    Attributes:
        flags: what deserves a second look, each "word: explanation".
        traces: tracebacks of the learner's exceptions, for staff.
        refused_processes: whether the kernel refused it a thread or a process.
    """

    flags: set[str] = field(default_factory=set)
    traces: list[str] = field(default_factory=list)
    refused_processes: bool = False


class Exchange:
    """Requests to the process of one exercise, one at a time.

    Args:
        link: the process.
        nonce: a text that requests and answers carry; not guessable for a process that has not been asked yet.
        encode: writes a message.
        decode: reads one.
        answer: answers a question of the worker's about a function of the test cell.
    """

    def __init__(
        self,
        link: ExerciseLink,
        nonce: str,
        encode: Callable[[tuple[Any, ...]], bytes],
        decode: Callable[[bytes], Any],
        answer: Callable[[dict[str, Any]], bytes],
    ) -> None:
        self.link, self.nonce = link, nonce
        self.notes = Notes()
        self._encode, self._decode, self._answer = encode, decode, answer
        self._numbers = itertools.count(1)

    def next_number(self) -> int:
        """Return a number that no request and no call has had."""
        return next(self._numbers)

    def ask(self, operation: str, arguments: dict[str, Any] | tuple[Any, ...]) -> tuple[Any, Any]:
        """Ask for one operation; return its value, and what became of the arguments.

        Raises:
            Exception: the learner's code raised; the nearest of Python's own exceptions is raised here.
            TimeoutError, MemoryError, RuntimeError: its process is gone.
            TypeError: an argument is no data.
        """
        number = self.next_number()
        try:
            payload = self._encode((operation, number, self.nonce, arguments))
        except WireError as error:
            raise TypeError(f"an argument of this test cannot be sent to the answer: {error}") from None
        try:
            until = self.link.until()
            self.link.send(payload, until)
            while True:
                answer = self._read(self.link.receive(until))
                if "callback" not in answer:
                    break
                self.link.send(self._answer(answer), until)
                until = max(until, self.link.until())
        except GoneError as gone:
            raise error_of_gone(gone) from None
        return self._checked(answer, number)

    def _read(self, frame: bytes) -> dict[str, Any]:
        try:
            answer = self._decode(frame)
        except Exception as error:
            reason = str(error) if isinstance(error, WireError) else type(error).__name__
            raise self._malformed(f": {reason}") from None
        if type(answer) is not dict:
            raise self._malformed()
        return answer

    def _malformed(self, why: str = "") -> ForgedAnswerError:
        self.notes.flags.add("forged-answer: a message of the worker was malformed")
        return ForgedAnswerError(f"the value that came back cannot be read{why}")

    def _checked(self, answer: dict[str, Any], number: int) -> tuple[Any, Any]:
        if answer.get("seq") != number or answer.get("nonce") != self.nonce:
            self.notes.flags.add("forged-answer: an answer did not belong to its question")
            # Whatever else waits in the channel cannot be told from an answer any more.
            self.link.gone = GoneError("crash", "an answer did not belong to its question")
            raise ForgedAnswerError("an answer did not belong to its question")
        odd = answer.get("odd")
        if type(odd) is list and odd:
            shown = ", ".join(sorted(str(name)[:LONGEST_NAME] for name in odd[:5]))
            self.notes.flags.add(f"odd-type: a value came back as a subclass ({shown}) and was read as its base")
        if "error" in answer:
            raise self._learners_error(answer["error"])
        if "value" not in answer:
            raise ForgedAnswerError("the value that came back cannot be read")
        return answer["value"], answer.get("changed")

    def _learners_error(self, facts: Any) -> Exception:
        """Return the learner's exception with its name and message, and note what it says about the code."""
        if type(facts) is not dict:
            return ForgedAnswerError("the error that came back cannot be read")
        name, base = str(facts.get("type", "Exception"))[:LONGEST_NAME], str(facts.get("base", "Exception"))
        message, trace = (str(facts.get(key, ""))[:LONGEST_MESSAGE] for key in ("message", "trace"))
        if trace:
            self.notes.traces.append(trace)
        self.notes.refused_processes |= processes_refused(name, message)
        if name == "ForbiddenCallError":
            from utils.notebook.checks import ForbiddenCallError

            self.notes.flags.add(f"forbidden-shortcut: {message[:120]}")
            return ForbiddenCallError(message)
        if name == "WireError":
            return UnusableResultError(f"what it returned cannot be used: {message}")
        return nearest_error(name, base, message)
