"""Whether an answer keeps something between calls: a mutable default, a global list, a cache that is never emptied."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from utils.notebook.checks.checking import check
from utils.notebook.checks.comparing import same

KEEPS_STATE = "Your code keeps state between calls: the second call with the same input gives another result."


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
