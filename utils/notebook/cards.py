"""The card that a test shows: what passed, the hint first, then the case, then the details folded away.

In a notebook it is HTML; in a terminal, in nbconvert's text and for a screen reader the same words.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

# Borders and words carry the meaning; the colours (Okabe and Ito, 2008) only repeat it.
_LOOK = {
    "passed": ("#009E73", "Passed"),
    "failed": ("#D55E00", "Not yet"),
    "open": ("#E69F00", "Not answered"),
    "stopped": ("#0072B2", "First"),
}


def inline_html(text: str) -> str:
    """Return HTML of a sentence in which `code` is marked by backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


@dataclass(frozen=True)
class Card:
    """What a test says.

    Attributes:
        status: "passed", "failed", "open" (not answered) or "stopped" (something has to be run first).
        title: such as "2 of 3 examples of softmax pass".
        hint: what to look at, in a sentence or two.
        case: what was tried, with the first difference.
        details: further lines, folded.
    """

    status: str
    title: str
    hint: str = ""
    case: str = ""
    details: tuple[str, ...] = ()

    def __repr__(self) -> str:
        lines = [f"{_LOOK[self.status][1]}: {self.title}.", self.hint, f"Case: {self.case}." if self.case else ""]
        return "\n".join([line for line in lines if line] + [f"  {line}" for line in self.details])

    def _repr_html_(self) -> str:
        colour, word = _LOOK[self.status]
        parts = [
            f"<div role='status' style='border-left:6px solid {colour};padding:.4em .8em;margin:.3em 0'>",
            f"<div><strong>{word}:</strong> {inline_html(self.title)}</div>",
        ]
        if self.hint:
            parts.append(f"<div style='margin-top:.3em;font-size:1.05em'>{inline_html(self.hint)}</div>")
        if self.case:
            parts.append(f"<div style='margin-top:.3em;opacity:.85'>{inline_html(self.case)}</div>")
        if self.details:
            lines = html.escape("\n".join(self.details))
            parts.append(
                f"<details><summary>Details</summary><pre style='white-space:pre-wrap'>{lines}</pre></details>"
            )
        return "".join([*parts, "</div>"])


def show_card(card: Card) -> None:
    """Display a card where there is a notebook, else print its words."""
    from utils.notebook.kernel import shell

    if shell() is None:
        print(card)
        return
    from IPython.display import display

    display(card, metadata={"course": {"status": card.status, "hint": card.hint, "case": card.case}})
