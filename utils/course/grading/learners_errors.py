"""Errors of the worker's side as the test cells see them: the nearest of Python's own exceptions."""

from __future__ import annotations

import builtins

from utils.course.grading.link import GoneError

LONGEST_NAME = 60
LONGEST_MESSAGE = 4000


class ForgedAnswerError(RuntimeError):
    """An answer does not belong to the question that was asked."""


class UnusableResultError(RuntimeError):
    """What an answer returned is too large, too deep, or of a kind that is no data."""


def nearest_error(name: str, base: str, message: str) -> Exception:
    """Return an exception of the learner's as the nearest of Python's own.

    Args:
        name: what its class is called.
        base: the nearest class of Python's own above it, as the worker says.
        message: what it says.
    """
    kind = getattr(builtins, base, Exception)
    if not (isinstance(kind, type) and issubclass(kind, Exception)) or issubclass(kind, UnicodeError):
        kind = ValueError if isinstance(kind, type) and issubclass(kind, UnicodeError) else RuntimeError
    if issubclass(kind, BaseExceptionGroup):
        kind = RuntimeError
    if kind is RuntimeError and base in ("SystemExit", "KeyboardInterrupt", "GeneratorExit"):
        message = f"{base} {message}".strip()
    if name != kind.__name__ and name.isidentifier():
        kind = type(name, (kind,), {})
    error: Exception = kind(message)
    return error


def error_of_gone(gone: GoneError) -> Exception:
    """Return the exception that stands for a process that is gone."""
    kind = {"timeout": TimeoutError, "memory": MemoryError}.get(gone.kind, RuntimeError)
    return kind(gone.message)


def processes_refused(kind: str, message: str) -> bool:
    """Return whether an exception says that the kernel refused another thread or process.

    The watchdog looks now and then, and a bomb that ends with the kernel's refusal may be gone before it does.
    """
    if kind == "RuntimeError":
        return "can't start new thread" in message
    return kind == "BlockingIOError" and "Resource temporarily unavailable" in message
