"""The graders of a process: opened by a recipe that travels as plain data, and found by its key.

Whatever the executor, `grade_bytes` finds its grader in the registry of the process that it runs in. A grader is opened
once per process: a pool of sandboxes with warm workers in them.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from utils.course.grading import Submission, SubmissionResult

Grader = Callable[[Submission], SubmissionResult]


class Recipe(Protocol):
    """How a process makes itself a grader; it travels to other processes, so it holds plain data only."""

    @property
    def key(self) -> str:
        """Equal for equal recipes."""

    def open(self, slots: int) -> AbstractContextManager[Grader]:
        """Open a grader that `slots` threads may use at once."""


class Registry:
    """Graders by their recipes' keys, opened at first use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._recipes: dict[str, tuple[Recipe, int]] = {}
        self._open: dict[str, tuple[Grader, contextlib.ExitStack]] = {}

    def install(self, recipe: Recipe, slots: int) -> None:
        """Let graders be opened by a recipe, for so many submissions at once."""
        with self._lock:
            self._recipes[recipe.key] = (recipe, slots)

    def remove(self, key: str) -> None:
        """Forget a recipe, and close its grader."""
        with self._lock:
            self._recipes.pop(key, None)
            opened = self._open.pop(key, None)
        if opened is not None:
            opened[1].close()

    def grader(self, key: str) -> Grader:
        """Return the grader of a recipe.

        Raises:
            RuntimeError: none was installed.
        """
        with self._lock:
            if key not in self._open:
                if key not in self._recipes:
                    raise RuntimeError("no grader was installed in this process for the assignment")
                recipe, slots = self._recipes[key]
                stack = contextlib.ExitStack()
                self._open[key] = (stack.enter_context(recipe.open(slots)), stack)
            return self._open[key][0]


registry = Registry()
"""The graders of this process."""


def grade_bytes(key: str, content: bytes, filename: str) -> bytes:
    """Grade one submission with the grader that was installed in this process; the result as JSON."""
    result = registry.grader(key)(Submission(content, filename))
    return json.dumps(result.to_dict(), ensure_ascii=True, sort_keys=True).encode()


def result_from_bytes(data: bytes) -> SubmissionResult:
    """Read what `grade_bytes` returned."""
    return SubmissionResult.from_dict(json.loads(data))
