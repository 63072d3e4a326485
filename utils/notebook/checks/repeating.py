"""Whether an answer keeps something between calls: a mutable default, a global list, a cache that is never emptied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import partial
from typing import Any

from utils.notebook.checks.checking import check
from utils.notebook.checks.comparing import same

KEEPS_STATE = "Your code keeps state between calls: the second call with the same input gives another result."

KEEPS_RESULTS = (
    "Something of an earlier call is used again. Each call depends on its own arguments alone, and on all of them."
)


def check_same_again(call: Callable[[], Any], what: str, between: Callable[[], Any] | None = None) -> None:
    """Check that an answer gives the same for the same input, called twice.

    Args:
        call: a function without arguments that calls the answer with plain data.
        what: the case in a few words.
        between: a call with other input, made between the two.

    Raises:
        CheckError: the two differ, or one of them raised.
    """

    def is_same_again() -> bool:
        first = deepcopy(call())  # an answer may hand out the list that it goes on writing to
        if between is not None:
            between()
        return same(call(), first)

    check(is_same_again, True, f"{what}, called twice", mistakes={KEEPS_STATE: False})


def check_nothing_kept(
    answer: Callable[..., Any],
    reference: Callable[..., Any],
    first: Sequence[Any],
    second: Sequence[Any],
    what: str,
    rtol: float = 1e-6,
    atol: float = 1e-9,
) -> None:
    """Check that calls which differ in one argument each are answered rightly one after the other, and the first again.

    So a cache that forgets one of the arguments is found, and a statistic that runs on from call to call.

    Args:
        answer: the answer, called with plain data.
        reference: gives the right value for the same arguments.
        first, second: arguments of two calls, of equal shapes.
        what: the case in a few words.
        rtol, atol: relative and absolute tolerance for numbers.

    Raises:
        CheckError: a value is wrong, or the answer raised.
    """
    changed = [(*first[:place], second[place], *first[place + 1 :]) for place in range(len(first))]
    for args in (first, *changed, first):
        check(
            partial(answer, *args),
            reference(*args),
            f"{what}, among calls that differ in one argument each",
            otherwise=KEEPS_RESULTS,
            rtol=rtol,
            atol=atol,
        )
