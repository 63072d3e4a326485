"""Functions of a test cell that its answer calls: they stay in the scorer, and the worker asks for them by number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from utils.course.grading.learners_errors import LONGEST_MESSAGE, ForgedAnswerError
from utils.course.grading.normalise import message_of
from utils.course.grading.replay import Question, Recorder, next_answer
from utils.course.grading.wire import Ref, WireError


class Callbacks:
    """The functions that test cells of one exercise have handed over.

    Args:
        recorder: keeps what they are asked.
        encode: writes an answer.
    """

    def __init__(self, recorder: Recorder, encode: Callable[[dict[str, Any]], bytes]) -> None:
        self.functions: list[Callable[..., Any]] = []
        self.script: list[Question] | None = None
        self._numbers: dict[int, int] = {}
        self._recorder, self._encode = recorder, encode

    def share(self, others: Callbacks) -> None:
        """Know the same functions by the same numbers."""
        self.functions, self._numbers = list(others.functions), dict(others._numbers)

    def reference(self, value: Any) -> Ref:
        """Return what stands for a function in a message.

        Raises:
            WireError: the value cannot be called, so it is nothing that could be sent.
        """
        if not callable(value):
            raise WireError(f"a {type(value).__name__} cannot be sent as data")
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self.functions)
            self.functions.append(value)
        return Ref("callable", number)

    def of(self, ident: int) -> Callable[..., Any]:
        """Return the function of a number.

        Raises:
            WireError: none has it.
        """
        if not 0 <= ident < len(self.functions):
            raise WireError("a reference leads nowhere")
        return self.functions[ident]

    def answer(self, request: dict[str, Any]) -> bytes:
        """Run a function for the worker; a repeated call is answered as the recorded one was.

        Raises:
            ForgedAnswerError: the request names no function, or its arguments are none.
        """
        ident, args, kwargs = request.get("callback"), request.get("args"), request.get("kwargs")
        if type(ident) is not int or not 0 <= ident < len(self.functions) or type(args) is not list:
            raise ForgedAnswerError("your code asked for a function that it was not given")
        if type(kwargs) is not dict or not all(type(key) is str for key in kwargs):
            raise ForgedAnswerError("your code asked for a function in a way that cannot be read")
        if self.script is not None:
            return next_answer(self.script, ident, args, kwargs)
        question = self._recorder.question(args, kwargs)
        try:
            payload = self._encode({"value": self.functions[ident](*args, **kwargs)})
        except Exception as error:
            own = next(kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins")
            payload = self._encode({"error": {"base": own, "message": message_of(error)[:LONGEST_MESSAGE]}})
        self._recorder.asked(ident, question, payload)
        return payload
