"""Predict first: what the chapter claims, before it is measured, and what the learner thinks will come out.

A guess stays in the learner's own file and stands beside the measurement in the notebook's last table. Nothing waits
for it, and where nobody runs the cells there is nothing to choose.
"""

from __future__ import annotations

import html
import json
from functools import cache
from typing import Any

from utils.notebook.learner_file import LearnerFileError, change_learner, is_kept, now, read_learner
from utils.notebook.verdicts import OUTCOMES
from utils.paths import datasets_dir

SAID = ("holds", "in part", "does not hold", "cannot be told")
CHOICES = dict(zip(OUTCOMES, SAID, strict=True))
"""What a learner may guess: a verdict's outcome -> what stands on its button."""

_asked: set[int] = set()
_guesses: dict[int, str] = {}


@cache
def recorded_claim(row: int) -> str:
    """Return what the chapter says about a row, in the words of its recorded run's design.

    Args:
        row: the idea's number in datasets/tables/coverage.csv.

    Raises:
        ValueError: there is no recorded run about that row.
    """
    found = sorted((datasets_dir() / "runs").glob(f"*/row-{row:03d}.json"))
    if not found:
        raise ValueError(f"row is {row}, and there is no recorded run about that row")
    return str(json.loads(found[0].read_text(encoding="utf-8"))["design"]["claim"])


class Question:
    """What is to be guessed, as text: in a build and on the web this is all there is."""

    def __init__(self, row: int) -> None:
        self.row, self.claim = row, recorded_claim(row)

    def __repr__(self) -> str:
        return f"Predict first, row {self.row}. The chapter says: {self.claim} Will the measurement agree?"

    def _repr_html_(self) -> str:
        return (
            f"<div><strong>Predict first.</strong> The chapter says: {html.escape(self.claim)} "
            "Will the measurement agree?</div>"
        )


def guess(*rows: int) -> None:
    """Show what the chapter says about some rows, and let the learner choose how the measurement will end.

    Args:
        rows: numbers in datasets/tables/coverage.csv, each with a recorded run.

    Raises:
        ValueError: there is no recorded run about a row.
    """
    from utils.notebook.kernel import somebody_is_there

    for row in rows:
        question = Question(row)
        _asked.add(row)
        if somebody_is_there():
            _show(choice(question))
        else:
            _show(question)


def _show(value: Any) -> None:
    from utils.notebook.kernel import shell

    if shell() is None:
        print(value)
        return
    from IPython.display import display

    display(value)


def choice(question: Question) -> Any:
    """Return the widget of a question: its text and a button for each outcome, an earlier guess chosen already."""
    import ipywidgets as widgets

    buttons = widgets.ToggleButtons(
        options=[(said, outcome) for outcome, said in CHOICES.items()],
        value=guess_of(question.row),
        description="My guess:",
        tooltips=[f"the measurement will say: {said}" for said in CHOICES.values()],
        style={"button_width": "auto", "description_width": "auto"},
    )
    buttons.observe(lambda change: keep_guess(question.row, change["new"]), names="value")
    return widgets.VBox([widgets.HTML(question._repr_html_()), buttons])


def is_asked(row: int) -> bool:
    """Return whether this kernel has asked for a guess about a row: what it measures from now on answers that."""
    return row in _asked


def keep_guess(row: int, outcome: str | None) -> None:
    """Keep a guess for this kernel, and in the learner's file where it is kept; None takes it back.

    Raises:
        ValueError: the outcome is none of a verdict's four.
    """
    if outcome is not None and outcome not in CHOICES:
        raise ValueError(f"outcome is {outcome!r}, and must be one of {', '.join(CHOICES)}")
    _guesses.pop(row, None)
    if outcome is not None:
        _guesses[row] = outcome
    if not is_kept():
        return

    def change(found: dict[str, Any]) -> None:
        kept = found.setdefault("guesses", {})
        kept.pop(str(row), None)
        if outcome is not None:
            kept[str(row)] = {"guess": outcome, "when": now()}

    change_learner(change)


def guess_of(row: int) -> str | None:
    """Return the outcome that was guessed for a row, None where there is none."""
    if row in _guesses or not is_kept():
        return _guesses.get(row)
    try:
        found = read_learner()
    except LearnerFileError:  # it is told, and set aside, where something is written
        return None
    guessed = found.get("guesses", {}).get(str(row), {}).get("guess")
    return guessed if guessed in CHOICES else None


def said_guess(row: int) -> str:
    """Return a guess as it stands on its button, "" where there is none."""
    return CHOICES.get(guess_of(row) or "", "")
