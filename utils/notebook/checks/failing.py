"""What a failed check raises: a hint, the case, and what differs; the learner reads these and no traceback of ours."""

from __future__ import annotations

import linecache
from pathlib import Path
from types import TracebackType
from typing import NoReturn

_PACKAGE = str(Path(__file__).resolve().parents[2])


class CheckError(AssertionError):
    """A check failed.

    Attributes:
        hint: one or two sentences that name the mistake.
        case: what was tried, in a few words, with the first difference.
        own_line: the learner's own line that raised, as "line 3: return x[9]", or "".
        unanswered: whether the exercise has not been answered at all.
    """

    def __init__(self, hint: str, case: str = "", own_line: str = "", unanswered: bool = False) -> None:
        self.hint, self.case, self.own_line, self.unanswered = hint.strip(), case, own_line, unanswered
        parts = [self.hint, f"({case})" if case else "", f"Your {own_line}" if own_line else ""]
        super().__init__(" ".join(part for part in parts if part))

    def _render_traceback_(self) -> list[str]:
        """Return what IPython prints in place of a traceback: the message alone."""
        return [str(self)]


def fail(hint: str, case: str = "", own_line: str = "", unanswered: bool = False) -> NoReturn:
    """Raise CheckError; `from None`, so that nothing of this package shows."""
    raise CheckError(hint, case, own_line, unanswered) from None


def own_line(traceback: TracebackType | None) -> str:
    """Return the innermost line of the learner's own cells in a traceback, as "line 3: return x[9]", or "".

    A notebook's cells are compiled under names outside any package folder, with their text in linecache.
    """
    found = ""
    while traceback is not None:
        code = traceback.tb_frame.f_code
        is_cell = "ipykernel" in code.co_filename or code.co_filename.startswith("<ipython-input")
        if is_cell and code.co_name not in ("graded_test", "examples", "<lambda>"):
            text = linecache.getline(code.co_filename, traceback.tb_lineno).strip()
            if text:
                found = f"line {traceback.tb_lineno}: {text}"
        traceback = traceback.tb_next
    return found
