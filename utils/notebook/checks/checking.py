"""Call an answer, compare, and name the mistake behind a wrong value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from utils.notebook.checks.comparing import difference, same, shown
from utils.notebook.checks.failing import CheckError, fail, own_line
from utils.notebook.checks.forbidding import ForbiddenCallError, InputModifiedError

Mistakes = Mapping[str, Any] | Callable[[], Mapping[str, Any]]

UNANSWERED = "Not answered yet: replace `raise NotImplementedError` in the cell above"

observers: list[Callable[[str, str], None]] = []
"""Told of hints as ("declared", hint) and ("met", hint): how `course answers` knows that each hint has its answer."""


class AnyOf:
    """Several values (or predicates) that one mistake leads to."""

    def __init__(self, *values: Any) -> None:
        self.values = values


@dataclass(frozen=True)
class Diagnosis:
    """What is known of a wrong value.

    Attributes:
        mistakes: from a hint (one or two sentences that name the misconception) to the value that it leads to, to a
            predicate of the value, or to `AnyOf` these; or a function that returns them, called for a wrong value only.
        otherwise: the hint for any other wrong value.
        if_raises: the hint when the answer raises.
    """

    mistakes: Mistakes = field(default_factory=dict)
    otherwise: str = ""
    if_raises: str = ""


def recognises(wrong: Any, got: Any, rtol: float, atol: float) -> bool:
    """Return whether a value is the one a mistake leads to; a predicate that cannot judge it does not recognise it."""
    if isinstance(wrong, AnyOf):
        return any(recognises(one, got, rtol, atol) for one in wrong.values)
    try:
        return bool(wrong(got)) if callable(wrong) else same(got, wrong, rtol, atol)
    except Exception:  # a predicate written for tensors may meet anything
        return False


def _observe(kind: str, hint: str) -> None:
    for observer in observers:
        if hint:
            observer(kind, hint)


def call_answer(call: Callable[[], Any], what: str, if_raises: str = "") -> Any:
    """Return what an answer returns.

    Raises:
        CheckError: it is not answered, called what is forbidden, changed its input, or raised.
    """
    try:
        return call()
    except NotImplementedError:
        fail(f"{UNANSWERED} ({what}).", unanswered=True)
    except CheckError:
        raise
    except (ForbiddenCallError, InputModifiedError) as error:
        fail(str(error))
    except AssertionError as error:
        # An assert in the answer is the answer's own error; one of the test's callables speaks for the test.
        fail(str(error) or f"{what}: an assert in your code failed.", own_line=own_line(error.__traceback__))
    except RecursionError as error:
        _observe("met", if_raises)
        said = f"{what}: your code calls itself without end. {if_raises}"
        fail(said, own_line=own_line(error.__traceback__))
    except Exception as error:
        _observe("met", if_raises)
        told = f": {error}" if str(error) else ""
        said = f"{what}: your code raised {type(error).__name__}{told}. {if_raises}"
        fail(said, own_line=own_line(error.__traceback__))


def judge(got: Any, want: Any, what: str, diagnosis: Diagnosis, rtol: float = 1e-6, atol: float = 1e-9) -> None:
    """Compare a value; a wrong one is looked up among the known mistakes before it is called wrong.

    Raises:
        CheckError: the value is wrong; the message is the hint and the case.
    """
    if same(got, want, rtol, atol):
        return
    where = difference(got, want)
    case = f"{what}: expected {shown(want)}, got {shown(got)}" + (f"; {where}" if where else "")
    mistakes = (diagnosis.mistakes() if callable(diagnosis.mistakes) else diagnosis.mistakes) or {}
    for hint in mistakes:
        _observe("declared", hint)
    for hint, wrong in mistakes.items():
        if recognises(wrong, got, rtol, atol):
            _observe("met", hint)
            fail(hint, case)
    if got is None:
        fail("Your code returned None where a value was due: is a `return` missing?", case)
    _observe("met", diagnosis.otherwise)
    fail(diagnosis.otherwise or "The value is wrong.", case)


def check(
    call: Callable[[], Any],
    want: Any,
    what: str,
    *,
    mistakes: Mistakes | None = None,
    otherwise: str = "",
    if_raises: str = "",
    rtol: float = 1e-6,
    atol: float = 1e-9,
) -> None:
    """Call an answer and compare; a wrong value is looked up among the known mistakes before it is called wrong.

    Args:
        call: a function without arguments that calls the answer with plain data.
        want: the right value.
        what: the case in a few words, as the learner should read it.
        mistakes, otherwise, if_raises: as in `Diagnosis`.
        rtol, atol: relative and absolute tolerance for numbers.

    Raises:
        CheckError: the value is wrong; the message is the hint and the case.
    """
    _observe("declared", otherwise)
    _observe("declared", if_raises)
    got = call_answer(call, what, if_raises)
    judge(got, want, what, Diagnosis(mistakes or {}, otherwise, if_raises), rtol, atol)


def check_refused(call: Callable[[], Any], what: str, hint: str = "") -> None:
    """Check that bad input is refused: a ValueError with a sentence that says what was wrong.

    Raises:
        CheckError: the answer returned a value, raised another error, or gave no sentence.
    """
    _observe("declared", hint)
    try:
        got = call()
    except NotImplementedError:
        fail(f"{UNANSWERED} ({what}).", unanswered=True)
    except ValueError as error:
        if not str(error).strip():
            fail(f"{what}: the ValueError needs a sentence that names the argument and its value.")
        return
    except (ForbiddenCallError, InputModifiedError) as error:
        fail(str(error))
    except Exception as error:
        _observe("met", hint)
        told = f": {error}" if str(error) else ""
        said = f"{what}: raise a ValueError, not {type(error).__name__}{told}. {hint}"
        fail(said, own_line=own_line(error.__traceback__))
    _observe("met", hint)
    fail(f"{what} must be refused with a ValueError; your code returned {shown(got)}. {hint}")
